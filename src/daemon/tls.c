/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/tls.h"
#include "sys/input.h"
#include "sys/text.h"

#define ROOM "daemon.daemon"

void
sgl_daemon_tls_clear(sgl_daemon_tls *t)
{
	sgl_buf_clear(&t->chain);
	sgl_buf_wipe(&t->key);
	t->until = 0;
}

static sgl_status
read_file(const char *path, sgl_buf *out, sgl_err *err)
{
	*out = (sgl_buf){.max = SGL_TLS_FILE_MAX, .secret = true};
	return sgl_file_read(path, out, err);
}

/* Which of the two it is, the text tells. */
static sgl_status
check(const sgl_daemon_config *config, sgl_daemon_tls *t, sgl_err *err)
{
	SGL_AUTO(sgl_tls)
	tls = NULL;
	sgl_err why = {0};

	if (sgl_tls_new(sgl_buf_slice(&t->chain), sgl_buf_slice(&t->key), &tls,
		&why) == SGL_OK) {
		t->until = sgl_tls_until(tls);
		return SGL_OK;
	}
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, why.text,
	    "%s, %s", config->https_certificate, config->https_key);
}

static sgl_status
read_both(const sgl_daemon_config *config, sgl_daemon_tls *out, sgl_err *err)
{
	if (config->https_certificate == NULL || config->https_key == NULL)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("https needs https_certificate and https_key too"));
	TRY(read_file(config->https_certificate, &out->chain, err));
	TRY(read_file(config->https_key, &out->key, err));
	return check(config, out, err);
}

sgl_status
sgl_daemon_tls_read(
    const sgl_daemon_config *config, sgl_daemon_tls *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_daemon_tls) t = {.chain = {0}};

	if (config->https != NULL)
		TRY(read_both(config, &t, err));
	*out = t;
	t = (sgl_daemon_tls){.chain = {0}};
	return SGL_OK;
}

sgl_status
sgl_leash_send_tls(sgl_channel *leash, const sgl_daemon_tls *t, sgl_err *err)
{
	sgl_buf body = {.max = SGL_LEASH_TLS_MAX, .secret = true};
	sgl_wire w = sgl_wire_over(&body);
	sgl_status status;

	sgl_wire_add_bytes(&w, sgl_buf_slice(&t->chain));
	sgl_wire_add_bytes(&w, sgl_buf_slice(&t->key));
	status = sgl_wire_end(&w, err);
	if (status == SGL_OK)
		status = sgl_channel_send(
		    leash, SGL_LEASH_TLS, sgl_buf_slice(&body), err);
	sgl_buf_wipe(&body);
	return status;
}

sgl_status
sgl_leash_read_tls(sgl_slice body, sgl_tls **out, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(body);
	sgl_slice chain = sgl_unwire_bytes(&u, SGL_TLS_FILE_MAX);
	sgl_slice key = sgl_unwire_bytes(&u, SGL_TLS_FILE_MAX);

	TRY(sgl_unwire_end(&u, err));
	return sgl_tls_new(chain, key, out, err);
}
