/* SPDX-License-Identifier: Apache-2.0 */
/* GeneralName (RFC 5280 4.2.1.6). */
#ifndef SGL_PKI_GENERAL_H
#define SGL_PKI_GENERAL_H

#include "pki/cert.h"

typedef enum sgl_general_kind {
	SGL_GENERAL_OTHER, /* [0]; value: the whole contents, type its OID */
	SGL_GENERAL_RFC822,
	SGL_GENERAL_DNS,
	SGL_GENERAL_X400,
	SGL_GENERAL_DIRECTORY, /* value: the DER Name */
	SGL_GENERAL_EDI,
	SGL_GENERAL_URI,
	SGL_GENERAL_IP,
	SGL_GENERAL_REGISTERED,
	SGL_GENERAL_SMTP_UTF8, /* [0] with SmtpUTF8Mailbox (RFC 8398) */
	SGL_GENERAL_BAD	       /* well-formed DER, but no GeneralName */
} sgl_general_kind;

typedef struct sgl_general {
	sgl_general_kind kind;
	sgl_slice type; /* OTHER: the OID */
	sgl_slice value;
} sgl_general;

/* sgl_general_read steps over the next; false at the end or where no whole
 * element follows. */
SGL_MUST bool sgl_general_read(sgl_der *in, sgl_general *out);

/* sgl_general_find_http finds the first URI that begins with "http://" among
 * GeneralNames; empty if there is none. */
sgl_slice sgl_general_find_http(sgl_slice names);

#endif
