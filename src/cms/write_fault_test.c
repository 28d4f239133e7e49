/* SPDX-License-Identifier: Apache-2.0 */
/* No memory, at every point of writing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cms/write_parts.h"
#include "support/fault.h"
#include "support/feed.h"
#include "support/people.h"

#define MAX_OUT ((size_t)1 << 20)
#define MAX_LEN 70000
#define NUM_PEOPLE 3

typedef struct world {
	sgl_engine *engine;
	sgl_tester people[NUM_PEOPLE];
	sgl_certs certs;
	uint8_t *content;
	size_t len;
	bool late;
} world;

static sgl_status
finish_late(world *w, sgl_asker *asker, sgl_err *err)
{
	sgl_key_answer answer;
	sgl_status status = SGL_NEED_KEY;

	while (status == SGL_NEED_KEY) {
		TRY(sgl_key_ask(w->engine, w->people[0].key, &asker->request,
		    &answer, err));
		status = sgl_asker_answer(asker, SGL_OK, &answer, err);
	}
	return status;
}

static sgl_status
sign_to(world *w, sgl_key *key, sgl_sink *out, sgl_err *err)
{
	sgl_signer s = {.cert = w->people[0].cert, .key = key};
	sgl_signed_options options = {.signers = &s,
	    .num_signers = 1,
	    .certs = &w->certs,
	    .encryption_cert = w->people[1].cert};
	SGL_AUTO(sgl_signed_writer)
	writer = NULL;
	sgl_asker asker = {.is_open = false};

	TRY(sgl_signed_writer_new(
	    w->engine, &options, &asker, out, &writer, err));
	TRY(sgl_feed(sgl_signed_writer_sink(writer),
	    sgl_slice_of(w->content, w->len), 0, err));
	return asker.is_open ? finish_late(w, &asker, err) : SGL_OK;
}

static sgl_status
sign(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
	world *w = ctx;
	sgl_key *key = sgl_key_ref(w->people[0].key);
	sgl_bufsink sink;
	sgl_status status;

	if (w->late) {
		sgl_key_unref(key);
		key = NULL;
		TRY(sgl_key_new_remote(w->engine,
		    sgl_key_get_spki(w->people[0].key),
		    &(const sgl_key_ops){.ask = sgl_key_ask_late}, NULL, &key,
		    err));
	}
	sgl_bufsink_init(&sink, &out);
	status = sign_to(w, key, &sink.sink, err);
	sgl_key_unref(key);
	return status;
}

static sgl_status
encrypt(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(MAX_OUT);
	SGL_AUTO(sgl_enveloped_writer)
	writer = NULL;
	static const uint8_t kek[16];
	world *w = ctx;
	sgl_enveloped_options options = {.recipients = &w->certs,
	    .cipher = SGL_CIPHER_AES256_GCM,
	    .oaep = true,
	    .kek = {kek, sizeof kek},
	    .kek_id = SGL_LIT("name")};
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, &out);
	TRY(sgl_enveloped_writer_new(
	    w->engine, &options, &sink.sink, &writer, err));
	return sgl_feed(sgl_enveloped_writer_sink(writer),
	    sgl_slice_of(w->content, w->len), 0, err);
}

static world the_world;

static void
survives_without_memory(void **state)
{
	world *w = &the_world;

	(void)state;
	for (int i = 0; i < 4; i++) {
		w->len = (i & 1) == 0 ? 100 : MAX_LEN;
		w->late = (i & 2) != 0;
		assert_true(sgl_fault_each(sign, w) > 10);
		assert_true(sgl_fault_each(encrypt, w) > 10);
	}
}

/* Warm: what the engine fetches once and keeps is no leak. */
static int
start(void **state)
{
	static const sgl_key_kind kinds[NUM_PEOPLE] = {
	    SGL_KEY_RSA, SGL_KEY_P256, SGL_KEY_X25519};
	world *w = &the_world;
	sgl_err err;

	(void)state;
	if (sgl_engine_new(NULL, &w->engine, NULL) != SGL_OK)
		return -1;
	for (uint8_t i = 0; i < NUM_PEOPLE; i++) {
		sgl_tester_make(w->engine, kinds[i], "alice", (uint8_t)(i + 1),
		    SGL_KU_ALL, &w->people[i]);
		if (sgl_certs_add(&w->certs, w->people[i].cert, NULL) != SGL_OK)
			return -1;
	}
	w->content = calloc(1, MAX_LEN);
	w->len = 1;
	return sign(w, &err) == SGL_OK && encrypt(w, &err) == SGL_OK ? 0 : -1;
}

static int
stop(void **state)
{
	world *w = &the_world;

	(void)state;
	sgl_certs_clear(&w->certs);
	for (size_t i = 0; i < NUM_PEOPLE; i++)
		sgl_tester_clear(&w->people[i]);
	sgl_engine_free(w->engine);
	free(w->content);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(survives_without_memory),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
