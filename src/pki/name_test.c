/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "asn1/builder.h"
#include "pki/name.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/*
 * Names in a small language: attributes are separated by ',' (next RDN) or '+'
 * (same RDN), each is an attribute letter, a type letter and the value:
 * C, O, U (OU), N (CN), M (emailAddress), D (DC), X (an OID nobody knows);
 * u UTF8, p Printable, i IA5, t T61, b BMP, w Universal, n Numeric, o OCTET
 * STRING.
 */
static sgl_slice
attribute_type(char letter)
{
	switch (letter) {
	case 'C':
		return sgl_oid_der(SGL_OID_AT_C);
	case 'O':
		return sgl_oid_der(SGL_OID_AT_O);
	case 'U':
		return sgl_oid_der(SGL_OID_AT_OU);
	case 'M':
		return sgl_oid_der(SGL_OID_AT_EMAIL_ADDRESS);
	case 'D':
		return sgl_oid_der(SGL_OID_AT_DC);
	case 'X':
		return SGL_LIT("\x2a\x03\x04");
	}
	return sgl_oid_der(SGL_OID_AT_CN);
}

static sgl_tag
string_type(char letter)
{
	switch (letter) {
	case 'p':
		return SGL_PRINTABLE_STRING;
	case 'i':
		return SGL_IA5_STRING;
	case 't':
		return SGL_T61_STRING;
	case 'b':
		return SGL_BMP_STRING;
	case 'w':
		return SGL_UNIVERSAL_STRING;
	case 'n':
		return SGL_NUMERIC_STRING;
	case 'o':
		return SGL_OCTET_STRING;
	}
	return SGL_UTF8_STRING;
}

static void
put_ava(sgl_derb *b, sgl_slice text)
{
	size_t ava = sgl_derb_open(b, SGL_SEQUENCE);

	assert_true(text.len >= 2);
	sgl_derb_oid(b, attribute_type((char)text.data[0]));
	sgl_derb_bytes(
	    b, string_type((char)text.data[1]), sgl_slice_from(text, 2));
	sgl_derb_close(b, ava);
}

static void
put_name(sgl_slice text, sgl_buf *out)
{
	sgl_derb b = sgl_derb_over(out);
	size_t name = sgl_derb_open(&b, SGL_SEQUENCE), rdn = 0, from = 0;

	if (text.len > 0)
		rdn = sgl_derb_open(&b, SGL_SET);
	for (size_t i = 0; text.len > 0 && i <= text.len; i++) {
		if (i < text.len && text.data[i] != ',' && text.data[i] != '+')
			continue;
		put_ava(&b, sgl_slice_of(text.data + from, i - from));
		from = i + 1;
		if (i == text.len || text.data[i] == ',')
			sgl_derb_close_set_of(&b, rdn);
		if (i < text.len && text.data[i] == ',')
			rdn = sgl_derb_open(&b, SGL_SET);
	}
	sgl_derb_close(&b, name);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
}

#define T(s)                                                                   \
	{                                                                      \
		(const uint8_t *)(s), sizeof(s) - 1                            \
	}

