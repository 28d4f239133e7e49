/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

sgl_status
sgl_store_get_setting(sgl_store *store, const char *name, sgl_buf *value,
    bool *found, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(store, "SELECT value FROM setting WHERE name = ?");
	bool row;

	sgl_query_bind_text(&q, sgl_slice_str(name));
	TRY(sgl_query_step(&q, &row, err));
	if (row)
		TRY(sgl_buf_add(value, sgl_query_slice(&q, 0), err));
	*found = row;
	return SGL_OK;
}

sgl_status
sgl_store_set_setting(
    sgl_store *store, const char *name, sgl_slice value, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_query)
	q = sgl_query_over(store,
	    "INSERT INTO setting (name, value) VALUES (?, ?) "
	    "ON CONFLICT (name) DO UPDATE SET value = excluded.value");

	sgl_query_bind_text(&q, sgl_slice_str(name));
	sgl_query_bind_text(&q, value);
	return sgl_query_done(&q, err);
}
