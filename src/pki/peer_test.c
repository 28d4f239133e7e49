/* SPDX-License-Identifier: Apache-2.0 */
/* Chains of random make, judged by us and by openssl verify. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "asn1/pem.h"
#include "pki/crl.h"
#include "pki/path.h"
#include "support/folder.h"
#include "support/issue.h"

#define ROUNDS 150 /* or $SIGILL_ROUNDS */
#define MAX_CAS 4  /* root included */
#define KEYS (MAX_CAS + 2)

static const sgl_oid mail[] = {SGL_OID_KP_EMAIL_PROTECTION};
static const sgl_oid client[] = {SGL_OID_KP_CLIENT_AUTH};
static const sgl_oid both[] = {
    SGL_OID_KP_CLIENT_AUTH, SGL_OID_KP_EMAIL_PROTECTION};

/* One round: the same every time, and told when it fails. */
typedef struct round {
	sgl_engine *engine;
	sgl_key **keys;
	uint64_t dice;
	sgl_who cas[MAX_CAS];
	size_t num_cas;
	sgl_who leaf;
	sgl_certs others;
	sgl_crls crls;
	bool with_crls;
	bool any_purpose;
} round;

static unsigned
roll(round *r, unsigned sides)
{
	r->dice ^= r->dice << 13;
	r->dice ^= r->dice >> 7;
	r->dice ^= r->dice << 17;
	return (unsigned)(r->dice >> 33) % sides;
}

static void
roll_usage(round *r, sgl_issue *what)
{
	switch (roll(r, 12)) {
	case 0:
		what->ext_key_usage = client;
		what->num_ext_key_usage = 1;
		break;
	case 1:
		what->ext_key_usage = both;
		what->num_ext_key_usage = 2;
		break;
	case 2:
		what->ext_key_usage = mail;
		what->num_ext_key_usage = 1;
		break;
	default:
		break;
	}
}

static void
roll_time(round *r, sgl_issue *what)
{
	switch (roll(r, 40)) {
	case 0:
		what->until = SGL_ISSUE_TIME - 1;
		break;
	case 1:
		what->from = SGL_ISSUE_TIME + 1;
		break;
	default:
		/* Not the last second itself: RFC 5280 4.1.2.5 includes it,
		 * openssl does not. */
		break;
	}
}

static void
make_ca(round *r, size_t i)
{
	static const char *const names[] = {"root", "a", "b", "c"};
	sgl_issue what = {.name = names[i], .is_ca = true, .key = r->keys[i]};

	/* Self-issued now and then: those do not count for path lengths. Not
	 * with CRLs, where openssl does not take one that is signed by another
	 * key of the same name (PKITS 4.5.6). */
	if (i > 1 && !r->with_crls && roll(r, 8) == 0)
		what.name = names[i - 1];
	if (roll(r, 15) == 0)
		what.is_ca = false;
	if (what.is_ca && roll(r, 3) == 0) {
		what.has_path_len = true;
		what.path_len = roll(r, MAX_CAS);
	}
	if (what.is_ca && i > 0 && roll(r, 4) == 0)
		what.permitted_domain =
		    roll(r, 4) == 0 ? "example.com" : "example.org";
	roll_usage(r, &what);
	roll_time(r, &what);
	sgl_issue_cert(
	    r->engine, &what, i == 0 ? NULL : &r->cas[i - 1], &r->cas[i]);
	if (i > 0)
		assert_int_equal(
		    sgl_certs_add(&r->others, r->cas[i].cert, NULL), SGL_OK);
}

/* One that looks like the issuer but has another key. */
static void
make_decoy(round *r, size_t i)
{
	SGL_AUTO_CLEAR(sgl_who) decoy = {0};
	sgl_issue what = {.name = i == 1 ? "a" : "b",
	    .is_ca = true,
	    .key = r->keys[KEYS - 1]};

	sgl_issue_cert(r->engine, &what, &r->cas[0], &decoy);
	assert_int_equal(sgl_certs_add(&r->others, decoy.cert, NULL), SGL_OK);
}

static void
make_leaf(round *r)
{
	sgl_issue what = {.name = roll(r, 3) == 0 ? "" : "Alice",
	    .address = roll(r, 2) == 0 ? "alice@example.org"
				       : "alice@mail.example.org",
	    .key = r->keys[KEYS - 2]};

	roll_usage(r, &what);
	roll_time(r, &what);
	if (roll(r, 8) == 0)
		what.key_usage = SGL_KU_KEY_AGREEMENT;
	sgl_issue_cert(r->engine, &what, &r->cas[r->num_cas - 1], &r->leaf);
}

static void
make_crls(round *r)
{
	for (size_t i = 0; i < r->num_cas; i++) {
		const sgl_cert *below =
		    i + 1 < r->num_cas ? r->cas[i + 1].cert : r->leaf.cert;
		SGL_AUTO(sgl_crl)
		crl = NULL;

		if (roll(r, 10) == 0)
			continue;
		crl = sgl_issue_crl(
		    r->engine, &r->cas[i], roll(r, 8) == 0 ? below : NULL, 1);
		assert_int_equal(sgl_crls_add(&r->crls, crl, NULL), SGL_OK);
	}
}

