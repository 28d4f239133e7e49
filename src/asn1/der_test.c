/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "asn1/der.h"
#include "support/hex.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* One element and what follows: does a strict and a BER cursor take it, and
 * how long are its contents? */
static const struct {
	const char *hex;
	sgl_tag tag;
	bool der, ber;
	size_t body, whole;
} elements[] = {
    {"0500", SGL_NULL, true, true, 0, 2},
    {"050005", SGL_NULL, true, true, 0, 2},
    {"300302010a", SGL_SEQUENCE, true, true, 3, 5},
    {"3003020102ff", SGL_SEQUENCE, true, true, 3, 5},
    {"", 0, false, false, 0, 0},
    {"30", 0, false, false, 0, 0},
    {"3001", 0, false, false, 0, 0},
    {"30810300", 0, false, false, 0, 0},
    /* lengths: longer than they need be, and too long for anything */
    {"04810141", SGL_OCTET_STRING, false, true, 1, 4},
    {"0482000141", SGL_OCTET_STRING, false, true, 1, 5},
    {"048a0000000000000000000141", SGL_OCTET_STRING, false, true, 1, 13},
    {"04ff", 0, false, false, 0, 0},
    {"0488ffffffffffffffff41", 0, false, false, 0, 0},
    {"04890100000000000000004141", 0, false, false, 0, 0},
    {"0484ffffffff41", 0, false, false, 0, 0},
    /* indefinite */
    {"30800000", SGL_SEQUENCE, false, true, 0, 4},
    {"3080020101000002", SGL_SEQUENCE, false, true, 3, 7},
    {"308030800000", 0, false, false, 0, 0},
    {"308030800000"
     "0000",
	SGL_SEQUENCE, false, true, 4, 8},
    {"3080020101", 0, false, false, 0, 0},
    {"30800201010000ff", SGL_SEQUENCE, false, true, 3, 7},
    {"04800000", 0, false, false, 0, 0},	 /* primitive */
    {"3080048000000000", 0, false, false, 0, 0}, /* primitive inside */
    {"0000", 0, false, false, 0, 0},
    {"30800080", 0, false, false, 0, 0},
    /* tags */
    {"a000", SGL_CONTEXT(0), true, true, 0, 2},
    {"8000", SGL_CONTEXT_PRIMITIVE(0), true, true, 0, 2},
    {"bf1f00", SGL_CONTEXT(31), true, true, 0, 3},
    {"bf818000"
     "00",
	SGL_CONTEXT(16384), true, true, 0, 5},
    {"9f8f7f00", SGL_CONTEXT_PRIMITIVE(0x7ff), true, true, 0, 4},
    {"bf1e00", 0, false, false, 0, 0},	       /* below 31 */
    {"bf801f00", 0, false, false, 0, 0},       /* a zero in front */
    {"bfffffffff7f00", 0, false, false, 0, 0}, /* more than 28 bits */
    {"bf", 0, false, false, 0, 0},
    {"bf81", 0, false, false, 0, 0},
};

static void
check_element(size_t i, sgl_der in, bool good)
{
	sgl_der before = in, body = {0};
	sgl_slice whole = {0};
	sgl_tag tag = 0;

	if (sgl_der_read_any(&in, &tag, &whole, &body) != good)
		fail_msg("row %zu", i);
	if (!good) {
		assert_ptr_equal(in.at, before.at);
		assert_false(sgl_der_peek(&in, &tag));
		return;
	}
	if (tag != elements[i].tag ||
	    sgl_der_rest(&body).len != elements[i].body ||
	    whole.len != elements[i].whole ||
	    sgl_der_offset(&in) != elements[i].whole)
		fail_msg("row %zu", i);
	assert_true(sgl_der_next_is(&before, tag));
	assert_true(sgl_der_read(&before, tag, NULL));
	assert_ptr_equal(before.at, in.at);
}

static void
reads_elements(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(elements); i++) {
		sgl_slice s = unhex(elements[i].hex);

		check_element(i, sgl_der_over(s), elements[i].der);
		check_element(i, sgl_ber_over(s), elements[i].ber);
	}
}

static void
bounds_nesting(void **state)
{
	(void)state;
	for (size_t depth = 1; depth <= 40; depth++) {
		uint8_t bytes[40 * 4];
		sgl_der in;

		for (size_t i = 0; i < depth; i++) {
			bytes[2 * i] = 0x30;
			bytes[2 * i + 1] = 0x80;
			bytes[2 * depth + 2 * i] = 0;
			bytes[2 * depth + 2 * i + 1] = 0;
		}
		in = sgl_ber_over(sgl_slice_of(bytes, 4 * depth));
		assert_int_equal(
		    sgl_der_read(&in, SGL_SEQUENCE, NULL), depth <= 32);
	}
}

