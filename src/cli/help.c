/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/help.h"
#include "sys/log.h"

#define LONGEST ((size_t)64 << 10)
#define COLUMN 26
#define WIDTH 79

/* Words of `text` in lines, behind `column` blanks; the first line goes on
 * where the cursor is (`at`). */
static sgl_status
add_wrapped(
    sgl_buf *out, const char *text, size_t column, size_t at, sgl_err *err)
{
	bool fresh = true;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");
		if (!fresh && at + 1 + len > WIDTH) {
			TRY(sgl_buf_printf(out, err, "\n%*s", (int)column, ""));
			at = column;
			fresh = true;
		}
		TRY(sgl_buf_printf(
		    out, err, "%s%.*s", fresh ? "" : " ", (int)len, text));
		at += len + !fresh;
		fresh = false;
		text += len;
		text += strspn(text, " ");
	}
	return sgl_buf_add_str(out, "\n", err);
}

static sgl_status
add_option(sgl_buf *out, const sgl_option *o, sgl_err *err)
{
	char left[80];
	char letter[8] = "    ";
	int n;

	if (o->letter != 0)
		(void)snprintf(letter, sizeof letter, "-%c, ", o->letter);
	n = snprintf(left, sizeof left, "  %s--%s%s%s", letter, o->name,
	    o->value == NULL ? "" : " ", o->value == NULL ? "" : o->value);
	TRY(sgl_buf_printf(out, err, "%-*s", COLUMN - 2, left));
	if (n > COLUMN - 2)
		TRY(sgl_buf_printf(out, err, "\n%*s", COLUMN - 2, ""));
	TRY(sgl_buf_add_str(out, "  ", err));
	return add_wrapped(out, _(o->help), COLUMN, COLUMN, err);
}

static sgl_status
describe(sgl_buf *out, const sgl_command *c, sgl_err *err)
{
	static const sgl_option help = {
	    "help", 'h', NULL, N_("this text"), false};

	TRY(sgl_buf_printf(out, err, _("Usage: sigill %s [OPTION]... %s\n"),
	    c->name, c->arguments));
	TRY(add_wrapped(out, _(c->summary), 0, 0, err));
	if (c->details != NULL) {
		TRY(sgl_buf_add_str(out, "\n", err));
		TRY(add_wrapped(out, _(c->details), 0, 0, err));
	}
	TRY(sgl_buf_add_str(out, "\n", err));
	for (const sgl_option *o = c->options; o->name != NULL; o++)
		TRY(add_option(out, o, err));
	return add_option(out, &help, err);
}

static sgl_status
add_command(sgl_buf *out, const char *name, const sgl_command *c, sgl_err *err)
{
	TRY(sgl_buf_printf(out, err, "  %-*s", COLUMN - 2, name));
	return add_wrapped(out, _(c->summary), COLUMN, COLUMN, err);
}

/* The verbs of a group. */
static sgl_status
describe_group(sgl_buf *out, const sgl_command *const *tables,
    const sgl_command *group, sgl_err *err)
{
	size_t len = strlen(group->name);

	TRY(sgl_buf_printf(
	    out, err, _("Usage: sigill %s VERB [OPTION]...\n"), group->name));
	TRY(add_wrapped(out, _(group->summary), 0, 0, err));
	TRY(sgl_buf_add_str(out, "\n", err));
	for (; *tables != NULL; tables++)
		for (const sgl_command *c = *tables; c->name != NULL; c++)
			if (strncmp(c->name, group->name, len) == 0 &&
			    c->name[len] == ' ')
				TRY(add_command(
				    out, c->name + len + 1, c, err));
	return sgl_buf_printf(out, err,
	    _("\nsigill %s VERB --help tells more about one of them.\n"),
	    group->name);
}

static const sgl_command *
find_group(const sgl_command *const *tables, const char *word)
{
	for (; *tables != NULL; tables++)
		for (const sgl_command *c = *tables; c->name != NULL; c++)
			if (c->run == NULL && strcmp(c->name, word) == 0)
				return c;
	return NULL;
}

static bool
is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

bool
sgl_help_is_asked(const char *word)
{
	return is_help(word) || strcmp(word, "help") == 0;
}

