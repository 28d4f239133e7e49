/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EST (RFC 7030, RFC 8951), the authority's side, on bytes alone: what a
 * request is and who says to have sent it. Who may have a certificate is not
 * decided here.
 */
#ifndef SGL_CA_EST_H
#define SGL_CA_EST_H

#include "crypto/cipher.h"
#include "pki/csr.h"

typedef enum sgl_est_operation {
	SGL_EST_CACERTS,
	SGL_EST_CSRATTRS,
	SGL_EST_ENROL,
	SGL_EST_REENROL,
	SGL_EST_KEYGEN,
	SGL_EST_NUM_OPERATIONS
} sgl_est_operation;

#define SGL_EST_PLACE "/.well-known/est/"
/* sgl_est_find tells the operation behind a path that begins with
 * SGL_EST_PLACE. */
SGL_MUST bool sgl_est_find(const char *path, sgl_est_operation *out);

/* No honest body is longer: a request in base64. */
#define SGL_EST_BODY_MAX ((size_t)64 << 10)

/*
 * sgl_est_read reads the body of an enrolment: PKCS#10 in base64 (RFC 8951
 * 3.1), signed with its own key. SGL_E_ENCODING, SGL_E_LIMIT,
 * SGL_E_UNSUPPORTED, SGL_E_MISMATCH (whoever asks has not the key).
 */
SGL_MUST sgl_status sgl_est_read(
    sgl_engine *engine, sgl_slice body, sgl_csr **out, sgl_err *err);

/*
 * sgl_est_read_keygen reads the body of a request for a key that is made here
 * (RFC 7030 4.4.1). The key in it and its signature count for nothing, unless
 * the new key is to be encrypted to it: then *to has its name, which borrows
 * from the request, and *cipher is what suits the device. SGL_E_MISMATCH also
 * for the name of another key, SGL_E_UNSUPPORTED for that of a shared secret.
 */
SGL_MUST sgl_status sgl_est_read_keygen(sgl_engine *engine, sgl_slice body,
    sgl_csr **out, sgl_slice *to, sgl_cipher_alg *cipher, sgl_err *err);

/* sgl_est_add_key appends the answer to it, of type SGL_EST_KEY_TYPE: the
 * private key, as it is (PKCS#8) or encrypted, and the certificate (a
 * certs-only message), both DER. *out is to be wiped. */
#define SGL_EST_BOUNDARY "sigill-key"
#define SGL_EST_KEY_TYPE "multipart/mixed; boundary=" SGL_EST_BOUNDARY
#define SGL_EST_CERTS_TYPE "application/pkcs7-mime; smime-type=certs-only"
SGL_MUST sgl_status sgl_est_add_key(sgl_slice key, bool is_encrypted,
    sgl_slice certs, sgl_buf *out, sgl_err *err);

/* sgl_est_is_same: a request to enrol again names whom its certificate names
 * (RFC 7030 4.2.2). */
bool sgl_est_is_same(const sgl_csr *csr, const sgl_cert *client);

/* What stands in an Authorization field of the Basic scheme (RFC 7617). Wiped
 * when cleared. */
typedef struct sgl_est_login {
	sgl_secret user, code;
} sgl_est_login;
void sgl_est_login_clear(sgl_est_login *l);
SGL_AUTO_CLEAR_TYPE(sgl_est_login, sgl_est_login_clear)
/* sgl_est_read_login: *found false: it is none. */
SGL_MUST sgl_status sgl_est_read_login(
    const char *authorization, sgl_est_login *out, bool *found, sgl_err *err);

/* sgl_est_csrattrs appends which key and signature suit us (RFC 7030 4.5.2);
 * `bits` is for RSA. */
SGL_MUST sgl_status sgl_est_csrattrs(
    sgl_key_kind kind, unsigned bits, sgl_buf *out, sgl_err *err);

#endif
