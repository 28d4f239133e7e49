/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of mailboxes, in both databases alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "store/query.h"
#include "support/records.h"

#define create sgl_records_create
#define add_person sgl_records_person
#define add_key sgl_records_key

static int64_t
add_issuer(sgl_store *s)
{
	int64_t root = sgl_records_authority(s, SGL_AUTHORITY_ROOT, 0);

	return sgl_records_authority(s, SGL_AUTHORITY_ISSUING, root);
}

static void
add_alias(sgl_store *s, int64_t person, const char *address)
{
	char text[64];
	const sgl_alias a = {
	    .address = text, .address_key = text, .person = person};

	(void)snprintf(text, sizeof text, "%s", address);
	assert_int_equal(sgl_store_add_alias(s, &a, NULL), SGL_OK);
}

static bool
is_found(sgl_store *s, const char *address, const char *own)
{
	sgl_person p = {0};
	bool found = false, same;

	assert_int_equal(
	    sgl_store_find_person(s, sgl_slice_str(address), &p, &found, NULL),
	    SGL_OK);
	same = found && strcmp(p.address, own) == 0;
	sgl_person_clear(&p);
	return same;
}

static void
a_person_is_renamed_to_an_alias(void **state)
{
	sgl_store *s = create();
	int64_t alice = add_person(s, "alice"), bob = add_person(s, "bob");
	sgl_aliases list = {0};

	(void)state;
	add_alias(s, alice, "eve");
	assert_int_equal(
	    sgl_store_rename_person(s, bob, SGL_LIT("eve"), NULL), SGL_E_USAGE);
	assert_int_equal(
	    sgl_store_rename_person(s, alice, SGL_LIT("none"), NULL),
	    SGL_E_USAGE);
	assert_int_equal(
	    sgl_store_rename_person(s, alice, SGL_LIT("eve"), NULL), SGL_OK);
	assert_true(is_found(s, "eve", "eve"));
	assert_true(is_found(s, "alice", "eve"));
	assert_int_equal(
	    sgl_store_certify_alias(s, SGL_LIT("alice"), true, NULL), SGL_OK);
	assert_int_equal(sgl_store_list_aliases(s, alice, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 1);
	assert_string_equal(list.items[0].address, "alice");
	assert_true(list.items[0].is_certified);
	sgl_aliases_clear(&list);
	add_alias(s, alice, "ann");
	assert_int_equal(
	    sgl_store_list_certified(s, alice, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 1);
	assert_string_equal(list.items[0].address, "alice");
	sgl_aliases_clear(&list);
	sgl_store_free(s);
}

static void
a_deleted_person_leaves_the_addresses(void **state)
{
	sgl_store *s = create();
	int64_t alice = add_person(s, "alice"), key = add_key(s, alice, 1);
	sgl_person p = {0};
	sgl_key_record k = {0};
	bool found;

	(void)state;
	add_alias(s, alice, "eve");
	assert_int_equal(sgl_store_delete_person(s, alice, 77, NULL), SGL_OK);
	assert_false(is_found(s, "alice", "alice"));
	assert_int_equal(sgl_records_num_people(s), 0);
	assert_int_equal(
	    sgl_store_get_person(s, alice, &p, &found, NULL), SGL_OK);
	assert_true(found);
	assert_int_equal(p.deleted, 77);
	assert_string_equal(p.address, "alice");
	sgl_person_clear(&p);
	assert_int_equal(sgl_store_find_key(s, key, &k, &found, NULL), SGL_OK);
	assert_true(found);
	sgl_key_record_clear(&k);
	add_alias(s, add_person(s, "alice"), "eve");
	assert_int_equal(sgl_records_num_people(s), 1);
	sgl_store_free(s);
}

static void
expect_key(sgl_store *s, int64_t id, size_t len, sgl_time handed, sgl_time gone)
{
	sgl_key_record k = {0};
	bool found = false;

	assert_int_equal(sgl_store_find_key(s, id, &k, &found, NULL), SGL_OK);
	assert_true(found);
	assert_int_equal(k.sealed.len, len);
	assert_int_equal(k.handed, handed);
	assert_int_equal(k.gone, gone);
	sgl_key_record_clear(&k);
}

static void
a_key_is_handed_out_and_wiped(void **state)
{
	sgl_store *s = create();
	int64_t key = add_key(s, add_person(s, "alice"), 1);

	(void)state;
	expect_key(s, key, 6, 0, 0);
	assert_int_equal(sgl_store_hand_key(s, key, 5, NULL), SGL_OK);
	expect_key(s, key, 6, 5, 0);
	assert_int_equal(sgl_store_drop_key(s, key, 7, NULL), SGL_OK);
	expect_key(s, key, 0, 5, 7);
	/* Once only. */
	assert_int_equal(sgl_store_drop_key(s, key, 8, NULL), SGL_OK);
	expect_key(s, key, 0, 5, 7);
	sgl_store_free(s);
}

static void
a_mailbox_has_holders(void **state)
{
	sgl_store *s = create();
	int64_t info = add_person(s, "info"), alice = add_person(s, "alice"),
		bob = add_person(s, "bob");
	sgl_holder h = {.mailbox = info, .created = 3};
	sgl_holders list = {0};
	bool did;

	(void)state;
	for (int turn = 0; turn < 3; turn++) {
		h.person = turn == 0 ? bob : alice;
		assert_int_equal(
		    sgl_store_add_holder(s, &h, &did, NULL), SGL_OK);
		assert_int_equal(did, turn < 2);
	}
	assert_int_equal(sgl_store_set_handed(s, info, bob, 9, NULL), SGL_OK);
	assert_int_equal(sgl_store_list_holders(s, info, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 2);
	assert_string_equal(list.items[0].address, "alice");
	assert_int_equal(list.items[0].handed, 0);
	assert_string_equal(list.items[1].address, "bob");
	assert_string_equal(list.items[1].mailbox_address, "info");
	assert_int_equal(list.items[1].handed, 9);
	assert_int_equal(list.items[1].created, 3);
	sgl_holders_clear(&list);
	for (int turn = 0; turn < 2; turn++) {
		assert_int_equal(
		    sgl_store_remove_holder(s, info, bob, &did, NULL), SGL_OK);
		assert_int_equal(did, turn == 0);
	}
	assert_int_equal(sgl_store_list_held(s, bob, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 0);
	sgl_holders_clear(&list);
	assert_int_equal(sgl_store_list_held(s, alice, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 1);
	sgl_holders_clear(&list);
	sgl_store_free(s);
}

typedef struct seen {
	int64_t ids[8];
	size_t num;
} seen;

static sgl_status
note(void *ctx, const sgl_cert_record *c, sgl_err *err)
{
	seen *s = ctx;

	(void)err;
	assert_true(s->num < 8);
	s->ids[s->num++] = c->id;
	return SGL_OK;
}

static void
expect_newest(
    sgl_store *s, const sgl_newest *which, const int64_t *ids, size_t num)
{
	seen found = {0};

	assert_int_equal(
	    sgl_store_each_newest(s, which, note, &found, NULL), SGL_OK);
	assert_int_equal(found.num, num);
	for (size_t i = 0; i < num; i++)
		assert_int_equal(found.ids[i], ids[i]);
}

/* Two of Alice's, of which one is older; one of Bob's. */
static void
the_newest_certificates_are_visited(void **state)
{
	sgl_store *s = create();
	int64_t alice = add_person(s, "alice"), bob = add_person(s, "bob");
	int64_t issuer = add_issuer(s);
	int64_t old = sgl_records_cert(s, alice, issuer, 1), ids[2];
	sgl_newest all = {.up_to = INT64_MAX, .before = INT64_MAX};
	sgl_person p = {0};
	bool found;

	(void)state;
	ids[0] = sgl_records_cert(s, bob, issuer, 2);
	ids[1] = sgl_records_cert(s, alice, issuer, 3);
	expect_newest(s, &all, ids, 2);
	all.after = ids[0];
	expect_newest(s, &all, ids + 1, 1);
	all.after = 0;
	all.up_to = ids[0];
	expect_newest(s, &all, ids, 1);
	all.up_to = INT64_MAX;
	all.before = -1; /* all of them end then */
	expect_newest(s, &all, ids, 0);
	all.before = INT64_MAX;
	assert_int_equal(sgl_store_supersede_cert(s, ids[1], 5, NULL), SGL_OK);
	ids[1] = old;
	expect_newest(s, &all, (const int64_t[]){old, ids[0]}, 2);
	assert_int_equal(
	    sgl_store_get_person(s, bob, &p, &found, NULL), SGL_OK);
	p.state = SGL_PERSON_SUSPENDED;
	p.suspended = 12;
	assert_int_equal(sgl_store_set_person(s, &p, NULL), SGL_OK);
	sgl_person_clear(&p);
	expect_newest(s, &all, &old, 1);
	sgl_store_free(s);
}

static sgl_status
count_reminders(void *ctx, const sgl_reminder *r, sgl_err *err)
{
	unsigned *kinds = ctx;

	(void)err;
	kinds[r->kind]++;
	assert_string_equal(r->mail, "From: x");
	return SGL_OK;
}

static void
each_mail_is_there_once_and_sent_once(void **state)
{
	char mail[] = "From: x";
	sgl_store *s = create();
	int64_t alice = add_person(s, "alice");
	sgl_reminder r = {
	    .mailbox = alice, .person = alice, .about = 7, .mail = mail};
	SGL_AUTO_CLEAR(sgl_reminder) next = {0};
	unsigned kinds[SGL_NUM_NOTICE_KINDS] = {0};
	bool found;

	(void)state;
	for (int kind = 0; kind < SGL_NUM_NOTICE_KINDS; kind++) {
		r.kind = (sgl_notice_kind)kind;
		assert_int_equal(
		    sgl_store_has_reminder(s, &r, &found, NULL), SGL_OK);
		assert_false(found);
		assert_int_equal(sgl_store_add_reminder(s, &r, NULL), SGL_OK);
		assert_int_equal(
		    sgl_store_has_reminder(s, &r, &found, NULL), SGL_OK);
		assert_true(found);
		assert_int_equal(
		    sgl_store_add_reminder(s, &r, NULL), SGL_E_USAGE);
	}
	assert_int_equal(
	    sgl_store_each_reminder(s, count_reminders, kinds, NULL), SGL_OK);
	for (int kind = 0; kind < SGL_NUM_NOTICE_KINDS; kind++)
		assert_int_equal(kinds[kind], 1);
	assert_int_equal(
	    sgl_store_claim_reminder(s, 0, 5, 10, &next, &found, NULL), SGL_OK);
	assert_true(found);
	assert_int_equal(next.kind, SGL_NOTICE_ENDS);
	/* Claimed by somebody who may still be at work, then by nobody. */
	for (sgl_time since = 9; since <= 11; since += 2) {
		SGL_AUTO_CLEAR(sgl_reminder) other = {0};
		assert_int_equal(sgl_store_claim_reminder(
				     s, 0, since, 12, &other, &found, NULL),
		    SGL_OK);
		assert_true(found);
		assert_int_equal(other.id == next.id, since == 11);
	}
	assert_int_equal(sgl_store_end_reminder(s, next.id, 20, NULL), SGL_OK);
	sgl_store_free(s);
}

static void
addresses_are_counted_by_their_end(void **state)
{
	static const struct {
		const char *end;
		int64_t want;
	} cases[] = {{"@example.org", 3}, {"@example.net", 1},
	    {"@example.com", 0}, {"@a_b.example", 1}, {"@example%", 0}};
	sgl_store *s = sgl_records_create();
	int64_t alice = sgl_records_person(s, "alice@example.org");
	char address[] = "al@example.org";
	sgl_alias a = {
	    .address = address, .address_key = address, .person = alice};
	int64_t num = -1;

	(void)state;
	(void)sgl_records_person(s, "bob@example.org");
	(void)sgl_records_person(s, "carol@example.net");
	(void)sgl_records_person(s, "dave@a_b.example");
	(void)sgl_records_person(s, "erin@axb.example");
	assert_int_equal(sgl_store_add_alias(s, &a, NULL), SGL_OK);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(
		    sgl_store_count_addresses(s, cases[i].end, &num, NULL),
		    SGL_OK);
		assert_int_equal(num, cases[i].want);
	}
	sgl_store_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SGL_RECORDS_TEST(addresses_are_counted_by_their_end),
	    SGL_RECORDS_TEST(a_person_is_renamed_to_an_alias),
	    SGL_RECORDS_TEST(a_deleted_person_leaves_the_addresses),
	    SGL_RECORDS_TEST(a_key_is_handed_out_and_wiped),
	    SGL_RECORDS_TEST(a_mailbox_has_holders),
	    SGL_RECORDS_TEST(the_newest_certificates_are_visited),
	    SGL_RECORDS_TEST(each_mail_is_there_once_and_sent_once),
	};

	return cmocka_run_group_tests(tests, NULL, sgl_records_end);
}
