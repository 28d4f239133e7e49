/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "base/mem.h"
#include "base/scan.h"
#include "mime/cutter.h"

/*
 * What is under way in one block:
 *
 *   [start, text) content that was not handed on
 *   [text, at)    the line end behind it, if the cutter stands at a line
 *   [at, ...)     not looked at
 */
typedef struct run {
	sgl_slice in;
	size_t start, text, at;
	sgl_eol eol; /* what [text, at) is */
	bool bare;   /* there was an LF without CR */
	bool done;
} run;

typedef enum look { LOOK_PLAIN, LOOK_WHOLE, LOOK_MORE } look;

void
sgl_cutter_init(
    sgl_cutter *c, const sgl_cutter_ops *ops, void *ctx, bool wants_bare)
{
	c->ops = ops;
	c->ctx = ctx;
	c->wants_bare = wants_bare;
	c->bare = false;
	c->at_line = true; /* a delimiter may come first of all */
	c->eol = SGL_EOL_NONE;
	c->num_line = 0;
	c->offset = 0;
}

/* What the beginning of a line, as much as there is, can still become. */
static look
look_at(sgl_slice line, size_t *len)
{
	size_t window = line.len < SGL_CUTTER_LINE ? line.len : SGL_CUTTER_LINE;
	const uint8_t *lf;

	if (line.len == 0)
		return LOOK_MORE;
	if (line.data[0] != '-' || (line.len > 1 && line.data[1] != '-'))
		return LOOK_PLAIN;
	lf = memchr(line.data, '\n', window);
	if (lf == NULL)
		return window == SGL_CUTTER_LINE ? LOOK_PLAIN : LOOK_MORE;
	*len = (size_t)(lf - line.data) + 1;
	return LOOK_WHOLE;
}

static sgl_slice
eol_bytes(sgl_eol eol)
{
	switch (eol) {
	case SGL_EOL_NONE:
		break;
	case SGL_EOL_CR:
		return SGL_LIT("\r");
	case SGL_EOL_LF:
		return SGL_LIT("\n");
	case SGL_EOL_CRLF:
		return SGL_LIT("\r\n");
	}
	return SGL_LIT("");
}

/* Hands on bytes in which the rules cannot change. */
static sgl_status
emit(sgl_cutter *c, sgl_slice bytes, sgl_err *err)
{
	size_t used = bytes.len;

	if (bytes.len == 0)
		return SGL_OK;
	TRY(c->ops->content(c->ctx, bytes, &used, err));
	assert(used == bytes.len);
	return SGL_OK;
}

static sgl_status
emit_eol(sgl_cutter *c, sgl_eol eol, sgl_err *err)
{
	c->bare = eol == SGL_EOL_LF;
	return emit(c, eol_bytes(eol), err);
}

static void
run_restart(run *r, size_t at)
{
	r->start = r->text = r->at = at;
	r->eol = SGL_EOL_NONE;
}

/* Hands on [start, text). *stopped: the rules changed on the way, and the run
 * begins anew where they did. */
static sgl_status
emit_run(sgl_cutter *c, run *r, bool *stopped, sgl_err *err)
{
	sgl_slice bytes =
	    sgl_slice_of(r->in.data + r->start, r->text - r->start);
	size_t used = bytes.len;

	c->bare = r->bare;
	if (bytes.len > 0)
		TRY(c->ops->content(c->ctx, bytes, &used, err));
	*stopped = used < bytes.len;
	if (*stopped) {
		run_restart(r, r->start + used);
		c->at_line = true;
	} else {
		r->start = r->text;
	}
	return SGL_OK;
}

static sgl_status
hold_line(sgl_cutter *c, run *r, sgl_err *err)
{
	bool stopped;

	TRY(emit_run(c, r, &stopped, err));
	if (stopped)
		return SGL_OK;
	c->eol = r->eol;
	c->num_line = r->in.len - r->at;
	memcpy(c->line, r->in.data + r->at, c->num_line);
	r->done = true;
	return SGL_OK;
}

static sgl_status
cut_line(sgl_cutter *c, run *r, sgl_cut cut, sgl_slice line, sgl_err *err)
{
	sgl_eol eol = r->eol;
	size_t next = r->at + line.len;
	bool stopped;

	TRY(emit_run(c, r, &stopped, err));
	if (stopped)
		return SGL_OK;
	run_restart(r, next);
	return c->ops->cut(
	    c->ctx, cut, eol_bytes(eol), line, c->offset + next, err);
}

/* At a line's start, all of it that has come being in the block. */
static sgl_status
step_line(sgl_cutter *c, run *r, sgl_err *err)
{
	sgl_slice rest = sgl_slice_from(r->in, r->at);
	size_t len = 0;
	sgl_cut cut;

	switch (look_at(rest, &len)) {
	case LOOK_MORE:
		return hold_line(c, r, err);
	case LOOK_WHOLE:
		rest.len = len;
		if (c->ops->find(c->ctx, rest, &cut))
			return cut_line(c, r, cut, rest, err);
		break;
	case LOOK_PLAIN:
		break;
	}
	c->at_line = false; /* content: the scan goes on in it */
	return SGL_OK;
}

