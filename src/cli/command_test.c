/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/slice.h"
#include "cli/command.h"
#include "cli/resolve.h"

static int
nothing(sgl_call *call)
{
	(void)call;
	return 7;
}

static const sgl_option options[] = {
    {"key", 'k', "ID", N_("whose"), true},
    {"output", 'o', "FILE", N_("where to"), false},
    {"quiet", 'q', NULL, N_("say nothing"), false},
    {"verbose", 'v', NULL,
	N_("say all, with a text so long that it goes over "
	   "the end of the line and into the next one"),
	true},
    SGL_OPTIONS_END,
};

static const sgl_command first[] = {
    {"sign", "[MESSAGE]", N_("sign something"), N_("And more about it."),
	options, 0, 1, false, nothing},
    {.name = NULL},
};

static const sgl_command second[] = {
    {"user add", "ADDRESS...", N_("add"), NULL, options, 1, SIZE_MAX, false,
	nothing},
    {"user list", "", N_("list"), NULL, options, 0, 0, false, nothing},
    {.name = NULL},
};

static const sgl_command *const tables[] = {first, second, NULL};

/* What is printed is not looked at here; the scripts do that. */
static int
silence(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	assert_true(null >= 0);
	assert_true(dup2(null, 1) == 1 && dup2(null, 2) == 2);
	return close(null);
}

static int saved[2];

static bool
parse(const char *line, sgl_call *call, int *status)
{
	static char words[512];
	static char *argv[64];
	int argc = 0;
	bool ok;

	assert_true(strlen(line) < sizeof words);
	(void)strcpy(words, line);
	for (char *word = strtok(words, " "); word != NULL && argc < 63;
	     word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "''") == 0 ? word + 2 : word;
	argv[argc] = NULL;
	saved[0] = dup(1);
	saved[1] = dup(2);
	(void)silence();
	ok = sgl_commands_parse(tables, argc, argv, call, status);
	for (int fd = 1; fd <= 2; fd++) {
		(void)dup2(saved[fd - 1], fd);
		(void)close(saved[fd - 1]);
	}
	return ok;
}

