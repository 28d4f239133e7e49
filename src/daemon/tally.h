/* SPDX-License-Identifier: Apache-2.0 */
/* What control has done since it began, counted for monitoring; and all that it
 * tells of the organisation. */
#ifndef SGL_DAEMON_TALLY_H
#define SGL_DAEMON_TALLY_H

#include "ca/enrol.h"
#include "daemon/front_wire.h"
#include "daemon/metrics.h"
#include "org/facts.h"

typedef enum sgl_tally_result {
	SGL_TALLY_DONE,
	SGL_TALLY_REFUSED, /* it could not be, or might not be */
	SGL_TALLY_FAILED,
	SGL_NUM_TALLY_RESULTS
} sgl_tally_result;

/* All-zero is nothing. */
typedef struct sgl_tally {
	sgl_durations commands[SGL_NUM_TALLY_RESULTS];
	uint64_t enrolments[SGL_FRONT_NUM_PROTOCOLS][SGL_NUM_TALLY_RESULTS];
	/* The numbers of the organisation, as they were gathered last. */
	sgl_buf facts;
	int64_t gathered, took; /* when, and how long, in microseconds */
} sgl_tally;
void sgl_tally_clear(sgl_tally *t);

int64_t sgl_microseconds_now(void); /* of a clock that nobody sets */
void sgl_tally_command(sgl_tally *t, sgl_status status, int64_t began);
void sgl_tally_enrolment(
    sgl_tally *t, sgl_front_protocol protocol, sgl_tally_result result);

/* sgl_tally_tell appends all families that are control's. The numbers of the
 * organisation are gathered again when that has taken less than a twentieth of
 * the time since, so that nobody can make it busy by asking. */
SGL_MUST sgl_status sgl_tally_tell(
    sgl_tally *t, sgl_home *home, sgl_buf *out, sgl_err *err);

#endif
