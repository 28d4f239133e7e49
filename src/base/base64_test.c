/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base64.h"
#include "support/fault.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static uint32_t seed = 1;

static uint32_t
any(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(seed >> 8) * below >> 24);
}

/* How the input is cut: in pieces of `size`, or at random where 0. */
static size_t
piece(size_t size, size_t rest)
{
	size_t n = size > 0 ? size : any(any(2) > 0 ? 9 : 400);

	return n < rest ? n : rest;
}

/* What came of decoding. */
typedef struct outcome {
	bool good, dirty;
	uint64_t offset;
	sgl_buf bytes;
} outcome;

static outcome
start(void)
{
	return (outcome){.good = true, .bytes = sgl_buf_init(SIZE_MAX)};
}

static void
add(outcome *o, const uint8_t *bytes, size_t len)
{
	assert_int_equal(
	    sgl_buf_add(&o->bytes, sgl_slice_of(bytes, len), NULL), SGL_OK);
}

/* The words of the header, one character after the other, with nothing of the
 * real decoder's ways. */
static outcome
decode_slowly(sgl_slice in, bool strict)
{
	outcome o = start();
	uint8_t quad[4];
	size_t num = 0, pads = 0;
	bool over = false;

	for (; o.good && o.offset < in.len; o.offset++) {
		int c = in.data[o.offset];
		const char *found = c == 0 ? NULL : strchr(alphabet, c);
		bool bad = false;

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		if (found != NULL && pads == 0) {
			quad[num++] = (uint8_t)(found - alphabet);
		} else if (c == '=' && num >= 2 && !over) {
			bad =
			    pads == 0 && (quad[num - 1] & (num == 2 ? 15 : 3));
			pads++;
		} else {
			bad = true;
		}
		o.dirty = o.dirty || (bad && !strict);
		o.good = !bad || !strict;
		if (!o.good)
			break;
		if (over || num + pads < 4)
			continue;
		add(&o, (uint8_t[]){(uint8_t)(quad[0] << 2 | quad[1] >> 4)}, 1);
		if (num > 2)
			add(&o,
			    (uint8_t[]){(uint8_t)(quad[1] << 4 | quad[2] >> 2)},
			    1);
		if (num > 3)
			add(&o, (uint8_t[]){(uint8_t)(quad[2] << 6 | quad[3])},
			    1);
		over = pads > 0;
		num = over ? num : 0;
	}
	if (!o.good || over || num == 0)
		return o;
	o.dirty = o.dirty || !strict;
	o.good = !strict;
	if (o.good && num > 1)
		add(&o, (uint8_t[]){(uint8_t)(quad[0] << 2 | quad[1] >> 4)}, 1);
	if (o.good && num > 2)
		add(&o, (uint8_t[]){(uint8_t)(quad[1] << 4 | quad[2] >> 2)}, 1);
	return o;
}

/* Every piece has blocks of its own, exactly as large as the header asks, so
 * that a sanitizer sees a step over their edges. */
static bool
decode_piece(sgl_base64_dec *d, sgl_slice in, outcome *o)
{
	SGL_AUTO_MEM uint8_t *copy = NULL;
	SGL_AUTO_MEM uint8_t *out = sgl_mem_resize(NULL, in.len / 4 * 3 + 6);
	size_t len = SIZE_MAX;
	bool good;

	assert_non_null(out);
	if (in.len > 0) {
		copy = sgl_mem_resize(NULL, in.len);
		assert_non_null(copy);
		memcpy(copy, in.data, in.len);
	}
	good = sgl_base64_dec_update(d, sgl_slice_of(copy, in.len), out, &len);
	assert_true(len <= in.len / 4 * 3 + 6);
	add(o, out, len);
	return good;
}

static outcome
decode(sgl_slice in, bool strict, bool portable, size_t size)
{
	sgl_base64_dec d = {.strict = strict, .portable = portable};
	outcome o = start();
	uint8_t rest[2];
	size_t n;

	while (o.good && in.len > 0) {
		n = piece(size, in.len);
		o.good = decode_piece(&d, sgl_slice_first(in, n), &o);
		in = sgl_slice_from(in, n);
	}
	if (o.good) {
		o.good = sgl_base64_dec_finish(&d, rest, &n);
		assert_true(n <= 2);
		add(&o, rest, n);
	}
	o.offset = d.offset;
	o.dirty = d.dirty;
	return o;
}

static void
expect_same(outcome *got, const outcome *want)
{
	assert_int_equal(got->good, want->good);
	assert_int_equal(got->dirty, want->dirty);
	assert_int_equal(got->offset, want->offset);
	assert_true(sgl_slice_eq(
	    sgl_buf_slice(&got->bytes), sgl_buf_slice(&want->bytes)));
	sgl_buf_clear(&got->bytes);
}

