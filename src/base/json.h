/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing JSON (RFC 8259), two spaces of indent per level or all in one line,
 * keys in the order given. The first failure sticks; sgl_json_end tells it.
 * Strings that are not UTF-8 are written with each bad byte as U+FFFD. Control
 * characters, DEL and C1 among them, are escaped.
 */
#ifndef SGL_BASE_JSON_H
#define SGL_BASE_JSON_H

#include "base/buf.h"

typedef struct sgl_json {
	sgl_buf *out;
	sgl_status failed;
	unsigned depth;
	bool comma;
	bool one_line; /* set before anything is written */
} sgl_json;

sgl_json sgl_json_over(sgl_buf *out);
/* sgl_json_end adds LF; everything opened must be closed. SGL_E_LIMIT (the
 * buffer's maximum), SGL_E_NOMEM: what the buffer holds is not whole. */
SGL_MUST sgl_status sgl_json_end(sgl_json *j, sgl_err *err);

/* key is NULL inside an array and at the top. */
void sgl_json_object(sgl_json *j, const char *key);
void sgl_json_array(sgl_json *j, const char *key);
void sgl_json_close_object(sgl_json *j);
void sgl_json_close_array(sgl_json *j);
void sgl_json_string(sgl_json *j, const char *key, sgl_slice text);
/* text NULL is written as null. */
void sgl_json_str(sgl_json *j, const char *key, const char *text);
void sgl_json_hex(sgl_json *j, const char *key, sgl_slice bytes);
void sgl_json_uint(sgl_json *j, const char *key, uint64_t number);
void sgl_json_bool(sgl_json *j, const char *key, bool yes);
void sgl_json_null(sgl_json *j, const char *key);
void sgl_json_time(sgl_json *j, const char *key, sgl_time t); /* RFC 3339 */

#endif
