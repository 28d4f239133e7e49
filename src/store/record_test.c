/* SPDX-License-Identifier: Apache-2.0 */
/* What is stored comes back, from both databases alike. */
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
#define add_authority sgl_records_authority
#define add_cert sgl_records_cert
#define bytes sgl_records_bytes

static int64_t
add_issuer(sgl_store *s)
{
	int64_t root = add_authority(s, SGL_AUTHORITY_ROOT, 0);

	return add_authority(s, SGL_AUTHORITY_ISSUING, root);
}

static int64_t
generation(sgl_store *s)
{
	int64_t number = -1;

	assert_int_equal(sgl_store_get_generation(s, &number, NULL), SGL_OK);
	return number;
}

/* ---------------------------------------------------------------- people ---
 */

static void
expect_person(sgl_store *s, const char *key, const char *want)
{
	sgl_person p = {0};
	bool found = want == NULL;

	assert_int_equal(
	    sgl_store_find_person(s, sgl_slice_str(key), &p, &found, NULL),
	    SGL_OK);
	assert_int_equal(found, want != NULL);
	if (want != NULL)
		assert_string_equal(p.address, want);
	sgl_person_clear(&p);
}

static void
people_are_found_and_set(void **state)
{
	sgl_store *s = create();
	int64_t id = add_person(s, "alice@example.org");
	char name[] = "Alice B.", algorithm[] = "p384", profile[] = "dual";
	sgl_person p = {0};
	bool found;

	(void)state;
	(void)add_person(s, "bob@example.org");
	for (int turn = 0; turn < 2; turn++) {
		assert_int_equal(
		    sgl_store_find_person(
			s, SGL_LIT("alice@example.org"), &p, &found, NULL),
		    SGL_OK);
		assert_true(found);
		assert_int_equal(p.id, id);
		assert_int_equal(p.created, 1000);
		assert_string_equal(p.name, turn == 0 ? "Alice" : name);
		assert_string_equal(sgl_person_state_name(p.state),
		    turn == 0 ? "active" : "left");
		assert_string_equal(
		    sgl_custody_name(p.custody), turn == 0 ? "user" : "sealed");
		assert_int_equal(p.is_protected, turn);
		assert_string_equal(p.algorithm, turn == 0 ? "" : algorithm);
		assert_string_equal(p.profile, turn == 0 ? "" : profile);
		sgl_person_clear(&p);
		p = (sgl_person){.id = id,
		    .name = name,
		    .state = SGL_PERSON_LEFT,
		    .custody = SGL_CUSTODY_SEALED,
		    .algorithm = algorithm,
		    .profile = profile,
		    .is_protected = true};
		assert_int_equal(sgl_store_set_person(s, &p, NULL), SGL_OK);
	}
	expect_person(s, "bob@example.org", "bob@example.org");
	expect_person(s, "nobody", NULL);
	sgl_store_free(s);
}

typedef struct visits {
	sgl_store *store;
	size_t num, stop_at;
	char last[64];
} visits;

static sgl_status
visit_person(void *ctx, const sgl_person *p, sgl_err *err)
{
	visits *v = ctx;

	assert_true(strcmp(v->last, p->address_key) < 0);
	(void)snprintf(v->last, sizeof v->last, "%s", p->address_key);
	/* The visitor may use the store. */
	expect_person(v->store, p->address_key, p->address);
	return ++v->num == v->stop_at
	    ? sgl_fail(err, SGL_E_LIMIT, "test", SGL_NO_OFFSET, "enough")
	    : SGL_OK;
}

static void
many_people_are_visited_in_order(void **state)
{
	sgl_store *s = create();
	visits v = {.store = s};

	(void)state;
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	for (int i = 0; i < 2 * SGL_PAGE; i++) {
		char address[64];
		/* In bytes, "Z" comes before "a" and "-" before both. */
		(void)snprintf(address, sizeof address, "%c%d@example.org",
		    "Za-_"[i % 4], 7919 * i % 1000);
		(void)add_person(s, address);
	}
	assert_int_equal(sgl_store_commit(s, NULL), SGL_OK);
	assert_int_equal(
	    sgl_store_each_person(s, visit_person, &v, NULL), SGL_OK);
	assert_int_equal(v.num, 2 * SGL_PAGE);
	for (size_t stop = 1; stop <= 2 * SGL_PAGE; stop += SGL_PAGE - 1) {
		v = (visits){.store = s, .stop_at = stop};
		assert_int_equal(
		    sgl_store_each_person(s, visit_person, &v, NULL),
		    SGL_E_LIMIT);
		assert_int_equal(v.num, stop);
	}
	sgl_store_free(s);
}

