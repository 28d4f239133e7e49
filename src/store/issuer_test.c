/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of other authorities, from both databases alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/query.h"
#include "support/records.h"

#define create sgl_records_create
#define add_person sgl_records_person
#define add_authority sgl_records_authority
#define add_cert sgl_records_cert
#define bytes sgl_records_bytes

static int64_t
add_issuer(sgl_store *s)
{
	int64_t root = add_authority(s, SGL_AUTHORITY_ROOT, 0);

	return add_authority(s, SGL_AUTHORITY_ISSUING, root);
}

/* A certificate of another authority: serial number 1, as ours. */
static int64_t
add_foreign(sgl_store *s, int64_t person, int64_t key)
{
	sgl_cert_record c = {.person = person,
	    .purpose = SGL_CERT_ENCRYPTION,
	    .not_before = 10,
	    .not_after = 20,
	    .key = key};
	int64_t id = 0;

	c.serial = bytes("");
	assert_int_equal(
	    sgl_buf_add(&c.serial, sgl_records_serial(1), NULL), SGL_OK);
	c.der = bytes("foreign");
	assert_int_equal(sgl_store_add_cert(s, &c, &id, NULL), SGL_OK);
	sgl_cert_record_clear(&c);
	return id;
}

static void
expect_preferred(sgl_store *s, int64_t person, int64_t preferred)
{
	sgl_cert_records certs = {0};

	assert_int_equal(sgl_store_list_certs(s, person, &certs, NULL), SGL_OK);
	for (size_t i = 0; i < certs.num; i++)
		assert_int_equal(certs.items[i].is_preferred,
		    certs.items[i].id == preferred);
	sgl_cert_records_clear(&certs);
}

/* Numbers and renewals of ours are not theirs. */
static void
certificates_of_others_stand_beside(void **state)
{
	sgl_store *s = create();
	int64_t alice = add_person(s, "alice@example.org");
	int64_t issuing = add_issuer(s), own = add_cert(s, alice, issuing, 1);
	sgl_cert_record one = {0};
	sgl_cert_records certs = {0};
	int64_t foreign, again;
	bool found = false;

	(void)state;
	assert_int_equal(sgl_store_find_cert_by_serial(
			     s, sgl_records_serial(1), &one, &found, NULL),
	    SGL_OK);
	foreign = add_foreign(s, alice, one.key);
	again = add_foreign(s, alice, one.key);
	sgl_cert_record_clear(&one);
	assert_int_equal(
	    sgl_store_list_current_certs(s, alice, &certs, NULL), SGL_OK);
	assert_int_equal(certs.num, 1);
	assert_int_equal(certs.items[0].id, own);
	sgl_cert_records_clear(&certs);
	assert_int_equal(sgl_store_supersede_cert(s, own, 77, NULL), SGL_OK);
	assert_int_equal(sgl_store_list_certs(s, alice, &certs, NULL), SGL_OK);
	assert_int_equal(certs.num, 3);
	assert_int_equal(certs.items[0].id, again);
	assert_int_equal(certs.items[1].issuer, 0);
	assert_int_equal(certs.items[1].status, SGL_CERT_CURRENT);
	assert_int_equal(certs.items[2].status, SGL_CERT_SUPERSEDED);
	sgl_cert_records_clear(&certs);
	assert_int_equal(sgl_store_find_cert_by_serial(
			     s, sgl_records_serial(1), &one, &found, NULL),
	    SGL_OK);
	assert_int_equal(one.id, own);
	sgl_cert_record_clear(&one);
	expect_preferred(s, alice, 0);
	for (int64_t wish = foreign; wish >= 0; wish -= foreign) {
		assert_int_equal(sgl_store_prefer_cert(
				     s, alice, SGL_CERT_ENCRYPTION, wish, NULL),
		    SGL_OK);
		expect_preferred(s, alice, wish);
	}
	sgl_store_free(s);
}

static sgl_issuer_record
issuer_called(const char *der, uint8_t fingerprint)
{
	return (sgl_issuer_record){
	    .fingerprint = {fingerprint}, .der = bytes(der)};
}

static void
chains_are_listed_from_below(void **state)
{
	sgl_store *s = create();
	int64_t alice = add_person(s, "alice@example.org");
	int64_t issuing = add_issuer(s), own = add_cert(s, alice, issuing, 1);
	int64_t other = add_cert(s, alice, issuing, 2);
	sgl_issuer_record near = issuer_called("near", 1),
			  far = issuer_called("far", 2);
	sgl_issuer_records list = {0};

	(void)state;
	assert_int_equal(sgl_store_add_chain(s, own, 1, &far, NULL), SGL_OK);
	assert_int_equal(sgl_store_add_chain(s, own, 0, &near, NULL), SGL_OK);
	assert_int_equal(sgl_store_add_chain(s, other, 0, &far, NULL), SGL_OK);
	assert_int_equal(
	    sgl_store_add_chain(s, other, 0, &near, NULL), SGL_E_USAGE);
	assert_int_equal(
	    sgl_store_add_chain(s, 4711, 0, &near, NULL), SGL_E_USAGE);
	assert_int_equal(sgl_store_list_chain(s, own, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 2);
	assert_int_equal(list.items[0].fingerprint[0], 1);
	assert_int_equal(list.items[1].der.len, 3);
	sgl_issuer_records_clear(&list);
	sgl_issuer_record_clear(&near);
	sgl_issuer_record_clear(&far);
	sgl_store_free(s);
}

static void
others_are_believed_and_no_longer(void **state)
{
	sgl_store *s = create();
	sgl_issuer_record one = issuer_called("one", 1),
			  two = issuer_called("two", 2);
	sgl_issuer_records list = {0};
	bool done = false;

	(void)state;
	assert_int_equal(
	    sgl_store_add_trusted(s, &two, 5, &done, NULL), SGL_OK);
	assert_true(done);
	assert_int_equal(
	    sgl_store_add_trusted(s, &one, 6, &done, NULL), SGL_OK);
	assert_true(done);
	assert_int_equal(
	    sgl_store_add_trusted(s, &one, 7, &done, NULL), SGL_OK);
	assert_false(done);
	assert_int_equal(sgl_store_list_trusted(s, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 2);
	assert_int_equal(list.items[0].fingerprint[0], 2);
	sgl_issuer_records_clear(&list);
	for (int i = 1; i >= 0; i--) {
		assert_int_equal(
		    sgl_store_remove_trusted(s, two.fingerprint, &done, NULL),
		    SGL_OK);
		assert_int_equal(done, i);
	}
	assert_int_equal(sgl_store_list_trusted(s, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 1);
	sgl_issuer_records_clear(&list);
	sgl_issuer_record_clear(&one);
	sgl_issuer_record_clear(&two);
	sgl_store_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SGL_RECORDS_TEST(certificates_of_others_stand_beside),
	    SGL_RECORDS_TEST(chains_are_listed_from_below),
	    SGL_RECORDS_TEST(others_are_believed_and_no_longer),
	};

	return cmocka_run_group_tests(tests, NULL, sgl_records_end);
}
