/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pki/search.h"
#include "support/hex.h"
#include "support/parts.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define EFFORT 1000

static int
start(void **state)
{
	sgl_engine *engine;

	if (sgl_engine_new(NULL, &engine, NULL) != SGL_OK)
		return -1;
	*state = engine;
	return 0;
}

static int
stop(void **state)
{
	sgl_engine_free(*state);
	return 0;
}

/*
 * General names in a small language: a letter and a text, separated by blanks.
 * m rfc822Name, s SmtpUTF8Mailbox, d dNSName, u URI, i iPAddress in hex,
 * n directoryName with CNs separated by '/', e the same with an emailAddress,
 * o a userPrincipalName, r registeredID in hex, x an element nobody knows.
 * In constraints '+' or '-' stands in front: permitted, excluded.
 */
static void
put_directory(sgl_derb *b, sgl_slice text, sgl_oid type)
{
	size_t name = sgl_derb_open(b, SGL_SEQUENCE), set, ava;

	while (text.len > 0) {
		const uint8_t *end = memchr(text.data, '/', text.len);
		size_t n = end == NULL ? text.len : (size_t)(end - text.data);

		set = sgl_derb_open(b, SGL_SET);
		ava = sgl_derb_open(b, SGL_SEQUENCE);
		sgl_derb_oid(b, sgl_oid_der(type));
		sgl_derb_bytes(b,
		    type == SGL_OID_AT_CN ? SGL_UTF8_STRING : SGL_IA5_STRING,
		    sgl_slice_first(text, n));
		sgl_derb_close(b, ava);
		sgl_derb_close(b, set);
		text = sgl_slice_from(text, end == NULL ? n : n + 1);
	}
	sgl_derb_close(b, name);
}

static void
put_other(sgl_derb *b, sgl_oid type, sgl_slice text)
{
	size_t other = sgl_derb_open(b, SGL_CONTEXT(0)), wrap;

	sgl_derb_oid(b, sgl_oid_der(type));
	wrap = sgl_derb_open(b, SGL_CONTEXT(0));
	sgl_derb_utf8(b, text);
	sgl_derb_close(b, wrap);
	sgl_derb_close(b, other);
}

static void
put_general(sgl_derb *b, sgl_slice word)
{
	sgl_slice text = sgl_slice_from(word, 1);
	size_t mark;

	switch (word.data[0]) {
	case 'm':
		sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(1), text);
		break;
	case 'd':
		sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(2), text);
		break;
	case 'u':
		sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(6), text);
		break;
	case 'i':
		sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(7), unhex_slice(text));
		break;
	case 'r':
		sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(8), unhex_slice(text));
		break;
	case 'x':
		sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(9), text);
		break;
	case 's':
		put_other(b, SGL_OID_ON_SMTP_UTF8_MAILBOX, text);
		break;
	case 'o':
		put_other(b, SGL_OID_MS_UPN, text);
		break;
	case 'n':
	case 'e':
		mark = sgl_derb_open(b, SGL_CONTEXT(4));
		put_directory(b, text,
		    word.data[0] == 'n' ? SGL_OID_AT_CN
					: SGL_OID_AT_EMAIL_ADDRESS);
		sgl_derb_close(b, mark);
		break;
	default:
		fail_msg("no such name: %c", word.data[0]);
	}
}

static bool
next_word(const char **text, sgl_slice *word)
{
	size_t n = strcspn(*text, " ");

	*word = sgl_slice_of(*text, n);
	*text += n;
	*text += strspn(*text, " ");
	return n > 0;
}

static void
put_subtrees(sgl_derb *b, const char *text, char sign, unsigned number)
{
	size_t mark, subtree;
	sgl_slice word;

	if (strchr(text, sign) == NULL)
		return;
	mark = sgl_derb_open(b, SGL_CONTEXT(number));
	while (next_word(&text, &word)) {
		if (word.data[0] != sign)
			continue;
		subtree = sgl_derb_open(b, SGL_SEQUENCE);
		put_general(b, sgl_slice_from(word, 1));
		sgl_derb_close(b, subtree);
	}
	sgl_derb_close(b, mark);
}

