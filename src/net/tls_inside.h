/* SPDX-License-Identifier: Apache-2.0 */
/* What TLS is to the other files of this room. */
#ifndef SGL_NET_TLS_INSIDE_H
#define SGL_NET_TLS_INSIDE_H

#include <event2/bufferevent.h>

#include "base/buf.h"
#include "net/tls.h"

/* sgl_tls_accept makes the end of one connection that is about to be accepted;
 * NULL: no memory. What was begun goes on if `tls` is freed. */
struct bufferevent *sgl_tls_accept(sgl_tls *tls, struct event_base *base);
/* sgl_tls_client appends the certificate that the client at the other end has
 * the key of, as DER; nothing if it has none, or there is no TLS. */
SGL_MUST sgl_status sgl_tls_client(
    struct bufferevent *b, sgl_buf *out, sgl_err *err);

/* sgl_tls_is: it speaks TLS. */
bool sgl_tls_is(struct bufferevent *b);

#endif
