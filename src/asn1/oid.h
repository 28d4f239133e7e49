/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Object identifiers we know: one table of value and name (oid_table.h), found
 * by binary search. An sgl_oid is an index in it, so a switch can name them.
 */
#ifndef SGL_ASN1_OID_H
#define SGL_ASN1_OID_H

#include "asn1/der.h"

typedef enum sgl_oid {
	SGL_OID_UNKNOWN,
#define OID(id, der, dotted, name) SGL_OID_##id,
#include "asn1/oid_table.h"
#undef OID
	SGL_OID_COUNT
} sgl_oid;

/* sgl_oid_find recognises DER contents octets; SGL_OID_UNKNOWN if not. */
sgl_oid sgl_oid_find(sgl_slice contents);
/* sgl_oid_der borrows the contents octets of a known one. */
sgl_slice sgl_oid_der(sgl_oid oid);
/* "sha256WithRSAEncryption"; the standard's own name. */
const char *sgl_oid_name(sgl_oid oid);
/* sgl_oid_dotted writes "1.2.840.113549" and a NUL; what does not fit ends in
 * "...". Returns out.
 * sgl_oid_label writes the name if there is one, else the dotted form. */
#define SGL_OID_TEXT 128
char *sgl_oid_dotted(sgl_slice contents, char out[SGL_OID_TEXT]);
char *sgl_oid_label(sgl_slice contents, char out[SGL_OID_TEXT]);
/* sgl_oid_parse reads "1.2.840" into contents octets appended to *out. */
SGL_MUST bool sgl_oid_parse(sgl_slice dotted, sgl_buf *out);

#endif
