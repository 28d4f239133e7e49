/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

#define COLUMNS                                                                \
	"p.id, p.address, p.address_key, p.name, p.state, p.custody,"          \
	" p.is_protected, p.created"

static const char *const states[] = {
    [SGL_PERSON_ACTIVE] = "active",
    [SGL_PERSON_SUSPENDED] = "suspended",
    [SGL_PERSON_LEFT] = "left",
};
#define NUM_STATES (sizeof states / sizeof states[0])

static const char *const custodies[] = {
    [SGL_CUSTODY_USER] = "user",
    [SGL_CUSTODY_SERVER] = "server",
    [SGL_CUSTODY_SEALED] = "sealed",
};
#define NUM_CUSTODIES (sizeof custodies / sizeof custodies[0])

const char *
sgl_person_state_name(sgl_person_state state)
{
	return states[state];
}

const char *
sgl_custody_name(sgl_custody custody)
{
	return custodies[custody];
}

void
sgl_person_clear(sgl_person *p)
{
	sgl_mem_free(p->address);
	sgl_mem_free(p->address_key);
	sgl_mem_free(p->name);
	*p = (sgl_person){0};
}

static void
clear(void *record)
{
	sgl_person_clear(record);
}

static sgl_status
read_row(sgl_query *q, void *record, sgl_err *err)
{
	sgl_person *p = record;
	unsigned word;

	p->id = sgl_query_int(q, 0);
	TRY(sgl_query_text(q, 1, &p->address, err));
	TRY(sgl_query_text(q, 2, &p->address_key, err));
	TRY(sgl_query_text(q, 3, &p->name, err));
	TRY(sgl_query_word(q, 4, states, NUM_STATES, &word, err));
	p->state = (sgl_person_state)word;
	TRY(sgl_query_word(q, 5, custodies, NUM_CUSTODIES, &word, err));
	p->custody = (sgl_custody)word;
	p->is_protected = sgl_query_int(q, 6) != 0;
	p->created = sgl_query_int(q, 7);
	return SGL_OK;
}

static const sgl_record_type type = {sizeof(sgl_person), read_row, clear};

static sgl_status
insert(sgl_store *store, const sgl_person *p, int64_t *id, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO person (address, address_key, name, state, custody,"
	    " is_protected, created) VALUES ($1, $2, $3, $4, $5, $6, $7)"
	    " RETURNING id");

	sgl_query_bind_str(&q, p->address);
	sgl_query_bind_str(&q, p->address_key);
	sgl_query_bind_str(&q, p->name);
	sgl_query_bind_str(&q, states[p->state]);
	sgl_query_bind_str(&q, custodies[p->custody]);
	sgl_query_bind_int(&q, p->is_protected);
	sgl_query_bind_int(&q, p->created);
	return sgl_query_change(&q, id, NULL, err);
}

static sgl_status
insert_both(sgl_store *store, const sgl_person *p, int64_t *id, sgl_err *err)
{
	sgl_alias own = {p->address, p->address_key, 0, p->created};

	TRY(insert(store, p, &own.person, err));
	TRY(sgl_store_add_alias(store, &own, err));
	*id = own.person;
	return SGL_OK;
}

sgl_status
sgl_store_add_person(
    sgl_store *store, const sgl_person *p, int64_t *id, sgl_err *err)
{
	sgl_status status;
	bool own;

	TRY(sgl_change_begin(store, &own, err));
	status = insert_both(store, p, id, err);
	return sgl_change_end(store, own, status, err);
}

sgl_status
sgl_store_set_person(sgl_store *store, const sgl_person *p, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "UPDATE person SET name = $1, state = $2, custody = $3,"
	    " is_protected = $4 WHERE id = $5");

	sgl_query_bind_str(&q, p->name);
	sgl_query_bind_str(&q, states[p->state]);
	sgl_query_bind_str(&q, custodies[p->custody]);
	sgl_query_bind_int(&q, p->is_protected);
	sgl_query_bind_int(&q, p->id);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_find_person(sgl_store *store, sgl_slice address_key, sgl_person *out,
    bool *found, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "SELECT " COLUMNS " FROM address a JOIN person p"
	    " ON p.id = a.person WHERE a.address_key = $1");

	sgl_query_bind_text(&q, address_key);
	return sgl_query_one(&q, &type, out, found, err);
}

sgl_status
sgl_store_get_person(
    sgl_store *store, int64_t id, sgl_person *out, bool *found, sgl_err *err)
{
	SGL_QUERY(q, store, "SELECT " COLUMNS " FROM person p WHERE p.id = $1");

	sgl_query_bind_int(&q, id);
	return sgl_query_one(&q, &type, out, found, err);
}

typedef struct visitor {
	sgl_person_visit visit;
	void *ctx;
} visitor;

static sgl_status
visit_one(void *ctx, const void *record, sgl_err *err)
{
	const visitor *v = ctx;

	return v->visit(v->ctx, record, err);
}

static void
bind_last(sgl_query *q, const void *last, const void *ctx)
{
	const sgl_person *p = last;

	(void)ctx;
	sgl_query_bind_str(q, p == NULL ? "" : p->address_key);
}

sgl_status
sgl_store_each_person(
    sgl_store *store, sgl_person_visit visit, void *ctx, sgl_err *err)
{
	visitor v = {visit, ctx};
	const sgl_pages pages = {
	    .type = &type,
	    .sql = "SELECT " COLUMNS " FROM person p WHERE p.address_key > $1"
		   " ORDER BY p.address_key" SGL_PAGE_LIMIT,
	    .bind = bind_last,
	    .visit = visit_one,
	    .ctx = &v,
	};

	return sgl_store_pages(store, &pages, err);
}
