/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backup is one file with all that an organisation is: every record, the
 * settings, and what opens the private keys. It is encrypted (RFC 5083,
 * AES-256-GCM) to certificates, a password, or both; the records in it are
 * those of one moment. It can be restored into a file or into PostgreSQL,
 * whichever it came from.
 */
#ifndef SGL_ORG_BACKUP_H
#define SGL_ORG_BACKUP_H

#include "org/backup_wire.h"
#include "org/home.h"
#include "sigill/cms.h"

typedef struct sgl_backup_told {
	sgl_backup_head head;
	sgl_backup_end counts;
} sgl_backup_told;

/* sgl_backup_write writes one of an open home to `out`, which it finishes.
 * `recipients` may be NULL, `password` without data, not both. SGL_E_USAGE: a
 * recipient cannot be encrypted to; SGL_E_IO: a file cannot be read. */
SGL_MUST sgl_status sgl_backup_write(sgl_home *home,
    const sgl_certs *recipients, sgl_slice password, sgl_sink *out,
    sgl_backup_told *told, sgl_err *err);

/*
 * sgl_restore_new makes an empty home for what comes through its sink: a
 * backup. Nothing is there that can be opened before sgl_restore_end and the
 * commit of the home that it gives; one that is freed before leaves nothing
 * behind. `place` is --home; `database` the URL to restore into, "" for a file
 * in the home, NULL for what it was. In a rehearsal what opens the keys stays
 * in memory. All is borrowed.
 *
 * The sink's failures: SGL_E_NOKEY (no key opens it), SGL_E_PASSWORD,
 * SGL_E_DECRYPT and SGL_E_ENCODING (it is damaged, cut off or none of ours),
 * SGL_E_UNSUPPORTED (made by a newer release), SGL_E_USAGE (there is an
 * organisation already).
 */
typedef struct sgl_restore_options {
	const char *place, *database;
	const sgl_keyring *keys;
	sgl_slice password;
	bool is_rehearsal;
} sgl_restore_options;
typedef struct sgl_restore sgl_restore;
SGL_MUST sgl_status sgl_restore_new(sgl_engine *engine,
    const sgl_restore_options *options, sgl_restore **out, sgl_err *err);
sgl_sink *sgl_restore_sink(sgl_restore *r);
/* After the sink's finish. *out is the home, in a transaction that ends with
 * sgl_home_commit; it borrows from the restore, which must outlive it. */
SGL_MUST sgl_status sgl_restore_end(
    sgl_restore *r, sgl_home **out, sgl_backup_told *told, sgl_err *err);
void sgl_restore_free(sgl_restore *r);
SGL_AUTO_TYPE(sgl_restore, sgl_restore_free)

#endif
