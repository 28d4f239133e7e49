/* SPDX-License-Identifier: Apache-2.0 */
/* Files with certificates and keys that a command on the organisation names. */
#ifndef SGL_ADMIN_FILES_H
#define SGL_ADMIN_FILES_H

#include "sigill/cms.h"

/* sgl_org_load_file adds what is in one file; its bytes are wiped. The password
 * may have no data; a set may be NULL, to leave such things out: then something
 * for the other must be there (SGL_E_ENCODING). err->detail names the file. */
SGL_MUST sgl_status sgl_org_load_file(sgl_engine *engine, const char *path,
    sgl_slice password, sgl_keyring *ring, sgl_crls *crls, sgl_err *err);

/* sgl_org_of_file has a failure say which file it is about, if that is wrong
 * and not named yet; gives back the status. `file` may be NULL: there was none.
 */
SGL_MUST sgl_status sgl_org_of_file(
    const char *file, sgl_status status, sgl_err *err);

#endif
