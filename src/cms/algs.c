/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "cms/alg_inside.h"

#define ROOM "cms.algs"
#define COUNT(table) (sizeof(table) / sizeof *(table))
#define ICV_DEFAULT 12 /* RFC 5084 3.2 */
#define ICV_FULL 16

typedef struct content_row {
	sgl_oid oid;
	sgl_cipher_alg cipher;
} content_row;

static const content_row contents[] = {
    {SGL_OID_AES128_CBC, SGL_CIPHER_AES128_CBC},
    {SGL_OID_AES192_CBC, SGL_CIPHER_AES192_CBC},
    {SGL_OID_AES256_CBC, SGL_CIPHER_AES256_CBC},
    {SGL_OID_AES128_GCM, SGL_CIPHER_AES128_GCM},
    {SGL_OID_AES192_GCM, SGL_CIPHER_AES192_GCM},
    {SGL_OID_AES256_GCM, SGL_CIPHER_AES256_GCM},
    {SGL_OID_ALG_CHACHA20_POLY1305, SGL_CIPHER_CHACHA20_POLY1305},
    {SGL_OID_DES_EDE3_CBC, SGL_CIPHER_DES3_CBC},
    {SGL_OID_RC2_CBC, SGL_CIPHER_RC2_CBC},
    {SGL_OID_DES_CBC, SGL_CIPHER_DES_CBC},
};

sgl_status
sgl_alg_malformed(const sgl_der *at, const char *text, sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(at), text);
}

sgl_status
sgl_alg_unsupported(sgl_slice oid, const char *text, sgl_err *err)
{
	char label[SGL_OID_TEXT];

	return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET, text,
	    "%s", sgl_oid_label(oid, label));
}

sgl_status
sgl_alg_open(sgl_slice algorithm, sgl_der *in, sgl_slice *oid, sgl_err *err)
{
	sgl_der outer = sgl_ber_over(algorithm);

	if (!sgl_der_read(&outer, SGL_SEQUENCE, in) || !sgl_der_done(&outer))
		return sgl_alg_malformed(
		    &outer, "algorithm is not one SEQUENCE", err);
	if (!sgl_der_read_oid(in, oid))
		return sgl_alg_malformed(
		    in, "algorithm has no identifier", err);
	return SGL_OK;
}

static sgl_status
read_iv(sgl_der *in, sgl_content_alg *out, sgl_err *err)
{
	uint8_t bytes[sizeof out->iv];
	sgl_buf store = {
	    .data = bytes, .cap = sizeof bytes, .max = sizeof bytes};
	sgl_der start = *in;
	sgl_slice iv;

	if (!sgl_der_read_octets(in, SGL_OCTET_STRING, &iv, &store))
		return sgl_alg_malformed(
		    &start, "initialization vector is missing", err);
	if (!sgl_cipher_iv_fits(out->cipher, iv.len))
		return sgl_fail(err,
		    sgl_cipher_is_aead(out->cipher) ? SGL_E_UNSUPPORTED
						    : SGL_E_ENCODING,
		    ROOM, sgl_der_offset(&start),
		    "initialization vector has an unusual length");
	memcpy(out->iv, iv.data, iv.len);
	out->iv_len = iv.len;
	return SGL_OK;
}

/* GCMParameters: @req rfc5084-3.2 */
static sgl_status
read_gcm(sgl_der *in, sgl_content_alg *out, sgl_err *err)
{
	sgl_der params, start = *in;
	uint64_t icv = ICV_DEFAULT;

	if (!sgl_der_read(in, SGL_SEQUENCE, &params))
		return sgl_alg_malformed(
		    &start, "GCM parameters are missing", err);
	TRY(read_iv(&params, out, err));
	start = params;
	out->icv_omitted = sgl_der_done(&params);
	if (!out->icv_omitted && !sgl_der_read_uint(&params, &icv))
		return sgl_alg_malformed(
		    &start, "aes-ICVlen is malformed", err);
	if (icv < ICV_DEFAULT || icv > ICV_FULL)
		return sgl_alg_malformed(
		    &start, "aes-ICVlen is not 12 to 16", err);
	if (!sgl_der_done(&params))
		return sgl_alg_malformed(
		    &params, "GCM parameters have something behind", err);
	out->icv_len = icv;
	return SGL_OK;
}

/* RC2CBCParameter, RFC 8018 B.2.3: the version is a code for the key bits. */
static sgl_status
read_rc2(sgl_der *in, sgl_content_alg *out, sgl_err *err)
{
	sgl_der params, start = *in;
	uint64_t version;

	if (!sgl_der_read(in, SGL_SEQUENCE, &params) ||
	    !sgl_der_read_uint(&params, &version))
		return sgl_alg_malformed(
		    &start, "RC2 parameters are malformed", err);
	switch (version) {
	case 160:
		out->rc2_bits = 40;
		break;
	case 120:
		out->rc2_bits = 64;
		break;
	case 58:
		out->rc2_bits = 128;
		break;
	default:
		return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM,
		    sgl_der_offset(&start), "RC2 version is not supported",
		    "%llu", (unsigned long long)version);
	}
	TRY(read_iv(&params, out, err));
	if (!sgl_der_done(&params))
		return sgl_alg_malformed(
		    &params, "RC2 parameters have something behind", err);
	return SGL_OK;
}

static sgl_status
read_content_params(sgl_der *in, sgl_content_alg *out, sgl_err *err)
{
	if (out->cipher == SGL_CIPHER_RC2_CBC)
		return read_rc2(in, out, err);
	if (out->cipher == SGL_CIPHER_CHACHA20_POLY1305)
		out->icv_len = ICV_FULL;
	else if (sgl_cipher_is_aead(out->cipher))
		return read_gcm(in, out, err);
	return read_iv(in, out, err);
}

sgl_status
sgl_content_alg_read(sgl_slice algorithm, sgl_content_alg *out, sgl_err *err)
{
	sgl_content_alg alg = {.cipher = SGL_CIPHER_NONE};
	sgl_slice oid;
	sgl_oid known;
	sgl_der in;

	TRY(sgl_alg_open(algorithm, &in, &oid, err));
	known = sgl_oid_find(oid);
	for (size_t i = 0; i < COUNT(contents); i++)
		if (known == contents[i].oid)
			alg.cipher = contents[i].cipher;
	if (alg.cipher == SGL_CIPHER_NONE)
		return sgl_alg_unsupported(
		    oid, "content encryption is not supported", err);
	TRY(read_content_params(&in, &alg, err));
	if (!sgl_der_done(&in))
		return sgl_alg_malformed(
		    &in, "algorithm has something behind", err);
	*out = alg;
	return SGL_OK;
}

static sgl_oid
content_oid(sgl_cipher_alg cipher)
{
	for (size_t i = 0; i < COUNT(contents); i++)
		if (contents[i].cipher == cipher)
			return contents[i].oid;
	return SGL_OID_UNKNOWN;
}

void
sgl_content_alg_add(sgl_derb *b, const sgl_content_alg *alg)
{
	bool gcm = sgl_cipher_is_aead(alg->cipher) &&
	    alg->cipher != SGL_CIPHER_CHACHA20_POLY1305;
	size_t outer, inner = 0;

	assert(!sgl_cipher_is_old(alg->cipher));
	outer = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(content_oid(alg->cipher)));
	if (gcm)
		inner = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_octets(b, sgl_slice_of(alg->iv, alg->iv_len));
	if (gcm) {
		sgl_derb_uint(b, ICV_FULL);
		sgl_derb_close(b, inner);
	}
	sgl_derb_close(b, outer);
}
