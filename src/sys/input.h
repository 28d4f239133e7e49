/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files and standard input as a source, and small files read whole. A read
 * that waits ends with SGL_E_IO when a signal comes.
 */
#ifndef SGL_SYS_INPUT_H
#define SGL_SYS_INPUT_H

#include "base/buf.h"
#include "sigill/crypto.h"

/* sgl_path_is_standard: NULL or "-". */
bool sgl_path_is_standard(const char *path);

typedef struct sgl_input sgl_input;

/* sgl_input_open opens `path` (copied), or standard input for NULL and "-".
 * SGL_E_IO: missing, no permission, a folder. */
SGL_MUST sgl_status sgl_input_open(
    const char *path, sgl_input **out, sgl_err *err);
/* The source is borrowed. Its `rewind` is NULL where the input is no regular
 * file (and was not held); rewinding goes back to where the input began. */
sgl_source *sgl_input_source(sgl_input *in);
/* The path, or "standard input" in the user's language; borrowed. */
const char *sgl_input_name(const sgl_input *in);
/* sgl_input_hold makes an input that cannot be rewound rewindable: it is read
 * to its end into a spool (spool.h; `folder` as there). Others stay as they
 * are. To be called before the first read. */
SGL_MUST sgl_status sgl_input_hold(
    sgl_input *in, sgl_engine *engine, const char *folder, sgl_err *err);
/* sgl_input_watch shows on a terminal how far reading is; see progress.h. */
void sgl_input_watch(sgl_input *in, const char *label);
void sgl_input_free(sgl_input *in);
SGL_AUTO_TYPE(sgl_input, sgl_input_free)

/* sgl_file_read appends all of a file or of standard input to *out; memory
 * left behind while *out grew is wiped, so it may be a key. SGL_E_LIMIT: more
 * than out->max; SGL_E_ENCODING: empty; SGL_E_IO. */
SGL_MUST sgl_status sgl_file_read(const char *path, sgl_buf *out, sgl_err *err);

#endif