static void
reads_optional(void **state)
{
	sgl_der in = sgl_der_over(unhex("a003020105"
					"0500")),
		body;
	bool present;

	(void)state;
	assert_true(sgl_der_read_opt(&in, SGL_CONTEXT(1), &body, &present));
	assert_false(present);
	assert_int_equal(sgl_der_offset(&in), 0);
	assert_true(sgl_der_read_opt(&in, SGL_CONTEXT(0), &body, &present));
	assert_true(present);
	assert_int_equal(sgl_der_offset(&body), 2);
	assert_true(sgl_der_read_opt(&in, SGL_NULL, NULL, &present));
	assert_true(present && sgl_der_done(&in));
	/* at the end there is nothing, which is no failure */
	assert_true(sgl_der_read_opt(&in, SGL_NULL, NULL, &present));
	assert_false(present);
	/* there, but broken */
	in = sgl_der_over(unhex("a003"));
	assert_false(sgl_der_read_opt(&in, SGL_CONTEXT(0), &body, &present));
}

static const struct {
	const char *hex;
	bool is_integer, is_uint;
	uint64_t value;
	size_t magnitude; /* bytes */
} integers[] = {
    {"020100", true, true, 0, 0},
    {"02017f", true, true, 127, 1},
    {"02020080", true, true, 128, 1},
    {"020200ff", true, true, 255, 1},
    {"0209"
     "00ffffffffffffffff",
	true, true, UINT64_MAX, 8},
    {"0209"
     "010000000000000000",
	true, false, 0, 9},
    {"020180", true, false, 0, SIZE_MAX},
    {"0201ff", true, false, 0, SIZE_MAX},
    {"0200", false, false, 0, SIZE_MAX},
    {"02020001", false, false, 0, SIZE_MAX},
    {"0202ff80", false, false, 0, SIZE_MAX},
    {"0202ff7f", true, false, 0, SIZE_MAX},
    {"0a0101", false, false, 0, SIZE_MAX},
    {"2203020101", false, false, 0, SIZE_MAX},
};

static void
reads_integers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(integers); i++) {
		sgl_der in = sgl_der_over(unhex(integers[i].hex)), a = in,
			b = in, c = in;
		sgl_slice contents, magnitude = {0};
		uint64_t value = 0;
		bool has = sgl_der_read_unsigned(&c, &magnitude);

		if (sgl_der_read_integer(&a, &contents) !=
			integers[i].is_integer ||
		    sgl_der_read_uint(&b, &value) != integers[i].is_uint ||
		    value != integers[i].value ||
		    has != (integers[i].magnitude != SIZE_MAX) ||
		    (has && magnitude.len != integers[i].magnitude))
			fail_msg("row %zu", i);
		if (!integers[i].is_uint)
			assert_ptr_equal(b.at, in.at);
	}
}

static const struct {
	const char *hex;
	bool der, ber, value;
} booleans[] = {
    {"0101ff", true, true, true},
    {"010100", true, true, false},
    {"010101", false, true, true},
    {"0100", false, false, false},
    {"0102ffff", false, false, false},
    {"020101", false, false, false},
};

static void
reads_booleans(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(booleans); i++) {
		sgl_der d = sgl_der_over(unhex(booleans[i].hex));
		sgl_der b = sgl_ber_over(unhex(booleans[i].hex));
		bool value = false;

		assert_int_equal(
		    sgl_der_read_bool(&d, &value), booleans[i].der);
		assert_int_equal(
		    sgl_der_read_bool(&b, &value), booleans[i].ber);
		assert_int_equal(value, booleans[i].value);
	}
}

static const struct {
	const char *hex;
	bool good;
} oids[] = {
    {"06032a0304", true},
    {"0600", false},
    {"060180", false},
    {"0601ff", false},
    {"06022a80", false},
    {"06032a8001", false},
    {"06032a8101", true},
    {"060100", true},
};

static void
reads_oids(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(oids); i++) {
		sgl_der in = sgl_der_over(unhex(oids[i].hex));
		sgl_slice oid;

		if (sgl_der_read_oid(&in, &oid) != oids[i].good)
			fail_msg("row %zu", i);
	}
}

static const struct {
	const char *hex;
	bool der, ber;
	unsigned unused;
	size_t len;
} bits[] = {
    {"030100", true, true, 0, 0},
    {"030200ff", true, true, 0, 1},
    {"03020780", true, true, 7, 1},
    {"030207ff", false, true, 7, 1},
    {"03020880", false, false, 0, 0},
    {"030101", false, false, 0, 0},
    {"0300", false, false, 0, 0},
};

