/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "daemon/front_line.h"
#include "net/peer.h"
#include "sys/text.h"

#define ROOM "daemon.front"
#define OPEN_MAX_NUM 64

/* A question without its answer. */
typedef struct open_question {
	int64_t number; /* 0: free */
	unsigned want;
	sgl_front_answered *answered;
	void *ctx;
} open_question;

struct sgl_front_line {
	sgl_loop *loop;
	sgl_peer *peer; /* NULL: nobody is there */
	int64_t last;
	open_question open[OPEN_MAX_NUM];
};

sgl_status
sgl_front_line_new(sgl_loop *loop, sgl_front_line **out, sgl_err *err)
{
	sgl_front_line *line = sgl_mem_zeroed(1, sizeof *line);

	if (line == NULL)
		return sgl_oom(err, ROOM);
	line->loop = loop;
	*out = line;
	return SGL_OK;
}

static void
close_question(open_question *q, sgl_unwire *answer)
{
	const open_question was = *q;

	*q = (open_question){0};
	was.answered(was.ctx, answer);
}

static void
hang_up(sgl_front_line *line)
{
	sgl_peer_free(line->peer);
	line->peer = NULL;
	for (size_t i = 0; i < OPEN_MAX_NUM; i++)
		if (line->open[i].number != 0)
			close_question(&line->open[i], NULL);
}

void
sgl_front_line_free(sgl_front_line *line)
{
	if (line == NULL)
		return;
	hang_up(line);
	sgl_mem_free(line);
}

static open_question *
find(sgl_front_line *line, int64_t number)
{
	for (size_t i = 0; i < OPEN_MAX_NUM; i++)
		if (line->open[i].number == number)
			return &line->open[i];
	return NULL;
}

static void
on_message(void *ctx, sgl_peer *peer, unsigned type, sgl_slice body)
{
	sgl_front_line *line = ctx;
	sgl_unwire u = sgl_unwire_over(body);
	int64_t number = sgl_unwire_int(&u, 1, INT64_MAX);
	open_question *q = u.failed ? NULL : find(line, number);

	(void)peer;
	if (q == NULL)
		return;
	close_question(q, type == q->want ? &u : NULL);
}

static void
on_end(void *ctx, sgl_peer *peer)
{
	sgl_front_line *line = ctx;

	if (line->peer == peer)
		hang_up(line);
	else
		sgl_peer_free(peer);
}

sgl_status
sgl_front_line_join(sgl_front_line *line, int fd, sgl_err *err)
{
	static const sgl_peer_handler handler = {
	    .on_message = on_message, .on_end = on_end};

	hang_up(line);
	return sgl_peer_new(line->loop, fd, SGL_FRONT_MESSAGE, 0, &handler,
	    line, &line->peer, err);
}

void
sgl_front_ask_begin(
    sgl_front_line *line, unsigned type, unsigned want, sgl_front_question *q)
{
	*q = (sgl_front_question){.type = type,
	    .want = want,
	    .body = {.max = SGL_FRONT_MESSAGE, .secret = true},
	    .number = ++line->last};
	q->wire = sgl_wire_over(&q->body);
	sgl_wire_add_int(&q->wire, q->number);
}

static sgl_status
send(sgl_front_line *line, const sgl_front_question *q,
    sgl_front_answered *answered, void *ctx, sgl_err *err)
{
	open_question *place = find(line, 0);

	if (line->peer == NULL || place == NULL)
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("control does not answer now"));
	TRY(sgl_wire_end(&q->wire, err));
	TRY(sgl_peer_send(line->peer, q->type, sgl_buf_slice(&q->body), err));
	*place = (open_question){q->number, q->want, answered, ctx};
	return SGL_OK;
}

sgl_status
sgl_front_ask(sgl_front_line *line, sgl_front_question *q,
    sgl_front_answered *answered, void *ctx, sgl_err *err)
{
	sgl_status status = send(line, q, answered, ctx, err);

	sgl_buf_wipe(&q->body);
	return status;
}
