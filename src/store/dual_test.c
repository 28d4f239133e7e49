/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that are not one record each: for both purposes, two; of
 * branches, none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/records.h"

static int64_t
add_issuer(sgl_store *s)
{
	int64_t root = sgl_records_authority(s, SGL_AUTHORITY_ROOT, 0);

	return sgl_records_authority(s, SGL_AUTHORITY_ISSUING, root);
}

static sgl_status
count(void *ctx, const sgl_cert_record *c, sgl_err *err)
{
	(void)err;
	assert_int_equal(c->status, SGL_CERT_REVOKED);
	++*(size_t *)ctx;
	return SGL_OK;
}

static size_t
num_revoked(sgl_store *s, int64_t authority)
{
	size_t num = 0;

	assert_int_equal(
	    sgl_store_each_revoked(s, authority, 0, count, &num, NULL), SGL_OK);
	return num;
}

/* The second record of a certificate that is there for encryption. */
static int64_t
add_twin(sgl_store *s, int64_t number)
{
	sgl_cert_record c = {0};
	bool found = false;
	int64_t id = 0;

	assert_int_equal(sgl_store_find_cert_by_serial(
			     s, sgl_records_serial(number), &c, &found, NULL),
	    SGL_OK);
	assert_true(found);
	c.purpose = SGL_CERT_SIGNING;
	assert_int_equal(sgl_store_add_cert(s, &c, &id, NULL), SGL_OK);
	assert_int_equal(sgl_store_mark_dual(s, id, NULL), SGL_OK);
	/* But not a third. */
	assert_int_equal(sgl_store_add_cert(s, &c, &id, NULL), SGL_E_USAGE);
	sgl_cert_record_clear(&c);
	return id;
}

static void
expect_twins(sgl_store *s, int64_t person, int64_t one, int64_t other,
    sgl_cert_status want)
{
	sgl_cert_records list = {0};

	assert_int_equal(sgl_store_list_certs(s, person, &list, NULL), SGL_OK);
	for (size_t i = 0; i < list.num; i++) {
		const sgl_cert_record *c = &list.items[i];
		const sgl_cert_record *twin = sgl_cert_find_twin(&list, c);
		bool is_one = c->id == one || c->id == other;
		assert_int_equal(c->status, is_one ? want : SGL_CERT_CURRENT);
		if (is_one) {
			assert_non_null(twin);
			assert_true(twin->id == one || twin->id == other);
		}
	}
	sgl_cert_records_clear(&list);
}

static void
one_for_both_purposes_is_revoked_as_a_whole(void **state)
{
	const sgl_revocation_mark hold = {500, SGL_REASON_CERTIFICATE_HOLD, 0};
	sgl_store *s = sgl_records_create();
	int64_t alice = sgl_records_person(s, "alice@example.org");
	int64_t issuing = add_issuer(s),
		one = sgl_records_cert(s, alice, issuing, 1);
	int64_t other = add_twin(s, 1);
	sgl_counts counts = {0};
	bool done = false;

	(void)state;
	(void)sgl_records_cert(s, alice, issuing, 2);
	assert_int_equal(sgl_store_count(s, -2, &counts, NULL), SGL_OK);
	assert_int_equal(counts.certs, 2);
	assert_int_equal(counts.num, 2);
	assert_int_equal(counts.of[1].purpose, SGL_CERT_ENCRYPTION);
	assert_int_equal(counts.of[0].purpose, SGL_CERT_DUAL);
	assert_int_equal(counts.of[0].current, 1);
	sgl_counts_clear(&counts);
	for (int turn = 0; turn < 2; turn++) {
		assert_int_equal(
		    sgl_store_revoke_cert(
			s, turn == 0 ? one : other, &hold, &done, NULL),
		    SGL_OK);
		assert_true(done);
		expect_twins(s, alice, one, other, SGL_CERT_REVOKED);
		assert_int_equal(num_revoked(s, issuing), 1);
		assert_int_equal(sgl_store_release_cert(
				     s, turn == 0 ? other : one, &done, NULL),
		    SGL_OK);
		assert_true(done);
		expect_twins(s, alice, one, other, SGL_CERT_CURRENT);
		assert_int_equal(num_revoked(s, issuing), 0);
	}
	sgl_store_free(s);
}

static void
expect_count(sgl_store *s, int64_t current, int64_t revoked)
{
	SGL_AUTO_CLEAR(sgl_counts) counts = {0};

	assert_int_equal(sgl_store_count(s, -2, &counts, NULL), SGL_OK);
	assert_int_equal(counts.certs, current);
	assert_int_equal(counts.num, 1);
	assert_int_equal(counts.of[0].purpose, SGL_CERT_DUAL);
	assert_int_equal(counts.of[0].current, current);
	assert_int_equal(counts.of[0].revoked, revoked);
}

/* Whichever purpose another one serves now. */
static void
one_for_both_purposes_is_counted_once(void **state)
{
	const sgl_revocation_mark lost = {500, SGL_REASON_KEY_COMPROMISE, 0};
	sgl_store *s = sgl_records_create();
	int64_t alice = sgl_records_person(s, "alice@example.org");
	int64_t issuing = add_issuer(s), one[3];
	bool done;

	(void)state;
	for (int64_t i = 0; i < 3; i++) {
		one[i] = sgl_records_cert(s, alice, issuing, i + 1);
		(void)add_twin(s, i + 1);
	}
	expect_count(s, 3, 0);
	assert_int_equal(sgl_store_supersede_cert(s, one[0], 7, NULL), SGL_OK);
	assert_int_equal(
	    sgl_store_supersede_cert(s, one[1] + 1, 7, NULL), SGL_OK);
	expect_count(s, 3, 0);
	assert_int_equal(sgl_store_supersede_cert(s, one[1], 7, NULL), SGL_OK);
	expect_count(s, 2, 0);
	assert_int_equal(
	    sgl_store_revoke_cert(s, one[2], &lost, &done, NULL), SGL_OK);
	expect_count(s, 1, 1);
	sgl_store_free(s);
}

static void
branches_are_listed(void **state)
{
	sgl_store *s = sgl_records_create();
	sgl_branch_record b = {
	    .issuer = sgl_records_authority(s, SGL_AUTHORITY_ROOT, 0),
	    .der = sgl_records_bytes("certificate"),
	    .created = 5};
	sgl_branches list = {0};
	int64_t one = 0, two = 0;

	(void)state;
	assert_int_equal(sgl_store_list_branches(s, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 0);
	assert_int_equal(sgl_store_add_branch(s, &b, &one, NULL), SGL_OK);
	assert_int_equal(sgl_store_add_branch(s, &b, &two, NULL), SGL_OK);
	assert_int_equal(sgl_store_list_branches(s, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 2);
	assert_int_equal(list.items[0].id, one);
	assert_int_equal(list.items[1].id, two);
	assert_int_equal(list.items[0].issuer, b.issuer);
	assert_int_equal(list.items[0].created, 5);
	assert_true(sgl_slice_eq(
	    sgl_buf_slice(&list.items[0].der), SGL_LIT("certificate")));
	b.issuer = 4711;
	assert_int_equal(sgl_store_add_branch(s, &b, &two, NULL), SGL_E_USAGE);
	sgl_branches_clear(&list);
	sgl_branch_record_clear(&b);
	sgl_store_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SGL_RECORDS_TEST(one_for_both_purposes_is_revoked_as_a_whole),
	    SGL_RECORDS_TEST(one_for_both_purposes_is_counted_once),
	    SGL_RECORDS_TEST(branches_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, sgl_records_end);
}
