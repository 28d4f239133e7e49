/* SPDX-License-Identifier: Apache-2.0 */
/* Lives of mailboxes: states, custody, renewal, what is chosen in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ca/life.h"
#include "ca/remind.h"
#include "ca/renew.h"
#include "ca/revoke.h"
#include "org/choose.h"
#include "org/custody.h"
#include "org/people.h"
#include "support/fault.h"
#include "support/folder.h"

#define DAY ((sgl_time)24 * 60 * 60)
#define START ((sgl_time)1800000000)
#define LIFE (730 * DAY)

static sgl_engine *engine;
static sgl_folder folder;
static sgl_time now;
static sgl_home *home;
static sgl_person alice;

static sgl_time
tell_time(void *ctx)
{
	(void)ctx;
	return now;
}

static void
must(sgl_status status, const sgl_err *err)
{
	if (status != SGL_OK)
		fail_msg("%s: %s", err->text, err->detail);
}
#define MUST(call)                                                             \
	do {                                                                   \
		sgl_err failed = {0};                                          \
		must(call, &failed);                                           \
	} while (0)

static sgl_status
add(const char *address, sgl_person *out, sgl_err *err)
{
	TRY(sgl_people_add(home, address, "Alice", out, err));
	TRY(sgl_ca_issue(home, out, SGL_CERT_SIGNING, NULL, err));
	return sgl_ca_issue(home, out, SGL_CERT_ENCRYPTION, NULL, err);
}

static int
set_up(void **state)
{
	const sgl_engine_config config = {.now = tell_time};
	char domain[] = "example.org", name[] = "Example", kind[] = "p256";
	const sgl_organisation o = {
	    .domain = domain, .name = name, .algorithm = kind, .is_demo = true};

	(void)state;
	now = START;
	sgl_folder_make(&folder);
	MUST(sgl_engine_new(&config, &engine, &failed));
	MUST(sgl_home_create(engine, sgl_folder_path(&folder, "home"), &o, NULL,
	    &home, &failed));
	MUST(sgl_ca_found(home, &failed));
	MUST(add("alice@example.org", &alice, &failed));
	MUST(sgl_home_commit(home, &failed));
	MUST(sgl_home_begin(home, &failed));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_person_clear(&alice);
	sgl_home_free(home);
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

/* ----------------------------------------------------------------- helpers ---
 */

static int64_t
chosen_key(sgl_cert_purpose purpose)
{
	SGL_AUTO_CLEAR(sgl_chosen) c = {0};

	MUST(sgl_choose_cert(home, alice.id, purpose, &c, &failed));
	return c.cert == NULL ? 0 : c.key;
}

static void
expect_none(sgl_cert_purpose purpose, sgl_no_cert why)
{
	SGL_AUTO_CLEAR(sgl_chosen) c = {0};
	sgl_err err = {0};

	MUST(sgl_choose_cert(home, alice.id, purpose, &c, &failed));
	assert_null(c.cert);
	assert_int_equal(c.why, why);
	assert_int_equal(sgl_choose_fail(&c, alice.address, &err), SGL_E_NOKEY);
}

static void
expect_refusal(sgl_status status, const sgl_err *err, const char *text)
{
	assert_int_equal(status, SGL_E_USAGE);
	if (strstr(err->text, text) == NULL)
		fail_msg("%s", err->text);
}

static void
hand_out_all(void)
{
	const int64_t keys[] = {
	    chosen_key(SGL_CERT_SIGNING), chosen_key(SGL_CERT_ENCRYPTION)};

	MUST(sgl_custody_hand_out(home, &alice, NULL, keys, 2, &failed));
	MUST(sgl_custody_settle(home, &alice, keys, 2, NULL, &failed));
}

static bool
is_here(int64_t key)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	bool found = false;

	MUST(
	    sgl_store_find_key(sgl_home_store(home), key, &k, &found, &failed));
	return found && k.sealed.len > 0;
}

/* ------------------------------------------------------------------ states ---
 */

static void
who_is_suspended_is_written_to_but_does_not_sign(void **state)
{
	int64_t signing = chosen_key(SGL_CERT_SIGNING);
	sgl_err err = {0};

	(void)state;
	MUST(sgl_life_suspend(home, &alice, &failed));
	expect_none(SGL_CERT_SIGNING, SGL_NO_CERT_SUSPENDED);
	assert_int_not_equal(chosen_key(SGL_CERT_ENCRYPTION), 0);
	expect_refusal(sgl_ca_issue(home, &alice, SGL_CERT_SIGNING, NULL, &err),
	    &err, "is suspended");
	expect_refusal(sgl_custody_check(home, &alice, NULL, &err), &err,
	    "no keys are handed out");
	MUST(sgl_life_resume(home, &alice, &failed));
	assert_int_equal(chosen_key(SGL_CERT_SIGNING), signing);
}

