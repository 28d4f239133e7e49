/* SPDX-License-Identifier: Apache-2.0 */
/* NIST's Public Key Interoperability Test Suite 1.0.1, all runs of it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "pki/path.h"
#include "support/corpus.h"

#define COLUMNS 10
#define RUNS 249
/* 2011-04-15, a day after it was published. */
#define TIME 1302825600
#define MAX_POLICIES 8

/*
 * Where we differ, and why. DSA is not among the algorithms of RFC 8551 2.2 and
 * we do not verify it: valid paths with it are not valid here.
 */
static const char *const unsupported[] = {"4.1.4", "4.1.5"};

enum { TEST, NAME, CERTS, CRLS, VALID, INITIAL, EXPLICIT, MAPPING, ANY };

static bool
is_set(sgl_slice column)
{
	return sgl_slice_eq(column, SGL_LIT("true"));
}

/* Cuts `text` at `byte`; false when nothing is left. */
static bool
next_field(sgl_slice *text, char byte, sgl_slice *out)
{
	const uint8_t *end;
	size_t n;

	if (text->data == NULL)
		return false;
	end = text->len == 0 ? NULL : memchr(text->data, byte, text->len);
	n = end == NULL ? text->len : (size_t)(end - text->data);
	*out = sgl_slice_first(*text, n);
	*text = end == NULL ? (sgl_slice){0} : sgl_slice_from(*text, n + 1);
	return true;
}

static void
read_file(const char *folder, sgl_slice name, const char *ending, sgl_buf *out)
{
	char path[512];

	(void)snprintf(path, sizeof path, "pkits/%s/%.*s.%s", folder,
	    (int)name.len, name.data, ending);
	sgl_corpus_read(path, out);
}

static sgl_cert *
read_cert(sgl_engine *engine, sgl_slice name)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	sgl_cert *cert = NULL;

	read_file("certs", name, "crt", &der);
	assert_int_equal(
	    sgl_cert_read(engine, sgl_buf_slice(&der), &cert, NULL), SGL_OK);
	return cert;
}

static void
add_crl(sgl_engine *engine, sgl_slice name, sgl_crls *set)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	SGL_AUTO(sgl_crl)
	crl = NULL;

	read_file("crls", name, "crl", &der);
	assert_int_equal(
	    sgl_crl_read(engine, sgl_buf_slice(&der), &crl, NULL), SGL_OK);
	assert_int_equal(sgl_crls_add(set, crl, NULL), SGL_OK);
}

/* id-nist-test-policies is 2.16.840.1.101.3.2.1.48. */
static sgl_slice
policy_oid(sgl_slice name)
{
	static const char oids[] = "\x60\x86\x48\x01\x65\x03\x02\x01\x30\x01"
				   "\x60\x86\x48\x01\x65\x03\x02\x01\x30\x02"
				   "\x60\x86\x48\x01\x65\x03\x02\x01\x30\x03"
				   "\x60\x86\x48\x01\x65\x03\x02\x01\x30\x04"
				   "\x60\x86\x48\x01\x65\x03\x02\x01\x30\x05"
				   "\x60\x86\x48\x01\x65\x03\x02\x01\x30\x06";
	int digit;

	if (sgl_slice_eq(name, SGL_LIT("anyPolicy")))
		return sgl_oid_der(SGL_OID_ANY_POLICY);
	digit = name.data[name.len - 1] - '0';
	assert_in_range(digit, 1, 6);
	return sgl_slice_of(oids + 10 * (digit - 1), 10);
}

static size_t
read_policies(sgl_slice list, sgl_slice out[MAX_POLICIES])
{
	sgl_slice name;
	size_t num = 0;

	if (list.len > 0 && list.data[0] == '"')
		list = sgl_slice_of(list.data + 1, list.len - 2);
	if (list.len == 0)
		return 0;
	while (next_field(&list, ',', &name))
		out[num++] = policy_oid(name);
	return num;
}

static bool
is_unsupported(sgl_slice test)
{
	for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++)
		if (sgl_slice_eq(test, sgl_slice_str(unsupported[i])))
			return true;
	return false;
}

static bool
judge(const sgl_slice column[COLUMNS], sgl_path *out)
{
	SGL_AUTO(sgl_engine)
	engine = NULL;
	SGL_AUTO(sgl_cert)
	leaf = NULL;
	SGL_AUTO_CLEAR(sgl_certs) anchors = {0};
	SGL_AUTO_CLEAR(sgl_certs) others = {0};
	SGL_AUTO_CLEAR(sgl_crls) crls = {0};
	sgl_evidence evidence = {&anchors, &others, &crls, NULL};
	sgl_slice policies[MAX_POLICIES], list, name;
	sgl_path_policy policy = {.time = TIME,
	    .require_revocation = true,
	    .initial_policies = policies,
	    .explicit_policy = is_set(column[EXPLICIT]),
	    .inhibit_mapping = is_set(column[MAPPING]),
	    .inhibit_any = is_set(column[ANY])};

	assert_int_equal(sgl_engine_new(NULL, &engine, NULL), SGL_OK);
	policy.num_initial_policies = read_policies(column[INITIAL], policies);
	for (list = column[CERTS]; next_field(&list, ',', &name);) {
		sgl_cert *cert = read_cert(engine, name);

		assert_int_equal(
		    sgl_certs_add(
			anchors.num == 0 ? &anchors : &others, cert, NULL),
		    SGL_OK);
		sgl_cert_unref(leaf);
		leaf = cert;
	}
	for (list = column[CRLS]; next_field(&list, ',', &name);)
		add_crl(engine, name, &crls);
	assert_int_equal(
	    sgl_path_check(engine, leaf, &evidence, &policy, out, NULL),
	    SGL_OK);
	return out->fault == SGL_PATH_OK;
}

static bool
run(sgl_slice line)
{
	SGL_AUTO_CLEAR(sgl_path) path = {0};
	sgl_slice column[COLUMNS] = {0};
	bool want, got;

	for (size_t i = 0; i < COLUMNS; i++)
		if (!next_field(&line, '\t', &column[i]))
			break;
	want = is_set(column[VALID]) && !is_unsupported(column[TEST]);
	got = judge(column, &path);
	if (getenv("SIGILL_VERBOSE") != NULL || got != want)
		print_message("%.*s %.*s: %s at %zu of %zu, should be %s\n",
		    (int)column[TEST].len, column[TEST].data,
		    (int)column[NAME].len, column[NAME].data,
		    sgl_path_fault_name(path.fault), path.fault_at, path.num,
		    want ? "valid" : "invalid");
	return got == want;
}

static void
agrees_with_pkits(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) table = sgl_buf_init(1 << 20);
	sgl_slice rest, line;
	size_t runs = 0, differ = 0;

	(void)state;
	if (!sgl_corpus_has("pkits")) {
		print_message("SIGILL_CORPUS is not set: skipped\n");
		skip();
	}
	sgl_corpus_read("pkits/EXPECTED.tsv", &table);
	rest = sgl_buf_slice(&table);
	while (next_field(&rest, '\n', &line)) {
		if (line.len == 0 || line.data[0] < '0' || line.data[0] > '9')
			continue;
		runs++;
		differ += !run(line);
	}
	assert_int_equal(runs, RUNS);
	assert_int_equal(differ, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(agrees_with_pkits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
