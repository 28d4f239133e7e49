/* SPDX-License-Identifier: Apache-2.0 */
/* Key agreement: RFC 5753 for curves of NIST, RFC 8418 for X25519. */
#include <assert.h>

#include "cms/alg_inside.h"

#define ROOM "cms.agree"
#define COUNT(table) (sizeof(table) / sizeof *(table))

typedef struct scheme_row {
	sgl_oid oid;
	bool hkdf;
	sgl_digest_alg digest;
} scheme_row;

/* The curves we know have cofactor 1, so the cofactor schemes are the standard
 * ones under another name. The first row that fits is what we write. */
static const scheme_row schemes[] = {
    {SGL_OID_ALG_DH_SHA256KDF, false, SGL_DIGEST_SHA256},
    {SGL_OID_ALG_DH_SHA384KDF, false, SGL_DIGEST_SHA384},
    {SGL_OID_ALG_DH_SHA512KDF, false, SGL_DIGEST_SHA512},
    {SGL_OID_ALG_DH_SHA224KDF, false, SGL_DIGEST_SHA224},
    {SGL_OID_ALG_DH_SHA1KDF, false, SGL_DIGEST_SHA1},
    {SGL_OID_ALG_CDH_SHA256KDF, false, SGL_DIGEST_SHA256},
    {SGL_OID_ALG_CDH_SHA384KDF, false, SGL_DIGEST_SHA384},
    {SGL_OID_ALG_CDH_SHA512KDF, false, SGL_DIGEST_SHA512},
    {SGL_OID_ALG_CDH_SHA224KDF, false, SGL_DIGEST_SHA224},
    {SGL_OID_ALG_CDH_SHA1KDF, false, SGL_DIGEST_SHA1},
    {SGL_OID_ALG_DH_HKDF_SHA256, true, SGL_DIGEST_SHA256},
    {SGL_OID_ALG_DH_HKDF_SHA384, true, SGL_DIGEST_SHA384},
    {SGL_OID_ALG_DH_HKDF_SHA512, true, SGL_DIGEST_SHA512},
};

typedef struct wrap_row {
	sgl_oid oid;
	size_t kek_len;
} wrap_row;

static const wrap_row wraps[] = {
    {SGL_OID_AES128_WRAP, 16},
    {SGL_OID_AES192_WRAP, 24},
    {SGL_OID_AES256_WRAP, 32},
    /* Read only: what is written gets the first that is long enough. */
    {SGL_OID_ALG_CMS3DES_WRAP, 24},
};

static sgl_status
find_scheme(sgl_slice oid, sgl_agree_alg *alg, sgl_err *err)
{
	sgl_oid known = sgl_oid_find(oid);

	for (size_t i = 0; i < COUNT(schemes); i++) {
		if (known != schemes[i].oid)
			continue;
		alg->hkdf = schemes[i].hkdf;
		alg->digest = schemes[i].digest;
		return SGL_OK;
	}
	return sgl_alg_unsupported(oid, "key agreement is not supported", err);
}

static sgl_status
find_wrap(sgl_slice oid, sgl_agree_alg *alg, sgl_err *err)
{
	sgl_oid known = sgl_oid_find(oid);

	for (size_t i = 0; i < COUNT(wraps); i++) {
		if (known != wraps[i].oid)
			continue;
		alg->wrap = wraps[i].oid;
		alg->kek_len = wraps[i].kek_len;
		return SGL_OK;
	}
	return sgl_alg_unsupported(oid, "key wrap is not supported", err);
}

sgl_status
sgl_agree_alg_read(sgl_slice algorithm, sgl_agree_alg *out, sgl_err *err)
{
	sgl_agree_alg alg = {.hkdf = false};
	sgl_der outer = sgl_ber_over(algorithm), in, wrap_in, wrap;
	sgl_slice oid, wrap_oid;

	if (!sgl_der_read(&outer, SGL_SEQUENCE, &in) || !sgl_der_done(&outer) ||
	    !sgl_der_read_oid(&in, &oid))
		return sgl_fail(err, SGL_E_ENCODING, ROOM,
		    sgl_der_offset(&outer), "key agreement is malformed");
	TRY(find_scheme(oid, &alg, err));
	wrap_in = in;
	if (!sgl_der_read_whole(&in, SGL_SEQUENCE, &alg.wrap_der) ||
	    !sgl_der_done(&in) ||
	    !sgl_der_read(&wrap_in, SGL_SEQUENCE, &wrap) ||
	    !sgl_der_read_oid(&wrap, &wrap_oid))
		return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(&in),
		    "key wrap of the key agreement is malformed");
	TRY(find_wrap(wrap_oid, &alg, err));
	*out = alg;
	return SGL_OK;
}

