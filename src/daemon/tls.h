/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate of the server and its key: read from their files by the
 * supervisor, which starts with the rights to do so, and handed to front.
 */
#ifndef SGL_DAEMON_TLS_H
#define SGL_DAEMON_TLS_H

#include "daemon/daemon.h"
#include "net/tls.h"

typedef struct sgl_daemon_tls {
	sgl_buf chain, key; /* PEM */
	sgl_time until;	    /* when the first of the chain ends; 0: no https */
} sgl_daemon_tls;
void sgl_daemon_tls_clear(sgl_daemon_tls *t);
SGL_AUTO_CLEAR_TYPE(sgl_daemon_tls, sgl_daemon_tls_clear)

/* sgl_daemon_tls_read reads the files that the settings name, and finds out
 * that they can be used; err->detail names the one that cannot. Without `https`
 * nothing is read, and *out is empty. */
SGL_MUST sgl_status sgl_daemon_tls_read(
    const sgl_daemon_config *config, sgl_daemon_tls *out, sgl_err *err);

/* The message SGL_LEASH_TLS. */
#define SGL_LEASH_TLS_MAX (2 * SGL_TLS_FILE_MAX + 64)
SGL_MUST sgl_status sgl_leash_send_tls(
    sgl_channel *leash, const sgl_daemon_tls *t, sgl_err *err);
SGL_MUST sgl_status sgl_leash_read_tls(
    sgl_slice body, sgl_tls **out, sgl_err *err);

#endif
