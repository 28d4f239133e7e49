/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a message: feeds the outermost part in blocks, so that a question to
 * a private key stops the stream after a block at the latest, and finishes the
 * caller's sink only when everything was whole.
 */
#include "smime/reader_inside.h"

#define ROOM "smime.reader"

void
sgl_report_clear(sgl_report *r)
{
	for (size_t i = 0; i < r->num_layers; i++)
		sgl_buf_clear(&r->layers[i].receipt);
	sgl_mem_free(r->layers);
	sgl_mailboxes_clear(&r->from);
	sgl_mailboxes_clear(&r->sender);
	sgl_mailboxes_clear(&r->hp.outer_from);
	for (size_t i = 0; i < r->hp.num_shown; i++)
		sgl_mem_free(r->hp.fields[i].name);
	sgl_mem_free(r->hp.fields);
	*r = (sgl_report){0};
}

bool
sgl_report_is_locked(const sgl_report *report)
{
	return report->is_locked;
}

unsigned
sgl_report_wants_again(const sgl_report *report)
{
	return report->wants_again;
}

bool
sgl_report_is_plain(const sgl_report *report)
{
	return report->num_layers == 0;
}

static sgl_reader *
reader_of_gate(sgl_sink *gate)
{
	return (
	    sgl_reader *)(void *)((uint8_t *)gate - offsetof(sgl_reader, gate));
}

static sgl_status
gate_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	return sgl_sink_write(reader_of_gate(s)->out, in, err);
}

static sgl_status
gate_finish(sgl_sink *s, sgl_err *err)
{
	(void)err;
	reader_of_gate(s)->content_is_whole = true;
	return SGL_OK;
}

static void
gate_abort(sgl_sink *s)
{
	(void)s; /* the reader aborts what is behind the gate itself */
}

static const sgl_sink_ops gate_ops = {gate_write, gate_finish, gate_abort};

static sgl_status
make_memspool(void *ctx, sgl_spool **out, sgl_err *err)
{
	return sgl_memspool_new(sgl_engine_limits(ctx)->spool_memory, out, err);
}

sgl_status
sgl_reader_new(sgl_engine *engine, const sgl_read_options *options,
    sgl_sink *content, sgl_reader **out, sgl_err *err)
{
	sgl_reader *r = sgl_mem_zeroed(1, sizeof *r);
	sgl_status status;

	if (r == NULL)
		return sgl_oom(err, ROOM);
	r->engine = engine;
	r->options = *options;
	r->out = content;
	r->gate.ops = &gate_ops;
	r->spooler = options->spooler != NULL
	    ? *options->spooler
	    : (sgl_spooler){make_memspool, engine};
	status = sgl_part_new(r, SGL_PART_ENTITY, -1, 0, &r->top, err);
	if (status != SGL_OK) {
		sgl_mem_free(r);
		return status;
	}
	*out = r;
	return SGL_OK;
}

static void
abort_all(sgl_reader *r)
{
	sgl_sink_abort(&r->top->sink);
	if (!r->out_ended)
		sgl_sink_abort(r->out);
	r->out_ended = true;
}

static sgl_status
fail(sgl_reader *r, sgl_status status)
{
	r->failed = status;
	abort_all(r);
	return status;
}

static sgl_status
repeat_failure(const sgl_reader *r, sgl_err *err)
{
	return sgl_fail(err, r->failed, ROOM, SGL_NO_OFFSET,
	    "the message has already failed");
}

sgl_status
sgl_reader_push(sgl_reader *r, sgl_slice in, size_t *taken, sgl_err *err)
{
	size_t len = in.len;

	*taken = 0;
	if (r->failed != SGL_OK)
		return repeat_failure(r, err);
	while (in.len > 0 && !r->asker.is_open) {
		size_t n = in.len < SGL_BLOCK ? in.len : SGL_BLOCK;
		sgl_status status =
		    sgl_sink_write(&r->top->sink, sgl_slice_first(in, n), err);

		if (status != SGL_OK)
			return fail(r, status);
		in = sgl_slice_from(in, n);
		*taken = len - in.len;
	}
	return r->asker.is_open ? SGL_NEED_KEY : SGL_OK;
}

/* Every layer must have come to its end; stages that waited for a key have
 * done so by now. */
static sgl_status
check_whole(const sgl_reader *r, sgl_err *err)
{
	for (size_t i = 0; i < r->report.num_layers; i++)
		if (!r->report.layers[i].is_whole)
			return sgl_fail(err, SGL_E_ENCODING, ROOM,
			    SGL_NO_OFFSET, "the message ends too early");
	return SGL_OK;
}

static sgl_status
end_output(sgl_reader *r, sgl_err *err)
{
	r->out_ended = true;
	if (r->report.is_locked || r->report.wants_again != 0) {
		sgl_sink_abort(r->out);
		return SGL_OK;
	}
	return sgl_sink_finish(r->out, err);
}

sgl_status
sgl_reader_finish(sgl_reader *r, const sgl_report **report, sgl_err *err)
{
	sgl_status status = SGL_OK;

	if (r->failed != SGL_OK)
		return repeat_failure(r, err);
	if (!r->finish_called && !r->asker.is_open) {
		r->finish_called = true;
		status = sgl_sink_finish(&r->top->sink, err);
	}
	if (status == SGL_OK && r->asker.is_open)
		return SGL_NEED_KEY;
	if (status == SGL_OK)
		status = check_whole(r, err);
	if (status == SGL_OK && !r->is_finished)
		status = end_output(r, err);
	if (status != SGL_OK)
		return fail(r, status);
	r->is_finished = true;
	*report = &r->report;
	return SGL_OK;
}

const sgl_key_request *
sgl_reader_request(const sgl_reader *r, sgl_key **key)
{
	if (!r->asker.is_open)
		return NULL;
	if (key != NULL)
		*key = r->asker.key;
	return &r->asker.request;
}

sgl_status
sgl_reader_answer(sgl_reader *r, sgl_status status,
    const sgl_key_answer *answer, sgl_err *err)
{
	if (r->failed != SGL_OK)
		return repeat_failure(r, err);
	if (!r->asker.is_open)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "an answer to no question");
	status = sgl_asker_answer(&r->asker, status, answer, err);
	if (status != SGL_OK && status != SGL_NEED_KEY)
		return fail(r, status);
	return status;
}

void
sgl_reader_free(sgl_reader *r)
{
	if (r == NULL)
		return;
	if (!r->is_finished)
		abort_all(r);
	sgl_part_free(r->top);
	sgl_report_clear(&r->report);
	sgl_mem_free(r);
}
