/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as one ContentInfo, whole and cut at a place that the input
 * chooses: the same outcome. A key-encryption key is offered, so that mutated
 * messages of tests/vectors are decrypted too.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "cms/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct result {
	sgl_status status;
	uint64_t offset;
	sgl_buf content;
	size_t num_signers;
	bool is_locked;
} result;

static sgl_bufsink sink;

static sgl_status
on_content(
    void *ctx, const sgl_cms_report *so_far, sgl_sink **out, sgl_err *err)
{
	(void)so_far;
	(void)err;
	sgl_bufsink_init(&sink, &((result *)ctx)->content);
	*out = &sink.sink;
	return SGL_OK;
}

static sgl_status
make_spool(void *ctx, sgl_spool **out, sgl_err *err)
{
	(void)ctx;
	return sgl_memspool_new(65536, out, err);
}

static sgl_status
feed(sgl_sink *s, sgl_slice in, size_t cut, sgl_err *err)
{
	sgl_status status = sgl_sink_write(s, sgl_slice_first(in, cut), err);

	if (status == SGL_OK)
		status = sgl_sink_write(s, sgl_slice_from(in, cut), err);
	return status == SGL_OK ? sgl_sink_finish(s, err) : status;
}

static void
read_cut(sgl_engine *engine, sgl_slice in, size_t cut, result *out)
{
	static const uint8_t kek[16] = {
	    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	sgl_asker asker = {0};
	sgl_cms_read_options options = {.kek = sgl_slice_of(kek, 16),
	    .password = SGL_LIT("password"),
	    .spooler = {make_spool, NULL},
	    .asker = &asker,
	    .on_content = on_content,
	    .ctx = out};
	sgl_cms_reader *r = NULL;
	sgl_err err = {0};

	*out = (result){.content = sgl_buf_init((size_t)1 << 24)};
	if (sgl_cms_reader_new(engine, &options, &r, &err) != SGL_OK)
		abort();
	out->status = feed(sgl_cms_reader_sink(r), in, cut, &err);
	out->offset = out->status == SGL_OK ? 0 : err.offset;
	if (out->status != SGL_OK)
		sgl_sink_abort(sgl_cms_reader_sink(r));
	out->num_signers = sgl_cms_reader_report(r)->num_signers;
	out->is_locked = sgl_cms_reader_report(r)->is_locked;
	sgl_cms_reader_free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const sgl_limits limits = {.kdf_iterations = 1000};
	const sgl_engine_config config = {.limits = &limits};
	static sgl_engine *engine;
	result whole, parts;
	size_t cut;

	if (engine == NULL && sgl_engine_new(&config, &engine, NULL) != SGL_OK)
		abort();
	/* The first byte is the message's own too: seeds are real messages. */
	cut = size == 0 ? 0 : (size_t)data[size / 2] * size / 256;
	read_cut(engine, sgl_slice_of(data, size), 0, &whole);
	read_cut(engine, sgl_slice_of(data, size), cut, &parts);
	if (whole.status != parts.status || whole.offset != parts.offset ||
	    whole.num_signers != parts.num_signers ||
	    whole.is_locked != parts.is_locked ||
	    !sgl_slice_eq(
		sgl_buf_slice(&whole.content), sgl_buf_slice(&parts.content)))
		abort();
	sgl_buf_clear(&whole.content);
	sgl_buf_clear(&parts.content);
	return 0;
}
