/* SPDX-License-Identifier: Apache-2.0 */
/* libsigill, by its public calls alone. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

static sgl_status
out_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	bench_out *out = (bench_out *)sink;

	(void)err;
	if (in.len > out->cap - out->len)
		bench_die("output is longer than expected");
	memcpy(out->data + out->len, in.data, in.len);
	out->len += in.len;
	return SGL_OK;
}

static sgl_status
out_finish(sgl_sink *sink, sgl_err *err)
{
	(void)err;
	((bench_out *)sink)->finished = true;
	return SGL_OK;
}

static void
out_abort(sgl_sink *sink)
{
	(void)sink;
}

static const sgl_sink_ops out_ops = {out_write, out_finish, out_abort};

void
bench_out_reset(bench_out *out)
{
	out->sink = (sgl_sink){.ops = &out_ops};
	out->len = 0;
	out->finished = false;
}

void
bench_out_open(bench_out *out, size_t cap)
{
	out->data = bench_alloc(cap);
	/* The first to write would pay for the pages. */
	memset(out->data, 1, cap);
	out->cap = cap;
	bench_out_reset(out);
}

void
bench_out_close(bench_out *out)
{
	free(out->data);
}

typedef struct state {
	sgl_keyring ring;
	sgl_certs anchors, include;
	sgl_sign_with signer;
	sgl_read_options read;
	sgl_protect_options protect;
	sgl_judge_options judge;
} state;

static void
must(sgl_status status, const char *what, const sgl_err *err)
{
	if (status != SGL_OK)
		bench_die_sigill(what, err);
}

static void *
open_state(bench_work *w)
{
	const bench_kind *k = w->kind;
	state *s = bench_alloc(sizeof *s);
	sgl_err err = {0};

	must(sgl_keyring_add_key(&s->ring, k->leaf.key, &err), "keys", &err);
	must(sgl_keyring_add_cert(&s->ring, k->leaf.cert, &err), "keys", &err);
	must(sgl_certs_add(&s->anchors, k->root.cert, &err), "anchors", &err);
	must(sgl_certs_add(&s->include, k->intermediate.cert, &err), "include",
	    &err);
	s->read.peel = SGL_PEEL_ALL;
	s->read.keys = &s->ring;
	s->judge.anchors = &s->anchors;
	s->judge.time = (sgl_time)time(NULL);
	s->signer.cert = k->leaf.cert;
	s->signer.key = k->leaf.key;
	s->protect.what =
	    w->c->what == BENCH_SIGN ? SGL_PROTECT_SIGN : SGL_PROTECT_ENCRYPT;
	s->protect.signers = &s->signer;
	s->protect.num_signers = w->c->what == BENCH_SIGN ? 1 : 0;
	s->protect.include = &s->include;
	s->protect.signing_time = s->judge.time;
	s->protect.recipients = &k->certs;
	s->protect.cipher = w->c->gcm ? "aes-256-gcm" : "aes-256-cbc";
	return s;
}

static void
close_state(void *state_)
{
	state *s = state_;

	sgl_keyring_clear(&s->ring);
	sgl_certs_clear(&s->anchors);
	sgl_certs_clear(&s->include);
	free(s);
}

static void
judge(bench_work *w, state *s, const sgl_report *report)
{
	sgl_verdict *verdict = NULL;
	sgl_err err = {0};

	must(sgl_judge(w->engine, report, &s->judge, &verdict, &err),
	    "sgl_judge", &err);
	if (w->c->what == BENCH_VERIFY &&
	    sgl_verdict_get_signature(verdict) != SGL_SIGNATURE_VALID_TRUSTED)
		bench_die("the signature is not found valid");
	sgl_verdict_free(verdict);
}

static void
read_message(bench_work *w, state *s)
{
	const sgl_report *report = NULL;
	sgl_reader *r = NULL;
	sgl_err err = {0};
	size_t taken;

	bench_out_reset(&w->out);
	must(sgl_reader_new(w->engine, &s->read, &w->out.sink, &r, &err),
	    "sgl_reader_new", &err);
	must(sgl_reader_push(r, w->message, &taken, &err), "sgl_reader_push",
	    &err);
	must(sgl_reader_finish(r, &report, &err), "sgl_reader_finish", &err);
	judge(w, s, report);
	sgl_reader_free(r);
	if (!w->out.finished || w->out.len != w->content.len)
		bench_die("the content is not what was written");
}

static void
write_message(bench_work *w, state *s)
{
	sgl_writer *writer = NULL;
	sgl_err err = {0};
	size_t taken;

	bench_out_reset(&w->out);
	must(
	    sgl_writer_new(w->engine, &s->protect, &w->out.sink, &writer, &err),
	    "sgl_writer_new", &err);
	if (sgl_writer_needs_survey(writer)) {
		must(sgl_writer_push(writer, w->content, &taken, &err),
		    "survey", &err);
		must(sgl_writer_survey_done(writer, &err), "survey", &err);
	}
	must(sgl_writer_push(writer, w->content, &taken, &err),
	    "sgl_writer_push", &err);
	must(sgl_writer_finish(writer, &err), "sgl_writer_finish", &err);
	sgl_writer_free(writer);
	if (!w->out.finished)
		bench_die("the message was not finished");
}

static void
run(bench_work *w, void *state_)
{
	if (w->c->cold)
		sgl_engine_forget(w->engine);
	if (w->c->what == BENCH_VERIFY || w->c->what == BENCH_DECRYPT)
		read_message(w, state_);
	else
		write_message(w, state_);
}

const bench_contender bench_sigill = {"sigill", open_state, run, close_state};
