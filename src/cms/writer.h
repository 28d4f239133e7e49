/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing CMS (RFC 5652, RFC 5083) as the content comes. Each writer is a sink
 * for the content and hands one ContentInfo to `out`.
 *
 * Short content (up to SGL_CMS_DER_MAX) is written as DER; longer content as
 * indefinite-length BER with an OCTET STRING in pieces, because its length is
 * not known when the first byte leaves. Attributes are DER always.
 */
#ifndef SGL_CMS_WRITER_H
#define SGL_CMS_WRITER_H

#include "cms/algs.h"
#include "cms/asker.h"
#include "cms/digests.h"

#define SGL_CMS_DER_MAX ((size_t)64 * 1024)

typedef struct sgl_signer {
	const sgl_cert *cert; /* borrowed, as all here */
	sgl_key *key;
	sgl_digest_alg digest; /* NONE: by key (RSA SHA-256; the curve's own) */
	bool pss;
	bool use_ski; /* sid as subjectKeyIdentifier, if the certificate has
			 one (RFC 5652 5.3) */
	/* A protocol other than mail: its certificates need no extended key
	 * usage for mail, and sMIMECapabilities are left out. */
	bool not_mail;
} sgl_signer;

typedef struct sgl_signed_options {
	const sgl_signer *signers;
	size_t num_signers; /* 0: certs-only, no content (RFC 5652 5.2) */
	/* To include beside the signers' own and encryption_cert; NULL: none.
	 */
	const sgl_certs *certs;
	bool no_certs; /* include none at all */
	const sgl_crls *crls;
	bool detached; /* content is digested, not written */
	sgl_time signing_time;
	/* The certificate others shall encrypt to: written as encryption key
	 * preference in both forms (RFC 8551 2.5.3 and Microsoft's). NULL:
	 * none. */
	const sgl_cert *encryption_cert;
	/* Further signed attributes, whole DER Attributes of other types than
	 * those below. */
	sgl_slice extra_attributes;
	sgl_oid content_type; /* UNKNOWN: id-data */
} sgl_signed_options;

/* A writer of SignedData. Signed attributes: content-type, message-digest,
 * signing-time, signingCertificateV2 (RFC 5035), sMIMECapabilities,
 * CMSAlgorithmProtection (RFC 6211), key preference. `options` and what it
 * points to are borrowed until the end. */
typedef struct sgl_signed_writer sgl_signed_writer;
SGL_MUST sgl_status sgl_signed_writer_new(sgl_engine *engine,
    const sgl_signed_options *options, sgl_asker *asker, sgl_sink *out,
    sgl_signed_writer **w, sgl_err *err);
/* Its sink's finish may leave a question open in the asker: the writer then
 * writes the rest and finishes `out` from the asker's answer. */
sgl_sink *sgl_signed_writer_sink(sgl_signed_writer *w);
/* The digests of its signers, as micalg names them. */
sgl_digest_mask sgl_signed_writer_digests(const sgl_signed_writer *w);
void sgl_signed_writer_free(sgl_signed_writer *w);
SGL_AUTO_TYPE(sgl_signed_writer, sgl_signed_writer_free)
/* sgl_signer_check fills defaults and refuses what cannot work: a certificate
 * that may not sign (SGL_E_USAGE), a key that is not its own (SGL_E_MISMATCH),
 * a key or digest that cannot be used for it (SGL_E_UNSUPPORTED).
 * err->detail names the certificate. sgl_signed_writer_new does the same. */
SGL_MUST sgl_status sgl_signer_check(sgl_signer *s, sgl_err *err);

/* A public key that no certificate has; named by an identifier that its owner
 * knows (subjectKeyIdentifier). */
typedef struct sgl_bare_recipient {
	sgl_slice spki, key_id;
} sgl_bare_recipient;

typedef struct sgl_enveloped_options {
	const sgl_certs *recipients;
	const sgl_bare_recipient *bare; /* NULL: none */
	sgl_cipher_alg cipher;		/* AEAD makes AuthEnvelopedData */
	bool oaep;	       /* RSA: OAEP with SHA-256, else PKCS#1 v1.5 */
	bool use_ski;	       /* for certificates that have one */
	sgl_slice password;    /* PasswordRecipientInfo; data NULL: none */
	sgl_slice kek, kek_id; /* KEKRecipientInfo; data NULL: none */
	bool not_mail;	       /* the certificates need no usage for mail */
	/* What is encrypted is no secret, but a protocol wants it so: the
	 * certificates' usage is not looked at at all. */
	bool any_usage;
	sgl_oid content_type; /* UNKNOWN: id-data */
} sgl_enveloped_options;

/* A writer of EnvelopedData or AuthEnvelopedData. All is made for all
 * recipients before a byte is written, or it fails: SGL_E_USAGE for a
 * certificate that may not be used to encrypt, SGL_E_UNSUPPORTED for a kind of
 * key that cannot; err->detail names the recipient. A certificate given twice
 * is one recipient. */
typedef struct sgl_enveloped_writer sgl_enveloped_writer;
SGL_MUST sgl_status sgl_enveloped_writer_new(sgl_engine *engine,
    const sgl_enveloped_options *options, sgl_sink *out,
    sgl_enveloped_writer **w, sgl_err *err);
sgl_sink *sgl_enveloped_writer_sink(sgl_enveloped_writer *w);
void sgl_enveloped_writer_free(sgl_enveloped_writer *w);
SGL_AUTO_TYPE(sgl_enveloped_writer, sgl_enveloped_writer_free)

#endif
