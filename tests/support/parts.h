/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates and CRLs put together from raw pieces, well formed or not and
 * not signed, for tests of what reads them. Everything has a default.
 */
#ifndef SGL_SUPPORT_PARTS_H
#define SGL_SUPPORT_PARTS_H

#include "asn1/builder.h"
#include "asn1/oid.h"

/* Raw bytes in a table: SGL_RAW("\x30\x00"). */
#define SGL_RAW(s)                                                             \
	{                                                                      \
		(const uint8_t *)(s), sizeof(s) - 1                            \
	}

typedef struct sgl_part_ext {
	sgl_slice oid;	      /* contents; empty ends the list */
	const char *critical; /* "": absent, "\xff": TRUE, or any one byte */
	sgl_slice value;
} sgl_part_ext;
#define SGL_PART_EXTS 8

typedef struct sgl_cert_parts {
	sgl_slice version; /* whole [0] element; default v3 */
	bool no_version;
	sgl_slice serial;	   /* INTEGER contents; default 1 */
	sgl_slice issuer, subject; /* whole Names; default CN=ca, CN=alice */
	sgl_slice validity;	   /* whole; default 2020 to 2049 */
	sgl_slice spki;		   /* whole; default a P-256 key */
	sgl_slice inner_algorithm, algorithm; /* whole; default ECDSA-SHA256 */
	sgl_slice signature; /* BIT STRING contents; default 0 and 8 bytes */
	sgl_slice unique;    /* whole elements between key and extensions */
	sgl_part_ext exts[SGL_PART_EXTS];
	sgl_slice behind; /* whole elements behind the signature */
} sgl_cert_parts;

/* sgl_parts_cert replaces the contents of *out. */
void sgl_parts_cert(const sgl_cert_parts *p, sgl_buf *out);
/* sgl_parts_name replaces *out by a Name of one RDN "CN=text". */
void sgl_parts_name(const char *text, sgl_buf *out);

#endif
