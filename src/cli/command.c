/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/slice.h"
#include "cli/command.h"
#include "cli/help.h"
#include "sys/harden.h"
#include "sys/fail.h"
#include "sys/log.h"
#include "sys/signals.h"
#include "sys/spool.h"

void
sgl_program_start(void)
{
	sgl_sys_harden();
	sgl_signals_init();
	sgl_text_init();
}

/* ---------------------------------------------------- what was asked for ---
 */

size_t
sgl_call_num(const sgl_call *call, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < call->num_given; i++)
		n += strcmp(call->given[i].option->name, name) == 0;
	return n;
}

const char *
sgl_call_nth(const sgl_call *call, const char *name, size_t nth)
{
	for (size_t i = 0; i < call->num_given; i++)
		if (strcmp(call->given[i].option->name, name) == 0 &&
		    nth-- == 0)
			return call->given[i].value;
	return NULL;
}

bool
sgl_call_has(const sgl_call *call, const char *name)
{
	return sgl_call_num(call, name) > 0;
}

const char *
sgl_call_get(const sgl_call *call, const char *name)
{
	return sgl_call_nth(call, name, 0);
}

const char *
sgl_call_arg(const sgl_call *call, size_t i)
{
	return i < call->num_args ? call->args[i] : NULL;
}

/* --------------------------------------------------------------- telling ---
 */

int
sgl_call_fail(const sgl_call *call, const sgl_err *err)
{
	sgl_log_err(call->command->name, err);
	return sgl_exit_of(err->status);
}

int
sgl_call_usage(const sgl_call *call, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	sgl_log_error(_("%s: %s (see: sigill %s --help)"), call->command->name,
	    text, call->command->name);
	return SGL_EXIT_USAGE;
}

int
sgl_print(const sgl_call *call, sgl_slice text)
{
	sgl_err err = {0};

	if (sgl_write_all(STDOUT_FILENO, sgl_stdout_name(), text, &err) !=
	    SGL_OK)
		return sgl_call_fail(call, &err);
	return SGL_EXIT_OK;
}

/* --------------------------------------------------------------- parsing ---
 */

static const sgl_option *
find_long(const sgl_command *c, sgl_slice name)
{
	for (const sgl_option *o = c->options; o->name != NULL; o++)
		if (sgl_slice_eq(name, sgl_slice_str(o->name)))
			return o;
	return NULL;
}

static const sgl_option *
find_short(const sgl_command *c, char letter)
{
	for (const sgl_option *o = c->options; o->name != NULL; o++)
		if (o->letter != 0 && o->letter == letter)
			return o;
	return NULL;
}

typedef struct parser {
	sgl_call *call;
	char **argv;
	int argc, at;
	int status;
} parser;

static bool
note(parser *p, const sgl_option *o, const char *value)
{
	sgl_call *call = p->call;

	if (!o->repeats && sgl_call_has(call, o->name)) {
		p->status = sgl_call_usage(
		    call, _("--%s was given more than once"), o->name);
		return false;
	}
	if (call->num_given == SGL_CALL_OPTIONS) {
		p->status = sgl_call_usage(call, _("too many options"));
		return false;
	}
	call->given[call->num_given].option = o;
	call->given[call->num_given++].value = value;
	return true;
}

/* The value stands behind the option: in the same word or in the next. */
static bool
take_value(parser *p, const sgl_option *o, const char *value)
{
	if (value == NULL && p->at < p->argc)
		value = p->argv[p->at++];
	/* "$OUT" of a script that never set it. */
	if (value != NULL && value[0] != '\0')
		return note(p, o, value);
	p->status = sgl_call_usage(
	    p->call, _("--%s wants a value: %s"), o->name, o->value);
	return false;
}

