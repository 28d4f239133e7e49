/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"

#define ROOM "base.buf"

void
sgl_buf_clear(sgl_buf *b)
{
	if (b->secret && b->data != NULL)
		sgl_mem_wipe(b->data, b->cap);
	sgl_mem_free(b->data);
	b->data = NULL;
	b->len = b->cap = 0;
}

void
sgl_buf_wipe(sgl_buf *b)
{
	if (b->data != NULL)
		sgl_mem_wipe(b->data, b->cap);
	sgl_buf_clear(b);
}

/* realloc would leave the old bytes behind where it moves them. */
static uint8_t *
resize(sgl_buf *b, size_t cap)
{
	uint8_t *data = sgl_mem_resize(b->secret ? NULL : b->data, cap);

	if (data == NULL || !b->secret || b->data == NULL)
		return data;
	memcpy(data, b->data, b->len);
	sgl_mem_wipe(b->data, b->cap);
	sgl_mem_free(b->data);
	return data;
}

static size_t
grown_capacity(const sgl_buf *b, size_t need)
{
	size_t cap = b->cap < 128 ? 256 : b->cap;

	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	return cap > b->max && b->max >= need ? b->max : cap;
}

sgl_status
sgl_buf_reserve(sgl_buf *b, size_t more, sgl_err *err)
{
	size_t need, cap;
	uint8_t *data;

	if (__builtin_add_overflow(b->len, more, &need) || need > b->max)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "more bytes than the limit allows");
	if (need <= b->cap)
		return SGL_OK;
	cap = grown_capacity(b, need);
	data = resize(b, cap);
	if (data == NULL)
		return sgl_oom(err, ROOM);
	b->data = data;
	b->cap = cap;
	return SGL_OK;
}

sgl_status
sgl_buf_add(sgl_buf *b, sgl_slice bytes, sgl_err *err)
{
	TRY(sgl_buf_reserve(b, bytes.len, err));
	if (bytes.len > 0)
		memcpy(b->data + b->len, bytes.data, bytes.len);
	b->len += bytes.len;
	return SGL_OK;
}

sgl_status
sgl_buf_add_str(sgl_buf *b, const char *s, sgl_err *err)
{
	return sgl_buf_add(b, sgl_slice_str(s), err);
}

sgl_status
sgl_buf_printf(sgl_buf *b, sgl_err *err, const char *fmt, ...)
{
	SGL_AUTO_MEM char *text = NULL;
	sgl_status status;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "text cannot be formatted");
	/* Not into *b at once: the NUL may be one byte over its maximum. */
	text = sgl_mem_resize(NULL, (size_t)n + 1);
	if (text == NULL)
		return sgl_oom(err, ROOM);
	va_start(args, fmt);
	(void)vsnprintf(text, (size_t)n + 1, fmt, args);
	va_end(args);
	status = sgl_buf_add(b, sgl_slice_of(text, (size_t)n), err);
	if (b->secret)
		sgl_mem_wipe(text, (size_t)n);
	return status;
}

sgl_status
sgl_hex_add(sgl_buf *b, sgl_slice bytes, sgl_err *err)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < bytes.len; i++) {
		const char two[2] = {
		    digits[bytes.data[i] >> 4], digits[bytes.data[i] & 15]};
		TRY(sgl_buf_add(b, sgl_slice_of(two, 2), err));
	}
	return SGL_OK;
}

sgl_status
sgl_buf_text(sgl_buf *b, const char **out, sgl_err *err)
{
	TRY(sgl_buf_add(b, sgl_slice_of("", 1), err));
	b->len--;
	*out = (const char *)b->data;
	return SGL_OK;
}

sgl_status
sgl_slice_copy(sgl_slice s, uint8_t **out, const char *room, sgl_err *err)
{
	uint8_t *copy = sgl_mem_resize(NULL, s.len + 1);

	if (copy == NULL)
		return sgl_oom(err, room);
	if (s.len > 0)
		memcpy(copy, s.data, s.len);
	copy[s.len] = 0;
	*out = copy;
	return SGL_OK;
}

static sgl_status
bufsink_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	return sgl_buf_add(((sgl_bufsink *)s)->buf, in, err);
}

static sgl_status
bufsink_finish(sgl_sink *s, sgl_err *err)
{
	(void)err;
	((sgl_bufsink *)s)->finished = true;
	return SGL_OK;
}

static void
bufsink_abort(sgl_sink *s)
{
	((sgl_bufsink *)s)->aborted = true;
}

static const sgl_sink_ops bufsink_ops = {
    bufsink_write, bufsink_finish, bufsink_abort};

void
sgl_bufsink_init(sgl_bufsink *s, sgl_buf *buf)
{
	*s = (sgl_bufsink){.sink.ops = &bufsink_ops, .buf = buf};
}

static sgl_status
slicesource_read(
    sgl_source *s, uint8_t *buf, size_t cap, size_t *got, sgl_err *err)
{
	sgl_slicesource *self = (sgl_slicesource *)s;
	size_t n = self->bytes.len - self->at;

	(void)err;
	if (n > cap)
		n = cap;
	if (n > 0)
		memcpy(buf, self->bytes.data + self->at, n);
	self->at += n;
	*got = n;
	return SGL_OK;
}

static sgl_status
slicesource_rewind(sgl_source *s, sgl_err *err)
{
	(void)err;
	((sgl_slicesource *)s)->at = 0;
	return SGL_OK;
}

static const sgl_source_ops slicesource_ops = {
    slicesource_read, slicesource_rewind};

void
sgl_slicesource_init(sgl_slicesource *s, sgl_slice bytes)
{
	*s = (sgl_slicesource){.source.ops = &slicesource_ops, .bytes = bytes};
}

sgl_status
sgl_secret_zeroed(sgl_secret *s, size_t len, sgl_err *err)
{
	uint8_t *data = sgl_mem_zeroed(len + 1, 1);

	if (data == NULL)
		return sgl_oom(err, ROOM);
	sgl_secret_clear(s);
	*s = (sgl_secret){data, len};
	return SGL_OK;
}

sgl_status
sgl_secret_set(sgl_secret *s, sgl_slice bytes, sgl_err *err)
{
	sgl_secret fresh = {0};

	TRY(sgl_secret_zeroed(&fresh, bytes.len, err));
	if (bytes.len > 0)
		memcpy(fresh.data, bytes.data, bytes.len);
	sgl_secret_clear(s);
	*s = fresh;
	return SGL_OK;
}

void
sgl_secret_clear(sgl_secret *s)
{
	if (s->data != NULL)
		sgl_mem_wipe(s->data, s->len);
	sgl_mem_free(s->data);
	*s = (sgl_secret){0};
}
