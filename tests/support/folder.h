/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of its own for a test, and small helpers on files in it. Any
 * failure fails the test. */
#ifndef SGL_SUPPORT_FOLDER_H
#define SGL_SUPPORT_FOLDER_H

#include "base/buf.h"

typedef struct sgl_folder {
	char path[256];
} sgl_folder;

void sgl_folder_make(sgl_folder *f);
/* sgl_folder_remove removes it with all that is in it. */
void sgl_folder_remove(sgl_folder *f);
/* sgl_folder_path joins; the result is one of eight in turn. */
const char *sgl_folder_path(const sgl_folder *f, const char *name);
/* sgl_folder_num counts the names in it, "." and ".." left out. */
size_t sgl_folder_num(const sgl_folder *f);

void sgl_folder_write(const sgl_folder *f, const char *name, sgl_slice bytes);
/* sgl_folder_read gives the bytes with a NUL behind; to be cleared. */
sgl_buf sgl_folder_read(const sgl_folder *f, const char *name);

/* sgl_folder_run has the shell run `command` there; what it says when it fails
 * is the test's failure. sgl_folder_need skips the test where there is no
 * `program`. */
void sgl_folder_run(const sgl_folder *f, const char *command);
void sgl_folder_need(const char *program);

#endif
