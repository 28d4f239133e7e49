/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PINs and sessions. A token counts wrong PINs and locks itself, so nothing is
 * tried that cannot be right, and never the last time that is left: who has
 * mistyped it in a file would find out by a dead card.
 */
#include "crypto/hash.h"
#include "sys/passphrase.h"
#include "sys/text.h"
#include "vault/token_inside.h"

/* pin-source=file:/path, file:///path or file://localhost/path (RFC 8089); NULL
 * if it is none of these. */
static const char *
path_in(const char *source)
{
	static const char *const starts[] = {
	    "file://localhost/", "file:///", "file:/"};

	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		size_t len = strlen(starts[i]);
		if (strncmp(source, starts[i], len) == 0)
			return source + len - 1;
	}
	return NULL;
}

sgl_status
sgl_token_pin_file(const sgl_token *t, char **out, sgl_err *err)
{
	const char *source = t->kit.uri_get_pin_source(t->uri);
	const char *path = source == NULL ? NULL : path_in(source);

	*out = NULL;
	return path == NULL ? SGL_OK
			    : sgl_slice_copy(sgl_slice_str(path),
				  (uint8_t **)out, SGL_TOKEN_ROOM, err);
}

static sgl_status
read_pin_source(sgl_token *t, const char *source, sgl_err *err)
{
	const char *path = path_in(source);

	if (path != NULL)
		return sgl_passphrase_file(path, &t->pin, err);
	return sgl_fail(err, SGL_E_USAGE, SGL_TOKEN_ROOM, SGL_NO_OFFSET,
	    N_("pin-source in a pkcs11: URI may only be a file: and its whole "
	       "path"));
}

static sgl_status
take_pin(sgl_token *t, sgl_slice pin, sgl_err *err)
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

sgl_status
sgl_token_take_pin(sgl_token *t, sgl_slice pin, sgl_err *err)
{
	sgl_digest digest;

	TRY(take_pin(t, pin, err));
	TRY(sgl_hash_once(t->engine, SGL_DIGEST_SHA256,
	    sgl_secret_slice(&t->pin), &digest, err));
	memcpy(t->note.digest, digest.bytes, sizeof t->note.digest);
	sgl_mem_wipe(&digest, sizeof digest);
	return SGL_OK;
}

void
sgl_token_watch_pin(sgl_token *t, sgl_on_pin *on_pin, void *ctx)
{
	t->on_pin = on_pin;
	t->pin_ctx = ctx;
}

void
sgl_token_know_pin(sgl_token *t, const sgl_pin_note *note)
{
	if (t->pin.len > 0 &&
	    sgl_mem_equal(note->digest, t->note.digest, sizeof t->note.digest))
		t->note.fate = note->fate;
}

static sgl_status
note(sgl_token *t, sgl_pin_fate fate, sgl_err *err)
{
	const sgl_pin_fate before = t->note.fate;
	sgl_status status = SGL_OK;

	t->note.fate = fate;
	if (t->on_pin != NULL)
		status = t->on_pin(t->pin_ctx, &t->note, err);
	if (status != SGL_OK && fate == SGL_PIN_SHOWN)
		t->note.fate = before;
	return status;
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
		return sgl_token_fail_text(t, SGL_E_PASSWORD,
		    N_("the token needs a PIN: name the file that has it, with "
		       "pin-source=file:/... in the URI"),
		    err);
	if (t->note.fate == SGL_PIN_SHOWN)
		return sgl_token_fail_text(t, SGL_E_PASSWORD,
		    N_("whoever showed the PIN to the token ended before it "
		       "was answered: it is not shown again, for it may be "
		       "wrong. Check it, and start the service anew"),
		    err);
	if (t->note.fate == SGL_PIN_WRONG)
		return sgl_token_fail_text(t, SGL_E_PASSWORD,
		    N_("wrong PIN for the token, which is not shown to it "
		       "again: correct the PIN where pin-source says"),
		    err);
	if (flags & CKF_USER_PIN_FINAL_TRY)
		return sgl_token_fail_text(t, SGL_E_PASSWORD,
		    N_("only one try is left before the token locks its PIN: "
		       "log in once with the token's own program"),
		    err);
	return SGL_OK;
}

static bool
is_in(CK_RV rv)
{
	return rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN;
}

static sgl_status
ask_on_pad(sgl_token *t, CK_USER_TYPE user, sgl_err *err)
{
	CK_RV rv = t->module->C_Login(t->session, user, NULL, 0);

	return is_in(rv) ? SGL_OK : sgl_token_fail(t, rv, err);
}

static sgl_status
show_pin(sgl_token *t, CK_USER_TYPE user, sgl_err *err)
{
	sgl_status noted;
	bool wrong;
	CK_RV rv;

	TRY(note(t, SGL_PIN_SHOWN, err));
	rv = t->module->C_Login(t->session, user, t->pin.data, t->pin.len);
	wrong = rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID ||
	    rv == CKR_PIN_LEN_RANGE;
	noted = note(t, wrong ? SGL_PIN_WRONG : SGL_PIN_GOOD, err);
	return is_in(rv) ? noted : sgl_token_fail(t, rv, err);
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
	return has_pad ? ask_on_pad(t, user, err) : show_pin(t, user, err);
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
