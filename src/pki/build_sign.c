/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/build_inside.h"

#define ROOM "pki.build"

sgl_ext_marks
sgl_derb_open_ext(sgl_derb *b, sgl_oid oid, bool critical)
{
	sgl_ext_marks marks;

	marks.ext = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(oid));
	if (critical)
		sgl_derb_bool(b, true);
	marks.value = sgl_derb_open(b, SGL_OCTET_STRING);
	return marks;
}

void
sgl_derb_close_ext(sgl_derb *b, sgl_ext_marks marks)
{
	sgl_derb_close(b, marks.value);
	sgl_derb_close(b, marks.ext);
}

void
sgl_derb_add_aki(sgl_derb *b, sgl_slice key_id)
{
	sgl_ext_marks ext =
	    sgl_derb_open_ext(b, SGL_OID_CE_AUTHORITY_KEY_IDENTIFIER, false);
	size_t seq = sgl_derb_open(b, SGL_SEQUENCE);

	sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(0), key_id);
	sgl_derb_close(b, seq);
	sgl_derb_close_ext(b, ext);
}

/* RFC 4055 1.2: the key's own identifier may forbid PKCS#1 v1.5. */
static bool
is_pss_only(sgl_slice spki)
{
	sgl_der in = sgl_der_over(spki), body, algorithm;
	sgl_slice oid;

	return sgl_der_read(&in, SGL_SEQUENCE, &body) &&
	    sgl_der_read(&body, SGL_SEQUENCE, &algorithm) &&
	    sgl_der_read_oid(&algorithm, &oid) &&
	    sgl_oid_find(oid) == SGL_OID_RSASSA_PSS;
}

sgl_status
sgl_sign_alg(
    sgl_key *key, sgl_digest_alg digest, sgl_sig_alg *out, sgl_err *err)
{
	return sgl_sig_alg_for_key(sgl_key_get_kind(key), digest,
	    is_pss_only(sgl_key_get_spki(key)), out, err);
}

static sgl_status
check_answer(sgl_engine *engine, sgl_slice tbs, sgl_key *key,
    const sgl_sig_alg *alg, sgl_slice signature, sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	pubkey = NULL;
	bool good;

	TRY(sgl_pubkey_read(engine, sgl_key_get_spki(key), &pubkey, err));
	TRY(sgl_pubkey_verify(engine, pubkey, alg, tbs, signature, &good, err));
	if (!good)
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    "the private key does not belong to its public key");
	return SGL_OK;
}

static sgl_status
add_signed(sgl_slice tbs, const sgl_sig_alg *alg, sgl_slice signature,
    sgl_slice behind, sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t seq = sgl_derb_open(&b, SGL_SEQUENCE);

	sgl_derb_raw(&b, tbs);
	sgl_sig_alg_add(&b, alg);
	sgl_derb_bits(&b, signature, 0);
	sgl_derb_raw(&b, behind);
	sgl_derb_close(&b, seq);
	return sgl_derb_end(&b, err);
}

sgl_key_request
sgl_sign_request(sgl_slice tbs, const sgl_sig_alg *alg)
{
	return (sgl_key_request){.op = SGL_KEY_SIGN, .input = tbs, .sig = *alg};
}

sgl_status
sgl_sign_end(sgl_engine *engine, sgl_slice tbs, sgl_key *key,
    const sgl_sig_alg *alg, sgl_slice signature, sgl_slice behind, sgl_buf *out,
    sgl_err *err)
{
	if (!sgl_key_is_vouched(key))
		TRY(check_answer(engine, tbs, key, alg, signature, err));
	return add_signed(tbs, alg, signature, behind, out, err);
}

sgl_status
sgl_sign_whole(sgl_engine *engine, sgl_slice tbs, sgl_key *key,
    const sgl_sig_alg *alg, sgl_slice behind, sgl_buf *out, sgl_err *err)
{
	const sgl_key_request request = sgl_sign_request(tbs, alg);
	sgl_key_answer answer;

	/* A signature is no secret: nothing is to be wiped. */
	TRY(sgl_key_ask(engine, key, &request, &answer, err));
	return sgl_sign_end(engine, tbs, key, alg,
	    sgl_slice_of(answer.bytes, answer.len), behind, out, err);
}
