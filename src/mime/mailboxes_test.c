/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "mime/header.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define ALICE "alice@example.org"
#define BOB "bob@example.org"
#define EVIL "mallory@evil.example"

/* `want` is the addresses, each with '|' behind it, and "!" in front if
 * something could not be read. */
static const struct {
	const char *value, *want;
} lists[] = {
    {"", ""},
    {" \r\n ", ""},
    {ALICE, ALICE "|"},
    {" <" ALICE "> ", ALICE "|"},
    {"Alice <" ALICE ">", ALICE "|"},
    {"Alice A. Example <" ALICE ">", ALICE "|"},
    {ALICE ", " BOB, ALICE "|" BOB "|"},
    {ALICE ",,\r\n\t" BOB ",", ALICE "|" BOB "|"},
    {"\"Example, Alice\" <" ALICE ">, Bob <" BOB ">", ALICE "|" BOB "|"},
    {"\"a <" EVIL "> \\\" b\" <" ALICE ">", ALICE "|"},
    {"\"Alice\\\\\" <" ALICE ">", ALICE "|"},
    {"=?utf-8?q?Alice_=3C" EVIL "=3E?= <" ALICE ">", "!" ALICE "|"},
    {"=?utf-8?b?PG1hbGxvcnlAZXZpbC5leGFtcGxlPg==?= <" ALICE ">", ALICE "|"},
    {"Alice [Sales] <" ALICE ">", ALICE "|"},
    {"R\xc3\xa4v <r\xc3\xa4v@ex\xc3\xa4mple.org>",
	"r\xc3\xa4v@ex\xc3\xa4mple.org|"},
    {ALICE " (Alice (a, b) \\) <" EVIL ">)", ALICE "|"},
    {"(x) alice (y) @ (z) example (w) . org (v)", ALICE "|"},
    {"\"a b\"@example.org", "\"a b\"@example.org|"},
    {"\"a@b\"@example.org", "\"a@b\"@example.org|"},
    {"\"" ALICE "\"@evil.example", "\"" ALICE "\"@evil.example|"},
    {"\"a\\\"b\".c@example.org", "\"a\\\"b\".c@example.org|"},
    {"a.b.c@example.org", "a.b.c@example.org|"},
    {"a..b.@example.org", "a..b.@example.org|"},
    {"alice@[192.0.2.1]", "alice@[192.0.2.1]|"},
    {"alice@[IPv6:2001:db8::1]", "alice@[IPv6:2001:db8::1]|"},
    {"<@a.example,@b.example:" ALICE ">", ALICE "|"},
    {"<@[192.0.2.1]:" ALICE ">", ALICE "|"},
    /* groups */
    {"undisclosed-recipients:;", ""},
    {"undisclosed recipients: ;", ""},
    {"A Group:" ALICE ", Bob <" BOB ">;", ALICE "|" BOB "|"},
    {"g:" ALICE ";, " BOB, ALICE "|" BOB "|"},
    {"\"a, b\":;", ""},
    {"g:" ALICE, "!" ALICE "|"},
    {"g:h:" ALICE ";;", "!"},
    {":" ALICE ";", "!"},
    {ALICE "; " BOB, "!" ALICE "|" BOB "|"},
    /* tricks: never what the display name says */
    {"\"" ALICE "\" <" EVIL ">", EVIL "|"},
    {ALICE " <" EVIL ">", "!" EVIL "|"},
    {ALICE " " EVIL " <" BOB ">", "!" BOB "|"},
    {"<" ALICE ">" EVIL, "!"},
    {"<" ALICE "> <" EVIL ">", "!"},
    {"<<" ALICE ">>", "!"},
    {"<" ALICE " " EVIL ">", "!"},
    {ALICE "@evil.example", "!"},
    {ALICE " " EVIL, "!"},
    {"Alice " ALICE, "!"},
    {ALICE ":" EVIL ";", "!"},
    {ALICE "\\, " EVIL, "!" EVIL "|"},
    {"<" ALICE, "!"},
    {"Alice " ALICE ">", "!"},
    {"\"" ALICE, "!"},
    {"\"" ALICE " <" EVIL ">", "!"},
    {ALICE " (" EVIL, "!" ALICE "|"},
    {ALICE ")", "!"},
    {"alice\x01@example.org", "!"},
    {"\"al\x01ice\"@example.org", "!"},
    {"\"al\rice\"@example.org", "!"},
    {"alice@exam\x7fple.org", "!"},
    {"alice\xff@example.org", "!"},
    {"alice\xef\xbc\xa0"
     "example.org",
	"!"},
    {"alice", "!"},
    {"alice, " BOB, "!" BOB "|"},
    {"@example.org", "!"},
    {"alice@", "!"},
    {"alice@.org", "!"},
    {"alice@example..org", "!"},
    {"alice@example.org.", "!"},
    {"alice@[192.0.2.1", "!"},
    {"alice@[a b]", "!"},
    {"<>", "!"},
    {"<@a.example>", "!"},
    {"<@a.example " ALICE ">", "!"},
    {"a@b@c, \"x, y\" z@, (,)" ALICE, "!" ALICE "|"},
};

