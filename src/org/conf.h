/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HOME/sigilld.conf, as far as a home needs it: where the database is. What
 * else stands there is for the service (daemon/daemon.h).
 */
#ifndef SGL_ORG_CONF_H
#define SGL_ORG_CONF_H

#include "base/buf.h"
#include "sigill/crypto.h"

#define SGL_CONF_FILE "sigilld.conf"
#define SGL_CONF_DATABASE "database"

/* sgl_conf_find_database appends where the database of a home is, with a NUL
 * that does not count: a file in it, or the URL that its settings name.
 * SGL_E_USAGE: the settings cannot be read; SGL_E_IO. */
SGL_MUST sgl_status sgl_conf_find_database(
    const char *home, sgl_buf *location, sgl_err *err);

/* sgl_conf_write makes the file (0600). `old` is one to keep, but for its
 * database; without any text a first one is made. `database` is a URL; NULL: a
 * file in the home. */
SGL_MUST sgl_status sgl_conf_write(sgl_engine *engine, const char *home,
    sgl_slice old, const char *database, sgl_err *err);

#endif
