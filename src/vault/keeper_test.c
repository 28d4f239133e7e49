/* SPDX-License-Identifier: Apache-2.0 */
/* A keeper that is here and one that is far, a second process, do the same. */
#include <signal.h>

#include "support/people.h"
#include "vault/keeper_test.h"

static sgl_status
opening(sgl_keeper *k, const sgl_sealed_key *sealed)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_err err = {0};
	sgl_status status = sgl_keeper_open(k, sealed, &key, &err);

	assert_int_equal(err.status, status);
	return status;
}

/* --------------------------------------------------------------- tests --- */

static void
what_one_makes_the_other_opens(void **state)
{
	sgl_keeper *both[] = {here, far};

	(void)state;
	for (int i = 0; i < 2; i++) {
		SGL_AUTO(sgl_key)
		made = NULL;
		sealed_one s;
		sgl_slice spki;

		generate(both[i], SGL_KEY_P256, 7 + i, &s, &made);
		spki = sgl_key_get_spki(made);
		assert_signs(made);
		assert_opens(both[0], &s.as, spki);
		assert_opens(both[1], &s.as, spki);
		sgl_buf_clear(&s.sealed);
	}
}

static void
what_one_takes_the_other_opens(void **state)
{
	sgl_keeper *both[] = {here, far};
	SGL_AUTO(sgl_key)
	own = NULL;

	(void)state;
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_P384, 0, &own, NULL), SGL_OK);
	for (int i = 0; i < 2; i++) {
		sealed_one s;

		take(both[i], own, 1, &s);
		assert_opens(both[0], &s.as, sgl_key_get_spki(own));
		assert_opens(both[1], &s.as, sgl_key_get_spki(own));
		sgl_buf_clear(&s.sealed);
	}
}

static sgl_status
sign_text(sgl_key *key, const char *text)
{
	const sgl_key_request sign = {.op = SGL_KEY_SIGN,
	    .input = sgl_slice_str(text),
	    .sig = {.scheme = SGL_SIG_ECDSA, .digest = SGL_DIGEST_SHA256}};
	sgl_key_answer answer = {0};

	return sgl_key_ask(engine, key, &sign, &answer, NULL);
}

/* Ends of the audit chain are signed by such a key alone, and it signs nothing
 * else. */
static void
the_audit_key_is_for_the_audit_chain(void **state)
{
	sgl_keeper *both[] = {here, far};
	SGL_AUTO(sgl_key)
	other = NULL;
	sealed_one usual;

	(void)state;
	generate(far, SGL_KEY_P256, 6, &usual, &other);
	assert_int_equal(sign_text(other, SGL_AUDIT_MARK "1\n"), SGL_E_IO);
	assert_int_equal(sign_text(other, "sigill audit head 1"), SGL_OK);
	for (int i = 0; i < 2; i++) {
		SGL_AUTO(sgl_key)
		made = NULL;
		SGL_AUTO(sgl_key)
		opened = NULL;
		sealed_one s = {.sealed = sgl_buf_init(SGL_SEALED_MAX)};

		assert_int_equal(sgl_keeper_make_audit_key(
				     both[i], 7, &s.sealed, &made, NULL),
		    SGL_OK);
		seal_digest(&s, sgl_key_get_spki(made), 7);
		assert_int_equal(
		    sgl_sealed_purpose(s.as.sealed), SGL_SEAL_AUDIT);
		assert_int_equal(
		    sgl_keeper_open(far, &s.as, &opened, NULL), SGL_OK);
		assert_int_equal(
		    sign_text(opened, SGL_AUDIT_MARK "1\n"), SGL_OK);
		assert_int_equal(sign_text(opened, "a message"), SGL_E_IO);
		if (i == 1)
			assert_int_equal(
			    sign_text(made, "a message"), SGL_E_IO);
		/* What it is for is sealed, too. */
		s.sealed.data[0] = usual.sealed.data[0];
		assert_int_equal(opening(here, &s.as), SGL_E_PASSWORD);
		sgl_buf_clear(&s.sealed);
	}
	usual.sealed.data[0] = 2;
	assert_int_equal(opening(here, &usual.as), SGL_E_PASSWORD);
	sgl_buf_clear(&usual.sealed);
}

static sgl_status
hand_over(sgl_keeper *k, const sgl_hand_over *what, sgl_secret *out)
{
	sgl_buf bytes = {.max = SGL_KEEPER_FILE_MAX, .secret = true};
	sgl_status status = sgl_keeper_hand_over(k, what, &bytes, NULL);

	if (status == SGL_OK)
		status = sgl_secret_set(out, sgl_buf_slice(&bytes), NULL);
	sgl_buf_wipe(&bytes);
	return status;
}

