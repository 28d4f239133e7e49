/* SPDX-License-Identifier: Apache-2.0 */
/* What can happen with a server. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/schema.h"
#include "support/postgres.h"
#include "support/records.h"

#define SECRET "hunter2"

static sgl_status
open_url(const char *url, bool has_backup, sgl_store **out, sgl_err *err)
{
	const sgl_store_options options = {.has_backup = has_backup};

	return sgl_store_open(url, &options, out, err);
}

/* The name that the set-up gave to this test's database. */
static const char *
name(void)
{
	static char text[32];
	const char *location = sgl_records_location();

	(void)snprintf(text, sizeof text, "%.*s",
	    (int)strcspn(location + strlen("postgresql:///"), "?"),
	    location + strlen("postgresql:///"));
	return text;
}

static void
expect_refusal(
    const char *url, sgl_status status, const char *text, const char *detail)
{
	sgl_store *s = NULL;
	sgl_err err = {0};

	assert_int_equal(sgl_store_create(url, &s, &err), status);
	assert_non_null(strstr(err.text, text));
	if (strstr(err.detail, detail) == NULL)
		fail_msg("'%s' lacks '%s'", err.detail, detail);
	assert_null(strstr(err.text, SECRET));
	assert_null(strstr(err.detail, SECRET));
	assert_null(s);
}

static void
a_login_that_is_refused_is_told(void **state)
{
	(void)state;
	sgl_store_free(sgl_records_create());
	expect_refusal(sgl_postgres_tls_url(name(), SECRET, ""), SGL_E_IO,
	    "refuses the login", "password authentication failed");
	expect_refusal(sgl_postgres_tls_url(name(), "", ""), SGL_E_IO,
	    "wants a password", "postgresql://sigill@127.0.0.1:");
	expect_refusal(
	    sgl_postgres_tls_url("nothing", SGL_POSTGRES_PASSWORD, ""),
	    SGL_E_IO, "refuses the login", "\"nothing\" does not exist");
}

static void
a_server_that_is_not_there_is_told(void **state)
{
	(void)state;
	sgl_store_free(sgl_records_create());
	expect_refusal("postgres://u:" SECRET "@127.0.0.1:1/d", SGL_E_IO,
	    "no connection to the database server", "refused");
	expect_refusal("postgresql:///d?host=/nowhere", SGL_E_IO,
	    "no connection to the database server", "No such file");
}

static void
a_url_that_is_none_is_told(void **state)
{
	static const char *const urls[] = {
	    "postgresql://u:" SECRET "@[::1/d",
	    "postgresql://u:" SECRET "@h/d?flavour=mint",
	    "postgresql://u:" SECRET "%zz@h/d",
	};

	(void)state;
	sgl_store_free(sgl_records_create());
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
		expect_refusal(
		    urls[i], SGL_E_USAGE, "is not the URL of a database", "");
}

static const char *
with_trust(const char *certificate)
{
	static char text[512];

	(void)snprintf(text, sizeof text,
	    "?sslmode=verify-full&sslrootcert=%s/%s", sgl_postgres_folder(),
	    certificate);
	return text;
}

static void
tls_trusts_whom_it_is_told_to(void **state)
{
	sgl_store *s = NULL;

	(void)state;
	sgl_store_free(sgl_records_create());
	assert_int_equal(
	    open_url(sgl_postgres_tls_url(name(), SGL_POSTGRES_PASSWORD,
			 with_trust("server.pem")),
		false, &s, NULL),
	    SGL_OK);
	sgl_store_free(s);
	expect_refusal(sgl_postgres_tls_url(name(), SGL_POSTGRES_PASSWORD,
			   with_trust("other.pem")),
	    SGL_E_IO, "no connection to the database server",
	    "certificate verify failed");
}

static void
what_is_not_ours_is_left_alone(void **state)
{
	sgl_store *s = NULL;
	sgl_err err = {0};

	(void)state;
	sgl_store_free(sgl_records_create());
	sgl_postgres_tell("make latin LATIN1");
	expect_refusal(sgl_postgres_url("latin"), SGL_E_IO,
	    "must be made with the encoding UTF8", "LATIN1");
	sgl_postgres_tell("make others");
	assert_int_equal(
	    open_url(sgl_postgres_url("others"), false, &s, &err), SGL_E_IO);
	assert_string_equal(err.text, "the database is empty");
	sgl_postgres_tell("sql others CREATE TABLE migration (x int)");
	expect_refusal(sgl_postgres_url("others"), SGL_E_IO,
	    "holds tables that are not ours", "/others");
}