/* The block ends within a line. A CR there may be half of a line end. */
static sgl_status
end_block(sgl_cutter *c, run *r, sgl_err *err)
{
	size_t len = r->in.len;
	bool has_cr = len > r->start && r->in.data[len - 1] == '\r';
	bool stopped;

	r->text = has_cr ? len - 1 : len;
	TRY(emit_run(c, r, &stopped, err));
	if (stopped)
		return SGL_OK;
	c->eol = has_cr ? SGL_EOL_CR : SGL_EOL_NONE;
	r->done = true;
	return SGL_OK;
}

/* Once the block has an LF without CR there will be one in every line. */
static size_t
scan_line(const sgl_cutter *c, const run *r)
{
	sgl_slice rest = sgl_slice_from(r->in, r->at);
	uint8_t prev = r->at > 0 ? r->in.data[r->at - 1] : 0;

	return c->wants_bare && !r->bare ? sgl_scan_line_event(rest, prev)
					 : sgl_scan_dash_line(rest);
}

/* Within a line: goes to the next line's start that matters. */
static sgl_status
step_text(sgl_cutter *c, run *r, sgl_err *err)
{
	size_t lf = r->at + scan_line(c, r);
	bool has_cr;

	if (lf == r->in.len)
		return end_block(c, r, err);
	has_cr = lf > r->start && r->in.data[lf - 1] == '\r';
	r->text = has_cr ? lf - 1 : lf;
	r->eol = has_cr ? SGL_EOL_CRLF : SGL_EOL_LF;
	r->bare |= !has_cr;
	r->at = lf + 1;
	c->at_line = true;
	return SGL_OK;
}

static sgl_status
resume_cr(sgl_cutter *c, run *r, sgl_err *err)
{
	if (r->at == r->in.len) {
		r->done = true;
		return SGL_OK;
	}
	if (r->in.data[r->at] == '\n') {
		c->eol = SGL_EOL_CRLF;
		c->at_line = true;
		run_restart(r, r->at + 1);
		return SGL_OK;
	}
	c->eol = SGL_EOL_NONE;
	return emit_eol(c, SGL_EOL_CR, err);
}

/* The held line is content after all. The line end in front of it goes first:
 * the blank line that ends a header section changes the rules, and then the
 * line must be looked at again. */
static sgl_status
release_held(sgl_cutter *c, sgl_err *err)
{
	sgl_slice line = sgl_slice_of(c->line, c->num_line);
	sgl_eol eol = c->eol;

	c->eol = SGL_EOL_NONE;
	if (eol != SGL_EOL_NONE)
		return emit_eol(c, eol, err);
	c->num_line = 0;
	c->at_line = false;
	if (line.data[line.len - 1] == '\r') {
		c->eol = SGL_EOL_CR;
		line.len--;
	}
	return emit(c, line, err);
}

/* Puts bytes of the block behind the held ones, up to the line's end. */
static sgl_slice
extend_held(sgl_cutter *c, const run *r)
{
	sgl_slice more = sgl_slice_from(r->in, r->at);
	const uint8_t *lf;

	if (more.len > SGL_CUTTER_LINE - c->num_line)
		more.len = SGL_CUTTER_LINE - c->num_line;
	lf = memchr(more.data, '\n', more.len);
	if (lf != NULL)
		more.len = (size_t)(lf - more.data) + 1;
	memcpy(c->line + c->num_line, more.data, more.len);
	return sgl_slice_of(c->line, c->num_line + more.len);
}

static sgl_status
resume_line(sgl_cutter *c, run *r, sgl_err *err)
{
	sgl_slice line = extend_held(c, r);
	size_t len = 0, next = r->at + line.len - c->num_line;
	look what = look_at(line, &len);
	sgl_eol eol = c->eol;
	sgl_cut cut;

	if (what == LOOK_MORE) {
		c->num_line = line.len;
		r->done = true;
		return SGL_OK;
	}
	if (what == LOOK_PLAIN || !c->ops->find(c->ctx, line, &cut))
		return release_held(c, err);
	c->eol = SGL_EOL_NONE;
	c->num_line = 0;
	run_restart(r, next);
	return c->ops->cut(
	    c->ctx, cut, eol_bytes(eol), line, c->offset + next, err);
}

static sgl_status
step(sgl_cutter *c, run *r, sgl_err *err)
{
	if (c->eol == SGL_EOL_CR)
		return resume_cr(c, r, err);
	if (c->eol != SGL_EOL_NONE || c->num_line > 0)
		return resume_line(c, r, err);
	if (c->at_line)
		return step_line(c, r, err);
	return step_text(c, r, err);
}

sgl_status
sgl_cutter_push(sgl_cutter *c, sgl_slice in, sgl_err *err)
{
	run r = {.in = in, .done = in.len == 0};

	while (!r.done)
		TRY(step(c, &r, err));
	c->offset += in.len;
	return SGL_OK;
}

/* The end of the stream ends the last line. */
sgl_status
sgl_cutter_finish(sgl_cutter *c, sgl_err *err)
{
	sgl_slice line = sgl_slice_of(c->line, c->num_line);
	sgl_cut cut;

	if (line.len == 0)
		return emit_eol(c, c->eol, err);
	if (c->ops->find(c->ctx, line, &cut))
		return c->ops->cut(
		    c->ctx, cut, eol_bytes(c->eol), line, c->offset, err);
	TRY(emit_eol(c, c->eol, err));
	if (c->ops->find(c->ctx, line, &cut))
		return c->ops->cut(
		    c->ctx, cut, SGL_LIT(""), line, c->offset, err);
	return emit(c, line, err);
}
