/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one layer of CMS held, as it was read: facts for a judge, no opinions.
 * The report owns everything it points to.
 */
#ifndef SGL_CMS_REPORT_H
#define SGL_CMS_REPORT_H

#include "cms/algs.h"
#include "cms/digests.h"
#include "cms/ess.h"

typedef enum sgl_cms_type {
	SGL_CMS_SIGNED,
	SGL_CMS_ENVELOPED,
	SGL_CMS_AUTH_ENVELOPED
} sgl_cms_type;

/* What is wrong with a SignerInfo before any key is looked at. */
typedef enum sgl_signer_fault {
	SGL_SIGNER_OK,
	SGL_SIGNER_ATTRIBUTES,	 /* missing, doubled or malformed (5652 11) */
	SGL_SIGNER_CONTENT_TYPE, /* attribute differs from eContentType */
	SGL_SIGNER_ALGORITHMS,	 /* RFC 6211: not the protected ones */
	SGL_SIGNER_NOT_LISTED,	 /* digest is not in digestAlgorithms */
	SGL_SIGNER_UNSUPPORTED	 /* digest or signature algorithm */
} sgl_signer_fault;

typedef struct sgl_signer_info {
	sgl_buf store; /* the SignerInfo as it came; slices point here... */
	sgl_buf attrs; /* ...or here: signed attributes as DER SET OF */
	bool by_ski;
	sgl_slice issuer, serial, ski;
	sgl_digest_alg digest;
	sgl_sig_alg sig;
	sgl_slice signature;
	sgl_signer_fault fault;
	char unsupported[SGL_OID_TEXT]; /* which algorithm, for UNSUPPORTED */

	bool has_attrs;
	/* What the signature covers: `attrs`; but some senders sign the order
	 * in which the attributes came. Empty where that is the same. */
	sgl_slice attrs_as_sent;
	sgl_slice message_digest, smime_capabilities;
	bool has_signing_time;
	sgl_time signing_time;
	/* ESS signing-certificate (RFC 5035): the hash of the signer's own. */
	bool has_ess_hash;
	sgl_digest_alg ess_digest;
	sgl_slice ess_hash;

	/* RFC 2634; they count only where the signature is right. */
	bool has_receipt_request, has_label;
	sgl_receipt_request receipt_request;
	sgl_label label;
	sgl_slice msg_sig_digest; /* of a receipt; data NULL: not there */

	/* The content's digest by `digest`, if it could be made. */
	bool has_content_digest;
	sgl_digest content_digest;
} sgl_signer_info;

/* Whom a locked layer is for: the first recipients' identifiers. */
typedef struct sgl_recipient_id {
	sgl_buf store;
	sgl_slice issuer, serial, ski;
} sgl_recipient_id;
#define SGL_RECIPIENTS_SHOWN 8

typedef struct sgl_cms_report {
	sgl_cms_type type;
	sgl_buf content_type; /* OID contents of what is inside */
	bool has_content;
	bool has_trailing_bytes; /* behind the ContentInfo */

	/* SIGNED */
	bool is_detached; /* digests came from outside */
	sgl_certs certs;
	sgl_crls crls;
	sgl_digest_mask listed; /* digestAlgorithms */
	size_t num_unreadable;	/* certificates or CRLs that did not parse */
	sgl_signer_info *signers;
	size_t num_signers;
	sgl_digests *digests; /* owned unless is_detached */

	/* ENVELOPED, AUTH_ENVELOPED */
	sgl_content_alg content_alg;
	uint64_t num_recipients;
	bool is_locked;
	bool has_password, has_kek; /* among the recipients */
	sgl_recipient_id recipients[SGL_RECIPIENTS_SHOWN];
	size_t num_shown;
	const char
	    *opened_by; /* "rsa-v15", "rsa-oaep", "ecdh", "password"... */
} sgl_cms_report;

void sgl_cms_report_clear(sgl_cms_report *r);
/* What is inside is a receipt (RFC 2634 2.8), no message. */
static inline bool
sgl_cms_report_is_receipt(const sgl_cms_report *r)
{
	return sgl_oid_find(sgl_buf_slice(&r->content_type)) ==
	    SGL_OID_CT_RECEIPT;
}

/* sgl_signer_read reads one SignerInfo (whole, BER) into *out; content_type is
 * that of the encapsulated content (OID contents). What is merely wrong with
 * it becomes out->fault; what is no SignerInfo is SGL_E_ENCODING. */
SGL_MUST sgl_status sgl_signer_read(sgl_engine *engine, sgl_slice whole,
    sgl_slice content_type, sgl_signer_info *out, sgl_err *err);
void sgl_signer_info_clear(sgl_signer_info *s);

/* sgl_signer_find_attribute sets *value to a cursor over the one value of a
 * signed attribute; false where there is no such attribute, or not exactly one
 * with exactly one value. It says nothing until the signature is verified. */
SGL_MUST bool sgl_signer_find_attribute(
    const sgl_signer_info *s, sgl_oid type, sgl_der *value);
/* sgl_signer_is_named: the SignerInfo's identifier is that of `cert`. */
bool sgl_signer_is_named(const sgl_signer_info *s, const sgl_cert *cert);
/* sgl_signer_verify sets *good where the key of `cert` made the signature, be
 * it of anything; `digests` have made those of the content. SGL_E_UNSUPPORTED,
 * SGL_E_ENCODING, SGL_E_LIMIT: key or algorithm cannot be used. */
SGL_MUST sgl_status sgl_signer_verify(sgl_engine *engine,
    const sgl_signer_info *s, const sgl_digests *digests, const sgl_cert *cert,
    bool *good, sgl_err *err);
/* sgl_signer_proves is all of that for a protocol other than mail: *good where
 * nothing is wrong with the SignerInfo, it names `cert`, and its signature is
 * over the content of the report. What `cert` is worth is another question. */
SGL_MUST sgl_status sgl_signer_proves(sgl_engine *engine,
    const sgl_cms_report *report, const sgl_signer_info *s,
    const sgl_cert *cert, bool *good, sgl_err *err);

#endif
