/* SPDX-License-Identifier: Apache-2.0 */
/* The form of the database, and how an older one becomes the present one. */
#ifndef SGL_STORE_SCHEMA_H
#define SGL_STORE_SCHEMA_H

#include "store/query.h"

/* "SGIL": tells our databases from others (PRAGMA application_id). */
#define SGL_STORE_APPLICATION 0x5347494c

/* sgl_schema_check looks whose database this is, without changing it: *version
 * is 0 for an empty one. */
SGL_MUST sgl_status sgl_schema_check(
    sgl_store *store, int *version, sgl_err *err);
/* sgl_schema_migrate applies what is missing, all or nothing. */
SGL_MUST sgl_status sgl_schema_migrate(
    sgl_store *store, int version, sgl_err *err);

#endif
