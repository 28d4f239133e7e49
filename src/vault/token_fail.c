/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/text.h"
#include "vault/token_inside.h"

/* What an answer says, beside what stands in `texts`. */
enum { OUTAGE = 1, LOST = 2, REFUSAL = 4 };

static const struct {
	CK_RV rv;
	unsigned says;
} answers[] = {
    {CKR_HOST_MEMORY, OUTAGE},
    {CKR_SLOT_ID_INVALID, OUTAGE},
    {CKR_ARGUMENTS_BAD, REFUSAL},
    {CKR_DEVICE_MEMORY, OUTAGE},
    {CKR_DEVICE_REMOVED, OUTAGE | LOST},
    {CKR_FUNCTION_CANCELED, OUTAGE},
    {CKR_FUNCTION_NOT_SUPPORTED, OUTAGE | REFUSAL},
    {CKR_KEY_HANDLE_INVALID, OUTAGE | LOST},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, OUTAGE},
    {CKR_MECHANISM_INVALID, OUTAGE | REFUSAL},
    {CKR_MECHANISM_PARAM_INVALID, OUTAGE | REFUSAL},
    {CKR_OBJECT_HANDLE_INVALID, OUTAGE | LOST},
    {CKR_OPERATION_ACTIVE, OUTAGE | LOST},
    {CKR_OPERATION_NOT_INITIALIZED, OUTAGE | LOST},
    {CKR_PIN_INCORRECT, OUTAGE},
    {CKR_PIN_EXPIRED, OUTAGE},
    {CKR_PIN_LOCKED, OUTAGE},
    {CKR_SESSION_CLOSED, OUTAGE | LOST},
    {CKR_SESSION_COUNT, OUTAGE},
    {CKR_SESSION_HANDLE_INVALID, OUTAGE | LOST},
    {CKR_TOKEN_NOT_PRESENT, OUTAGE | LOST},
    {CKR_TOKEN_NOT_RECOGNIZED, OUTAGE},
    {CKR_USER_NOT_LOGGED_IN, OUTAGE | LOST},
    {CKR_CRYPTOKI_NOT_INITIALIZED, OUTAGE},
};

#define REMOVED N_("the token was removed: insert it again")
#define ENDED N_("the token ended the session: try again")
#define WRONG N_("wrong PIN for the token")
#define CANNOT N_("the token cannot do that")
#define GONE N_("the key is no longer on the token")

static const struct {
	CK_RV rv;
	sgl_status status;
	const char *text;
} texts[] = {
    {CKR_HOST_MEMORY, SGL_E_NOMEM, N_("out of memory")},
    {CKR_SLOT_ID_INVALID, SGL_E_IO, REMOVED},
    {CKR_DEVICE_REMOVED, SGL_E_IO, REMOVED},
    {CKR_TOKEN_NOT_PRESENT, SGL_E_IO, REMOVED},
    {CKR_SESSION_CLOSED, SGL_E_IO, ENDED},
    {CKR_SESSION_HANDLE_INVALID, SGL_E_IO, ENDED},
    {CKR_USER_NOT_LOGGED_IN, SGL_E_IO, ENDED},
    {CKR_KEY_HANDLE_INVALID, SGL_E_IO, GONE},
    {CKR_OBJECT_HANDLE_INVALID, SGL_E_IO, GONE},
    {CKR_PIN_INCORRECT, SGL_E_PASSWORD, WRONG},
    {CKR_PIN_INVALID, SGL_E_PASSWORD, WRONG},
    {CKR_PIN_LEN_RANGE, SGL_E_PASSWORD, WRONG},
    {CKR_PIN_LOCKED, SGL_E_PASSWORD,
	N_("the PIN of the token is locked: unblock it with the token's own "
	   "program")},
    {CKR_PIN_EXPIRED, SGL_E_PASSWORD,
	N_("the PIN of the token has expired: set a new one with the token's "
	   "own program")},
    {CKR_USER_PIN_NOT_INITIALIZED, SGL_E_PASSWORD,
	N_("the token has no PIN yet: set one with the token's own program")},
    {CKR_FUNCTION_CANCELED, SGL_E_PASSWORD,
	N_("no PIN was entered on the token's pin pad")},
    {CKR_MECHANISM_INVALID, SGL_E_UNSUPPORTED, CANNOT},
    {CKR_MECHANISM_PARAM_INVALID, SGL_E_UNSUPPORTED, CANNOT},
    {CKR_FUNCTION_NOT_SUPPORTED, SGL_E_UNSUPPORTED, CANNOT},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, SGL_E_UNSUPPORTED,
	N_("the token does not allow that use of the key")},
};

static unsigned
says(CK_RV rv)
{
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
		if (answers[i].rv == rv)
			return answers[i].says;
	return 0;
}

bool
sgl_token_is_outage(CK_RV rv)
{
	return says(rv) & OUTAGE;
}

bool
sgl_token_is_refusal(CK_RV rv)
{
	return says(rv) & REFUSAL;
}

sgl_status
sgl_token_fail_text(
    const sgl_token *t, sgl_status status, const char *text, sgl_err *err)
{
	return sgl_fail_at(
	    err, status, SGL_TOKEN_ROOM, SGL_NO_OFFSET, text, "%s", t->label);
}

sgl_status
sgl_token_fail(sgl_token *t, CK_RV rv, sgl_err *err)
{
	t->lost = t->lost || says(rv) & LOST;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (texts[i].rv == rv)
			return sgl_token_fail_text(
			    t, texts[i].status, texts[i].text, err);
	return sgl_fail_at(err, SGL_E_IO, SGL_TOKEN_ROOM, SGL_NO_OFFSET,
	    N_("the token fails"), "%s: %s", t->label, t->kit.strerror(rv));
}
