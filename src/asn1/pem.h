/* SPDX-License-Identifier: Apache-2.0 */
/* PEM (RFC 7468): textual blocks around base64, read leniently. Blocks of
 * OpenPGP are passed over like other text. */
#ifndef SGL_ASN1_PEM_H
#define SGL_ASN1_PEM_H

#include "base/buf.h"

typedef struct sgl_pem_block {
	sgl_slice label;   /* borrowed: "CERTIFICATE" */
	sgl_slice headers; /* borrowed: RFC 1421 header lines, usually empty */
	size_t offset;	   /* of "-----BEGIN" */
} sgl_pem_block;

/* sgl_pem_has tells whether a "-----BEGIN " line occurs. */
bool sgl_pem_has(sgl_slice text);
/*
 * sgl_pem_next finds the next block at or behind *at, moves *at behind it and
 * puts the decoded bytes in *der (replaced; its max bounds it; wiped by the
 * caller where it may be a key). *found false at the end. SGL_E_ENCODING: no
 * end line, labels differ, bad base64; err->offset is in `text`.
 */
SGL_MUST sgl_status sgl_pem_next(sgl_slice text, size_t *at,
    sgl_pem_block *block, sgl_buf *der, bool *found, sgl_err *err);
/* sgl_pem_add appends one block with lines of 64 characters. */
SGL_MUST sgl_status sgl_pem_add(
    sgl_buf *out, const char *label, sgl_slice der, sgl_err *err);

#endif
