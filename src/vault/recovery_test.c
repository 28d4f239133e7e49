/* SPDX-License-Identifier: Apache-2.0 */
/* Key recovery from end to end, with a keeper that is here and one that
 * answers messages; what does not count; and without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cms/reader.h"
#include "crypto/hash.h"
#include "support/fault.h"
#include "support/folder.h"
#include "support/people.h"
#include "vault/folder_test.h"
#include "vault/keeper_recovery.h"
#include "vault/master.h"

#define OFFICERS 3
#define DAY ((sgl_time)86400)

static sgl_time now = 1800000000;
static sgl_engine *engine;
static sgl_folder folder;
static sgl_keeper *keeper;
static sgl_tester officers[OFFICERS], alice;
static sgl_recovery_plan plan;
static sgl_recovery_made made;
static sgl_buf in_vault, escrowed, session, session_sealed;
static sgl_digest alice_digest, recovery_digest, statement;
static sgl_recovery_key case_key;
static sgl_recovery_file file; /* without approvals */
static sgl_certs certs;
static sgl_escrowed_key escrowed_key;
static sgl_recovery_handout handout;
/* What each officer answers to `file`. */
static sgl_buf answers[OFFICERS], stores[OFFICERS];
static sgl_recovery_approval approvals[OFFICERS];

static sgl_time
tell_time(void *ctx)
{
	(void)ctx;
	return now;
}

/* ------------------------------------------------------ the officer's side ---
 */

static sgl_status
on_content(
    void *ctx, const sgl_cms_report *so_far, sgl_sink **sink, sgl_err *err)
{
	(void)so_far;
	(void)err;
	*sink = ctx;
	return SGL_OK;
}

static sgl_status
on_end(void *ctx, const sgl_cms_report *report, sgl_err *err)
{
	(void)ctx;
	(void)report;
	(void)err;
	return SGL_OK;
}

static void
open_envelope(const sgl_tester *who, sgl_slice envelope, sgl_buf *plain)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};
	sgl_asker asker = {0};
	sgl_bufsink sink;
	sgl_cms_read_options options = {.keys = &ring,
	    .asker = &asker,
	    .on_content = on_content,
	    .on_end = on_end,
	    .ctx = &sink};
	SGL_AUTO(sgl_cms_reader)
	reader = NULL;

	sgl_bufsink_init(&sink, plain);
	assert_int_equal(sgl_keyring_add_key(&ring, who->key, NULL), SGL_OK);
	assert_int_equal(sgl_keyring_add_cert(&ring, who->cert, NULL), SGL_OK);
	assert_int_equal(
	    sgl_cms_reader_new(engine, &options, &reader, NULL), SGL_OK);
	assert_int_equal(
	    sgl_sink_write(sgl_cms_reader_sink(reader), envelope, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_sink_finish(sgl_cms_reader_sink(reader), NULL), SGL_OK);
}

static void
sign(const sgl_tester *who, const sgl_digest *digest, sgl_recovery_approval *a,
    sgl_key_answer *answer)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(16384);
	sgl_key_request request = {.op = SGL_KEY_SIGN};

	assert_int_equal(
	    sgl_recovery_approval_text(digest, a, &text, NULL), SGL_OK);
	assert_int_equal(sgl_recovery_signature(
			     sgl_key_get_kind(who->key), &request.sig, NULL),
	    SGL_OK);
	request.input = sgl_buf_slice(&text);
	assert_int_equal(
	    sgl_key_ask(engine, who->key, &request, answer, NULL), SGL_OK);
	a->signature = sgl_slice_of(answer->bytes, answer->len);
}

typedef struct wish {
	size_t share, signer; /* whose */
	int64_t as;	      /* the officer's number */
	sgl_time at;
	const sgl_digest *statement;
	sgl_slice session;
	sgl_slice plain; /* data NULL: the share */
} wish;

static wish
wish_of(size_t who)
{
	return (wish){.share = who,
	    .signer = who,
	    .as = (int64_t)who + 10,
	    .at = now,
	    .statement = &statement,
	    .session = sgl_buf_slice(&session)};
}

