/* SPDX-License-Identifier: Apache-2.0 */
/* How many there are of everything, for who watches over it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "store/query.h"
#include "support/records.h"

static void
expect_counts(sgl_store *s, sgl_time now, sgl_counts want)
{
	SGL_AUTO_CLEAR(sgl_counts) c = {0};
	int64_t current = 0, expired = 0;

	assert_int_equal(sgl_store_count(s, now, &c, NULL), SGL_OK);
	assert_int_equal(c.people, want.people);
	assert_int_equal(c.certs, want.certs);
	assert_int_equal(c.ending, want.ending);
	assert_int_equal(c.ended, want.ended);
	assert_int_equal(c.early, want.early);
	assert_int_equal(c.keys, want.keys);
	for (size_t i = 0; i < c.num; i++) {
		current += c.of[i].current;
		expired += c.of[i].expired;
	}
	assert_int_equal(current, want.certs);
	assert_int_equal(expired, want.ended);
}

static void
all_are_counted(void **state)
{
	sgl_store *s = sgl_records_create();
	int64_t root = sgl_records_authority(s, SGL_AUTHORITY_ROOT, 0);
	int64_t issuer = sgl_records_authority(s, SGL_AUTHORITY_ISSUING, root);
	int64_t alice = sgl_records_person(s, "alice@example.org");
	int64_t bob = sgl_records_person(s, "bob@example.org");
	sgl_person p = {.id = bob, .state = SGL_PERSON_LEFT};
	char name[] = "Bob";
	int64_t size;

	(void)state;
	/* They begin at 1, 2, 3 and end at -1. */
	(void)sgl_records_cert(s, alice, issuer, 1);
	(void)sgl_records_cert(s, alice, issuer, 2);
	(void)sgl_records_cert(s, bob, issuer, 3);
	expect_counts(s, -10,
	    (sgl_counts){
		.people = 2, .certs = 3, .ending = 3, .early = 3, .keys = 3});
	p.name = name;
	assert_int_equal(sgl_store_set_person(s, &p, NULL), SGL_OK);
	expect_counts(s, -40 * 86400,
	    (sgl_counts){.people = 1, .certs = 2, .early = 2, .keys = 3});
	expect_counts(
	    s, 1, (sgl_counts){.people = 1, .ended = 2, .early = 1, .keys = 3});
	expect_counts(s, 2, (sgl_counts){.people = 1, .ended = 2, .keys = 3});
	assert_int_equal(sgl_store_size(s, &size, NULL), SGL_OK);
	assert_true(size > 4096);
	sgl_store_free(s);
}

/* All rows of the table would have to be read, each with its certificate. */
static void
rows_are_not_looked_at(void **state)
{
	static char sql[4096];
	sgl_store *s = sgl_records_create();
	bool row, is_used = false, is_scan = false;
	sgl_query q;

	(void)state;
	(void)snprintf(
	    sql, sizeof sql, "EXPLAIN QUERY PLAN %s", sgl_sql_count_certs);
	sgl_query_init(&q, s, sql);
	for (int i = 0; i < 1 + SGL_NUM_HORIZONS; i++)
		sgl_query_bind_int(&q, i);
	for (;;) {
		sgl_slice step;
		assert_int_equal(sgl_query_step(&q, &row, NULL), SGL_OK);
		if (!row)
			break;
		step = sgl_query_slice(&q, 3);
		is_used |= sgl_slice_eq(
		    step, SGL_LIT("SCAN c USING INDEX certificate_current"));
		is_scan |= sgl_slice_eq(step, SGL_LIT("SCAN c")) ||
		    sgl_slice_eq(step, SGL_LIT("SCAN t"));
	}
	sgl_query_clear(&q);
	assert_true(is_used);
	assert_false(is_scan);
	sgl_store_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SGL_RECORDS_TEST(all_are_counted),
	    /* The plans of PostgreSQL depend on how many there are. */
	    SGL_RECORDS_TEST_ON(rows_are_not_looked_at, "", SGL_ON_SQLITE),
	};

	return cmocka_run_group_tests(tests, NULL, sgl_records_end);
}
