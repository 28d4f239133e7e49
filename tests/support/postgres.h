/* SPDX-License-Identifier: Apache-2.0 */
/* A PostgreSQL of the test's own (postgres.py), which ends with the test. Any
 * failure fails the test. */
#ifndef SGL_SUPPORT_POSTGRES_H
#define SGL_SUPPORT_POSTGRES_H

#include <stdbool.h>

/* sgl_postgres_start: false if PostgreSQL is not installed. */
bool sgl_postgres_start(void);
void sgl_postgres_end(void);

/* sgl_postgres_tell has something done: see postgres.py. */
void
sgl_postgres_tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* URLs of a database, one of eight in turn: over the socket, where everybody
 * may log in, and over TLS with a password and further parameters. */
const char *sgl_postgres_url(const char *name);
const char *sgl_postgres_tls_url(
    const char *name, const char *password, const char *parameters);
#define SGL_POSTGRES_PASSWORD "correct-horse"
/* The folder with server.pem, the server's certificate, and other.pem. */
const char *sgl_postgres_folder(void);

#endif
