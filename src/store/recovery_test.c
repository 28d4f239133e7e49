/* SPDX-License-Identifier: Apache-2.0 */
/* The records of key recovery, in both databases alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/recovery.h"
#include "support/records.h"

#define bytes sgl_records_bytes

static int64_t
add_officer(sgl_store *s, char *name)
{
	sgl_officer_record o = {.name = name,
	    .signing = bytes("signs"),
	    .encryption = bytes("reads"),
	    .created = 7};
	int64_t id = 0;

	assert_int_equal(sgl_store_add_officer(s, &o, &id, NULL), SGL_OK);
	sgl_buf_clear(&o.signing);
	sgl_buf_clear(&o.encryption);
	assert_true(id > 0);
	return id;
}

static int64_t
add_recovery_key(sgl_store *s)
{
	sgl_recovery_key_record k = {.threshold = 2, .created = 5};

	assert_int_equal(
	    sgl_store_add_recovery_key(s, &k, &k.id, NULL), SGL_OK);
	k.spki = bytes("public");
	k.policy = bytes("policy");
	assert_int_equal(sgl_store_set_recovery_key(s, &k, NULL), SGL_OK);
	sgl_buf_clear(&k.spki);
	sgl_buf_clear(&k.policy);
	return k.id;
}

static size_t
num_officers(sgl_store *s)
{
	sgl_officer_records list = {0};
	size_t num;

	assert_int_equal(sgl_store_list_officers(s, &list, NULL), SGL_OK);
	num = list.num;
	sgl_officer_records_clear(&list);
	return num;
}

static void
officers_come_and_go(void **state)
{
	sgl_store *s = sgl_records_create();
	char anna[] = "Anna", bert[] = "Bert";
	int64_t first = add_officer(s, anna), second = add_officer(s, bert);
	sgl_officer_record o = {0};
	bool found;

	(void)state;
	assert_int_equal(num_officers(s), 2);
	assert_int_equal(
	    sgl_store_find_officer(s, "Bert", &o, &found, NULL), SGL_OK);
	assert_true(found);
	assert_int_equal(o.id, second);
	assert_int_equal(o.created, 7);
	assert_true(sgl_slice_eq(sgl_buf_slice(&o.signing), SGL_LIT("signs")));
	assert_true(
	    sgl_slice_eq(sgl_buf_slice(&o.encryption), SGL_LIT("reads")));
	sgl_officer_record_clear(&o);
	assert_int_equal(sgl_store_remove_officer(s, first, 99, NULL), SGL_OK);
	assert_int_equal(num_officers(s), 1);
	assert_int_equal(
	    sgl_store_find_officer(s, "Anna", &o, &found, NULL), SGL_OK);
	assert_false(found);
	assert_true(add_officer(s, anna) > second); /* another of that name */
	sgl_store_free(s);
}

/* One in office has the name; in a test of its own, for a change that failed
 * is not gone on with. */
static void
a_name_is_one_officers_alone(void **state)
{
	sgl_store *s = sgl_records_create();
	char anna[] = "Anna";
	sgl_officer_record o = {.name = anna};
	int64_t id;

	(void)state;
	(void)add_officer(s, anna);
	assert_int_equal(sgl_store_add_officer(s, &o, &id, NULL), SGL_E_USAGE);
	sgl_store_free(s);
}

