/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and keys from the files people have. */
#ifndef SIGILL_CMS_H
#define SIGILL_CMS_H

#include "sigill/pki.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * sgl_load puts everything in `file` into the sets: PKCS#12 (RFC 7292; PBES2,
 * and the old 3DES and RC2 forms; MAC of RFC 7292 or RFC 9579; DER or BER), PEM
 * of any of these and of CERTIFICATE, X509 CRL, PKCS7, CMS, PRIVATE KEY,
 * ENCRYPTED PRIVATE KEY, RSA and EC PRIVATE KEY, with any text between; DER of
 * certificate, CRL, SignedData (P7B) or private key, or base64 of it. A set may
 * be NULL to leave such things out. `password` is UTF-8; data NULL: none was
 * given.
 *
 * SGL_E_PASSWORD: wrong, or one is needed (err->text tells which).
 * SGL_E_ENCODING, SGL_E_UNSUPPORTED (also where there is nothing to use, like a
 * public key alone; a key we cannot use beside one we can is passed over),
 * SGL_E_LIMIT. After these the sets are as they were. *what, if not NULL, tells
 * what came.
 */
typedef struct sgl_loaded {
	size_t num_certs, num_keys, num_crls;
} sgl_loaded;
SGL_API SGL_MUST sgl_status sgl_load(sgl_engine *engine, sgl_slice file,
    sgl_slice password, sgl_keyring *ring, sgl_crls *crls, sgl_loaded *what,
    sgl_err *err);

/*
 * sgl_pkcs12_write makes a PKCS#12 of keys (in memory) with their certificates
 * and of further certificates: PBES2 with AES-256-CBC and PBKDF2 of 310000
 * rounds of HMAC-SHA-256, MAC by SHA-256 of 100000 rounds; or with `legacy`
 * 3DES and SHA-1 (50000 rounds) for old importers. `friendly_name` (UTF-8, may
 * be empty) goes to the first key and its certificates, with a number behind it
 * to further ones. The result is to be wiped and freed by sgl_bytes_free.
 * SGL_E_USAGE: nothing to write, no password (an empty one is one), or text
 * that is not UTF-8; SGL_E_UNSUPPORTED: a key that is not in memory.
 */
typedef struct sgl_bytes {
	uint8_t *data;
	size_t len;
} sgl_bytes;
SGL_API void sgl_bytes_free(sgl_bytes *bytes);
SGL_API SGL_MUST sgl_status sgl_pkcs12_write(sgl_engine *engine,
    const sgl_keyring *ring, sgl_slice friendly_name, sgl_slice password,
    bool legacy, sgl_bytes *out, sgl_err *err);

#ifdef __cplusplus
}
#endif
#endif
