/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receipt requests, receipts and security labels (RFC 2634), both ways. What is
 * read borrows from the bytes it is read from; false is what the RFC does not
 * allow.
 */
#ifndef SGL_CMS_ESS_H
#define SGL_CMS_ESS_H

#include "asn1/builder.h"
#include "pki/cert.h"

/* 3.2: ub-integer-options, ub-privacy-mark-length, ub-security-categories */
#define SGL_CLASSIFICATION_MAX 256
#define SGL_PRIVACY_MARK_MAX 128
#define SGL_CATEGORIES_MAX 64
/* 2.7: ub-receiptsTo */
#define SGL_RECEIPTS_TO_MAX 16

typedef struct sgl_label {
	sgl_slice whole;    /* ESSSecurityLabel, DER */
	sgl_slice policy;   /* OID contents */
	int classification; /* -1: not given */
	sgl_slice mark;	    /* UTF-8; empty: not given */
	size_t num_categories;
} sgl_label;
/* sgl_label_read reads the one ESSSecurityLabel in `der`. */
SGL_MUST bool sgl_label_read(sgl_slice der, sgl_label *out);
/* "unmarked" to "top-secret"; NULL for numbers that only a policy explains. */
const char *sgl_classification_name(int classification);
/*
 * sgl_label_add appends an id-aa-securityLabel Attribute for "POLICY", or
 * "POLICY:CLASSIFICATION", or "POLICY:CLASSIFICATION:PRIVACY MARK": an OID in
 * dotted form, a name or a number (or nothing), and the rest, 128 characters at
 * most. SGL_E_USAGE with the part at fault in err->detail.
 */
SGL_MUST sgl_status sgl_label_add(
    const char *text, sgl_buf *attributes, sgl_err *err);

typedef struct sgl_receipt_request {
	sgl_slice whole;      /* ReceiptRequest, DER */
	sgl_slice identifier; /* signedContentIdentifier */
	enum {
		SGL_RECEIPTS_ALL,
		SGL_RECEIPTS_FIRST_TIER,
		SGL_RECEIPTS_LISTED
	} from;
	sgl_slice listed, to; /* contents of SEQUENCE OF GeneralNames */
} sgl_receipt_request;
/* sgl_receipt_request_read reads the one ReceiptRequest in `der`. */
SGL_MUST bool sgl_receipt_request_read(sgl_slice der, sgl_receipt_request *out);
/* sgl_receipt_address_read steps through `listed` or `to` and finds the next
 * mail address in it; false at the end. */
SGL_MUST bool sgl_receipt_address_read(sgl_der *in, sgl_slice *address);
/*
 * sgl_receipt_request_add appends an id-aa-receiptRequest Attribute: everybody
 * shall send a receipt to the first address of the signer's certificate.
 * SGL_E_USAGE: it has none, or none in ASCII; err->detail names it.
 */
SGL_MUST sgl_status sgl_receipt_request_add(sgl_engine *engine,
    const sgl_cert *signer, sgl_time time, sgl_buf *attributes, sgl_err *err);

/* Receipt, the content of id-ct-receipt (2.8). */
typedef struct sgl_receipt {
	sgl_slice content_type; /* OID contents */
	sgl_slice identifier, signature;
} sgl_receipt;
SGL_MUST bool sgl_receipt_read(sgl_slice der, sgl_receipt *out);

#endif
