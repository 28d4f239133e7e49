/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the organisation lives: --home DIR, else $SIGILL_HOME, else
 * $XDG_DATA_HOME/sigill, else ~/.local/share/sigill (XDG Base Directory). This
 * needs no database, so that `sigill` can ask too.
 */
#ifndef SGL_ORG_PLACE_H
#define SGL_ORG_PLACE_H

#include "base/buf.h"

/* sgl_place_find appends the path of the home; `given` is --home or NULL.
 * SGL_E_USAGE: nothing says where (no HOME). */
SGL_MUST sgl_status sgl_place_find(
    const char *given, sgl_buf *path, sgl_err *err);
/* sgl_place_is_home: a home is there. */
bool sgl_place_is_home(const char *given);
/* sgl_place_add appends '/' and a name to a path, and a NUL that does not
 * count. */
SGL_MUST sgl_status sgl_place_add(
    sgl_buf *path, const char *name, sgl_err *err);

#define SGL_PLACE_MAX 4096
#define SGL_PLACE_DB "sigill.db"
#define SGL_PLACE_LOCK "lock"

#endif
