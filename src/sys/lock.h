/* SPDX-License-Identifier: Apache-2.0 */
/* A lock between processes: a file, and flock(2) on it. The kernel lets go
 * when the process ends, however it ends. */
#ifndef SGL_SYS_LOCK_H
#define SGL_SYS_LOCK_H

#include "base/mem.h"
#include "sys/plain.h"

typedef struct sgl_lock sgl_lock;

/* sgl_lock_new opens (or makes, 0600) the file and waits up to `patience_ms`
 * for the lock. SGL_E_IO: somebody else holds it. */
SGL_MUST sgl_status sgl_lock_new(const char *path, bool exclusive,
    unsigned patience_ms, sgl_lock **out, sgl_err *err);
/* sgl_lock_new_in does it in a folder that is open, exclusively; the file is
 * the folder's owner's. */
SGL_MUST sgl_status sgl_lock_new_in(const sgl_plain_folder *folder,
    const char *name, unsigned patience_ms, sgl_lock **out, sgl_err *err);
void sgl_lock_free(sgl_lock *lock);
SGL_AUTO_TYPE(sgl_lock, sgl_lock_free)

#endif