static void
reads_bits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bits); i++) {
		sgl_der d = sgl_der_over(unhex(bits[i].hex));
		sgl_der b = sgl_ber_over(unhex(bits[i].hex));
		sgl_slice s = {0};
		unsigned unused = 0;

		assert_int_equal(
		    sgl_der_read_bits(&d, &s, &unused), bits[i].der);
		assert_int_equal(
		    sgl_der_read_bits(&b, &s, &unused), bits[i].ber);
		assert_int_equal(unused, bits[i].unused);
		assert_int_equal(s.len, bits[i].len);
	}
}

/* U: UTCTime, G: GeneralizedTime. */
static const struct {
	char kind;
	const char *text;
	bool der, ber;
	sgl_time time;
} times[] = {
    {'U', "700101000000Z", true, true, 0},
    {'U', "491231235959Z", true, true, 2524607999},
    {'U', "500101000000Z", true, true, -631152000},
    {'U', "240229120000Z", true, true, 1709208000},
    {'U', "230229120000Z", false, false, 0},
    {'U', "991332000000Z", false, false, 0},
    {'U', "7001010000Z", false, true, 0},
    {'U', "700101010000+0100", false, true, 0},
    {'U', "691231230000-0100", false, true, 0},
    {'U', "700101000000", false, false, 0},
    {'U', "700101000000+01", false, false, 0},
    {'U', "700101000000+2400", false, false, 0},
    {'U', "700101000000ZZ", false, false, 0},
    {'U', "70010100000Z", false, false, 0},
    {'U', "7001010000.5Z", false, false, 0},
    {'U', "", false, false, 0},
    {'U', "+7010100000Z", false, false, 0},
    {'G', "19700101000000Z", true, true, 0},
    {'G', "20500101000000Z", true, true, 2524608000},
    {'G', "99991231235959Z", true, true, 253402300799},
    {'G', "19700101000000.999Z", false, true, 0},
    {'G', "19700101000000,9Z", false, true, 0},
    {'G', "19700101000000.Z", false, false, 0},
    {'G', "197001010000Z", false, true, 0},
    {'G', "19700101010000+0100", false, true, 0},
    {'G', "19700101000000", false, false, 0},
    {'G', "1970010100000Z", false, false, 0},
};

static void
reads_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		uint8_t bytes[64] = {times[i].kind == 'U' ? 0x17 : 0x18,
		    (uint8_t)strlen(times[i].text)};
		sgl_slice s = sgl_slice_of(bytes, 2 + strlen(times[i].text));
		sgl_der d = sgl_der_over(s), b = sgl_ber_over(s);
		sgl_time t = times[i].time, u = t;

		memcpy(bytes + 2, times[i].text, s.len - 2);
		if (sgl_der_read_time(&d, &t) != times[i].der ||
		    sgl_der_read_time(&b, &u) != times[i].ber ||
		    t != times[i].time || u != times[i].time)
			fail_msg("%s", times[i].text);
	}
}

static const struct {
	const char *hex, *want; /* NULL: refused */
	bool der;
} strings[] = {
    {"0402abcd", "abcd", true},
    {"0400", "", true},
    {"2400", "", false},
    {"24080402abcd0402ef01", "abcdef01", false},
    {"24800402abcd04000401ef0000", "abcdef", false},
    {"248024030401ab04"
     "01cd0000",
	"abcd", false},
    {"24040402ab", NULL, false},
    {"24030c01ab", NULL, false},
    {"2403240104", NULL, false},
};

static void
joins_strings(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(strings); i++) {
		SGL_AUTO_CLEAR(sgl_buf) store = sgl_buf_init(16);
		sgl_der b = sgl_ber_over(unhex(strings[i].hex));
		sgl_der d = sgl_der_over(unhex(strings[i].hex));
		sgl_slice s = {0};

		if (sgl_der_read_octets(&b, SGL_OCTET_STRING, &s, &store) !=
		    (strings[i].want != NULL))
			fail_msg("row %zu", i);
		if (strings[i].want != NULL)
			assert_true(sgl_slice_eq(s, unhex(strings[i].want)));
		else
			assert_int_equal(store.len, 0);
		assert_int_equal(
		    sgl_der_read_octets(&d, SGL_OCTET_STRING, &s, &store),
		    strings[i].der);
	}
}

/* A string in pieces that is longer than it may be is refused. */
static void
bounds_strings(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) store = sgl_buf_init(3);
	sgl_der in = sgl_ber_over(unhex("24080402abcd0402ef01"));
	sgl_slice s;

	(void)state;
	assert_false(sgl_der_read_octets(&in, SGL_OCTET_STRING, &s, &store));
	assert_int_equal(sgl_der_offset(&in), 0);
}

