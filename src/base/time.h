/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Civil time in UTC, without the C library's time zones: the Gregorian
 * calendar in the years 0 to 9999, which are those of RFC 3339 and of
 * GeneralizedTime.
 */
#ifndef SGL_BASE_TIME_H
#define SGL_BASE_TIME_H

#include "base/slice.h"

typedef struct sgl_civil {
	int year, month, day, hour, minute, second;
} sgl_civil;

/* sgl_time_to_civil: times before year 0 or behind 9999 give the nearest
 * second inside. */
sgl_civil sgl_time_to_civil(sgl_time t);
/* sgl_time_from_civil: false where a field is out of range (second <= 60; a
 * leap second is the first second of the next minute). */
SGL_MUST bool sgl_time_from_civil(const sgl_civil *c, sgl_time *out);
/* "2026-11-23T20:52:00Z" and a NUL. */
#define SGL_TIME_TEXT 40
char *sgl_time_text(sgl_time t, char out[SGL_TIME_TEXT]);
/* sgl_time_parse reads RFC 3339 with Z or offset (fractions of a second are
 * dropped), "2026-11-23" (midnight UTC), or "@SECONDS"; all of `text`, and
 * only times in the years 0 to 9999. */
SGL_MUST bool sgl_time_parse(sgl_slice text, sgl_time *out);

/* sgl_span_parse reads a length of time: "30s", "90m", "12h", "7d", "2w"; more
 * than nothing, and at most ten years. */
#define SGL_SPAN_MAX ((sgl_time)3650 * 86400)
SGL_MUST bool sgl_span_parse(sgl_slice text, sgl_time *out);

#endif
