/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>
#include <unistd.h>

#include "sys/journal.h"
#include "sys/spool.h"

#define LINE_MAX_LEN ((size_t)16384)

static const char *process = "sigilld";

void
sgl_journal_name(const char *name)
{
	process = name;
}

static const char *
level_name(sgl_level level)
{
	switch (level) {
	case SGL_LEVEL_INFO:
		return "info";
	case SGL_LEVEL_WARNING:
		return "warning";
	case SGL_LEVEL_ERROR:
		return "error";
	}
	return "error";
}

void
sgl_journal_begin(sgl_journal *j, sgl_level level, const char *event)
{
	j->text = sgl_buf_init(LINE_MAX_LEN);
	j->json = sgl_json_over(&j->text);
	j->json.one_line = true;
	sgl_json_object(&j->json, NULL);
	sgl_json_time(&j->json, "time", (sgl_time)time(NULL));
	sgl_json_str(&j->json, "process", process);
	sgl_json_str(&j->json, "level", level_name(level));
	sgl_json_str(&j->json, "event", event);
}

/* A line that cannot be made whole is not written; there is nobody to tell. */
void
sgl_journal_end(sgl_journal *j)
{
	sgl_json_close_object(&j->json);
	if (sgl_json_end(&j->json, NULL) == SGL_OK)
		(void)!sgl_write_all(
		    STDERR_FILENO, NULL, sgl_buf_slice(&j->text), NULL);
	sgl_buf_clear(&j->text);
}

void
sgl_journal_event(sgl_level level, const char *event)
{
	sgl_journal j;

	sgl_journal_begin(&j, level, event);
	sgl_journal_end(&j);
}

void
sgl_journal_err(const char *event, const sgl_err *err)
{
	sgl_journal j;

	sgl_journal_begin(&j, SGL_LEVEL_ERROR, event);
	sgl_json_str(&j.json, "error", err->text);
	if (err->detail[0] != '\0')
		sgl_json_str(&j.json, "detail", err->detail);
	sgl_journal_end(&j);
}
