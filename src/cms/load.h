/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside sgl_load: telling files apart by their shape, and the collection that
 * the readers of each form fill. What a reader finds goes to the caller only
 * when the whole file was good.
 */
#ifndef SGL_CMS_LOAD_H
#define SGL_CMS_LOAD_H

#include "cms/pkcs12.h"
#include "pki/cert.h"
#include "sigill/cms.h"

typedef enum sgl_file_kind {
	SGL_FILE_UNKNOWN,
	SGL_FILE_PKCS12,
	SGL_FILE_PKCS8,
	SGL_FILE_ENCRYPTED_KEY, /* EncryptedPrivateKeyInfo */
	SGL_FILE_RSA_KEY,	/* PKCS#1 */
	SGL_FILE_EC_KEY,	/* SEC1 */
	SGL_FILE_CERTIFICATE,
	SGL_FILE_CRL,
	SGL_FILE_CMS, /* any ContentInfo */
	SGL_FILE_PUBLIC_KEY,
	SGL_FILE_RSA_PUBLIC_KEY,
	SGL_FILE_REQUEST, /* PKCS#10 */
	SGL_FILE_OCSP,	  /* an OCSP response */
	SGL_FILE_KINDS
} sgl_file_kind;

/* sgl_file_detect tells by the tags of its outermost elements what the first
 * element in `bytes` is, DER or BER. */
sgl_file_kind sgl_file_detect(sgl_slice bytes);
const char *sgl_file_kind_name(sgl_file_kind kind); /* "PKCS#12 file" */
/* sgl_file_from_base64 sets *found for base64 without armour, of something that
 * sgl_file_detect knows. Its bytes replace those of *out; wipe it. */
SGL_MUST sgl_status sgl_file_from_base64(
    sgl_slice text, sgl_buf *out, bool *found, sgl_err *err);

typedef struct sgl_loader {
	sgl_engine *engine;
	sgl_slice password; /* UTF-8; data NULL: none was given */
	sgl_keyring ring;
	sgl_crls crls;
	sgl_loaded count;
	bool has_public; /* a public key or a request was passed over */
	/* The first key that we cannot use; told if no other was found. */
	sgl_err unsupported;
	sgl_pkcs12_effort effort;
} sgl_loader;
void sgl_loader_clear(sgl_loader *l);
SGL_AUTO_CLEAR_TYPE(sgl_loader, sgl_loader_clear)

/* Each takes one whole element. */
SGL_MUST sgl_status sgl_loader_cert(sgl_loader *l, sgl_slice der, sgl_err *err);
SGL_MUST sgl_status sgl_loader_crl(sgl_loader *l, sgl_slice der, sgl_err *err);
SGL_MUST sgl_status sgl_loader_key(sgl_loader *l, sgl_slice der, sgl_err *err);
/* An EncryptedPrivateKeyInfo (RFC 5958 3), DER or BER. */
SGL_MUST sgl_status sgl_loader_encrypted_key(sgl_loader *l,
    const sgl_pkcs12_password *password, sgl_slice ber, sgl_err *err);

/* The certificates and CRLs of a SignedData (RFC 5652 5.1), whatever else is
 * in it. */
SGL_MUST sgl_status sgl_p7b_read(sgl_loader *l, sgl_slice ber, sgl_err *err);
/* A whole PFX (RFC 7292 4). */
SGL_MUST sgl_status sgl_pkcs12_read(sgl_loader *l, sgl_slice ber, sgl_err *err);

/* A buffer that may hold a key: wiped when it goes. Reserve before filling, so
 * that growing leaves no copy behind. */
typedef struct sgl_wiped {
	sgl_buf buf;
} sgl_wiped;
static inline void
sgl_wiped_clear(sgl_wiped *w)
{
	sgl_buf_wipe(&w->buf);
}
SGL_AUTO_CLEAR_TYPE(sgl_wiped, sgl_wiped_clear)

#endif
