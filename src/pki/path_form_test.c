/* SPDX-License-Identifier: Apache-2.0 */
/* Leaves whose extensions make them unfit for any path, with good signatures.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "pki/build_inside.h"
#include "pki/path.h"
#include "support/issue.h"
#include "support/parts.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define R(s) SGL_RAW(s)
#define OID_BC R("\x55\x1d\x13")
#define OID_NC R("\x55\x1d\x1e")
#define OID_POLICIES R("\x55\x1d\x20")
#define OID_ODD R("\x2a\x03\x04")
#define NO_HOST R("\x30\x06\xa1\x04\x30\x02\x81\x00")
#define TWO_POLICIES(a, b)                                                     \
	R("\x30\x0c\x30\x04\x06\x02\x2a" a "\x30\x04\x06\x02\x2a" b)

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

static const struct {
	const char *name;
	sgl_cert_parts parts;
	sgl_path_fault fault;
} leaves[] = {
    {"plain", {.no_version = false}, SGL_PATH_OK},
    {"version 1", {.no_version = true}, SGL_PATH_OK},
    {"an extension", {.exts = {{OID_ODD, "", R("")}}}, SGL_PATH_OK},
    {"an extension before version 3",
	{.exts = {{OID_ODD, "", R("")}}, .version = R("\xa0\x03\x02\x01\x01")},
	SGL_PATH_MALFORMED},
    {"an extension in version 1",
	{.exts = {{OID_ODD, "", R("")}}, .no_version = true},
	SGL_PATH_MALFORMED},
    {"two policies",
	{.exts = {{OID_POLICIES, "", TWO_POLICIES("\x01", "\x02")}}},
	SGL_PATH_OK},
    {"a policy twice",
	{.exts = {{OID_POLICIES, "", TWO_POLICIES("\x01", "\x01")}}},
	SGL_PATH_MALFORMED},
    {"name constraints of no authority", {.exts = {{OID_NC, "\xff", NO_HOST}}},
	SGL_PATH_MALFORMED},
    {"name constraints of an authority",
	{.exts = {{OID_NC, "\xff", NO_HOST},
	     {OID_BC, "\xff", R("\x30\x03\x01\x01\xff")}}},
	SGL_PATH_OK},
};

/* The leaf's key is of no use to us: its public half is the issuer's. */
static sgl_cert *
sign(sgl_engine *engine, const sgl_who *issuer, sgl_cert_parts parts)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 16);
	SGL_AUTO_CLEAR(sgl_buf) whole = sgl_buf_init(1 << 16);
	SGL_AUTO(sgl_cert)
	draft = NULL;
	sgl_cert *cert = NULL;
	sgl_sig_alg alg;

	parts.issuer = issuer->cert->subject;
	parts.spki = sgl_key_get_spki(issuer->key);
	sgl_parts_cert(&parts, &der);
	assert_int_equal(
	    sgl_cert_read(engine, sgl_buf_slice(&der), &draft, NULL), SGL_OK);
	assert_int_equal(
	    sgl_sign_alg(issuer->key, SGL_DIGEST_SHA256, &alg, NULL), SGL_OK);
	assert_int_equal(sgl_sign_whole(engine, draft->tbs, issuer->key, &alg,
			     (sgl_slice){0}, &whole, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_cert_read(engine, sgl_buf_slice(&whole), &cert, NULL), SGL_OK);
	return cert;
}

static void
judges_by_form(void **state)
{
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	sgl_certs anchors = {0};
	const sgl_evidence evidence = {.anchors = &anchors};
	const sgl_path_policy policy = {.time = SGL_ISSUE_TIME};

	sgl_issue_cert(
	    *state, &(sgl_issue){.name = "root", .is_ca = true}, NULL, &root);
	assert_int_equal(sgl_certs_add(&anchors, root.cert, NULL), SGL_OK);
	for (size_t i = 0; i < COUNT(leaves); i++) {
		SGL_AUTO_CLEAR(sgl_path) path = {0};
		SGL_AUTO(sgl_cert)
		leaf = sign(*state, &root, leaves[i].parts);

		assert_int_equal(sgl_path_check(*state, leaf, &evidence,
				     &policy, &path, NULL),
		    SGL_OK);
		if (path.fault != leaves[i].fault || !path.reaches_anchor)
			fail_msg("%s: %s", leaves[i].name,
			    sgl_path_fault_name(path.fault));
	}
	sgl_certs_clear(&anchors);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(judges_by_form),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
