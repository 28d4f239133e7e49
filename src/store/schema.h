/* SPDX-License-Identifier: Apache-2.0 */
/* The form of the database, and how an older one becomes the present one. */
#ifndef SGL_STORE_SCHEMA_H
#define SGL_STORE_SCHEMA_H

#include "store/query.h"

/* "SGIL": tells our databases from others. */
#define SGL_STORE_APPLICATION 1397180748 /* 0x5347494c */

/* One string per version, for either database. */
extern const char *const sgl_sqlite_migrations[];
extern const char *const sgl_postgres_migrations[];

/* sgl_schema_accepts: SGL_E_UNSUPPORTED for the version of a newer release. */
SGL_MUST sgl_status sgl_schema_accepts(
    const sgl_store *store, int64_t version, sgl_err *err);
/* sgl_schema_check looks whose database this is, without changing it: *version
 * is 0 for an empty one. */
SGL_MUST sgl_status sgl_schema_check(
    sgl_store *store, int *version, sgl_err *err);
/* sgl_schema_migrate applies what is missing, all or nothing. */
SGL_MUST sgl_status sgl_schema_migrate(sgl_store *store, int version,
    const sgl_store_options *options, sgl_err *err);
/* The same in two steps, with an open change around them and filling the
 * tables between: begin makes those of a version in an empty database, finish
 * goes on from there. SGL_E_USAGE: it is not empty. */
SGL_MUST sgl_status sgl_schema_begin(
    sgl_store *store, int version, sgl_err *err);
SGL_MUST sgl_status sgl_schema_finish(sgl_store *store, int version,
    const sgl_store_options *options, sgl_err *err);

#endif
