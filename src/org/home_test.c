/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "org/home.h"
#include "org/people.h"
#include "org/place.h"
#include "support/fault.h"
#include "support/folder.h"

static sgl_engine *engine;
static sgl_folder folder;
static char domain[] = "example.org", name[] = "Example", algorithm[] = "p256";
static const sgl_organisation example = {
    .domain = domain, .name = name, .algorithm = algorithm, .is_demo = true};

static int
set_up(void **state)
{
	(void)state;
	sgl_folder_make(&folder);
	return sgl_engine_new(NULL, &engine, NULL) == SGL_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	sgl_engine_free(engine);
	sgl_folder_remove(&folder);
	return 0;
}

static const char *
path(void)
{
	return sgl_folder_path(&folder, "a/home");
}

static sgl_home *
create(void)
{
	sgl_home *home = NULL;
	sgl_err err = {0};

	if (sgl_home_create(engine, path(), &example, NULL, &home, &err) !=
	    SGL_OK)
		fail_msg("%s: %s", err.text, err.detail);
	return home;
}

static void
make(void)
{
	sgl_home *home = create();

	assert_int_equal(sgl_home_commit(home, NULL), SGL_OK);
	sgl_home_free(home);
}

static void
expect_mode(const char *what, mode_t mode)
{
	struct stat st;

	assert_int_equal(stat(sgl_folder_path(&folder, what), &st), 0);
	assert_int_equal(st.st_mode & 0777, mode);
}

static void
a_home_is_private_and_remembers(void **state)
{
	sgl_home *home;
	const sgl_organisation *o;

	(void)state;
	make();
	expect_mode("a/home", 0700);
	expect_mode("a/home/keys", 0700);
	expect_mode("a/home/ca", 0700);
	expect_mode("a/home/sigill.db", 0600);
	expect_mode("a/home/keys/master.key", 0600);
	assert_true(sgl_place_is_home(path()));
	assert_int_equal(
	    sgl_home_open(engine, path(), false, &home, NULL), SGL_OK);
	o = sgl_home_organisation(home);
	assert_string_equal(o->domain, "example.org");
	assert_string_equal(o->name, "Example");
	assert_string_equal(o->algorithm, "p256");
	assert_true(o->is_demo);
	assert_string_equal(sgl_home_path(home), path());
	sgl_home_free(home);
}

static void
what_was_not_finished_leaves_nothing(void **state)
{
	(void)state;
	sgl_home_free(create());
	assert_int_equal(access(sgl_folder_path(&folder, "a/home"), F_OK), -1);
	assert_int_equal(mkdir(path(), 0755), 0);
	sgl_home_free(create());
	assert_int_equal(rmdir(path()), 0);
	assert_false(sgl_place_is_home(path()));
}

/* A kill in the middle leaves files; init can be run again. */
static void
a_killed_making_can_be_made_again(void **state)
{
	sgl_home *home = NULL;
	sgl_err err = {0};
	int how;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		(void)create();
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFSIGNALED(how));
	assert_int_equal(
	    sgl_home_open(engine, path(), true, &home, &err), SGL_E_IO);
	assert_non_null(strstr(err.text, "run sigill init again"));
	sgl_home_free(create());
	make();
	assert_int_equal(
	    sgl_home_open(engine, path(), true, &home, &err), SGL_OK);
	sgl_home_free(home);
}

static void
expect_refusal(const sgl_organisation *o, sgl_status status, const char *text)
{
	sgl_home *home = NULL;
	sgl_err err = {0};

	assert_int_equal(
	    sgl_home_create(engine, path(), o, NULL, &home, &err), status);
	if (strstr(err.text, text) == NULL)
		fail_msg("%s", err.text);
	assert_null(home);
}

