/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a service tells: one JSON object a line on standard error, where
 *journald or a file takes it. Facts with names, never content, keys or
 *passwords.
 *
 *	{"time":"...","process":"control","level":"info","event":"started",...}
 */
#ifndef SGL_SYS_JOURNAL_H
#define SGL_SYS_JOURNAL_H

#include "base/json.h"

typedef enum sgl_level {
	SGL_LEVEL_INFO,
	SGL_LEVEL_WARNING,
	SGL_LEVEL_ERROR
} sgl_level;

/* sgl_journal_name is which process speaks; a constant string. */
void sgl_journal_name(const char *process);

/* A line in the making: add members with the sgl_json_ functions. */
typedef struct sgl_journal {
	sgl_buf text;
	sgl_json json;
} sgl_journal;
void sgl_journal_begin(sgl_journal *j, sgl_level level, const char *event);
void sgl_journal_end(sgl_journal *j);

/* sgl_journal_event is a line without more; sgl_journal_err one about a
 * failure, what was being done named by `event`. */
void sgl_journal_event(sgl_level level, const char *event);
void sgl_journal_err(const char *event, const sgl_err *err);

#endif
