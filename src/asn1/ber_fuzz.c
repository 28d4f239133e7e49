/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The streaming tokenizer: where the input is cut, and where a key is asked
 * for, never changes what it tells. The first byte chooses how elements are
 * taken, the next two the cuts, the fourth where keys are asked for.
 */
#include <assert.h>
#include <stdlib.h>

#include "asn1/ber.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct log {
	sgl_buf text;
	unsigned events, ask;
	uint8_t choice;
} log;

static sgl_status
event(log *l, sgl_status status)
{
	l->events++;
	if (status == SGL_OK && l->ask != 0 && l->events % l->ask == 0)
		return SGL_NEED_KEY;
	return status;
}

/* A choice that hangs on the element alone. */
static sgl_status
on_element(void *ctx, const sgl_ber_head *head, sgl_ber_how *how, sgl_err *err)
{
	log *l = ctx;
	unsigned dice = l->choice + head->tag * 7u + (head->tag >> 29) * 3u;

	if ((head->tag & SGL_TAG_CONSTRUCTED) != 0 && dice % 4 < 2)
		*how = SGL_BER_ENTER;
	else
		*how = dice % 3 == 0 ? SGL_BER_STREAM : SGL_BER_CAPTURE;
	return event(l,
	    sgl_buf_printf(&l->text, err, "%d:%08x,%zu,%d@%zu ", (int)*how,
		head->tag, (size_t)head->len, head->indefinite,
		(size_t)head->offset));
}

static sgl_status
on_captured(void *ctx, const sgl_ber_head *head, sgl_slice whole, sgl_err *err)
{
	log *l = ctx;

	(void)head;
	TRY(sgl_buf_printf(&l->text, err, "<%zu ", whole.len));
	return event(l, sgl_buf_add(&l->text, whole, err));
}

static sgl_status
on_bytes(void *ctx, sgl_slice piece, sgl_err *err)
{
	log *l = ctx;

	assert(piece.len > 0);
	return event(l, sgl_buf_add(&l->text, piece, err));
}

static sgl_status
on_leave(void *ctx, const sgl_ber_head *head, uint64_t end, sgl_err *err)
{
	log *l = ctx;

	(void)head;
	return event(l, sgl_buf_printf(&l->text, err, ")%zu ", (size_t)end));
}

static const sgl_ber_handler handler = {
    on_element, on_captured, on_bytes, on_leave};

typedef struct outcome {
	log log;
	sgl_status status;
	uint64_t offset;
} outcome;

static sgl_status
push(sgl_ber *b, sgl_slice piece, sgl_err *err)
{
	sgl_status status;
	size_t taken;

	do {
		status = sgl_ber_push(b, piece, &taken, err);
		assert(taken <= piece.len);
		piece = sgl_slice_from(piece, taken);
	} while (status == SGL_NEED_KEY);
	return status;
}

static outcome
run(sgl_slice in, uint8_t choice, size_t first, size_t step, unsigned ask)
{
	outcome o = {
	    .log = {
		.text = sgl_buf_init(1 << 24), .ask = ask, .choice = choice}};
	SGL_AUTO(sgl_ber)
	b = NULL;
	sgl_err err = {0};
	size_t n = first;

	if (sgl_ber_new(&handler, &o.log, 4096, 16, &b, NULL) != SGL_OK)
		abort();
	while (o.status == SGL_OK && in.len > 0 && !sgl_ber_is_done(b)) {
		if (n == 0 || n > in.len)
			n = in.len;
		o.status = push(b, sgl_slice_first(in, n), &err);
		in = sgl_slice_from(in, n);
		n = step;
	}
	if (o.status == SGL_OK)
		o.status = sgl_ber_finish(b, &err);
	o.offset = o.status == SGL_OK ? sgl_ber_offset(b) : err.offset;
	return o;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	sgl_slice in;
	outcome whole, cut;

	if (size < 4)
		return 0;
	in = sgl_slice_of(data + 4, size - 4);
	whole = run(in, data[0], 0, 0, 0);
	cut = run(in, data[0], data[1], data[2], data[3] % 8);
	assert(cut.status == whole.status);
	assert(cut.offset == whole.offset);
	assert(sgl_slice_eq(
	    sgl_buf_slice(&cut.log.text), sgl_buf_slice(&whole.log.text)));
	sgl_buf_clear(&whole.log.text);
	sgl_buf_clear(&cut.log.text);
	return 0;
}
