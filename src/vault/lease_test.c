/* SPDX-License-Identifier: Apache-2.0 */
/* Keys at the keyholder go as far as the tickets that open them. */
#include "vault/keeper_test.h"

/* Narrower tickets than those that control makes for itself, and few. */
static struct {
	unsigned powers;
	int64_t uses;
	sgl_time seconds;
	int left;
} narrow;

static sgl_status
get_narrow(void *ctx, sgl_engine *e, int64_t operation, sgl_slice question,
    sgl_ticket *out, sgl_err *err)
{
	(void)ctx;
	if (narrow.left-- <= 0)
		return sgl_fail(
		    err, SGL_E_NOKEY, "test", SGL_NO_OFFSET, "no ticket");
	*out = (sgl_ticket){.holder = tickets.mint.holder,
	    .powers = narrow.powers,
	    .uses = narrow.uses,
	    .expires = sgl_engine_now(e) + narrow.seconds};
	return sgl_ticket_make(e, &tickets.mint, operation, question, out, err);
}

static const sgl_ticket_source few = {.get = get_narrow};

static sgl_status
sign_with(sgl_key *key)
{
	const sgl_key_request sign = {.op = SGL_KEY_SIGN,
	    .input = SGL_LIT("message"),
	    .sig = {.scheme = SGL_SIG_ECDSA, .digest = SGL_DIGEST_SHA256}};
	sgl_key_answer answer = {0};

	return sgl_key_ask(engine, key, &sign, &answer, NULL);
}

/* Opened past the keeper, so that nobody asks for another ticket. */
static sgl_key *
open_narrow(const sgl_sealed_key *sealed, sgl_slice spki)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	SGL_AUTO_CLEAR(sgl_buf) wrapped = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question), v = sgl_wire_over(&wrapped);
	sgl_ticket t;
	sgl_told_key told;
	sgl_key *key;
	sgl_slice body;
	sgl_unwire u;

	narrow.left = 1;
	sgl_keeper_add_sealed_key(&w, sealed);
	assert_int_equal(get_narrow(NULL, engine, SGL_KEEPER_OPEN,
			     sgl_buf_slice(&question), &t, NULL),
	    SGL_OK);
	sgl_keeper_add_ticketed(&v, &t, sgl_buf_slice(&question));
	assert_int_equal(
	    sgl_exchange(channel, SGL_KEEPER_OPEN, sgl_buf_slice(&wrapped),
		SGL_KEEPER_OPENED, &body, NULL),
	    SGL_OK);
	u = sgl_unwire_over(body);
	sgl_keeper_read_told(&u, &told);
	assert_int_equal(
	    sgl_farkey_new(engine, channel, told.place, true, spki, &key, NULL),
	    SGL_OK);
	return key;
}

static void
a_key_goes_as_far_as_its_ticket(void **state)
{
	SGL_AUTO(sgl_key)
	own = NULL;
	sgl_key *key;
	sgl_slice spki;
	sealed_one s;

	(void)state;
	generate(here, SGL_KEY_P256, 1, &s, &own);
	spki = sgl_key_get_spki(own);
	narrow.powers = SGL_POWER_SIGN;
	narrow.uses = 2;
	narrow.seconds = 60;
	key = open_narrow(&s.as, spki);
	assert_int_equal(sign_with(key), SGL_OK);
	assert_int_equal(sign_with(key), SGL_OK);
	assert_int_equal(sign_with(key), SGL_E_IO);
	sgl_key_unref(key);
	narrow.powers = SGL_POWER_DECRYPT;
	key = open_narrow(&s.as, spki);
	assert_int_equal(sign_with(key), SGL_E_IO);
	sgl_key_unref(key);
	assert_opens(far, &s.as, spki);
	sgl_buf_clear(&s.sealed);
}

/* Whoever may have more tickets keeps the key as long as it likes. */
static void
a_key_is_opened_anew_while_there_are_tickets(void **state)
{
	SGL_AUTO(sgl_keeper)
	keeper = NULL;
	SGL_AUTO(sgl_key)
	own = NULL;
	sgl_key *key = NULL;
	sealed_one s;

	(void)state;
	generate(here, SGL_KEY_P256, 1, &s, &own);
	narrow.powers = SGL_POWER_SIGN;
	narrow.uses = 2;
	narrow.seconds = 60;
	narrow.left = 3;
	assert_int_equal(
	    sgl_keeper_new_far(engine, channel, few, &keeper, NULL), SGL_OK);
	assert_int_equal(sgl_keeper_open(keeper, &s.as, &key, NULL), SGL_OK);
	for (int i = 0; i < 6; i++)
		assert_int_equal(sign_with(key), SGL_OK);
	assert_int_equal(sign_with(key), SGL_E_NOKEY);
	/* Also when the time is over. */
	narrow.left = 1;
	narrow.seconds = 0;
	assert_int_equal(sign_with(key), SGL_E_IO);
	narrow.left = 1;
	narrow.seconds = 60;
	assert_int_equal(sign_with(key), SGL_OK);
	sgl_key_unref(key);
	sgl_buf_clear(&s.sealed);
}

#define MANY 5

