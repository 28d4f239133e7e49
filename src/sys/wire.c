/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/wire.h"
#include "sys/text.h"

#define ROOM "sys.wire"
#define INT_LEN 8
#define COUNT_LEN 4

static void
store(uint8_t *out, uint64_t value, size_t len)
{
	for (size_t i = len; i-- > 0; value >>= 8)
		out[i] = (uint8_t)value;
}

static uint64_t
load(const uint8_t *in, size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++)
		value = value << 8 | in[i];
	return value;
}

/* ------------------------------------------------------------- writing --- */

sgl_wire
sgl_wire_over(sgl_buf *out)
{
	return (sgl_wire){.out = out};
}

static void
put(sgl_wire *w, sgl_slice bytes)
{
	if (w->failed == SGL_OK)
		w->failed = sgl_buf_add(w->out, bytes, NULL);
}

void
sgl_wire_add_int(sgl_wire *w, int64_t value)
{
	uint8_t bytes[INT_LEN];

	store(bytes, (uint64_t)value, sizeof bytes);
	put(w, sgl_slice_of(bytes, sizeof bytes));
}

void
sgl_wire_add_bytes(sgl_wire *w, sgl_slice bytes)
{
	uint8_t count[COUNT_LEN];

	if (bytes.len > UINT32_MAX) {
		w->failed = SGL_E_LIMIT;
		return;
	}
	store(count, bytes.len, sizeof count);
	put(w, sgl_slice_of(count, sizeof count));
	put(w, bytes);
}

void
sgl_wire_add_text(sgl_wire *w, const char *text)
{
	sgl_wire_add_bytes(w, sgl_slice_str(text == NULL ? "" : text));
}

sgl_status
sgl_wire_end(const sgl_wire *w, sgl_err *err)
{
	if (w->failed == SGL_E_NOMEM)
		return sgl_oom(err, ROOM);
	if (w->failed != SGL_OK)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("too much for one message between our processes"));
	return SGL_OK;
}

/* --------------------------------------------------------------- heads --- */

#define LEN_LEN 4
#define TYPE_LEN 2

sgl_wire_head
sgl_wire_head_of(size_t len, unsigned type)
{
	sgl_wire_head h;

	store(h.bytes, len, LEN_LEN);
	store(h.bytes + LEN_LEN, type, TYPE_LEN);
	return h;
}

void
sgl_wire_head_read(const sgl_wire_head *h, size_t *len, unsigned *type)
{
	*len = (size_t)load(h->bytes, LEN_LEN);
	*type = (unsigned)load(h->bytes + LEN_LEN, TYPE_LEN);
}

/* ------------------------------------------------------------- reading --- */

sgl_unwire
sgl_unwire_over(sgl_slice message)
{
	return (sgl_unwire){.at = message.data,
	    .end =
		message.len == 0 ? message.data : message.data + message.len};
}

static const uint8_t *
take(sgl_unwire *u, size_t len)
{
	const uint8_t *at = u->at;

	if (u->failed || (size_t)(u->end - at) < len) {
		u->failed = true;
		return NULL;
	}
	u->at = at + len;
	return at;
}

int64_t
sgl_unwire_int(sgl_unwire *u, int64_t min, int64_t max)
{
	const uint8_t *at = take(u, INT_LEN);
	int64_t value;

	if (at == NULL)
		return 0;
	value = (int64_t)load(at, INT_LEN);
	if (value >= min && value <= max)
		return value;
	u->failed = true;
	return 0;
}

bool
sgl_unwire_bool(sgl_unwire *u)
{
	return sgl_unwire_int(u, 0, 1) != 0;
}

sgl_slice
sgl_unwire_bytes(sgl_unwire *u, size_t max)
{
	const uint8_t *at = take(u, COUNT_LEN);
	size_t len;

	if (at == NULL)
		return (sgl_slice){NULL, 0};
	len = (size_t)load(at, COUNT_LEN);
	if (len > max)
		u->failed = true;
	at = take(u, len);
	return at == NULL ? (sgl_slice){NULL, 0} : sgl_slice_of(at, len);
}

void
sgl_unwire_text(sgl_unwire *u, char *out, size_t size)
{
	sgl_slice text = sgl_unwire_bytes(u, size - 1);

	out[0] = '\0';
	if (text.len == 0)
		return;
	if (memchr(text.data, 0, text.len) != NULL) {
		u->failed = true;
		return;
	}
	memcpy(out, text.data, text.len);
	out[text.len] = '\0';
}

sgl_status
sgl_unwire_end(const sgl_unwire *u, sgl_err *err)
{
	if (!u->failed && u->at == u->end)
		return SGL_OK;
	return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("a message between our processes is malformed"));
}
