/* SPDX-License-Identifier: Apache-2.0 */
/* Changes, other processes and failures, on both databases alike. */
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

#include "store/query.h"
#include "support/records.h"

#define create sgl_records_create
#define add_person sgl_records_person
#define add_key sgl_records_key
#define add_authority sgl_records_authority
#define add_cert sgl_records_cert

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

static void
a_new_one_is_empty(void **state)
{
	sgl_store *s = create();

	(void)state;
	assert_int_equal(sgl_records_num_people(s), 0);
	sgl_store_free(s);
	s = create();
	assert_int_equal(sgl_records_num_people(s), 0);
	sgl_store_free(s);
	sgl_store_free(sgl_records_open());
}

static void
expect_setting(sgl_store *s, const char *name, const char *want)
{
	sgl_buf value = sgl_buf_init(100);
	bool found = true;

	assert_int_equal(
	    sgl_store_get_setting(s, name, &value, &found, NULL), SGL_OK);
	assert_int_equal(found, want != NULL);
	if (want != NULL)
		assert_true(
		    sgl_slice_eq(sgl_buf_slice(&value), sgl_slice_str(want)));
	sgl_buf_clear(&value);
}

static void
settings_are_kept(void **state)
{
	const sgl_store_options reading = {.read_only = true};
	sgl_store *s = create();
	sgl_err err = {0};

	(void)state;
	expect_setting(s, "domain", NULL);
	for (int i = 0; i < 2; i++)
		assert_int_equal(sgl_store_set_setting(s, "domain",
				     i == 0 ? SGL_LIT("example.net")
					    : SGL_LIT("ex\xc3\xa4mple.org"),
				     NULL),
		    SGL_OK);
	assert_int_equal(
	    sgl_store_set_setting(s, "empty", SGL_LIT(""), NULL), SGL_OK);
	sgl_store_free(s);
	assert_int_equal(
	    sgl_store_open(sgl_records_location(), &reading, &s, NULL), SGL_OK);
	expect_setting(s, "domain", "ex\xc3\xa4mple.org");
	expect_setting(s, "empty", "");
	assert_int_equal(
	    sgl_store_set_setting(s, "domain", SGL_LIT("x"), &err), SGL_E_IO);
	assert_string_equal(
	    err.text, "the database cannot be written: read-only");
	expect_setting(s, "domain", "ex\xc3\xa4mple.org");
	sgl_store_free(s);
}

/* --------------------------------------------------------------- changes ---
 */

static void
every_change_raises_the_generation(void **state)
{
	sgl_store *s = create(), *other = sgl_records_open();
	int64_t before = generation(s);

	(void)state;
	add_person(s, "alice@example.org");
	assert_int_equal(generation(other), before + 1);
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	add_person(s, "bob@example.org");
	add_person(s, "carol@example.org");
	assert_int_equal(generation(other), before + 1);
	assert_int_equal(sgl_store_commit(s, NULL), SGL_OK);
	assert_int_equal(generation(other), before + 2);
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	assert_int_equal(sgl_records_num_people(s), 3);
	assert_int_equal(sgl_store_commit(s, NULL), SGL_OK);
	assert_int_equal(generation(other), before + 2);
	sgl_store_free(other);
	sgl_store_free(s);
}

static void
what_was_not_committed_is_gone(void **state)
{
	sgl_store *s = create();
	sgl_person p = {0};
	bool found = false;

	(void)state;
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	add_person(s, "alice@example.org");
	sgl_store_rollback(s);
	sgl_store_rollback(s);
	assert_int_equal(sgl_records_num_people(s), 0);
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	add_person(s, "bob@example.org");
	sgl_store_free(s);
	s = create();
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	add_person(s, "carol@example.org");
	assert_int_equal(sgl_store_commit(s, NULL), SGL_OK);
	assert_int_equal(sgl_records_num_people(s), 1);
	assert_int_equal(sgl_store_find_person(
			     s, SGL_LIT("carol@example.org"), &p, &found, NULL),
	    SGL_OK);
	assert_true(found);
	sgl_person_clear(&p);
	sgl_store_free(s);
}

