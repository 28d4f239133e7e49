/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <errno.h>
#include <unistd.h>

#include "sys/config.h"
#include "sys/input.h"
#include "sys/text.h"

#define ROOM "sys.config"
#define FILE_MAX ((size_t)1 << 20)
#define NAMES_MAX 64
#define NAME_MAX_LEN 64 /* of those in our tables */

typedef struct reading {
	const char *path;
	const sgl_config_name *names;
	void *to;
	bool passes_others; /* names that are not in the table */
	unsigned line;
	bool seen[NAMES_MAX];
} reading;

/* Puts FILE:LINE in front of what is known of the fault. */
static sgl_status
refuse(const reading *r, const char *text, const char *what, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, text,
	    "%s:%u: %s", r->path, r->line, what);
}

/* In how many letters two names differ (Levenshtein). */
static size_t
distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_LEN + 1], len = strlen(b);

	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			size_t best = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[len];
}

/* Names what was probably meant: "htpp (http?)". */
static sgl_status
refuse_name(const reading *r, const char *name, sgl_err *err)
{
	char what[3 * NAME_MAX_LEN];
	const char *nearest = NULL;
	size_t least = 3;

	for (size_t i = 0; r->names[i].name != NULL; i++) {
		size_t far = distance(name, r->names[i].name);
		if (far < least) {
			least = far;
			nearest = r->names[i].name;
		}
	}
	(void)snprintf(what, sizeof what, "%.*s%s%s%s", NAME_MAX_LEN, name,
	    nearest == NULL ? "" : " (", nearest == NULL ? "" : nearest,
	    nearest == NULL ? "" : "?)");
	return refuse(r, N_("there is no such setting"), what, err);
}

static sgl_status
set(reading *r, const char *name, const char *value, sgl_err *err)
{
	sgl_err why = {0};

	for (size_t i = 0; r->names[i].name != NULL; i++) {
		if (strcmp(r->names[i].name, name) != 0)
			continue;
		if (r->seen[i])
			return refuse(
			    r, N_("this setting is there twice"), name, err);
		r->seen[i] = true;
		if (r->names[i].set(r->to, value, &why) == SGL_OK)
			return SGL_OK;
		return why.status == SGL_E_USAGE
		    ? refuse(r, why.text, name, err)
		    : sgl_fail(err, why.status, ROOM, SGL_NO_OFFSET, why.text);
	}
	return r->passes_others ? SGL_OK : refuse_name(r, name, err);
}

/* `line` has a NUL behind it and may be changed. */
static char *
trim(char *s)
{
	size_t len;

	s += strspn(s, " \t\r");
	len = strlen(s);
	while (len > 0 && strchr(" \t\r", s[len - 1]) != NULL)
		s[--len] = '\0';
	return s;
}

static sgl_status
read_line(reading *r, char *line, sgl_err *err)
{
	char *name = trim(line), *equals = strchr(name, '=');

	if (*name == '\0' || *name == '#')
		return SGL_OK;
	if (equals == NULL)
		return refuse(
		    r, N_("this line is not: name = value"), name, err);
	*equals = '\0';
	return set(r, trim(name), trim(equals + 1), err);
}

static sgl_status
read_lines(reading *r, sgl_buf *file, sgl_err *err)
{
	char *at;

	TRY(sgl_buf_add(file, sgl_slice_of("", 1), err));
	at = (char *)file->data;
	if (strlen(at) + 1 != file->len)
		return refuse(r, N_("the file is not text"), "", err);
	while (at != NULL) {
		char *line = at, *end = strchr(at, '\n');

		r->line++;
		at = end == NULL ? NULL : end + 1;
		if (end != NULL)
			*end = '\0';
		TRY(read_line(r, line, err));
	}
	return SGL_OK;
}

static sgl_status
read_file(reading *r, sgl_err *err)
{
	sgl_buf file = {.max = FILE_MAX, .secret = true};
	sgl_status status;

	if (access(r->path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
		return SGL_OK;
	status = sgl_file_read(r->path, &file, err);
	if (status == SGL_E_ENCODING) /* empty */
		status = SGL_OK;
	else if (status == SGL_OK)
		status = read_lines(r, &file, err);
	sgl_buf_wipe(&file);
	return status;
}

sgl_status
sgl_config_read(
    const char *path, const sgl_config_name *names, void *to, sgl_err *err)
{
	reading r = {.path = path, .names = names, .to = to};

	return read_file(&r, err);
}

sgl_status
sgl_config_read_in(const char *path, sgl_slice text,
    const sgl_config_name *names, void *to, sgl_err *err)
{
	reading r = {.path = path, .names = names, .to = to};
	SGL_AUTO_CLEAR(sgl_buf) copy = {.max = FILE_MAX + 1, .secret = true};

	TRY(sgl_buf_add(&copy, text, err));
	return read_lines(&r, &copy, err);
}

typedef struct finding {
	sgl_buf *value;
	bool found;
} finding;

static sgl_status
take_value(void *to, const char *value, sgl_err *err)
{
	finding *f = to;

	f->found = true;
	TRY(sgl_buf_add_str(f->value, value, err));
	TRY(sgl_buf_add(f->value, sgl_slice_of("", 1), err));
	f->value->len--;
	return SGL_OK;
}

sgl_status
sgl_config_find(const char *path, const char *name, sgl_buf *value, bool *found,
    sgl_err *err)
{
	const sgl_config_name names[] = {{name, take_value}, {NULL, NULL}};
	finding f = {value, false};
	reading r = {
	    .path = path, .names = names, .to = &f, .passes_others = true};

	TRY(read_file(&r, err));
	*found = f.found;
	return SGL_OK;
}

sgl_status
sgl_config_find_in(const char *path, sgl_slice text, const char *name,
    sgl_buf *value, bool *found, sgl_err *err)
{
	const sgl_config_name names[] = {{name, take_value}, {NULL, NULL}};
	finding f = {value, false};
	reading r = {
	    .path = path, .names = names, .to = &f, .passes_others = true};
	SGL_AUTO_CLEAR(sgl_buf) copy = {.max = FILE_MAX, .secret = true};

	TRY(sgl_buf_add(&copy, text, err));
	TRY(read_lines(&r, &copy, err));
	*found = f.found;
	return SGL_OK;
}
