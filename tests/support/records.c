/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/postgres.h"
#include "support/records.h"

static struct {
	sgl_records_on on;
	sgl_folder folder;
	char location[512];
	bool has_folder, is_tried, has_postgres;
	unsigned turn;
} place;

sgl_records_on sgl_records_kinds[] = {SGL_ON_SQLITE, SGL_ON_POSTGRES};

/* Started when the first test wants it. */
static void
set_up_postgres(void)
{
	char name[32];

	if (!place.is_tried)
		place.has_postgres = sgl_postgres_start();
	place.is_tried = true;
	if (!place.has_postgres)
		return;
	(void)snprintf(name, sizeof name, "t%u", ++place.turn);
	sgl_postgres_tell("make %s", name);
	(void)snprintf(place.location, sizeof place.location, "%s",
	    sgl_postgres_url(name));
}

int
sgl_records_set_up(void **state)
{
	place.on = *(const sgl_records_on *)*state;
	if (place.on == SGL_ON_POSTGRES) {
		set_up_postgres();
		return 0;
	}
	sgl_folder_make(&place.folder);
	place.has_folder = true;
	(void)snprintf(place.location, sizeof place.location, "%s",
	    sgl_folder_path(&place.folder, "sigill.db"));
	return 0;
}

int
sgl_records_tear_down(void **state)
{
	(void)state;
	if (place.has_folder)
		sgl_folder_remove(&place.folder);
	place.has_folder = false;
	return 0;
}

int
sgl_records_end(void **state)
{
	(void)state;
	sgl_postgres_end();
	return 0;
}

const char *
sgl_records_location(void)
{
	return place.location;
}

bool
sgl_records_on_postgres(void)
{
	return place.on == SGL_ON_POSTGRES;
}

static void
skip_it(const char *why)
{
	print_message("%s", why);
	skip();
}

sgl_store *
sgl_records_create(void)
{
	sgl_store *s = NULL;
	sgl_err err = {0};
	sgl_status status;

	if (place.on == SGL_ON_POSTGRES && !place.has_postgres)
		skip_it("PostgreSQL is not installed\n");
	status = sgl_store_create(place.location, &s, &err);
	if (status == SGL_E_UNSUPPORTED)
		skip_it("built without PostgreSQL\n");
	if (status != SGL_OK)
		fail_msg("%s: %s", err.text, err.detail);
	return s;
}

sgl_store *
sgl_records_open(void)
{
	const sgl_store_options options = {0};
	sgl_store *s = NULL;
	sgl_err err = {0};

	if (sgl_store_open(place.location, &options, &s, &err) != SGL_OK)
		fail_msg("%s: %s", err.text, err.detail);
	return s;
}

static void
expect_ok(sgl_status status, const sgl_err *err)
{
	if (status != SGL_OK)
		fail_msg("%s: %s", err->text, err->detail);
}

int64_t
sgl_records_person(sgl_store *s, const char *address)
{
	char text[64], name[] = "Alice";
	sgl_person p = {.address = text, .address_key = text, .name = name};
	sgl_err err = {0};
	int64_t id = 0;

	(void)snprintf(text, sizeof text, "%s", address);
	p.created = 1000;
	expect_ok(sgl_store_add_person(s, &p, &id, &err), &err);
	return id;
}

sgl_buf
sgl_records_bytes(const char *text)
{
	sgl_buf b = sgl_buf_init(1000);

	assert_int_equal(sgl_buf_add_str(&b, text, NULL), SGL_OK);
	return b;
}

int64_t
sgl_records_key(sgl_store *s, int64_t person, int64_t number)
{
	char kind[] = "rsa";
	sgl_key_record k = {.kind = kind, .person = person, .created = 1000};
	sgl_err err = {0};

	memcpy(k.spki_digest, &number, sizeof number);
	k.sealed = sgl_records_bytes("sealed");
	expect_ok(sgl_store_next_key_id(s, &k.id, &err), &err);
	expect_ok(sgl_store_add_key(s, &k, &err), &err);
	sgl_buf_clear(&k.sealed);
	return k.id;
}

int64_t
sgl_records_authority(sgl_store *s, sgl_authority_kind kind, int64_t issuer)
{
	sgl_authority a = {.kind = kind, .issuer = issuer, .created = 1000};
	sgl_err err = {0};
	int64_t id = 0;

	a.key = sgl_records_key(s, 0, -1 - (int64_t)kind);
	a.der = sgl_records_bytes("authority");
	expect_ok(sgl_store_add_authority(s, &a, &id, &err), &err);
	sgl_buf_clear(&a.der);
	return id;
}

sgl_slice
sgl_records_serial(int64_t number)
{
	static int64_t serial;

	serial = number;
	return sgl_slice_of(&serial, sizeof serial);
}

int64_t
sgl_records_cert(sgl_store *s, int64_t person, int64_t issuer, int64_t number)
{
	sgl_cert_record c = {.person = person,
	    .purpose = SGL_CERT_ENCRYPTION,
	    .issuer = issuer,
	    .serial = sgl_buf_init(16),
	    .not_before = number,
	    .not_after = -1};
	sgl_slice serial = sgl_records_serial(number);
	bool taken = false;
	sgl_err err = {0};
	int64_t id = 0;

	c.key = sgl_records_key(s, person, number);
	c.der = sgl_records_bytes("certificate");
	assert_int_equal(sgl_buf_add(&c.serial, serial, NULL), SGL_OK);
	expect_ok(sgl_store_take_serial(s, serial, &taken, &err), &err);
	assert_true(taken);
	expect_ok(sgl_store_add_cert(s, &c, &id, &err), &err);
	expect_ok(sgl_store_take_serial(s, serial, &taken, &err), &err);
	assert_false(taken);
	sgl_buf_clear(&c.serial);
	sgl_buf_clear(&c.der);
	return id;
}

static sgl_status
count(void *ctx, const sgl_person *p, sgl_err *err)
{
	(void)p;
	(void)err;
	++*(size_t *)ctx;
	return SGL_OK;
}

size_t
sgl_records_num_people(sgl_store *s)
{
	size_t num = 0;
	sgl_err err = {0};

	expect_ok(sgl_store_each_person(s, count, &num, &err), &err);
	return num;
}