static void
nobody_gets_the_audit_key(void **state)
{
	sgl_keeper *both[] = {here, far};
	SGL_AUTO(sgl_key)
	made = NULL;
	sealed_one s = {.sealed = sgl_buf_init(SGL_SEALED_MAX)};
	const sgl_certs none = {0};
	sgl_handout what = {.keys = &s.as,
	    .num_keys = 1,
	    .certs = &none,
	    .password = SGL_LIT("word")};
	sgl_bytes file = {0};

	(void)state;
	assert_int_equal(
	    sgl_keeper_make_audit_key(here, 7, &s.sealed, &made, NULL), SGL_OK);
	seal_digest(&s, sgl_key_get_spki(made), 7);
	for (int i = 0; i < 2; i++) {
		SGL_AUTO_CLEAR(sgl_secret) out = {0};
		const sgl_hand_over h = {.key = s.as};

		assert_int_equal(sgl_keeper_pkcs12(both[i], &what, &file, NULL),
		    SGL_E_USAGE);
		assert_int_equal(hand_over(both[i], &h, &out), SGL_E_USAGE);
		assert_int_equal(out.len, 0);
	}
	sgl_buf_clear(&s.sealed);
}

/* From a keyholder no private key comes over. */
static void
a_far_key_cannot_be_written(void **state)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	sealed_one s;

	(void)state;
	generate(far, SGL_KEY_P256, 3, &s, &key);
	assert_int_not_equal(sgl_key_write(key, &pkcs8, NULL), SGL_OK);
	assert_int_equal(pkcs8.len, 0);
	sgl_buf_clear(&s.sealed);
}

/* One operation gives a private key away, as it is or for one recipient. */
static void
a_key_is_handed_over(void **state)
{
	sgl_keeper *both[] = {here, far};
	SGL_AUTO(sgl_key)
	own = NULL;
	SGL_AUTO_CLEAR(sgl_secret) want = {0};
	sgl_tester signer, owner;
	sealed_one s, by;

	(void)state;
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_P256, 0, &own, NULL), SGL_OK);
	assert_int_equal(sgl_key_write(own, &want, NULL), SGL_OK);
	sgl_tester_make(engine, SGL_KEY_RSA, "signer", 1,
	    SGL_KU_DIGITAL_SIGNATURE, &signer);
	sgl_tester_make(engine, SGL_KEY_P256, "owner", 2, SGL_KU_ALL, &owner);
	take(here, own, 1, &s);
	take(here, signer.key, 2, &by);
	for (int i = 0; i < 2; i++) {
		SGL_AUTO_CLEAR(sgl_secret) bare = {0};
		SGL_AUTO_CLEAR(sgl_secret) packed = {0};
		sgl_hand_over h = {.key = s.as};

		assert_int_equal(hand_over(both[i], &h, &bare), SGL_OK);
		assert_true(sgl_slice_eq(
		    sgl_secret_slice(&bare), sgl_secret_slice(&want)));
		h.recipient = (sgl_bare_recipient){
		    sgl_key_get_spki(owner.key), SGL_LIT("name")};
		h.cipher = SGL_CIPHER_AES256_CBC;
		h.signer = by.as;
		h.signer_cert = signer.cert;
		assert_int_equal(hand_over(both[i], &h, &packed), SGL_OK);
		assert_null(memmem(packed.data, packed.len, want.data, 16));
		/* Not with another's signature, nor another's key. */
		h.signer = s.as;
		assert_int_equal(
		    hand_over(both[i], &h, &packed), SGL_E_MISMATCH);
		h.signer = by.as;
		h.key.label.id++;
		assert_int_equal(
		    hand_over(both[i], &h, &packed), SGL_E_PASSWORD);
	}
	sgl_buf_clear(&s.sealed);
	sgl_buf_clear(&by.sealed);
	sgl_tester_clear(&signer);
	sgl_tester_clear(&owner);
}

static void
refuses_another_label(sgl_keeper *k, sealed_one *s)
{
	sgl_sealed_key other = s->as;
	sgl_digest digest = s->digest;

	other.label.id++;
	assert_int_equal(opening(k, &other), SGL_E_PASSWORD);
	digest.bytes[31] ^= 1;
	other = s->as;
	other.label.spki_digest = sgl_digest_slice(&digest);
	assert_int_equal(opening(k, &other), SGL_E_PASSWORD);
}

