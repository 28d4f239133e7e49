/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Password-based encryption as PKCS#12 and PKCS#8 use it: PBES2 with PBKDF2
 * (RFC 8018), and for reading the old PKCS#12 forms (3DES, RC2; RFC 7292).
 */
#ifndef SGL_CRYPTO_PBE_H
#define SGL_CRYPTO_PBE_H

#include "asn1/der.h"
#include "crypto/pubkey.h"

/*
 * sgl_pbe_decrypt decrypts `in` as the DER AlgorithmIdentifier `algorithm`
 * says, with a UTF-8 password. Wrong password and damaged data cannot be told
 * apart: SGL_E_PASSWORD. SGL_E_LIMIT: more rounds than kdf_iterations.
 */
SGL_MUST sgl_status sgl_pbe_decrypt(sgl_engine *engine, sgl_slice algorithm,
    sgl_slice password, sgl_slice in, sgl_secret *out, sgl_err *err);
/* sgl_pbe_rounds: how much work the derivation is; 0 where `algorithm` is none
 * that can be read, and so is no work at all. */
uint64_t sgl_pbe_rounds(sgl_slice algorithm);
/* sgl_pbe_is_pbes2: by RFC 8018, not by one of the schemes of RFC 7292 C. */
bool sgl_pbe_is_pbes2(sgl_slice algorithm);
/* sgl_pbe_encrypt uses PBES2, PBKDF2 with HMAC-SHA-256 and AES-256-CBC; the
 * AlgorithmIdentifier is appended to *algorithm. */
SGL_MUST sgl_status sgl_pbe_encrypt(sgl_engine *engine, sgl_slice password,
    uint64_t iterations, sgl_slice in, sgl_buf *algorithm, sgl_buf *out,
    sgl_err *err);
/* sgl_pbe_encrypt_legacy uses 3DES under RFC 7292's own derivation with SHA-1
 * (pbeWithSHAAnd3-KeyTripleDES-CBC), for importers that know nothing newer. */
SGL_MUST sgl_status sgl_pbe_encrypt_legacy(sgl_engine *engine,
    sgl_slice password, uint64_t iterations, sgl_slice in, sgl_buf *algorithm,
    sgl_buf *out, sgl_err *err);
/* sgl_pbe_bmp turns a UTF-8 password into the BMPString of RFC 7292, with its
 * two zero bytes. */
SGL_MUST sgl_status sgl_pbe_bmp(
    sgl_slice password, sgl_secret *out, sgl_err *err);
/* sgl_key_read_encrypted reads an EncryptedPrivateKeyInfo (RFC 5958 3). */
SGL_MUST sgl_status sgl_key_read_encrypted(sgl_engine *engine, sgl_slice der,
    sgl_slice password, sgl_key **out, sgl_err *err);

#endif
