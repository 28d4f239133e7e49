/* SPDX-License-Identifier: Apache-2.0 */
/* Walking through Names and comparing attribute values; for this room. */
#ifndef SGL_PKI_NAME_H
#define SGL_PKI_NAME_H

#include "pki/cert.h"

/* One AttributeTypeAndValue (RFC 5280 4.1.2.4). */
typedef struct sgl_ava {
	sgl_slice type; /* OID contents */
	sgl_tag tag;
	sgl_slice value; /* contents */
	sgl_slice whole; /* the value with identifier and length */
} sgl_ava;

/* sgl_name_open sets *rdns to a cursor over the SETs of a DER Name. */
SGL_MUST bool sgl_name_open(sgl_slice name, sgl_der *rdns);
/* sgl_ava_read steps over the next of an opened RDN. */
SGL_MUST bool sgl_ava_read(sgl_der *rdn, sgl_ava *out);
/* sgl_ava_text appends the value as UTF-8; false if it is no string. */
SGL_MUST bool sgl_ava_text(const sgl_ava *ava, sgl_buf *out);

/*
 * Directory strings, character by character, as they are compared: letters in
 * lower case, runs of blanks as one space and none at the ends, invisible
 * characters dropped (RFC 4518 2.2 to 2.6 without NFKC).
 */
typedef struct sgl_fold {
	sgl_tag tag;
	sgl_slice in;
	uint32_t held; /* the character behind a space just given; 0: none */
	bool started;
} sgl_fold;
#define SGL_FOLD_END UINT32_MAX
#define SGL_FOLD_BAD (UINT32_MAX - 1)

/* sgl_fold_over: false where `tag` is none of the string types. */
SGL_MUST bool sgl_fold_over(sgl_tag tag, sgl_slice value, sgl_fold *out);
uint32_t sgl_fold_next(sgl_fold *f);

#endif