static const struct {
	sgl_slice a, b;
	bool same;
} pairs[] = {
    {T(""), T(""), true},
    {T("Cpse"), T("CpSE"), true},
    {T("Cpse,Oux"), T("Cpse"), false},
    {T("Cpse"), T(""), false},
    {T("OuExample"), T("OpExample"), true},
    {T("OuExample"), T("OpEXAMPLE"), true},
    {T("OuExample"), T("UuExample"), false},
    {T("Ou  Example   Org "), T("Opexample org"), true},
    {T("OuExample Org"), T("OuExampleOrg"), false},
    {T("Ou"), T("Ou   "), true},
    {T("Oua\tb"), T("Oua b"), true},
    {T("Oua\xc2\xa0"
       "b"),
	T("Oua b"), true},
    {T("Oua\xc2\xad"
       "b"),
	T("Ouab"), true},
    {T("Oua\xe2\x80\x8b"
       "b"),
	T("Ouab"), true},
    {T("OuR\xc3\x84V"), T("Our\xc3\xa4v"), true},
    {T("Otr\xe4v"), T("OuR\xc3\x84V"), true},
    {T("Ob\0R\0\xc4\0V"), T("Our\xc3\xa4v"), true},
    {T("Ow\0\0\0R\0\0\0\xc4"), T("Our\xc3\xa4"), true},
    {T("Ob\xd8\x3d\xde\x00"), T("Ou\xf0\x9f\x98\x80"), true},
    {T("Ou\xce\xa3"), T("Ou\xcf\x82"), true},  /* sigmas */
    {T("Ou\xd0\x96"), T("Ou\xd0\xb6"), true},  /* Zhe */
    {T("Ou\xc4\x8c"), T("Ou\xc4\x8d"), true},  /* C with caron */
    {T("Ou\xc3\x97"), T("Ou\xc3\xb7"), false}, /* times, division */
    {T("Ou\xc5\xb8"), T("Ou\xc3\xbf"), true},  /* Y with diaeresis */
    {T("Ou\xc4\xb1"), T("Oui"), false},	       /* dotless i */
    {T("Ou\xff"), T("Ou\xff"), true},	       /* bytes are equal */
    {T("Ou\xff"), T("Op\xff"), false},
    {T("Ob\0"), T("Ou"), false},
    {T("Onabc"), T("Ouabc"), true},
    {T("Oo\x41"), T("Oo\x61"), false},
    {T("Oo\x41"), T("Oo\x41"), true},
    {T("Oo\x41"), T("OuA"), false},
    {T("NuAlice+Mialice"), T("Mialice+NuAlice"), true},
    {T("NuALICE+MialicE"), T("Mialice+NpAlice"), true},
    {T("NuAlice+Mialice"), T("NuAlice,Mialice"), false},
    {T("NuAlice+Nubob"), T("NuAlice+NuAlice"), false},
    {T("NuAlice+Mialice"), T("NuAlice"), false},
    {T("Diexample,Diorg"), T("Diorg,Diexample"), false},
    {T("Mialice@example.org"), T("MiALICE@EXAMPLE.ORG"), true},
};

static void
compares_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		SGL_AUTO_CLEAR(sgl_buf) a = sgl_buf_init(4096);
		SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(4096);
		sgl_slice x, y;

		put_name(pairs[i].a, &a);
		put_name(pairs[i].b, &b);
		x = sgl_buf_slice(&a);
		y = sgl_buf_slice(&b);
		if (sgl_name_same(x, y) != pairs[i].same ||
		    sgl_name_same(y, x) != pairs[i].same)
			fail_msg("pair %zu", i);
		if (pairs[i].same)
			assert_true(sgl_name_hash(x) == sgl_name_hash(y));
		assert_true(sgl_name_same(x, x));
	}
}

static const struct {
	sgl_slice name, base;
	bool starts;
} bases[] = {
    {T("CpSE,OuExample,NuAlice"), T(""), true},
    {T("CpSE,OuExample,NuAlice"), T("Cpse"), true},
    {T("CpSE,OuExample,NuAlice"), T("Cpse,OpEXAMPLE"), true},
    {T("CpSE,OuExample,NuAlice"), T("Cpse,OpEXAMPLE,NuAlice"), true},
    {T("CpSE,OuExample,NuAlice"), T("Cpse,OpEXAMPLE,NuAlice,NuBob"), false},
    {T("CpSE,OuExample,NuAlice"), T("OuExample"), false},
    {T("CpSE,OuExample"), T("Cpse,OuExam"), false},
};

static void
finds_prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bases); i++) {
		SGL_AUTO_CLEAR(sgl_buf) a = sgl_buf_init(4096);
		SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(4096);

		put_name(bases[i].name, &a);
		put_name(bases[i].base, &b);
		if (sgl_name_starts(sgl_buf_slice(&a), sgl_buf_slice(&b)) !=
		    bases[i].starts)
			fail_msg("pair %zu", i);
	}
}

