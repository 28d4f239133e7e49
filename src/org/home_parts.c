/* SPDX-License-Identifier: Apache-2.0 */
#include "org/home_parts.h"
#include "org/home_inside.h"

/* The database's companions are there for as long as it is open. */
static const char *const names[SGL_HOME_PARTS] = {SGL_PLACE_DB,
    SGL_PLACE_DB "-wal", SGL_PLACE_DB "-shm", SGL_PLACE_DB "-journal",
    SGL_PLACE_LOCK, SGL_HOME_CA, "run", "spool", "mail"};

sgl_status
sgl_home_parts_list(const sgl_home *home, sgl_home_parts *out, sgl_err *err)
{
	for (size_t i = 0; i < SGL_HOME_PARTS; i++) {
		TRY(sgl_home_join(home, names[i], &out->texts[i], err));
		out->paths[i] = (const char *)out->texts[i].data;
	}
	return SGL_OK;
}

void
sgl_home_parts_clear(sgl_home_parts *parts)
{
	for (size_t i = 0; i < SGL_HOME_PARTS; i++)
		sgl_buf_clear(&parts->texts[i]);
}
