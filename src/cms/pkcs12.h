/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a PKCS#12 (RFC 7292) that reading, writing and inspecting have
 * in common: the outermost layer, its MAC, and passwords in the form that a
 * file wants.
 */
#ifndef SGL_CMS_PKCS12_H
#define SGL_CMS_PKCS12_H

#include "asn1/builder.h"
#include "asn1/oid.h"
#include "crypto/hash.h"
#include "crypto/pbe.h"

typedef struct sgl_pkcs12_mac {
	sgl_slice algorithm; /* AlgorithmIdentifier, whole */
	sgl_slice value, salt;
	uint64_t iterations;
} sgl_pkcs12_mac;

/* sgl_pkcs12_mac_read reads a MacData (RFC 7292 4); false moves nothing. */
SGL_MUST bool sgl_pkcs12_mac_read(sgl_der *in, sgl_pkcs12_mac *out);
/*
 * sgl_pkcs12_mac_check sets *good where the MAC over `content` is right under
 * the UTF-8 `password` (data NULL: the empty password as no bytes at all): the
 * old derivation of RFC 7292 B, or PBMAC1 (RFC 9579, now RFC 9879).
 * SGL_E_UNSUPPORTED, SGL_E_LIMIT, SGL_E_ENCODING (the parameters).
 */
SGL_MUST sgl_status sgl_pkcs12_mac_check(sgl_engine *engine,
    const sgl_pkcs12_mac *mac, sgl_slice password, sgl_slice content,
    bool *good, sgl_err *err);
/* sgl_pkcs12_mac_add appends a MacData over `content` with a fresh salt. */
SGL_MUST sgl_status sgl_pkcs12_mac_add(sgl_engine *engine, sgl_derb *b,
    sgl_digest_alg digest, uint64_t iterations, sgl_slice password,
    sgl_slice content, sgl_err *err);

/*
 * The password of a file. The empty one has two forms in the wild, a BMPString
 * of two zero bytes (RFC 7292 B.1) and no bytes at all; where no password was
 * given the empty one is tried all the same.
 */
typedef struct sgl_pkcs12_password {
	sgl_slice utf8;
	bool is_given, is_sure; /* is_sure: the MAC was right */
} sgl_pkcs12_password;

/* data NULL: none was given. */
sgl_pkcs12_password sgl_pkcs12_password_over(sgl_slice utf8);
/* sgl_pkcs12_password_settle compares the MAC. SGL_E_PASSWORD. */
SGL_MUST sgl_status sgl_pkcs12_password_settle(sgl_pkcs12_password *p,
    sgl_engine *engine, const sgl_pkcs12_mac *mac, sgl_slice content,
    sgl_err *err);
/* What has been done for one file. Its parts are many, and the rounds of each
 * are a stranger's choice. */
typedef struct sgl_pkcs12_effort {
	unsigned num;
	uint64_t rounds;
} sgl_pkcs12_effort;
/* sgl_pkcs12_spend counts one more derivation, which will be made. SGL_E_LIMIT:
 * more than 256, or four times the rounds that one may have. */
SGL_MUST sgl_status sgl_pkcs12_spend(sgl_engine *engine,
    sgl_pkcs12_effort *effort, uint64_t rounds, sgl_err *err);
/* sgl_pkcs12_decrypt decrypts `in`, which is one whole SEQUENCE then.
 * `algorithm` is a whole AlgorithmIdentifier, DER or BER. SGL_E_PASSWORD, and
 * all of sgl_pbe_decrypt; no offset. */
SGL_MUST sgl_status sgl_pkcs12_decrypt(sgl_engine *engine,
    const sgl_pkcs12_password *p, sgl_slice algorithm, sgl_slice in,
    sgl_secret *out, sgl_err *err);

#endif
