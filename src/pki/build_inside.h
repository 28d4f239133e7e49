/* SPDX-License-Identifier: Apache-2.0 */
/* What building certificates and building CRLs share. */
#ifndef SGL_PKI_BUILD_INSIDE_H
#define SGL_PKI_BUILD_INSIDE_H

#include "pki/build.h"

/* sgl_check_asked: what of a template does not depend on its issuer makes
 * sense. SGL_E_USAGE; the key's own failures. */
SGL_MUST sgl_status sgl_check_asked(
    sgl_engine *engine, const sgl_cert_template *t, sgl_err *err);

/* An extension: open, add the value's DER, close with the same two marks. */
typedef struct sgl_ext_marks {
	size_t ext, value;
} sgl_ext_marks;
sgl_ext_marks sgl_derb_open_ext(sgl_derb *b, sgl_oid oid, bool critical);
void sgl_derb_close_ext(sgl_derb *b, sgl_ext_marks marks);
/* authorityKeyIdentifier with keyIdentifier alone. */
void sgl_derb_add_aki(sgl_derb *b, sgl_slice key_id);
/* DistributionPointName with one URI (RFC 5280 4.2.1.13). */
void sgl_derb_add_point_name(sgl_derb *b, sgl_slice url);
/* sgl_url_is_good: empty, or a scheme and visible ASCII (RFC 3986 2). */
bool sgl_url_is_good(sgl_slice url);
/* sgl_derb_add_extensions appends the SEQUENCE of all that `t` asks for. */
SGL_MUST sgl_status sgl_derb_add_extensions(
    sgl_engine *engine, sgl_derb *b, const sgl_cert_template *t, sgl_err *err);

/* sgl_sign_alg chooses what `key` signs with: PSS if it can do nothing else. */
SGL_MUST sgl_status sgl_sign_alg(
    sgl_key *key, sgl_digest_alg digest, sgl_sig_alg *out, sgl_err *err);
/*
 * sgl_sign_whole has `tbs` signed and appends SEQUENCE { tbs, algorithm,
 * signature, behind } to *out; `behind` may be empty. What a remote key
 * answered is verified before anybody sees it: SGL_E_MISMATCH if the key is not
 * what it says. A key in memory was found to belong together when it was read,
 * here or where our own keyholder has it (sgl_key_vouch), and a verification
 * costs three times what an ECDSA signature does.
 */
SGL_MUST sgl_status sgl_sign_whole(sgl_engine *engine, sgl_slice tbs,
    sgl_key *key, const sgl_sig_alg *alg, sgl_slice behind, sgl_buf *out,
    sgl_err *err);
/* sgl_sign_end does the same with the answer that the key has given already to
 * sgl_sign_request. */
sgl_key_request sgl_sign_request(sgl_slice tbs, const sgl_sig_alg *alg);
SGL_MUST sgl_status sgl_sign_end(sgl_engine *engine, sgl_slice tbs,
    sgl_key *key, const sgl_sig_alg *alg, sgl_slice signature, sgl_slice behind,
    sgl_buf *out, sgl_err *err);

#endif
