/* SPDX-License-Identifier: Apache-2.0 */
/* Key agreement (ECDH of the NIST curves, X25519). */
#include "asn1/builder.h"
#include "vault/token_inside.h"

#define MAX_WRAPPED (SGL_POINT_MAX + 8)

static CK_RV
derive(sgl_token_key *k, sgl_slice point, CK_OBJECT_HANDLE *secret)
{
	sgl_token *t = k->token;
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_ULONG len = k->len;
	/* It lives in the session alone, and its value is what we want. */
	CK_ATTRIBUTE attributes[] = {
	    {CKA_CLASS, &class, sizeof class},
	    {CKA_KEY_TYPE, &type, sizeof type},
	    {CKA_TOKEN, &no, sizeof no},
	    {CKA_SENSITIVE, &no, sizeof no},
	    {CKA_EXTRACTABLE, &yes, sizeof yes},
	    {CKA_VALUE_LEN, &len, sizeof len},
	};
	CK_ECDH1_DERIVE_PARAMS params = {.kdf = CKD_NULL,
	    .pPublicData = sgl_token_bytes(point),
	    .ulPublicDataLen = point.len};
	CK_MECHANISM mechanism = {CKM_ECDH1_DERIVE, &params, sizeof params};

	return t->module->C_DeriveKey(t->session, &mechanism, k->object,
	    attributes, sizeof attributes / sizeof attributes[0], secret);
}

/* PKCS#11 wants the point raw; some modules want it as an OCTET STRING. */
static sgl_status
derive_either(
    sgl_token_key *k, sgl_slice point, CK_OBJECT_HANDLE *secret, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) wrapped = sgl_buf_init(MAX_WRAPPED);
	sgl_derb b = sgl_derb_over(&wrapped);
	CK_RV rv = derive(k, point, secret);

	if (rv != CKR_OK &&
	    (!sgl_token_is_outage(rv) || rv == CKR_MECHANISM_PARAM_INVALID)) {
		sgl_derb_octets(&b, point);
		TRY(sgl_derb_end(&b, err));
		rv = derive(k, sgl_buf_slice(&wrapped), secret);
	}
	/* The point was looked at: it is not the message that is at fault. */
	return rv == CKR_OK ? SGL_OK : sgl_token_fail(k->token, rv, err);
}

static sgl_status
read_value(sgl_token_key *k, CK_OBJECT_HANDLE secret, sgl_key_answer *answer,
    sgl_err *err)
{
	sgl_token *t = k->token;
	CK_ATTRIBUTE value = {CKA_VALUE, answer->bytes, sizeof answer->bytes};
	CK_RV rv =
	    t->module->C_GetAttributeValue(t->session, secret, &value, 1);
	bool is_zero = true;

	(void)t->module->C_DestroyObject(t->session, secret);
	if (rv != CKR_OK)
		return sgl_token_fail(t, rv, err);
	if (value.ulValueLen != k->len)
		return sgl_token_odd(k, err);
	for (size_t i = 0; i < k->len; i++)
		is_zero = is_zero && answer->bytes[i] == 0;
	/* RFC 8418 1: a point of small order. */
	if (is_zero)
		return sgl_fail(err, SGL_E_DECRYPT, SGL_TOKEN_ROOM,
		    SGL_NO_OFFSET, "key cannot be unwrapped");
	answer->len = k->len;
	return SGL_OK;
}

sgl_status
sgl_token_derive(sgl_token_key *k, const sgl_key_request *request,
    sgl_key_answer *answer, sgl_err *err)
{
	sgl_key_kind kind = sgl_pubkey_get_kind(k->public);
	uint8_t point[SGL_POINT_MAX];
	CK_OBJECT_HANDLE secret = 0;
	size_t len = 0;

	if (kind == SGL_KEY_RSA || kind == SGL_KEY_ED25519)
		return sgl_token_cannot(k, err);
	TRY(sgl_point_expand(
	    k->token->engine, kind, request->input, point, &len, err));
	TRY(derive_either(k, sgl_slice_of(point, len), &secret, err));
	return read_value(k, secret, answer, err);
}