/* The file, as a whole. */
static void
approve(const wish *w, sgl_buf *out)
{
	SGL_AUTO_CLEAR(sgl_buf) plain = sgl_buf_init(4096);
	SGL_AUTO_CLEAR(sgl_buf) sealed = sgl_buf_init(4096);
	sgl_recovery_context c = sgl_recovery_context_of(w->statement, w->as);
	sgl_recovery_approval a = {.officer = w->as, .at = w->at};
	sgl_recovery_enveloped e = {.share = w->plain};
	sgl_key_answer answer = {0};

	if (w->plain.data == NULL) {
		open_envelope(&officers[w->share],
		    sgl_buf_slice(&made.envelopes[w->share]), &plain);
		assert_int_equal(sgl_recovery_enveloped_read(
				     sgl_buf_slice(&plain), &e, NULL),
		    SGL_OK);
	}
	assert_int_equal(
	    sgl_seal_to(engine, w->session,
		sgl_slice_of(c.bytes, sizeof c.bytes), e.share, &sealed, NULL),
	    SGL_OK);
	a.share = sgl_buf_slice(&sealed);
	sign(&officers[w->signer], w->statement, &a, &answer);
	*out = sgl_buf_init(16384);
	assert_int_equal(
	    sgl_recovery_approval_add(w->statement, &a, out, NULL), SGL_OK);
}

/* --------------------------------------------------------------- set-up --- */

static void
digest_of(sgl_slice bytes, sgl_digest *out)
{
	assert_int_equal(
	    sgl_hash_once(engine, SGL_DIGEST_SHA256, bytes, out, NULL), SGL_OK);
}

static void
make_officers(void)
{
	static const sgl_key_kind kinds[OFFICERS] = {
	    SGL_KEY_RSA, SGL_KEY_P256, SGL_KEY_P384};

	plan = (sgl_recovery_plan){
	    .id = 4, .threshold = 2, .num_members = OFFICERS};
	for (uint8_t i = 0; i < OFFICERS; i++) {
		sgl_tester_make(engine, kinds[i], "officer", (uint8_t)(i + 1),
		    SGL_KU_ALL, &officers[i]);
		plan.members[i] = (sgl_recovery_member){.officer = 10 + i,
		    .signs = sgl_key_get_spki(officers[i].key),
		    .decrypts = officers[i].cert};
	}
	sgl_recovery_made_init(&made);
	assert_int_equal(
	    sgl_keeper_recovery_make(keeper, &plan, &made, NULL), SGL_OK);
	digest_of(sgl_buf_slice(&made.spki), &recovery_digest);
}

static void
escrow_alice(void)
{
	sgl_sealed_key sealed;

	in_vault = sgl_buf_init(SGL_SEALED_MAX);
	escrowed = sgl_buf_init(SGL_SEALED_MAX);
	sgl_tester_make(engine, SGL_KEY_P256, "alice", 9, SGL_KU_ALL, &alice);
	assert_int_equal(
	    sgl_keeper_take(keeper, alice.key, 77, &in_vault, NULL), SGL_OK);
	digest_of(sgl_key_get_spki(alice.key), &alice_digest);
	sealed = (sgl_sealed_key){
	    {.id = 77, .spki_digest = sgl_digest_slice(&alice_digest)},
	    sgl_buf_slice(&in_vault)};
	file.policy = (sgl_recovery_policy){4, sgl_buf_slice(&made.policy)};
	assert_int_equal(sgl_keeper_escrow(keeper, &file.policy, &sealed,
			     SGL_LIT("alice@example.org"), &escrowed, NULL),
	    SGL_OK);
	assert_int_equal(sgl_certs_add(&certs, alice.cert, NULL), SGL_OK);
}

static void
state(const sgl_recovery_case *facts, sgl_digest *out)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(65536);

	assert_int_equal(
	    sgl_recovery_statement(engine, facts, &text, NULL), SGL_OK);
	digest_of(sgl_buf_slice(&text), out);
}

