/* SPDX-License-Identifier: Apache-2.0 */
/* Feeding a sink in pieces: where the input is cut must never matter. */
#ifndef SGL_SUPPORT_FEED_H
#define SGL_SUPPORT_FEED_H

#include "base/slice.h"

/* The steps that every stream is tried with; 0 is all at once. */
static const size_t sgl_feed_steps[] = {0, 1, 2, 3, 7, 64};
#define SGL_FEED_STEPS (sizeof sgl_feed_steps / sizeof *sgl_feed_steps)

static inline sgl_status
sgl_feed_pieces(sgl_sink *sink, sgl_slice in, size_t step, sgl_err *err)
{
	while (in.len > 0) {
		size_t n = step == 0 || step > in.len ? in.len : step;
		sgl_status status =
		    sgl_sink_write(sink, sgl_slice_first(in, n), err);

		if (status != SGL_OK)
			return status;
		in = sgl_slice_from(in, n);
	}
	return sgl_sink_finish(sink, err);
}

/* sgl_feed writes all of `in`, `step` bytes at a time, and finishes the sink,
 * or aborts it after a failure. */
static inline sgl_status
sgl_feed(sgl_sink *sink, sgl_slice in, size_t step, sgl_err *err)
{
	sgl_status status = sgl_feed_pieces(sink, in, step, err);

	if (status != SGL_OK)
		sgl_sink_abort(sink);
	return status;
}

/* sgl_feed_halves cuts once, behind `at` bytes. */
static inline sgl_status
sgl_feed_halves(sgl_sink *sink, sgl_slice in, size_t at, sgl_err *err)
{
	sgl_status status = sgl_sink_write(sink, sgl_slice_first(in, at), err);

	if (status == SGL_OK)
		return sgl_feed(sink, sgl_slice_from(in, at), 0, err);
	sgl_sink_abort(sink);
	return status;
}

#endif
