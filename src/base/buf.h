/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A buffer that grows up to a maximum it was told at birth, so that no number
 * a stranger chose can make it grow further. All-zero but for `max` is a valid
 * empty buffer. A failed append leaves the contents as they were. Bytes to
 * append must not lie in the buffer itself.
 */
#ifndef SGL_BASE_BUF_H
#define SGL_BASE_BUF_H

#include "base/mem.h"
#include "base/slice.h"

typedef struct sgl_buf {
	uint8_t *data;
	size_t len, cap, max;
	bool secret; /* wipe the bytes when they are freed or move */
} sgl_buf;

static inline sgl_buf
sgl_buf_init(size_t max)
{
	return (sgl_buf){.max = max};
}

void sgl_buf_clear(sgl_buf *b); /* frees; keeps max and secret */
void sgl_buf_wipe(sgl_buf *b);	/* clears the bytes first */

/* SGL_E_LIMIT over max, SGL_E_NOMEM. */
SGL_MUST sgl_status sgl_buf_reserve(sgl_buf *b, size_t more, sgl_err *err);
SGL_MUST sgl_status sgl_buf_add(sgl_buf *b, sgl_slice bytes, sgl_err *err);
SGL_MUST sgl_status sgl_buf_add_str(sgl_buf *b, const char *s, sgl_err *err);
SGL_MUST sgl_status sgl_buf_printf(
    sgl_buf *b, sgl_err *err, const char *fmt, ...) SGL_PRINTF(3, 4);
/* "4F01...": bytes in hexadecimal, as other tools print serial numbers. */
SGL_MUST sgl_status sgl_hex_add(sgl_buf *b, sgl_slice bytes, sgl_err *err);
/* sgl_buf_text puts a NUL behind, which does not count; *out is borrowed. */
SGL_MUST sgl_status sgl_buf_text(sgl_buf *b, const char **out, sgl_err *err);

static inline sgl_slice
sgl_buf_slice(const sgl_buf *b)
{
	return (sgl_slice){b->data, b->len};
}

/* sgl_slice_copy makes an owned copy of `s` in *out (never NULL on success,
 * with a NUL byte behind it, so that text may be used as a C string). */
SGL_MUST sgl_status sgl_slice_copy(
    sgl_slice s, uint8_t **out, const char *room, sgl_err *err);

SGL_AUTO_CLEAR_TYPE(sgl_buf, sgl_buf_clear)

/* A sink over a buffer; `buf` is borrowed. For tests and small results. */
typedef struct sgl_bufsink {
	sgl_sink sink;
	sgl_buf *buf;
	bool finished, aborted;
} sgl_bufsink;
void sgl_bufsink_init(sgl_bufsink *s, sgl_buf *buf);

/* A rewindable source over borrowed bytes. */
typedef struct sgl_slicesource {
	sgl_source source;
	sgl_slice bytes;
	size_t at;
} sgl_slicesource;
void sgl_slicesource_init(sgl_slicesource *s, sgl_slice bytes);

/* A secret of known length, with a NUL byte behind it; wiped when it is freed
 * or set anew. sgl_secret_set: `bytes` may be the secret's own. */
typedef struct sgl_secret {
	uint8_t *data;
	size_t len;
} sgl_secret;
SGL_MUST sgl_status sgl_secret_set(
    sgl_secret *s, sgl_slice bytes, sgl_err *err);
SGL_MUST sgl_status sgl_secret_zeroed(sgl_secret *s, size_t len, sgl_err *err);
void sgl_secret_clear(sgl_secret *s);
static inline sgl_slice
sgl_secret_slice(const sgl_secret *s)
{
	return (sgl_slice){s->data, s->len};
}
SGL_AUTO_CLEAR_TYPE(sgl_secret, sgl_secret_clear)

#endif
