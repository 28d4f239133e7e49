/* SPDX-License-Identifier: Apache-2.0 */
/* Keepers, and the keyholder's answers, when there is no memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "crypto/pubkey.h"
#include "support/fault.h"
#include "support/folder.h"
#include "support/people.h"
#include "vault/folder_test.h"
#include "vault/keeper_wire.h"
#include "vault/lease.h"
#include "vault/master.h"
#include "vault/ticket_test.h"

static sgl_engine *engine;
static sgl_folder folder;
static sgl_tester who;
static sgl_buf sealed;
static sgl_digest digest;
static sgl_sealed_key sealed_key;
static sgl_certs certs;
static sgl_handout handout;

static int
set_up(void **state)
{
	SGL_AUTO(sgl_keeper)
	k = NULL;
	bool made;

	(void)state;
	sgl_folder_make(&folder);
	assert_int_equal(sgl_engine_new(NULL, &engine, NULL), SGL_OK);
	sgl_tester_make(engine, SGL_KEY_P256, "alice", 1, SGL_KU_ALL, &who);
	assert_int_equal(
	    sgl_master_create(engine, folder.path, &made, NULL), SGL_OK);
	assert_int_equal(keeper_at(engine, folder.path, &k, NULL), SGL_OK);
	sealed = sgl_buf_init(SGL_SEALED_MAX);
	assert_int_equal(sgl_keeper_take(k, who.key, 1, &sealed, NULL), SGL_OK);
	assert_int_equal(sgl_hash_once(engine, SGL_DIGEST_SHA256,
			     sgl_key_get_spki(who.key), &digest, NULL),
	    SGL_OK);
	sealed_key = (sgl_sealed_key){
	    {.id = 1, .spki_digest = sgl_digest_slice(&digest)},
	    sgl_buf_slice(&sealed)};
	assert_int_equal(sgl_certs_add(&certs, who.cert, NULL), SGL_OK);
	handout = (sgl_handout){.keys = &sealed_key,
	    .num_keys = 1,
	    .certs = &certs,
	    .password = SGL_LIT("secret"),
	    .legacy = true}; /* fewer rounds */
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_certs_clear(&certs);
	sgl_buf_clear(&sealed);
	sgl_tester_clear(&who);
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

/* ----------------------------------------------------------------- here --- */

static sgl_status
do_here(void *ctx, sgl_err *err)
{
	SGL_AUTO(sgl_keeper)
	k = NULL;
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO(sgl_key)
	again = NULL;
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(SGL_SEALED_MAX);

	(void)ctx;
	TRY(keeper_at(engine, folder.path, &k, err));
	TRY(sgl_keeper_generate(k, SGL_KEY_P256, 0, 1, &out, &key, err));
	TRY(sgl_keeper_take(k, key, 2, &out, err));
	return sgl_keeper_open(k, &sealed_key, &again, err);
}

static sgl_status
do_lease(void *ctx, sgl_err *err)
{
	const sgl_ticket ticket = {.uses = 1, .expires = INT64_MAX};
	const sgl_lease_order order = {
	    .type = SGL_KEEPER_OPEN, .question = SGL_LIT("question")};
	SGL_AUTO(sgl_keeper)
	k = NULL;
	SGL_AUTO(sgl_key)
	lease = NULL;
	sgl_key *inner;

	(void)ctx;
	TRY(keeper_at(engine, folder.path, &k, err));
	TRY(sgl_keeper_open(k, &sealed_key, &inner, err));
	return sgl_lease_new(engine, k, inner, &ticket, &order, &lease, err);
}

/* ------------------------------------------------------- the keyholder's ---
 */

typedef struct talk {
	sgl_keeper *keeper;
	sgl_channel *near_end, *far_end;
	sgl_keeper_server *server;
	sgl_test_tickets tickets;
} talk;

static void
talk_clear(talk *t)
{
	sgl_keeper_server_free(t->server);
	sgl_channel_free(t->near_end);
	sgl_channel_free(t->far_end);
	sgl_keeper_free(t->keeper);
	sgl_test_tickets_clear(&t->tickets);
}
SGL_AUTO_CLEAR_TYPE(talk, talk_clear)

static sgl_status
talk_init(talk *t, sgl_err *err)
{
	sgl_status status;
	int ends[2];

	TRY(sgl_test_tickets_init(&t->tickets, err));
	TRY(keeper_at(engine, folder.path, &t->keeper, err));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	status = sgl_channel_new(ends[0], &t->near_end, err);
	if (status != SGL_OK)
		(void)close(ends[0]);
	if (status == SGL_OK)
		status = sgl_channel_new(ends[1], &t->far_end, err);
	if (t->far_end == NULL)
		(void)close(ends[1]);
	TRY(status);
	return sgl_keeper_server_new(
	    engine, t->keeper, t->far_end, &t->tickets.door, &t->server, err);
}

/* What the near end gets: an answer, or a failure that says why. */
static sgl_status
exchange(talk *t, unsigned type, const sgl_buf *question, sgl_err *err)
{
	unsigned got;
	sgl_slice body;
	bool ended;
	SGL_AUTO_CLEAR(sgl_buf) wrapped = {0};

	TRY(sgl_test_tickets_wrap(
	    &t->tickets, engine, type, sgl_buf_slice(question), &wrapped, err));
	TRY(sgl_keeper_serve(t->server, type, sgl_buf_slice(&wrapped), err));
	TRY(sgl_channel_receive(
	    t->near_end, SGL_CHANNEL_MESSAGE, &got, &body, &ended, err));
	assert_false(ended);
	return got == SGL_MESSAGE_FAILURE ? sgl_failure_take(body, err)
					  : SGL_OK;
}

