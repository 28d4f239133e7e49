/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PINs and sessions. A token counts wrong PINs and locks itself, so nothing is
 * tried that cannot be right, and never the last time that is left: who has
 * mistyped it in a file would find out by a dead card.
 */
#include "sys/passphrase.h"
#include "sys/text.h"
#include "vault/token_inside.h"

/* pin-source=file:/path, file:///path or file://localhost/path (RFC 8089). */
static sgl_status
read_pin_source(sgl_token *t, const char *source, sgl_err *err)
{
	static const char *const starts[] = {
	    "file://localhost/", "file:///", "file:/"};

	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		size_t len = strlen(starts[i]);
		if (strncmp(source, starts[i], len) == 0)
			return sgl_passphrase_file(
			    source + len - 1, &t->pin, err);
	}
	return sgl_fail(err, SGL_E_USAGE, SGL_TOKEN_ROOM, SGL_NO_OFFSET,
	    N_("pin-source in a pkcs11: URI may only be a file: and its whole "
	       "path"));
}

sgl_status
sgl_token_take_pin(sgl_token *t, sgl_slice pin, sgl_err *err)
{
	const char *value = t->kit.uri_get_pin_value(t->uri);
	const char *source = t->kit.uri_get_pin_source(t->uri);

	if (pin.data != NULL)
		return sgl_secret_set(&t->pin, pin, err);
	if (value != NULL)
		return sgl_secret_set(&t->pin, sgl_slice_str(value), err);
	if (source != NULL)
		return read_pin_source(t, source, err);
	return SGL_OK;
}

/* Whether to send a PIN at all. */
static sgl_status
check_pin(const sgl_token *t, CK_FLAGS flags, sgl_err *err)
{
	if (flags & CKF_USER_PIN_LOCKED)
		return sgl_token_fail_text(t, SGL_E_PASSWORD,
		    N_("the PIN of the token is locked: unblock it with the "
		       "token's own program"),
		    err);
	if (flags & CKF_PROTECTED_AUTHENTICATION_PATH)
		return SGL_OK;
	if (t->pin.len == 0)
		return sgl_token_fail_text(
		    t, SGL_E_PASSWORD, N_("the token needs a PIN"), err);
	if (flags & CKF_USER_PIN_FINAL_TRY)
		return sgl_token_fail_text(t, SGL_E_PASSWORD,
		    N_("only one try is left before the token locks its PIN: "
		       "log in once with the token's own program"),
		    err);
	return SGL_OK;
}

sgl_status
sgl_token_present_pin(sgl_token *t, CK_USER_TYPE user, sgl_err *err)
{
	bool has_pad = t->info.flags & CKF_PROTECTED_AUTHENTICATION_PATH;
	CK_TOKEN_INFO info;
	CK_RV rv = t->module->C_GetTokenInfo(t->slot, &info);

	if (rv != CKR_OK)
		return sgl_token_fail(t, rv, err);
	TRY(check_pin(t, info.flags, err));
	rv = has_pad
	    ? t->module->C_Login(t->session, user, NULL, 0)
	    : t->module->C_Login(t->session, user, t->pin.data, t->pin.len);
	if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN)
		return sgl_token_fail(t, rv, err);
	return SGL_OK;
}

/* Another card may be in the reader by now, and its PIN is none of ours. */
static sgl_status
check_same(sgl_token *t, sgl_err *err)
{
	CK_TOKEN_INFO info;
	CK_RV rv = t->module->C_GetTokenInfo(t->slot, &info);

	if (rv != CKR_OK)
		return sgl_token_fail(t, rv, err);
	if (memcmp(info.label, t->info.label, sizeof info.label) != 0 ||
	    memcmp(info.serialNumber, t->info.serialNumber,
		sizeof info.serialNumber) != 0)
		return sgl_token_fail_text(t, SGL_E_IO,
		    N_("another token is in the slot now: insert the first "
		       "one again"),
		    err);
	return SGL_OK;
}

sgl_status
sgl_token_connect(sgl_token *t, sgl_err *err)
{
	CK_RV rv;

	sgl_token_disconnect(t);
	TRY(check_same(t, err));
	rv = t->module->C_OpenSession(
	    t->slot, CKF_SERIAL_SESSION, NULL, NULL, &t->session);
	if (rv != CKR_OK)
		return sgl_token_fail(t, rv, err);
	t->has_session = true;
	t->generation++;
	if (t->only_certs || !(t->info.flags & CKF_LOGIN_REQUIRED))
		return SGL_OK;
	return sgl_token_present_pin(t, CKU_USER, err);
}

/* Closing the last session logs out (PKCS#11 3.0, 5.6.2). */
void
sgl_token_disconnect(sgl_token *t)
{
	if (t->has_session)
		(void)t->module->C_CloseSession(t->session);
	t->has_session = false;
}