static void
a_change_that_failed_in_part_is_not_kept(void **state)
{
	sgl_store *s = create();
	char address[] = "alice@example.org", name[] = "";
	sgl_person p = {
	    .address = address, .address_key = address, .name = name};
	int64_t id;

	(void)state;
	add_person(s, "alice@example.org");
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	add_person(s, "bob@example.org");
	assert_int_equal(sgl_store_add_person(s, &p, &id, NULL), SGL_E_USAGE);
	assert_int_equal(sgl_store_commit(s, NULL), SGL_E_USAGE);
	assert_int_equal(sgl_records_num_people(s), 1);
	add_person(s, "carol@example.org");
	assert_int_equal(sgl_records_num_people(s), 2);
	sgl_store_free(s);
}

/* Numbers of keys are part of how they are sealed. */
static void
the_number_of_a_key_is_never_given_twice(void **state)
{
	sgl_store *s = create();
	int64_t first = add_key(s, 0, 1), second = add_key(s, 0, 2), next = 0;

	(void)state;
	assert_true(second > first);
	assert_int_equal(
	    sgl_store_run(s, "DELETE FROM key WHERE id > 1", NULL), SGL_OK);
	assert_int_equal(sgl_store_next_key_id(s, &next, NULL), SGL_OK);
	assert_true(next > second);
	sgl_store_free(s);
}

/* ---------------------------------------------------- others and failures ---
 */

static void
say(int fd, int64_t number)
{
	if (write(fd, &number, sizeof number) != sizeof number)
		_exit(3);
}

/* Until it is killed: a person with a certificate, in one change; then it says
 * which. */
static void
write_until_killed(int64_t from, int64_t issuing, int fd)
{
	sgl_store *s = sgl_records_open();

	for (int64_t i = from;; i++) {
		char address[64];
		(void)snprintf(address, sizeof address, "p%06lld@example.org",
		    (long long)i);
		if (sgl_store_begin(s, NULL) != SGL_OK)
			_exit(2);
		add_cert(s, add_person(s, address), issuing, i);
		if (sgl_store_commit(s, NULL) != SGL_OK)
			_exit(2);
		say(fd, i);
	}
}

static void
pause_ms(long ms)
{
	const struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	(void)nanosleep(&t, NULL);
}

/* Returns the last number that was said to be kept. */
static int64_t
kill_a_writer(int64_t from, int64_t issuing)
{
	int64_t last, said;
	int fds[2], how;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		write_until_killed(from, issuing, fds[1]);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &last, sizeof last), sizeof last);
	pause_ms(random() % 50);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFSIGNALED(how));
	while (read(fds[0], &said, sizeof said) == sizeof said)
		last = said;
	close(fds[0]);
	return last;
}

static int64_t
count_rows(sgl_store *s, const char *sql)
{
	int64_t num = -1;

	assert_int_equal(sgl_store_number(s, sql, &num, NULL), SGL_OK);
	return num;
}

/* Everybody has all; nobody who was said to be there is missing. */
static int64_t
expect_whole(int64_t last)
{
	sgl_store *s = sgl_records_open();
	int64_t people = count_rows(s, "SELECT count(*) FROM person");

	assert_true(people == last || people == last + 1);
	assert_int_equal(
	    count_rows(s, "SELECT count(DISTINCT person) FROM certificate"),
	    people);
	assert_int_equal(
	    count_rows(s, "SELECT count(*) FROM key WHERE person IS NOT NULL"),
	    people);
	assert_int_equal(count_rows(s, "SELECT count(*) FROM serial"), people);
	assert_int_equal(count_rows(s, "SELECT count(*) FROM address"), people);
	sgl_store_free(s);
	return people;
}

/* A server takes a moment to see that its client has gone, and what it was
 * told to commit until then counts. */
static void
wait_for_the_server(void)
{
	sgl_store *s;

	if (!sgl_records_on_postgres())
		return;
	s = sgl_records_open();
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	sgl_store_free(s);
}

static void
a_writer_may_be_killed_at_any_time(void **state)
{
	sgl_store *s = create();
	int64_t issuing = add_issuer(s), num = 0;

	(void)state;
	sgl_store_free(s);
	srandom(20261127);
	for (int i = 0; i < 20; i++) {
		int64_t last = kill_a_writer(num + 1, issuing);
		wait_for_the_server();
		num = expect_whole(last);
	}
	assert_true(num >= 20);
}

#define TIMES 50

