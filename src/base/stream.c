/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/limits.h"

#define ROOM "base.stream"

static sgl_status
refuse(const sgl_sink *s, sgl_err *err)
{
	if (s->failed != SGL_OK)
		return sgl_fail(err, s->failed, ROOM, SGL_NO_OFFSET,
		    "the stream has already failed");
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    "the stream has already ended");
}

sgl_status
sgl_sink_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	if (s->failed != SGL_OK || s->ended)
		return refuse(s, err);
	if (in.len == 0)
		return SGL_OK;
	s->failed = s->ops->write(s, in, err);
	return s->failed;
}

sgl_status
sgl_sink_finish(sgl_sink *s, sgl_err *err)
{
	if (s->failed != SGL_OK || s->ended)
		return refuse(s, err);
	s->ended = true;
	s->failed = s->ops->finish(s, err);
	return s->failed;
}

void
sgl_sink_abort(sgl_sink *s)
{
	if (s == NULL || s->ended)
		return;
	s->ended = true;
	s->ops->abort(s);
}

void
sgl_spool_free(sgl_spool *s)
{
	if (s != NULL)
		s->ops->free(s);
}

typedef struct memspool {
	sgl_spool spool;
	sgl_buf buf;
	sgl_slicesource source;
} memspool;

static sgl_status
memspool_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	return sgl_buf_add(&((memspool *)s)->buf, in, err);
}

static sgl_status
memspool_finish(sgl_sink *s, sgl_err *err)
{
	(void)s;
	(void)err;
	return SGL_OK;
}

static void
memspool_abort(sgl_sink *s)
{
	sgl_buf_clear(&((memspool *)s)->buf);
}

static sgl_source *
memspool_open(sgl_spool *s)
{
	memspool *self = (memspool *)s;

	sgl_slicesource_init(&self->source, sgl_buf_slice(&self->buf));
	return &self->source.source;
}

static void
memspool_free(sgl_spool *s)
{
	memspool *self = (memspool *)s;

	sgl_buf_clear(&self->buf);
	sgl_mem_free(self);
}

static const sgl_sink_ops memspool_sink_ops = {
    memspool_write, memspool_finish, memspool_abort};
static const sgl_spool_ops memspool_ops = {memspool_open, memspool_free};

sgl_status
sgl_memspool_new(size_t max, sgl_spool **out, sgl_err *err)
{
	memspool *self = sgl_mem_zeroed(1, sizeof *self);

	if (self == NULL)
		return sgl_oom(err, ROOM);
	self->spool.sink.ops = &memspool_sink_ops;
	self->spool.ops = &memspool_ops;
	self->buf = sgl_buf_init(max);
	self->buf.secret = true;
	*out = &self->spool;
	return SGL_OK;
}

static sgl_status
pump_blocks(sgl_source *source, sgl_sink *sink, uint8_t *block, sgl_err *err)
{
	size_t got;

	for (;;) {
		TRY(source->ops->read(source, block, SGL_BLOCK, &got, err));
		if (got == 0)
			return sgl_sink_finish(sink, err);
		TRY(sgl_sink_write(sink, sgl_slice_of(block, got), err));
	}
}

sgl_status
sgl_pump(sgl_source *source, sgl_sink *sink, sgl_err *err)
{
	SGL_AUTO_MEM uint8_t *block = sgl_mem_resize(NULL, SGL_BLOCK);
	sgl_status status;

	status = block == NULL ? sgl_oom(err, ROOM)
			       : pump_blocks(source, sink, block, err);
	if (block != NULL)
		sgl_mem_wipe(block, SGL_BLOCK);
	if (status != SGL_OK)
		sgl_sink_abort(sink);
	return status;
}
