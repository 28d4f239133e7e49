/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/addr.h"

#define MUELLER "m\xc3\xbcller"
#define A10 "aaaaaaaaaa"
#define A60 A10 A10 A10 A10 A10 A10

static void
addresses_are_split(void **state)
{
	static const struct {
		const char *addr, *local, *domain;
	} cases[] = {
	    {"alice@example.org", "alice", "example.org"},
	    {"a@b", "a", "b"},
	    {"\"a@b\"@c", "\"a@b\"", "c"},
	    {"\"a b\"@c", "\"a b\"", "c"},
	    {"\"a\\\"@\\\\\"@c", "\"a\\\"@\\\\\"", "c"},
	    {"alice@[192.0.2.1]", "alice", "[192.0.2.1]"},
	    {"j\xc3\xb6rg@" MUELLER ".example", "j\xc3\xb6rg",
		MUELLER ".example"},
	    {"", NULL, NULL},
	    {"@", NULL, NULL},
	    {"alice", NULL, NULL},
	    {"alice@", NULL, NULL},
	    {"@example.org", NULL, NULL},
	    {"a@b@c", NULL, NULL},
	    {"a@@c", NULL, NULL},
	    {"a b@c", NULL, NULL},
	    {"a@b c", NULL, NULL},
	    {" a@c", NULL, NULL},
	    {"a@c ", NULL, NULL},
	    {"a\t@c", NULL, NULL},
	    {"a@c\n", NULL, NULL},
	    {"a@c\x7f", NULL, NULL},
	    {"a\xc2\x85@c", NULL, NULL},
	    {"\"a\tb\"@c", NULL, NULL},
	    {"\"a\"b@c", NULL, NULL},
	    {"\"a@c", NULL, NULL},
	    {"\"", NULL, NULL},
	    {"\"\\", NULL, NULL},
	    {"\"a\"", NULL, NULL},
	    {"\"a\"@", NULL, NULL},
	    {"\"a\"@\"b@c\"", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		sgl_slice local = {0}, domain = {0};
		bool good = sgl_addr_split(
		    sgl_slice_str(cases[i].addr), &local, &domain);

		if (good != (cases[i].local != NULL))
			fail_msg("%s", cases[i].addr);
		if (!good)
			continue;
		assert_true(sgl_slice_eq(local, sgl_slice_str(cases[i].local)));
		assert_true(
		    sgl_slice_eq(domain, sgl_slice_str(cases[i].domain)));
	}
	assert_false(
	    sgl_addr_split(SGL_LIT("a@c\0"), &(sgl_slice){0}, &(sgl_slice){0}));
}

static void
addresses_are_told(void **state)
{
	static const struct {
		const char *addr;
		bool want;
	} cases[] = {
	    {"alice@example.org", true},
	    {"alice.b+tag!#$%&'*-/=?^_`{|}~@example.org", true},
	    {"\"alice b\"@example.org", true},
	    {"\"\"@example.org", true},
	    {"j\xc3\xb6rg@" MUELLER ".example", true},
	    {"alice@localhost", true},
	    {"alice@xn--mller-kva.example", true},
	    {A60 "aaaa@example.org", true},
	    {A60 "aaaaa@example.org", false},
	    {"a@" A60 "." A60 "." A60 "." A60 ".aaaaaaaa", true},
	    {"a@" A60 "." A60 "." A60 "." A60 ".aaaaaaaaa", false},
	    {".alice@example.org", false},
	    {"alice.@example.org", false},
	    {"a..b@example.org", false},
	    {"a(c)@example.org", false},
	    {"<alice@example.org>", false},
	    {"a,b@example.org", false},
	    {"alice@[192.0.2.1]", false},
	    {"alice@example.org.", false},
	    {"alice@.example.org", false},
	    {"alice@-example.org", false},
	    {"alice@exa_mple.org", false},
	    {"ali\xff"
	     "ce@example.org",
		false},
	    {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (sgl_addr_is(sgl_slice_str(cases[i].addr)) != cases[i].want)
			fail_msg("%s", cases[i].addr);
	assert_true(sgl_addr_is_ascii(SGL_LIT("abc\x7f")));
	assert_true(sgl_addr_is_ascii(SGL_LIT("")));
	assert_false(sgl_addr_is_ascii(SGL_LIT("ab\x80")));
}

static void
addresses_are_compared(void **state)
{
	static const struct {
		const char *a, *b;
		sgl_addr_match want;
	} cases[] = {
	    {"alice@example.org", "alice@example.org", SGL_ADDR_SAME},
	    {"alice@example.org", "alice@EXAMPLE.Org", SGL_ADDR_SAME},
	    {"alice@example.org", "Alice@example.org", SGL_ADDR_SAME_BUT_CASE},
	    {"alice@example.org", "bob@example.org", SGL_ADDR_DIFFERENT},
	    {"alice@example.org", "alice@example.com", SGL_ADDR_DIFFERENT},
	    {"alice@example.org", "alice@example.org.", SGL_ADDR_DIFFERENT},
	    {"alice@example.org", "alice@mail.example.org", SGL_ADDR_DIFFERENT},
	    {"alice@" MUELLER ".example", "alice@xn--mller-kva.example",
		SGL_ADDR_SAME},
	    {"j\xc3\xb6rg@example.org", "j\xc3\xb6rg@example.org",
		SGL_ADDR_SAME},
	    /* Beyond ASCII the local part has no case (RFC 8398 5). */
	    {"J\xc3\x96rg@example.org", "j\xc3\xb6rg@example.org",
		SGL_ADDR_DIFFERENT},
	    {"alice@[192.0.2.1]", "alice@[192.0.2.1]", SGL_ADDR_SAME},
	    {"alice@[192.0.2.1]", "alice@[192.0.2.2]", SGL_ADDR_DIFFERENT},
	    {"alice", "alice", SGL_ADDR_DIFFERENT},
	    {"alice@", "alice@", SGL_ADDR_DIFFERENT},
	    {"", "", SGL_ADDR_DIFFERENT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		sgl_slice a = sgl_slice_str(cases[i].a);
		sgl_slice b = sgl_slice_str(cases[i].b);

		if (sgl_addr_compare(a, b) != cases[i].want ||
		    sgl_addr_compare(b, a) != cases[i].want)
			fail_msg("%s %s", cases[i].a, cases[i].b);
	}
	/* What a C string would hide. */
	assert_int_equal(sgl_addr_compare(SGL_LIT("a@example.org\0.evil"),
			     SGL_LIT("a@example.org")),
	    SGL_ADDR_DIFFERENT);
}

static void
domains_become_ascii(void **state)
{
	/* The long ones are of RFC 3492 7.1. */
	static const struct {
		const char *domain, *want;
	} cases[] = {
	    {"example.org", "example.org"},
	    {"EXAMPLE.Org", "example.org"},
	    {"a", "a"},
	    {"1.2.3", "1.2.3"},
	    {"a-b.c--d", "a-b.c--d"},
	    {MUELLER ".example", "xn--mller-kva.example"},
	    {"M\xc3\xbcLLER.EXAMPLE", "xn--mller-kva.example"},
	    {"xn--mller-kva.example", "xn--mller-kva.example"},
	    {"XN--MLLER-KVA.example", "xn--mller-kva.example"},
	    {"stra\xc3\x9f"
	     "e.example",
		"xn--strae-oqa.example"},
	    {"\xce\xbb", "xn--wxa"},
	    {"\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1"
	     "\x84",
		"xn--e1afmkfd.xn--p1ai"},
	    {"\xe4\xbb\x96\xe4\xbb\xac\xe4\xb8\xba\xe4\xbb\x80\xe4\xb9\x88"
	     "\xe4\xb8\x8d\xe8\xaf\xb4\xe4\xb8\xad\xe6\x96\x87",
		"xn--ihqwcrb4cv8a8dqg056pqjye"},
	    {"3\xe5\xb9\xb4"
	     "b\xe7\xb5\x84\xe9\x87\x91\xe5\x85\xab\xe5\x85"
	     "\x88\xe7\x94\x9f",
		"xn--3b-ww4c5e180e575a65lsy2b"},
	    {"\xe3\x81\xb2\xe3\x81\xa8\xe3\x81\xa4\xe5\xb1\x8b\xe6\xa0\xb9"
	     "\xe3\x81\xae\xe4\xb8\x8b"
	     "2",
		"xn--2-u9tlzr9756bt3uc0v"},
	    {"pro\xc4\x8dprost\xc4\x9bnemluv\xc3\xad\xc4\x8d"
	     "esky",
		"xn--proprostnemluvesky-uyb24dma41a"},
	    {"t\xe1\xba\xa1isaoh\xe1\xbb\x8dkh\xc3\xb4ngth\xe1\xbb\x83"
	     "ch\xe1\xbb\x89n\xc3\xb3iti\xe1\xba\xbfngvi\xe1\xbb\x87t",
		"xn--tisaohkhngthchnitingvit-kjcr8268qyxafd2f1b9g"},
	    {"\xf0\xa0\x80\x80.example", "xn--j50i.example"},
	    {A60 "aaa", A60 "aaa"},
	    {A60 "aaaa", NULL},
	    {A60 "." A60 "." A60 "." A60 ".aaaaaaaaa",
		A60 "." A60 "." A60 "." A60 ".aaaaaaaaa"},
	    {A60 "." A60 "." A60 "." A60 ".aaaaaaaaaa", NULL},
	    {A60 "\xc3\xbc", NULL},
	    {"", NULL},
	    {".", NULL},
	    {"a.", NULL},
	    {".a", NULL},
	    {"a..b", NULL},
	    {"-a", NULL},
	    {"a-", NULL},
	    {"-\xc3\xbc", NULL},
	    {"\xc3\xbc-", NULL},
	    {"ab--\xc3\xbc", NULL},
	    {"xn--\xc3\xbc", NULL},
	    {"a_b", NULL},
	    {"a b", NULL},
	    {"*.example.org", NULL},
	    {"a\xe3\x80\x82"
	     "b",
		NULL}, /* ideographic full stop */
	    {"a\xef\xbc\x8e"
	     "b",
		NULL}, /* fullwidth full stop */
	    {"a\xe2\x80\x8b"
	     "b",
		NULL}, /* zero width space */
	    {"a\xe2\x80\xae"
	     "b",
		NULL}, /* right-to-left override */
	    {"a\xc2\xa0"
	     "b",
		NULL},
	    {"a\xc2\xad"
	     "b",
		NULL},		    /* soft hyphen */
	    {"\xef\xbd\x81", NULL}, /* fullwidth a */
	    {"a\xff", NULL},
	    {"\xc3", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(300);
		bool good;

		assert_int_equal(sgl_buf_add_str(&b, "<", NULL), SGL_OK);
		good = sgl_domain_to_ascii(sgl_slice_str(cases[i].domain), &b);
		if (good != (cases[i].want != NULL) ||
		    !sgl_slice_eq(sgl_slice_from(sgl_buf_slice(&b), 1),
			sgl_slice_str(good ? cases[i].want : "")))
			fail_msg("%s: %.*s", cases[i].domain, (int)b.len,
			    (char *)b.data);
	}
}

static void
domains_fit_their_buffer(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(10);

	(void)state;
	assert_false(sgl_domain_to_ascii(SGL_LIT("example.org"), &b));
	assert_int_equal(b.len, 0);
	assert_true(sgl_domain_to_ascii(SGL_LIT("example.or"), &b));
}

static void
domains_are_compared(void **state)
{
	static const struct {
		const char *a, *b;
		bool want;
	} cases[] = {
	    {"example.org", "EXAMPLE.ORG", true},
	    {MUELLER ".example", "XN--mller-KVA.Example", true},
	    {MUELLER ".example", "mueller.example", false},
	    {MUELLER ".example", "m\xc3\x9cller.example", false},
	    {"[192.0.2.1]", "[192.0.2.1]", true},
	    {"[IPv6:2001:DB8::1]", "[ipv6:2001:db8::1]", true},
	    {"a_b.example", "A_B.example", true},
	    {"", "", false},
	    {"", "a", false},
	    {"a", "a.", false},
	    {"\xff", "\xfe", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		sgl_slice a = sgl_slice_str(cases[i].a);
		sgl_slice b = sgl_slice_str(cases[i].b);

		if (sgl_domain_same(a, b) != cases[i].want ||
		    sgl_domain_same(b, a) != cases[i].want)
			fail_msg("%s %s", cases[i].a, cases[i].b);
	}
}

static void
utf8_is_told(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
	    {"", true},
	    {"abc\x7f", true},
	    {"\xc2\x80\xdf\xbf", true},
	    {"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", true},
	    {"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", true},
	    {"\x80", false},
	    {"\xbf", false},
	    {"\xc0\x80", false},
	    {"\xc1\xbf", false},
	    {"\xc2", false},
	    {"\xc2"
	     "a",
		false},
	    {"\xc2\xc2", false},
	    {"\xe0\x9f\xbf", false},
	    {"\xe2\x82", false},
	    {"\xed\xa0\x80", false},
	    {"\xed\xbf\xbf", false},
	    {"\xf0\x8f\xbf\xbf", false},
	    {"\xf4\x90\x80\x80", false},
	    {"\xf5\x80\x80\x80", false},
	    {"\xff", false},
	};
	uint32_t cp = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (sgl_utf8_is(sgl_slice_str(cases[i].text)) != cases[i].want)
			fail_msg("case %zu", i);
	assert_int_equal(sgl_utf8_read(SGL_LIT("\xe2\x82\xac..."), &cp), 3);
	assert_int_equal(cp, 0x20ac);
	assert_int_equal(sgl_utf8_read(SGL_LIT("\0"), &cp), 1);
	assert_int_equal(cp, 0);
	assert_int_equal(sgl_utf8_read(SGL_LIT(""), &cp), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_are_split),
	    cmocka_unit_test(addresses_are_told),
	    cmocka_unit_test(addresses_are_compared),
	    cmocka_unit_test(domains_become_ascii),
	    cmocka_unit_test(domains_fit_their_buffer),
	    cmocka_unit_test(domains_are_compared),
	    cmocka_unit_test(utf8_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