/* Reads a number and writes it back, one higher. */
static int
count_up(void)
{
	sgl_store *s = sgl_records_open();

	for (int i = 0; i < TIMES; i++) {
		sgl_buf value = sgl_buf_init(20);
		char text[24];
		bool found = false;
		if (sgl_store_begin(s, NULL) != SGL_OK ||
		    sgl_store_get_setting(s, "n", &value, &found, NULL) !=
			SGL_OK ||
		    sgl_buf_add(&value, SGL_LIT("\0"), NULL) != SGL_OK)
			return 1;
		(void)snprintf(text, sizeof text, "%d",
		    atoi((const char *)value.data) + 1);
		if (sgl_store_set_setting(s, "n", sgl_slice_str(text), NULL) !=
			SGL_OK ||
		    sgl_store_commit(s, NULL) != SGL_OK)
			return 2;
		sgl_buf_clear(&value);
	}
	sgl_store_free(s);
	return 0;
}

static void
two_writers_lose_no_change(void **state)
{
	sgl_store *s = create();
	int64_t before = generation(s);
	pid_t children[2];
	int how;

	(void)state;
	sgl_store_free(s);
	for (int i = 0; i < 2; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(count_up());
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(waitpid(children[i], &how, 0), children[i]);
		assert_true(WIFEXITED(how));
		assert_int_equal(WEXITSTATUS(how), 0);
	}
	s = sgl_records_open();
	expect_setting(s, "n", "100");
	assert_int_equal(generation(s), before + 2 * TIMES);
	sgl_store_free(s);
}

/* The second one is told after some seconds, and the first is not harmed. */
static void
who_waits_too_long_is_told(void **state)
{
	sgl_store *s = create(), *other = sgl_records_open();
	sgl_err err = {0};

	(void)state;
	assert_int_equal(sgl_store_begin(s, NULL), SGL_OK);
	add_person(s, "alice@example.org");
	assert_int_equal(sgl_store_begin(other, &err), SGL_E_IO);
	assert_string_equal(
	    err.text, "the database is in use by another process");
	assert_int_equal(sgl_records_num_people(other), 0);
	assert_int_equal(sgl_store_commit(s, NULL), SGL_OK);
	assert_int_equal(sgl_store_begin(other, NULL), SGL_OK);
	add_person(other, "bob@example.org");
	assert_int_equal(sgl_store_commit(other, NULL), SGL_OK);
	assert_int_equal(sgl_records_num_people(s), 2);
	sgl_store_free(other);
	sgl_store_free(s);
}

static void
a_newer_one_is_refused(void **state)
{
	const sgl_store_options options = {0};
	sgl_store *s = create(), *other = NULL;
	sgl_err err = {0};

	(void)state;
	assert_int_equal(
	    sgl_store_run(s, "UPDATE generation SET version = 99", NULL),
	    SGL_OK);
	/* A service that was there before it. */
	assert_int_equal(sgl_store_begin(s, &err), SGL_E_UNSUPPORTED);
	assert_int_equal(sgl_store_set_setting(s, "a", SGL_LIT("b"), NULL),
	    SGL_E_UNSUPPORTED);
	assert_int_equal(
	    sgl_store_run(s, "INSERT INTO migration VALUES (99, 0)", NULL),
	    SGL_OK);
	if (!sgl_records_on_postgres())
		assert_int_equal(
		    sgl_store_run(s, "PRAGMA user_version = 99", NULL), SGL_OK);
	sgl_store_free(s);
	assert_int_equal(
	    sgl_store_open(sgl_records_location(), &options, &other, &err),
	    SGL_E_UNSUPPORTED);
	assert_string_equal(
	    err.text, "the database was made by a newer release");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SGL_RECORDS_TEST(a_new_one_is_empty),
	    SGL_RECORDS_TEST(settings_are_kept),
	    SGL_RECORDS_TEST(every_change_raises_the_generation),
	    SGL_RECORDS_TEST(what_was_not_committed_is_gone),
	    SGL_RECORDS_TEST(a_change_that_failed_in_part_is_not_kept),
	    SGL_RECORDS_TEST(the_number_of_a_key_is_never_given_twice),
	    SGL_RECORDS_TEST(a_writer_may_be_killed_at_any_time),
	    SGL_RECORDS_TEST(two_writers_lose_no_change),
	    SGL_RECORDS_TEST(who_waits_too_long_is_told),
	    SGL_RECORDS_TEST(a_newer_one_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, sgl_records_end);
}