static void
what_cannot_be_made_is_told(void **state)
{
	static char plain[] = "localhost", bad[] = "ex ample.org", empty[] = "",
		    dot[] = "example.org.", tab[] = "A\tB",
		    longest[] = "0123456789012345678901234567890123456789012",
		    longer[] = "01234567890123456789012345678901234567890123";
	const sgl_organisation cases[] = {
	    {.domain = plain,
		.name = name,
		.algorithm = algorithm,
		.is_demo = true},
	    {.domain = bad,
		.name = name,
		.algorithm = algorithm,
		.is_demo = true},
	    {.domain = empty,
		.name = name,
		.algorithm = algorithm,
		.is_demo = true},
	    {.domain = dot,
		.name = name,
		.algorithm = algorithm,
		.is_demo = true},
	};
	const sgl_organisation names[] = {
	    {.domain = domain,
		.name = empty,
		.algorithm = algorithm,
		.is_demo = true},
	    {.domain = domain,
		.name = tab,
		.algorithm = algorithm,
		.is_demo = true},
	    {.domain = domain,
		.name = longer,
		.algorithm = algorithm,
		.is_demo = true},
	};
	const sgl_organisation good = {.domain = domain,
	    .name = longest,
	    .algorithm = algorithm,
	    .is_demo = true};
	sgl_home *home;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect_refusal(&cases[i], SGL_E_USAGE, "is not a mail domain");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		expect_refusal(&names[i], SGL_E_USAGE, "name in certificates");
	assert_int_equal(
	    sgl_home_create(engine, path(), &good, NULL, &home, NULL), SGL_OK);
	sgl_home_free(home);
	make();
	expect_refusal(
	    &example, SGL_E_USAGE, "there is an organisation already");
	assert_true(sgl_place_is_home(path()));
}

static void
other_things_are_not_disturbed(void **state)
{
	(void)state;
	assert_int_equal(mkdir(sgl_folder_path(&folder, "a"), 0755), 0);
	assert_int_equal(mkdir(path(), 0755), 0);
	sgl_folder_write(&folder, "a/home/letter.txt", SGL_LIT("Dear"));
	expect_refusal(&example, SGL_E_USAGE, "the folder holds other things");
	expect_mode("a/home", 0755);
	assert_int_equal(
	    unlink(sgl_folder_path(&folder, "a/home/letter.txt")), 0);
	assert_int_equal(rmdir(path()), 0);
	sgl_folder_write(&folder, "a/home", SGL_LIT("a file"));
	expect_refusal(
	    &example, SGL_E_IO, "a part of the path is not a folder");
}

static void
no_home_is_told(void **state)
{
	sgl_home *home;
	sgl_err err = {0};

	(void)state;
	assert_int_equal(
	    sgl_home_open(engine, path(), false, &home, &err), SGL_E_IO);
	assert_non_null(strstr(err.text, "sigill init"));
	assert_string_equal(err.detail, path());
}

static int
open_as_nobody(void)
{
	sgl_home *home;
	sgl_err err = {0};

	if (geteuid() == 0 && (setegid(65534) != 0 || seteuid(65534) != 0))
		return 1;
	return sgl_home_open(engine, path(), false, &home, &err) != SGL_E_IO ||
	    strcmp(err.text, "no permission") != 0;
}

static void
a_forbidden_home_is_told(void **state)
{
	int how;
	pid_t child;

	(void)state;
	make();
	assert_int_equal(chmod(path(), geteuid() == 0 ? 0700 : 0), 0);
	child = fork();
	if (child == 0)
		_exit(open_as_nobody());
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_int_equal(WEXITSTATUS(how), 0);
	assert_int_equal(chmod(path(), 0700), 0);
}

/* Somebody else is changing it; readers may go on. The child is made first, for
 * it would inherit the lock. */
static void
changes_are_made_one_by_one(void **state)
{
	sgl_home *a, *b;
	pid_t child;
	int how, go[2];
	char byte = 0;

	(void)state;
	make();
	assert_int_equal(pipe(go), 0);
	child = fork();
	if (child == 0)
		_exit(read(go[0], &byte, 1) != 1 ||
		    sgl_home_open(engine, path(), true, &b, NULL) != SGL_OK);
	assert_int_equal(sgl_home_open(engine, path(), true, &a, NULL), SGL_OK);
	assert_int_equal(
	    sgl_home_open(engine, path(), false, &b, NULL), SGL_OK);
	sgl_home_free(b);
	assert_int_equal(write(go[1], &byte, 1), 1);
	usleep(200000);
	assert_int_equal(waitpid(child, &how, WNOHANG), 0);
	sgl_home_free(a);
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_int_equal(WEXITSTATUS(how), 0);
	close(go[0]);
	close(go[1]);
}