static void
refuses_changed_bytes(sgl_keeper *k, sealed_one *s)
{
	for (size_t i = 0; i < s->sealed.len; i++) {
		s->sealed.data[i] ^= 0x10;
		assert_int_equal(opening(k, &s->as), SGL_E_PASSWORD);
		s->sealed.data[i] ^= 0x10;
	}
	for (size_t len = 0; len < s->sealed.len; len++) {
		const sgl_sealed_key cut = {
		    s->as.label, sgl_slice_first(s->as.sealed, len)};
		assert_int_equal(opening(k, &cut), SGL_E_PASSWORD);
	}
}

static void
what_is_not_the_sealed_key_does_not_open(void **state)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	sealed_one s;

	(void)state;
	generate(here, SGL_KEY_P256, 5, &s, &key);
	refuses_another_label(here, &s);
	refuses_another_label(far, &s);
	refuses_changed_bytes(here, &s);
	refuses_changed_bytes(far, &s);
	assert_opens(far, &s.as, sgl_key_get_spki(key));
	sgl_buf_clear(&s.sealed);
}

/* Sealed by the master key, but under the name of another. */
static void
a_key_under_the_name_of_another(void **state)
{
	SGL_AUTO_CLEAR(sgl_master) master = {0};
	SGL_AUTO_CLEAR(sgl_secret) pkcs8 = {0};
	SGL_AUTO(sgl_key)
	key = NULL;
	sealed_one s = {.sealed = sgl_buf_init(SGL_SEALED_MAX)};

	(void)state;
	assert_int_equal(sgl_master_read(folder.path, &master, NULL), SGL_OK);
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_P256, 0, &key, NULL), SGL_OK);
	assert_int_equal(sgl_key_write(key, &pkcs8, NULL), SGL_OK);
	seal_digest(&s, SGL_LIT("another"), 1);
	assert_int_equal(
	    sgl_seal(engine, sgl_secret_slice(&master.bare), &s.as.label,
		sgl_secret_slice(&pkcs8), &s.sealed, NULL),
	    SGL_OK);
	s.as.sealed = sgl_buf_slice(&s.sealed);
	assert_int_equal(opening(here, &s.as), SGL_E_MISMATCH);
	assert_int_equal(opening(far, &s.as), SGL_E_MISMATCH);
	sgl_buf_clear(&s.sealed);
}

/* -------------------------------------------------------------- PKCS#12 --- */

static void
hand_out(sgl_keeper *k, const sgl_handout *what)
{
	sgl_keyring ring = {0};
	sgl_bytes file = {0};
	sgl_loaded came;

	assert_int_equal(sgl_keeper_pkcs12(k, what, &file, NULL), SGL_OK);
	assert_int_equal(sgl_load(engine, sgl_slice_of(file.data, file.len),
			     SGL_LIT("secret"), &ring, NULL, &came, NULL),
	    SGL_OK);
	assert_int_equal(came.num_keys, what->num_keys);
	assert_int_equal(came.num_certs, what->certs->num);
	sgl_bytes_free(&file);
	sgl_keyring_clear(&ring);
}

static void
refuses_to_hand_out(const sgl_handout *what, sgl_status want)
{
	sgl_keeper *both[] = {here, far};

	for (int i = 0; i < 2; i++) {
		sgl_bytes file = {0};

		assert_int_equal(
		    sgl_keeper_pkcs12(both[i], what, &file, NULL), want);
		assert_null(file.data);
	}
}

static void
keys_are_handed_out(void **state)
{
	SGL_AUTO_CLEAR(sgl_certs) certs = {0};
	sgl_tester who = {0};
	sealed_one s;
	sgl_handout what = {.num_keys = 1,
	    .certs = &certs,
	    .friendly_name = SGL_LIT("Alice"),
	    .password = SGL_LIT("secret")};

	(void)state;
	sgl_tester_make(engine, SGL_KEY_P256, "alice", 1, SGL_KU_ALL, &who);
	assert_int_equal(sgl_certs_add(&certs, who.cert, NULL), SGL_OK);
	take(here, who.key, 9, &s);
	what.keys = &s.as;
	hand_out(here, &what);
	hand_out(far, &what);
	what.legacy = true;
	hand_out(here, &what);
	hand_out(far, &what);
	s.as.label.id = 8;
	refuses_to_hand_out(&what, SGL_E_PASSWORD);
	s.as.label.id = 9;
	what.password = (sgl_slice){NULL, 0}; /* none is not an empty one */
	refuses_to_hand_out(&what, SGL_E_USAGE);
	sgl_buf_clear(&s.sealed);
	sgl_tester_clear(&who);
}

/* ------------------------------------------------- places and messages --- */