static void
open_case(void)
{
	session = sgl_buf_init(SGL_RECOVERY_SPKI_MAX);
	session_sealed = sgl_buf_init(SGL_SEALED_MAX);
	assert_int_equal(sgl_keeper_recovery_begin(
			     keeper, 6, &session, &session_sealed, NULL),
	    SGL_OK);
	case_key = (sgl_recovery_key){
	    77, sgl_digest_slice(&alice_digest), SGL_LIT("alice@example.org")};
	file.session = sgl_buf_slice(&session_sealed);
	file.facts = (sgl_recovery_case){.id = 6,
	    .organisation = SGL_LIT("example.org"),
	    .recovery_key = sgl_digest_slice(&recovery_digest),
	    .threshold = 2,
	    .number = SGL_LIT("A-17"),
	    .reason = SGL_LIT("Alice is ill"),
	    .address = SGL_LIT("alice@example.org"),
	    .opened = now,
	    .expires = now + 7 * DAY,
	    .session = sgl_buf_slice(&session),
	    .keys = &case_key,
	    .num_keys = 1};
	state(&file.facts, &statement);
	escrowed_key = (sgl_escrowed_key){
	    {.id = 77, .spki_digest = sgl_digest_slice(&alice_digest)},
	    SGL_LIT("alice@example.org"), sgl_buf_slice(&escrowed)};
	handout = (sgl_recovery_handout){.keys = &escrowed_key,
	    .num_keys = 1,
	    .certs = &certs,
	    .friendly_name = SGL_LIT("alice@example.org"),
	    .password = SGL_LIT("secret")};
}

static int
set_up(void **unused)
{
	const sgl_engine_config config = {.now = tell_time};
	bool fresh;

	(void)unused;
	sgl_folder_make(&folder);
	assert_int_equal(sgl_engine_new(&config, &engine, NULL), SGL_OK);
	assert_int_equal(
	    sgl_master_create(engine, folder.path, &fresh, NULL), SGL_OK);
	assert_int_equal(keeper_at(engine, folder.path, &keeper, NULL), SGL_OK);
	make_officers();
	escrow_alice();
	open_case();
	for (size_t i = 0; i < OFFICERS; i++) {
		const wish w = wish_of(i);

		approve(&w, &answers[i]);
		assert_int_equal(
		    sgl_recovery_approval_read(sgl_buf_slice(&answers[i]),
			&statement, &stores[i], &approvals[i], NULL),
		    SGL_OK);
	}
	return 0;
}

static int
tear_down(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < OFFICERS; i++) {
		sgl_tester_clear(&officers[i]);
		sgl_buf_clear(&answers[i]);
		sgl_buf_clear(&stores[i]);
	}
	sgl_recovery_made_clear(&made);
	sgl_tester_clear(&alice);
	sgl_certs_clear(&certs);
	sgl_buf_clear(&in_vault);
	sgl_buf_clear(&escrowed);
	sgl_buf_clear(&session);
	sgl_buf_clear(&session_sealed);
	sgl_keeper_free(keeper);
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

/* ---------------------------------------------------------- what is good ---
 */

static sgl_recovery_file
approved_by(size_t num, const size_t *who)
{
	sgl_recovery_file f = file;

	for (size_t i = 0; i < num; i++)
		f.approvals[f.num_approvals++] = approvals[who[i]];
	return f;
}

static void
assert_holds_alice(const sgl_bytes *out)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};

	assert_int_equal(sgl_load(engine, sgl_slice_of(out->data, out->len),
			     SGL_LIT("secret"), &ring, NULL, NULL, NULL),
	    SGL_OK);
	assert_int_equal(ring.num_keys, 1);
	assert_true(sgl_slice_eq(
	    sgl_key_get_spki(ring.keys[0]), sgl_key_get_spki(alice.key)));
}

static void
any_two_of_three_recover(void **unused)
{
	static const size_t who[][3] = {{0, 1}, {0, 2}, {2, 1}, {2, 0, 1}};

	(void)unused;
	for (size_t i = 0; i < 4; i++) {
		sgl_recovery_file f = approved_by(i == 3 ? 3 : 2, who[i]);
		sgl_bytes out = {0};

		assert_int_equal(
		    sgl_keeper_recovery_check(keeper, &f, NULL), SGL_OK);
		assert_int_equal(sgl_keeper_recovery_collect(
				     keeper, &f, &handout, &out, NULL),
		    SGL_OK);
		assert_holds_alice(&out);
		sgl_bytes_free(&out);
	}
}

