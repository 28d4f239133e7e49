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
		/* Bytes of a stranger may stand in it. */
		sgl_utf8_make_safe((uint8_t *)err->detail, strlen(err->detail));
	}
	return status;
}
