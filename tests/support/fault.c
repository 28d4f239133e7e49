/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <malloc.h>

#include "base/mem.h"
#include "support/fault.h"

void *__real_sgl_mem_resize(void *old, size_t size);
void *__real_sgl_mem_zeroed(size_t n, size_t size);
void __real_sgl_mem_free(void *p);
void *__wrap_sgl_mem_resize(void *old, size_t size);
void *__wrap_sgl_mem_zeroed(size_t n, size_t size);
void __wrap_sgl_mem_free(void *p);

static struct {
	size_t count, fail_at;
	long live;
	sgl_slice secret;
	size_t left;
} fault;

#define RUN 16 /* bytes that are no coincidence */

static void
look_into(const void *p)
{
	sgl_slice s = fault.secret;

	for (size_t i = 0; p != NULL && i + RUN <= s.len; i++)
		if (memmem(p, malloc_usable_size((void *)(uintptr_t)p),
			s.data + i, RUN) != NULL) {
			fault.left++;
			return;
		}
}

static bool
fails_now(void)
{
	return ++fault.count == fault.fail_at;
}

void *
__wrap_sgl_mem_resize(void *old, size_t size)
{
	void *p;

	if (size == 0) {
		__wrap_sgl_mem_free(old);
		return NULL;
	}
	if (fails_now())
		return NULL;
	look_into(old);
	p = __real_sgl_mem_resize(old, size);
	fault.live += old == NULL && p != NULL;
	return p;
}

void *
__wrap_sgl_mem_zeroed(size_t n, size_t size)
{
	void *p;

	if (fails_now())
		return NULL;
	p = __real_sgl_mem_zeroed(n, size);
	fault.live += p != NULL;
	return p;
}

void
__wrap_sgl_mem_free(void *p)
{
	fault.live -= p != NULL;
	look_into(p);
	__real_sgl_mem_free(p);
}

void
sgl_fault_watch(sgl_slice secret)
{
	fault.secret = secret;
	fault.left = 0;
}

size_t
sgl_fault_left(void)
{
	return fault.left;
}

void
sgl_fault_arm(size_t n)
{
	fault.count = 0;
	fault.fail_at = n;
}

size_t
sgl_fault_count(void)
{
	return fault.count;
}

long
sgl_fault_live(void)
{
	return fault.live;
}

static sgl_status
run_once(sgl_fault_job job, void *ctx, size_t n)
{
	long before = fault.live;
	sgl_err err = {0};
	sgl_status status;

	sgl_fault_arm(n);
	status = job(ctx, &err);
	fault.fail_at = 0;
	if (fault.live != before)
		fail_msg("allocation %zu failed: %ld not given back", n,
		    fault.live - before);
	if (status != SGL_OK && (n == 0 || status != SGL_E_NOMEM))
		fail_msg("allocation %zu failed: status is \"%s\" (%s: %s)", n,
		    sgl_status_name(status), err.room ? err.room : "no room",
		    err.text ? err.text : "no text");
	if (status != SGL_OK && err.status != status)
		fail_msg("allocation %zu failed: err says \"%s\"", n,
		    sgl_status_name(err.status));
	return status;
}

size_t
sgl_fault_each(sgl_fault_job job, void *ctx)
{
	return sgl_fault_every(job, ctx, 1);
}

size_t
sgl_fault_every(sgl_fault_job job, void *ctx, size_t step)
{
	size_t n = 1, num = 0;

	run_once(job, ctx, 0);
	/* A job that can do without one may then want more than before, so go
	 * on until a run no longer reaches its failing allocation. */
	for (;; n += step, num++) {
		run_once(job, ctx, n);
		if (fault.count < n)
			return num;
	}
}