static void
recovery_keys_have_shares(void **state)
{
	sgl_store *s = sgl_records_create();
	char anna[] = "Anna", bert[] = "Bert";
	int64_t first = add_officer(s, anna), second = add_officer(s, bert);
	sgl_recovery_key_record k = {0};
	sgl_share_records list = {0};
	int64_t id;
	bool found;

	(void)state;
	assert_int_equal(
	    sgl_store_find_recovery_key(s, 0, &k, &found, NULL), SGL_OK);
	assert_false(found);
	id = add_recovery_key(s);
	assert_int_equal(
	    sgl_store_add_share(s, id, second, SGL_LIT("two"), NULL), SGL_OK);
	assert_int_equal(
	    sgl_store_add_share(s, id, first, SGL_LIT("one"), NULL), SGL_OK);
	assert_int_equal(sgl_store_remove_officer(s, second, 99, NULL), SGL_OK);
	assert_int_equal(sgl_store_list_shares(s, id, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 2);
	assert_string_equal(list.items[0].name, "Anna");
	assert_int_equal(list.items[0].removed, 0);
	assert_true(sgl_slice_eq(
	    sgl_buf_slice(&list.items[0].envelope), SGL_LIT("one")));
	assert_int_equal(list.items[1].removed, 99);
	sgl_share_records_clear(&list);
	assert_true(add_recovery_key(s) > id);
	assert_int_equal(
	    sgl_store_find_recovery_key(s, 0, &k, &found, NULL), SGL_OK);
	assert_true(found && k.id > id && k.threshold == 2);
	sgl_recovery_key_record_clear(&k);
	assert_int_equal(
	    sgl_store_find_recovery_key(s, id, &k, &found, NULL), SGL_OK);
	assert_true(found && k.id == id);
	sgl_recovery_key_record_clear(&k);
	sgl_store_free(s);
}

/* -------------------------------------------------------------- escrow --- */

static void
set_escrow(sgl_store *s, int64_t key, int64_t recovery_key)
{
	char address[] = "alice@example.org";
	sgl_escrow_record e = {.key = key,
	    .recovery_key = recovery_key,
	    .made_for = address,
	    .sealed = bytes("sealed"),
	    .created = 3};

	assert_int_equal(sgl_store_set_escrow(s, &e, NULL), SGL_OK);
	sgl_buf_clear(&e.sealed);
}

static sgl_status
count_key(void *ctx, const sgl_key_record *k, const char *address, sgl_err *err)
{
	(void)err;
	assert_true(k->id > 0);
	assert_string_equal(address, "alice@example.org");
	(*(size_t *)ctx)++;
	return SGL_OK;
}

static size_t
num_unescrowed(sgl_store *s, int64_t recovery_key)
{
	size_t num = 0;

	assert_int_equal(sgl_store_each_unescrowed(
			     s, recovery_key, false, count_key, &num, NULL),
	    SGL_OK);
	return num;
}

static void
set_custody(sgl_store *s, sgl_custody custody)
{
	sgl_person p = {0};
	bool found;

	assert_int_equal(sgl_store_find_person(
			     s, SGL_LIT("alice@example.org"), &p, &found, NULL),
	    SGL_OK);
	p.custody = custody;
	assert_int_equal(sgl_store_set_person(s, &p, NULL), SGL_OK);
	sgl_person_clear(&p);
}

static void
keys_are_escrowed(void **state)
{
	sgl_store *s = sgl_records_create();
	int64_t person = sgl_records_person(s, "alice@example.org");
	int64_t root = sgl_records_authority(s, SGL_AUTHORITY_ROOT, 0);
	int64_t first = add_recovery_key(s), second = add_recovery_key(s);
	sgl_escrow_records list = {0};
	sgl_cert_records certs = {0};
	int64_t num;

	(void)state;
	set_custody(s, SGL_CUSTODY_USER);
	(void)sgl_records_cert(s, person, root, 5);
	assert_int_equal(sgl_store_list_certs(s, person, &certs, NULL), SGL_OK);
	assert_int_equal(certs.items[0].purpose, SGL_CERT_ENCRYPTION);
	assert_int_equal(num_unescrowed(s, first), 1);
	set_custody(s, SGL_CUSTODY_SEALED);
	assert_int_equal(num_unescrowed(s, first), 0);
	set_custody(s, SGL_CUSTODY_SERVER);
	set_escrow(s, certs.items[0].key, first);
	assert_int_equal(num_unescrowed(s, first), 0);
	assert_int_equal(num_unescrowed(s, second), 1);
	assert_int_equal(
	    sgl_store_list_escrows(s, person, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 1);
	assert_int_equal(list.items[0].recovery_key, first);
	assert_string_equal(list.items[0].made_for, "alice@example.org");
	sgl_escrow_records_clear(&list);
	set_escrow(s, certs.items[0].key, second); /* in its place */
	assert_int_equal(sgl_store_count_escrows(s, first, &num, NULL), SGL_OK);
	assert_int_equal(num, 0);
	assert_int_equal(
	    sgl_store_count_escrows(s, second, &num, NULL), SGL_OK);
	assert_int_equal(num, 1);
	sgl_cert_records_clear(&certs);
	sgl_store_free(s);
}

/* ------------------------------------------------------------ requests --- */

static int64_t
add_request(sgl_store *s, int64_t recovery_key, int64_t person)
{
	char address[] = "alice@example.org", number[] = "A-1";
	char reason[] = "ill", who[] = "root";
	sgl_request_record r = {.recovery_key = recovery_key,
	    .person = person,
	    .address = address,
	    .number = number,
	    .reason = reason,
	    .opened_by = who,
	    .opened = 10,
	    .expires = 20,
	    .tell = 15};

	assert_int_equal(sgl_store_add_request(s, &r, &r.id, NULL), SGL_OK);
	r.session = bytes("session");
	r.session_sealed = bytes("sealed session");
	assert_int_equal(sgl_store_set_session(s, &r, NULL), SGL_OK);
	sgl_buf_clear(&r.session);
	sgl_buf_clear(&r.session_sealed);
	return r.id;
}

static void
add_approval(sgl_store *s, int64_t request, int64_t officer)
{
	sgl_approval_record a = {.request = request,
	    .officer = officer,
	    .at = 11,
	    .share = bytes("share"),
	    .signature = bytes("signature"),
	    .received = 12};

	assert_int_equal(sgl_store_add_approval(s, &a, NULL), SGL_OK);
	sgl_buf_clear(&a.share);
	sgl_buf_clear(&a.signature);
}

static void
expect_approval(sgl_store *s, int64_t request, size_t share_len)
{
	sgl_approval_records list = {0};

	assert_int_equal(
	    sgl_store_list_approvals(s, request, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 1);
	assert_string_equal(list.items[0].name, "Anna");
	assert_int_equal(list.items[0].at, 11);
	assert_int_equal(list.items[0].share.len, share_len);
	sgl_approval_records_clear(&list);
}

/* What has ended holds nothing that opens anything. */
static void
a_request_ends_once(void **state)
{
	sgl_store *s = sgl_records_create();
	int64_t person = sgl_records_person(s, "alice@example.org");
	int64_t key = sgl_records_key(s, person, 9);
	char anna[] = "Anna";
	int64_t officer = add_officer(s, anna), rk = add_recovery_key(s);
	int64_t id = add_request(s, rk, person);
	sgl_request_record r = {0};
	sgl_request_records list = {0};
	sgl_escrow_records keys = {0};
	bool found;

	(void)state;
	set_escrow(s, key, rk);
	assert_int_equal(sgl_store_add_request_key(s, id, key, NULL), SGL_OK);
	assert_int_equal(
	    sgl_store_list_request_keys(s, id, &keys, NULL), SGL_OK);
	assert_int_equal(keys.num, 1);
	assert_int_equal(keys.items[0].key, key);
	sgl_escrow_records_clear(&keys);
	add_approval(s, id, officer);
	expect_approval(s, id, 5);
	assert_int_equal(
	    sgl_store_find_request(s, id, &r, &found, NULL), SGL_OK);
	assert_true(found && r.state == SGL_REQUEST_OPEN && r.ended == 0);
	assert_int_equal(r.session_sealed.len, 14);
	assert_string_equal(r.number, "A-1");
	assert_int_equal(r.tell, 15);
	sgl_request_record_clear(&r);
	assert_int_equal(
	    sgl_store_end_request(s, id, SGL_REQUEST_COLLECTED, 17, NULL),
	    SGL_OK);
	expect_approval(s, id, 0);
	assert_int_equal(sgl_store_list_requests(s, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 1);
	assert_int_equal(list.items[0].state, SGL_REQUEST_COLLECTED);
	assert_int_equal(list.items[0].ended, 17);
	assert_int_equal(list.items[0].session_sealed.len, 0);
	sgl_request_records_clear(&list);
	assert_int_equal(
	    sgl_store_list_requests_of(s, person, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 1);
	sgl_request_records_clear(&list);
	assert_int_equal(
	    sgl_store_list_requests_of(s, person + 1, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 0);
	assert_int_equal(sgl_store_drop_escrows(s, person, NULL), SGL_OK);
	assert_int_equal(
	    sgl_store_list_request_keys(s, id, &keys, NULL), SGL_OK);
	assert_int_equal(keys.num, 0);
	sgl_store_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SGL_RECORDS_TEST(officers_come_and_go),
	    SGL_RECORDS_TEST(a_name_is_one_officers_alone),
	    SGL_RECORDS_TEST(recovery_keys_have_shares),
	    SGL_RECORDS_TEST(keys_are_escrowed),
	    SGL_RECORDS_TEST(a_request_ends_once),
	};

	return cmocka_run_group_tests(tests, NULL, sgl_records_end);
}
