/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

const char *
sgl_status_name(sgl_status status)
{
	switch (status) {
	case SGL_OK:
		return "ok";
	case SGL_NEED_KEY:
		return "need-key";
	case SGL_E_ENCODING:
		return "malformed";
	case SGL_E_LIMIT:
		return "over-limit";
	case SGL_E_UNSUPPORTED:
		return "unsupported";
	case SGL_E_NOKEY:
		return "no-key";
	case SGL_E_PASSWORD:
		return "wrong-password";
	case SGL_E_DECRYPT:
		return "decrypt-failed";
	case SGL_E_MISMATCH:
		return "mismatch";
	case SGL_E_USAGE:
		return "usage";
	case SGL_E_IO:
		return "io";
	case SGL_E_NOMEM:
		return "no-memory";
	case SGL_E_CRYPTO:
		return "crypto";
	}
	return "unknown";
}

void
sgl_err_set(sgl_err *err, sgl_status status, const char *room, uint64_t offset,
    const char *text)
{
	if (err != NULL) {
		err->status = status;
		err->room = room;
		err->text = text;
		err->offset = offset;
		err->detail[0] = '\0';
	}
}

/* Bytes of a stranger may stand in a detail: they must not move a terminal's
 * cursor. UTF-8 passes; control characters (C1 too) and other bytes do not. */
static void
make_printable(char *s)
{
	sgl_slice rest = sgl_slice_str(s);

	while (rest.len > 0) {
		uint32_t cp = 0;
		size_t n = sgl_utf8_read(rest, &cp);
		bool good = n > 0 && cp >= 0x20 && (cp < 0x7f || cp > 0x9f);

		n = n > 0 ? n : 1;
		if (!good)
			memset(s, '?', n);
		s += n;
		rest = sgl_slice_from(rest, n);
	}
}

sgl_status
sgl_fail_at(sgl_err *err, sgl_status status, const char *room, uint64_t offset,
    const char *text, const char *fmt, ...)
{
	va_list args;

	sgl_err_set(err, status, room, offset, text);
	if (err != NULL) {
		va_start(args, fmt);
		(void)vsnprintf(err->detail, sizeof err->detail, fmt, args);
		va_end(args);
		make_printable(err->detail);
	}
	return status;
}