static sgl_status
sign_many(sgl_key *key, const char *second)
{
	static sgl_key_answer answers[MANY];
	sgl_key_request requests[MANY];

	for (size_t i = 0; i < MANY; i++)
		requests[i] = (sgl_key_request){.op = SGL_KEY_SIGN,
		    .input = sgl_slice_str(i == 1 ? second : "message"),
		    .sig = {
			.scheme = SGL_SIG_ECDSA, .digest = SGL_DIGEST_SHA256}};
	return sgl_key_ask_many(engine, key, requests, MANY, answers, NULL);
}

/* All of them need what one needs, and if one may not be, none is. */
static void
many_questions_go_as_far_as_the_ticket(void **state)
{
	SGL_AUTO(sgl_key)
	own = NULL;
	sgl_key *key;
	sealed_one s;

	(void)state;
	generate(here, SGL_KEY_P256, 1, &s, &own);
	narrow.powers = SGL_POWER_SIGN;
	narrow.uses = MANY + 2;
	narrow.seconds = 60;
	key = open_narrow(&s.as, sgl_key_get_spki(own));
	assert_int_equal(sign_many(key, SGL_AUDIT_MARK "1"), SGL_E_IO);
	assert_int_equal(sign_many(key, "message"), SGL_OK);
	assert_int_equal(sign_many(key, "message"), SGL_E_IO);
	assert_int_equal(sign_with(key), SGL_OK);
	assert_int_equal(sign_with(key), SGL_OK);
	assert_int_equal(sign_with(key), SGL_E_IO);
	sgl_key_unref(key);
	narrow.powers = SGL_POWER_DECRYPT;
	key = open_narrow(&s.as, sgl_key_get_spki(own));
	assert_int_equal(sign_many(key, "message"), SGL_E_IO);
	sgl_key_unref(key);
	narrow.powers = SGL_POWER_SIGN;
	narrow.seconds = 1;
	key = open_narrow(&s.as, sgl_key_get_spki(own));
	(void)sleep(1);
	assert_int_equal(sign_many(key, "message"), SGL_E_IO);
	sgl_key_unref(key);
	sgl_buf_clear(&s.sealed);
}

/* Also where one ticket is not enough for all of them. */
static void
a_lease_answers_many(void **state)
{
	SGL_AUTO(sgl_keeper)
	keeper = NULL;
	SGL_AUTO(sgl_key)
	own = NULL;
	SGL_AUTO(sgl_key)
	key = NULL;
	sealed_one s;

	(void)state;
	generate(here, SGL_KEY_P256, 1, &s, &own);
	narrow.powers = SGL_POWER_SIGN;
	narrow.uses = 2;
	narrow.seconds = 60;
	narrow.left = 5; /* for two times five signatures */
	assert_int_equal(
	    sgl_keeper_new_far(engine, channel, few, &keeper, NULL), SGL_OK);
	assert_int_equal(sgl_keeper_open(keeper, &s.as, &key, NULL), SGL_OK);
	assert_int_equal(sign_many(key, "other"), SGL_OK);
	assert_int_equal(sign_many(key, "other"), SGL_OK);
	assert_int_equal(narrow.left, 0);
	assert_int_equal(sign_many(key, "other"), SGL_E_NOKEY);
	narrow.left = 3;
	assert_int_equal(sign_many(key, "other"), SGL_OK);
	sgl_buf_clear(&s.sealed);
}

/* A key on a token is lent like those in the vault, and locked with them. */
static void
a_key_on_a_token_needs_tickets_too(void **state)
{
	SGL_AUTO(sgl_keeper)
	keeper = NULL;
	SGL_AUTO(sgl_keeper)
	locked = NULL;
	SGL_AUTO_CLEAR(sgl_master) master = {0};
	sgl_key *key = NULL;
	sgl_err err = {0};
	const char *uri = "pkcs11:token=alice?pin-source=file:/p";

	(void)state;
	narrow.powers = SGL_POWER_SIGN;
	narrow.uses = 2;
	narrow.seconds = 60;
	narrow.left = 3;
	assert_int_equal(
	    sgl_keeper_new_far(engine, channel, few, &keeper, NULL), SGL_OK);
	assert_int_equal(
	    sgl_keeper_open_token(keeper, uri, &key, NULL), SGL_OK);
	assert_true(
	    sgl_slice_eq(sgl_key_get_spki(key), sgl_key_get_spki(on_token)));
	assert_false(sgl_key_is_vouched(key));
	for (int i = 0; i < 6; i++)
		assert_int_equal(sign_with(key), SGL_OK);
	assert_int_equal(sign_with(key), SGL_E_NOKEY);
	sgl_key_unref(key);
	narrow.left = 1;
	assert_int_equal(
	    sgl_keeper_open_token(keeper, "pkcs11:token=bob", &key, &err),
	    SGL_E_NOKEY);
	assert_string_equal(err.detail, "pkcs11:token=bob");
	assert_int_equal(sgl_master_read(folder.path, &master, NULL), SGL_OK);
	assert_int_equal(
	    sgl_keeper_new_over(engine, &master, true, &locked, NULL), SGL_OK);
	sgl_keeper_set_tokens(locked, &tokens);
	assert_int_equal(
	    sgl_keeper_open_token(locked, uri, &key, NULL), SGL_E_PASSWORD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_goes_as_far_as_its_ticket),
	    cmocka_unit_test(a_key_is_opened_anew_while_there_are_tickets),
	    cmocka_unit_test(many_questions_go_as_far_as_the_ticket),
	    cmocka_unit_test(a_lease_answers_many),
	    cmocka_unit_test(a_key_on_a_token_needs_tickets_too),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
