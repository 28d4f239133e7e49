/* SPDX-License-Identifier: Apache-2.0 */
#ifdef SGL_WITH_POSTGRES
#include <stdio.h>

#include "store/postgres.h"

/* The first that fits: a whole SQLSTATE, or its class of two characters
 * (PostgreSQL's appendix A). */
static const struct {
	const char *state;
	sgl_trouble trouble;
} troubles[] = {
    {"08", SGL_TROUBLE_GONE},
    {"25006", SGL_TROUBLE_READ_ONLY},
    {"28", SGL_TROUBLE_LOGIN},
    {"3D000", SGL_TROUBLE_LOGIN},
    {"40", SGL_TROUBLE_BUSY},
    {"42501", SGL_TROUBLE_PERMISSION},
    {"53100", SGL_TROUBLE_FULL},
    {"53200", SGL_TROUBLE_SERVER_MEMORY},
    {"53300", SGL_TROUBLE_CROWDED},
    {"54", SGL_TROUBLE_TOO_LARGE},
    {"55P03", SGL_TROUBLE_BUSY},
    {"57014", SGL_TROUBLE_INTERRUPTED},
    {"57P03", SGL_TROUBLE_STARTING},
    {"57P", SGL_TROUBLE_GONE},
    {"58", SGL_TROUBLE_IO},
    {"XX001", SGL_TROUBLE_DAMAGED},
    {"XX002", SGL_TROUBLE_DAMAGED},
};

/* A text of the server may quote what it was given. */
static bool
has_secret(const sgl_store *store, const char *text)
{
	const sgl_postgres *p = sgl_postgres_of(store);
	PQconninfoOption *options =
	    p->pq.PQconninfoParse((const char *)p->url.data, NULL);
	bool has = options == NULL;

	for (PQconninfoOption *o = options; !has && o->keyword != NULL; o++)
		has = o->val != NULL && o->val[0] != '\0' &&
		    strchr(o->dispchar, '*') != NULL &&
		    strstr(text, o->val) != NULL;
	p->pq.PQconninfoFree(options);
	return has;
}

static const char *
after(const char *text, const char *mark)
{
	const char *at = strstr(text, mark);

	return at == NULL ? text : at + strlen(mark);
}

void
sgl_postgres_says(const sgl_store *store, char says[SGL_POSTGRES_SAYS])
{
	const sgl_postgres *p = sgl_postgres_of(store);
	const char *text = p->pq.PQerrorMessage(p->conn);

	says[0] = '\0';
	if (has_secret(store, text))
		return;
	text = after(after(text, " failed: "), "FATAL:  ");
	(void)snprintf(
	    says, SGL_POSTGRES_SAYS, "%.*s", (int)strcspn(text, "\n"), text);
}

static sgl_status
fail_by_state(
    const sgl_store *store, const char *state, const char *says, sgl_err *err)
{
	for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++)
		if (strncmp(state, troubles[i].state,
			strlen(troubles[i].state)) == 0)
			return sgl_store_trouble(
			    store, troubles[i].trouble, says, err);
	return sgl_store_refused(store, says, err);
}

sgl_status
sgl_postgres_fail(const sgl_store *store, const PGresult *result, sgl_err *err)
{
	const sgl_libpq *pq = &sgl_postgres_of(store)->pq;
	char says[SGL_POSTGRES_SAYS];
	const char *state, *text;

	if (sgl_postgres_is_lost(store)) {
		sgl_postgres_says(store, says);
		return sgl_store_trouble(store, SGL_TROUBLE_GONE, says, err);
	}
	if (result == NULL)
		return sgl_oom(err, SGL_STORE_ROOM);
	state = pq->PQresultErrorField(result, PG_DIAG_SQLSTATE);
	text = pq->PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	return fail_by_state(
	    store, state == NULL ? "" : state, text == NULL ? "" : text, err);
}
#endif