static void
refuses_to_collect(const sgl_recovery_file *f, const sgl_recovery_handout *what,
    sgl_status want)
{
	sgl_bytes out = {0};

	assert_int_equal(
	    sgl_keeper_recovery_collect(keeper, f, what, &out, NULL), want);
	assert_null(out.data);
}

static void
one_of_three_does_not(void **unused)
{
	(void)unused;
	refuses_to_collect(&file, &handout, SGL_E_NOKEY);
	for (size_t i = 0; i < OFFICERS; i++) {
		sgl_recovery_file f = approved_by(1, &i);

		assert_int_equal(
		    sgl_keeper_recovery_check(keeper, &f, NULL), SGL_OK);
		refuses_to_collect(&f, &handout, SGL_E_NOKEY);
	}
}

/* ------------------------------------------------- what does not count --- */

static void
does_not_count(const sgl_recovery_approval *a, const char *why)
{
	sgl_recovery_file f = file;
	sgl_err err = {0};

	f.num_approvals = 2;
	f.approvals[0] = approvals[0];
	f.approvals[1] = *a;
	assert_int_equal(
	    sgl_keeper_recovery_check(keeper, &f, &err), SGL_E_MISMATCH);
	if (strstr(err.text, why) == NULL)
		fail_msg("%s, not %s", err.text, why);
	refuses_to_collect(&f, &handout, SGL_E_MISMATCH);
}

static void
a_wish_does_not_count(const wish *w, const char *why)
{
	sgl_buf answer, store;
	sgl_recovery_approval a;

	approve(w, &answer);
	assert_int_equal(sgl_recovery_approval_read(sgl_buf_slice(&answer),
			     w->statement, &store, &a, NULL),
	    SGL_OK);
	does_not_count(&a, why);
	sgl_buf_clear(&answer);
	sgl_buf_clear(&store);
}

static void
wrong_approvals_do_not_count(void **unused)
{
	sgl_digest other = statement;
	SGL_AUTO(sgl_key)
	elsewhere = NULL;
	wish w;

	(void)unused;
	does_not_count(&approvals[0], "approved it already");
	w = wish_of(1);
	w.signer = 2;
	a_wish_does_not_count(&w, "the signature of an approval");
	w = wish_of(1);
	w.as = 99;
	a_wish_does_not_count(&w, "not by an officer");
	w = wish_of(1);
	w.at = file.facts.opened - SGL_RECOVERY_SKEW - 1;
	a_wish_does_not_count(&w, "when the request was not open");
	w.at = now + SGL_RECOVERY_SKEW + 1;
	a_wish_does_not_count(&w, "when the request was not open");
	w = wish_of(1);
	other.bytes[0] ^= 1;
	w.statement = &other;
	a_wish_does_not_count(&w, "the signature of an approval");
	w = wish_of(1);
	w.share = 2; /* somebody else's share, signed by this officer */
	a_wish_does_not_count(&w, "another share");
	w = wish_of(1);
	w.plain = SGL_LIT("no share at all");
	a_wish_does_not_count(&w, "another share");
	w = wish_of(1);
	assert_int_equal(
	    sgl_key_generate(engine, SGL_KEY_X25519, 0, &elsewhere, NULL),
	    SGL_OK);
	w.session = sgl_key_get_spki(elsewhere);
	a_wish_does_not_count(&w, "not sealed for this request");
}

static void
whatever_is_altered_does_not_count(void **unused)
{
	sgl_recovery_approval a = approvals[1];
	uint8_t *share = stores[1].data, *signature = share + a.share.len;

	(void)unused;
	for (size_t i = 0; i < a.share.len; i += 7) {
		share[i] ^= 4;
		does_not_count(&a, "the signature of an approval");
		share[i] ^= 4;
	}
	for (size_t i = 0; i < a.signature.len; i += 5) {
		signature[i] ^= 4;
		does_not_count(&a, "the signature of an approval");
		signature[i] ^= 4;
	}
	a.at++;
	does_not_count(&a, "the signature of an approval");
	a = approvals[1];
	a.officer = approvals[2].officer;
	does_not_count(&a, "the signature of an approval");
}

