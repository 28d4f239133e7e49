/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the caller's files hold, on its way to whoever works on the home. Files
 * are read, and opened with their passwords, where the command line is: control
 * gets certificates, lists and keys in one plain form each, and no password of
 * a file.
 */
#ifndef SGL_ADMIN_BUNDLE_H
#define SGL_ADMIN_BUNDLE_H

#include "admin/work.h"
#include "pki/cert.h"

typedef struct sgl_bundle {
	sgl_keyring ring;
	sgl_crls crls;
} sgl_bundle;
void sgl_bundle_clear(sgl_bundle *b);
SGL_AUTO_CLEAR_TYPE(sgl_bundle, sgl_bundle_clear)

/* sgl_bundle_write appends it; *out must be one that wipes. sgl_bundle_read
 * reads all of `message`. SGL_E_IO: it is none, and the failures of reading
 * what is in it. */
SGL_MUST sgl_status sgl_bundle_write(
    const sgl_bundle *b, sgl_buf *out, sgl_err *err);
SGL_MUST sgl_status sgl_bundle_read(
    sgl_engine *engine, sgl_slice message, sgl_bundle *out, sgl_err *err);

/* sgl_bundle_load adds what is in a file of any form (sgl_load). A password
 * that is missing is asked for at the terminal, unless `password` is given.
 * err->detail names the file. */
SGL_MUST sgl_status sgl_bundle_load(sgl_engine *engine, const char *path,
    const sgl_secret *password, sgl_bundle *b, sgl_err *err);

/* For sgl_org_job.bring: the files that are all words of the call, or those
 * behind the first. */
sgl_status
sgl_bring_files(const sgl_call *call, sgl_order *order, sgl_err *err);
sgl_status
sgl_bring_files_for(const sgl_call *call, sgl_order *order, sgl_err *err);

#endif
