/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/daemon.h"
#include "org/conf.h"
#include "org/place.h"
#include "store/store.h"
#include "sys/config.h"
#include "sys/text.h"

#define ROOM "cmd.daemon"

void
sgl_daemon_config_clear(sgl_daemon_config *c)
{
	sgl_mem_free(c->home);
	sgl_mem_free(c->http);
	sgl_mem_free(c->database);
	*c = (sgl_daemon_config){0};
}

static sgl_status
set_http(void *to, const char *value, sgl_err *err)
{
	sgl_daemon_config *c = to;

	if (strchr(value, ':') == NULL)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not ADDRESS:PORT, like 127.0.0.1:8080"));
	return sgl_slice_copy(
	    sgl_slice_str(value), (uint8_t **)&c->http, ROOM, err);
}

static sgl_status
set_database(void *to, const char *value, sgl_err *err)
{
	sgl_daemon_config *c = to;

	if (!sgl_store_is_url(value))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not a URL like postgresql://sigill@host/sigill"));
	return sgl_slice_copy(
	    sgl_slice_str(value), (uint8_t **)&c->database, ROOM, err);
}

static sgl_status
set_sandbox(void *to, const char *value, sgl_err *err)
{
	sgl_daemon_config *c = to;

	c->best_effort = strcmp(value, "best-effort") == 0;
	if (c->best_effort || strcmp(value, "required") == 0)
		return SGL_OK;
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("is neither required nor best-effort"));
}

static const sgl_config_name names[] = {
    {"http", set_http},
    {"database", set_database},
    {"sandbox", set_sandbox},
    {NULL, NULL},
};

sgl_status
sgl_daemon_config_read(
    const char *home, sgl_daemon_config *out, sgl_buf *path, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) file = sgl_buf_init(SGL_PLACE_MAX);

	TRY(sgl_place_find(home, path, err));
	TRY(sgl_buf_add(&file, sgl_buf_slice(path), err));
	TRY(sgl_place_add(&file, SGL_CONF_FILE, err));
	return sgl_config_read((const char *)file.data, names, out, err);
}