static sgl_cert *
make(sgl_engine *engine, sgl_cert_parts *p, sgl_oid ext, sgl_buf *value)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	sgl_cert *cert = NULL;

	if (value->len > 0)
		p->exts[0] = (sgl_part_ext){
		    sgl_oid_der(ext), "\xff", sgl_buf_slice(value)};
	sgl_parts_cert(p, &der);
	assert_int_equal(
	    sgl_cert_read(engine, sgl_buf_slice(&der), &cert, NULL), SGL_OK);
	return cert;
}

static sgl_cert *
make_ca(sgl_engine *engine, const char *constraints)
{
	SGL_AUTO_CLEAR(sgl_buf) value = sgl_buf_init(1 << 16);
	sgl_derb b = sgl_derb_over(&value);
	sgl_cert_parts p = {0};
	size_t seq = sgl_derb_open(&b, SGL_SEQUENCE);

	put_subtrees(&b, constraints, '+', 0);
	put_subtrees(&b, constraints, '-', 1);
	sgl_derb_close(&b, seq);
	assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	return make(engine, &p, SGL_OID_CE_NAME_CONSTRAINTS, &value);
}

static sgl_cert *
make_leaf(sgl_engine *engine, const char *subject, const char *names)
{
	SGL_AUTO_CLEAR(sgl_buf) value = sgl_buf_init(1 << 16);
	SGL_AUTO_CLEAR(sgl_buf) name = sgl_buf_init(1 << 16);
	sgl_derb b = sgl_derb_over(&value), c = sgl_derb_over(&name);
	sgl_cert_parts p = {0};
	sgl_slice word;
	size_t seq;

	put_directory(&c,
	    subject[0] == '\0' ? (sgl_slice){0} : sgl_slice_str(subject + 1),
	    subject[0] == 'e' ? SGL_OID_AT_EMAIL_ADDRESS : SGL_OID_AT_CN);
	assert_int_equal(sgl_derb_end(&c, NULL), SGL_OK);
	p.subject = sgl_buf_slice(&name);
	if (names[0] != '\0') {
		seq = sgl_derb_open(&b, SGL_SEQUENCE);
		while (next_word(&names, &word))
			put_general(&b, word);
		sgl_derb_close(&b, seq);
		assert_int_equal(sgl_derb_end(&b, NULL), SGL_OK);
	}
	return make(engine, &p, SGL_OID_CE_SUBJECT_ALT_NAME, &value);
}

#define ALICE "alice@example.org"

