/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files in a folder that lies where somebody else may change what is there, and
 * whom we shall not be led astray by: the folder is opened once, no link is
 * followed, and nothing is opened but a regular file with one name.
 */
#ifndef SGL_SYS_PLAIN_H
#define SGL_SYS_PLAIN_H

#include "base/buf.h"

#define SGL_PLAIN_PATH 4096

/* Whose it is, and who may do what with it. */
typedef struct sgl_plain_facts {
	unsigned uid, gid, mode;
} sgl_plain_facts;

typedef struct sgl_plain_folder {
	int fd;
	const char *path; /* borrowed, for errors */
	sgl_plain_facts is;
} sgl_plain_folder;

/* sgl_plain_open: the folder itself is no link; those above it may be.
 * SGL_E_USAGE: it is a link, or no folder; SGL_E_IO. */
SGL_MUST sgl_status sgl_plain_open(
    const char *path, sgl_plain_folder *out, sgl_err *err);
void sgl_plain_close(sgl_plain_folder *folder);

/* sgl_plain_file opens a file in it. SGL_E_USAGE: it is none, or has another
 * name too; *absent: nothing is there (and *fd is -1). */
SGL_MUST sgl_status sgl_plain_file(const sgl_plain_folder *folder,
    const char *name, int *fd, sgl_plain_facts *is, bool *absent, sgl_err *err);
/* sgl_plain_read appends all of it to *out. SGL_E_LIMIT: more than out->max. */
SGL_MUST sgl_status sgl_plain_read(const sgl_plain_folder *folder,
    const char *name, sgl_buf *out, sgl_plain_facts *is, bool *absent,
    sgl_err *err);
/* sgl_plain_read_path does it for a path, of which the last part counts; a
 * link, also a hard one, is refused. */
SGL_MUST sgl_status sgl_plain_read_path(const char *path, sgl_buf *out,
    sgl_plain_facts *is, bool *absent, sgl_err *err);
/* sgl_plain_find_roots: nobody but root can change what `path` leads to, or put
 * something else at *real, which is where that is, without links. */
bool sgl_plain_find_roots(const char *path, char real[SGL_PLAIN_PATH]);
/* sgl_plain_write puts a file (0600) in the place of what is there, whole or
 * not at all. It belongs to the folder's owner. Whoever calls is the only one
 * who writes there. */
SGL_MUST sgl_status sgl_plain_write(const sgl_plain_folder *folder,
    const char *name, sgl_slice bytes, sgl_err *err);
/* sgl_plain_each calls for every name in it but "." and "..". */
typedef sgl_status sgl_plain_visit(void *ctx, const char *name, sgl_err *err);
SGL_MUST sgl_status sgl_plain_each(const sgl_plain_folder *folder,
    sgl_plain_visit *visit, void *ctx, sgl_err *err);

#endif
