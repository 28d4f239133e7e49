/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "store/driver.h"
#include "sys/text.h"

#define COLUMNS                                                                \
	"p.id, p.address, p.address_key, p.name, p.state, p.custody,"          \
	" p.is_protected, p.created, p.is_shared, p.language,"                 \
	" p.suspended, p.deleted, p.algorithm, p.profile"

static const char *const states[] = {
    [SGL_PERSON_ACTIVE] = N_("active"),
    [SGL_PERSON_SUSPENDED] = N_("suspended"),
    [SGL_PERSON_LEFT] = N_("left"),
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

bool
sgl_custody_find(sgl_slice name, sgl_custody *out)
{
	for (size_t i = 0; i < NUM_CUSTODIES; i++)
		if (sgl_slice_eq(name, sgl_slice_str(custodies[i]))) {
			*out = (sgl_custody)i;
			return true;
		}
	return false;
}

void
sgl_person_clear(sgl_person *p)
{
	sgl_mem_free(p->address);
	sgl_mem_free(p->address_key);
	sgl_mem_free(p->name);
	sgl_mem_free(p->language);
	sgl_mem_free(p->algorithm);
	sgl_mem_free(p->profile);
	*p = (sgl_person){0};
}

sgl_status
sgl_person_set_profile(sgl_person *p, const char *profile, sgl_err *err)
{
	sgl_mem_free(p->profile);
	p->profile = NULL;
	return sgl_slice_copy(sgl_slice_str(profile), (uint8_t **)&p->profile,
	    "store.person", err);
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
	p->is_shared = sgl_query_int(q, 8) != 0;
	TRY(sgl_query_text(q, 9, &p->language, err));
	p->suspended = sgl_query_int(q, 10);
	p->deleted = sgl_query_int(q, 11);
	TRY(sgl_query_text(q, 12, &p->algorithm, err));
	return sgl_query_text(q, 13, &p->profile, err);
}

static const sgl_record_type type = {sizeof(sgl_person), read_row, clear};

static sgl_status
insert(sgl_store *store, const sgl_person *p, int64_t *id, sgl_err *err)
{
	SGL_QUERY(q, store,
	    "INSERT INTO person (address, address_key, name, state, custody,"
	    " is_protected, created, is_shared, language, algorithm, profile)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");

	sgl_query_bind_str(&q, p->address);
	sgl_query_bind_str(&q, p->address_key);
	sgl_query_bind_str(&q, p->name);
	sgl_query_bind_str(&q, states[p->state]);
	sgl_query_bind_str(&q, custodies[p->custody]);
	sgl_query_bind_int(&q, p->is_protected);
	sgl_query_bind_int(&q, p->created);
	sgl_query_bind_int(&q, p->is_shared);
	sgl_query_bind_str(&q, p->language == NULL ? "" : p->language);
	sgl_query_bind_str(&q, p->algorithm == NULL ? "" : p->algorithm);
	sgl_query_bind_str(&q, p->profile == NULL ? "" : p->profile);
	return sgl_query_insert(&q, id, err);
}

static sgl_status
insert_both(sgl_store *store, const sgl_person *p, int64_t *id, sgl_err *err)
{
	sgl_alias own = {.address = p->address,
	    .address_key = p->address_key,
	    .created = p->created};

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
	    " is_protected = $4, language = $5, is_shared = $6,"
	    " suspended = $7, algorithm = $8, profile = $9 WHERE id = $10");

	sgl_query_bind_str(&q, p->name);
	sgl_query_bind_str(&q, states[p->state]);
	sgl_query_bind_str(&q, custodies[p->custody]);
	sgl_query_bind_int(&q, p->is_protected);
	sgl_query_bind_str(&q, p->language == NULL ? "" : p->language);
	sgl_query_bind_int(&q, p->is_shared);
	sgl_query_bind_ref(&q, p->suspended);
	sgl_query_bind_str(&q, p->algorithm == NULL ? "" : p->algorithm);
	sgl_query_bind_str(&q, p->profile == NULL ? "" : p->profile);
	sgl_query_bind_int(&q, p->id);
	return sgl_query_change(&q, NULL, NULL, err);
}

sgl_status
sgl_store_rename_person(
    sgl_store *store, int64_t id, sgl_slice address_key, sgl_err *err)
{
	bool done;
	SGL_QUERY(q, store,
	    "UPDATE person SET address_key = $1, address ="
	    " (SELECT a.address FROM address a WHERE a.address_key = $1)"
	    " WHERE id = $2 AND id ="
	    " (SELECT a.person FROM address a WHERE a.address_key = $1)");

	sgl_query_bind_text(&q, address_key);
	sgl_query_bind_int(&q, id);
	TRY(sgl_query_change(&q, NULL, &done, err));
	return done ? SGL_OK
		    : sgl_store_refused(store,
			  "an address becomes the own one of a person who does "
			  "not have it",
			  err);
}

static sgl_status
forget(sgl_store *store, const char *sql, int64_t id, sgl_err *err)
{
	SGL_QUERY(q, store, sql);

	sgl_query_bind_int(&q, id);
	return sgl_query_change(&q, NULL, NULL, err);
}

/* The own address stays readable, but is nobody's: no address is like the
 * address_key that the person has from now on. */
static sgl_status
mark_deleted(sgl_store *store, int64_t id, sgl_time when, sgl_err *err)
{
	char key[32];
	SGL_QUERY(q, store,
	    "UPDATE person SET address_key = $1, name = '', deleted = $2"
	    " WHERE id = $3");

	(void)snprintf(key, sizeof key, "#%lld", (long long)id);
	sgl_query_bind_str(&q, key);
	sgl_query_bind_int(&q, when);
	sgl_query_bind_int(&q, id);
	return sgl_query_change(&q, NULL, NULL, err);
}

static sgl_status
delete_all(sgl_store *store, int64_t id, sgl_time when, sgl_err *err)
{
	TRY(forget(store, "DELETE FROM address WHERE person = $1", id, err));
	TRY(forget(store,
	    "DELETE FROM holder WHERE person = $1 OR mailbox = $1", id, err));
	return mark_deleted(store, id, when, err);
}

sgl_status
sgl_store_delete_person(
    sgl_store *store, int64_t id, sgl_time when, sgl_err *err)
{
	sgl_status status;
	bool own;

	TRY(sgl_change_begin(store, &own, err));
	status = delete_all(store, id, when, err);
	return sgl_change_end(store, own, status, err);
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

SGL_VISITOR(sgl_person_visit);

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
	visitor v = {.visit = visit, .ctx = ctx};
	const sgl_pages pages = {
	    .type = &type,
	    .sql =
		"SELECT " COLUMNS " FROM person p WHERE p.address_key > $1"
		" AND p.deleted IS NULL ORDER BY p.address_key" SGL_PAGE_LIMIT,
	    .bind = bind_last,
	    .visit = visit_one,
	    .ctx = &v,
	};

	return sgl_store_pages(store, &pages, err);
}
