/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A spool (sigill/base.h) that goes to disk when it grows: the first
 * limits.spool_memory bytes stay in memory, the rest is written in blocks to a
 * file without a name, each encrypted by AES-256-GCM with a key that exists in
 * memory only. So content never lies on a disk in the clear, and nothing is
 * left behind however the program ends.
 */
#ifndef SGL_SYS_SPOOL_H
#define SGL_SYS_SPOOL_H

#include "base/mem.h"
#include "sigill/crypto.h"

/* sgl_diskspool_new makes one. `folder` (borrowed) is where the file goes;
 * NULL: $TMPDIR, or /var/tmp. The file is made when it is needed. Its sink
 * fails with SGL_E_IO when the disk is full. */
SGL_MUST sgl_status sgl_diskspool_new(
    sgl_engine *engine, const char *folder, sgl_spool **out, sgl_err *err);

/* A maker of such spools: sgl_spooler s = sgl_diskspooler(&place). */
typedef struct sgl_diskspool_place {
	sgl_engine *engine;
	const char *folder;
} sgl_diskspool_place;
sgl_spooler sgl_diskspooler(sgl_diskspool_place *place);

/* sgl_unnamed_file opens a file without a name for reading and writing in
 * `folder` (as above). */
SGL_MUST sgl_status sgl_unnamed_file(const char *folder, int *fd, sgl_err *err);

/* Transfers of exactly `len` bytes; `name` is for the error. */
SGL_MUST sgl_status sgl_write_all(
    int fd, const char *name, sgl_slice bytes, sgl_err *err);
SGL_MUST sgl_status sgl_pread_all(int fd, const char *name, uint64_t at,
    uint8_t *buf, size_t len, sgl_err *err);

#endif
