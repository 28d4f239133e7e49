/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What control does for certificates by itself (ca/renew.h): it renews what is
 * due, each in a change of its own and a few at a time, so that callers do not
 * wait; and it goes on with what `sigill cert renew --all` has begun. One that
 * cannot be renewed is told in the log, and holds up no other.
 */
#ifndef SGL_DAEMON_RENEWER_H
#define SGL_DAEMON_RENEWER_H

#include "admin/work.h"
#include "net/loop.h"

typedef struct sgl_renewer sgl_renewer;
/* Both are borrowed and outlive it. */
SGL_MUST sgl_status sgl_renewer_new(
    sgl_loop *loop, sgl_session *session, sgl_renewer **out, sgl_err *err);
void sgl_renewer_free(sgl_renewer *r);
/* sgl_renewer_wake: keys can be used (again): look what is to be done. */
void sgl_renewer_wake(sgl_renewer *r);
/* sgl_renewer_rest: they cannot. */
void sgl_renewer_rest(sgl_renewer *r);

#endif
