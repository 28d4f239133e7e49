/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys/log.h"
#include "sys/progress.h"
#include "sys/text.h"

#define PROGRAM "sigill: "
#define LINE 2048

typedef struct line {
	char text[LINE];
	size_t len; /* always leaves room for the LF */
} line;

static void SGL_PRINTF(2, 0) add_args(line *l, const char *fmt, va_list args)
{
	size_t room = LINE - 1 - l->len;
	int n = vsnprintf(l->text + l->len, room, fmt, args);

	if (n > 0)
		l->len += (size_t)n < room ? (size_t)n : room - 1;
}

static void SGL_PRINTF(2, 3) add(line *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_args(l, fmt, args);
	va_end(args);
}

/* C0, DEL, and C1 as UTF-8 writes it (C2 80 to C2 9F). */
static void
make_harmless(line *l)
{
	uint8_t before = 0;

	for (size_t i = 0; i < l->len; i++) {
		uint8_t c = (uint8_t)l->text[i];
		if (c < 0x20 || c == 0x7f ||
		    (before == 0xc2 && c >= 0x80 && c < 0xa0))
			l->text[i] = '?';
		before = c;
	}
}

/* Where standard error is gone there is nobody left to tell. */
static void
put(line *l)
{
	size_t done = 0;
	ssize_t n;

	make_harmless(l);
	l->text[l->len++] = '\n';
	sgl_progress_hide();
	while (done < l->len) {
		n = write(STDERR_FILENO, l->text + done, l->len - done);
		if (n < 0 && errno != EINTR)
			return;
		if (n > 0)
			done += (size_t)n;
	}
}

void
sgl_log_err(const char *what, const sgl_err *err)
{
	line l = {.len = 0};
	const char *text = err->text;

	if (text == NULL)
		text = sgl_status_name(err->status);
	add(&l, PROGRAM);
	if (what != NULL && what[0] != '\0')
		add(&l, "%s: ", what);
	add(&l, "%s", sgl_text(text));
	if (err->detail[0] != '\0')
		add(&l, ": %s", err->detail);
	if (err->offset != SGL_NO_OFFSET && err->status == SGL_E_ENCODING)
		add(&l, _(" (at byte %llu)"), (unsigned long long)err->offset);
	put(&l);
}

#define PUT(prefix)                                                            \
	do {                                                                   \
		line l = {.len = 0};                                           \
		va_list args;                                                  \
		add(&l, "%s%s", PROGRAM, prefix);                              \
		va_start(args, fmt);                                           \
		add_args(&l, fmt, args);                                       \
		va_end(args);                                                  \
		put(&l);                                                       \
	} while (0)

void
sgl_log_error(const char *fmt, ...)
{
	PUT("");
}

void
sgl_log_warning(const char *fmt, ...)
{
	PUT(_("warning: "));
}

void
sgl_log_note(const char *fmt, ...)
{
	PUT("");
}
