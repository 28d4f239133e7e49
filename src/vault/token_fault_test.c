/* SPDX-License-Identifier: Apache-2.0 */
/* No memory, at every point of using a token. */
#include "vault/hsm_test.h"

#include "support/fault.h"
#include "vault/token.h"

typedef struct world {
	sgl_engine *engine;
	sgl_folder folder;
	sgl_tester rsa, ec;
	char uri[1024];
	sgl_buf v15, oaep, point;
} world;

static world the;

static void
encrypt(const sgl_oaep *oaep, sgl_buf *out)
{
	SGL_AUTO(sgl_pubkey)
	public = NULL;

	*out = sgl_buf_init(SGL_ANSWER_MAX);
	assert_int_equal(sgl_pubkey_read(the.engine,
			     sgl_key_get_spki(the.rsa.key), &public, NULL),
	    SGL_OK);
	assert_int_equal(sgl_pubkey_encrypt(the.engine, public, oaep,
			     SGL_LIT("0123456789abcdef"), out, NULL),
	    SGL_OK);
}

static void
make_messages(void)
{
	const sgl_oaep form = {SGL_DIGEST_SHA256, SGL_DIGEST_SHA256, {NULL, 0}};
	SGL_AUTO_CLEAR(sgl_secret) secret = {0};
	SGL_AUTO(sgl_pubkey)
	public = NULL;

	encrypt(NULL, &the.v15);
	encrypt(&form, &the.oaep);
	the.point = sgl_buf_init(256);
	assert_int_equal(sgl_pubkey_read(the.engine,
			     sgl_key_get_spki(the.ec.key), &public, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_pubkey_agree(the.engine, public, &the.point, &secret, NULL),
	    SGL_OK);
}

static int
set_up(void **state)
{
	const hsm_how rsa = {"rsa", 1, false}, ec = {"ec", 2, false};
	hsm h;

	(void)state;
	if (sgl_engine_new(NULL, &the.engine, NULL) != SGL_OK)
		return -1;
	sgl_folder_make(&the.folder);
	hsm_prepare(&the.folder);
	sgl_tester_make(
	    the.engine, SGL_KEY_RSA, "alice", 1, SGL_KU_ALL, &the.rsa);
	sgl_tester_make(
	    the.engine, SGL_KEY_P256, "bob", 2, SGL_KU_ALL, &the.ec);
	hsm_new(&h, "alice");
	hsm_add_private(&h, the.rsa.key, &rsa);
	hsm_add_private(&h, the.ec.key, &ec);
	hsm_add_public(&h, the.ec.key, &ec);
	hsm_add_cert(&h, sgl_cert_get_der(the.rsa.cert), "rsa", 1);
	hsm_done(&h);
	(void)snprintf(the.uri, sizeof the.uri,
	    "pkcs11:token=alice?module-path=%s", getenv("SIGILL_TOKEN_SHIM"));
	make_messages();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_buf_clear(&the.v15);
	sgl_buf_clear(&the.oaep);
	sgl_buf_clear(&the.point);
	sgl_tester_clear(&the.rsa);
	sgl_tester_clear(&the.ec);
	sgl_engine_free(the.engine);
	sgl_folder_remove(&the.folder);
	return 0;
}

static sgl_status
use_keys(const sgl_keyring *ring, sgl_err *err)
{
	const sgl_key_request requests[] = {
	    {.op = SGL_KEY_SIGN,
		.input = SGL_LIT("a message"),
		.sig = {SGL_SIG_RSA_PKCS1, SGL_DIGEST_SHA256, 0, 0}},
	    {.op = SGL_KEY_RSA_V15,
		.input = sgl_buf_slice(&the.v15),
		.want_len = 16},
	    {.op = SGL_KEY_RSA_OAEP,
		.input = sgl_buf_slice(&the.oaep),
		.oaep_digest = SGL_DIGEST_SHA256,
		.oaep_mgf = SGL_DIGEST_SHA256},
	    {.op = SGL_KEY_SIGN,
		.input = SGL_LIT("a message"),
		.sig = {SGL_SIG_ECDSA, SGL_DIGEST_SHA256, 0, 0}},
	    {.op = SGL_KEY_ECDH, .input = sgl_buf_slice(&the.point)},
	};
	sgl_key_answer answer;

	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < ring->num_keys; k++)
			if ((sgl_key_get_kind(ring->keys[k]) == SGL_KEY_RSA) ==
			    (i < 3)) {
				/* In a new session each time. */
				(void)setenv("SIGILL_SHIM", "session-lost", 1);
				TRY(sgl_key_ask(the.engine, ring->keys[k],
				    &requests[i], &answer, err));
			}
	return SGL_OK;
}

static sgl_status
use_token(void *ctx, sgl_err *err)
{
	SGL_AUTO(sgl_token)
	t = NULL;
	sgl_keyring ring = {0};
	sgl_status status;

	(void)ctx;
	(void)unsetenv("SIGILL_SHIM");
	/* What is remembered would spare allocations. */
	sgl_engine_forget(the.engine);
	TRY(sgl_token_open(the.engine, the.uri, SGL_LIT(HSM_PIN), &t, err));
	status = sgl_token_add_to_ring(t, &ring, err);
	if (status == SGL_OK)
		status = use_keys(&ring, err);
	sgl_keyring_clear(&ring);
	sgl_engine_forget(the.engine);
	return status;
}

static void
survives_without_memory(void **state)
{
	(void)state;
	/* What an engine makes once and keeps is made by then. */
	assert_int_equal(use_token(NULL, NULL), SGL_OK);
	assert_true(sgl_fault_each(use_token, NULL) > 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(survives_without_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
