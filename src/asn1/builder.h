/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building DER. A builder appends to a buffer; the first failure (memory,
 * limit) sticks, so that a run of adds needs one check at the end:
 *
 *	sgl_derb b = sgl_derb_over(&buf);
 *	size_t seq = sgl_derb_open(&b, SGL_SEQUENCE);
 *	sgl_derb_uint(&b, 1);
 *	sgl_derb_close(&b, seq);
 *	TRY(sgl_derb_end(&b, err));
 */
#ifndef SGL_ASN1_BUILDER_H
#define SGL_ASN1_BUILDER_H

#include "asn1/der.h"

typedef struct sgl_derb {
	sgl_buf *out;
	sgl_status failed;
	unsigned open;
} sgl_derb;

sgl_derb sgl_derb_over(sgl_buf *out);
/* sgl_derb_end gives the first failure; every open was closed (asserted). */
SGL_MUST sgl_status sgl_derb_end(sgl_derb *b, sgl_err *err);

/* open starts a constructed (or any wrapping) element, close fixes its length.
 * close_set_of also sorts the elements inside, as DER wants for SET OF. */
size_t sgl_derb_open(sgl_derb *b, sgl_tag tag);
void sgl_derb_close(sgl_derb *b, size_t mark);
void sgl_derb_close_set_of(sgl_derb *b, size_t mark);

void sgl_derb_raw(sgl_derb *b, sgl_slice whole_elements);
void sgl_derb_bytes(sgl_derb *b, sgl_tag tag, sgl_slice contents);
void sgl_derb_bool(sgl_derb *b, bool value);
void sgl_derb_uint(sgl_derb *b, uint64_t value);
/* A non-negative INTEGER from big-endian bytes; leading zeros are dropped and
 * one is added where the top bit is set. */
void sgl_derb_unsigned(sgl_derb *b, sgl_slice magnitude);
void sgl_derb_null(sgl_derb *b);
void sgl_derb_oid(sgl_derb *b, sgl_slice oid);
void sgl_derb_bits(sgl_derb *b, sgl_slice bits, unsigned unused);
void sgl_derb_octets(sgl_derb *b, sgl_slice contents);
void sgl_derb_utf8(sgl_derb *b, sgl_slice text);
/* UTCTime up to 2049, then GeneralizedTime (RFC 5280 4.1.2.5, RFC 5652 11.3).
 */
void sgl_derb_time(sgl_derb *b, sgl_time time);
void sgl_derb_generalized_time(sgl_derb *b, sgl_time time);

/* sgl_der_header_len: bytes of identifier and length in front of `len` bytes
 * (tag numbers under 31). sgl_der_put_header writes them, returns how many. */
size_t sgl_der_header_len(uint64_t len);
size_t sgl_der_put_header(uint8_t out[10], sgl_tag tag, uint64_t len);
/* An indefinite-length identifier: two bytes. */
size_t sgl_der_put_indefinite(uint8_t out[2], sgl_tag tag);

#endif