static void
a_case_ends(void **unused)
{
	const size_t two[] = {0, 1};
	sgl_recovery_file f = approved_by(2, two);

	(void)unused;
	now += 7 * DAY;
	refuses_to_collect(&f, &handout, SGL_E_MISMATCH);
	now -= 7 * DAY;
}

/* Whoever asks the keyholder cannot turn approvals to something else. */
static void
approvals_are_for_one_case_only(void **unused)
{
	static const uint8_t zeros[32];
	const size_t two[] = {0, 1};
	sgl_recovery_file f;
	sgl_recovery_key key = case_key;

	(void)unused;
	f = approved_by(2, two);
	f.facts.number = SGL_LIT("A-18");
	refuses_to_collect(&f, &handout, SGL_E_MISMATCH);
	f = approved_by(2, two);
	f.facts.expires += DAY;
	refuses_to_collect(&f, &handout, SGL_E_MISMATCH);
	f = approved_by(2, two);
	f.facts.id++; /* the session is sealed for its number */
	refuses_to_collect(&f, &handout, SGL_E_PASSWORD);
	f = approved_by(2, two);
	f.facts.threshold = 1;
	refuses_to_collect(&f, &handout, SGL_E_MISMATCH);
	f = approved_by(2, two);
	f.facts.recovery_key = sgl_slice_of(zeros, 32);
	refuses_to_collect(&f, &handout, SGL_E_MISMATCH);
	f = approved_by(2, two);
	key.made_for = SGL_LIT("bob@example.org");
	f.facts.keys = &key;
	refuses_to_collect(&f, &handout, SGL_E_MISMATCH);
	f = approved_by(2, two);
	f.policy.id++;
	refuses_to_collect(&f, &handout, SGL_E_PASSWORD);
}

static void
only_what_was_approved_is_handed_out(void **unused)
{
	const size_t two[] = {0, 1};
	sgl_recovery_file f = approved_by(2, two);
	sgl_escrowed_key keys[2] = {escrowed_key, escrowed_key};
	sgl_recovery_handout what = handout;
	SGL_AUTO_CLEAR(sgl_buf) changed = sgl_buf_init(SGL_SEALED_MAX);

	(void)unused;
	what.keys = keys;
	what.num_keys = 2;
	refuses_to_collect(&f, &what, SGL_E_MISMATCH);
	what.num_keys = 0;
	refuses_to_collect(&f, &what, SGL_E_MISMATCH);
	what.num_keys = 1;
	keys[0].label.id++;
	refuses_to_collect(&f, &what, SGL_E_MISMATCH);
	keys[0] = escrowed_key;
	assert_int_equal(
	    sgl_buf_add(&changed, escrowed_key.sealed, NULL), SGL_OK);
	changed.data[40] ^= 1;
	keys[0].sealed = sgl_buf_slice(&changed);
	refuses_to_collect(&f, &what, SGL_E_DECRYPT);
}

/* ----------------------------------------------------------------- moving ---
 */

static sgl_status
keep_moved(void *ctx, size_t i, sgl_slice sealed, sgl_err *err)
{
	assert_int_equal(i, 0);
	return sgl_buf_add(ctx, sealed, err);
}

typedef struct moving {
	sgl_recovery_made to;
	sgl_digest to_digest, statement;
	sgl_recovery_file file;
	sgl_recovery_removal what;
	sgl_buf answers[2], stores[2];
} moving;