static const struct {
	const char *constraints, *subject, *names;
	bool allowed;
} rows[] = {
    /* mail: a host, a domain below, a mailbox */
    {"+mexample.org", "", "m" ALICE, true},
    {"+mexample.org", "", "mALICE@EXAMPLE.ORG", true},
    {"+mexample.org", "", "malice@mail.example.org", false},
    {"+mexample.org", "", "malice@anexample.org", false},
    {"+mexample.org", "", "malice@example.com", false},
    {"+m.example.org", "", "malice@mail.example.org", true},
    {"+m.example.org", "", "malice@a.b.example.org", true},
    {"+m.example.org", "", "m" ALICE, false},
    {"+m.example.org", "", "malice@.example.org", false},
    {"+mexample.org +m.example.org", "", "m" ALICE " mbob@a.example.org", true},
    {"+mexample.org", "", "m" ALICE " malice@example.com", false},
    {"+m" ALICE, "", "m" ALICE, true},
    {"+m" ALICE, "", "mbob@example.org", false},
    {"+m" ALICE, "", "mAlice@example.org", false},
    {"-m" ALICE, "", "mAlice@example.org", false},
    {"-m" ALICE, "", "mbob@example.org", true},
    {"-mexample.org", "", "m" ALICE, false},
    {"-mexample.org", "", "malice@example.com", true},
    {"-m.example.org", "", "malice@a.example.org", false},
    {"+mexample.org -m" ALICE, "", "m" ALICE, false},
    {"+m", "", "m" ALICE, false},
    {"-m", "", "m" ALICE, false},
    {"+mexample.org", "", "malice", false},
    {"-mexample.com", "", "malice", false},
    {"+mexample.org", "", "m\"a@b\"@example.org", true},
    {"+mexample.org", "", "malice@example.com@example.org", false},
    /* international mail (RFC 8398 6) */
    {"+mexample.org", "", "sal\xc3\xafs@example.org", true},
    {"+mexample.org", "", "sal\xc3\xafs@example.com", false},
    {"-mexample.org", "", "sal\xc3\xafs@example.org", false},
    {"+mxn--exmple-cua.org", "", "sal\xc3\xafs@ex\xc3\xa4mple.org", true},
    {"+m.xn--exmple-cua.org", "", "sal\xc3\xafs@a.ex\xc3\xa4mple.org", true},
    {"-mxn--exmple-cua.org", "", "sal\xc3\xafs@ex\xc3\xa4mple.org", false},
    {"+mexample.org", "", "sal\xc3\xafs@ex\xc3\xa4mple.org", false},
    {"+mxn--exmple-cua.org", "", "sal\xc3\xafs@xn--exmple-cua.org", true},
    /* the subject's address counts where there is no other */
    {"+mexample.org", "e" ALICE, "", true},
    {"+mexample.org", "ealice@example.com", "", false},
    {"+mexample.org", "ealice@example.com", "dexample.org", false},
    {"+mexample.org", "ealice@example.com", "m" ALICE, true},
    {"-mexample.org", "e" ALICE, "", false},
    /* a certificate without such names is not concerned */
    {"+mexample.org", "nalice", "", true},
    {"+mexample.org", "nalice", "dexample.com", true},
    /* DNS */
    {"+dexample.org", "", "dexample.org", true},
    {"+dexample.org", "", "dwww.EXAMPLE.org", true},
    {"+dexample.org", "", "dwwwexample.org", false},
    {"+dexample.org", "", "dexample.com", false},
    {"+d.example.org", "", "dexample.org", false},
    {"+d.example.org", "", "dwww.example.org", true},
    {"-dexample.org", "", "dwww.example.org", false},
    {"-d", "", "dwww.example.org", false},
    {"+d", "", "dwww.example.org", true},
    {"+dexample.org", "", "d", false},
    /* names that could be read otherwise */
    {"+dexample.org", "", "d.example.org", false},
    {"+dexample.org", "", "da..example.org", false},
    {"+dexample.org", "", "dexample.org.", false},
    {"+dexample.org", "", "da.*.example.org", false},
    {"+dexample.org", "", "da*.example.org", false},
    {"-dexample.com", "", "da..example.org", false},
    {"+dexample.org", "", "d*.example.org", true},
    {"+dwww.example.org", "", "d*.example.org", false},
    {"-dwww.example.org", "", "d*.EXAMPLE.org", false},
    {"-dmail.www.example.org", "", "d*.example.org", true},
    {"-dexample.org", "", "d*.example.org", false},
    {"-dexample.org", "", "d*.example.com", true},
    /* directory */
    {"+nexample", "nexample/alice", "", true},
    {"+nexample", "nEXAMPLE/alice", "", true},
    {"+nexample", "nother/alice", "", false},
    {"+nexample/alice", "nexample", "", false},
    {"-nexample", "nexample/alice", "", false},
    {"-nexample", "nother", "nexample/bob", false},
    {"+nexample", "nexample/alice", "nother", false},
    {"+nexample", "", "m" ALICE, true}, /* no subject, no name */
    {"+n", "nexample", "", true},
    {"-n", "nexample", "", false},
    /* URI: the host, and it must be a name */
    {"+uexample.org", "", "uhttp://example.org/x", true},
    {"+uexample.org", "", "uhttps://alice@EXAMPLE.org:8443?x", true},
    {"+uexample.org", "", "uhttp://www.example.org/", false},
    {"+u.example.org", "", "uldap://www.example.org/", true},
    {"+uexample.org", "", "uhttp://example.com/example.org", false},
    {"+uexample.org", "", "uhttp://example.com#@example.org", false},
    {"+uexample.org", "", "umailto:" ALICE, false},
    {"-uexample.com", "", "umailto:" ALICE, false},
    {"-uexample.com", "", "uhttp://192.0.2.1/", false},
    {"-uexample.com", "", "uhttp://[2001:db8::1]/", false},
    {"-uexample.com", "", "uhttp://example.org/", true},
    {"-uexample.com", "", "uhttp://a@example.com/", false},
    {"-uexample.com", "", "uhttp://a@b@example.com/", false},
    /* IP */
    {"+ic0000200ffffff00", "", "ic0000201", true},
    {"+ic0000200ffffff00", "", "ic0000301", false},
    {"+ic0000200ffffff00", "", "i20010db8000000000000000000000001", false},
    {"-ic0000200ffffff00", "", "i20010db8000000000000000000000001", true},
    {"-ic0000200ffffff00", "", "ic0000201", false},
    {"-i0000000000000000", "", "ic0000201", false},
    {"+ic0000200", "", "ic0000200", false},
    {"-ic0000200", "", "ic0000300", false},
    {"-ic0000200ffffff00", "", "ic00002", false},
    {"+ic0000200ff00ff00", "", "ic0000201", false},
    {"-ic0000200ff00ff00", "", "i0a000001", false},
    {"+ic0000200fffffe00", "", "ic0000301", true},
    /* kinds that we cannot compare: refused where both are there */
    {"+oalice", "", "oalice", false},
    {"-oalice", "", "obob", false},
    {"-oalice", "", "m" ALICE, true},
    {"-r2a03", "", "r2a04", false},
    {"-r2a03", "", "m" ALICE, true},
    {"-r2a03", "", "obob", true},
    {"-x", "nalice", "", false},
    {"+mexample.org", "", "m" ALICE " x", false},
};