/* Whole, byte by byte, in other pieces, by both codes, strict and lenient. */
static void
check(sgl_slice in, const size_t *sizes, size_t num_sizes)
{
	for (int strict = 0; strict < 2; strict++) {
		outcome want = decode_slowly(in, strict == 1);

		for (size_t i = 0; i < num_sizes * 2; i++) {
			outcome got =
			    decode(in, strict == 1, i % 2 == 1, sizes[i / 2]);

			expect_same(&got, &want);
		}
		sgl_buf_clear(&want.bytes);
	}
}

static void
check_all(sgl_slice in)
{
	static const size_t sizes[] = {SIZE_MAX, 1, 2, 3, 5, 7, 31, 0, 0};

	check(in, sizes, sizeof sizes / sizeof *sizes);
}

static void
known_cases(void **state)
{
	static const struct {
		const char *text;
		uint64_t bad_at; /* SGL_NO_OFFSET: good where strict */
		const char *lenient;
	} cases[] = {
	    /* RFC 4648 10 */
	    {"", SGL_NO_OFFSET, ""},
	    {"Zg==", SGL_NO_OFFSET, "f"},
	    {"Zm8=", SGL_NO_OFFSET, "fo"},
	    {"Zm9v", SGL_NO_OFFSET, "foo"},
	    {"Zm9vYg==", SGL_NO_OFFSET, "foob"},
	    {"Zm9vYmE=", SGL_NO_OFFSET, "fooba"},
	    {"Zm9vYmFy", SGL_NO_OFFSET, "foobar"},
	    /* blanks anywhere */
	    {"\r\n \t", SGL_NO_OFFSET, ""},
	    {" Z\tm\r9\nv\r\n", SGL_NO_OFFSET, "foo"},
	    {"Zg=\r\n=\r\n", SGL_NO_OFFSET, "f"},
	    {"Zg==\r\n \r\n", SGL_NO_OFFSET, "f"},
	    /* strangers */
	    {"Zm-9v", 2, "foo"},
	    {"Zm9v!", 4, "foo"},
	    {"Zm9v\x80", 4, "foo"},
	    {"Zm9v\v", 4, "foo"},
	    {"Zg=!=", 3, "f"},
	    {"Zg==!", 4, "f"},
	    /* data behind padding */
	    {"Zg==Zg==", 4, "f"},
	    {"Zg=Z", 3, "f"},
	    {"Zg=Z=", 3, "f"},
	    /* padding missing or misplaced */
	    {"Z", 1, ""},
	    {"Zg", 2, "f"},
	    {"Zg=", 3, "f"},
	    {"Zm8", 3, "fo"},
	    {"Zm9vYmE\r\n", 9, "fooba"},
	    {"=", 0, ""},
	    {"Z===", 1, ""},
	    {"=Zg==", 0, "f"},
	    {"Zm9v=", 4, "foo"},
	    {"Zm8==", 4, "fo"},
	    {"Zg===", 4, "f"},
	    /* spare bits: told where the padding begins */
	    {"Zh==", 2, "f"},
	    {"Zm9=", 3, "fo"},
	    {"Zv ==", 3, "f"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		sgl_slice in = sgl_slice_str(cases[i].text);
		bool good = cases[i].bad_at == SGL_NO_OFFSET;
		outcome strict = decode(in, true, false, SIZE_MAX);
		outcome lenient = decode(in, false, false, SIZE_MAX);

		if (strict.good != good ||
		    (!good && strict.offset != cases[i].bad_at))
			fail_msg("%s", cases[i].text);
		assert_true(lenient.good);
		assert_false(strict.dirty);
		assert_int_equal(lenient.dirty, !good);
		if (!sgl_slice_eq(sgl_buf_slice(&lenient.bytes),
			sgl_slice_str(cases[i].lenient)))
			fail_msg("%s", cases[i].text);
		sgl_buf_clear(&strict.bytes);
		sgl_buf_clear(&lenient.bytes);
		check_all(in);
	}
	check_all(SGL_LIT("Zm9v\0Zm9v"));
}

/* Each of the 256 characters at each place of a clean text. */
static void
every_character(void **state)
{
	static const size_t sizes[] = {SIZE_MAX, 0};
	uint8_t text[120];

	(void)state;
	for (unsigned c = 0; c < 256; c++)
		for (size_t at = 0; at < sizeof text; at += 1 + c % 5) {
			for (size_t i = 0; i < sizeof text; i++)
				text[i] = (uint8_t)alphabet[(i + c) % 64];
			text[at] = (uint8_t)c;
			check(sgl_slice_of(text, sizeof text), sizes, 2);
		}
}

typedef struct layout {
	size_t line; /* characters; 0: no line ends */
	const char *lead, *end;
} layout;

static void
lay_out(const layout *l, size_t chars, sgl_buf *out)
{
	for (size_t i = 0; i < chars; i++) {
		char c = alphabet[any(64)];

		if (l->line > 0 && i % l->line == 0)
			assert_int_equal(
			    sgl_buf_add_str(out, l->lead, NULL), SGL_OK);
		assert_int_equal(
		    sgl_buf_add(out, sgl_slice_of(&c, 1), NULL), SGL_OK);
		if (l->line > 0 && i % l->line == l->line - 1)
			assert_int_equal(
			    sgl_buf_add_str(out, l->end, NULL), SGL_OK);
	}
}

static void
spoil(sgl_buf *b, uint32_t times)
{
	static const char with[] = "=!\n\r \x80-_AAA=";

	for (uint32_t i = 0; i < times && b->len > 0; i++)
		b->data[any((uint32_t)b->len)] =
		    (uint8_t)with[any(sizeof with)];
}

static void
lines_of_all_kinds(void **state)
{
	static const layout layouts[] = {{76, "", "\r\n"}, {76, "", "\n"},
	    {64, "", "\n"}, {60, "", "\r\n"}, {32, "", "\r\n"}, {36, "", "\n"},
	    {75, "", "\r\n"}, {77, "", "\n"}, {31, "", "\r\n"}, {4, "", "\n"},
	    {1, "", "\r\n"}, {3, " ", "\n"}, {76, " \t", "\r\n"},
	    {76, "", " \r\n"}, {76, "", "\r"}, {76, "", " "}, {76, "", "\n\r"},
	    {68, "", "\r\n\r\n"}, {998, "", "\r\n"}, {0, "", ""},
	    {76, "", "!\r\n"}, {5, "", "?"}};
	static const size_t sizes[] = {SIZE_MAX, 1, 0, 0};

	(void)state;
	for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
		for (uint32_t round = 0; round < 24; round++) {
			SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(SIZE_MAX);

			lay_out(&layouts[i], any(1200), &b);
			spoil(&b, round % 4 == 0 ? 0 : any(4));
			check(sgl_buf_slice(&b), sizes, 4);
		}
}

/* A line that is longer or shorter than those before it. */
static void
lines_that_change(void **state)
{
	static const size_t sizes[] = {SIZE_MAX, 0};

	(void)state;
	for (uint32_t round = 0; round < 300; round++) {
		SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(SIZE_MAX);

		for (int i = 0; i < 4; i++) {
			layout l = {
			    4 * (1 + any(30)), "", any(2) > 0 ? "\r\n" : "\n"};

			lay_out(&l, l.line * any(6), &b);
		}
		spoil(&b, any(2));
		check(sgl_buf_slice(&b), sizes, 2);
	}
}

/* Encoding of all lengths, with the room that the header asks. */
static void
encode_in_pieces(sgl_slice in, bool portable, size_t size, sgl_buf *out)
{
	sgl_base64_enc e = {.portable = portable};
	uint8_t rest[8];
	size_t n, len;

	do {
		SGL_AUTO_MEM uint8_t *text = NULL;

		n = piece(size, in.len);
		text = sgl_mem_resize(NULL, SGL_BASE64_ENCODED(n + 2));
		assert_non_null(text);
		len = sgl_base64_enc_update(&e, sgl_slice_first(in, n), text);
		assert_true(len <= SGL_BASE64_ENCODED(n + 2));
		assert_int_equal(
		    sgl_buf_add(out, sgl_slice_of(text, len), NULL), SGL_OK);
		in = sgl_slice_from(in, n);
	} while (in.len > 0);
	len = sgl_base64_enc_finish(&e, rest);
	assert_true(len <= 8);
	assert_int_equal(
	    sgl_buf_add(out, sgl_slice_of(rest, len), NULL), SGL_OK);
}

static void
encode_slowly(sgl_slice in, size_t line, sgl_buf *out)
{
	for (size_t i = 0, column = 0; i < in.len; i += 3) {
		uint32_t left = (uint32_t)(in.len - i), w = 0;
		char quad[4];

		for (uint32_t k = 0; k < 3; k++)
			w = w << 8 | (k < left ? in.data[i + k] : 0);
		for (uint32_t k = 0; k < 4; k++)
			quad[k] =
			    k <= left ? alphabet[w >> (18 - 6 * k) & 63] : '=';
		assert_int_equal(
		    sgl_buf_add(out, sgl_slice_of(quad, 4), NULL), SGL_OK);
		column += 4;
		if (line > 0 && (column % line == 0 || left <= 3))
			assert_int_equal(
			    sgl_buf_add_str(out, "\r\n", NULL), SGL_OK);
	}
}

static void
encoding_of_all_lengths(void **state)
{
	static const size_t sizes[] = {SIZE_MAX, 1, 2, 57, 58, 0, 0};
	uint8_t *bytes = sgl_mem_resize(NULL, 500);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < 500; i++)
		bytes[i] = (uint8_t)any(256);
	for (size_t len = 0; len <= 500; len++) {
		SGL_AUTO_CLEAR(sgl_buf) want = sgl_buf_init(2000);
		/* The last bytes, for the sanitizer's sake. */
		sgl_slice in = sgl_slice_of(bytes + 500 - len, len);

		encode_slowly(in, 76, &want);
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes * 2; i++) {
			SGL_AUTO_CLEAR(sgl_buf) got = sgl_buf_init(2000);

			encode_in_pieces(in, i % 2 == 1, sizes[i / 2], &got);
			assert_true(sgl_slice_eq(
			    sgl_buf_slice(&got), sgl_buf_slice(&want)));
		}
	}
	sgl_mem_free(bytes);
}

