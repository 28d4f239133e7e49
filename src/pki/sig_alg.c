/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert.h"

#define ROOM "pki.sig_alg"

static const struct {
	sgl_oid oid;
	sgl_sig_scheme scheme;
	sgl_digest_alg digest;
} schemes[] = {
    {SGL_OID_SHA256_RSA, SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA256},
    {SGL_OID_SHA384_RSA, SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA384},
    {SGL_OID_SHA512_RSA, SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA512},
    {SGL_OID_SHA224_RSA, SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA224},
    {SGL_OID_SHA1_RSA, SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA1},
    {SGL_OID_OIW_SHA1_RSA, SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA1},
    {SGL_OID_MD5_RSA, SGL_SIG_RSA_PKCS1, SGL_DIGEST_MD5},
    {SGL_OID_ECDSA_SHA256, SGL_SIG_ECDSA, SGL_DIGEST_SHA256},
    {SGL_OID_ECDSA_SHA384, SGL_SIG_ECDSA, SGL_DIGEST_SHA384},
    {SGL_OID_ECDSA_SHA512, SGL_SIG_ECDSA, SGL_DIGEST_SHA512},
    {SGL_OID_ECDSA_SHA224, SGL_SIG_ECDSA, SGL_DIGEST_SHA224},
    {SGL_OID_ECDSA_SHA1, SGL_SIG_ECDSA, SGL_DIGEST_SHA1},
    /* RFC 8419 2.3: Ed25519 hashes with SHA-512 inside. */
    {SGL_OID_ED25519, SGL_SIG_ED25519, SGL_DIGEST_SHA512},
    /* Keys named where a signature belongs: the digest is elsewhere. */
    {SGL_OID_RSA_ENCRYPTION, SGL_SIG_RSA_PKCS1, SGL_DIGEST_NONE},
    {SGL_OID_EC_PUBLIC_KEY, SGL_SIG_ECDSA, SGL_DIGEST_NONE},
};
#define NUM_SCHEMES (sizeof schemes / sizeof *schemes)

static const struct {
	sgl_oid oid;
	sgl_digest_alg digest;
} digests[] = {
    {SGL_OID_SHA256, SGL_DIGEST_SHA256},
    {SGL_OID_SHA384, SGL_DIGEST_SHA384},
    {SGL_OID_SHA512, SGL_DIGEST_SHA512},
    {SGL_OID_SHA1, SGL_DIGEST_SHA1},
    {SGL_OID_SHA224, SGL_DIGEST_SHA224},
    {SGL_OID_MD5, SGL_DIGEST_MD5},
};
#define NUM_DIGESTS (sizeof digests / sizeof *digests)

/* AlgorithmIdentifier: *parameters is empty where there are none. */
static bool
read_algorithm(sgl_der *in, sgl_slice *oid, sgl_slice *parameters)
{
	sgl_der body;

	*parameters = (sgl_slice){0};
	if (!sgl_der_read(in, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_oid(&body, oid))
		return false;
	if (sgl_der_done(&body))
		return true;
	return sgl_der_read_any(&body, NULL, parameters, NULL) &&
	    sgl_der_done(&body);
}

static sgl_status
malformed(sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, 0,
	    "an algorithm identifier is malformed");
}

static sgl_status
unsupported(sgl_slice oid, const char *text, sgl_err *err)
{
	char label[SGL_OID_TEXT];

	return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, 0, text, "%s",
	    sgl_oid_label(oid, label));
}

static bool
is_null_or_absent(sgl_slice parameters)
{
	return parameters.len == 0 ||
	    sgl_slice_eq(parameters, SGL_LIT("\x05\x00"));
}

sgl_digest_alg
sgl_digest_alg_from_oid(sgl_oid oid)
{
	for (size_t i = 0; i < NUM_DIGESTS; i++)
		if (digests[i].oid == oid)
			return digests[i].digest;
	return SGL_DIGEST_NONE;
}

sgl_oid
sgl_digest_alg_oid(sgl_digest_alg alg)
{
	for (size_t i = 0; i < NUM_DIGESTS; i++)
		if (digests[i].digest == alg)
			return digests[i].oid;
	return SGL_OID_UNKNOWN;
}

static sgl_status
read_digest(sgl_der *in, sgl_digest_alg *out, sgl_err *err)
{
	sgl_slice oid, parameters;
	sgl_digest_alg alg;

	if (!read_algorithm(in, &oid, &parameters) ||
	    !is_null_or_absent(parameters))
		return malformed(err);
	alg = sgl_digest_alg_from_oid(sgl_oid_find(oid));
	if (alg == SGL_DIGEST_NONE)
		return unsupported(
		    oid, "the digest algorithm is not supported", err);
	*out = alg;
	return SGL_OK;
}

