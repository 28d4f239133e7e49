/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: a keeper that is here, and one that is far, whose keyholder is a
 * second process. */
#ifndef SGL_VAULT_KEEPER_TEST_H
#define SGL_VAULT_KEEPER_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "crypto/pubkey.h"
#include "support/folder.h"
#include "vault/folder_test.h"
#include "vault/keeper_wire.h"
#include "vault/master.h"
#include "vault/ticket_test.h"

static sgl_engine *engine;
static sgl_folder folder;
static sgl_keeper *here, *far;
static sgl_channel *channel;
static sgl_test_tickets tickets;
static pid_t keyholder;

/* ------------------------------------------------------- the keyholder --- */

/* Its status: 0 if we left, 2 if it did. */
static inline int
serve(int fd)
{
	sgl_channel *c;
	sgl_keeper_server *server;
	sgl_slice body;
	unsigned type;
	bool ended = false;
	int status = 0;

	if (sgl_channel_new(fd, &c, NULL) != SGL_OK ||
	    sgl_keeper_server_new(
		engine, here, c, &tickets.door, &server, NULL) != SGL_OK)
		return 1;
	while (status == 0 && !ended) {
		if (sgl_channel_receive(c, SGL_CHANNEL_MESSAGE, &type, &body,
			&ended, NULL) != SGL_OK)
			return 1;
		if (!ended &&
		    sgl_keeper_serve(server, type, body, NULL) != SGL_OK)
			status = 2;
	}
	sgl_keeper_server_free(server);
	sgl_channel_free(c);
	return status;
}

/* Instead of the process for tokens. */
static sgl_key *on_token;

static inline sgl_status
open_on_token(void *ctx, const char *uri, sgl_key **out, sgl_err *err)
{
	(void)ctx;
	if (strcmp(uri, "pkcs11:token=alice?pin-source=file:/p") != 0)
		return sgl_fail_at(err, SGL_E_NOKEY, "test", SGL_NO_OFFSET,
		    "no token matches", "%s", "pkcs11:token=bob");
	*out = sgl_key_ref(on_token);
	return SGL_OK;
}

static const sgl_token_source tokens = {open_on_token, NULL};

static inline void
start_keyholder(void)
{
	int ends[2];

	sgl_test_tickets_clear(&tickets);
	assert_int_equal(sgl_test_tickets_init(&tickets, NULL), SGL_OK);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	keyholder = fork();
	if (keyholder == 0) {
		(void)close(ends[0]);
		_exit(serve(ends[1]));
	}
	(void)close(ends[1]);
	assert_int_equal(sgl_channel_new(ends[0], &channel, NULL), SGL_OK);
	assert_int_equal(sgl_keeper_new_far(engine, channel,
			     sgl_ticket_source_of(&tickets.mint), &far, NULL),
	    SGL_OK);
}

static inline void
stop_keyholder(int want)
{
	int status;

	sgl_keeper_free(far);
	sgl_channel_free(channel);
	assert_int_equal(waitpid(keyholder, &status, 0), keyholder);
	assert_int_equal(status, want << 8);
}

static inline int
set_up(void **state)
{
	bool made;

	(void)state;
	sgl_folder_make(&folder);
	assert_int_equal(sgl_engine_new(NULL, &engine, NULL), SGL_OK);
	assert_int_equal(sgl_engine_load_legacy(engine, NULL), SGL_OK);
	assert_int_equal(
	    sgl_master_create(engine, folder.path, &made, NULL), SGL_OK);
	assert_int_equal(keeper_at(engine, folder.path, &here, NULL), SGL_OK);
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_P256, 0, &on_token, NULL), SGL_OK);
	sgl_keeper_set_tokens(here, &tokens);
	start_keyholder();
	return 0;
}

static inline int
tear_down(void **state)
{
	(void)state;
	stop_keyholder(0);
	sgl_test_tickets_clear(&tickets);
	sgl_keeper_free(here);
	sgl_key_unref(on_token);
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

/* ------------------------------------------------------------- helpers --- */

typedef struct sealed_one {
	sgl_buf sealed;
	sgl_digest digest;
	sgl_sealed_key as; /* borrows from both */
} sealed_one;

static inline void
seal_digest(sealed_one *s, sgl_slice spki, int64_t id)
{
	assert_int_equal(
	    sgl_hash_once(engine, SGL_DIGEST_SHA256, spki, &s->digest, NULL),
	    SGL_OK);
	s->as = (sgl_sealed_key){
	    .label = {.id = id, .spki_digest = sgl_digest_slice(&s->digest)},
	    .sealed = sgl_buf_slice(&s->sealed)};
}

static inline void
generate(sgl_keeper *k, sgl_key_kind kind, int64_t id, sealed_one *out,
    sgl_key **key)
{
	out->sealed = sgl_buf_init(SGL_SEALED_MAX);
	assert_int_equal(
	    sgl_keeper_generate(k, kind, 2048, id, &out->sealed, key, NULL),
	    SGL_OK);
	seal_digest(out, sgl_key_get_spki(*key), id);
}

static inline void
take(sgl_keeper *k, const sgl_key *key, int64_t id, sealed_one *out)
{
	out->sealed = sgl_buf_init(SGL_SEALED_MAX);
	assert_int_equal(
	    sgl_keeper_take(k, key, id, &out->sealed, NULL), SGL_OK);
	seal_digest(out, sgl_key_get_spki(key), id);
}

static inline void
assert_signs(sgl_key *key)
{
	const sgl_sig_alg alg = {
	    .scheme = SGL_SIG_ECDSA, .digest = SGL_DIGEST_SHA256};
	const sgl_key_request sign = {
	    .op = SGL_KEY_SIGN, .input = SGL_LIT("message"), .sig = alg};
	sgl_key_answer answer = {0};
	SGL_AUTO(sgl_pubkey)
	public = NULL;
	bool good = false;

	assert_int_equal(
	    sgl_key_ask(engine, key, &sign, &answer, NULL), SGL_OK);
	assert_int_equal(
	    sgl_pubkey_read(engine, sgl_key_get_spki(key), &public, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_pubkey_verify(engine, public, &alg, sign.input,
		sgl_slice_of(answer.bytes, answer.len), &good, NULL),
	    SGL_OK);
	assert_true(good);
}

static inline void
assert_opens(sgl_keeper *k, const sgl_sealed_key *sealed, sgl_slice spki)
{
	SGL_AUTO(sgl_key)
	key = NULL;

	assert_int_equal(sgl_keeper_open(k, sealed, &key, NULL), SGL_OK);
	assert_true(sgl_slice_eq(sgl_key_get_spki(key), spki));
	assert_signs(key);
}

#endif