static void
an_encoder_begins_anew(void **state)
{
	sgl_base64_enc e = {0};
	uint8_t text[SGL_BASE64_ENCODED(6)];
	size_t len;

	(void)state;
	for (int round = 0; round < 2; round++) {
		len = sgl_base64_enc_update(&e, SGL_LIT("foob"), text);
		assert_int_equal(len, 4);
		len += sgl_base64_enc_finish(&e, text + len);
		assert_true(sgl_slice_eq(
		    sgl_slice_of(text, len), SGL_LIT("Zm9vYg==\r\n")));
	}
	assert_int_equal(sgl_base64_enc_finish(&e, text), 0);
}

static void
whole_values(void **state)
{
	uint8_t bytes[9000];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)any(256);
	for (size_t len = 0; len <= sizeof bytes; len += len < 200 ? 1 : 337) {
		SGL_AUTO_CLEAR(sgl_buf) want = sgl_buf_init(SIZE_MAX);
		SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init((len + 2) / 3 * 4);
		SGL_AUTO_CLEAR(sgl_buf) back = sgl_buf_init(len);
		sgl_slice in = sgl_slice_of(bytes, len);

		encode_slowly(in, 0, &want);
		/* The buffers have room for the result and no more. */
		assert_int_equal(sgl_base64_encode(in, &text, NULL), SGL_OK);
		assert_true(
		    sgl_slice_eq(sgl_buf_slice(&text), sgl_buf_slice(&want)));
		assert_int_equal(
		    sgl_base64_decode(sgl_buf_slice(&text), &back, NULL),
		    SGL_OK);
		assert_true(sgl_slice_eq(sgl_buf_slice(&back), in));
	}
}