sgl_status
sgl_digest_alg_read(sgl_slice algorithm, sgl_digest_alg *out, sgl_err *err)
{
	sgl_der in = sgl_ber_over(algorithm);
	sgl_digest_alg alg;

	TRY(read_digest(&in, &alg, err));
	if (!sgl_der_done(&in))
		return malformed(err);
	*out = alg;
	return SGL_OK;
}

void
sgl_digest_alg_add(sgl_derb *b, sgl_digest_alg alg)
{
	size_t mark = sgl_derb_open(b, SGL_SEQUENCE);

	sgl_derb_oid(b, sgl_oid_der(sgl_digest_alg_oid(alg)));
	sgl_derb_close(b, mark);
}

static sgl_status
read_mgf(sgl_der *in, sgl_digest_alg *out, sgl_err *err)
{
	sgl_slice oid, parameters;
	sgl_der inner;

	if (!read_algorithm(in, &oid, &parameters))
		return malformed(err);
	if (sgl_oid_find(oid) != SGL_OID_MGF1)
		return unsupported(
		    oid, "the mask generation is not supported", err);
	inner = sgl_ber_over(parameters);
	return read_digest(&inner, out, err);
}

/* RSASSA-PSS-params (RFC 4055 3.1); absent fields mean SHA-1 and 20. */
static sgl_status
read_pss_fields(sgl_der *seq, sgl_sig_alg *out, sgl_err *err)
{
	sgl_der field;
	bool present;
	uint64_t n;

	if (!sgl_der_read_opt(seq, SGL_CONTEXT(0), &field, &present))
		return malformed(err);
	if (present)
		TRY(read_digest(&field, &out->digest, err));
	if (!sgl_der_read_opt(seq, SGL_CONTEXT(1), &field, &present))
		return malformed(err);
	if (present)
		TRY(read_mgf(&field, &out->mgf, err));
	if (!sgl_der_read_opt(seq, SGL_CONTEXT(2), &field, &present))
		return malformed(err);
	if (present) {
		if (!sgl_der_read_uint(&field, &n) || n > 2048)
			return malformed(err);
		out->salt_len = (uint32_t)n;
	}
	if (!sgl_der_read_opt(seq, SGL_CONTEXT(3), &field, &present))
		return malformed(err);
	if (present && (!sgl_der_read_uint(&field, &n) || n != 1))
		return malformed(err);
	return sgl_der_done(seq) ? SGL_OK : malformed(err);
}

static sgl_status
read_pss(sgl_slice parameters, sgl_sig_alg *out, sgl_err *err)
{
	sgl_der in = sgl_ber_over(parameters), seq;
	sgl_sig_alg alg = {.scheme = SGL_SIG_RSA_PSS,
	    .digest = SGL_DIGEST_SHA1,
	    .mgf = SGL_DIGEST_SHA1,
	    .salt_len = 20};

	/* RFC 4055 3.1: absent is for keys; a signature must say it all. */
	if (!sgl_der_read(&in, SGL_SEQUENCE, &seq) || !sgl_der_done(&in))
		return malformed(err);
	TRY(read_pss_fields(&seq, &alg, err));
	*out = alg;
	return SGL_OK;
}

sgl_status
sgl_sig_alg_read(sgl_slice algorithm, sgl_sig_alg *out, sgl_err *err)
{
	sgl_der in = sgl_ber_over(algorithm);
	sgl_slice oid, parameters;
	sgl_oid known;

	if (!read_algorithm(&in, &oid, &parameters) || !sgl_der_done(&in))
		return malformed(err);
	known = sgl_oid_find(oid);
	if (known == SGL_OID_RSASSA_PSS)
		return read_pss(parameters, out, err);
	for (size_t i = 0; i < NUM_SCHEMES; i++) {
		if (schemes[i].oid != known)
			continue;
		/* An EC key may name its curve there; that adds nothing. */
		if (known != SGL_OID_EC_PUBLIC_KEY &&
		    !is_null_or_absent(parameters))
			return malformed(err);
		*out = (sgl_sig_alg){
		    .scheme = schemes[i].scheme, .digest = schemes[i].digest};
		return SGL_OK;
	}
	return unsupported(
	    oid, "the signature algorithm is not supported", err);
}

