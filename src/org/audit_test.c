/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "org/audit_verify.h"
#include "support/fault.h"
#include "support/folder.h"

static sgl_engine *engine;
static sgl_folder folder;
static char domain[] = "example.org", name[] = "Example", algorithm[] = "p256";
static const sgl_organisation example = {
    .domain = domain, .name = name, .algorithm = algorithm, .is_demo = true};

static int
set_up(void **state)
{
	(void)state;
	sgl_folder_make(&folder);
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

static sgl_home *
create(void)
{
	sgl_home *home = NULL;
	sgl_err err = {0};

	if (sgl_home_create(engine, sgl_folder_path(&folder, "home"), &example,
		NULL, &home, &err) != SGL_OK)
		fail_msg("%s: %s", err.text, err.detail);
	return home;
}

static sgl_audit_record
last_of(sgl_home *home)
{
	sgl_audit_record r = {0};
	bool found;

	assert_int_equal(
	    sgl_store_find_last_audit(sgl_home_store(home), &r, &found, NULL),
	    SGL_OK);
	assert_true(found);
	return r;
}

static void
a_record_says_who_did_what(void **state)
{
	sgl_home *home = create();
	sgl_audit_record first = last_of(home), second;
	char who[SGL_ACTOR_TEXT];

	(void)state;
	assert_int_equal(first.sequence, 1);
	assert_string_equal(first.action, "organisation.init");
	assert_string_equal(first.object, "example.org");
	sgl_home_set_actor(home, sgl_actor_text(1000, "alice", who));
	assert_int_equal(sgl_audit_add(home, "user.rename", "bob@example.org",
			     "Bob", "Robert", NULL),
	    SGL_OK);
	second = last_of(home);
	assert_int_equal(second.sequence, 2);
	assert_string_equal(second.who, "alice (1000)");
	assert_string_equal(second.before, "Bob");
	assert_string_equal(second.after, "Robert");
	assert_memory_equal(second.previous, first.hash, 32);
	sgl_audit_record_clear(&first);
	sgl_audit_record_clear(&second);
	sgl_home_free(home);
}

static void
who_has_no_name_has_a_number(void **state)
{
	char who[SGL_ACTOR_TEXT], longest[600];

	(void)state;
	assert_string_equal(sgl_actor_text(7, NULL, who), "uid 7");
	memset(longest, 'a', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	(void)sgl_actor_text(4294967295U, longest, who);
	assert_non_null(strstr(who, " (4294967295)"));
}

/* No two records are the same bytes, however they are cut. */
static void
every_field_is_in_the_hash(void **state)
{
	char a[] = "a", ab[] = "ab", b[] = "b", empty[] = "";
	const sgl_audit_record records[] = {
	    {1, 1, ab, a, a, a, a, {0}, {0}},
	    {2, 1, ab, a, a, a, a, {0}, {0}},
	    {1, 2, ab, a, a, a, a, {0}, {0}},
	    {1, 1, a, b, a, a, a, {0}, {0}},
	    {1, 1, ab, ab, a, a, a, {0}, {0}},
	    {1, 1, ab, a, ab, a, a, {0}, {0}},
	    {1, 1, ab, a, a, ab, a, {0}, {0}},
	    {1, 1, ab, a, a, a, ab, {0}, {0}},
	    {1, 1, ab, a, a, a, a, {1}, {0}},
	    {1, 1, ab, a, a, ab, empty, {0}, {0}},
	    {1, 1, ab, a, a, empty, ab, {0}, {0}},
	    {1, 1, empty, ab, a, a, a, {0}, {0}},
	    {1, 1, ab, empty, a, a, a, {0}, {0}},
	};
	enum { NUM = sizeof records / sizeof *records };
	uint8_t hashes[NUM][32];

	(void)state;
	for (size_t i = 0; i < NUM; i++) {
		assert_int_equal(
		    sgl_audit_hash(engine, &records[i], hashes[i], NULL),
		    SGL_OK);
		for (size_t j = 0; j < i; j++)
			if (memcmp(hashes[i], hashes[j], 32) == 0)
				fail_msg("%zu is %zu", i, j);
	}
}

/* ---------------------------------------------------------------- the end ---
 */

static sgl_audit_report
verify(sgl_home *home)
{
	sgl_audit_report report;
	sgl_err err = {0};

	if (sgl_audit_verify(home, NULL, &report, &err) != SGL_OK)
		fail_msg("%s: %s", err.text, err.detail);
	return report;
}

/* Where keys cannot be used, nothing is changed; but that somebody was refused
 * is recorded, and signed later. */
static void
refusals_wait_for_their_signature(void **state)
{
	sgl_home *home = create();
	sgl_audit_report report;

	(void)state;
	assert_int_equal(sgl_home_commit(home, NULL), SGL_OK);
	sgl_home_free(home);
	assert_int_equal(
	    rename(sgl_folder_path(&folder, "home/keys/master.key"),
		sgl_folder_path(&folder, "away")),
	    0);
	assert_int_equal(sgl_home_open(engine, sgl_folder_path(&folder, "home"),
			     true, &home, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_audit_refusal(home, "user add", "no", NULL), SGL_OK);
	assert_int_equal(sgl_home_commit(home, NULL), SGL_OK);
	assert_int_equal(sgl_home_begin(home, NULL), SGL_OK);
	assert_int_equal(
	    sgl_audit_add(home, "user.add", "x", NULL, NULL, NULL), SGL_OK);
	assert_int_equal(sgl_home_commit(home, NULL), SGL_E_PASSWORD);
	sgl_home_rollback(home);
	assert_int_equal(rename(sgl_folder_path(&folder, "away"),
			     sgl_folder_path(&folder, "home/keys/master.key")),
	    0);
	report = verify(home);
	assert_int_equal(report.num_records, 2);
	assert_int_equal(report.last_signed, 1);
	assert_int_equal(report.num_findings, 0);
	sgl_home_free(home);
}

/* An end that was written is read back; cut or changed, it is none, or another
 * one. */
static void
an_end_is_read_whole_or_not_at_all(void **state)
{
	sgl_home *home = create();
	sgl_audit_end end = {0}, again = {0};
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SGL_AUDIT_END_TEXT);
	size_t num = 0;

	(void)state;
	assert_int_equal(sgl_home_commit(home, NULL), SGL_OK);
	assert_int_equal(sgl_audit_find_end(home, &end, NULL), SGL_OK);
	assert_int_equal(sgl_audit_end_add(&end, &text, NULL), SGL_OK);
	for (size_t n = 0; n <= text.len; n++) {
		sgl_slice part = sgl_slice_first(sgl_buf_slice(&text), n);
		if (sgl_audit_end_read(part, &again, NULL) != SGL_OK)
			continue;
		num++;
		assert_int_equal(again.sequence, end.sequence);
		assert_memory_equal(again.hash, end.hash, 32);
		assert_int_equal(again.spki.len > 0, n == text.len);
		sgl_audit_end_clear(&again);
	}
	/* Whole, and only number and hash. */
	assert_int_equal(num, 2);
	sgl_audit_end_clear(&end);
	sgl_home_free(home);
}

static sgl_status
add_one(void *ctx, sgl_err *err)
{
	SGL_AUTO(sgl_home)
	home = NULL;

	(void)ctx;
	TRY(sgl_home_create(engine, sgl_folder_path(&folder, "home"), &example,
	    NULL, &home, err));
	TRY(sgl_audit_add(home, "user.add", "a@example.org", NULL, "A", err));
	return sgl_audit_sign(home, err);
}

static void
no_memory_adds_nothing(void **state)
{
	(void)state;
	/* What the engine keeps of the first time is not lost. */
	assert_int_equal(add_one(NULL, NULL), SGL_OK);
	assert_true(sgl_fault_each(add_one, NULL) > 20);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_record_says_who_did_what),
	    TEST(who_has_no_name_has_a_number),
	    TEST(every_field_is_in_the_hash),
	    TEST(refusals_wait_for_their_signature),
	    TEST(an_end_is_read_whole_or_not_at_all),
	    TEST(no_memory_adds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
