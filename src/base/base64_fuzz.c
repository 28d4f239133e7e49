/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first byte chooses strict or lenient and how to cut; the rest is decoded
 * by the vector code whole and by the portable code in pieces, with the same
 * outcome. Then the same bytes are encoded both ways and decoded again.
 */
#include <stdlib.h>

#include "base/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                        \
	do {                                                                   \
		if (!(condition))                                              \
			abort();                                               \
	} while (0)

typedef struct outcome {
	bool good, dirty;
	uint64_t offset;
	uint8_t *bytes;
	size_t len;
} outcome;

/* The next piece: all of it, or 1 to 64 bytes as `cuts` has it. */
static size_t
piece(uint32_t *cuts, size_t rest)
{
	size_t n;

	if (*cuts == 0)
		return rest;
	*cuts = *cuts * 1664525 + 1013904223;
	n = 1 + (*cuts >> 26);
	return n < rest ? n : rest;
}

/* Copies, so that a sanitizer sees a step over the edges. */
static uint8_t *
block(sgl_slice bytes, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	MUST(copy != NULL);
	if (bytes.len > 0)
		memcpy(copy, bytes.data, bytes.len);
	return copy;
}

static void
append(outcome *o, const uint8_t *bytes, size_t len)
{
	if (len > 0)
		memcpy(o->bytes + o->len, bytes, len);
	o->len += len;
}

static outcome
decode(sgl_slice in, bool strict, bool portable, uint32_t cuts)
{
	sgl_base64_dec d = {.strict = strict, .portable = portable};
	outcome o = {.good = true, .bytes = block((sgl_slice){0}, in.len + 6)};
	uint8_t rest[2];
	size_t len;

	while (o.good && in.len > 0) {
		size_t n = piece(&cuts, in.len);
		uint8_t *copy = block(sgl_slice_first(in, n), n);
		uint8_t *out = block((sgl_slice){0}, n / 4 * 3 + 6);

		o.good =
		    sgl_base64_dec_update(&d, sgl_slice_of(copy, n), out, &len);
		append(&o, out, len);
		in = sgl_slice_from(in, n);
		free(copy);
		free(out);
	}
	if (o.good) {
		o.good = sgl_base64_dec_finish(&d, rest, &len);
		append(&o, rest, len);
	}
	o.offset = d.offset;
	o.dirty = d.dirty;
	MUST(strict ? !o.dirty : o.good);
	return o;
}

static outcome
encode(sgl_slice in, bool portable, uint32_t cuts)
{
	sgl_base64_enc e = {.portable = portable};
	outcome o = {
	    .bytes = block((sgl_slice){0}, SGL_BASE64_ENCODED(in.len + 2))};
	uint8_t rest[8];

	while (in.len > 0) {
		size_t n = piece(&cuts, in.len);
		uint8_t *out = block((sgl_slice){0}, SGL_BASE64_ENCODED(n + 2));

		append(&o, out,
		    sgl_base64_enc_update(&e, sgl_slice_first(in, n), out));
		in = sgl_slice_from(in, n);
		free(out);
	}
	append(&o, rest, sgl_base64_enc_finish(&e, rest));
	return o;
}

static void
must_be_same(const outcome *a, const outcome *b)
{
	MUST(a->good == b->good && a->dirty == b->dirty);
	MUST(a->offset == b->offset && a->len == b->len);
	MUST(memcmp(a->bytes, b->bytes, a->len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool strict = size > 0 && (data[0] & 1) != 0;
	uint32_t cuts = size > 0 ? data[0] + 1u : 1;
	sgl_slice in = sgl_slice_of(data, size);
	outcome whole, pieces, text, text_pieces, back;

	if (size > 0)
		in = sgl_slice_from(in, 1);
	whole = decode(in, strict, false, 0);
	text = encode(in, false, 0);
	pieces = decode(in, strict, true, cuts);
	text_pieces = encode(in, true, cuts);
	must_be_same(&whole, &pieces);
	must_be_same(&text, &text_pieces);
	back = decode(sgl_slice_of(text.bytes, text.len), true, false, cuts);
	MUST(back.good && back.len == in.len);
	MUST(in.len == 0 || memcmp(back.bytes, in.data, in.len) == 0);
	free(whole.bytes);
	free(pieces.bytes);
	free(text.bytes);
	free(text_pieces.bytes);
	free(back.bytes);
	return 0;
}