static void
begin_moving(moving *m)
{
	sgl_recovery_plan p = plan;

	p.id = 5;
	sgl_recovery_made_init(&m->to);
	assert_int_equal(
	    sgl_keeper_recovery_make(keeper, &p, &m->to, NULL), SGL_OK);
	digest_of(sgl_buf_slice(&m->to.spki), &m->to_digest);
	m->file = file;
	m->file.facts.num_keys = 0;
	m->file.facts.address = (sgl_slice){NULL, 0};
	m->file.facts.move_to = sgl_digest_slice(&m->to_digest);
	state(&m->file.facts, &m->statement);
	m->what = (sgl_recovery_removal){
	    {5, sgl_buf_slice(&m->to.policy)}, &escrowed_key, 1};
	for (size_t i = 0; i < 2; i++) {
		wish w = wish_of(i);

		w.statement = &m->statement;
		approve(&w, &m->answers[i]);
		assert_int_equal(
		    sgl_recovery_approval_read(sgl_buf_slice(&m->answers[i]),
			&m->statement, &m->stores[i], &m->file.approvals[i],
			NULL),
		    SGL_OK);
	}
	m->file.num_approvals = 2;
}

static void
end_moving(moving *m)
{
	for (size_t i = 0; i < 2; i++) {
		sgl_buf_clear(&m->answers[i]);
		sgl_buf_clear(&m->stores[i]);
	}
	sgl_recovery_made_clear(&m->to);
}

static sgl_status
moved(const moving *m, sgl_buf *out)
{
	return sgl_keeper_recovery_move(
	    keeper, &m->file, &m->what, keep_moved, out, NULL);
}

static void
what_is_sealed_moves(void **unused)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(SGL_SEALED_MAX);
	const size_t two[] = {0, 1};
	sgl_recovery_file f = approved_by(2, two);
	sgl_escrowed_key key = escrowed_key;
	moving m = {0};

	(void)unused;
	begin_moving(&m);
	assert_int_equal(moved(&m, &out), SGL_OK);
	assert_int_equal(out.len, escrowed.len);
	/* Sealed to the other key: the old one opens it no more. */
	key.sealed = sgl_buf_slice(&out);
	handout.keys = &key;
	refuses_to_collect(&f, &handout, SGL_E_DECRYPT);
	handout.keys = &escrowed_key;
	end_moving(&m);
}

/* Approvals to move hand nothing out, and those to hand out move nothing; to
 * another recovery key than was approved it does not go either. */
static void
moving_is_approved_for_itself(void **unused)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(SGL_SEALED_MAX);
	sgl_recovery_handout nothing = handout;
	const size_t two[] = {0, 1};
	moving m = {0};

	(void)unused;
	begin_moving(&m);
	nothing.num_keys = 0;
	refuses_to_collect(&m.file, &nothing, SGL_E_MISMATCH);
	m.what.to = (sgl_recovery_policy){4, sgl_buf_slice(&made.policy)};
	assert_int_equal(moved(&m, &out), SGL_E_MISMATCH);
	m.what.to = (sgl_recovery_policy){5, sgl_buf_slice(&m.to.policy)};
	m.file.num_approvals = 1;
	assert_int_equal(moved(&m, &out), SGL_E_NOKEY);
	m.file = approved_by(2, two);
	assert_int_equal(moved(&m, &out), SGL_E_MISMATCH);
	assert_int_equal(out.len, 0);
	end_moving(&m);
}

/* What is sealed for another purpose opens as no private key. */
static void
neither_policy_nor_session_opens_as_a_key(void **unused)
{
	const sgl_sealed_key as[] = {
	    {{.id = 4, .spki_digest = sgl_digest_slice(&recovery_digest)},
		sgl_buf_slice(&made.policy)},
	    {{.id = 6, .spki_digest = sgl_digest_slice(&recovery_digest)},
		sgl_buf_slice(&session_sealed)}};

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		sgl_key *key = NULL;

		assert_int_equal(sgl_keeper_open(keeper, &as[i], &key, NULL),
		    SGL_E_PASSWORD);
	}
}

