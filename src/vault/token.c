/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "sys/text.h"
#include "sys/user.h"
#include "vault/token_inside.h"

static sgl_status
refuse_uri(const char *text, sgl_err *err)
{
	/* The URI itself may hold a PIN. */
	return sgl_fail(err, SGL_E_USAGE, SGL_TOKEN_ROOM, SGL_NO_OFFSET, text);
}

/* type= says which objects are meant. */
static sgl_status
read_type(sgl_token *t, sgl_err *err)
{
	const CK_ATTRIBUTE *type = t->kit.uri_get_attribute(t->uri, CKA_CLASS);
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;

	if (type != NULL && type->ulValueLen == sizeof class)
		memcpy(&class, type->pValue, sizeof class);
	if (class != CKO_PRIVATE_KEY && class != CKO_CERTIFICATE)
		return refuse_uri(N_("a pkcs11: URI can name type=private or "
				     "type=cert here"),
		    err);
	t->only_certs = class == CKO_CERTIFICATE;
	return SGL_OK;
}

static sgl_status
read_uri(sgl_token *t, const char *uri, sgl_err *err)
{
	int result;

	t->uri = t->kit.uri_new();
	if (t->uri == NULL)
		return sgl_oom(err, SGL_TOKEN_ROOM);
	result = t->kit.uri_parse(uri, P11_KIT_URI_FOR_ANY, t->uri);
	if (result == P11_KIT_URI_NO_MEMORY)
		return sgl_oom(err, SGL_TOKEN_ROOM);
	if (result != P11_KIT_URI_OK)
		return refuse_uri(N_("is not a pkcs11: URI"), err);
	/* RFC 7512 2.3: what is not understood must not be passed over. */
	if (t->kit.uri_any_unrecognized(t->uri))
		return refuse_uri(
		    N_("the pkcs11: URI has a part that is not known"), err);
	return read_type(t, err);
}

static sgl_status
token_new(sgl_engine *engine, const char *uri, sgl_token **out, sgl_err *err)
{
	SGL_AUTO(sgl_token)
	t = sgl_mem_zeroed(1, sizeof *t);

	if (t == NULL)
		return sgl_oom(err, SGL_TOKEN_ROOM);
	t->engine = engine;
	TRY(sgl_kit_load(&t->kit, err));
	TRY(read_uri(t, uri, err));
	*out = SGL_TAKE(&t);
	return SGL_OK;
}

sgl_status
sgl_token_new(sgl_engine *engine, const char *uri, sgl_slice pin,
    sgl_token **out, sgl_err *err)
{
	TRY(token_new(engine, uri, out, err));
	return sgl_token_take_pin(*out, pin, err);
}

static void
unload(sgl_token *t)
{
	if (t->only != NULL) {
		(void)t->kit.module_finalize(t->only);
		t->kit.module_release(t->only);
	}
	if (t->all != NULL)
		t->kit.modules_finalize_and_release(t->all);
	t->only = NULL;
	t->all = NULL;
}

/* Some modules look for tokens only when they begin. */
sgl_status
sgl_token_begin(sgl_token *t, sgl_err *err)
{
	sgl_status status = sgl_token_locate(t, err);

	if (status == SGL_OK)
		return sgl_token_connect(t, err);
	unload(t);
	return status;
}

static sgl_status
open_token(sgl_engine *engine, const char *uri, sgl_slice pin, bool only_roots,
    sgl_token **out, sgl_err *err)
{
	SGL_AUTO(sgl_token)
	t = NULL;
	bool was_out = sgl_user_step_out();
	sgl_status status = sgl_token_new(engine, uri, pin, &t, err);

	if (status == SGL_OK) {
		t->only_roots = only_roots;
		status = sgl_token_begin(t, err);
	}
	sgl_user_step_in(was_out);
	if (status == SGL_OK)
		*out = SGL_TAKE(&t);
	return status;
}

sgl_status
sgl_token_open(sgl_engine *engine, const char *uri, sgl_slice pin,
    sgl_token **out, sgl_err *err)
{
	return open_token(engine, uri, pin, sgl_user_is_acting(), out, err);
}

sgl_status
sgl_token_open_found(
    sgl_engine *engine, const char *uri, sgl_token **out, sgl_err *err)
{
	const bool is_root = geteuid() == 0 || sgl_user_is_acting();

	return open_token(engine, uri, (sgl_slice){NULL, 0}, is_root, out, err);
}

sgl_status
sgl_token_check(sgl_token *t, sgl_err *err)
{
	CK_SESSION_INFO info;

	if (t->has_session &&
	    t->module->C_GetSessionInfo(t->session, &info) == CKR_OK)
		return SGL_OK;
	return sgl_token_connect(t, err);
}

static void
free_uri(sgl_token *t)
{
	const char *pin;

	if (t->uri == NULL)
		return;
	pin = t->kit.uri_get_pin_value(t->uri);
	/* p11-kit's own copy, which it does not wipe. */
	if (pin != NULL)
		sgl_mem_wipe((void *)(uintptr_t)pin, strlen(pin));
	t->kit.uri_free(t->uri);
}

void
sgl_token_free(sgl_token *t)
{
	if (t == NULL)
		return;
	sgl_token_disconnect(t);
	free_uri(t);
	unload(t);
	sgl_kit_clear(&t->kit);
	sgl_secret_clear(&t->pin);
	sgl_mem_wipe(&t->note, sizeof t->note);
	sgl_mem_free(t);
}
