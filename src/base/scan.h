/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scanning text in blocks (AVX2 by run-time dispatch, and portable).
 */
#ifndef SGL_BASE_SCAN_H
#define SGL_BASE_SCAN_H

#include "base/slice.h"

/*
 * sgl_scan_line_event returns the index of the first byte in `in` that is an
 * LF of interest: one not preceded by CR, or one followed by '-'; in.len if
 * there is none. `prev` is the byte before in.data (0 at the start). An LF in
 * the last position counts as interesting, because what follows is unknown.
 */
size_t sgl_scan_line_event(sgl_slice in, uint8_t prev);

/* sgl_scan_bare_lf: index of the first LF not preceded by CR, or in.len. */
size_t sgl_scan_bare_lf(sgl_slice in, uint8_t prev);

#endif