/* Somebody else's hold has a cause of its own. */
static void
resuming_takes_back_its_own_holds_only(void **state)
{
	const sgl_revocation_mark hold = {
	    .reason = SGL_REASON_CERTIFICATE_HOLD};
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};

	(void)state;
	MUST(sgl_store_list_certs(
	    sgl_home_store(home), alice.id, &list, &failed));
	assert_int_equal(list.items[1].purpose, SGL_CERT_SIGNING);
	MUST(sgl_ca_revoke(home, &list.items[1], &hold, &failed));
	now += 10;
	MUST(sgl_life_suspend(home, &alice, &failed));
	now += 10;
	MUST(sgl_life_resume(home, &alice, &failed));
	expect_none(SGL_CERT_SIGNING, SGL_NO_CERT_REVOKED);
}

static void
who_left_is_neither_written_to_nor_signs(void **state)
{
	int64_t key = chosen_key(SGL_CERT_ENCRYPTION);
	sgl_err err = {0};

	(void)state;
	expect_refusal(sgl_life_delete(home, &alice, false, &err), &err,
	    "only who has left");
	MUST(sgl_life_leave(home, &alice, &failed));
	expect_none(SGL_CERT_SIGNING, SGL_NO_CERT_LEFT);
	expect_none(SGL_CERT_ENCRYPTION, SGL_NO_CERT_LEFT);
	assert_true(is_here(key));
	expect_refusal(
	    sgl_life_resume(home, &alice, &err), &err, "revoked for good");
	MUST(sgl_life_delete(home, &alice, true, &failed));
	assert_false(is_here(key));
}

/* ----------------------------------------------------------------- custody ---
 */

static void
a_custody_that_would_not_be_true_is_refused(void **state)
{
	int64_t signing = chosen_key(SGL_CERT_SIGNING),
		encryption = chosen_key(SGL_CERT_ENCRYPTION);
	sgl_err err = {0};

	(void)state;
	hand_out_all();
	assert_false(is_here(signing));
	assert_true(is_here(encryption));
	expect_refusal(
	    sgl_custody_change(home, &alice, SGL_CUSTODY_SERVER, &err), &err,
	    "is not here any more");
	MUST(sgl_custody_change(home, &alice, SGL_CUSTODY_SEALED, &failed));
	assert_false(is_here(encryption));
	expect_refusal(sgl_custody_change(home, &alice, SGL_CUSTODY_USER, &err),
	    &err, "is not here any more");
}

static void
what_was_not_handed_out_is_kept(void **state)
{
	int64_t signing = chosen_key(SGL_CERT_SIGNING);
	size_t wiped = 9;

	(void)state;
	MUST(sgl_custody_change(home, &alice, SGL_CUSTODY_SEALED, &failed));
	MUST(sgl_custody_settle(home, &alice, &signing, 1, &wiped, &failed));
	assert_int_equal(wiped, 0);
	assert_true(is_here(signing));
}

/* ----------------------------------------------------------------- renewal ---
 */

static void
renewal_comes_in_time_and_spread(void **state)
{
	sgl_cert_record c = {.not_before = START, .not_after = START + LIFE};
	unsigned in_week[4] = {0};

	(void)state;
	for (c.person = 1; c.person <= 400; c.person++) {
		sgl_time early = c.not_after - sgl_renew_time(&c);
		assert_in_range(early, 60 * DAY, 88 * DAY - 1);
		in_week[(early - 60 * DAY) / (7 * DAY)]++;
	}
	for (size_t i = 0; i < 4; i++)
		assert_in_range(in_week[i], 90, 110);
	/* One that lives 80 days: at most 20 and 10 of them. */
	c.not_after = START + 80 * DAY;
	for (c.person = 1; c.person <= 400; c.person++)
		assert_in_range(
		    c.not_after - sgl_renew_time(&c), 20 * DAY, 30 * DAY - 1);
}

static void
expect_next(bool want)
{
	sgl_renewal next = {0};
	bool found = !want;

	MUST(sgl_renew_next(home, 0, 0, &next, &found, &failed));
	assert_int_equal(found, want);
	if (!found)
		return;
	MUST(sgl_renew_one(home, &next, &failed));
	MUST(sgl_renew_next(home, 0, next.id, &next, &found, &failed));
	assert_true(found);
	MUST(sgl_renew_one(home, &next, &failed));
}

