/* SPDX-License-Identifier: Apache-2.0 */
/* Civil time in UTC, without the C library's time zones. */
#ifndef SGL_BASE_TIME_H
#define SGL_BASE_TIME_H

#include "base/slice.h"

typedef struct sgl_civil {
	int year, month, day, hour, minute, second;
} sgl_civil;

sgl_civil sgl_time_to_civil(sgl_time t);
/* sgl_time_from_civil: false where a field is out of range (second <= 60). */
SGL_MUST bool sgl_time_from_civil(const sgl_civil *c, sgl_time *out);
/* "2026-11-23T20:52:00Z" and a NUL. */
#define SGL_TIME_TEXT 32
char *sgl_time_text(sgl_time t, char out[SGL_TIME_TEXT]);
/* sgl_time_parse reads RFC 3339 with Z or offset, "2026-11-23" (midnight UTC),
 * or "@SECONDS". */
SGL_MUST bool sgl_time_parse(sgl_slice text, sgl_time *out);

#endif
