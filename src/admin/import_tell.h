/* SPDX-License-Identifier: Apache-2.0 */
/* Telling what came of importing certificates. */
#ifndef SGL_ADMIN_IMPORT_TELL_H
#define SGL_ADMIN_IMPORT_TELL_H

#include "admin/work.h"
#include "org/import.h"

/* sgl_import_tell tells of each certificate: members "certificates" and
 * "lone_keys" of an object that is open, or lines for people. */
SGL_MUST sgl_status sgl_import_tell(sgl_session *s, sgl_reply *r,
    const sgl_person *person, const sgl_import *import, sgl_err *err);

#endif