static sgl_status
do_open(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(talk) t = {0};
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question);

	(void)ctx;
	TRY(talk_init(&t, err));
	sgl_keeper_add_sealed_key(&w, &sealed_key);
	TRY(sgl_wire_end(&w, err));
	return exchange(&t, SGL_KEEPER_OPEN, &question, err);
}

static sgl_status
add_open_and_many(sgl_buf *open, sgl_buf *many, sgl_err *err)
{
	const sgl_key_request sign = {.op = SGL_KEY_SIGN,
	    .sig = {.scheme = SGL_SIG_ECDSA, .digest = SGL_DIGEST_SHA256}};
	const sgl_key_request requests[3] = {sign, sign, sign};
	sgl_wire w = sgl_wire_over(open), v = sgl_wire_over(many);

	sgl_keeper_add_sealed_key(&w, &sealed_key);
	TRY(sgl_wire_end(&w, err));
	sgl_farkey_add_questions(&v, 0, requests, 3);
	return sgl_wire_end(&v, err);
}

static sgl_status
do_ask_many(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(talk) t = {0};
	SGL_AUTO_CLEAR(sgl_buf) open = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	SGL_AUTO_CLEAR(sgl_buf) many = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_slice body;
	unsigned got;
	bool ended;

	(void)ctx;
	TRY(talk_init(&t, err));
	TRY(add_open_and_many(&open, &many, err));
	TRY(exchange(&t, SGL_KEEPER_OPEN, &open, err));
	TRY(sgl_keeper_serve(
	    t.server, SGL_MESSAGE_ASK_KEYS, sgl_buf_slice(&many), err));
	TRY(sgl_channel_receive(
	    t.near_end, SGL_CHANNEL_MESSAGE, &got, &body, &ended, err));
	return got == SGL_MESSAGE_FAILURE ? sgl_failure_take(body, err)
					  : SGL_OK;
}

static sgl_status
do_generate(void *ctx, sgl_err *err)
{
	const sgl_generate_order order = {.sort = {SGL_KEY_P256, 0}, .id = 3};
	SGL_AUTO_CLEAR(talk) t = {0};
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question);

	(void)ctx;
	TRY(talk_init(&t, err));
	sgl_keeper_add_generate(&w, &order);
	TRY(sgl_wire_end(&w, err));
	return exchange(&t, SGL_KEEPER_GENERATE, &question, err);
}

static sgl_status
do_hand_out(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(talk) t = {0};
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question);

	(void)ctx;
	TRY(talk_init(&t, err));
	sgl_keeper_add_handout(&w, &handout);
	TRY(sgl_wire_end(&w, err));
	return exchange(&t, SGL_KEEPER_PKCS12, &question, err);
}

/* As it is, or (ctx) for a recipient. */
static sgl_status
do_hand_over(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(talk) t = {0};
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question);
	sgl_hand_over h = {.key = sealed_key,
	    .signer = sealed_key,
	    .signer_cert = who.cert,
	    .cipher = SGL_CIPHER_AES256_CBC};

	if (ctx != NULL)
		h.recipient = (sgl_bare_recipient){
		    sgl_key_get_spki(who.key), SGL_LIT("name")};
	TRY(talk_init(&t, err));
	sgl_keeper_add_hand_over(&w, &h);
	TRY(sgl_wire_end(&w, err));
	return exchange(&t, SGL_KEEPER_HAND_OVER, &question, err);
}

static sgl_status
do_hand_over_packed(void *ctx, sgl_err *err)
{
	(void)ctx;
	return do_hand_over(&who, err);
}

/* What a failure that travelled says is kept by the process, once each; so all
 * of them travel before it is counted what is left. */
static size_t
each_answer(sgl_fault_job job)
{
	size_t num;

	sgl_fault_arm(0);
	assert_int_equal(job(NULL, NULL), SGL_OK);
	num = sgl_fault_count();
	for (size_t n = 1; n <= num; n++) {
		sgl_fault_arm(n);
		(void)!job(NULL, NULL);
	}
	sgl_fault_arm(0);
	return sgl_fault_each(job, NULL);
}

static void
no_memory_is_told(void **state)
{
	(void)state;
	assert_true(sgl_fault_each(do_here, NULL) > 10);
	/* What the engine keeps of the first time is not lost. */
	assert_int_equal(do_lease(NULL, NULL), SGL_OK);
	assert_true(sgl_fault_each(do_lease, NULL) > 8);
	assert_true(each_answer(do_open) > 8);
	assert_true(each_answer(do_ask_many) > 10);
	assert_true(each_answer(do_generate) > 8);
	assert_true(each_answer(do_hand_out) > 10);
	assert_true(each_answer(do_hand_over) > 8);
	assert_true(each_answer(do_hand_over_packed) > 15);
}

static void
nothing_of_a_key_is_left(void **state)
{
	SGL_AUTO_CLEAR(sgl_secret) secret = {0};
	const uint8_t *number;

	(void)state;
	assert_int_equal(sgl_key_write(who.key, &secret, NULL), SGL_OK);
	/* The OCTET STRING of 32: the rest is no secret (RFC 5915 3). */
	number = memmem(secret.data, secret.len, "\x04\x20", 2);
	assert_non_null(number);
	sgl_fault_watch(sgl_slice_of(number + 2, 32));
	assert_int_equal(do_hand_over(NULL, NULL), SGL_OK);
	assert_int_equal(do_hand_over_packed(NULL, NULL), SGL_OK);
	assert_int_equal(sgl_fault_left(), 0);
	sgl_fault_watch((sgl_slice){NULL, 0});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_memory_is_told),
	    cmocka_unit_test(nothing_of_a_key_is_left),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