static sgl_status
ask_raw(unsigned type, sgl_slice question, unsigned want, sgl_slice *body,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) wrapped = {0};

	assert_int_equal(sgl_test_tickets_wrap(
			     &tickets, engine, type, question, &wrapped, NULL),
	    SGL_OK);
	return sgl_exchange(
	    channel, type, sgl_buf_slice(&wrapped), want, body, err);
}

/* Opens at the keyholder, past the keeper; the place it was given. */
static size_t
open_raw(const sgl_sealed_key *sealed)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question);
	sgl_told_key told;
	sgl_slice body;
	sgl_unwire u;

	sgl_keeper_add_sealed_key(&w, sealed);
	assert_int_equal(ask_raw(SGL_KEEPER_OPEN, sgl_buf_slice(&question),
			     SGL_KEEPER_OPENED, &body, NULL),
	    SGL_OK);
	u = sgl_unwire_over(body);
	sgl_keeper_read_told(&u, &told);
	assert_int_equal(sgl_unwire_end(&u, NULL), SGL_OK);
	return told.place;
}

static void
drop_raw(size_t place)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(64);
	sgl_wire w = sgl_wire_over(&body);

	sgl_wire_add_int(&w, (int64_t)place);
	assert_int_equal(sgl_channel_send(channel, SGL_MESSAGE_DROP_KEY,
			     sgl_buf_slice(&body), NULL),
	    SGL_OK);
}

/* A key that is let go, and one that was only taken, stay open nowhere. */
static void
places_are_given_back(void **state)
{
	SGL_AUTO(sgl_key)
	own = NULL;
	sealed_one s, again;
	size_t first;

	(void)state;
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_P256, 0, &own, NULL), SGL_OK);
	take(here, own, 1, &s);
	first = open_raw(&s.as);
	for (int i = 0; i < 5; i++) {
		assert_opens(far, &s.as, sgl_key_get_spki(own));
		take(far, own, 1, &again);
		sgl_buf_clear(&again.sealed);
	}
	assert_int_equal(open_raw(&s.as), first + 1);
	drop_raw(first);
	drop_raw(first); /* twice, and what never was: nothing happens */
	drop_raw(first + 100);
	assert_int_equal(open_raw(&s.as), first);
	drop_raw(first);
	drop_raw(first + 1);
	sgl_buf_clear(&s.sealed);
}

/* What is no question is answered with a failure, and the next one as ever. */
static void
malformed_messages_are_refused(void **state)
{
	static const uint8_t bytes[96];
	SGL_AUTO(sgl_key)
	key = NULL;
	sealed_one s;
	sgl_slice body;

	(void)state;
	for (unsigned type = SGL_MESSAGE_OTHERS; type < 40; type++)
		for (size_t len = 0; len <= sizeof bytes; len += 3) {
			sgl_err err = {0};

			assert_int_not_equal(
			    ask_raw(type, sgl_slice_of(bytes, len), 999, &body,
				&err),
			    SGL_OK);
			assert_non_null(err.text);
			assert_string_not_equal(
			    err.text, "another process of ours has ended");
		}
	generate(far, SGL_KEY_P256, 1, &s, &key);
	assert_signs(key);
	sgl_buf_clear(&s.sealed);
}

/* Where the two no longer agree about what a message is, it ends. */
static void
a_malformed_question_ends_it(void **state)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	sealed_one s = {.sealed = sgl_buf_init(SGL_SEALED_MAX)};
	sgl_slice body;

	(void)state;
	stop_keyholder(0);
	start_keyholder();
	assert_int_equal(
	    sgl_exchange(channel, SGL_MESSAGE_ASK_KEY, SGL_LIT("nothing"),
		SGL_MESSAGE_KEY_ANSWER, &body, NULL),
	    SGL_E_IO);
	assert_int_equal(
	    sgl_keeper_generate(far, SGL_KEY_P256, 0, 1, &s.sealed, &key, NULL),
	    SGL_E_IO);
	assert_null(key);
	stop_keyholder(2);
	start_keyholder();
	generate(far, SGL_KEY_P256, 1, &s, &key);
	sgl_buf_clear(&s.sealed);
}

/* ------------------------------------------------------------- tickets --- */

static sgl_status
ask_unticketed(unsigned type, sgl_slice body)
{
	sgl_slice answer;
	sgl_err err = {0};
	sgl_status status =
	    sgl_exchange(channel, type, body, 999, &answer, &err);

	assert_int_equal(err.status, status);
	assert_string_equal(err.room, "vault.keeper");
	return status;
}

