/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/signed.h"

#define ROOM "pki.signed"

/* What is remembered of a signature: that it is good, or that it is not. Both
 * are facts of arithmetic that hold for ever. */
static const char fact_good, fact_bad;

sgl_status
sgl_cert_get_pubkey(
    sgl_engine *engine, const sgl_cert *cert, sgl_pubkey **out, sgl_err *err)
{
	return sgl_pubkey_read(engine, cert->spki, out, err);
}

sgl_digest_alg
sgl_cert_get_signature_digest(const sgl_cert *cert)
{
	sgl_sig_alg alg;

	if (sgl_sig_alg_read(cert->signature_algorithm, &alg, NULL) != SGL_OK)
		return SGL_DIGEST_NONE;
	return alg.digest;
}

/* RFC 5280 4.1.1.2, 5.1.1.2: the identifier outside, which nobody signed,
 * must be the one inside. NULL or nothing as parameters is the same. */
static bool
same_algorithm(sgl_slice inside, const sgl_sig_alg *outside, sgl_slice whole)
{
	sgl_sig_alg a;

	if (sgl_slice_eq(inside, whole))
		return true;
	return sgl_sig_alg_read(inside, &a, NULL) == SGL_OK &&
	    a.scheme == outside->scheme && a.digest == outside->digest &&
	    a.mgf == outside->mgf && a.salt_len == outside->salt_len;
}

static sgl_status
verify(sgl_engine *engine, const sgl_signed *s, const sgl_cert *issuer,
    bool *good, sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;
	sgl_sig_alg alg;

	*good = false;
	TRY(sgl_sig_alg_read(s->algorithm, &alg, err));
	if (alg.digest == SGL_DIGEST_NONE)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "a signature names a key instead of an algorithm");
	if (!same_algorithm(s->tbs_algorithm, &alg, s->algorithm))
		return SGL_OK;
	TRY(sgl_cert_get_pubkey(engine, issuer, &key, err));
	return sgl_pubkey_verify(
	    engine, key, &alg, s->tbs, s->signature, good, err);
}

static sgl_status
fact_key(sgl_engine *engine, const uint8_t what[32], const sgl_cert *issuer,
    sgl_digest *out, sgl_err *err)
{
	uint8_t text[16 + 64] = "is signed by    ";

	memcpy(text + 16, what, 32);
	memcpy(text + 48, issuer->fingerprint, 32);
	return sgl_hash_once(engine, SGL_DIGEST_SHA256,
	    sgl_slice_of(text, sizeof text), out, err);
}

static sgl_status
remember(sgl_engine *engine, const uint8_t key[32], bool good, sgl_err *err)
{
	union {
		const void *fact;
		void *value;
	} u = {.fact = good ? &fact_good : &fact_bad};

	return sgl_engine_remember(engine, key, u.value, NULL, err);
}

sgl_status
sgl_signed_check(sgl_engine *engine, const sgl_signed *s,
    const sgl_cert *issuer, bool *good, bool *was_known, sgl_err *err)
{
	sgl_digest key;
	const void *fact;

	TRY(fact_key(engine, s->fingerprint, issuer, &key, err));
	fact = sgl_engine_recall(engine, key.bytes);
	*was_known = fact != NULL;
	if (fact != NULL) {
		*good = fact == &fact_good;
		return SGL_OK;
	}
	TRY(verify(engine, s, issuer, good, err));
	return remember(engine, key.bytes, *good, err);
}

sgl_signed
sgl_cert_as_signed(const sgl_cert *cert)
{
	return (sgl_signed){cert->tbs, cert->tbs_algorithm,
	    cert->signature_algorithm, cert->signature, cert->fingerprint};
}

sgl_status
sgl_cert_is_signed_by(sgl_engine *engine, const sgl_cert *cert,
    const sgl_cert *issuer, bool *good, sgl_err *err)
{
	sgl_signed s = sgl_cert_as_signed(cert);
	bool was_known;

	return sgl_signed_check(engine, &s, issuer, good, &was_known, err);
}
