/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory: every allocation of Sigill goes through sgl_mem_resize and
 * sgl_mem_zeroed, so that a test can make the n-th one fail (it wraps those
 * symbols at link time). Owners are declared with SGL_AUTO, which frees on
 * every way out of a block, and let go with SGL_TAKE.
 */
#ifndef SGL_BASE_MEM_H
#define SGL_BASE_MEM_H

#include "sigill/base.h"

/* sgl_mem_resize is realloc: NULL grows from nothing, size 0 frees and returns
 * NULL. NULL for a size above 0 means no memory, and `old` still stands. */
SGL_MUST void *sgl_mem_resize(void *old, size_t size);
/* sgl_mem_zeroed returns n * size zero bytes, or NULL. */
SGL_MUST void *sgl_mem_zeroed(size_t n, size_t size);
void sgl_mem_free(void *p);
/* sgl_mem_wipe clears bytes in a way the compiler does not drop. */
void sgl_mem_wipe(void *p, size_t size);
/* sgl_mem_equal compares in time that depends on len alone. */
bool sgl_mem_equal(const void *a, const void *b, size_t len);

/* sgl_oom is the failure for a NULL of the above. */
static inline sgl_status
sgl_oom(sgl_err *err, const char *room)
{
	return sgl_fail(err, SGL_E_NOMEM, room, SGL_NO_OFFSET, "out of memory");
}

/*
 * TRY(call) hands a failure (and SGL_NEED_KEY) to our own caller. It does not
 * compile for an int from libcrypto or for a bool.
 */
#define TRY(call)                                                              \
	do {                                                                   \
		sgl_status try_ = _Generic((call), sgl_status : (call));       \
		if (try_ != SGL_OK)                                            \
			return try_;                                           \
	} while (0)

/*
 * SGL_AUTO(sgl_cert) c = NULL; frees *c by the type's registered free function
 * at the end of the block. A type registers with SGL_AUTO_TYPE(type, free).
 */
#define SGL_AUTO_TYPE(type, free_fn)                                           \
	static inline void type##_auto(type **p_)                              \
	{                                                                      \
		free_fn(*p_);                                                  \
	}
#define SGL_AUTO(type) __attribute__((cleanup(type##_auto))) type *

/* The same for objects on the stack that have a clear function. */
#define SGL_AUTO_CLEAR_TYPE(type, clear_fn)                                    \
	static inline void type##_auto_clear(type *p_)                         \
	{                                                                      \
		clear_fn(p_);                                                  \
	}
#define SGL_AUTO_CLEAR(type) __attribute__((cleanup(type##_auto_clear))) type

/* SGL_TAKE(&p) returns p and leaves NULL behind. */
#define SGL_TAKE(pp)                                                           \
	__extension__({                                                        \
		__typeof__(*(pp)) taken_ = *(pp);                              \
		*(pp) = NULL;                                                  \
		taken_;                                                        \
	})

static inline void
sgl_mem_free_auto(void *pp)
{
	sgl_mem_free(*(void **)pp);
}
/* SGL_AUTO_MEM uint8_t *p = ...; for plain memory. */
#define SGL_AUTO_MEM __attribute__((cleanup(sgl_mem_free_auto)))

SGL_AUTO_TYPE(sgl_spool, sgl_spool_free)

#endif