/* RFC 4055 2.1 writes these digests with NULL, and readers exist that compare
 * the bytes. */
void
sgl_digest_alg_add_null(sgl_derb *b, sgl_digest_alg alg)
{
	size_t mark = sgl_derb_open(b, SGL_SEQUENCE);

	sgl_derb_oid(b, sgl_oid_der(sgl_digest_alg_oid(alg)));
	sgl_derb_null(b);
	sgl_derb_close(b, mark);
}

static void
add_pss(sgl_derb *b, const sgl_sig_alg *alg)
{
	size_t params = sgl_derb_open(b, SGL_SEQUENCE), field, mgf;

	/* DER leaves out what is the default. */
	if (alg->digest != SGL_DIGEST_SHA1) {
		field = sgl_derb_open(b, SGL_CONTEXT(0));
		sgl_digest_alg_add_null(b, alg->digest);
		sgl_derb_close(b, field);
	}
	if (alg->mgf != SGL_DIGEST_SHA1) {
		field = sgl_derb_open(b, SGL_CONTEXT(1));
		mgf = sgl_derb_open(b, SGL_SEQUENCE);
		sgl_derb_oid(b, sgl_oid_der(SGL_OID_MGF1));
		sgl_digest_alg_add_null(b, alg->mgf);
		sgl_derb_close(b, mgf);
		sgl_derb_close(b, field);
	}
	if (alg->salt_len != 20) {
		field = sgl_derb_open(b, SGL_CONTEXT(2));
		sgl_derb_uint(b, alg->salt_len);
		sgl_derb_close(b, field);
	}
	sgl_derb_close(b, params);
}

static sgl_oid
scheme_oid(const sgl_sig_alg *alg)
{
	if (alg->scheme == SGL_SIG_RSA_PSS)
		return SGL_OID_RSASSA_PSS;
	for (size_t i = 0; i < NUM_SCHEMES; i++)
		if (schemes[i].scheme == alg->scheme &&
		    schemes[i].digest == alg->digest)
			return schemes[i].oid;
	return SGL_OID_UNKNOWN;
}

void
sgl_sig_alg_add(sgl_derb *b, const sgl_sig_alg *alg)
{
	size_t mark = sgl_derb_open(b, SGL_SEQUENCE);

	sgl_derb_oid(b, sgl_oid_der(scheme_oid(alg)));
	if (alg->scheme == SGL_SIG_RSA_PSS)
		add_pss(b, alg);
	else if (alg->scheme == SGL_SIG_RSA_PKCS1)
		sgl_derb_null(b); /* RFC 4055 5 */
	sgl_derb_close(b, mark);
}

static sgl_digest_alg
curve_digest(sgl_key_kind kind)
{
	switch (kind) {
	case SGL_KEY_P384:
		return SGL_DIGEST_SHA384;
	case SGL_KEY_P521:
		return SGL_DIGEST_SHA512;
	case SGL_KEY_P256:
	case SGL_KEY_RSA:
	case SGL_KEY_ED25519:
	case SGL_KEY_X25519:
	case SGL_KEY_UNKNOWN:
		break;
	}
	return SGL_DIGEST_SHA256;
}

sgl_status
sgl_sig_alg_for_key(sgl_key_kind kind, sgl_digest_alg digest, bool pss,
    sgl_sig_alg *out, sgl_err *err)
{
	if (digest == SGL_DIGEST_NONE)
		digest = curve_digest(kind);
	switch (kind) {
	case SGL_KEY_RSA:
		*out = (sgl_sig_alg){
		    .scheme = SGL_SIG_RSA_PKCS1, .digest = digest};
		if (pss)
			/* RFC 4055 3.1: salt as long as the digest */
			*out = (sgl_sig_alg){SGL_SIG_RSA_PSS, digest, digest,
			    (uint32_t)sgl_digest_len(digest)};
		return SGL_OK;
	case SGL_KEY_P256:
	case SGL_KEY_P384:
	case SGL_KEY_P521:
		*out = (sgl_sig_alg){.scheme = SGL_SIG_ECDSA, .digest = digest};
		return SGL_OK;
	case SGL_KEY_ED25519:
		*out = (sgl_sig_alg){
		    .scheme = SGL_SIG_ED25519, .digest = SGL_DIGEST_SHA512};
		return SGL_OK;
	case SGL_KEY_X25519:
	case SGL_KEY_UNKNOWN:
		break;
	}
	return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
	    "this kind of key cannot sign");
}