/* The codes of PostgreSQL's appendix A. */
static void
errors_are_told_in_our_words(void **state)
{
	static const struct {
		const char *code;
		sgl_status status;
		const char *text;
	} rows[] = {
	    {"53100", SGL_E_IO, "no space left on the disk"},
	    {"25006", SGL_E_IO, "read-only"},
	    {"42501", SGL_E_IO, "no permission"},
	    {"55P03", SGL_E_IO, "in use by another process"},
	    {"40001", SGL_E_IO, "in use by another process"},
	    {"40P01", SGL_E_IO, "in use by another process"},
	    {"XX001", SGL_E_IO, "damaged: restore a backup"},
	    {"XX002", SGL_E_IO, "damaged: restore a backup"},
	    {"58030", SGL_E_IO, "cannot be read or written"},
	    {"53200", SGL_E_IO, "out of memory"},
	    {"53300", SGL_E_IO, "no connection left"},
	    {"57P03", SGL_E_IO, "starting or stopping"},
	    {"54000", SGL_E_IO, "too large"},
	    {"57014", SGL_E_IO, "interrupted"},
	    {"23505", SGL_E_USAGE, "refuses a statement"},
	    {"42601", SGL_E_USAGE, "refuses a statement"},
	};
	sgl_store *s = sgl_records_create();
	char sql[128];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sgl_err err = {0};
		(void)snprintf(sql, sizeof sql,
		    "DO $$ BEGIN RAISE EXCEPTION 'so' USING ERRCODE = '%s';"
		    " END $$",
		    rows[i].code);
		assert_int_equal(sgl_store_run(s, sql, &err), rows[i].status);
		if (strstr(err.text, rows[i].text) == NULL)
			fail_msg("%s: %s", rows[i].code, err.text);
		assert_non_null(strstr(err.detail, "so"));
	}
	sgl_store_free(s);
}

static void
rights_that_are_missing_are_told(void **state)
{
	sgl_store *s = sgl_records_create();
	sgl_err err = {0};

	(void)state;
	sgl_postgres_tell("sql %s REVOKE ALL ON setting FROM sigill", name());
	assert_int_equal(
	    sgl_store_set_setting(s, "a", SGL_LIT("b"), &err), SGL_E_IO);
	assert_string_equal(err.text, "no permission for the database");
	sgl_records_person(s, "alice@example.org");
	sgl_store_free(s);
}

/* ------------------------------------------------------------ lost servers ---
 */

static void
cut_connections(void)
{
	sgl_postgres_tell("sql postgres SELECT pg_terminate_backend(pid, 60000)"
			  " FROM pg_stat_activity WHERE datname = '%s'",
	    name());
}

static void
a_change_without_connection_is_not_kept(void **state)
{
	sgl_store *s = sgl_records_create();
	sgl_err err = {0};

	(void)state;
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	sgl_records_person(s, "alice@example.org");
	cut_connections();
	assert_int_equal(sgl_store_commit(s, &err), SGL_E_IO);
	assert_non_null(strstr(err.text, "was lost: nothing was changed"));
	assert_int_equal(sgl_records_num_people(s), 0);
	/* The same in the middle: no later part is kept without the first. */
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	sgl_records_person(s, "alice@example.org");
	cut_connections();
	assert_int_equal(
	    sgl_store_set_setting(s, "a", SGL_LIT("b"), NULL), SGL_E_IO);
	assert_int_equal(
	    sgl_store_set_setting(s, "c", SGL_LIT("d"), NULL), SGL_E_IO);
	assert_int_not_equal(sgl_store_commit(s, NULL), SGL_OK);
	sgl_records_person(s, "bob@example.org");
	assert_int_equal(sgl_records_num_people(s), 1);
	sgl_store_free(s);
}

static void
an_idle_connection_may_be_cut(void **state)
{
	sgl_store *s = sgl_records_create();

	(void)state;
	sgl_records_person(s, "alice@example.org");
	cut_connections();
	assert_int_equal(sgl_records_num_people(s), 1);
	cut_connections();
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	sgl_records_person(s, "bob@example.org");
	assert_int_equal(sgl_store_commit(s, NULL), SGL_OK);
	assert_int_equal(sgl_records_num_people(s), 2);
	sgl_store_free(s);
}

static void
a_server_may_be_away_for_a_while(void **state)
{
	sgl_store *s = sgl_records_create();
	time_t start = time(NULL);
	sgl_err err = {0};
	int how;
	pid_t child;

	(void)state;
	sgl_records_person(s, "alice@example.org");
	sgl_postgres_tell("stop");
	assert_int_equal(sgl_store_begin(s, &err), SGL_E_IO);
	assert_non_null(strstr(err.text, "no connection to the database"));
	assert_true(time(NULL) - start < 60);
	/* It comes back while somebody waits. */
	child = fork();
	if (child == 0)
		_exit(sgl_store_begin(s, NULL) == SGL_OK ? 0 : 1);
	(void)sleep(1);
	start = time(NULL);
	sgl_postgres_tell("start");
	assert_int_equal(waitpid(child, &how, 0), child);
	/* A busy machine may start it too slowly for who waits. */
	if (time(NULL) - start < 5)
		assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	assert_int_equal(sgl_records_num_people(s), 1);
	sgl_store_free(s);
}

