/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor over DER, or over small BER, that somebody else owns. Copy it to
 * look ahead; drop it when done. Reads either return true and advance, or
 * return false and move NOTHING, so that after a failure sgl_der_offset names
 * the element at fault. No recursion: depth is the caller's, one named cursor
 * per level.
 *
 * Made by sgl_der_over, reads are strict (X.690 clause 10: definite, shortest
 * lengths). Made by sgl_ber_over, indefinite and long lengths pass too, up to
 * 32 levels, and strings may come in pieces (sgl_der_read_octets).
 */
#ifndef SGL_ASN1_DER_H
#define SGL_ASN1_DER_H

#include "base/buf.h"

/* The three top bits of the identifier octet in bits 31..29, then the number.
 */
typedef uint32_t sgl_tag;
#define SGL_TAG(top, number) ((uint32_t)(top) << 24 | (uint32_t)(number))
#define SGL_TAG_CONSTRUCTED 0x20000000u
#define SGL_TAG_NUMBER(tag) ((tag)&0x1fffffffu)

#define SGL_BOOLEAN SGL_TAG(0x00, 1)
#define SGL_INTEGER SGL_TAG(0x00, 2)
#define SGL_BIT_STRING SGL_TAG(0x00, 3)
#define SGL_OCTET_STRING SGL_TAG(0x00, 4)
#define SGL_NULL SGL_TAG(0x00, 5)
#define SGL_OID SGL_TAG(0x00, 6)
#define SGL_ENUMERATED SGL_TAG(0x00, 10)
#define SGL_UTF8_STRING SGL_TAG(0x00, 12)
#define SGL_NUMERIC_STRING SGL_TAG(0x00, 18)
#define SGL_PRINTABLE_STRING SGL_TAG(0x00, 19)
#define SGL_T61_STRING SGL_TAG(0x00, 20)
#define SGL_IA5_STRING SGL_TAG(0x00, 22)
#define SGL_UTC_TIME SGL_TAG(0x00, 23)
#define SGL_GENERALIZED_TIME SGL_TAG(0x00, 24)
#define SGL_VISIBLE_STRING SGL_TAG(0x00, 26)
#define SGL_UNIVERSAL_STRING SGL_TAG(0x00, 28)
#define SGL_BMP_STRING SGL_TAG(0x00, 30)
#define SGL_SEQUENCE SGL_TAG(0x20, 16)
#define SGL_SET SGL_TAG(0x20, 17)
/* [n] of the context class: EXPLICIT or constructed IMPLICIT, and primitive. */
#define SGL_CONTEXT(n) SGL_TAG(0xa0, n)
#define SGL_CONTEXT_PRIMITIVE(n) SGL_TAG(0x80, n)

typedef struct sgl_der {
	const uint8_t *at, *end, *origin;
	bool ber;
} sgl_der;

sgl_der sgl_der_over(sgl_slice bytes);
sgl_der sgl_ber_over(sgl_slice bytes);
static inline bool
sgl_der_done(const sgl_der *in)
{
	return in->at == in->end;
}
static inline size_t
sgl_der_offset(const sgl_der *in)
{
	return (size_t)(in->at - in->origin);
}
/* sgl_der_rest borrows what has not been read. */
static inline sgl_slice
sgl_der_rest(const sgl_der *in)
{
	return (sgl_slice){in->at, (size_t)(in->end - in->at)};
}

/* sgl_der_peek tells the next element's tag; false at the end or where no
 * whole element follows. */
SGL_MUST bool sgl_der_peek(const sgl_der *in, sgl_tag *tag);
bool sgl_der_next_is(const sgl_der *in, sgl_tag tag);

/* sgl_der_read steps over the next element, which must have `tag`, and sets
 * *body to a cursor over its contents. body may be NULL, to skip. */
SGL_MUST bool sgl_der_read(sgl_der *in, sgl_tag tag, sgl_der *body);
/* sgl_der_read_opt is sgl_der_read for an OPTIONAL field: absence is success
 * with *present false, a malformed field is still failure. */
SGL_MUST bool
sgl_der_read_opt(sgl_der *in, sgl_tag tag, sgl_der *body, bool *present);
/* sgl_der_read_any takes whatever comes. tag, whole (with identifier and
 * length) and body may each be NULL. */
SGL_MUST bool
sgl_der_read_any(sgl_der *in, sgl_tag *tag, sgl_slice *whole, sgl_der *body);
/* sgl_der_read_whole takes an element of `tag` as it stands. */
SGL_MUST bool sgl_der_read_whole(sgl_der *in, sgl_tag tag, sgl_slice *whole);

/* Contents of a primitive element as they stand. */
SGL_MUST bool sgl_der_read_bytes(sgl_der *in, sgl_tag tag, sgl_slice *bytes);
SGL_MUST bool sgl_der_read_bool(sgl_der *in, bool *value);
/* INTEGER contents, checked to be shortest (BER cursors too). */
SGL_MUST bool sgl_der_read_integer(sgl_der *in, sgl_slice *contents);
/* A non-negative INTEGER that fits. */
SGL_MUST bool sgl_der_read_uint(sgl_der *in, uint64_t *value);
/* A non-negative INTEGER without its leading zero. */
SGL_MUST bool sgl_der_read_unsigned(sgl_der *in, sgl_slice *magnitude);
/* OBJECT IDENTIFIER contents, checked to be well formed. */
SGL_MUST bool sgl_der_read_oid(sgl_der *in, sgl_slice *oid);
/* BIT STRING: *unused is 0..7 and the unused bits are zero (DER). */
SGL_MUST bool sgl_der_read_bits(sgl_der *in, sgl_slice *bits, unsigned *unused);
/* UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 allows; a BER cursor also
 * passes missing seconds, fractions and offsets. */
SGL_MUST bool sgl_der_read_time(sgl_der *in, sgl_time *time);
/*
 * sgl_der_read_octets reads a string of `tag` (given primitive). Over BER it
 * may be constructed of pieces, which are then joined in *store (whose max
 * bounds them) and *bytes points there; else *bytes borrows from the input.
 */
SGL_MUST bool
sgl_der_read_octets(sgl_der *in, sgl_tag tag, sgl_slice *bytes, sgl_buf *store);

/* sgl_der_text turns a directory string (UTF8, Printable, IA5, T61 as Latin-1,
 * BMP, Universal, Numeric, Visible) into UTF-8, appended to *out. false for
 * another tag or bad characters; out may then hold a part. */
SGL_MUST bool sgl_der_text(sgl_tag tag, sgl_slice bytes, sgl_buf *out);

/* sgl_der_is_printable: nothing but characters that a PrintableString may have
 * (X.680 41.4). */
bool sgl_der_is_printable(sgl_slice text);

/*
 * sgl_ber_to_der rewrites one small captured BER element as DER, appended to
 * *out: shortest definite lengths, universal strings in one piece, SET OF in
 * order. Only for things whose strings carry universal tags (attributes).
 */
SGL_MUST sgl_status sgl_ber_to_der(sgl_slice ber, sgl_buf *out, sgl_err *err);

#endif
