/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/metrics.h"

#include <stdio.h>

#include "sys/text.h"

#define ROOM "daemon.metrics"

/* Upper bounds, as they are written and in microseconds. */
static const struct {
	const char *text;
	int64_t microseconds;
} bounds[SGL_NUM_BOUNDS] = {
    {"0.001", 1000},
    {"0.005", 5000},
    {"0.01", 10000},
    {"0.05", 50000},
    {"0.1", 100000},
    {"0.5", 500000},
    {"1", 1000000},
    {"5", 5000000},
    {"10", 10000000},
    {"60", 60000000},
};

sgl_metrics
sgl_metrics_over(sgl_buf *out)
{
	return (sgl_metrics){.out = out};
}

sgl_status
sgl_metrics_end(const sgl_metrics *m, sgl_err *err)
{
	return m->failed == SGL_OK
	    ? SGL_OK
	    : sgl_fail(err, m->failed, ROOM, SGL_NO_OFFSET,
		  N_("there are too many numbers to tell"));
}

static void
put(sgl_metrics *m, const char *text, size_t len)
{
	if (m->failed == SGL_OK)
		m->failed = sgl_buf_add(
		    m->out, sgl_slice_of((const uint8_t *)text, len), NULL);
}

static void
put_str(sgl_metrics *m, const char *text)
{
	put(m, text, strlen(text));
}

static void
put_number(sgl_metrics *m, int64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%lld\n", (long long)value);
	put_str(m, text);
}

/* A backslash and the end of a line would not stay what they are; in a label
 * the quotes would not, either. */
static void
put_escaped(sgl_metrics *m, const char *text, bool in_quotes)
{
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '\n')
			put_str(m, "\\n");
		else if (*at == '\\' || (in_quotes && *at == '"'))
			put(m, (const char[2]){'\\', *at}, 2);
		else
			put(m, at, 1);
	}
}

static void
begin(sgl_metrics *m, const char *name, const char *type, const char *help)
{
	m->name = name;
	put_str(m, "# HELP ");
	put_str(m, name);
	put_str(m, " ");
	put_escaped(m, help, false);
	put_str(m, "\n# TYPE ");
	put_str(m, name);
	put_str(m, " ");
	put_str(m, type);
	put_str(m, "\n");
}

void
sgl_metrics_gauge(sgl_metrics *m, const char *name, const char *help)
{
	begin(m, name, "gauge", help);
}

void
sgl_metrics_counter(sgl_metrics *m, const char *name, const char *help)
{
	begin(m, name, "counter", help);
}

void
sgl_metrics_histogram(sgl_metrics *m, const char *name, const char *help)
{
	begin(m, name, "histogram", help);
}

static void
put_labels(sgl_metrics *m, const sgl_label *labels, size_t max)
{
	const char *before = "{";

	for (size_t i = 0; i < max && labels[i].name != NULL; i++) {
		put_str(m, before);
		put_str(m, labels[i].name);
		put_str(m, "=\"");
		put_escaped(m, labels[i].value, true);
		put_str(m, "\"");
		before = ",";
	}
	put_str(m, before[0] == ',' ? "} " : " ");
}

void
sgl_metrics_add(
    sgl_metrics *m, const sgl_label labels[SGL_LABELS_MAX], int64_t value)
{
	put_str(m, m->name);
	put_labels(m, labels, labels == NULL ? 0 : SGL_LABELS_MAX);
	put_number(m, value);
}

/* ----------------------------------------------------------- durations ---
 */

void
sgl_durations_note(sgl_durations *d, int64_t microseconds)
{
	size_t i = 0;

	/* A clock that was set back. */
	if (microseconds < 0)
		microseconds = 0;
	while (i < SGL_NUM_BOUNDS && microseconds > bounds[i].microseconds)
		i++;
	if (i < SGL_NUM_BOUNDS)
		d->within[i]++;
	d->num++;
	d->microseconds += (uint64_t)microseconds;
}

static void
put_part(sgl_metrics *m, const char *suffix, const sgl_label *label,
    const char *bound)
{
	sgl_label labels[2] = {{NULL, NULL}, {NULL, NULL}};
	size_t num = 0;

	if (label != NULL)
		labels[num++] = *label;
	if (bound != NULL)
		labels[num] = (sgl_label){"le", bound};
	put_str(m, m->name);
	put_str(m, suffix);
	put_labels(m, labels, 2);
}

void
sgl_metrics_durations(
    sgl_metrics *m, const sgl_label *label, const sgl_durations *d)
{
	uint64_t sum = 0;
	char text[48];

	for (size_t i = 0; i < SGL_NUM_BOUNDS; i++) {
		sum += d->within[i];
		put_part(m, "_bucket", label, bounds[i].text);
		put_number(m, (int64_t)sum);
	}
	put_part(m, "_bucket", label, "+Inf");
	put_number(m, (int64_t)d->num);
	put_part(m, "_sum", label, NULL);
	(void)snprintf(text, sizeof text, "%llu.%06llu\n",
	    (unsigned long long)(d->microseconds / 1000000),
	    (unsigned long long)(d->microseconds % 1000000));
	put_str(m, text);
	put_part(m, "_count", label, NULL);
	put_number(m, (int64_t)d->num);
}