static void
make_round(round *r)
{
	r->num_cas = 1 + roll(r, MAX_CAS);
	r->any_purpose = roll(r, 4) == 0;
	r->with_crls = roll(r, 3) == 0;
	if (roll(r, 3) == 0) {
		make_ca(r, 0);
		make_decoy(r, 1 + roll(r, 2));
	} else {
		make_ca(r, 0);
	}
	for (size_t i = 1; i < r->num_cas; i++)
		make_ca(r, i);
	make_leaf(r);
	if (r->with_crls)
		make_crls(r);
}

static void
clear_round(round *r)
{
	for (size_t i = 0; i < r->num_cas; i++)
		sgl_who_clear(&r->cas[i]);
	sgl_who_clear(&r->leaf);
	sgl_certs_clear(&r->others);
	sgl_crls_clear(&r->crls);
}

static sgl_path_fault
ask_us(const round *r)
{
	SGL_AUTO_CLEAR(sgl_certs) anchors = {0};
	SGL_AUTO_CLEAR(sgl_path) path = {0};
	sgl_evidence evidence = {&anchors, &r->others, &r->crls, NULL};
	sgl_path_policy policy = {.time = SGL_ISSUE_TIME,
	    .require_revocation = r->with_crls,
	    .purpose =
		r->any_purpose ? SGL_PURPOSE_ANY : SGL_PURPOSE_MAIL_SIGN};

	assert_int_equal(sgl_certs_add(&anchors, r->cas[0].cert, NULL), SGL_OK);
	assert_int_equal(sgl_path_check(r->engine, r->leaf.cert, &evidence,
			     &policy, &path, NULL),
	    SGL_OK);
	return path.fault;
}

static void
add_pem(sgl_buf *out, const char *label, sgl_slice der)
{
	assert_int_equal(sgl_pem_add(out, label, der, NULL), SGL_OK);
}

static bool
ask_openssl(const round *r, const sgl_folder *folder)
{
	SGL_AUTO_CLEAR(sgl_buf) root = sgl_buf_init(1 << 20);
	SGL_AUTO_CLEAR(sgl_buf) others = sgl_buf_init(1 << 20);
	SGL_AUTO_CLEAR(sgl_buf) leaf = sgl_buf_init(1 << 20);
	SGL_AUTO_CLEAR(sgl_buf) crls = sgl_buf_init(1 << 20);
	char command[1024];

	add_pem(&root, "CERTIFICATE", r->cas[0].cert->der);
	add_pem(&leaf, "CERTIFICATE", r->leaf.cert->der);
	/* something must be in each file */
	add_pem(&others, "CERTIFICATE", r->leaf.cert->der);
	for (size_t i = 0; i < r->others.num; i++)
		add_pem(&others, "CERTIFICATE", r->others.items[i]->der);
	for (size_t i = 0; i < r->crls.num; i++)
		add_pem(&crls, "X509 CRL", r->crls.items[i]->der);
	sgl_folder_write(folder, "root", sgl_buf_slice(&root));
	sgl_folder_write(folder, "others", sgl_buf_slice(&others));
	sgl_folder_write(folder, "leaf", sgl_buf_slice(&leaf));
	if (crls.len > 0)
		sgl_folder_write(folder, "crls", sgl_buf_slice(&crls));
	(void)snprintf(command, sizeof command,
	    "cd '%s' && openssl verify -purpose %s -attime %d %s %s "
	    "-CAfile root -untrusted others leaf >log 2>&1",
	    folder->path, r->any_purpose ? "any" : "smimesign", SGL_ISSUE_TIME,
	    r->with_crls ? "-crl_check_all" : "",
	    r->crls.num > 0 ? "-CRLfile crls" : "");
	return system(command) == 0;
}

static void
agrees_with_openssl(void **state)
{
	sgl_engine *engine;
	sgl_folder folder;
	sgl_key *keys[KEYS];
	const char *given = getenv("SIGILL_ROUNDS");
	unsigned rounds = given != NULL ? (unsigned)atoi(given) : ROUNDS;
	size_t good = 0;

	(void)state;
	if (system("openssl version >/dev/null 2>&1") != 0) {
		print_message("no openssl: skipped\n");
		skip();
	}
	assert_int_equal(sgl_engine_new(NULL, &engine, NULL), SGL_OK);
	for (size_t i = 0; i < KEYS; i++)
		assert_int_equal(
		    sgl_key_generate(engine, SGL_KEY_P256, 0, &keys[i], NULL),
		    SGL_OK);
	sgl_folder_make(&folder);
	for (unsigned n = 1; n <= rounds; n++) {
		round r = {.engine = engine,
		    .keys = keys,
		    .dice = n * UINT64_C(0x9e3779b97f4a7c15)};
		sgl_path_fault fault;

		make_round(&r);
		fault = ask_us(&r);
		good += fault == SGL_PATH_OK;
		if ((fault == SGL_PATH_OK) != ask_openssl(&r, &folder)) {
			SGL_AUTO_CLEAR(sgl_buf)
			log = sgl_folder_read(&folder, "log");
			fail_msg("round %u: %s; openssl: %s", n,
			    sgl_path_fault_name(fault), (char *)log.data);
		}
		clear_round(&r);
	}
	print_message("%u rounds, %zu of them valid\n", rounds, good);
	/* Neither side of the comparison may die out unseen. */
	assert_in_range(good, rounds / 5, rounds * 4 / 5);
	sgl_folder_remove(&folder);
	for (size_t i = 0; i < KEYS; i++)
		sgl_key_unref(keys[i]);
	sgl_engine_free(engine);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(agrees_with_openssl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
