/* SPDX-License-Identifier: Apache-2.0 */
/* What the service manager protects a service's credential by (systemd.exec(5),
 * Credentials), as far as who asks may see its settings and files. */
#ifndef SGL_SYS_CREDENTIAL_H
#define SGL_SYS_CREDENTIAL_H

#include "base/buf.h"

typedef enum sgl_credential_kind {
	SGL_CREDENTIAL_UNSEEN, /* not found, or not to be read by us */
	SGL_CREDENTIAL_PLAIN,
	SGL_CREDENTIAL_HOST, /* encrypted; the key is on the same disk */
	SGL_CREDENTIAL_TPM   /* encrypted; not without this machine */
} sgl_credential_kind;

/* sgl_credential_kind_of: of the contents of an encrypted one. */
sgl_credential_kind sgl_credential_kind_of(sgl_slice file);

/* sgl_credential_find looks through the unit's settings where the service
 * manager finds them; $SYSTEMD_UNIT_PATH names other folders. */
SGL_MUST sgl_status sgl_credential_find(
    const char *unit, const char *name, sgl_credential_kind *out, sgl_err *err);

#endif