static void
compares_names(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		SGL_AUTO(sgl_cert)
		ca = make_ca(*state, rows[i].constraints);
		SGL_AUTO(sgl_cert)
		leaf = make_leaf(*state, rows[i].subject, rows[i].names);
		uint32_t effort = EFFORT;

		if (sgl_constraints_allow(ca, leaf, &effort) != rows[i].allowed)
			fail_msg("%s | %s | %s", rows[i].constraints,
			    rows[i].subject, rows[i].names);
	}
}

/* Values of the extension as they should not be: nothing passes. */
static const char *const broken[] = {
    "3003020100",		      /* no subtrees */
    "3002a000",			      /* an empty list */
    "3004a000a100",		      /* two of them */
    "3006a0043002a000",		      /* otherName without type */
    "300da00b3009820161800101810102", /* minimum 1 */
    "300aa00830068201618101020500",   /* maximum */
    "3004a0020500",		      /* no SEQUENCE */
    "3008a0043002820102",	      /* beyond its end */
    "3002a200",			      /* [2] */
};

static void
refuses_broken(void **state)
{
	SGL_AUTO(sgl_cert)
	leaf = make_leaf(*state, "", "dexample.org");

	for (size_t i = 0; i < COUNT(broken); i++) {
		SGL_AUTO_CLEAR(sgl_buf) value = sgl_buf_init(1 << 16);
		sgl_cert_parts p = {0};
		SGL_AUTO(sgl_cert)
		ca = NULL;
		uint32_t effort = EFFORT;

		assert_int_equal(
		    sgl_buf_add(&value, unhex(broken[i]), NULL), SGL_OK);
		ca = make(*state, &p, SGL_OID_CE_NAME_CONSTRAINTS, &value);
		if (ca->malformed_extension.len > 0)
			continue; /* found before it comes to this */
		if (sgl_constraints_allow(ca, leaf, &effort))
			fail_msg("row %zu", i);
	}
}

static void
is_bounded(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) names = sgl_buf_init(1 << 20);
	SGL_AUTO_CLEAR(sgl_buf) trees = sgl_buf_init(1 << 20);
	SGL_AUTO(sgl_cert)
	ca = NULL;
	SGL_AUTO(sgl_cert)
	leaf = NULL;
	uint32_t effort = 100000;

	for (int i = 0; i < 1000; i++) {
		assert_int_equal(
		    sgl_buf_printf(&names, NULL, "da%d.org ", i), SGL_OK);
		assert_int_equal(
		    sgl_buf_printf(&trees, NULL, "-db%d.org ", i), SGL_OK);
	}
	assert_int_equal(sgl_buf_add(&names, SGL_LIT("\0"), NULL), SGL_OK);
	assert_int_equal(sgl_buf_add(&trees, SGL_LIT("\0"), NULL), SGL_OK);
	ca = make_ca(*state, (char *)trees.data);
	leaf = make_leaf(*state, "", (char *)names.data);
	assert_false(sgl_constraints_allow(ca, leaf, &effort));
	assert_int_equal(effort, 0);
	effort = 2000000;
	assert_true(sgl_constraints_allow(ca, leaf, &effort));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(compares_names),
	    cmocka_unit_test(refuses_broken),
	    cmocka_unit_test(is_bounded),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
