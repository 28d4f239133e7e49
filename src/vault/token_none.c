/* SPDX-License-Identifier: Apache-2.0 */
/* Instead of the other token*.c where p11-kit was not there to build with. */
#include "sys/text.h"
#include "vault/token.h"

static sgl_status
refuse(sgl_err *err)
{
	return sgl_fail(err, SGL_E_UNSUPPORTED, "vault.token", SGL_NO_OFFSET,
	    N_("this sigill was built without PKCS#11 tokens (p11-kit)"));
}

sgl_status
sgl_token_open(sgl_engine *engine, const char *uri, sgl_slice pin,
    sgl_token **out, sgl_err *err)
{
	(void)engine;
	(void)uri;
	(void)pin;
	(void)out;
	return refuse(err);
}

sgl_status
sgl_token_open_found(
    sgl_engine *engine, const char *uri, sgl_token **out, sgl_err *err)
{
	return sgl_token_open(engine, uri, (sgl_slice){NULL, 0}, out, err);
}

sgl_status
sgl_token_new(sgl_engine *engine, const char *uri, sgl_slice pin,
    sgl_token **out, sgl_err *err)
{
	*out = NULL;
	return sgl_token_open(engine, uri, pin, out, err);
}

sgl_status
sgl_token_begin(sgl_token *t, sgl_err *err)
{
	(void)t;
	return refuse(err);
}

sgl_status
sgl_token_check(sgl_token *t, sgl_err *err)
{
	(void)t;
	return refuse(err);
}

void
sgl_token_watch_pin(sgl_token *t, sgl_on_pin *on_pin, void *ctx)
{
	(void)t;
	(void)on_pin;
	(void)ctx;
}

void
sgl_token_know_pin(sgl_token *t, const sgl_pin_note *note)
{
	(void)t;
	(void)note;
}

sgl_status
sgl_token_pin_file(const sgl_token *t, char **out, sgl_err *err)
{
	(void)t;
	(void)out;
	return refuse(err);
}

sgl_status
sgl_token_add_to_ring(sgl_token *t, sgl_keyring *ring, sgl_err *err)
{
	(void)t;
	(void)ring;
	return refuse(err);
}

void
sgl_token_free(sgl_token *t)
{
	(void)t;
}
