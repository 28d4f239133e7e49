/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration file: lines `name = value`, comments from `#` at the start of
 * a line, blank lines. It holds only what a service must know before it can
 * open its store; all else is in the store.
 */
#ifndef SGL_SYS_CONFIG_H
#define SGL_SYS_CONFIG_H

#include "base/buf.h"

/* One setting that a file may have: `set` checks the value and keeps it.
 * SGL_E_USAGE: it is no such value; err->text says what is one. */
typedef struct sgl_config_name {
	const char *name; /* NULL ends a table */
	sgl_status (*set)(void *to, const char *value, sgl_err *err);
} sgl_config_name;

/* sgl_config_read hands each setting of a file to its row of the table. A file
 * that is not there is an empty one. SGL_E_USAGE: a line is none, a name is not
 * known or comes twice, or a value is refused; err->detail begins with
 * FILE:LINE. SGL_E_IO, SGL_E_LIMIT. */
SGL_MUST sgl_status sgl_config_read(
    const char *path, const sgl_config_name *names, void *to, sgl_err *err);
/* The same for the text of such a file; `path` is for errors. */
SGL_MUST sgl_status sgl_config_read_in(const char *path, sgl_slice text,
    const sgl_config_name *names, void *to, sgl_err *err);

/* sgl_config_find appends the value of one setting, with a NUL that does not
 * count, whatever else the file has. The same failures. */
SGL_MUST sgl_status sgl_config_find(const char *path, const char *name,
    sgl_buf *value, bool *found, sgl_err *err);
/* The same in the text of such a file; `path` is for errors. */
SGL_MUST sgl_status sgl_config_find_in(const char *path, sgl_slice text,
    const char *name, sgl_buf *value, bool *found, sgl_err *err);

#endif
