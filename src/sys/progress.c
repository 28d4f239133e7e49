/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sys/progress.h"
#include "sys/text.h"

#define PATIENCE_MS 1000
#define EVERY_MS 200

/* One program does one piece of work at a time. */
static struct {
	const char *label;
	uint64_t total;
	int64_t next_ms;
	bool shown, counts;
} now;

static int64_t
clock_ms(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC_COARSE, &t) != 0)
		return 0;
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
put(const char *text)
{
	/* Nobody is told when progress cannot be told. */
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		now.label = NULL;
}

void
sgl_progress_start(const char *label, uint64_t total)
{
	sgl_progress_end();
	if (isatty(STDERR_FILENO) != 1)
		return;
	now.label = label;
	now.total = total;
	now.counts = false;
	now.next_ms = clock_ms() + PATIENCE_MS;
}

void
sgl_progress_count(const char *label, uint64_t total)
{
	sgl_progress_start(label, total);
	now.counts = true;
}

static const char *
amount(uint64_t bytes, char out[32])
{
	static const char *const units[] = {"kB", "MB", "GB", "TB"};
	double value = (double)bytes / 1000;
	size_t i = 0;

	if (now.counts) {
		(void)snprintf(out, 32, "%" PRIu64, bytes);
		return out;
	}
	for (; value >= 1000 && i < 3; i++)
		value /= 1000;
	(void)snprintf(out, 32, "%.1f %s", value, units[i]);
	return out;
}

static void
show(uint64_t done)
{
	char line[160], size[32];
	uint64_t percent;

	if (now.total == 0) {
		(void)snprintf(line, sizeof line, "\r\033[Ksigill: %s: %s",
		    now.label, amount(done, size));
	} else {
		percent = done >= now.total
		    ? 100
		    : (uint64_t)((double)done * 100 / (double)now.total);
		(void)snprintf(line, sizeof line,
		    "\r\033[Ksigill: %s: %" PRIu64 " %% %s %s", now.label,
		    percent, _("of"), amount(now.total, size));
	}
	put(line);
	now.shown = true;
}

void
sgl_progress_at(uint64_t done)
{
	int64_t ms;

	if (now.label == NULL)
		return;
	ms = clock_ms();
	if (ms < now.next_ms)
		return;
	now.next_ms = ms + EVERY_MS;
	show(done);
}

void
sgl_progress_wait(const char *label, uint64_t have, uint64_t need)
{
	if (now.label == NULL)
		sgl_progress_count(label, need);
	if (now.label != label)
		return;
	now.total = need;
	sgl_progress_at(have);
}

void
sgl_progress_hide(void)
{
	if (now.shown)
		put("\r\033[K");
	now.shown = false;
}

void
sgl_progress_end(void)
{
	sgl_progress_hide();
	now.label = NULL;
}