static void
doubles_are_refused(void **state)
{
	sgl_store *s = create();
	char address[] = "alice@example.org", name[] = "";
	sgl_person p = {
	    .address = address, .address_key = address, .name = name};
	sgl_err err = {0};
	int64_t id, before;

	(void)state;
	add_person(s, "alice@example.org");
	before = generation(s);
	assert_int_equal(sgl_store_add_person(s, &p, &id, &err), SGL_E_USAGE);
	assert_non_null(strcasestr(err.detail, "unique"));
	assert_int_equal(generation(s), before);
	assert_int_equal(sgl_records_num_people(s), 1);
	sgl_store_free(s);
}

static sgl_status
add_alias(sgl_store *s, int64_t person, const char *address)
{
	char text[64], key[64];
	const sgl_alias a = {.address = text,
	    .address_key = key,
	    .person = person,
	    .created = 77};

	(void)snprintf(text, sizeof text, "%s", address);
	(void)snprintf(key, sizeof key, "key:%s", address);
	return sgl_store_add_alias(s, &a, NULL);
}

static void
remove_alias(sgl_store *s, const char *key, bool want)
{
	bool removed = !want;

	assert_int_equal(
	    sgl_store_remove_alias(s, sgl_slice_str(key), &removed, NULL),
	    SGL_OK);
	assert_int_equal(removed, want);
}

