/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of a token and their attributes. */
#include "sys/text.h"
#include "vault/token_inside.h"

/* Handles that are fetched at a time. */
#define BATCH 32

static CK_RV
fetch_batch(sgl_token *t, sgl_token_objects *out, CK_ULONG *got)
{
	size_t room = SGL_TOKEN_OBJECTS - out->num;

	return t->module->C_FindObjects(t->session, out->items + out->num,
	    room < BATCH ? room : BATCH, got);
}

sgl_status
sgl_token_find(sgl_token *t, CK_ATTRIBUTE *match, CK_ULONG num,
    sgl_token_objects *out, sgl_err *err)
{
	CK_ULONG got = 0;
	CK_RV rv = t->module->C_FindObjectsInit(t->session, match, num);

	if (rv != CKR_OK)
		return sgl_token_fail(t, rv, err);
	out->num = 0;
	do {
		rv = fetch_batch(t, out, &got);
		out->num += rv == CKR_OK ? got : 0;
	} while (rv == CKR_OK && got > 0 && out->num < SGL_TOKEN_OBJECTS);
	(void)t->module->C_FindObjectsFinal(t->session);
	if (rv != CKR_OK)
		return sgl_token_fail(t, rv, err);
	if (out->num == SGL_TOKEN_OBJECTS)
		return sgl_token_fail_text(
		    t, SGL_E_LIMIT, N_("too many objects on the token"), err);
	return SGL_OK;
}

/* An answer for one attribute that means "there is none for you". */
static bool
is_absent(CK_RV rv, const CK_ATTRIBUTE *a)
{
	return rv == CKR_ATTRIBUTE_TYPE_INVALID ||
	    rv == CKR_ATTRIBUTE_SENSITIVE ||
	    a->ulValueLen == CK_UNAVAILABLE_INFORMATION;
}

sgl_status
sgl_token_get(sgl_token *t, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
    sgl_secret *out, sgl_err *err)
{
	CK_ATTRIBUTE a = {type, NULL, 0};
	CK_RV rv;

	sgl_secret_clear(out);
	rv = t->module->C_GetAttributeValue(t->session, object, &a, 1);
	if (is_absent(rv, &a) || (rv == CKR_OK && a.ulValueLen == 0))
		return SGL_OK;
	if (rv != CKR_OK)
		return sgl_token_fail(t, rv, err);
	if (a.ulValueLen > sgl_engine_limits(t->engine)->element)
		return sgl_token_fail_text(t, SGL_E_LIMIT,
		    N_("an object on the token is too long"), err);
	TRY(sgl_secret_zeroed(out, a.ulValueLen, err));
	a.pValue = out->data;
	rv = t->module->C_GetAttributeValue(t->session, object, &a, 1);
	if (rv != CKR_OK || a.ulValueLen > out->len) {
		sgl_secret_clear(out);
		return sgl_token_fail(
		    t, rv == CKR_OK ? CKR_DEVICE_ERROR : rv, err);
	}
	out->len = a.ulValueLen;
	return SGL_OK;
}

sgl_status
sgl_token_get_ulong(sgl_token *t, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, CK_ULONG absent, CK_ULONG *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) value = {0};

	TRY(sgl_token_get(t, object, type, &value, err));
	*out = absent;
	if (value.len == sizeof *out)
		memcpy(out, value.data, sizeof *out);
	return SGL_OK;
}

sgl_status
sgl_token_get_bool(sgl_token *t, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, bool *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) value = {0};

	TRY(sgl_token_get(t, object, type, &value, err));
	*out = value.len == sizeof(CK_BBOOL) && value.data[0] != CK_FALSE;
	return SGL_OK;
}