/* Says how many changes were kept before the server went. */
static void
write_until_lost(int fd)
{
	sgl_store *s = sgl_records_open();

	for (int64_t i = 1;; i++) {
		char address[64];
		char none[] = "";
		sgl_person p = {
		    .address = address, .address_key = address, .name = none};
		int64_t id;
		(void)snprintf(address, sizeof address, "p%06lld@example.org",
		    (long long)i);
		if (sgl_store_add_person(s, &p, &id, NULL) != SGL_OK)
			_exit(0);
		if (write(fd, &i, sizeof i) != sizeof i)
			_exit(1);
	}
}

static void
a_server_may_be_killed(void **state)
{
	sgl_store *s = sgl_records_create();
	int64_t said = 0, next;
	int fds[2];
	size_t num;
	pid_t child;

	(void)state;
	sgl_store_free(s);
	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0)
		write_until_lost(fds[1]);
	close(fds[1]);
	while (said < 50 && read(fds[0], &next, sizeof next) == sizeof next)
		said = next;
	sgl_postgres_tell("kill");
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	while (read(fds[0], &next, sizeof next) == sizeof next)
		said = next;
	close(fds[0]);
	sgl_postgres_tell("start");
	s = sgl_records_open();
	num = sgl_records_num_people(s);
	assert_true(said >= 50);
	assert_true(num == (size_t)said || num == (size_t)said + 1);
	sgl_store_free(s);
}

/* --------------------------------------------------------------- migration ---
 */

/* As an older release would have made it. */
static void
make_old(void)
{
	sgl_store *s = sgl_records_create();

	assert_int_equal(
	    sgl_store_run(
		s, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_store_run(s, sgl_postgres_migrations[0], NULL), SGL_OK);
	assert_int_equal(
	    sgl_store_run(s,
		"INSERT INTO migration VALUES (1, 7);"
		"COMMENT ON TABLE migration IS 'sigill';"
		"INSERT INTO person (address, address_key, name, created)"
		" VALUES ('a', 'a', 'Alice', 5)",
		NULL),
	    SGL_OK);
	sgl_store_free(s);
}

static sgl_status
upgrade(void *ctx, sgl_store *store, int from, sgl_err *err)
{
	int *calls = ctx;

	assert_int_equal(from, 1);
	sgl_records_person(store, "upgraded@example.org");
	return ++*calls == 1
	    ? sgl_fail(err, SGL_E_LIMIT, "test", SGL_NO_OFFSET, "fails")
	    : SGL_OK;
}

static void
an_old_one_is_changed_where_there_is_a_backup(void **state)
{
	int calls = 0;
	sgl_store_options options = {.upgrade = upgrade, .ctx = &calls};
	const char *url = sgl_records_location();
	sgl_store *s = NULL;
	sgl_err err = {0};

	(void)state;
	make_old();
	assert_int_equal(sgl_store_open(url, &options, &s, &err), SGL_E_IO);
	assert_non_null(strstr(err.text, "pg_dump"));
	options.has_backup = true;
	assert_int_equal(sgl_store_open(url, &options, &s, &err), SGL_E_LIMIT);
	assert_int_equal(sgl_store_open(url, &options, &s, &err), SGL_OK);
	assert_int_equal(calls, 2);
	assert_int_equal(sgl_records_num_people(s), 2);
	sgl_store_free(s);
	options.has_backup = false;
	assert_int_equal(sgl_store_open(url, &options, &s, &err), SGL_OK);
	assert_int_equal(calls, 2);
	sgl_store_free(s);
}

static void
several_may_make_the_tables_at_once(void **state)
{
	pid_t children[4];
	sgl_store *s;
	int how;

	(void)state;
	s = sgl_records_create();
	assert_int_equal(
	    sgl_store_run(
		s, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", NULL),
	    SGL_OK);
	sgl_store_free(s);
	for (size_t i = 0; i < 4; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			sgl_store_free(sgl_records_create());
			_exit(0);
		}
	}
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(waitpid(children[i], &how, 0), children[i]);
		assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
	}
	s = sgl_records_open();
	assert_int_equal(sgl_records_num_people(s), 0);
	sgl_store_free(s);
}

int
main(void)
{
	static sgl_records_on on = SGL_ON_POSTGRES;
#define TEST(f)                                                                \
	cmocka_unit_test_prestate_setup_teardown(                              \
	    f, sgl_records_set_up, sgl_records_tear_down, &on)
	const struct CMUnitTest tests[] = {
	    TEST(a_login_that_is_refused_is_told),
	    TEST(a_server_that_is_not_there_is_told),
	    TEST(a_url_that_is_none_is_told),
	    TEST(tls_trusts_whom_it_is_told_to),
	    TEST(what_is_not_ours_is_left_alone),
	    TEST(errors_are_told_in_our_words),
	    TEST(rights_that_are_missing_are_told),
	    TEST(a_change_without_connection_is_not_kept),
	    TEST(an_idle_connection_may_be_cut),
	    TEST(a_server_may_be_away_for_a_while),
	    TEST(a_server_may_be_killed),
	    TEST(an_old_one_is_changed_where_there_is_a_backup),
	    TEST(several_may_make_the_tables_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, sgl_records_end);
}
