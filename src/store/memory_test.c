/* SPDX-License-Identifier: Apache-2.0 */
/* The store where an allocation fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store.h"
#include "support/fault.h"
#include "support/folder.h"
#include "support/records.h"

static sgl_folder folder;
static int64_t turn;

static sgl_status
add_person(sgl_store *s, sgl_person *p, sgl_err *err)
{
	char address[] = "alice@example.org", name[] = "Alice";
	const sgl_person alice = {
	    .address = address, .address_key = address, .name = name};
	bool found;

	TRY(sgl_store_add_person(s, &alice, &p->id, err));
	return sgl_store_find_person(
	    s, SGL_LIT("alice@example.org"), p, &found, err);
}

static sgl_status
add_key(sgl_store *s, int64_t person, int64_t *id, sgl_err *err)
{
	static uint8_t sealed[] = "sealed";
	char kind[] = "rsa";
	sgl_key_record k = {.kind = kind, .person = person, .created = 1};

	turn++;
	memcpy(k.spki_digest, &turn, sizeof turn);
	k.sealed = (sgl_buf){sealed, sizeof sealed, sizeof sealed, 64, false};
	TRY(sgl_store_next_key_id(s, &k.id, err));
	*id = k.id;
	return sgl_store_add_key(s, &k, err);
}

static sgl_status
add_authority(sgl_store *s, int64_t key, int64_t *id, sgl_err *err)
{
	static uint8_t der[] = "authority";
	const sgl_authority a = {
	    .key = key, .der = {der, sizeof der, sizeof der, 64, false}};
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	TRY(sgl_store_add_authority(s, &a, id, err));
	return sgl_store_list_authorities(s, &list, err);
}

static sgl_status
visit_cert(void *ctx, const sgl_cert_record *c, sgl_err *err)
{
	(void)ctx;
	(void)c;
	(void)err;
	return SGL_OK;
}

static sgl_status
add_cert(
    sgl_store *s, int64_t person, int64_t key, int64_t issuer, sgl_err *err)
{
	static uint8_t serial[] = "serial";
	const sgl_cert_record c = {.person = person,
	    .key = key,
	    .issuer = issuer,
	    .serial = {serial, sizeof serial, sizeof serial, 64, false}};
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
	bool taken;
	int64_t id;

	TRY(sgl_store_take_serial(s, sgl_buf_slice(&c.serial), &taken, err));
	TRY(sgl_store_add_cert(s, &c, &id, err));
	TRY(sgl_store_list_certs(s, person, &list, err));
	return sgl_store_each_cert(s, visit_cert, NULL, err);
}

static sgl_status
find_key(sgl_store *s, int64_t key, sgl_err *err)
{
	const sgl_recipient_name name = {
	    {1}, SGL_LIT("serial"), SGL_LIT("ski")};
	SGL_AUTO_CLEAR(sgl_key_records) list = {0};
	SGL_AUTO_CLEAR(sgl_key_records) again = {0};

	TRY(sgl_store_add_recipient(s, key, &name, err));
	TRY(sgl_store_find_key_by_ski(s, 1, SGL_LIT("ski"), &list, err));
	return sgl_store_find_key_by_recipient(
	    s, 1, name.issuer, name.serial, &again, err);
}

static sgl_status
change(sgl_store *s, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	int64_t key, authority;

	TRY(add_person(s, &p, err));
	TRY(add_key(s, p.id, &key, err));
	TRY(add_authority(s, key, &authority, err));
	TRY(add_cert(s, p.id, key, authority, err));
	return find_key(s, key, err);
}

/* Rolled back, so that every run finds the same. */
static sgl_status
job(void *ctx, sgl_err *err)
{
	const sgl_store_options options = {0};
	SGL_AUTO(sgl_store)
	s = NULL;
	sgl_status status;

	(void)ctx;
	TRY(sgl_store_open(sgl_records_location(), &options, &s, err));
	TRY(sgl_store_begin(s, err));
	status = change(s, err);
	sgl_store_rollback(s);
	return status;
}

static void
memory_may_run_out(void **state)
{
	(void)state;
	sgl_store_free(sgl_records_create());
	assert_true(sgl_fault_each(job, NULL) > 20);
}

static sgl_status
make(void *ctx, sgl_err *err)
{
	SGL_AUTO(sgl_store)
	s = NULL;

	(void)ctx;
	return sgl_store_create(sgl_folder_path(&folder, "new.db"), &s, err);
}

static void
memory_may_run_out_while_it_is_made(void **state)
{
	(void)state;
	sgl_folder_make(&folder);
	assert_true(sgl_fault_each(make, NULL) > 3);
	sgl_folder_remove(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SGL_RECORDS_TEST(memory_may_run_out),
	    cmocka_unit_test(memory_may_run_out_while_it_is_made),
	};

	return cmocka_run_group_tests(tests, NULL, sgl_records_end);
}
