/* SPDX-License-Identifier: Apache-2.0 */
/* Keys are found by what mail calls their owners, in both databases alike. */
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

static void
add_recipient(sgl_store *s, int64_t key, uint8_t issuer, const char *serial,
    const char *ski)
{
	const sgl_recipient_name name = {
	    {issuer}, sgl_slice_str(serial), sgl_slice_str(ski)};

	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    sgl_store_add_recipient(s, key, &name, NULL), SGL_OK);
}

static void
expect_found(sgl_key_records *list, size_t num, int64_t first)
{
	assert_int_equal(list->num, num);
	if (num > 0) {
		assert_int_equal(list->items[0].id, first);
		assert_int_equal(list->items[0].sealed.len, 6);
	}
	sgl_key_records_clear(list);
}

static void
expect_by_name(sgl_store *s, int64_t person, uint8_t issuer, const char *serial,
    size_t num, int64_t first)
{
	const uint8_t hash[32] = {issuer};
	sgl_key_records list = {0};

	assert_int_equal(sgl_store_find_key_by_recipient(s, person, hash,
			     sgl_slice_str(serial), &list, NULL),
	    SGL_OK);
	expect_found(&list, num, first);
}

static void
expect_by_ski(
    sgl_store *s, int64_t person, const char *ski, size_t num, int64_t first)
{
	sgl_key_records list = {0};

	assert_int_equal(sgl_store_find_key_by_ski(
			     s, person, sgl_slice_str(ski), &list, NULL),
	    SGL_OK);
	expect_found(&list, num, first);
}

static void
expect_has_key(sgl_store *s, int64_t person, bool want)
{
	bool has = !want;

	assert_int_equal(sgl_store_has_key(s, person, &has, NULL), SGL_OK);
	assert_int_equal(has, want);
}

static void
keys_are_found_by_what_mail_calls_them(void **state)
{
	sgl_store *s = create();
	int64_t alice = add_person(s, "alice@example.org");
	int64_t bob = add_person(s, "bob@example.org");
	int64_t one = add_key(s, alice, 1), two = add_key(s, alice, 2);

	(void)state;
	add_recipient(s, one, 1, "01", "ski1");
	add_recipient(s, one, 2, "07", "ski1"); /* renewed by another issuer */
	add_recipient(s, two, 1, "02", "");
	add_recipient(s, two, 1, "01", "ski2"); /* given twice, by mistake */
	expect_by_name(s, alice, 2, "07", 1, one);
	expect_by_name(s, alice, 1, "02", 1, two);
	expect_by_name(s, alice, 1, "01", 2, two);
	expect_by_name(s, alice, 1, "07", 0, 0);
	expect_by_name(s, alice, 3, "01", 0, 0);
	expect_by_name(s, alice, 1, "", 0, 0);
	expect_by_ski(s, alice, "ski1", 1, one);
	expect_by_ski(s, alice, "ski2", 1, two);
	expect_by_ski(s, alice, "ski3", 0, 0);
	expect_by_ski(s, alice, "", 0, 0);
	/* Others' keys are not found, whatever a message says. */
	expect_by_name(s, bob, 2, "07", 0, 0);
	expect_by_ski(s, bob, "ski1", 0, 0);
	expect_has_key(s, alice, true);
	assert_int_equal(sgl_store_drop_key(s, one, 5, NULL), SGL_OK);
	expect_has_key(s, alice, true);
	assert_int_equal(sgl_store_drop_key(s, two, 5, NULL), SGL_OK);
	expect_has_key(s, alice, false);
	sgl_store_free(s);
}

/* What the database says of how it goes about a look-up. */
static void
explain(sgl_store *s, const char *sql, bool by_ski, sgl_buf *plan)
{
	/* Each is prepared once, by its place. */
	static char texts[8][1000];
	static size_t turn;
	char *text = texts[turn++];
	sgl_query q;
	bool row;

	(void)snprintf(text, sizeof texts[0], "%s %s",
	    sgl_records_on_postgres() ? "EXPLAIN" : "EXPLAIN QUERY PLAN", sql);
	sgl_query_init(&q, s, text);
	sgl_query_bind_blob(&q, SGL_LIT("a name"));
	if (!by_ski)
		sgl_query_bind_blob(&q, SGL_LIT("01"));
	sgl_query_bind_int(&q, 1);
	*plan = sgl_buf_init(10000);
	for (;;) {
		assert_int_equal(sgl_query_step(&q, &row, NULL), SGL_OK);
		if (!row)
			break;
		assert_int_equal(
		    sgl_buf_add(plan,
			sgl_query_slice(&q, sgl_records_on_postgres() ? 0 : 3),
			NULL),
		    SGL_OK);
		assert_int_equal(sgl_buf_add_str(plan, "\n", NULL), SGL_OK);
	}
	assert_int_equal(sgl_buf_add(plan, sgl_slice_of("", 1), NULL), SGL_OK);
	sgl_query_clear(&q);
}

static void
expect_plan(
    sgl_store *s, bool by_ski, const char *index, const char *key, bool want)
{
	SGL_AUTO_CLEAR(sgl_buf) plan = {0};
	const char *text;

	explain(s, by_ski ? sgl_sql_key_by_ski : sgl_sql_key_by_recipient,
	    by_ski, &plan);
	text = (const char *)plan.data;
	if ((strstr(text, index) != NULL && strstr(text, key) != NULL &&
		strstr(text, "SCAN") == NULL &&
		strstr(text, "Seq Scan") == NULL) != want)
		fail_msg("%s", text);
}

static void
names_are_looked_up_by_index(void **state)
{
	sgl_store *s = create();
	bool pg = sgl_records_on_postgres();
	const char *key = pg ? "key_pkey" : "INTEGER PRIMARY KEY (rowid=?)";

	(void)state;
	/* So few rows it would read through. */
	if (pg)
		assert_int_equal(
		    sgl_store_run(s, "SET enable_seqscan = off", NULL), SGL_OK);
	expect_plan(s, false,
	    pg ? "recipient_pkey" : "PRIMARY KEY (issuer=? AND serial=?)", key,
	    true);
	expect_plan(s, true, "recipient_ski", key, true);
	assert_int_equal(
	    sgl_store_run(s, "DROP INDEX recipient_ski", NULL), SGL_OK);
	expect_plan(s, true, "recipient_ski", key, false);
	sgl_store_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SGL_RECORDS_TEST(keys_are_found_by_what_mail_calls_them),
	    SGL_RECORDS_TEST(names_are_looked_up_by_index),
	};

	return cmocka_run_group_tests(tests, NULL, sgl_records_end);
}
