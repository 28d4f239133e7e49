/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

sgl_status
sgl_store_get_setting(sgl_store *store, const char *name, sgl_buf *value,
    bool *found, sgl_err *err)
{
	SGL_QUERY(q, store, "SELECT value FROM setting WHERE name = $1");
	bool row;

	sgl_query_bind_str(&q, name);
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
	SGL_QUERY(q, store,
	    "INSERT INTO setting (name, value) VALUES ($1, $2) "
	    "ON CONFLICT (name) DO UPDATE SET value = excluded.value");

	sgl_query_bind_str(&q, name);
	sgl_query_bind_text(&q, value);
	return sgl_query_change(&q, NULL, NULL, err);
}
