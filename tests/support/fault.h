/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making the n-th allocation fail. For unit tests named in <room>_fault_tests,
 * where every call of sgl_mem_resize, sgl_mem_zeroed and sgl_mem_free comes
 * through here. What libcrypto allocates for itself is not counted.
 */
#ifndef SGL_SUPPORT_FAULT_H
#define SGL_SUPPORT_FAULT_H

#include "sigill/base.h"

/* One whole job: it makes what it needs, does it, and frees everything. */
typedef sgl_status (*sgl_fault_job)(void *ctx, sgl_err *err);

/*
 * sgl_fault_each runs `job` once with all memory it wants, which must be SGL_OK
 * and leave nothing allocated, and counts its allocations. Then it runs it
 * again for every one of them, that one failing: the job must answer
 * SGL_E_NOMEM, and say the same in *err, or SGL_OK where it can do without;
 * and leave nothing allocated. Anything else fails the test, naming the
 * allocation. Returns how many allocations were made to fail.
 */
size_t sgl_fault_each(sgl_fault_job job, void *ctx);
/* sgl_fault_every is for jobs that are slow by design: only every `step`th
 * allocation fails, the first one among them. */
size_t sgl_fault_every(sgl_fault_job job, void *ctx, size_t step);

/* sgl_fault_arm makes the n-th allocation from now fail (1: the next one; 0:
 * none). sgl_fault_count says how many there were since. */
void sgl_fault_arm(size_t n);
size_t sgl_fault_count(void);

/* sgl_fault_watch takes a secret (borrowed; len 0: no more). From then on
 * sgl_fault_left counts the blocks that were given back, or grown by realloc,
 * while they held any 16 bytes of it in a row. */
void sgl_fault_watch(sgl_slice secret);
size_t sgl_fault_left(void);

/* sgl_fault_live is the number of allocations not given back yet. */
long sgl_fault_live(void);

#endif