static void
good_calls_are_understood(void **state)
{
	static const struct {
		const char *line, *command, *output;
		size_t num_keys, num_args;
		bool quiet;
	} cases[] = {
	    {"sigill sign", "sign", NULL, 0, 0, false},
	    {"sigill sign a.eml", "sign", NULL, 0, 1, false},
	    {"sigill sign -", "sign", NULL, 0, 1, false},
	    {"sigill sign --key a --key=b -k c -kd", "sign", NULL, 4, 0, false},
	    {"sigill sign -o out a.eml", "sign", "out", 0, 1, false},
	    {"sigill sign a.eml -oout", "sign", "out", 0, 1, false},
	    {"sigill sign --output=a=b", "sign", "a=b", 0, 0, false},
	    {"sigill sign -o -", "sign", "-", 0, 0, false},
	    {"sigill sign -o --key", "sign", "--key", 0, 0, false},
	    {"sigill sign -qvvo out", "sign", "out", 0, 0, true},
	    {"sigill sign -q -- -o", "sign", NULL, 0, 1, true},
	    {"sigill user add a b -q c", "user add", NULL, 0, 3, true},
	    {"sigill user list --quiet", "user list", NULL, 0, 0, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sgl_call call;
		int status = -1;
		const char *output;
		if (!parse(cases[i].line, &call, &status))
			fail_msg("%s", cases[i].line);
		output = sgl_call_get(&call, "output");
		assert_string_equal(call.command->name, cases[i].command);
		assert_int_equal(sgl_call_num(&call, "key"), cases[i].num_keys);
		assert_int_equal(call.num_args, cases[i].num_args);
		assert_int_equal(sgl_call_has(&call, "quiet"), cases[i].quiet);
		if (cases[i].output == NULL)
			assert_null(output);
		else
			assert_string_equal(output, cases[i].output);
		assert_int_equal(call.command->run(&call), 7);
	}
}

static void
values_keep_their_order(void **state)
{
	sgl_call call;
	int status;

	(void)state;
	assert_true(parse("sigill sign -k a -q m --key=b", &call, &status));
	assert_string_equal(sgl_call_nth(&call, "key", 0), "a");
	assert_string_equal(sgl_call_nth(&call, "key", 1), "b");
	assert_null(sgl_call_nth(&call, "key", 2));
	assert_string_equal(sgl_call_arg(&call, 0), "m");
	assert_null(sgl_call_arg(&call, 1));
	assert_null(sgl_call_get(&call, "quiet"));
}

static void
other_calls_end_at_once(void **state)
{
	static const struct {
		const char *line;
		int status;
	} cases[] = {
	    {"sigill", 2},
	    {"sigill --help", 0},
	    {"sigill -h", 0},
	    {"sigill help", 0},
	    {"sigill --version", 0},
	    {"sigill nonsense", 2},
	    {"sigill user", 2},
	    {"sigill user nonsense", 2},
	    {"sigill use add", 2},
	    {"sigill sign --help", 0},
	    {"sigill sign -h", 0},
	    {"sigill sign --nonsense", 2},
	    {"sigill sign -x", 2},
	    {"sigill sign -qx", 2},
	    {"sigill sign -o", 2},
	    {"sigill sign --output", 2},
	    {"sigill sign -o a -o b", 2},
	    {"sigill sign --quiet=yes", 2},
	    {"sigill sign --output= m", 2},
	    {"sigill sign --output '' m", 2},
	    {"sigill sign ''", 2},
	    {"sigill sign -q -q", 2},
	    {"sigill sign a b", 2},
	    {"sigill user add", 2},
	    {"sigill user list x", 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sgl_call call;
		int status = -1;
		if (parse(cases[i].line, &call, &status) ||
		    status != cases[i].status)
			fail_msg("%s: %d", cases[i].line, status);
	}
}

static void
too_much_is_refused(void **state)
{
	static char *argv[600];
	static char word[] = "-v", name[] = "sigill", user[] = "user",
		    add[] = "add", arg[] = "x";
	sgl_call call;
	int status = 0, null = dup(2);

	(void)state;
	argv[0] = name;
	argv[1] = user;
	argv[2] = add;
	for (size_t i = 3; i < 600; i++)
		argv[i] = word;
	(void)close(2);
	assert_false(sgl_commands_parse(tables, 599, argv, &call, &status));
	assert_int_equal(status, 2);
	for (size_t i = 3; i < 600; i++)
		argv[i] = arg;
	assert_false(sgl_commands_parse(tables, 599, argv, &call, &status));
	assert_int_equal(status, 2);
	assert_true(sgl_commands_parse(tables, 3 + 64, argv, &call, &status));
	(void)dup2(null, 2);
	(void)close(null);
}

static void
addresses_are_told_from_files(void **state)
{
	static const struct {
		const char *id;
		bool want;
	} cases[] = {
	    {"alice@example.org", true},
	    {"/etc/passwd", false},
	    {"keys.p12", false},
	    {"./alice@example.org", false},
	    {"/tmp/alice@example.org", false},
	    {"pkcs11:token=x", false},
	    {"-", false},
	    {"", false},
	    {"@", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (sgl_resolve_is_address(cases[i].id) != cases[i].want)
			fail_msg("%s", cases[i].id);
	assert_false(sgl_resolve_is_address(NULL));
	assert_false(sgl_resolve_is_hidden("alice@example.org"));
	assert_false(sgl_resolve_is_hidden("./alice@example.org"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_calls_are_understood),
	    cmocka_unit_test(values_keep_their_order),
	    cmocka_unit_test(other_calls_end_at_once),
	    cmocka_unit_test(too_much_is_refused),
	    cmocka_unit_test(addresses_are_told_from_files),
	};

	(void)setenv("LC_ALL", "C", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
