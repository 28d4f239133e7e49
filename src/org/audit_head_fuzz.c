/* SPDX-License-Identifier: Apache-2.0 */
/* What is read as an end of the audit chain is written so that it is read as
 * the same again. */
#include <stdlib.h>

#include "org/audit_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO_CLEAR(sgl_audit_end) end = {0};
	SGL_AUTO_CLEAR(sgl_audit_end) again = {0};
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(2 * SGL_AUDIT_END_TEXT);

	if (sgl_audit_end_read(sgl_slice_of(data, size), &end, NULL) != SGL_OK)
		return 0;
	if (sgl_audit_end_add(&end, &text, NULL) != SGL_OK ||
	    sgl_audit_end_read(sgl_buf_slice(&text), &again, NULL) != SGL_OK)
		abort();
	if (end.sequence != again.sequence ||
	    memcmp(end.hash, again.hash, sizeof end.hash) != 0 ||
	    !sgl_slice_eq(
		sgl_buf_slice(&end.spki), sgl_buf_slice(&again.spki)) ||
	    !sgl_slice_eq(
		sgl_buf_slice(&end.signature), sgl_buf_slice(&again.signature)))
		abort();
	return 0;
}