static void
a_lost_master_key_is_told(void **state)
{
	sgl_home *home;
	sgl_vault *vault;

	(void)state;
	make();
	assert_int_equal(
	    unlink(sgl_folder_path(&folder, "a/home/keys/master.key")), 0);
	assert_int_equal(
	    sgl_home_open(engine, path(), false, &home, NULL), SGL_OK);
	assert_int_equal(sgl_home_vault(home, &vault, NULL), SGL_E_PASSWORD);
	sgl_home_free(home);
}

/* ------------------------------------------------------------ the place --- */

static void
the_place_is_found(void **state)
{
	static const struct {
		const char *given, *home_variable, *xdg, *home, *want;
	} cases[] = {
	    {"/g", "/s", "/x", "/h", "/g"},
	    {"rel/", "/s", "/x", "/h", "rel"},
	    {"/", NULL, NULL, NULL, "/"},
	    {NULL, "/s//", "/x", "/h", "/s"},
	    {NULL, NULL, "/x", "/h", "/x/sigill"},
	    {NULL, "", "/x/", "/h", "/x/sigill"},
	    {NULL, NULL, "relative", "/h", "/h/.local/share/sigill"},
	    {NULL, NULL, "", "/h", "/h/.local/share/sigill"},
	    {NULL, NULL, NULL, NULL, NULL},
	    {"", "/s", "/x", "/h", NULL},
	};
	static const char *const variables[] = {
	    "SIGILL_HOME", "XDG_DATA_HOME", "HOME"};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *const values[] = {
		    cases[i].home_variable, cases[i].xdg, cases[i].home};
		sgl_buf found = sgl_buf_init(SGL_PLACE_MAX);
		sgl_status status;
		for (size_t j = 0; j < 3; j++)
			if (values[j] == NULL)
				(void)unsetenv(variables[j]);
			else
				(void)setenv(variables[j], values[j], 1);
		status = sgl_place_find(cases[i].given, &found, NULL);
		if (cases[i].want == NULL) {
			assert_int_equal(status, SGL_E_USAGE);
		} else {
			assert_int_equal(status, SGL_OK);
			assert_string_equal(found.data, cases[i].want);
		}
		sgl_buf_clear(&found);
	}
}

/* --------------------------------------------------------------- people --- */

static void
people_are_found_by_address(void **state)
{
	static const char *const same[] = {
	    "Alice@example.org", "alice@example.org", "ALICE@EXAMPLE.ORG"};
	sgl_home *home = create();
	sgl_person p = {0}, q = {0};
	bool found;

	(void)state;
	assert_int_equal(
	    sgl_people_add(home, "Alice@example.org", "Alice A", &p, NULL),
	    SGL_OK);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
		    sgl_people_find(home, same[i], &q, &found, NULL), SGL_OK);
		assert_true(found);
		assert_int_equal(p.id, q.id);
		assert_string_equal(q.address, "Alice@example.org");
		assert_string_equal(q.name, "Alice A");
		sgl_person_clear(&q);
		assert_int_equal(
		    sgl_people_add(home, same[i], NULL, &q, NULL), SGL_E_USAGE);
	}
	sgl_person_clear(&p);
	assert_int_equal(
	    sgl_people_find(home, "bob@example.org", &q, &found, NULL), SGL_OK);
	assert_false(found);
	assert_int_equal(
	    sgl_people_get(home, "bob@example.org", &q, NULL), SGL_E_NOKEY);
	assert_int_equal(
	    sgl_people_get(home, "bob@example.com", &q, NULL), SGL_E_NOKEY);
	sgl_home_free(home);
}

