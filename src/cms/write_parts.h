/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the CMS writers that their files share. */
#ifndef SGL_CMS_WRITE_PARTS_H
#define SGL_CMS_WRITE_PARTS_H

#include "cms/writer.h"

/* sgl_cert_label writes what a person calls a certificate: its first address,
 * else its subject, else "". Returns out. */
#define SGL_CERT_LABEL SGL_ERR_DETAIL
char *sgl_cert_label(const sgl_cert *cert, char out[SGL_CERT_LABEL]);

/* IssuerAndSerialNumber (RFC 5652 10.2.4) under `tag`. */
void sgl_issuer_serial_add(sgl_derb *b, sgl_tag tag, const sgl_cert *cert);

/* sgl_content_type: what the content is, where the options say nothing else. */
sgl_oid sgl_content_type(sgl_oid wanted);

/* Attribute ::= SEQUENCE { type, SET OF value }, with one value, which comes
 * between open and close. */
typedef struct sgl_attribute_marks {
	size_t seq, set;
} sgl_attribute_marks;
sgl_attribute_marks sgl_attribute_open(sgl_derb *b, sgl_oid type);
void sgl_attribute_close(sgl_derb *b, sgl_attribute_marks m);

/* One signer at work. */
typedef struct sgl_signing {
	sgl_signer signer; /* checked */
	sgl_sig_alg alg;
	sgl_buf attributes; /* SET OF, as it is signed */
	sgl_buf info;	    /* SignerInfo */
} sgl_signing;

/* sgl_signing_init copies and checks. Undone by sgl_signing_clear. */
SGL_MUST sgl_status sgl_signing_init(
    sgl_signing *s, const sgl_signer *signer, sgl_err *err);
void sgl_signing_clear(sgl_signing *s);
/* The subject key identifier names the signer. */
bool sgl_signing_has_ski(const sgl_signing *s);
/* AlgorithmIdentifier of the signature, under `tag`. */
SGL_MUST sgl_status sgl_signing_add_alg(
    const sgl_signing *s, sgl_tag tag, sgl_derb *b, sgl_err *err);
/* sgl_signing_attributes fills s->attributes (attributes_write.c). */
SGL_MUST sgl_status sgl_signing_attributes(sgl_signing *s,
    const sgl_signed_options *options, sgl_slice digest, sgl_err *err);
/* sgl_signing_info fills s->info. */
SGL_MUST sgl_status sgl_signing_info(
    sgl_signing *s, sgl_slice signature, sgl_err *err);
/* The extra attributes are well formed and not among those we write. */
SGL_MUST sgl_status sgl_attributes_check(sgl_slice extra, sgl_err *err);

/*
 * sgl_recipients_write appends `version` and `recipientInfos` of
 * EnvelopedData, or of AuthEnvelopedData where `auth`.
 */
SGL_MUST sgl_status sgl_recipients_write(sgl_engine *engine,
    const sgl_enveloped_options *options, bool auth, sgl_slice cek,
    sgl_buf *out, sgl_err *err);

#endif
