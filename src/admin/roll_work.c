/* SPDX-License-Identifier: Apache-2.0 */
/* The people of a table, looked at or added: one order, one change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ca/algorithm.h"
#include "ca/published.h"
#include "admin/roll.h"
#include "org/audit.h"
#include "org/custody.h"

#define ROOM "admin.roll"

static sgl_roll_result
new_result(const sgl_roll_row *row)
{
	return (sgl_roll_result){.line = row->line, .outcome = SGL_ROLL_NEW};
}

/* What cannot be is a finding; what failed is a failure. */
static sgl_status
note(sgl_status status, sgl_roll_result *r, const sgl_err *why, sgl_err *err)
{
	if (status == SGL_OK)
		return SGL_OK;
	if (status != SGL_E_USAGE)
		return sgl_fail_at(err, status, why->room, why->offset,
		    why->text, "%s", why->detail);
	r->outcome = SGL_ROLL_WRONG;
	(void)snprintf(r->text, sizeof r->text, "%s", why->text);
	(void)snprintf(r->detail, sizeof r->detail, "%s", why->detail);
	return SGL_OK;
}

/* ------------------------------------------------------------------ looking
 * ---
 */

/* An address that a row claims, as people are found by it. */
typedef struct claim {
	char *key;
	size_t line;
} claim;

typedef struct claims {
	claim *items;
	size_t num, room;
} claims;

static void
claims_clear(claims *c)
{
	for (size_t i = 0; i < c->num; i++)
		sgl_mem_free(c->items[i].key);
	sgl_mem_free(c->items);
}
SGL_AUTO_CLEAR_TYPE(claims, claims_clear)

/* Takes the key. */
static sgl_status
add_claim(claims *c, char **key, size_t line, sgl_err *err)
{
	if (c->num == c->room) {
		size_t room = c->room == 0 ? 256 : 2 * c->room;
		claim *more = sgl_mem_resize(c->items, room * sizeof *more);
		if (more == NULL)
			return sgl_oom(err, ROOM);
		c->items = more;
		c->room = room;
	}
	c->items[c->num++] = (claim){*key, line};
	*key = NULL;
	return SGL_OK;
}

static int
compare(const void *a, const void *b)
{
	const claim *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

/* The lines that claim what an earlier one has. */
static void
tell_doubles(claims *c, sgl_wire *w)
{
	if (c->num > 0)
		qsort(c->items, c->num, sizeof *c->items, compare);
	for (size_t i = 1; i < c->num; i++) {
		const claim *first = &c->items[i - 1], *again = &c->items[i];
		sgl_roll_result r = {
		    .line = again->line, .outcome = SGL_ROLL_WRONG};
		if (strcmp(first->key, again->key) != 0)
			continue;
		(void)snprintf(r.text, sizeof r.text, "%s",
		    N_("the same address stands in an earlier line"));
		(void)snprintf(r.detail, sizeof r.detail, "%s (%zu)",
		    first->key, first->line);
		sgl_roll_add_result(w, &r);
	}
}

static sgl_status
look_at_aliases(sgl_session *s, const sgl_roll_row *row, claims *c,
    sgl_roll_result *r, sgl_err *err)
{
	for (size_t i = 0; i < row->num_aliases && r->outcome != SGL_ROLL_WRONG;
	     i++) {
		SGL_AUTO_CLEAR(sgl_alias) a = {0};
		sgl_err why = {0};
		sgl_status status =
		    sgl_people_new_alias(s->home, 0, row->aliases[i], &a, &why);

		TRY(note(status, r, &why, err));
		if (status == SGL_OK)
			TRY(add_claim(c, &a.address_key, row->line, err));
	}
	return SGL_OK;
}

static sgl_status
find_there(
    sgl_session *s, const sgl_roll_row *row, sgl_roll_result *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) there = {0};
	bool found = false;
	sgl_err why = {0};

	TRY(note(sgl_people_find(s->home, row->address, &there, &found, &why),
	    r, &why, err));
	if (found)
		r->outcome = SGL_ROLL_THERE;
	return SGL_OK;
}

static sgl_status
look_at(sgl_session *s, const sgl_roll_row *row, claims *c, sgl_roll_result *r,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	sgl_err why = {0};
	sgl_status status;

	TRY(find_there(s, row, r, err));
	if (r->outcome != SGL_ROLL_NEW)
		return SGL_OK;
	status = sgl_people_new(s->home, row->address,
	    row->name[0] == '\0' ? NULL : row->name, &p, &why);
	TRY(note(status, r, &why, err));
	if (status != SGL_OK)
		return SGL_OK;
	TRY(add_claim(c, &p.address_key, row->line, err));
	return look_at_aliases(s, row, c, r, err);
}