static const struct {
	sgl_slice name;
	const char *text;
} texts[] = {
    {T(""), ""},
    {T("CpSE,OuExample,NuAlice"), "CN=Alice,O=Example,C=SE"},
    {T("CpSE,NuAlice+Mialice@example.org"),
	"CN=Alice+emailAddress=alice@example.org,C=SE"},
    {T("Nu #a\"b;c<d>e\\f "), "CN=\\ #a\\\"b\\;c\\<d\\>e\\\\f\\ "},
    {T("Nu#"), "CN=\\#"},
    {T("Nu "), "CN=\\ "},
    {T("Nua\0b\x1b[2J"), "CN=a\\00b\\1B[2J"},
    {T("Nua\xe2\x80\xae"
       "b"),
	"CN=a\\E2\\80\\AEb"},
    {T("Nua\xc2\x9b"
       "b"),
	"CN=a\\C2\\9Bb"},
    {T("NuR\xc3\xa4v"), "CN=R\xc3\xa4v"},
    {T("Nb\0R\0\xe4"), "CN=R\xc3\xa4"},
    {T("Nu\xff"), "CN=#0C01FF"},
    {T("No\x01"), "CN=#040101"},
    {T("Xuhi"), "1.2.3.4=#0C026869"},
    {T("Diorg,Diexample"), "DC=example,DC=org"},
};

static void
writes_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(4096);
		SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(4096);

		put_name(texts[i].name, &der);
		assert_int_equal(
		    sgl_name_text(sgl_buf_slice(&der), &text, NULL), SGL_OK);
		assert_int_equal(
		    sgl_buf_add(&text, SGL_LIT("\0"), NULL), SGL_OK);
		assert_string_equal((char *)text.data, texts[i].text);
	}
}

static void
finds_attributes(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(4096);
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(4096);

	(void)state;
	put_name((sgl_slice)T("CpSE,Ou\xff,NuAlice,NuBob"), &der);
	assert_true(sgl_name_find(sgl_buf_slice(&der), SGL_OID_AT_CN, &text));
	assert_true(sgl_slice_eq(sgl_buf_slice(&text), SGL_LIT("Alice")));
	assert_false(sgl_name_find(sgl_buf_slice(&der), SGL_OID_AT_L, &text));
	assert_false(sgl_name_find(sgl_buf_slice(&der), SGL_OID_AT_O, &text));
	assert_int_equal(text.len, 5);
}

/* Bytes that are no Name equal themselves alone. */
static const sgl_slice broken[] = {
    T(""),
    T("\x30"),
    T("\x30\x01"),
    T("\x31\x00"),
    T("\x30\x02\x30\x00"),
    T("\x30\x02\x31\x01"),
    T("\x30\x04\x31\x02\x30\x00"),
    T("\x30\x06\x31\x04\x30\x02\x06\x00"),
    T("\x30\x00\x00"),
    T("\x30\x0b\x31\x09\x30\x07\x06\x03\x55\x04\x03\x0c\x01"),
};

static void
survives_broken_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(broken); i++) {
		SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(4096);

		for (size_t k = 0; k < COUNT(broken); k++)
			if (sgl_name_same(broken[i], broken[k]) != (i == k))
				fail_msg("%zu and %zu", i, k);
		(void)sgl_name_hash(broken[i]);
		assert_int_equal(
		    sgl_name_text(broken[i], &text, NULL), SGL_E_ENCODING);
		assert_false(sgl_name_find(broken[i], SGL_OID_AT_CN, &text));
	}
}

/* Thousands of attributes in one RDN must not cost millions of steps. */
static void
bounds_big_names(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) a = sgl_buf_init(1 << 20);
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(1 << 20);
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(1 << 20);

	(void)state;
	for (int i = 0; i < 5000; i++)
		assert_int_equal(sgl_buf_printf(&text, NULL, "%sNu%05d",
				     i > 0 ? "+" : "", i),
		    SGL_OK);
	put_name(sgl_buf_slice(&text), &a);
	text.data[text.len - 1]++;
	put_name(sgl_buf_slice(&text), &b);
	assert_true(sgl_name_same(sgl_buf_slice(&a), sgl_buf_slice(&a)));
	assert_false(sgl_name_same(sgl_buf_slice(&a), sgl_buf_slice(&b)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(compares_names),
	    cmocka_unit_test(finds_prefixes),
	    cmocka_unit_test(writes_names),
	    cmocka_unit_test(finds_attributes),
	    cmocka_unit_test(survives_broken_names),
	    cmocka_unit_test(bounds_big_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
