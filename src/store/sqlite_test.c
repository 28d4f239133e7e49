/* SPDX-License-Identifier: Apache-2.0 */
/* What can happen to a file. */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store/schema.h"
#include "support/folder.h"
#include "support/records.h"

#define FOREIGN                                                                \
	"this file is not a database of ours: restore a backup, or give "      \
	"another --home"

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

static sgl_status
open_one(bool read_only, sgl_store **out, sgl_err *err)
{
	const sgl_store_options options = {.read_only = read_only};

	return sgl_store_open(db_path(), &options, out, err);
}

/* Runs in a process of its own; 0 is good. */
static void
expect_alone(int (*job)(void))
{
	int how;
	pid_t child = fork();

	if (child == 0)
		_exit(job());
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFEXITED(how));
	assert_int_equal(WEXITSTATUS(how), 0);
}

static void
the_file_is_private(void **state)
{
	sgl_store *s = create();
	struct stat st;

	(void)state;
	assert_int_equal(stat(db_path(), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	sgl_store_free(s);
	assert_int_equal(sgl_folder_num(&folder), 1);
}

static void
odd_names_are_just_names(void **state)
{
	const char *path = sgl_folder_path(&folder, "a?mode=memory#%41 b");
	const sgl_store_options options = {0};
	sgl_store *s = NULL;

	(void)state;
	assert_int_equal(sgl_store_create(path, &s, NULL), SGL_OK);
	sgl_store_free(s);
	assert_int_equal(sgl_store_open(path, &options, &s, NULL), SGL_OK);
	sgl_store_free(s);
	assert_int_equal(sgl_folder_num(&folder), 1);
}

/* --------------------------------------------------------------- trouble ---
 */

static void
expect_refusal(bool read_only, sgl_status status, const char *text)
{
	sgl_store *s = NULL;
	sgl_err err = {0};

	assert_int_equal(open_one(read_only, &s, &err), status);
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
	expect_refusal(false, SGL_E_IO, FOREIGN);
	sgl_folder_write(&folder, "sigill.db", SGL_LIT(""));
	expect_refusal(false, SGL_E_IO, FOREIGN);
	assert_int_equal(unlink(db_path()), 0);
	assert_int_equal(mkdir(db_path(), 0700), 0);
	expect_refusal(true, SGL_E_IO, "is a folder");
}

static sgl_buf
make_large(void)
{
	sgl_store *s = create();

	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	for (int i = 0; i < 500; i++) {
		char address[64];
		(void)snprintf(address, sizeof address, "p%d@example.org", i);
		sgl_records_person(s, address);
	}
	assert_int_equal(sgl_store_commit(s, NULL), SGL_OK);
	sgl_store_free(s);
	return sgl_folder_read(&folder, "sigill.db");
}

/* By the address, which is in another table. */
static sgl_status
visit(void *ctx, const sgl_person *p, sgl_err *err)
{
	sgl_person again = {0};
	bool found;

	TRY(sgl_store_find_person(
	    ctx, sgl_slice_str(p->address_key), &again, &found, err));
	sgl_person_clear(&again);
	return SGL_OK;
}

static sgl_status
read_all(sgl_err *err)
{
	sgl_store *s;
	sgl_status status = open_one(false, &s, err);

	if (status != SGL_OK)
		return status;
	status = sgl_store_each_person(s, visit, s, err);
	sgl_store_free(s);
	return status;
}

static void
damage_is_told(void **state)
{
	sgl_buf file = make_large();
	sgl_err err = {0};

	(void)state;
	for (size_t at = 4096; at < file.len; at++)
		file.data[at] ^= 0x55;
	sgl_folder_write(&folder, "sigill.db", sgl_buf_slice(&file));
	sgl_buf_clear(&file);
	assert_int_equal(read_all(&err), SGL_E_IO);
	assert_string_equal(
	    err.text, "the database is damaged: restore a backup");
}

/* Cut anywhere, it is no whole database any more. */
static void
a_cut_one_is_told(void **state)
{
	sgl_buf file = make_large();

	(void)state;
	for (size_t len = 0; len < file.len; len += 1000) {
		sgl_err err = {0};
		sgl_folder_write(
		    &folder, "sigill.db", sgl_slice_of(file.data, len));
		assert_int_equal(read_all(&err), SGL_E_IO);
		if (strcmp(err.text, FOREIGN) != 0)
			assert_string_equal(err.text,
			    "the database is damaged: restore a backup");
		(void)unlink(sgl_folder_path(&folder, "sigill.db-wal"));
		(void)unlink(sgl_folder_path(&folder, "sigill.db-shm"));
	}
	sgl_buf_clear(&file);
}

static sgl_status
set_big(sgl_store *s, const char *name, size_t size, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) big = sgl_buf_init(size);

	TRY(sgl_buf_reserve(&big, size, err));
	memset(big.data, 'x', size);
	big.len = size;
	return sgl_store_set_setting(s, name, sgl_buf_slice(&big), err);
}

static bool
has_setting(sgl_store *s, const char *name)
{
	SGL_AUTO_CLEAR(sgl_buf) value = sgl_buf_init(1 << 20);
	bool found = false;

	return sgl_store_get_setting(s, name, &value, &found, NULL) == SGL_OK &&
	    found;
}

/* A limit on files; SQLite sees no more than an error. */
static int
fill_up(void)
{
	const struct rlimit small = {65536, 65536};
	sgl_store *s = create();
	sgl_status status;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &small) != 0)
		return 1;
	status = set_big(s, "big", 200000, NULL);
	sgl_store_free(s);
	return status != SGL_E_IO;
}

