/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front's line to control: questions, and what to do with each answer when it
 * comes. The line may break and come back; what was open then fails.
 */
#ifndef SGL_DAEMON_FRONT_LINE_H
#define SGL_DAEMON_FRONT_LINE_H

#include "daemon/front_wire.h"
#include "net/loop.h"

typedef struct sgl_front_line sgl_front_line;
SGL_MUST sgl_status sgl_front_line_new(
    sgl_loop *loop, sgl_front_line **out, sgl_err *err);
void sgl_front_line_free(sgl_front_line *line);
/* sgl_front_line_join takes the descriptor on success; what was asked before
 * has failed. */
SGL_MUST sgl_status sgl_front_line_join(
    sgl_front_line *line, int fd, sgl_err *err);

/* The fields of the answer, behind its number; NULL: there is none. Called
 * once, never while it is asked. */
typedef void sgl_front_answered(void *ctx, sgl_unwire *answer);

/* A question that is being written. */
typedef struct sgl_front_question {
	unsigned type, want;
	sgl_buf body;
	sgl_wire wire; /* add the fields here */
	int64_t number;
} sgl_front_question;
void sgl_front_ask_begin(
    sgl_front_line *line, unsigned type, unsigned want, sgl_front_question *q);
/* sgl_front_ask sends it, and clears it. On failure nothing will be called:
 * there is nobody to ask, or too much is open. */
SGL_MUST sgl_status sgl_front_ask(sgl_front_line *line, sgl_front_question *q,
    sgl_front_answered *answered, void *ctx, sgl_err *err);

#endif
