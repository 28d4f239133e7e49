/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line on standard error, if that is a terminal, about work that takes
 * longer than a second: "sigill: verify: 37 % of 1.2 GB".
 */
#ifndef SGL_SYS_PROGRESS_H
#define SGL_SYS_PROGRESS_H

#include "sigill/base.h"

/* sgl_progress_start begins a piece of work of `total` bytes (0: not known);
 * `label` is borrowed. */
void sgl_progress_start(const char *label, uint64_t total);
/* sgl_progress_count begins one of `total` pieces of some kind instead. */
void sgl_progress_count(const char *label, uint64_t total);
/* sgl_progress_at: `done` bytes or pieces are behind us. Cheap. */
void sgl_progress_at(uint64_t done);
/* sgl_progress_wait tells, where nothing else is begun, that `have` of `need`
 * pieces that we wait for are there. */
void sgl_progress_wait(const char *label, uint64_t have, uint64_t need);
/* sgl_progress_hide takes the line away until the next sgl_progress_at, so
 * that another line can be written; sgl_progress_end for good. */
void sgl_progress_hide(void);
void sgl_progress_end(void);

#endif