static void
a_file_that_may_not_grow_loses_nothing(void **state)
{
	sgl_store *s = create();

	(void)state;
	sgl_store_free(s);
	expect_alone(fill_up);
	s = create();
	assert_false(has_setting(s, "big"));
	sgl_records_person(s, "alice@example.org");
	sgl_store_free(s);
}

/* A disk of this process alone, in the folder. */
static bool
mount_small(const char *options)
{
	int flags = geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS;

	return unshare(flags) == 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("none", folder.path, "tmpfs", 0, options) == 0;
}

#define NO_MOUNT 77

static int
try_mount(void)
{
	return mount_small("size=64k") ? 0 : NO_MOUNT;
}

static void
skip_unless_mounting(void)
{
	int how;
	pid_t child = fork();

	if (child == 0)
		_exit(try_mount());
	assert_int_equal(waitpid(child, &how, 0), child);
	if (WEXITSTATUS(how) == NO_MOUNT) {
		print_message("mounting is not allowed here\n");
		skip();
	}
}

static bool
is_whole(void)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	bool good = sqlite3_open(db_path(), &db) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &q, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW &&
	    strcmp((const char *)sqlite3_column_text(q, 0), "ok") == 0;

	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
	return good;
}

static int
fill_disk(void)
{
	sgl_store *s;
	sgl_err err = {0};
	char name[16];
	int num = 0;
	uint8_t ballast[200000] = {0};

	if (!mount_small("size=1m"))
		return NO_MOUNT;
	s = create();
	sgl_folder_write(
	    &folder, "ballast", sgl_slice_of(ballast, sizeof ballast));
	do
		(void)snprintf(name, sizeof name, "n%d", num++);
	while (num < 1000 && set_big(s, name, 5000, &err) == SGL_OK);
	if (num < 10 || err.status != SGL_E_IO)
		return 1;
	if (strcmp(err.text, "no space left on the disk for the database") != 0)
		return 2;
	if (has_setting(s, name))
		return 3;
	for (int i = 0; i < num - 1; i++) {
		(void)snprintf(name, sizeof name, "n%d", i);
		if (!has_setting(s, name))
			return 4;
	}
	/* Somebody has made room. */
	(void)unlink(sgl_folder_path(&folder, "ballast"));
	if (set_big(s, "more", 5000, NULL) != SGL_OK || !has_setting(s, "more"))
		return 5;
	sgl_store_free(s);
	return is_whole() ? 0 : 6;
}