static void
a_plan_needs_two_distinct_officers(void **unused)
{
	sgl_recovery_plan p = plan;
	SGL_AUTO_CLEAR(sgl_recovery_made) out;

	(void)unused;
	sgl_recovery_made_init(&out);
	p.threshold = 1;
	assert_int_equal(
	    sgl_keeper_recovery_make(keeper, &p, &out, NULL), SGL_E_USAGE);
	p.threshold = 4;
	assert_int_equal(
	    sgl_keeper_recovery_make(keeper, &p, &out, NULL), SGL_E_USAGE);
	p.threshold = 2;
	p.members[2].decrypts = p.members[1].decrypts;
	assert_int_equal(
	    sgl_keeper_recovery_make(keeper, &p, &out, NULL), SGL_E_USAGE);
	p = plan;
	p.members[2].signs = p.members[0].signs;
	assert_int_equal(
	    sgl_keeper_recovery_make(keeper, &p, &out, NULL), SGL_E_USAGE);
	assert_int_equal(out.policy.len, 0);
}

/* ---------------------------------------------------------------- files --- */

/* Cut, or with a byte changed, it is read as none or does not count. */
static void
an_approval_is_whole_or_none(void **unused)
{
	sgl_slice whole = sgl_buf_slice(&answers[1]);
	sgl_buf store;
	sgl_recovery_approval a;

	(void)unused;
	for (size_t len = 0; len < whole.len; len++) {
		assert_int_equal(
		    sgl_recovery_approval_read(sgl_slice_first(whole, len),
			&statement, &store, &a, NULL),
		    SGL_E_ENCODING);
		sgl_buf_clear(&store);
	}
}

static void
fill_request(sgl_recovery_request *r, sgl_slice text)
{
	*r = (sgl_recovery_request){.statement = text,
	    .session = sgl_buf_slice(&session),
	    .num_shares = OFFICERS};
	for (size_t i = 0; i < OFFICERS; i++)
		r->shares[i] = (sgl_recovery_share){10 + (int64_t)i,
		    SGL_LIT("officer"), sgl_key_get_spki(officers[i].key),
		    sgl_buf_slice(&made.envelopes[i])};
}

static void
a_request_arrives_or_not(void **unused)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(65536);
	SGL_AUTO_CLEAR(sgl_buf) request = sgl_buf_init(65536);
	sgl_recovery_request r, got;
	sgl_buf store;

	(void)unused;
	assert_int_equal(
	    sgl_recovery_statement(engine, &file.facts, &text, NULL), SGL_OK);
	fill_request(&r, sgl_buf_slice(&text));
	assert_int_equal(sgl_recovery_request_add(&r, &request, NULL), SGL_OK);
	assert_int_equal(sgl_recovery_request_read(
			     sgl_buf_slice(&request), &store, &got, NULL),
	    SGL_OK);
	assert_true(sgl_slice_eq(got.statement, r.statement));
	assert_true(sgl_slice_eq(got.session, r.session));
	assert_int_equal(got.num_shares, OFFICERS);
	for (size_t i = 0; i < OFFICERS; i++) {
		assert_int_equal(got.shares[i].officer, r.shares[i].officer);
		assert_true(
		    sgl_slice_eq(got.shares[i].envelope, r.shares[i].envelope));
	}
	sgl_buf_clear(&store);
	for (size_t len = 0; len + 2 < request.len; len++) {
		assert_int_equal(
		    sgl_recovery_request_read(
			sgl_slice_of(request.data, len), &store, &got, NULL),
		    SGL_E_ENCODING);
		sgl_buf_clear(&store);
	}
}

