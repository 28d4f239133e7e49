/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store.h"
#include "support/folder.h"

static sgl_folder folder;

static int
set_up(void **state)
{
	(void)state;
	sgl_folder_make(&folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_folder_remove(&folder);
	return 0;
}

static const char *
db_path(void)
{
	return sgl_folder_path(&folder, "sigill.db");
}

static sgl_store *
create(void)
{
	sgl_store *s = NULL;
	sgl_err err = {0};

	if (sgl_store_create(db_path(), &s, &err) != SGL_OK)
		fail_msg("%s: %s", err.text, err.detail);
	return s;
}

static int64_t
add_person(sgl_store *s, const char *address)
{
	char text[64], name[] = "Alice";
	sgl_person p = {.address = text, .address_key = text, .name = name};
	int64_t id = 0;

	(void)snprintf(text, sizeof text, "%s", address);
	p.created = 1000;
	assert_int_equal(sgl_store_add_person(s, &p, &id, NULL), SGL_OK);
	return id;
}

static sgl_buf
bytes(const char *text)
{
	sgl_buf b = sgl_buf_init(1000);

	assert_int_equal(sgl_buf_add_str(&b, text, NULL), SGL_OK);
	return b;
}

static int64_t
add_key(sgl_store *s, int64_t person, uint8_t number)
{
	char kind[] = "rsa";
	sgl_key_record k = {.kind = kind, .person = person, .created = 1000};

	k.spki_digest[0] = number;
	k.sealed = bytes("sealed");
	assert_int_equal(sgl_store_next_key_id(s, &k.id, NULL), SGL_OK);
	assert_int_equal(sgl_store_add_key(s, &k, NULL), SGL_OK);
	sgl_buf_clear(&k.sealed);
	return k.id;
}

static int64_t
add_authority(sgl_store *s, sgl_authority_kind kind, int64_t issuer)
{
	sgl_authority a = {.kind = kind, .issuer = issuer, .created = 1000};
	int64_t id = 0;

	a.key = add_key(s, 0, (uint8_t)(100 + (int)kind));
	a.der = bytes("authority");
	assert_int_equal(sgl_store_add_authority(s, &a, &id, NULL), SGL_OK);
	sgl_buf_clear(&a.der);
	return id;
}

static int64_t
add_cert(sgl_store *s, int64_t person, int64_t issuer, uint8_t number)
{
	sgl_cert_record c = {.person = person,
	    .purpose = SGL_CERT_ENCRYPTION,
	    .issuer = issuer,
	    .not_before = number,
	    .not_after = -1};
	bool taken = false;
	int64_t id = 0;

	c.key = add_key(s, person, number);
	c.serial = bytes("s");
	c.serial.data[0] = number;
	c.der = bytes("certificate");
	assert_int_equal(
	    sgl_store_take_serial(s, sgl_buf_slice(&c.serial), &taken, NULL),
	    SGL_OK);
	assert_true(taken);
	assert_int_equal(sgl_store_add_cert(s, &c, &id, NULL), SGL_OK);
	assert_int_equal(
	    sgl_store_take_serial(s, sgl_buf_slice(&c.serial), &taken, NULL),
	    SGL_OK);
	assert_false(taken);
	sgl_buf_clear(&c.serial);
	sgl_buf_clear(&c.der);
	return id;
}

static void
a_new_one_is_private_and_empty(void **state)
{
	sgl_store *s = create();
	sgl_persons people = {0};
	struct stat st;

	(void)state;
	assert_int_equal(stat(db_path(), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(sgl_store_list_persons(s, &people, NULL), SGL_OK);
	assert_int_equal(people.num, 0);
	sgl_store_free(s);
	assert_int_equal(sgl_folder_num(&folder), 1);
	sgl_store_free(create());
}

static void
settings_are_kept(void **state)
{
	sgl_store *s = create();
	sgl_buf value = sgl_buf_init(100);
	bool found = true;

	(void)state;
	assert_int_equal(
	    sgl_store_get_setting(s, "domain", &value, &found, NULL), SGL_OK);
	assert_false(found);
	for (int i = 0; i < 2; i++)
		assert_int_equal(sgl_store_set_setting(s, "domain",
				     i == 0 ? SGL_LIT("example.net")
					    : SGL_LIT("example.org"),
				     NULL),
		    SGL_OK);
	sgl_store_free(s);
	assert_int_equal(sgl_store_open(db_path(), true, &s, NULL), SGL_OK);
	assert_int_equal(
	    sgl_store_get_setting(s, "domain", &value, &found, NULL), SGL_OK);
	assert_true(found);
	assert_true(
	    sgl_slice_eq(sgl_buf_slice(&value), SGL_LIT("example.org")));
	assert_int_equal(
	    sgl_store_set_setting(s, "domain", SGL_LIT("x"), NULL), SGL_E_IO);
	sgl_buf_clear(&value);
	sgl_store_free(s);
}

static void
people_are_listed_and_found(void **state)
{
	static const char *const names[] = {"carol@example.org",
	    "alice@example.org", "bob@example.org", "dave@example.org",
	    "erin@example.org"};
	sgl_store *s = create();
	sgl_persons list = {0};
	sgl_person p = {0};
	bool found;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		add_person(s, names[i]);
	assert_int_equal(sgl_store_list_persons(s, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 5);
	assert_string_equal(list.items[0].address, "alice@example.org");
	assert_string_equal(list.items[4].address, "erin@example.org");
	sgl_persons_clear(&list);
	assert_int_equal(sgl_store_find_person(
			     s, SGL_LIT("bob@example.org"), &p, &found, NULL),
	    SGL_OK);
	assert_true(found);
	assert_string_equal(p.name, "Alice");
	assert_int_equal(p.created, 1000);
	sgl_person_clear(&p);
	assert_int_equal(
	    sgl_store_find_person(s, SGL_LIT("nobody"), &p, &found, NULL),
	    SGL_OK);
	assert_false(found);
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
	int64_t id;

	(void)state;
	add_person(s, "alice@example.org");
	assert_int_equal(sgl_store_add_person(s, &p, &id, &err), SGL_E_USAGE);
	assert_non_null(strstr(err.detail, "UNIQUE"));
	sgl_store_free(s);
}

static void
certificates_and_keys_keep_their_history(void **state)
{
	sgl_store *s = create();
	int64_t alice = add_person(s, "alice@example.org");
	int64_t bob = add_person(s, "bob@example.org");
	int64_t root = add_authority(s, SGL_AUTHORITY_ROOT, 0);
	int64_t issuing = add_authority(s, SGL_AUTHORITY_ISSUING, root);
	int64_t newest;
	sgl_cert_records certs = {0};
	sgl_key_records keys = {0};
	sgl_authorities authorities = {0};
	sgl_cert_record one = {0};
	bool found = false;

	(void)state;
	(void)add_cert(s, alice, issuing, 1);
	newest = add_cert(s, alice, issuing, 2);
	(void)add_cert(s, bob, issuing, 3);
	assert_int_equal(sgl_store_supersede_certs(
			     s, alice, SGL_CERT_ENCRYPTION, newest, 77, NULL),
	    SGL_OK);
	assert_int_equal(sgl_store_list_certs(s, alice, &certs, NULL), SGL_OK);
	assert_int_equal(certs.num, 2);
	assert_int_equal(certs.items[0].id, newest);
	assert_int_equal(certs.items[0].status, SGL_CERT_CURRENT);
	assert_int_equal(certs.items[0].superseded, 0);
	assert_int_equal(certs.items[1].status, SGL_CERT_SUPERSEDED);
	assert_int_equal(certs.items[1].superseded, 77);
	assert_int_equal(certs.items[1].not_after, -1);
	sgl_cert_records_clear(&certs);
	assert_int_equal(sgl_store_list_certs(s, 0, &certs, NULL), SGL_OK);
	assert_int_equal(certs.num, 3);
	assert_int_equal(certs.items[2].status, SGL_CERT_CURRENT);
	sgl_cert_records_clear(&certs);
	assert_int_equal(sgl_store_find_cert_by_serial(
			     s, SGL_LIT("\x02"), &one, &found, NULL),
	    SGL_OK);
	assert_true(found);
	assert_int_equal(one.id, newest);
	sgl_cert_record_clear(&one);
	assert_int_equal(sgl_store_list_keys(s, alice, &keys, NULL), SGL_OK);
	assert_int_equal(keys.num, 2);
	assert_int_equal(keys.items[0].spki_digest[0], 2);
	assert_int_equal(keys.items[0].sealed.len, 6);
	sgl_key_records_clear(&keys);
	assert_int_equal(sgl_store_list_keys(s, 0, &keys, NULL), SGL_OK);
	assert_int_equal(keys.num, 2);
	sgl_key_records_clear(&keys);
	assert_int_equal(
	    sgl_store_list_authorities(s, &authorities, NULL), SGL_OK);
	assert_int_equal(authorities.num, 2);
	assert_int_equal(authorities.items[0].kind, SGL_AUTHORITY_ISSUING);
	assert_int_equal(authorities.items[0].issuer, root);
	assert_int_equal(authorities.items[1].kind, SGL_AUTHORITY_ROOT);
	sgl_authorities_clear(&authorities);
	sgl_store_free(s);
}

static void
what_was_not_committed_is_gone(void **state)
{
	sgl_store *s = create();
	sgl_persons list = {0};
	int how;
	pid_t child;

	(void)state;
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	add_person(s, "alice@example.org");
	sgl_store_rollback(s);
	sgl_store_rollback(s);
	sgl_store_free(s);
	child = fork();
	if (child == 0) {
		s = create();
		if (sgl_store_begin(s, NULL) == SGL_OK)
			add_person(s, "bob@example.org");
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFSIGNALED(how));
	s = create();
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	add_person(s, "carol@example.org");
	assert_int_equal(sgl_store_commit(s, NULL), SGL_OK);
	assert_int_equal(sgl_store_list_persons(s, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 1);
	assert_string_equal(list.items[0].address, "carol@example.org");
	sgl_persons_clear(&list);
	sgl_store_free(s);
}

/* -------------------------------------------------------------- trouble --- */

static void
expect_refusal(bool read_only, sgl_status status, const char *text)
{
	sgl_store *s = NULL;
	sgl_err err = {0};

	assert_int_equal(
	    sgl_store_open(db_path(), read_only, &s, &err), status);
	assert_string_equal(err.text, text);
	assert_string_equal(err.detail, db_path());
	assert_null(s);
}

static void
what_is_no_database_is_told(void **state)
{
	uint8_t noise[8192];

	(void)state;
	expect_refusal(false, SGL_E_IO, "no such file or folder");
	memset(noise, 'x', sizeof noise);
	sgl_folder_write(
	    &folder, "sigill.db", sgl_slice_of(noise, sizeof noise));
	expect_refusal(false, SGL_E_IO, "this file is not a database of ours");
	sgl_folder_write(&folder, "sigill.db", SGL_LIT(""));
	expect_refusal(false, SGL_E_IO, "this file is not a database of ours");
	assert_int_equal(unlink(db_path()), 0);
	assert_int_equal(mkdir(db_path(), 0700), 0);
	expect_refusal(true, SGL_E_IO, "is a folder");
}

static void
damage_is_told(void **state)
{
	sgl_store *s = create();
	sgl_buf file;
	sgl_persons list = {0};
	sgl_err err = {0};
	sgl_status status;

	(void)state;
	for (int i = 0; i < 200; i++) {
		char address[64];
		(void)snprintf(address, sizeof address, "p%d@example.org", i);
		add_person(s, address);
	}
	sgl_store_free(s);
	file = sgl_folder_read(&folder, "sigill.db");
	for (size_t at = 4096; at < file.len; at++)
		file.data[at] ^= 0x55;
	sgl_folder_write(&folder, "sigill.db", sgl_buf_slice(&file));
	sgl_buf_clear(&file);
	status = sgl_store_open(db_path(), false, &s, &err);
	if (status == SGL_OK) {
		status = sgl_store_list_persons(s, &list, &err);
		sgl_store_free(s);
	}
	assert_int_equal(status, SGL_E_IO);
	assert_string_equal(
	    err.text, "the database is damaged: restore a backup");
}

static void
a_newer_one_is_refused(void **state)
{
	sgl_store *s = create();
	sgl_buf file;

	(void)state;
	sgl_store_free(s);
	file = sgl_folder_read(&folder, "sigill.db");
	file.data[63] = 99; /* user_version, file format 1.3 */
	sgl_folder_write(&folder, "sigill.db", sgl_buf_slice(&file));
	sgl_buf_clear(&file);
	expect_refusal(false, SGL_E_UNSUPPORTED,
	    "the database was made by a newer release");
}

static int
fill_up(void)
{
	const struct rlimit small = {65536, 65536};
	sgl_store *s = create();
	sgl_buf big = sgl_buf_init(200000);
	sgl_err err = {0};
	sgl_status status;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (sgl_buf_reserve(&big, 200000, NULL) != SGL_OK ||
	    setrlimit(RLIMIT_FSIZE, &small) != 0)
		return 1;
	memset(big.data, 'x', 200000);
	big.len = 200000;
	status = sgl_store_set_setting(s, "big", sgl_buf_slice(&big), &err);
	sgl_buf_clear(&big);
	sgl_store_free(s);
	return status != SGL_E_IO;
}

static void
a_full_disk_loses_nothing(void **state)
{
	sgl_store *s = create();
	sgl_buf value = sgl_buf_init(100);
	bool found = true;
	int how;
	pid_t child;

	(void)state;
	sgl_store_free(s);
	child = fork();
	if (child == 0)
		_exit(fill_up());
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFEXITED(how));
	assert_int_equal(WEXITSTATUS(how), 0);
	s = create();
	assert_int_equal(
	    sgl_store_get_setting(s, "big", &value, &found, NULL), SGL_OK);
	assert_false(found);
	add_person(s, "alice@example.org");
	sgl_store_free(s);
}

static int
as_nobody(void)
{
	sgl_store *s;
	sgl_err err = {0};

	/* The tests may run where only their owner comes, in /root for one. */
	if (chdir("/") != 0)
		return 1;
	if (geteuid() == 0 && (setegid(65534) != 0 || seteuid(65534) != 0))
		return 1;
	if (sgl_store_open(db_path(), true, &s, &err) != SGL_OK)
		return 4;
	sgl_store_free(s);
	if (sgl_store_open(db_path(), false, &s, &err) != SGL_E_IO ||
	    strcmp(err.text, "no permission") != 0)
		return 2;
	if (sgl_store_create(db_path(), &s, &err) != SGL_E_IO ||
	    strcmp(err.text, "no permission") != 0)
		return 3;
	return 0;
}

static void
a_forbidden_one_can_be_read(void **state)
{
	sgl_store *s = create();
	int how;
	pid_t child;

	(void)state;
	sgl_store_free(s);
	assert_int_equal(chmod(db_path(), 0444), 0);
	assert_int_equal(chmod(folder.path, 0555), 0);
	child = fork();
	if (child == 0)
		_exit(as_nobody());
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_int_equal(chmod(folder.path, 0700), 0);
	assert_true(WIFEXITED(how));
	assert_int_equal(WEXITSTATUS(how), 0);
}

static void
odd_names_are_just_names(void **state)
{
	const char *path = sgl_folder_path(&folder, "a?mode=memory#%41 b");
	sgl_store *s = NULL;

	(void)state;
	assert_int_equal(sgl_store_create(path, &s, NULL), SGL_OK);
	sgl_store_free(s);
	assert_int_equal(sgl_store_open(path, false, &s, NULL), SGL_OK);
	sgl_store_free(s);
	assert_int_equal(sgl_folder_num(&folder), 1);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_new_one_is_private_and_empty),
	    TEST(settings_are_kept),
	    TEST(people_are_listed_and_found),
	    TEST(doubles_are_refused),
	    TEST(certificates_and_keys_keep_their_history),
	    TEST(what_was_not_committed_is_gone),
	    TEST(what_is_no_database_is_told),
	    TEST(damage_is_told),
	    TEST(a_newer_one_is_refused),
	    TEST(a_full_disk_loses_nothing),
	    TEST(a_forbidden_one_can_be_read),
	    TEST(odd_names_are_just_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