void
sgl_agree_alg_for(sgl_key_kind kind, size_t key_len, sgl_agree_alg *out)
{
	size_t i = 0;

	*out = (sgl_agree_alg){.hkdf = kind == SGL_KEY_X25519,
	    .digest = kind == SGL_KEY_P384 ? SGL_DIGEST_SHA384
		: kind == SGL_KEY_P521	   ? SGL_DIGEST_SHA512
					   : SGL_DIGEST_SHA256};
	while (i + 1 < COUNT(wraps) && wraps[i].kek_len < key_len)
		i++;
	out->wrap = wraps[i].oid;
	out->kek_len = wraps[i].kek_len;
}

static void
add_wrap(sgl_derb *b, const sgl_agree_alg *alg)
{
	size_t mark;

	if (alg->wrap_der.len > 0) {
		sgl_derb_raw(b, alg->wrap_der);
		return;
	}
	mark = sgl_derb_open(b, SGL_SEQUENCE); /* RFC 3565 2.3.2: no params */
	sgl_derb_oid(b, sgl_oid_der(alg->wrap));
	sgl_derb_close(b, mark);
}

static sgl_oid
scheme_oid(const sgl_agree_alg *alg)
{
	for (size_t i = 0; i < COUNT(schemes); i++)
		if (schemes[i].hkdf == alg->hkdf &&
		    schemes[i].digest == alg->digest)
			return schemes[i].oid;
	return SGL_OID_UNKNOWN;
}

void
sgl_agree_alg_add(sgl_derb *b, const sgl_agree_alg *alg)
{
	size_t mark = sgl_derb_open(b, SGL_SEQUENCE);

	assert(scheme_oid(alg) != SGL_OID_UNKNOWN);
	sgl_derb_oid(b, sgl_oid_der(scheme_oid(alg)));
	add_wrap(b, alg);
	sgl_derb_close(b, mark);
}

/* ECC-CMS-SharedInfo: @req rfc5753-7.2 */
static void
add_shared_info(sgl_derb *b, const sgl_agree_alg *alg, sgl_slice ukm)
{
	uint8_t bits[4] = {0, 0, (uint8_t)(alg->kek_len * 8 >> 8),
	    (uint8_t)(alg->kek_len * 8)};
	size_t outer = sgl_derb_open(b, SGL_SEQUENCE), mark;

	add_wrap(b, alg);
	if (ukm.data != NULL) {
		mark = sgl_derb_open(b, SGL_CONTEXT(0));
		sgl_derb_octets(b, ukm);
		sgl_derb_close(b, mark);
	}
	mark = sgl_derb_open(b, SGL_CONTEXT(2));
	sgl_derb_octets(b, sgl_slice_of(bits, sizeof bits));
	sgl_derb_close(b, mark);
	sgl_derb_close(b, outer);
}

sgl_status
sgl_agree_kek(sgl_engine *engine, const sgl_agree_alg *alg, sgl_slice ukm,
    sgl_slice shared, uint8_t kek[32], sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf)
	info = sgl_buf_init(ukm.len + alg->wrap_der.len + 128);
	sgl_derb b = sgl_derb_over(&info);

	add_shared_info(&b, alg, ukm);
	TRY(sgl_derb_end(&b, err));
	/* @req rfc8418-2.2: the ukm is the salt of HKDF, too. */
	if (alg->hkdf)
		return sgl_kdf_hkdf(engine, alg->digest, shared, ukm,
		    sgl_buf_slice(&info), kek, alg->kek_len, err);
	return sgl_kdf_x963(engine, alg->digest, shared, sgl_buf_slice(&info),
	    kek, alg->kek_len, err);
}