/* Whoever has the channel alone gets nothing, whatever is asked. */
static void
without_a_ticket_nothing_is_answered(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	sgl_wire w = sgl_wire_over(&question);
	SGL_AUTO(sgl_key)
	key = NULL;
	sealed_one s;

	(void)state;
	generate(here, SGL_KEY_P256, 1, &s, &key);
	sgl_keeper_add_sealed_key(&w, &s.as);
	for (unsigned type = SGL_MESSAGE_OTHERS; type < 60; type++) {
		assert_int_equal(
		    ask_unticketed(type, sgl_buf_slice(&question)), SGL_E_IO);
		assert_int_equal(
		    ask_unticketed(
			type, sgl_slice_first(sgl_buf_slice(&question), 3)),
		    SGL_E_IO);
		assert_int_equal(
		    ask_unticketed(type, (sgl_slice){NULL, 0}), SGL_E_IO);
	}
	assert_opens(far, &s.as, sgl_key_get_spki(key));
	sgl_buf_clear(&s.sealed);
}

/* What went over the channel once is of no use to who saw it. */
static void
what_was_asked_cannot_be_asked_again(void **state)
{
	SGL_AUTO_CLEAR(sgl_buf) question = sgl_buf_init(SGL_CHANNEL_MESSAGE);
	SGL_AUTO_CLEAR(sgl_buf) wrapped = {0};
	sgl_wire w = sgl_wire_over(&question);
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_slice body;
	sealed_one s;

	(void)state;
	generate(here, SGL_KEY_P256, 1, &s, &key);
	sgl_keeper_add_sealed_key(&w, &s.as);
	assert_int_equal(
	    sgl_test_tickets_wrap(&tickets, engine, SGL_KEEPER_OPEN,
		sgl_buf_slice(&question), &wrapped, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_exchange(channel, SGL_KEEPER_OPEN, sgl_buf_slice(&wrapped),
		SGL_KEEPER_OPENED, &body, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_exchange(channel, SGL_KEEPER_OPEN, sgl_buf_slice(&wrapped),
		SGL_KEEPER_OPENED, &body, NULL),
	    SGL_E_IO);
	assert_int_equal(
	    sgl_exchange(channel, SGL_KEEPER_PKCS12, sgl_buf_slice(&wrapped),
		SGL_KEEPER_FILE, &body, NULL),
	    SGL_E_IO);
	sgl_buf_clear(&s.sealed);
}

/* Who waited in vain is told for which key. */
static void
a_late_answer_names_the_key(void **state)
{
	SGL_AUTO(sgl_key)
	own = NULL;
	sgl_key *key = NULL;
	sgl_err err = {.text = ""};
	const sgl_key_request sign = {.op = SGL_KEY_SIGN,
	    .sig = {.scheme = SGL_SIG_ECDSA, .digest = SGL_DIGEST_SHA256}};
	sgl_key_answer answer = {0};
	sealed_one s;

	(void)state;
	generate(here, SGL_KEY_P256, 77, &s, &own);
	assert_int_equal(sgl_keeper_open(far, &s.as, &key, NULL), SGL_OK);
	assert_int_equal(sgl_channel_patience(channel, 1, NULL), SGL_OK);
	assert_int_equal(kill(keyholder, SIGSTOP), 0);
	assert_int_equal(
	    sgl_key_ask(engine, key, &sign, &answer, &err), SGL_E_IO);
	assert_non_null(strstr(err.text, "does not answer"));
	assert_string_equal(err.detail, "key 77");
	sgl_key_unref(key);
	sgl_buf_clear(&s.sealed);
	sgl_keeper_free(far);
	sgl_channel_free(channel);
	assert_int_equal(kill(keyholder, SIGKILL), 0);
	assert_int_equal(waitpid(keyholder, NULL, 0), keyholder);
	start_keyholder();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_one_makes_the_other_opens),
	    cmocka_unit_test(what_one_takes_the_other_opens),
	    cmocka_unit_test(the_audit_key_is_for_the_audit_chain),
	    cmocka_unit_test(nobody_gets_the_audit_key),
	    cmocka_unit_test(a_far_key_cannot_be_written),
	    cmocka_unit_test(a_key_is_handed_over),
	    cmocka_unit_test(what_is_not_the_sealed_key_does_not_open),
	    cmocka_unit_test(a_key_under_the_name_of_another),
	    cmocka_unit_test(keys_are_handed_out),
	    cmocka_unit_test(places_are_given_back),
	    cmocka_unit_test(malformed_messages_are_refused),
	    cmocka_unit_test(a_malformed_question_ends_it),
	    cmocka_unit_test(without_a_ticket_nothing_is_answered),
	    cmocka_unit_test(what_was_asked_cannot_be_asked_again),
	    cmocka_unit_test(a_late_answer_names_the_key),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