static void
new_keys_wait_for_their_hand_out(void **state)
{
	int64_t old = chosen_key(SGL_CERT_ENCRYPTION), new;
	size_t num;

	(void)state;
	hand_out_all();
	now = START + LIFE - 100 * DAY;
	expect_next(false);
	now = START + LIFE - 59 * DAY;
	expect_next(true);
	expect_next(false);
	assert_int_equal(chosen_key(SGL_CERT_ENCRYPTION), old);
	now = START + LIFE - 8 * DAY;
	assert_int_equal(chosen_key(SGL_CERT_ENCRYPTION), old);
	now = START + LIFE - 7 * DAY + 1;
	new = chosen_key(SGL_CERT_ENCRYPTION);
	assert_int_not_equal(new, old);
	/* What the date has done is noted. */
	MUST(sgl_renew_settle(home, &failed));
	MUST(sgl_custody_confirm(home, &alice, SGL_CUSTODY_ANY, &num, &failed));
	assert_int_equal(num, 0);
	assert_int_equal(chosen_key(SGL_CERT_ENCRYPTION), new);
}

static sgl_status
count_due(void *ctx, const sgl_due_reminder *due, sgl_err *err)
{
	int64_t *days = ctx;

	(void)err;
	assert_int_equal(due->kind, SGL_NOTICE_ENDS);
	assert_int_equal(due->person->id, alice.id);
	assert_int_equal(*days, 0);
	*days = due->days;
	return SGL_OK;
}

static void
expect_reminder(sgl_time at, int64_t want)
{
	int64_t days = 0;

	now = at;
	MUST(sgl_remind_each(home, count_due, &days, &failed));
	assert_int_equal(days, want);
}

static void
reminders_are_due_when_keys_elsewhere_end(void **state)
{
	sgl_time end = START + LIFE;

	(void)state;
	expect_reminder(end - 20 * DAY, 0); /* nobody has a key */
	now = START;
	hand_out_all();
	expect_reminder(end - 30 * DAY - 1, 0);
	expect_reminder(end - 30 * DAY, 30);
	expect_reminder(end - 7 * DAY - 1, 30);
	expect_reminder(end - 7 * DAY, 7);
	expect_reminder(end - DAY, 1);
	expect_reminder(end, 1);
	expect_reminder(end + 1, 0);
	now = end - 20 * DAY;
	MUST(sgl_custody_change(home, &alice, SGL_CUSTODY_SEALED, &failed));
	expect_reminder(end - 20 * DAY, 30);
	MUST(sgl_life_leave(home, &alice, &failed));
	expect_reminder(end - 20 * DAY, 0);
}

/* ------------------------------------------------------------- no memory ---
 */

static sgl_status
live(sgl_person *p, sgl_person *info, sgl_err *err)
{
	sgl_holder h = {.mailbox = info->id, .person = p->id, .created = now};
	bool did;

	TRY(sgl_life_rename(home, p, "eve@example.org", false, err));
	TRY(sgl_life_suspend(home, p, err));
	TRY(sgl_life_resume(home, p, err));
	TRY(sgl_custody_change(home, info, SGL_CUSTODY_SERVER, err));
	TRY(sgl_store_add_holder(sgl_home_store(home), &h, &did, err));
	TRY(sgl_store_set_handed(
	    sgl_home_store(home), info->id, p->id, now, err));
	TRY(sgl_custody_change(home, p, SGL_CUSTODY_SEALED, err));
	TRY(sgl_renew_all_begin(home, err));
	TRY(sgl_life_leave(home, p, err));
	return sgl_life_delete(home, p, true, err);
}

static sgl_status
open_and_live(sgl_engine *with, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_person) info = {0};

	TRY(sgl_home_open(
	    with, sgl_folder_path(&folder, "home"), true, &home, err));
	TRY(sgl_people_get(home, "alice@example.org", &p, err));
	TRY(add("info@example.org", &info, err));
	return live(&p, &info, err);
}

/* With an engine of its own, which keeps what it has seen. */
static sgl_status
whole_life(void *ctx, sgl_err *err)
{
	const sgl_engine_config config = {.now = tell_time};
	sgl_engine *with = NULL;
	sgl_status status = sgl_engine_new(&config, &with, err);

	(void)ctx;
	if (status == SGL_OK)
		status = open_and_live(with, err);
	sgl_home_free(home);
	home = NULL;
	sgl_engine_free(with);
	return status;
}

static void
no_memory_changes_nothing(void **state)
{
	(void)state;
	MUST(sgl_home_commit(home, &failed));
	sgl_home_free(home);
	home = NULL;
	assert_true(sgl_fault_each(whole_life, NULL) > 100);
	MUST(sgl_home_open(
	    engine, sgl_folder_path(&folder, "home"), false, &home, &failed));
	assert_int_not_equal(chosen_key(SGL_CERT_SIGNING), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(who_is_suspended_is_written_to_but_does_not_sign),
	    TEST(resuming_takes_back_its_own_holds_only),
	    TEST(who_left_is_neither_written_to_nor_signs),
	    TEST(a_custody_that_would_not_be_true_is_refused),
	    TEST(what_was_not_handed_out_is_kept),
	    TEST(renewal_comes_in_time_and_spread),
	    TEST(new_keys_wait_for_their_hand_out),
	    TEST(reminders_are_due_when_keys_elsewhere_end),
	    TEST(no_memory_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
