/* SPDX-License-Identifier: Apache-2.0 */
#ifdef SGL_WITH_POSTGRES
#include <time.h>

#include "store/postgres.h"
#include "sys/text.h"

#define ROOM SGL_STORE_ROOM
#define TRY_AGAIN_S 8

/* Ours first, then what the URL says, then what cannot be otherwise. A server
 * that does not answer any more is noticed. */
static const char *const keywords[] = {"connect_timeout", "keepalives_idle",
    "keepalives_interval", "tcp_user_timeout", "fallback_application_name",
    "dbname", "client_encoding", NULL};
#define URL_PLACE 5

typedef struct parameters {
	const char *values[sizeof keywords / sizeof keywords[0]];
} parameters;

static parameters
parameters_of(const sgl_postgres *p)
{
	parameters out = {
	    {"10", "30", "10", "30000", "sigill", NULL, "UTF8", NULL}};

	out.values[URL_PLACE] = (const char *)p->url.data;
	return out;
}

/*
 * What each session is like. A writer waits for another one as long as in
 * SQLite; one that has gone to sleep in the middle is thrown out; a server that
 * does not bring commits to its disk by default does for us.
 */
static const char session[] =
    "SET lock_timeout = '5s';"
    "SET idle_in_transaction_session_timeout = '60s';"
    "SET default_transaction_isolation = 'read committed';"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'";
static const char read_only[] = "SET default_transaction_read_only = on";

bool
sgl_postgres_is_lost(const sgl_store *store)
{
	const sgl_postgres *p = sgl_postgres_of(store);

	return p->conn == NULL || p->pq.PQstatus(p->conn) != CONNECTION_OK;
}

static const char *
option(const PQconninfoOption *options, const char *keyword)
{
	for (const PQconninfoOption *o = options; o->keyword != NULL; o++)
		if (strcmp(o->keyword, keyword) == 0 && o->val != NULL)
			return o->val;
	return "";
}

static sgl_status
write_name(const PQconninfoOption *options, sgl_buf *out, sgl_err *err)
{
	const char *user = option(options, "user");
	const char *port = option(options, "port");

	TRY(sgl_buf_printf(out, err, "postgresql://%s%s%s", user,
	    user[0] == '\0' ? "" : "@", option(options, "host")));
	return sgl_buf_printf(out, err, "%s%s/%s", port[0] == '\0' ? "" : ":",
	    port, option(options, "dbname"));
}

/* libpq's own words for a URL that it cannot read quote the password. */
sgl_status
sgl_postgres_name(sgl_store *store, sgl_err *err)
{
	const sgl_postgres *p = sgl_postgres_of(store);
	SGL_AUTO_CLEAR(sgl_buf) name = sgl_buf_init(8192);
	PQconninfoOption *options =
	    p->pq.PQconninfoParse((const char *)p->url.data, NULL);
	sgl_status status;

	if (options == NULL)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not the URL of a database; it is written like "
		       "postgresql://user@host/database"));
	status = write_name(options, &name, err);
	p->pq.PQconninfoFree(options);
	TRY(status);
	return sgl_slice_copy(
	    sgl_buf_slice(&name), (uint8_t **)&store->name, ROOM, err);
}

/* The answer to a login has no code that we could ask for. */
static sgl_trouble
why_no_connection(const sgl_postgres *p, const char *says)
{
	const parameters with = parameters_of(p);

	if (strstr(says, "too many") != NULL)
		return SGL_TROUBLE_CROWDED;
	if (p->pq.PQconnectionNeedsPassword(p->conn))
		return SGL_TROUBLE_PASSWORD;
	if (p->pq.PQconnectionUsedPassword(p->conn))
		return SGL_TROUBLE_LOGIN;
	switch (p->pq.PQpingParams(keywords, with.values, 1)) {
	case PQPING_OK:
		return SGL_TROUBLE_LOGIN;
	case PQPING_REJECT:
		return SGL_TROUBLE_STARTING;
	case PQPING_NO_RESPONSE:
	case PQPING_NO_ATTEMPT:
		break;
	}
	return SGL_TROUBLE_NO_SERVER;
}

static void
ignore_notice(void *ctx, const char *message)
{
	(void)ctx;
	(void)message;
}

static sgl_status
set_up(sgl_store *store, sgl_err *err)
{
	const sgl_postgres *p = sgl_postgres_of(store);
	const char *encoding =
	    p->pq.PQparameterStatus(p->conn, "server_encoding");

	(void)p->pq.PQsetNoticeProcessor(p->conn, ignore_notice, NULL);
	if (encoding == NULL || strcmp(encoding, "UTF8") != 0)
		return sgl_store_trouble(
		    store, SGL_TROUBLE_ENCODING, encoding, err);
	TRY(store->driver->run(store, session, err));
	return store->read_only ? store->driver->run(store, read_only, err)
				: SGL_OK;
}

/* *trouble is only for a failure to connect; NULL `err` keeps it quiet. */
static sgl_status
try_once(sgl_store *store, sgl_trouble *trouble, sgl_err *err)
{
	sgl_postgres *p = sgl_postgres_of(store);
	const parameters with = parameters_of(p);
	char says[SGL_POSTGRES_SAYS];

	p->pq.PQfinish(p->conn);
	p->num_kept = 0;
	p->conn = p->pq.PQconnectdbParams(keywords, with.values, 1);
	*trouble = SGL_TROUBLE_GONE;
	if (p->conn == NULL)
		return sgl_oom(err, ROOM);
	if (!sgl_postgres_is_lost(store))
		return set_up(store, err);
	sgl_postgres_says(store, says);
	*trouble = why_no_connection(p, says);
	return sgl_store_trouble(store, *trouble, says, err);
}

sgl_status
sgl_postgres_connect(sgl_store *store, sgl_err *err)
{
	sgl_trouble trouble;

	return try_once(store, &trouble, err);
}

static bool
may_pass(sgl_trouble trouble)
{
	return trouble == SGL_TROUBLE_NO_SERVER ||
	    trouble == SGL_TROUBLE_STARTING || trouble == SGL_TROUBLE_CROWDED;
}

/* A server that is started again is there after a few seconds. */
sgl_status
sgl_postgres_reconnect(sgl_store *store, sgl_err *err)
{
	const struct timespec pause = {0, 250000000};
	time_t end = time(NULL) + TRY_AGAIN_S;
	sgl_trouble trouble;
	sgl_status status;

	for (;;) {
		status = try_once(store, &trouble, err);
		if (status == SGL_OK || !may_pass(trouble) || time(NULL) >= end)
			return status;
		(void)nanosleep(&pause, NULL);
	}
}
#endif
