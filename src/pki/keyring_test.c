/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pki/cert.h"
#include "support/fault.h"
#include "support/issue.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

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

static const sgl_key_kind kinds[] = {SGL_KEY_RSA, SGL_KEY_P256, SGL_KEY_P384,
    SGL_KEY_P521, SGL_KEY_ED25519, SGL_KEY_X25519};

/* Keys and certificates in any order, twice. */
static void
pairs_keys(void **state)
{
	SGL_AUTO_CLEAR(sgl_who) root = {0};
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	sgl_who who[COUNT(kinds)] = {{0}};

	sgl_issue_cert(
	    *state, &(sgl_issue){.name = "root", .is_ca = true}, NULL, &root);
	for (size_t i = 0; i < COUNT(kinds); i++)
		sgl_issue_cert(*state,
		    &(sgl_issue){.name = "Alice", .kind = kinds[i]}, &root,
		    &who[i]);
	for (int again = 0; again < 2; again++)
		for (size_t i = 0; i < COUNT(kinds); i++) {
			assert_int_equal(
			    sgl_keyring_add_cert(&ring, who[i].cert, NULL),
			    SGL_OK);
			assert_int_equal(
			    sgl_keyring_add_key(
				&ring, who[COUNT(kinds) - 1 - i].key, NULL),
			    SGL_OK);
		}
	assert_int_equal(ring.certs.num, COUNT(kinds));
	assert_int_equal(ring.num_keys, COUNT(kinds));
	for (size_t i = 0; i < COUNT(kinds); i++)
		assert_ptr_equal(
		    sgl_keyring_find_key(&ring, who[i].cert), who[i].key);
	assert_null(sgl_keyring_find_key(&ring, root.cert));
	for (size_t i = 0; i < COUNT(kinds); i++)
		sgl_who_clear(&who[i]);
}

typedef struct job {
	const sgl_who *who;
} job;

static sgl_status
add_job(void *ctx, sgl_err *err)
{
	job *j = ctx;
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};

	TRY(sgl_keyring_add_key(&ring, j->who->key, err));
	return sgl_keyring_add_cert(&ring, j->who->cert, err);
}

static void
survives_lack_of_memory(void **state)
{
	SGL_AUTO_CLEAR(sgl_who) who = {0};
	job j = {&who};

	sgl_issue_cert(*state, &(sgl_issue){.name = "Alice"}, NULL, &who);
	assert_int_equal(sgl_fault_each(add_job, &j), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pairs_keys),
	    cmocka_unit_test(survives_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