static sgl_status
list(sgl_buf *out, const sgl_command *const *tables, sgl_err *err)
{
	if (tables == NULL)
		return SGL_OK;
	TRY(sgl_buf_add_str(out, "\n", err));
	for (; *tables != NULL; tables++)
		for (const sgl_command *c = *tables; c->name != NULL; c++)
			if (strchr(c->name, ' ') == NULL)
				TRY(add_command(out, c->name, c, err));
	return SGL_OK;
}

static sgl_status
list_first(sgl_buf *out, const sgl_command *const *tables, sgl_err *err)
{
	TRY(sgl_buf_add_str(
	    out, _("Usage: sigill COMMAND [OPTION]...\n"), err));
	TRY(sgl_buf_add_str(
	    out, _("Signed and encrypted mail (S/MIME).\n"), err));
	return list(out, tables, err);
}

static sgl_status
list_more(sgl_buf *out, const sgl_command *const *tables, sgl_err *err)
{
	TRY(list(out, tables, err));
	return sgl_buf_add_str(out,
	    _("\nsigill COMMAND --help tells more about one of them.\n"), err);
}

static int
show(sgl_status status, const sgl_buf *text, const sgl_err *err)
{
	static const sgl_command self = {.name = "help"};
	const sgl_call call = {.command = &self};

	return status == SGL_OK ? sgl_print(&call, sgl_buf_slice(text))
				: sgl_call_fail(&call, err);
}

int
sgl_help_command(const sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(LONGEST);
	sgl_err err = {0};

	return show(describe(&text, call->command, &err), &text, &err);
}

int
sgl_help_begin(const sgl_command *const *tables)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(LONGEST);
	sgl_err err = {0};

	return show(list_first(&text, tables, &err), &text, &err);
}

int
sgl_help_more(const sgl_command *const *tables)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(LONGEST);
	sgl_err err = {0};

	return show(list_more(&text, tables, &err), &text, &err);
}

/* "cert" alone, or "cert foo": which ones there are. */
static bool
tell_group(const sgl_command *const *tables, const char *word)
{
	size_t len = strlen(word);
	char names[512] = "";
	size_t at = 0;

	for (; *tables != NULL; tables++)
		for (const sgl_command *c = *tables; c->name != NULL; c++)
			if (strncmp(c->name, word, len) == 0 &&
			    c->name[len] == ' ' && at < sizeof names)
				at += (size_t)snprintf(names + at,
				    sizeof names - at, "%s%s",
				    at == 0 ? "" : ", ", c->name + len + 1);
	if (at == 0)
		return false;
	sgl_log_error(_("%s: one of these must follow: %s"), word, names);
	return true;
}

/* "add user" for "user add". */
static bool
tell_order(const sgl_command *const *tables, const char *verb, const char *noun)
{
	char name[64];

	(void)snprintf(name, sizeof name, "%s %s", noun, verb);
	for (; *tables != NULL; tables++)
		for (const sgl_command *c = *tables; c->name != NULL; c++)
			if (strcmp(c->name, name) == 0) {
				sgl_log_error(
				    _("the order is: sigill %s"), name);
				return true;
			}
	return false;
}

/* The list of one program that knows of no other. */
static int
help_alone(const sgl_command *const *tables)
{
	int status = sgl_help_begin(tables);

	return status == SGL_EXIT_OK ? sgl_help_more(NULL) : status;
}

int
sgl_help_or_unknown(const sgl_command *const *tables, int argc, char **argv)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(LONGEST);
	sgl_err err = {0};
	const char *word = argc > 1 ? argv[1] : "";
	const sgl_command *group = find_group(tables, word);

	if (group != NULL && argc > 2 && is_help(argv[2]))
		return show(
		    describe_group(&text, tables, group, &err), &text, &err);
	if (strcmp(word, "--version") == 0)
		return show(
		    sgl_buf_add_str(&text, "sigill " SGL_VERSION "\n", &err),
		    &text, &err);
	if (sgl_help_is_asked(word))
		return help_alone(tables);
	if (argc < 2)
		sgl_log_error(_("a command must follow (see: sigill --help)"));
	else if (!tell_group(tables, word) &&
	    (argc < 3 || !tell_order(tables, word, argv[2])))
		sgl_log_error(
		    _("unknown command: %s (see: sigill --help)"), word);
	return SGL_EXIT_USAGE;
}
