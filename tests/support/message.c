/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "support/corpus.h"
#include "support/message.h"

sgl_buf
message_file(const char *folder, const char *name)
{
	sgl_buf b = sgl_buf_init(MESSAGE_MAX);
	char path[1024];

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	sgl_corpus_read_file(path, &b);
	assert_int_equal(sgl_buf_reserve(&b, 1, NULL), SGL_OK);
	b.data[b.len] = 0;
	return b;
}

void
message_load(sgl_engine *engine, const char *folder, const char *name,
    const char *password, sgl_keyring *ring)
{
	sgl_buf file = message_file(folder, name);
	sgl_slice secret =
	    password == NULL ? sgl_slice_of(NULL, 0) : sgl_slice_str(password);
	sgl_err err = {0};

	if (sgl_load(engine, sgl_buf_slice(&file), secret, ring, NULL, NULL,
		&err) != SGL_OK)
		fail_msg("%s: %s %s", name, err.text, err.detail);
	sgl_buf_clear(&file);
}

static sgl_status
push_all(sgl_reader *r, sgl_slice in, size_t step, sgl_err *err)
{
	for (size_t at = 0; at < in.len; at += step) {
		size_t n = in.len - at < step ? in.len - at : step, taken;
		sgl_status status = sgl_reader_push(
		    r, sgl_slice_of(in.data + at, n), &taken, err);

		if (status != SGL_OK)
			return status;
		assert_int_equal(taken, n);
	}
	return SGL_OK;
}

static void
judge(sgl_engine *engine, const sgl_report *report, const message_offer *o,
    message_outcome *out)
{
	sgl_judge_options options = {.anchors = &o->anchors,
	    .intermediates = &o->intermediates,
	    .from = o->from,
	    .time = o->at};
	sgl_verdict_summary summary;
	sgl_verdict *v = NULL;

	assert_int_equal(sgl_judge(engine, report, &options, &v, NULL), SGL_OK);
	assert_int_equal(sgl_verdict_json(v, &out->json, NULL), SGL_OK);
	sgl_verdict_get_summary(v, &summary);
	(void)snprintf(out->signature, sizeof out->signature, "%s",
	    sgl_signature_state_name(summary.signature));
	(void)snprintf(out->reason, sizeof out->reason, "%s", summary.reason);
	(void)snprintf(
	    out->label, sizeof out->label, "%s", summary.label_policy);
	out->is_receipt = summary.is_receipt;
	(void)snprintf(out->confidentiality, sizeof out->confidentiality, "%s",
	    sgl_confidentiality_state_name(summary.confidentiality));
	out->from_is_unproven = summary.from_is_unproven;
	sgl_verdict_free(v);
}

void
message_read(sgl_engine *engine, sgl_slice in, const message_offer *o,
    size_t step, bool judged, message_outcome *out)
{
	sgl_read_options options = {.peel = o->peel,
	    .keys = &o->ring,
	    .password = o->password,
	    .kek = o->kek,
	    .kek_id = o->kek_id,
	    .keep_headers = o->keep_headers};
	const sgl_report *report = NULL;
	sgl_reader *r = NULL;
	sgl_bufsink sink;
	sgl_err err = {0};

	memset(out, 0, sizeof *out);
	out->content = sgl_buf_init(MESSAGE_MAX);
	sgl_bufsink_init(&sink, &out->content);
	assert_int_equal(
	    sgl_reader_new(engine, &options, &sink.sink, &r, &err), SGL_OK);
	out->status = push_all(r, in, step, &err);
	if (out->status == SGL_OK)
		out->status = sgl_reader_finish(r, &report, &err);
	out->offset = out->status == SGL_OK ? 0 : err.offset;
	out->finished = sink.finished;
	if (out->status == SGL_OK && judged)
		judge(engine, report, o, out);
	sgl_reader_free(r);
	assert_true(sink.finished != sink.aborted);
}

void
message_outcome_clear(message_outcome *o)
{
	sgl_buf_clear(&o->content);
	sgl_bytes_free(&o->json);
}

void
message_same(const message_outcome *a, const message_outcome *b)
{
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->offset, b->offset);
	assert_int_equal(a->finished, b->finished);
	assert_true(sgl_slice_eq(
	    sgl_buf_slice(&a->content), sgl_buf_slice(&b->content)));
	assert_true(sgl_slice_eq(sgl_slice_of(a->json.data, a->json.len),
	    sgl_slice_of(b->json.data, b->json.len)));
}