static void
a_bad_value_leaves_the_buffer(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(8000);
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(8000);
	layout plain = {0, "", ""};
	sgl_err err;

	(void)state;
	lay_out(&plain, 8000, &text);
	text.data[7000] = '!';
	assert_int_equal(sgl_buf_add_str(&b, "before", NULL), SGL_OK);
	assert_int_equal(
	    sgl_base64_decode(sgl_buf_slice(&text), &b, &err), SGL_E_ENCODING);
	assert_int_equal(err.offset, 7000);
	assert_true(sgl_slice_eq(sgl_buf_slice(&b), SGL_LIT("before")));
	b.max = 8;
	assert_int_equal(
	    sgl_base64_decode(SGL_LIT("Zm9v"), &b, &err), SGL_E_LIMIT);
	assert_int_equal(
	    sgl_base64_encode(SGL_LIT("f"), &b, &err), SGL_E_LIMIT);
	assert_true(sgl_slice_eq(sgl_buf_slice(&b), SGL_LIT("before")));
}

static sgl_status
there_and_back(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(100);
	SGL_AUTO_CLEAR(sgl_buf) back = sgl_buf_init(100);

	(void)ctx;
	TRY(sgl_base64_encode(SGL_LIT("foobar"), &text, err));
	return sgl_base64_decode(sgl_buf_slice(&text), &back, err);
}

static void
no_memory_is_told(void **state)
{
	(void)state;
	assert_int_equal(sgl_fault_each(there_and_back, NULL), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_cases),
	    cmocka_unit_test(every_character),
	    cmocka_unit_test(lines_of_all_kinds),
	    cmocka_unit_test(lines_that_change),
	    cmocka_unit_test(encoding_of_all_lengths),
	    cmocka_unit_test(an_encoder_begins_anew),
	    cmocka_unit_test(whole_values),
	    cmocka_unit_test(a_bad_value_leaves_the_buffer),
	    cmocka_unit_test(no_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