static void
describe(const sgl_mailboxes *m, char *out, size_t size)
{
	int n = snprintf(out, size, "%s", m->malformed ? "!" : "");

	for (size_t i = 0; i < m->num_addrs; i++)
		n += snprintf(out + n, size - (size_t)n, "%s|", m->addrs[i]);
}

static void
test_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		SGL_AUTO_CLEAR(sgl_mailboxes) m = {0};
		char got[300];

		assert_int_equal(
		    sgl_mailboxes_read(sgl_slice_str(lists[i].value), &m, NULL),
		    SGL_OK);
		describe(&m, got, sizeof got);
		if (strcmp(got, lists[i].want) != 0)
			fail_msg("[%s] gives [%s], not [%s]", lists[i].value,
			    got, lists[i].want);
	}
}

/* A NUL cannot stand in a table of C strings. */
static void
test_nul(void **state)
{
	SGL_AUTO_CLEAR(sgl_mailboxes) m = {0};

	(void)state;
	assert_int_equal(
	    sgl_mailboxes_read(SGL_LIT(ALICE "\0@evil.example"), &m, NULL),
	    SGL_OK);
	assert_true(m.malformed);
	assert_int_equal(m.num_addrs, 0);
}

/* Whatever is put in front of <addr> as a display name or behind it in a
 * comment: if anything is read, it is addr and never the bait inside. */
static void
test_display_names(void **state)
{
	static const char *const bits[] = {ALICE, "\"", "\\", "(", ")", " ",
	    "<", ">", ",", "@", ".", "x", "=?utf-8?q?a=40b?=", "\r\n "};
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 50000; round++) {
		SGL_AUTO_CLEAR(sgl_mailboxes) m = {0};
		SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(4096);

		assert_int_equal(sgl_buf_add_str(&b, "\"", NULL), SGL_OK);
		for (int i = 0; i < 6; i++) {
			const char *bit;

			seed = seed * 1664525 + 1013904223;
			bit = bits[(seed >> 16) % COUNT(bits)];
			if (*bit == '"' || *bit == '\\')
				assert_int_equal(
				    sgl_buf_add_str(&b, "\\", NULL), SGL_OK);
			assert_int_equal(
			    sgl_buf_add_str(&b, bit, NULL), SGL_OK);
		}
		assert_int_equal(
		    sgl_buf_add_str(&b, "\" <" EVIL ">", NULL), SGL_OK);
		assert_int_equal(
		    sgl_mailboxes_read(sgl_buf_slice(&b), &m, NULL), SGL_OK);
		assert_int_equal(m.num_addrs, 1);
		assert_string_equal(m.addrs[0], EVIL);
		assert_false(m.malformed);
	}
}

static void
test_limit(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) b = sgl_buf_init(1 << 20);
	SGL_AUTO_CLEAR(sgl_mailboxes) m = {0};

	(void)state;
	for (int i = 0; i < SGL_MAILBOXES_MAX; i++)
		assert_int_equal(sgl_buf_add_str(&b, "a@b,", NULL), SGL_OK);
	assert_int_equal(
	    sgl_mailboxes_read(sgl_buf_slice(&b), &m, NULL), SGL_OK);
	assert_int_equal(m.num_addrs, SGL_MAILBOXES_MAX);
	sgl_mailboxes_clear(&m);
	assert_int_equal(sgl_buf_add_str(&b, "a@b", NULL), SGL_OK);
	assert_int_equal(
	    sgl_mailboxes_read(sgl_buf_slice(&b), &m, NULL), SGL_E_LIMIT);
	assert_int_equal(m.num_addrs, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_nul),
	    cmocka_unit_test(test_display_names),
	    cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