static void
addresses_and_names_are_checked(void **state)
{
	static const struct {
		const char *address, *name, *text; /* text NULL: good */
	} cases[] = {
	    {"alice@example.org", "Alice", NULL},
	    {"bob@example.org", NULL, NULL},
	    {"\"john smith\"@example.org", NULL, NULL},
	    {"j\xc3\xb6rgen@example.org", "J\xc3\xb6rgen", NULL},
	    {"x@Example.ORG", NULL, NULL},
	    {"alice@example.com", NULL, "not in the organisation's domain"},
	    {"alice@sub.example.org", NULL, "not in the organisation's"},
	    {"alice", NULL, "is not a mail address"},
	    {"@example.org", NULL, "is not a mail address"},
	    {"a b@example.org", NULL, "is not a mail address"},
	    {"a@b@example.org", NULL, "is not a mail address"},
	    {"", NULL, "is not a mail address"},
	    {"c@example.org", "", "cannot be a name"},
	    {"c@example.org", "A\nB", "cannot be a name"},
	    {"c@example.org", "\xff", "cannot be a name"},
	    {"c@example.org",
		"123456789012345678901234567890123456789012345678901234567890",
		"cannot be a name"},
	    {"d@example.org",
		"12345678901234567890123456789012345678901234567890123456789",
		NULL},
	};
	sgl_home *home = create();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sgl_person p = {0};
		sgl_err err = {0};
		sgl_status status = sgl_people_add(
		    home, cases[i].address, cases[i].name, &p, &err);
		if (cases[i].text == NULL)
			assert_int_equal(status, SGL_OK);
		else if (status != SGL_E_USAGE ||
		    strstr(err.text, cases[i].text) == NULL)
			fail_msg("%s: %s", cases[i].address, err.text);
		sgl_person_clear(&p);
	}
	sgl_home_free(home);
}

static sgl_status
make_with_alice(void *ctx, sgl_err *err)
{
	SGL_AUTO(sgl_home)
	home = NULL;
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	sgl_vault *vault;

	(void)ctx;
	TRY(sgl_home_create(engine, path(), &example, NULL, &home, err));
	TRY(sgl_home_vault(home, &vault, err));
	return sgl_people_add(home, "alice@example.org", NULL, &p, err);
}

static void
no_memory_leaves_nothing(void **state)
{
	(void)state;
	/* What the engine keeps of the first time is not lost. */
	assert_int_equal(make_with_alice(NULL, NULL), SGL_OK);
	assert_true(sgl_fault_each(make_with_alice, NULL) > 20);
	assert_int_equal(access(path(), F_OK), -1);
}

/* What a room above keeps for a transaction. */
static void
let_go(void *what)
{
	++*(int *)what;
}

static void
keep(sgl_home *home, int *times)
{
	*times = 0;
	sgl_home_keep(home, times, let_go);
	assert_ptr_equal(sgl_home_kept(home), times);
}

static void
expect_let_go(const sgl_home *home, const int *times)
{
	assert_null(sgl_home_kept(home));
	assert_int_equal(*times, 1);
}

static void
what_is_kept_ends_with_the_transaction(void **state)
{
	sgl_home *home = create();
	int times, other;

	(void)state;
	keep(home, &times);
	assert_int_equal(sgl_home_commit(home, NULL), SGL_OK);
	expect_let_go(home, &times);
	assert_int_equal(sgl_home_begin(home, NULL), SGL_OK);
	keep(home, &times);
	sgl_home_rollback(home);
	expect_let_go(home, &times);
	keep(home, &times);
	sgl_home_set_keeper(home, NULL);
	expect_let_go(home, &times);
	keep(home, &times);
	keep(home, &other);
	assert_int_equal(times, 1);
	sgl_home_free(home);
	assert_int_equal(other, 1);
	assert_int_equal(times, 1);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(what_is_kept_ends_with_the_transaction),
	    TEST(a_home_is_private_and_remembers),
	    TEST(what_was_not_finished_leaves_nothing),
	    TEST(a_killed_making_can_be_made_again),
	    TEST(what_cannot_be_made_is_told),
	    TEST(other_things_are_not_disturbed),
	    TEST(no_home_is_told),
	    TEST(a_forbidden_home_is_told),
	    TEST(changes_are_made_one_by_one),
	    TEST(a_lost_master_key_is_told),
	    TEST(the_place_is_found),
	    TEST(people_are_found_by_address),
	    TEST(addresses_and_names_are_checked),
	    TEST(no_memory_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
