/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the driver for PostgreSQL. */
#ifndef SGL_STORE_POSTGRES_H
#define SGL_STORE_POSTGRES_H

#include "store/driver.h"
#include "store/libpq.h"

/* Statements that are prepared on the present connection, found by the
 * address of their text; the place is the name. */
#define SGL_POSTGRES_KEPT 96

typedef struct sgl_postgres {
	sgl_libpq pq;
	PGconn *conn;
	sgl_secret url; /* may hold a password */
	const char *kept[SGL_POSTGRES_KEPT];
	size_t num_kept;
} sgl_postgres;

static inline sgl_postgres *
sgl_postgres_of(const sgl_store *store)
{
	return store->db;
}

/* sgl_postgres_connect makes a connection, in the place of the one there is.
 * sgl_postgres_reconnect tries for some seconds. */
SGL_MUST sgl_status sgl_postgres_connect(sgl_store *store, sgl_err *err);
SGL_MUST sgl_status sgl_postgres_reconnect(sgl_store *store, sgl_err *err);
bool sgl_postgres_is_lost(const sgl_store *store);
/* sgl_postgres_name reads the URL for store->name. */
SGL_MUST sgl_status sgl_postgres_name(sgl_store *store, sgl_err *err);

/* sgl_postgres_fail fills *err for a statement that failed. */
sgl_status
sgl_postgres_fail(const sgl_store *store, const PGresult *result, sgl_err *err);
/* The last thing that the connection said: one line without the names of
 * hosts and sockets, which we give ourselves, and without passwords. */
#define SGL_POSTGRES_SAYS 256
void sgl_postgres_says(const sgl_store *store, char says[SGL_POSTGRES_SAYS]);

#endif
