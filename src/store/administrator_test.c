/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what, and the signed ends of the audit chain, from both databases
 * alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/query.h"
#include "support/records.h"

static bool
add(sgl_store *s, int64_t uid, const char *office, const char *name)
{
	sgl_administrator a = {.uid = uid,
	    .office = (char *)(uintptr_t)office,
	    .name = (char *)(uintptr_t)name,
	    .created = 7};
	bool added = false;

	assert_int_equal(
	    sgl_store_add_administrator(s, &a, &added, NULL), SGL_OK);
	return added;
}

static bool
take_away(sgl_store *s, int64_t uid, const char *office)
{
	bool removed = false;

	assert_int_equal(
	    sgl_store_remove_administrator(s, uid, office, &removed, NULL),
	    SGL_OK);
	return removed;
}

static void
a_user_may_have_several_offices(void **state)
{
	sgl_store *s = sgl_records_create();
	sgl_administrators list = {0};

	(void)state;
	assert_true(add(s, 1001, "reader", "bob"));
	assert_true(add(s, 1000, "recovery-officer", "alice"));
	assert_true(add(s, 1000, "operator", "alice"));
	assert_false(add(s, 1000, "operator", "alicia"));
	assert_int_equal(sgl_store_list_administrators(s, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 3);
	assert_int_equal(list.items[0].uid, 1000);
	assert_string_equal(list.items[0].office, "operator");
	assert_string_equal(list.items[0].name, "alice");
	assert_int_equal(list.items[0].created, 7);
	assert_string_equal(list.items[1].office, "recovery-officer");
	assert_int_equal(list.items[2].uid, 1001);
	sgl_administrators_clear(&list);
	assert_true(take_away(s, 1000, "operator"));
	assert_false(take_away(s, 1000, "operator"));
	assert_false(take_away(s, 1001, "operator"));
	assert_int_equal(sgl_store_list_administrators(s, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 2);
	sgl_administrators_clear(&list);
	sgl_store_free(s);
}

static void
an_office_is_one_that_there_is(void **state)
{
	sgl_store *s = sgl_records_create();
	sgl_administrator a = {.uid = 1};
	char office[] = "king", name[] = "x";
	bool added;

	(void)state;
	a.office = office;
	a.name = name;
	assert_int_not_equal(
	    sgl_store_add_administrator(s, &a, &added, NULL), SGL_OK);
	sgl_store_free(s);
}

static void
add_head(sgl_store *s, int64_t sequence, int64_t key)
{
	sgl_audit_head h = {.sequence = sequence,
	    .key = key,
	    .signature = sgl_records_bytes("signature")};

	assert_int_equal(sgl_store_add_audit_head(s, &h, NULL), SGL_OK);
	sgl_audit_head_clear(&h);
}

static void
heads_are_found_in_their_order(void **state)
{
	sgl_store *s = sgl_records_create();
	int64_t key = sgl_records_key(s, 0, 1);
	sgl_audit_head h = {0};
	bool found = true;

	(void)state;
	assert_int_equal(
	    sgl_store_find_last_audit_head(s, &h, &found, NULL), SGL_OK);
	assert_false(found);
	add_head(s, 3, key);
	add_head(s, 9, key);
	assert_int_equal(
	    sgl_store_next_audit_head(s, 1, &h, &found, NULL), SGL_OK);
	assert_true(found);
	assert_int_equal(h.sequence, 3);
	assert_int_equal(h.key, key);
	assert_int_equal(h.signature.len, strlen("signature"));
	sgl_audit_head_clear(&h);
	assert_int_equal(
	    sgl_store_next_audit_head(s, 4, &h, &found, NULL), SGL_OK);
	assert_int_equal(h.sequence, 9);
	sgl_audit_head_clear(&h);
	assert_int_equal(
	    sgl_store_next_audit_head(s, 10, &h, &found, NULL), SGL_OK);
	assert_false(found);
	assert_int_equal(
	    sgl_store_find_last_audit_head(s, &h, &found, NULL), SGL_OK);
	assert_int_equal(h.sequence, 9);
	sgl_audit_head_clear(&h);
	sgl_store_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SGL_RECORDS_TEST(a_user_may_have_several_offices),
	    SGL_RECORDS_TEST(an_office_is_one_that_there_is),
	    SGL_RECORDS_TEST(heads_are_found_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, sgl_records_end);
}
