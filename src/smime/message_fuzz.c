/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a message: read whole and cut in two at a place that the input
 * chooses. The outcome must be the same, and judging must not fail.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "pki/cert.h"
#include "sigill/smime.h"
#include "smime/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sgl_status
push(sgl_reader *r, sgl_slice in, sgl_err *err)
{
	size_t taken;

	return in.len == 0 ? SGL_OK : sgl_reader_push(r, in, &taken, err);
}

static void
judge(sgl_engine *engine, const sgl_report *report)
{
	sgl_judge_options options = {.time = 1893456000};
	sgl_verdict_summary summary;
	sgl_verdict *v = NULL;
	sgl_bytes json = {0};

	if (sgl_judge(engine, report, &options, &v, NULL) != SGL_OK)
		abort();
	if (sgl_verdict_json(v, &json, NULL) != SGL_OK)
		abort();
	sgl_verdict_get_summary(v, &summary);
	sgl_bytes_free(&json);
	sgl_verdict_free(v);
}

typedef struct result {
	sgl_status status;
	uint64_t offset;
	sgl_buf content;
} result;

static void
read_in_two(sgl_engine *engine, sgl_slice in, size_t cut, bool keep_headers,
    result *out)
{
	static const uint8_t kek[16] = {
	    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	sgl_read_options options = {.peel = SGL_PEEL_ALL,
	    .password = SGL_LIT("password"),
	    .kek = sgl_slice_of(kek, 16),
	    .keep_headers = keep_headers};
	const sgl_report *report = NULL;
	sgl_reader *r = NULL;
	sgl_bufsink sink;
	sgl_err err = {0};

	out->content = sgl_buf_init((size_t)1 << 24);
	sgl_bufsink_init(&sink, &out->content);
	if (sgl_reader_new(engine, &options, &sink.sink, &r, &err) != SGL_OK)
		abort();
	out->status = push(r, sgl_slice_first(in, cut), &err);
	if (out->status == SGL_OK)
		out->status = push(r, sgl_slice_from(in, cut), &err);
	if (out->status == SGL_OK)
		out->status = sgl_reader_finish(r, &report, &err);
	out->offset = out->status == SGL_OK ? 0 : err.offset;
	if (out->status == SGL_OK)
		judge(engine, report);
	sgl_reader_free(r);
	if (sink.finished == sink.aborted)
		abort();
}

static void
check(sgl_engine *engine, sgl_slice in, size_t cut, bool keep_headers)
{
	result whole, parts;

	read_in_two(engine, in, 0, keep_headers, &whole);
	read_in_two(engine, in, cut, keep_headers, &parts);
	if (whole.status != parts.status || whole.offset != parts.offset ||
	    !sgl_slice_eq(
		sgl_buf_slice(&whole.content), sgl_buf_slice(&parts.content)))
		abort();
	sgl_buf_clear(&whole.content);
	sgl_buf_clear(&parts.content);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Few rounds: a stranger's PBKDF2 is not what is tested here. */
	const sgl_limits limits = {.kdf_iterations = 1000};
	const sgl_engine_config config = {.limits = &limits};
	static sgl_engine *engine;
	size_t cut;

	if (engine == NULL && sgl_engine_new(&config, &engine, NULL) != SGL_OK)
		abort();
	/* Chosen by a byte in the middle: seeds are real messages. */
	cut = size == 0 ? 0 : (size_t)data[size / 2] * size / 256;
	check(engine, sgl_slice_of(data, size), cut, false);
	check(engine, sgl_slice_of(data, size), cut, true);
	return 0;
}