static void
an_address_is_one_persons_alone(void **state)
{
	sgl_store *s = create();
	int64_t alice = add_person(s, "alice@example.org");
	int64_t bob = add_person(s, "bob@example.org");
	sgl_aliases list = {0};

	(void)state;
	assert_int_equal(add_alias(s, alice, "info"), SGL_OK);
	assert_int_equal(add_alias(s, alice, "a.alice"), SGL_OK);
	assert_int_equal(add_alias(s, bob, "info"), SGL_E_USAGE);
	expect_person(s, "key:info", "alice@example.org");
	assert_int_equal(sgl_store_list_aliases(s, alice, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 2);
	assert_string_equal(list.items[0].address, "a.alice");
	assert_string_equal(list.items[1].address_key, "key:info");
	assert_int_equal(list.items[1].person, alice);
	assert_int_equal(list.items[1].created, 77);
	sgl_aliases_clear(&list);
	remove_alias(s, "key:info", true);
	remove_alias(s, "key:info", false);
	remove_alias(s, "alice@example.org", false);
	expect_person(s, "key:info", NULL);
	assert_int_equal(add_alias(s, bob, "info"), SGL_OK);
	assert_int_equal(add_alias(s, 4711, "lost"), SGL_E_USAGE);
	expect_person(s, "alice@example.org", "alice@example.org");
	sgl_store_free(s);
}

/* ---------------------------------------------------------- certificates ---
 */

static void
expect_history(sgl_store *s, int64_t alice, int64_t newest)
{
	sgl_cert_records certs = {0};

	assert_int_equal(sgl_store_list_certs(s, alice, &certs, NULL), SGL_OK);
	assert_int_equal(certs.num, 2);
	assert_int_equal(certs.items[0].id, newest);
	assert_int_equal(certs.items[0].status, SGL_CERT_CURRENT);
	assert_int_equal(certs.items[0].superseded, 0);
	assert_int_equal(certs.items[1].status, SGL_CERT_SUPERSEDED);
	assert_int_equal(certs.items[1].superseded, 77);
	assert_int_equal(certs.items[1].not_after, -1);
	assert_int_equal(certs.items[1].revocation.when, 0);
	assert_string_equal(certs.items[1].address, "alice@example.org");
	sgl_cert_records_clear(&certs);
}

static void
expect_keys(sgl_store *s, int64_t person, size_t num, uint8_t newest)
{
	sgl_key_records keys = {0};

	assert_int_equal(sgl_store_list_keys(s, person, &keys, NULL), SGL_OK);
	assert_int_equal(keys.num, num);
	assert_int_equal(keys.items[0].spki_digest[0], newest);
	assert_int_equal(keys.items[0].sealed.len, 6);
	assert_int_equal(keys.items[0].person, person);
	assert_true(keys.items[0].id > keys.items[1].id);
	sgl_key_records_clear(&keys);
}

static void
expect_current(sgl_store *s, int64_t person, int64_t only)
{
	sgl_cert_records certs = {0};

	assert_int_equal(
	    sgl_store_list_current_certs(s, person, &certs, NULL), SGL_OK);
	assert_int_equal(certs.num, 1);
	assert_int_equal(certs.items[0].id, only);
	sgl_cert_records_clear(&certs);
}

static void
certificates_and_keys_keep_their_history(void **state)
{
	sgl_store *s = create();
	int64_t alice = add_person(s, "alice@example.org");
	int64_t bob = add_person(s, "bob@example.org");
	int64_t issuing = add_issuer(s), oldest, newest, last;
	sgl_cert_record one = {0};
	bool found = false;

	(void)state;
	oldest = add_cert(s, alice, issuing, 1);
	newest = add_cert(s, alice, issuing, 2);
	last = add_cert(s, bob, issuing, 3);
	assert_int_equal(sgl_store_supersede_cert(s, oldest, 77, NULL), SGL_OK);
	expect_history(s, alice, newest);
	expect_current(s, alice, newest);
	expect_keys(s, alice, 2, 2);
	expect_keys(s, 0, 2, 0xfe);
	assert_int_equal(sgl_store_find_cert_by_serial(
			     s, sgl_records_serial(2), &one, &found, NULL),
	    SGL_OK);
	assert_true(found);
	assert_int_equal(one.id, newest);
	assert_int_equal(one.issuer, issuing);
	/* One of ours is there once for a purpose. */
	assert_int_equal(
	    sgl_store_add_cert(s, &one, &one.id, NULL), SGL_E_USAGE);
	sgl_cert_record_clear(&one);
	assert_int_equal(
	    sgl_store_find_last_cert(s, issuing, &one, &found, NULL), SGL_OK);
	assert_true(found);
	assert_int_equal(one.id, last);
	sgl_cert_record_clear(&one);
	assert_int_equal(
	    sgl_store_find_last_cert(s, issuing + 99, &one, &found, NULL),
	    SGL_OK);
	assert_false(found);
	assert_int_equal(sgl_store_find_cert_by_serial(
			     s, sgl_records_serial(9), &one, &found, NULL),
	    SGL_OK);
	assert_false(found);
	sgl_store_free(s);
}

typedef struct cert_visits {
	size_t num;
	char address[64];
	int64_t last;
} cert_visits;

static sgl_status
visit_cert(void *ctx, const sgl_cert_record *c, sgl_err *err)
{
	cert_visits *v = ctx;
	int order = strcmp(v->address, c->address);

	(void)err;
	assert_true(order < 0 || (order == 0 && c->id < v->last));
	(void)snprintf(v->address, sizeof v->address, "%s", c->address);
	v->last = c->id;
	v->num++;
	return SGL_OK;
}

static void
many_certificates_are_visited_in_order(void **state)
{
	enum { EACH = 100, PEOPLE = 6 };
	sgl_store *s = create();
	int64_t issuing = add_issuer(s), ids[PEOPLE];
	cert_visits v = {0};

	(void)state;
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	for (int i = 0; i < PEOPLE; i++) {
		char address[64];
		(void)snprintf(address, sizeof address, "%d@example.org", i);
		ids[i] = add_person(s, address);
	}
	for (int i = 0; i < EACH * PEOPLE; i++)
		(void)add_cert(s, ids[i % PEOPLE], issuing, i + 1);
	assert_int_equal(sgl_store_commit(s, NULL), SGL_OK);
	assert_int_equal(sgl_store_each_cert(s, visit_cert, &v, NULL), SGL_OK);
	assert_int_equal(v.num, EACH * PEOPLE);
	sgl_store_free(s);
}

static sgl_status
visit_revoked(void *ctx, const sgl_cert_record *c, sgl_err *err)
{
	cert_visits *v = ctx;

	(void)err;
	assert_true(c->id > v->last);
	assert_int_equal(c->status, SGL_CERT_REVOKED);
	v->last = c->id;
	v->num++;
	return SGL_OK;
}

static size_t
num_revoked(sgl_store *s, int64_t authority, int64_t shard)
{
	cert_visits v = {0};

	assert_int_equal(sgl_store_each_revoked(
			     s, authority, shard, visit_revoked, &v, NULL),
	    SGL_OK);
	return v.num;
}

static void
expect_revocation(sgl_store *s, int64_t number, sgl_cert_status status,
    sgl_revocation_mark want)
{
	sgl_cert_record c = {0};
	bool found = false;

	assert_int_equal(sgl_store_find_cert_by_serial(
			     s, sgl_records_serial(number), &c, &found, NULL),
	    SGL_OK);
	assert_true(found);
	assert_int_equal(c.status, status);
	assert_int_equal(c.revocation.when, want.when);
	assert_int_equal(c.revocation.reason, want.reason);
	assert_int_equal(c.revocation.invalidity, want.invalidity);
	sgl_cert_record_clear(&c);
}

static void
certificates_are_revoked_and_released(void **state)
{
	const sgl_revocation_mark hold = {500, SGL_REASON_CERTIFICATE_HOLD, 0};
	const sgl_revocation_mark lost = {600, SGL_REASON_KEY_COMPROMISE, 400};
	const sgl_revocation_mark none = {0};
	sgl_store *s = create();
	int64_t alice = add_person(s, "alice@example.org");
	int64_t issuing = add_issuer(s), old = add_cert(s, alice, issuing, 1),
		new = add_cert(s, alice, issuing, 2);
	bool done = false;

	(void)state;
	assert_int_equal(sgl_store_supersede_cert(s, old, 77, NULL), SGL_OK);
	assert_int_equal(num_revoked(s, issuing, 0), 0);
	assert_int_equal(
	    sgl_store_revoke_cert(s, old, &hold, &done, NULL), SGL_OK);
	assert_true(done);
	assert_int_equal(
	    sgl_store_revoke_cert(s, new, &hold, &done, NULL), SGL_OK);
	expect_revocation(s, 1, SGL_CERT_REVOKED, hold);
	assert_int_equal(num_revoked(s, issuing, 0), 2);
	assert_int_equal(num_revoked(s, issuing, 1), 0);
	assert_int_equal(
	    sgl_store_revoke_cert(s, new, &lost, &done, NULL), SGL_OK);
	expect_revocation(s, 2, SGL_CERT_REVOKED, lost);
	assert_int_equal(sgl_store_release_cert(s, old, &done, NULL), SGL_OK);
	assert_true(done);
	expect_revocation(s, 1, SGL_CERT_SUPERSEDED, none);
	assert_int_equal(sgl_store_release_cert(s, old, &done, NULL), SGL_OK);
	assert_false(done);
	assert_int_equal(
	    sgl_store_revoke_cert(s, 4711, &lost, &done, NULL), SGL_OK);
	assert_false(done);
	assert_int_equal(sgl_store_release_cert(s, new, &done, NULL), SGL_OK);
	expect_revocation(s, 2, SGL_CERT_CURRENT, none);
	sgl_store_free(s);
}

static void
reasons_have_the_names_of_rfc_5280(void **state)
{
	sgl_revocation_reason reason;

	(void)state;
	for (unsigned i = 0; i <= SGL_REASON_AA_COMPROMISE; i++) {
		if (i == 7)
			continue;
		assert_true(sgl_revocation_reason_find(
		    sgl_slice_str(
			sgl_revocation_reason_name((sgl_revocation_reason)i)),
		    &reason));
		assert_int_equal(reason, i);
	}
	assert_string_equal(
	    sgl_revocation_reason_name(SGL_REASON_CA_COMPROMISE),
	    "cACompromise");
	assert_false(sgl_revocation_reason_find(SGL_LIT("boredom"), &reason));
}

/* ----------------------------------------------------------- authorities ---
 */

static void
authorities_change_their_state(void **state)
{
	char token[] = "pkcs11:token=ca;object=root";
	sgl_store *s = create();
	int64_t issuing = add_issuer(s), root;
	sgl_authorities list = {0};
	sgl_authority a = {.id = issuing,
	    .state = SGL_AUTHORITY_REVOKED,
	    .key_location = token,
	    .num_shards = 64,
	    .revocation = {900, SGL_REASON_CA_COMPROMISE, 0}};

	(void)state;
	assert_int_equal(sgl_store_list_authorities(s, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 2);
	root = list.items[1].id;
	assert_int_equal(list.items[0].id, issuing);
	assert_int_equal(list.items[0].kind, SGL_AUTHORITY_ISSUING);
	assert_int_equal(list.items[0].issuer, root);
	assert_int_equal(list.items[0].state, SGL_AUTHORITY_ACTIVE);
	assert_int_equal(list.items[0].num_shards, 1);
	assert_int_equal(list.items[0].crl_number, 0);
	assert_string_equal(list.items[0].key_location, SGL_KEY_IN_VAULT);
	assert_int_equal(list.items[1].kind, SGL_AUTHORITY_ROOT);
	sgl_authorities_clear(&list);
	assert_int_equal(sgl_store_set_authority(s, &a, NULL), SGL_OK);
	assert_int_equal(sgl_store_list_authorities(s, &list, NULL), SGL_OK);
	assert_string_equal(
	    sgl_authority_state_name(list.items[0].state), "revoked");
	assert_string_equal(list.items[0].key_location, token);
	assert_int_equal(list.items[0].num_shards, 64);
	assert_int_equal(list.items[0].revocation.when, 900);
	assert_int_equal(
	    list.items[0].revocation.reason, SGL_REASON_CA_COMPROMISE);
	assert_int_equal(list.items[1].state, SGL_AUTHORITY_ACTIVE);
	assert_int_equal(list.items[1].revocation.when, 0);
	sgl_authorities_clear(&list);
	sgl_store_free(s);
}

/* A key in a token was never in the vault; one in the vault has a record. */
static void
an_authority_says_where_its_key_is(void **state)
{
	char token[] = "pkcs11:token=ca";
	sgl_store *s = create();
	sgl_authority a = {.der = bytes("authority"), .created = 5};
	int64_t id = 0;

	(void)state;
	assert_int_equal(
	    sgl_store_add_authority(s, &a, &id, NULL), SGL_E_USAGE);
	a.key_location = token;
	assert_int_equal(sgl_store_add_authority(s, &a, &id, NULL), SGL_OK);
	sgl_buf_clear(&a.der);
	sgl_store_free(s);
}

static void
add_crl(sgl_store *s, int64_t authority, int64_t shard, sgl_status want)
{
	sgl_crl_record c = {.authority = authority,
	    .shard = shard,
	    .this_update = 100,
	    .next_update = 200,
	    .der = bytes("list")};

	assert_int_equal(
	    sgl_store_take_crl_number(s, authority, &c.number, NULL), want);
	if (want == SGL_OK)
		assert_int_equal(sgl_store_add_crl(s, &c, NULL), SGL_OK);
	sgl_buf_clear(&c.der);
}

static void
expect_crl(sgl_store *s, int64_t authority, int64_t shard, int64_t number)
{
	sgl_crl_record c = {0};
	bool found = false;

	assert_int_equal(
	    sgl_store_find_crl(s, authority, shard, &c, &found, NULL), SGL_OK);
	assert_int_equal(found, number != 0);
	assert_int_equal(c.number, number);
	if (found) {
		assert_int_equal(c.this_update, 100);
		assert_int_equal(c.next_update, 200);
		assert_int_equal(c.der.len, 4);
	}
	sgl_crl_record_clear(&c);
}

static bool
is_due(sgl_store *s, int64_t authority, int64_t shard)
{
	bool due = false, old = false;

	assert_int_equal(
	    sgl_store_is_crl_due(s, authority, shard, 100, 100, &due, NULL),
	    SGL_OK);
	/* Made at 100: too old, or not yet. */
	assert_int_equal(
	    sgl_store_is_crl_due(s, authority, shard, 101, 200, &old, NULL),
	    SGL_OK);
	assert_true(old);
	assert_int_equal(
	    sgl_store_is_crl_due(s, authority, shard, 50, 99, &old, NULL),
	    SGL_OK);
	assert_true(old);
	return due;
}

static int64_t
published(sgl_store *s)
{
	int64_t number = -1;

	assert_int_equal(sgl_store_get_published(s, &number, NULL), SGL_OK);
	return number;
}

static int64_t
num_crls(sgl_store *s)
{
	int64_t num = -1;

	assert_int_equal(
	    sgl_store_number(s, "SELECT count(*) FROM crl", &num, NULL),
	    SGL_OK);
	return num;
}

static void
crls_have_numbers_that_rise(void **state)
{
	sgl_store *s = create();
	int64_t issuing = add_issuer(s);

	(void)state;
	expect_crl(s, issuing, 0, 0);
	add_crl(s, issuing, 0, SGL_OK);
	add_crl(s, issuing, 1, SGL_OK);
	add_crl(s, issuing, 0, SGL_OK);
	add_crl(s, 4711, 0, SGL_E_USAGE);
	expect_crl(s, issuing, 0, 3);
	expect_crl(s, issuing, 1, 2);
	expect_crl(s, issuing, 2, 0);
	assert_int_equal(num_crls(s), 3);
	assert_int_equal(sgl_store_drop_crls(s, issuing, 0, 3, NULL), SGL_OK);
	assert_int_equal(num_crls(s), 2);
	expect_crl(s, issuing, 0, 3);
	expect_crl(s, issuing, 1, 2);
	sgl_store_free(s);
}

static void
a_crl_is_due_until_it_is_made(void **state)
{
	sgl_store *s = create();
	int64_t issuing = add_issuer(s), numbers[5];

	(void)state;
	add_crl(s, issuing, 0, SGL_OK);
	add_crl(s, issuing, 1, SGL_OK);
	assert_false(is_due(s, issuing, 0));
	assert_true(is_due(s, issuing, 2)); /* there is none */
	numbers[0] = published(s);
	assert_int_equal(sgl_store_set_crl_due(s, issuing, 1, NULL), SGL_OK);
	numbers[4] = published(s);
	assert_int_equal(sgl_store_set_crl_due(s, issuing, 1, NULL), SGL_OK);
	assert_true(is_due(s, issuing, 1));
	assert_false(is_due(s, issuing, 0));
	numbers[1] = published(s);
	add_crl(s, issuing, 0, SGL_OK);
	assert_true(is_due(s, issuing, 1));
	numbers[2] = published(s);
	add_crl(s, issuing, 1, SGL_OK);
	assert_false(is_due(s, issuing, 1));
	numbers[3] = published(s);
	for (int i = 0; i < 5; i++)
		for (int j = 0; j < i; j++)
			assert_int_not_equal(numbers[i], numbers[j]);
	sgl_store_free(s);
}

static void
expect_code(sgl_store *s, const char *locator, int64_t tries)
{
	sgl_enrol_code c = {0};
	bool found = false;

	assert_int_equal(
	    sgl_store_find_enrol_code(s, locator, &c, &found, NULL), SGL_OK);
	assert_int_equal(found, tries >= 0);
	if (found) {
		assert_string_equal(c.locator, locator);
		assert_int_equal(c.tries, tries);
		assert_int_equal(c.expires, 20);
		assert_int_equal(c.purpose, SGL_CERT_SIGNING);
		assert_int_equal(c.hash[31], 7);
	}
	sgl_enrol_code_clear(&c);
}

static void
a_code_takes_the_place_of_the_one_before(void **state)
{
	sgl_store *s = create();
	char first[] = "AAAAA", second[] = "BBBBB";
	sgl_enrol_code c = {.locator = first,
	    .person = add_person(s, "alice@example.org"),
	    .created = 10,
	    .expires = 20};
	bool dropped = true;

	(void)state;
	c.hash[31] = 7;
	expect_code(s, first, -1);
	assert_int_equal(sgl_store_set_enrol_code(s, &c, NULL), SGL_OK);
	expect_code(s, first, 0);
	assert_int_equal(sgl_store_note_enrol_try(s, first, NULL), SGL_OK);
	assert_int_equal(sgl_store_note_enrol_try(s, second, NULL), SGL_OK);
	expect_code(s, first, 1);
	c.locator = second;
	assert_int_equal(sgl_store_set_enrol_code(s, &c, NULL), SGL_OK);
	expect_code(s, first, -1);
	expect_code(s, second, 0);
	assert_int_equal(
	    sgl_store_drop_enrol_code(s, first, &dropped, NULL), SGL_OK);
	assert_false(dropped);
	assert_int_equal(
	    sgl_store_drop_enrol_code(s, second, &dropped, NULL), SGL_OK);
	assert_true(dropped);
	expect_code(s, second, -1);
	sgl_store_free(s);
}

static void
the_newest_responder_is_found(void **state)
{
	sgl_store *s = create();
	int64_t alice = add_person(s, "alice@example.org");
	int64_t issuing = add_issuer(s), key = add_key(s, alice, 1);
	sgl_responder_record r = {.authority = issuing,
				 .key = key,
				 .der = bytes("responder")},
			     out = {0}, none = {0};
	bool found = true;

	(void)state;
	assert_int_equal(sgl_store_find_responder(s, issuing,
			     SGL_RESPONDER_OCSP, &out, &found, NULL),
	    SGL_OK);
	assert_false(found);
	for (r.created = 1; r.created < 3; r.created++) {
		r.not_after = 10 * r.created;
		assert_int_equal(sgl_store_add_responder(s, &r, NULL), SGL_OK);
	}
	assert_int_equal(sgl_store_find_responder(s, issuing,
			     SGL_RESPONDER_OCSP, &out, &found, NULL),
	    SGL_OK);
	assert_true(found);
	assert_int_equal(out.created, 2);
	assert_int_equal(out.not_after, 20);
	assert_int_equal(out.key, key);
	assert_true(
	    sgl_slice_eq(sgl_buf_slice(&r.der), sgl_buf_slice(&out.der)));
	assert_int_equal(sgl_store_find_responder(s, issuing,
			     SGL_RESPONDER_SCEP, &none, &found, NULL),
	    SGL_OK);
	assert_false(found);
	sgl_responder_record_clear(&r);
	sgl_responder_record_clear(&out);
	sgl_store_free(s);
}

/* A list of a hundred thousand entries is some megabytes. */
static void
a_crl_may_be_large(void **state)
{
	sgl_store *s = create();
	int64_t issuing = add_issuer(s);
	size_t size = (size_t)6 << 20;
	sgl_crl_record in = {.authority = issuing,
			   .number = 1,
			   .der = sgl_buf_init(size)},
		       out = {0};
	bool found = false;

	(void)state;
	assert_int_equal(sgl_buf_reserve(&in.der, size, NULL), SGL_OK);
	for (in.der.len = 0; in.der.len < size; in.der.len++)
		in.der.data[in.der.len] = (uint8_t)(in.der.len * 7 >> 3);
	assert_int_equal(sgl_store_add_crl(s, &in, NULL), SGL_OK);
	assert_int_equal(
	    sgl_store_find_crl(s, issuing, 0, &out, &found, NULL), SGL_OK);
	assert_true(found);
	assert_true(
	    sgl_slice_eq(sgl_buf_slice(&in.der), sgl_buf_slice(&out.der)));
	sgl_crl_record_clear(&in);
	sgl_crl_record_clear(&out);
	sgl_store_free(s);
}

static void
an_ocsp_response_replaces_the_one_before(void **state)
{
	char sha1[] = "sha1";
	sgl_store *s = create();
	int64_t alice = add_person(s, "alice@example.org");
	int64_t cert = add_cert(s, alice, add_issuer(s), 1);
	sgl_ocsp_record r = {.certificate = cert, .digest = sha1}, out = {0};
	bool found = true;

	(void)state;
	assert_int_equal(
	    sgl_store_find_ocsp(s, cert, "sha1", &out, &found, NULL), SGL_OK);
	assert_false(found);
	r.der = bytes("response");
	for (r.this_update = 1; r.this_update < 3; r.this_update++) {
		r.next_update = 10 * r.this_update;
		assert_int_equal(sgl_store_set_ocsp(s, &r, NULL), SGL_OK);
	}
	sgl_buf_clear(&r.der);
	assert_int_equal(
	    sgl_store_find_ocsp(s, cert, "sha1", &out, &found, NULL), SGL_OK);
	assert_true(found);
	assert_int_equal(out.this_update, 2);
	assert_int_equal(out.next_update, 20);
	assert_int_equal(out.der.len, 8);
	assert_string_equal(out.digest, "sha1");
	sgl_ocsp_record_clear(&out);
	assert_int_equal(
	    sgl_store_find_ocsp(s, cert, "sha256", &out, &found, NULL), SGL_OK);
	assert_false(found);
	assert_int_equal(sgl_store_drop_ocsp(s, cert, NULL), SGL_OK);
	assert_int_equal(
	    sgl_store_find_ocsp(s, cert, "sha1", &out, &found, NULL), SGL_OK);
	assert_false(found);
	sgl_store_free(s);
}

/* ----------------------------------------------------------------- audit ---
 */

/* In these tests a record's hash is its number. */
static sgl_status
add_audit(sgl_store *s, int64_t sequence, uint8_t previous)
{
	char who[] = "alice", action[] = "add", object[] = "bob", none[] = "",
	     after[] = "{}";
	sgl_audit_record r = {sequence, 5, who, action, object, none, after,
	    {previous}, {(uint8_t)sequence}};

	return sgl_store_add_audit(s, &r, NULL);
}

static sgl_status
visit_audit(void *ctx, const sgl_audit_record *r, sgl_err *err)
{
	int64_t *next = ctx;

	(void)err;
	assert_int_equal(r->sequence, *next);
	assert_int_equal(r->previous[0], *next - 1);
	assert_int_equal(r->hash[0], *next);
	assert_string_equal(r->who, "alice");
	assert_string_equal(r->action, "add");
	assert_string_equal(r->object, "bob");
	assert_string_equal(r->before, "");
	assert_string_equal(r->after, "{}");
	assert_int_equal(r->at, 5);
	++*next;
	return SGL_OK;
}

static void
audit_records_are_a_chain(void **state)
{
	sgl_store *s = create();
	sgl_audit_record last = {0};
	int64_t next = 2;
	bool found = true;

	(void)state;
	assert_int_equal(
	    sgl_store_find_last_audit(s, &last, &found, NULL), SGL_OK);
	assert_false(found);
	assert_int_equal(add_audit(s, 2, 1), SGL_E_USAGE);
	for (int i = 1; i <= 4; i++)
		assert_int_equal(add_audit(s, i, (uint8_t)(i - 1)), SGL_OK);
	assert_int_equal(add_audit(s, 1, 0), SGL_E_USAGE);
	assert_int_equal(add_audit(s, 4, 3), SGL_E_USAGE);
	assert_int_equal(add_audit(s, 5, 3), SGL_E_USAGE);
	assert_int_equal(add_audit(s, 6, 4), SGL_E_USAGE);
	assert_int_equal(
	    sgl_store_find_last_audit(s, &last, &found, NULL), SGL_OK);
	assert_true(found);
	assert_int_equal(last.sequence, 4);
	sgl_audit_record_clear(&last);
	assert_int_equal(
	    sgl_store_each_audit(s, next, visit_audit, &next, NULL), SGL_OK);
	assert_int_equal(next, 5);
	sgl_store_free(s);
}

/* What is told apart is the same as the sums. */
int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SGL_RECORDS_TEST(people_are_found_and_set),
	    SGL_RECORDS_TEST(many_people_are_visited_in_order),
	    SGL_RECORDS_TEST(doubles_are_refused),
	    SGL_RECORDS_TEST(an_address_is_one_persons_alone),
	    SGL_RECORDS_TEST(certificates_and_keys_keep_their_history),
	    SGL_RECORDS_TEST(many_certificates_are_visited_in_order),
	    SGL_RECORDS_TEST(certificates_are_revoked_and_released),
	    SGL_RECORDS_TEST(authorities_change_their_state),
	    SGL_RECORDS_TEST(an_authority_says_where_its_key_is),
	    SGL_RECORDS_TEST(crls_have_numbers_that_rise),
	    SGL_RECORDS_TEST(a_crl_is_due_until_it_is_made),
	    SGL_RECORDS_TEST(the_newest_responder_is_found),
	    SGL_RECORDS_TEST(a_code_takes_the_place_of_the_one_before),
	    SGL_RECORDS_TEST(a_crl_may_be_large),
	    SGL_RECORDS_TEST(an_ocsp_response_replaces_the_one_before),
	    SGL_RECORDS_TEST(audit_records_are_a_chain),
	    cmocka_unit_test(reasons_have_the_names_of_rfc_5280),
	};

	return cmocka_run_group_tests(tests, NULL, sgl_records_end);
}