static bool
parse_long(parser *p, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t len = equals == NULL ? strlen(word) : (size_t)(equals - word);
	const sgl_option *o =
	    find_long(p->call->command, sgl_slice_of(word, len));

	if (strcmp(word, "help") == 0) {
		p->status = sgl_help_command(p->call);
		return false;
	}
	if (o == NULL) {
		p->status = sgl_call_usage(
		    p->call, _("unknown option: --%.*s"), (int)len, word);
		return false;
	}
	if (o->value != NULL)
		return take_value(p, o, equals == NULL ? NULL : equals + 1);
	if (equals == NULL)
		return note(p, o, NULL);
	p->status = sgl_call_usage(p->call, _("--%s takes no value"), o->name);
	return false;
}

static bool
parse_short(parser *p, const char *word)
{
	const sgl_option *o = find_short(p->call->command, word[0]);

	if (word[0] == 'h' && word[1] == '\0' && o == NULL) {
		p->status = sgl_help_command(p->call);
		return false;
	}
	if (o == NULL) {
		p->status =
		    sgl_call_usage(p->call, _("unknown option: -%c"), word[0]);
		return false;
	}
	if (o->value != NULL)
		return take_value(p, o, word[1] == '\0' ? NULL : word + 1);
	if (!note(p, o, NULL))
		return false;
	return word[1] == '\0' || parse_short(p, word + 1);
}

static bool
note_arg(parser *p, const char *word)
{
	const sgl_command *c = p->call->command;

	if (word[0] == '\0') {
		p->status = sgl_call_usage(p->call, _("an argument is empty"));
		return false;
	}
	if (p->call->num_args < c->max_args &&
	    p->call->num_args < SGL_CALL_ARGS) {
		p->call->args[p->call->num_args++] = word;
		return true;
	}
	p->status = sgl_call_usage(p->call, _("too many arguments: %s"), word);
	return false;
}

/* Options and arguments may be mixed. */
static bool
parse_words(parser *p)
{
	bool only_args = false;

	while (p->at < p->argc) {
		const char *word = p->argv[p->at++];
		bool ok = true;
		if (only_args || word[0] != '-' || word[1] == '\0')
			ok = note_arg(p, word);
		else if (strcmp(word, "--") == 0)
			only_args = true;
		else if (word[1] == '-')
			ok = parse_long(p, word + 2);
		else
			ok = parse_short(p, word + 1);
		if (!ok)
			return false;
	}
	return true;
}

static bool
has_enough(parser *p)
{
	if (p->call->num_args >= p->call->command->min_args)
		return true;
	p->status = sgl_call_usage(p->call, _("something is missing: %s"),
	    p->call->command->arguments);
	return false;
}

/* -------------------------------------------------- finding the command --- */

/* How many words of argv are the name of `c`: 0 if it is another. */
static int
matches(const sgl_command *c, int argc, char **argv)
{
	const char *at = c->name;
	int words = 0;

	if (c->run == NULL)
		return 0;
	while (*at != '\0') {
		size_t len = strcspn(at, " ");

		if (++words >= argc || strlen(argv[words]) != len ||
		    strncmp(argv[words], at, len) != 0)
			return 0;
		at += len;
		at += strspn(at, " ");
	}
	return words;
}

static const sgl_command *
find(const sgl_command *const *tables, int argc, char **argv, int *words)
{
	for (; *tables != NULL; tables++)
		for (const sgl_command *c = *tables; c->name != NULL; c++) {
			*words = matches(c, argc, argv);
			if (*words > 0)
				return c;
		}
	return NULL;
}

bool
sgl_commands_knows(const sgl_command *const *tables, int argc, char **argv)
{
	int words;

	return find(tables, argc, argv, &words) != NULL;
}

bool
sgl_commands_parse(const sgl_command *const *tables, int argc, char **argv,
    sgl_call *call, int *status)
{
	parser p = {.call = call, .argv = argv, .argc = argc};
	int words = 0;

	*call = (sgl_call){0};
	call->command = find(tables, argc, argv, &words);
	if (call->command == NULL) {
		*status = sgl_help_or_unknown(tables, argc, argv);
		return false;
	}
	p.at = 1 + words;
	if (parse_words(&p) && has_enough(&p))
		return true;
	*status = p.status;
	return false;
}