/* The officer's side believes what the keyholder signed, and nothing else. */
static void
a_request_is_signed(void **unused)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(65536);
	SGL_AUTO_CLEAR(sgl_buf) plain = sgl_buf_init(4096);
	SGL_AUTO_CLEAR(sgl_buf)
	signature = sgl_buf_init(SGL_RECOVERY_SIGNATURE_MAX);
	sgl_recovery_file f = file;
	sgl_recovery_enveloped e;
	sgl_recovery_request r;

	(void)unused;
	assert_int_equal(
	    sgl_recovery_statement(engine, &file.facts, &text, NULL), SGL_OK);
	assert_int_equal(
	    sgl_keeper_recovery_state(keeper, &file, &signature, NULL), SGL_OK);
	fill_request(&r, sgl_buf_slice(&text));
	r.signature = sgl_buf_slice(&signature);
	open_envelope(&officers[2], sgl_buf_slice(&made.envelopes[2]), &plain);
	assert_int_equal(
	    sgl_recovery_enveloped_read(sgl_buf_slice(&plain), &e, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_recovery_request_check(engine, &r, e.spki, NULL), SGL_OK);
	for (size_t i = 0; i < text.len; i += 11) {
		text.data[i] ^= 1;
		assert_int_equal(
		    sgl_recovery_request_check(engine, &r, e.spki, NULL),
		    SGL_E_MISMATCH);
		text.data[i] ^= 1;
	}
	/* Nor does the keyholder sign for a session that it did not make. */
	f.facts.session = sgl_buf_slice(&made.spki);
	assert_int_equal(
	    sgl_keeper_recovery_state(keeper, &f, &signature, NULL),
	    SGL_E_PASSWORD);
	for (size_t len = 0; len < plain.len; len++)
		assert_int_equal(sgl_recovery_enveloped_read(
				     sgl_slice_of(plain.data, len), &e, NULL),
		    SGL_E_ENCODING);
}

static void
a_line_is_one_line(void **unused)
{
	static const char *const bad[] = {"", "a\nb", "a\rb", "a\tb", "\x7f",
	    "\xff", "\xe2\x80\xae turned", "\xc2\x85"};

	(void)unused;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(sgl_recovery_line_is_fit(sgl_slice_str(bad[i])));
	assert_true(sgl_recovery_line_is_fit(SGL_LIT("\xc3\x85sa, case 7/2")));
}

/* -------------------------------------------------------------- no memory ---
 */

static sgl_status
do_make(void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_recovery_made) out;

	(void)ctx;
	sgl_recovery_made_init(&out);
	return sgl_keeper_recovery_make(keeper, &plan, &out, err);
}

static sgl_status
do_escrow(void *ctx, sgl_err *err)
{
	const sgl_sealed_key sealed = {
	    {.id = 77, .spki_digest = sgl_digest_slice(&alice_digest)},
	    sgl_buf_slice(&in_vault)};
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(SGL_SEALED_MAX);

	(void)ctx;
	return sgl_keeper_escrow(keeper, &file.policy, &sealed,
	    SGL_LIT("alice@example.org"), &out, err);
}

static sgl_status
do_check(void *ctx, sgl_err *err)
{
	const size_t two[] = {1, 2};
	sgl_recovery_file f = approved_by(2, two);

	(void)ctx;
	return sgl_keeper_recovery_check(keeper, &f, err);
}

static sgl_status
do_read(void *ctx, sgl_err *err)
{
	sgl_recovery_approval a;
	SGL_AUTO_CLEAR(sgl_buf) store = {0};

	(void)ctx;
	return sgl_recovery_approval_read(
	    sgl_buf_slice(&answers[1]), &statement, &store, &a, err);
}

static void
without_memory(void **unused)
{
	static const sgl_fault_job jobs[] = {
	    do_make, do_escrow, do_check, do_read};

	(void)unused;
	for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++)
		assert_true(sgl_fault_each(jobs[i], NULL) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_two_of_three_recover),
	    cmocka_unit_test(one_of_three_does_not),
	    cmocka_unit_test(wrong_approvals_do_not_count),
	    cmocka_unit_test(whatever_is_altered_does_not_count),
	    cmocka_unit_test(a_case_ends),
	    cmocka_unit_test(approvals_are_for_one_case_only),
	    cmocka_unit_test(only_what_was_approved_is_handed_out),
	    cmocka_unit_test(what_is_sealed_moves),
	    cmocka_unit_test(moving_is_approved_for_itself),
	    cmocka_unit_test(neither_policy_nor_session_opens_as_a_key),
	    cmocka_unit_test(a_plan_needs_two_distinct_officers),
	    cmocka_unit_test(an_approval_is_whole_or_none),
	    cmocka_unit_test(a_request_arrives_or_not),
	    cmocka_unit_test(a_request_is_signed),
	    cmocka_unit_test(a_line_is_one_line),
	    cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