static sgl_status
look_at_all(
    sgl_session *s, sgl_unwire *u, size_t num, sgl_wire *w, sgl_err *err)
{
	SGL_AUTO_CLEAR(claims) c = {0};

	for (size_t i = 0; i < num && !u->failed; i++) {
		sgl_roll_row row;
		sgl_roll_result r;

		sgl_roll_read(u, &row);
		r = new_result(&row);
		TRY(look_at(s, &row, &c, &r, err));
		sgl_roll_add_result(w, &r);
	}
	tell_doubles(&c, w);
	return SGL_OK;
}

/* ------------------------------------------------------------------- adding
 * ---
 */

static sgl_status
add_aliases(
    sgl_session *s, const sgl_person *p, const sgl_roll_row *row, sgl_err *err)
{
	for (size_t i = 0; i < row->num_aliases; i++) {
		SGL_AUTO_CLEAR(sgl_alias) a = {0};

		TRY(sgl_people_new_alias(
		    s->home, p->id, row->aliases[i], &a, err));
		TRY(sgl_store_add_alias(sgl_home_store(s->home), &a, err));
		TRY(sgl_audit_add(
		    s->home, "alias.add", p->address, NULL, a.address, err));
	}
	return SGL_OK;
}

static sgl_status
add(sgl_session *s, const sgl_roll_row *row, sgl_ca_many *many, sgl_err *err)
{
	const sgl_ca_needs needs = {row->signing, row->encryption};
	SGL_AUTO_CLEAR(sgl_person) p = {0};

	TRY(sgl_people_add(s->home, row->address,
	    row->name[0] == '\0' ? NULL : row->name, &p, err));
	TRY(add_aliases(s, &p, row, err));
	if (row->has_custody && row->custody != SGL_CUSTODY_USER)
		TRY(sgl_custody_change(s->home, &p, row->custody, err));
	if (row->dual)
		TRY(sgl_person_set_profile(&p, "dual", err));
	if (row->dual)
		TRY(sgl_store_set_person(sgl_home_store(s->home), &p, err));
	return many == NULL ? SGL_OK : sgl_ca_many_issue(many, &p, needs, err);
}

static void
skip(sgl_unwire *u, size_t num)
{
	sgl_roll_row row;

	for (size_t i = 0; i < num && !u->failed; i++)
		sgl_roll_read(u, &row);
}

/* As many as there are keys for, and one at least; the caller orders the others
 * again. Who is there already came with an earlier run that was interrupted, or
 * is not this table's business. */
static sgl_status
add_all(sgl_session *s, sgl_unwire *u, size_t num, bool issues, sgl_wire *w,
    sgl_err *err)
{
	SGL_AUTO(sgl_ca_many)
	many = NULL;
	bool ready;

	if (issues)
		TRY(sgl_ca_many_new(s->home, &many, err));
	for (size_t i = 0; i < num && !u->failed; i++) {
		sgl_roll_row row;
		sgl_roll_result r;

		sgl_roll_read(u, &row);
		r = new_result(&row);
		TRY(find_there(s, &row, &r, err));
		if (r.outcome == SGL_ROLL_NEW && i > 0) {
			TRY(sgl_session_has_keys(s,
			    (size_t)row.signing + row.encryption, &ready, err));
			if (!ready) {
				skip(u, num - i - 1);
				break;
			}
		}
		if (r.outcome == SGL_ROLL_NEW)
			TRY(add(s, &row, many, err));
		sgl_roll_add_result(w, &r);
	}
	return issues ? sgl_ca_many_end(many, err) : SGL_OK;
}

sgl_status
sgl_org_user_add_many(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(sgl_buf_slice(&order->input));
	sgl_wire w = sgl_wire_over(&r->file);
	sgl_roll_head head;
	bool issues = !sgl_call_has(order->call, "no-issue");

	sgl_roll_read_head(&u, &head);
	if (!head.only_check && issues)
		TRY(sgl_published_require(
		    s->home, sgl_call_has(order->call, "unchecked"), err));
	TRY(head.only_check ? look_at_all(s, &u, head.num, &w, err)
			    : add_all(s, &u, head.num, issues, &w, err));
	TRY(sgl_wire_end(&w, err));
	return sgl_unwire_end(&u, err);
}
