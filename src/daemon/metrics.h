/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing numbers as Prometheus reads them: its text exposition format, version
 * 0.0.4. A family is a name, what kind of number it is and what it means; then
 * come its samples, all of one family together.
 *
 * The first fault sticks; sgl_metrics_end tells of it once.
 */
#ifndef SGL_DAEMON_METRICS_H
#define SGL_DAEMON_METRICS_H

#include "base/buf.h"

#define SGL_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

typedef struct sgl_metrics {
	sgl_buf *out;	  /* borrowed */
	const char *name; /* of the family */
	sgl_status failed;
} sgl_metrics;
sgl_metrics sgl_metrics_over(sgl_buf *out);
/* SGL_E_LIMIT: longer than the buffer may grow; SGL_E_NOMEM. */
SGL_MUST sgl_status sgl_metrics_end(const sgl_metrics *m, sgl_err *err);

/* sgl_metrics_family begins one; `name` is kept by pointer. A gauge goes up and
 * down; a counter is called ..._total and begins anew with its process. */
void sgl_metrics_gauge(sgl_metrics *m, const char *name, const char *help);
void sgl_metrics_counter(sgl_metrics *m, const char *name, const char *help);
void sgl_metrics_histogram(sgl_metrics *m, const char *name, const char *help);

/* A label; the list ends with one without a name. */
typedef struct sgl_label {
	const char *name, *value;
} sgl_label;
#define SGL_LABELS_MAX 4
void sgl_metrics_add(
    sgl_metrics *m, const sgl_label labels[SGL_LABELS_MAX], int64_t value);
/* NULL: no labels */
#define SGL_LABELS(...)                                                        \
	((const sgl_label[SGL_LABELS_MAX]){__VA_ARGS__, {NULL, NULL}})

/* How long things took. All-zero is none. */
#define SGL_NUM_BOUNDS 10
typedef struct sgl_durations {
	uint64_t within[SGL_NUM_BOUNDS]; /* not in an earlier one */
	uint64_t num, microseconds;
} sgl_durations;
void sgl_durations_note(sgl_durations *d, int64_t microseconds);
/* In a family that is a histogram; `label` may be NULL. */
void sgl_metrics_durations(
    sgl_metrics *m, const sgl_label *label, const sgl_durations *d);

#endif
