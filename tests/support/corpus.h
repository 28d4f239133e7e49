/* SPDX-License-Identifier: Apache-2.0 */
/* Test material made by others, read from the folder in $SIGILL_CORPUS. */
#ifndef SGL_SUPPORT_CORPUS_H
#define SGL_SUPPORT_CORPUS_H

#include "base/buf.h"

/* sgl_corpus_has: $SIGILL_CORPUS names a folder, and `set` is in it. */
bool sgl_corpus_has(const char *set);
/* sgl_corpus_read puts a file in *out, which is emptied first; fails the test
 * where it cannot. `path` is below $SIGILL_CORPUS. */
void sgl_corpus_read(const char *path, sgl_buf *out);
/* sgl_corpus_read_der is the same, and undoes PEM: its first block. */
void sgl_corpus_read_der(const char *path, sgl_buf *out);
/* sgl_corpus_each calls `each` with the path of every regular file below the
 * folder `path`, in the order of their names; returns how many. */
size_t sgl_corpus_each(
    const char *path, void (*each)(const char *path, void *ctx), void *ctx);
/* sgl_corpus_read_file is for files that do not belong to the corpus. */
void sgl_corpus_read_file(const char *path, sgl_buf *out);

#endif