/* --- sgl_ber_to_der --- */

static const struct {
	const char *ber, *der; /* NULL: refused */
} rewrites[] = {
    {"0500", "0500"},
    {"3080020101000000", NULL},
    {"30800201010000", "3003020101"},
    {"3081030201ff", "30030201ff"},
    {"2403040141", "040141"},
    {"2480040141240304014200"
     "00",
	"04024142"},
    {"2c800c01410c01420000", "0c024142"},
    {"36031601"
     "41",
	"160141"},
    {"2c80040141"
     "0000",
	NULL},
    /* SET OF in order */
    {"3106020102020101", "3106020101020102"},
    {"3180020102020101"
     "0000",
	"3106020101020102"},
    {"310a02010202020080020101",
	"310a0201010201020202"
	"0080"},
    {"3009020102020101020103", "3009020102020101020103"},
    {"a080020101"
     "0000",
	"a003020101"},
    {"", NULL},
    {"30", NULL},
    {"3003020101ff", NULL},
    {"30020201", NULL},
};

static void
rewrites_as_der(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rewrites); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(4096);
		SGL_AUTO_CLEAR(sgl_buf) again = sgl_buf_init(4096);
		sgl_status want =
		    rewrites[i].der != NULL ? SGL_OK : SGL_E_ENCODING;

		if (sgl_ber_to_der(unhex(rewrites[i].ber), &out, NULL) != want)
			fail_msg("row %zu", i);
		if (want != SGL_OK)
			continue;
		if (!sgl_slice_eq(sgl_buf_slice(&out), unhex(rewrites[i].der)))
			fail_msg("row %zu", i);
		assert_int_equal(
		    sgl_ber_to_der(sgl_buf_slice(&out), &again, NULL), SGL_OK);
		assert_true(
		    sgl_slice_eq(sgl_buf_slice(&out), sgl_buf_slice(&again)));
	}
}

/* --- sgl_der_text --- */

static const struct {
	sgl_tag tag;
	const char *hex, *want; /* NULL: refused */
} texts[] = {
    {SGL_UTF8_STRING, "52c3a476", "R\xc3\xa4v"},
    {SGL_UTF8_STRING, "c3", NULL},
    {SGL_UTF8_STRING, "c0af", NULL},
    {SGL_UTF8_STRING, "eda080", NULL},
    {SGL_PRINTABLE_STRING, "4142", "AB"},
    {SGL_PRINTABLE_STRING, "80", NULL},
    {SGL_IA5_STRING, "61406240", "a@b@"},
    {SGL_NUMERIC_STRING, "31", "1"},
    {SGL_VISIBLE_STRING, "31", "1"},
    {SGL_T61_STRING, "52e476", "R\xc3\xa4v"},
    {SGL_BMP_STRING, "005200e40076", "R\xc3\xa4v"},
    {SGL_BMP_STRING, "20ac", "\xe2\x82\xac"},
    {SGL_BMP_STRING, "d83dde00", "\xf0\x9f\x98\x80"},
    {SGL_BMP_STRING, "d83d", NULL},
    {SGL_BMP_STRING, "d83d0041", NULL},
    {SGL_BMP_STRING, "de00", NULL},
    {SGL_BMP_STRING, "00", NULL},
    {SGL_UNIVERSAL_STRING, "0001f600", "\xf0\x9f\x98\x80"},
    {SGL_UNIVERSAL_STRING, "00110000", NULL},
    {SGL_UNIVERSAL_STRING, "0000d800", NULL},
    {SGL_UNIVERSAL_STRING, "000041", NULL},
    {SGL_OCTET_STRING, "41", NULL},
};

static void
reads_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(64);

		if (sgl_der_text(texts[i].tag, unhex(texts[i].hex), &out) !=
		    (texts[i].want != NULL))
			fail_msg("row %zu", i);
		if (texts[i].want != NULL)
			assert_true(sgl_slice_eq(
			    sgl_buf_slice(&out), sgl_slice_str(texts[i].want)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_elements),
	    cmocka_unit_test(bounds_nesting),
	    cmocka_unit_test(reads_optional),
	    cmocka_unit_test(reads_integers),
	    cmocka_unit_test(reads_booleans),
	    cmocka_unit_test(reads_oids),
	    cmocka_unit_test(reads_bits),
	    cmocka_unit_test(reads_times),
	    cmocka_unit_test(joins_strings),
	    cmocka_unit_test(bounds_strings),
	    cmocka_unit_test(rewrites_as_der),
	    cmocka_unit_test(reads_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