static void
a_full_disk_loses_nothing(void **state)
{
	(void)state;
	skip_unless_mounting();
	expect_alone(fill_disk);
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
	if (open_one(true, &s, &err) != SGL_OK)
		return 4;
	if (sgl_store_set_setting(s, "a", SGL_LIT("b"), &err) != SGL_E_IO)
		return 5;
	sgl_store_free(s);
	if (open_one(false, &s, &err) != SGL_E_IO ||
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

	(void)state;
	sgl_store_free(s);
	assert_int_equal(chmod(db_path(), 0444), 0);
	assert_int_equal(chmod(folder.path, 0555), 0);
	expect_alone(as_nobody);
	assert_int_equal(chmod(folder.path, 0700), 0);
}

/* ------------------------------------------------------------- migration ---
 */

#define SAVED "sigill.db.before-v3"

static void
run(sqlite3 *db, const char *sql)
{
	char *error = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
}

/* As the first release made it: so many people, each with a certificate. */
static void
make_old(int people)
{
	sqlite3 *db = NULL;
	char sql[512];

	assert_int_equal(sqlite3_open(db_path(), &db), SQLITE_OK);
	run(db, "PRAGMA journal_mode = WAL; BEGIN");
	run(db, sgl_sqlite_migrations[0]);
	run(db,
	    "INSERT INTO migration VALUES (1, 7);"
	    "INSERT INTO key VALUES (1, zeroblob(32), x'00', 'rsa', NULL, 5);"
	    "INSERT INTO authority VALUES (1, 'root', x'01', 1, NULL, 5);"
	    "INSERT INTO authority VALUES (2, 'issuing', x'02', 1, 1, 5);");
	for (int i = 0; i < people; i++) {
		(void)snprintf(sql, sizeof sql,
		    "INSERT INTO person VALUES (%d, 'P%05d', 'p%05d', '', 5);"
		    "INSERT INTO serial VALUES (x'%08x');"
		    "INSERT INTO certificate VALUES (%d, %d, 'signing',"
		    " 'current', x'%08x', 1, 2, x'03', 2, 1, 5, NULL);",
		    i + 1, i, i, i, i + 1, i + 1, i);
		run(db, sql);
	}
	(void)snprintf(sql, sizeof sql,
	    "PRAGMA application_id = %d; PRAGMA user_version = 1; COMMIT",
	    SGL_STORE_APPLICATION);
	run(db, sql);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int
number_in(const char *name, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	int number;

	assert_int_equal(
	    sqlite3_open(sgl_folder_path(&folder, name), &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	number = sqlite3_column_int(q, 0);
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
	return number;
}

static void
expect_version(const char *name, int version, int people)
{
	assert_int_equal(number_in(name, "PRAGMA user_version"), version);
	assert_int_equal(
	    number_in(name, "SELECT count(*) FROM certificate"), people);
	assert_int_equal(
	    number_in(name, "SELECT count(*) FROM pragma_foreign_key_check"),
	    0);
}

static void
expect_mode(const char *name, unsigned mode)
{
	struct stat st;

	assert_int_equal(stat(sgl_folder_path(&folder, name), &st), 0);
	assert_int_equal(st.st_mode & 0777, mode);
}

static sgl_status
upgrade(void *ctx, sgl_store *store, int from, sgl_err *err)
{
	bool *fails = ctx;

	assert_int_equal(from, 1);
	assert_int_equal(sgl_records_num_people(store), 3);
	sgl_records_person(store, "upgraded@example.org");
	return *fails
	    ? sgl_fail(err, SGL_E_LIMIT, "test", SGL_NO_OFFSET, "fails")
	    : SGL_OK;
}

static void
an_old_one_is_copied_and_then_changed(void **state)
{
	bool fails = true;
	const sgl_store_options options = {.upgrade = upgrade, .ctx = &fails};
	sgl_store *s = NULL;
	sgl_authorities list = {0};

	(void)state;
	make_old(3);
	expect_refusal(true, SGL_E_IO,
	    "the database is of an older release and must be written to once");
	assert_int_equal(
	    sgl_store_open(db_path(), &options, &s, NULL), SGL_E_LIMIT);
	expect_version("sigill.db", 1, 3);
	fails = false;
	assert_int_equal(sgl_store_open(db_path(), &options, &s, NULL), SGL_OK);
	assert_int_equal(sgl_records_num_people(s), 4);
	assert_int_equal(sgl_store_list_authorities(s, &list, NULL), SGL_OK);
	assert_int_equal(list.num, 2);
	assert_int_equal(list.items[0].issuer, list.items[1].id);
	sgl_authorities_clear(&list);
	sgl_store_free(s);
	expect_version("sigill.db", 3, 3);
	expect_version(SAVED, 1, 3);
	expect_mode(SAVED, 0600);
	/* Once only. */
	assert_int_equal(unlink(sgl_folder_path(&folder, SAVED)), 0);
	assert_int_equal(sgl_store_open(db_path(), &options, &s, NULL), SGL_OK);
	sgl_store_free(s);
	assert_int_not_equal(access(sgl_folder_path(&folder, SAVED), F_OK), 0);
}

#define NO_COPY                                                                \
	"the copy that is made before the database is changed to this "        \
	"release's form cannot be written; nothing was changed"

/* Room for the database, but not for a second one. */
static int
migrate_on_full_disk(void)
{
	uint8_t ballast[4096] = {0};
	sgl_store *s = NULL;
	sgl_err err = {0};

	if (!mount_small("size=600k"))
		return NO_MOUNT;
	make_old(1000);
	for (int i = 0; i < 60; i++) {
		FILE *f = fopen(sgl_folder_path(&folder, "ballast"), "ab");
		(void)fwrite(ballast, 1, sizeof ballast, f);
		(void)fclose(f);
	}
	if (open_one(false, &s, &err) != SGL_E_IO ||
	    strcmp(err.text, NO_COPY) != 0 ||
	    strstr(err.detail, "no space left") == NULL)
		return 1;
	if (access(sgl_folder_path(&folder, SAVED), F_OK) == 0 ||
	    access(sgl_folder_path(&folder, SAVED ".part"), F_OK) == 0)
		return 2;
	(void)unlink(sgl_folder_path(&folder, "ballast"));
	expect_version("sigill.db", 1, 1000);
	return is_whole() ? 0 : 3;
}

static void
without_room_for_a_copy_nothing_is_changed(void **state)
{
	(void)state;
	skip_unless_mounting();
	expect_alone(migrate_on_full_disk);
}

static int
migrate(void)
{
	sgl_store *s = NULL;

	if (open_one(false, &s, NULL) != SGL_OK)
		return 1;
	sgl_store_free(s);
	return 0;
}

static void
several_may_come_at_once(void **state)
{
	pid_t children[4];
	int how;

	(void)state;
	make_old(100);
	for (size_t i = 0; i < 4; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(migrate());
	}
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(waitpid(children[i], &how, 0), children[i]);
		assert_true(WIFEXITED(how));
		assert_int_equal(WEXITSTATUS(how), 0);
	}
	expect_version("sigill.db", 3, 100);
	expect_version(SAVED, 1, 100);
}

static void
kill_migration(long us)
{
	const struct timespec t = {0, us * 1000};
	int how;
	pid_t child = fork();

	if (child == 0)
		_exit(migrate());
	(void)nanosleep(&t, NULL);
	(void)kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &how, 0), child);
}

/* It is of the old form or of the new one, and a copy that has its name is
 * whole. */
static void
it_may_be_killed_at_any_time(void **state)
{
	(void)state;
	srandom(20261127);
	for (int i = 0; i < 20; i++) {
		int version;
		make_old(500);
		kill_migration(random() % 60000);
		version = number_in("sigill.db", "PRAGMA user_version");
		assert_true(version == 1 || version == 3);
		expect_version("sigill.db", version, 500);
		if (access(sgl_folder_path(&folder, SAVED), F_OK) == 0)
			expect_version(SAVED, 1, 500);
		else
			assert_int_equal(version, 1);
		assert_int_equal(migrate(), 0);
		expect_version("sigill.db", 3, 500);
		expect_version(SAVED, 1, 500);
		assert_true(is_whole());
		tear_down(NULL);
		set_up(NULL);
	}
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(the_file_is_private),
	    TEST(odd_names_are_just_names),
	    TEST(what_is_no_database_is_told),
	    TEST(damage_is_told),
	    TEST(a_cut_one_is_told),
	    TEST(a_file_that_may_not_grow_loses_nothing),
	    TEST(a_full_disk_loses_nothing),
	    TEST(a_forbidden_one_can_be_read),
	    TEST(an_old_one_is_copied_and_then_changed),
	    TEST(without_room_for_a_copy_nothing_is_changed),
	    TEST(several_may_come_at_once),
	    TEST(it_may_be_killed_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
