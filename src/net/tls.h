/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS (1.2 and 1.3) for what listens: a certificate of the server and its key.
 * Clients are asked for a certificate and may have none; that they have its key
 * is libssl's to find out, what it is worth the caller's.
 */
#ifndef SGL_NET_TLS_H
#define SGL_NET_TLS_H

#include "base/mem.h"
#include "base/slice.h"

typedef struct sgl_tls sgl_tls;
/* sgl_tls_new reads a chain, the server's own certificate first, and the key
 * that belongs to it, both as PEM. SGL_E_ENCODING: it is no such text;
 * SGL_E_MISMATCH: the key is of another certificate. */
SGL_MUST sgl_status sgl_tls_new(
    sgl_slice chain, sgl_slice key, sgl_tls **out, sgl_err *err);
void sgl_tls_free(sgl_tls *tls);
SGL_AUTO_TYPE(sgl_tls, sgl_tls_free)
/* sgl_tls_until: when the first of the chain's certificates ends. */
sgl_time sgl_tls_until(const sgl_tls *tls);

/* Neither file of the two is longer. */
#define SGL_TLS_FILE_MAX ((size_t)256 << 10)

#endif
