/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/stock.h"

#define ROOM "vault.stock"

/* The usual sort, and one that somebody asked for beside it. */
enum { USUAL, OTHER, NUM_SHELVES };

typedef struct shelf {
	sgl_key_sort sort; /* of unknown kind: not in use */
	size_t target, wanted;
	size_t num, num_ordered;
	bool is_urgent;
	sgl_key *keys[SGL_STOCK_MAX];
} shelf;

typedef struct loan {
	sgl_key_sort sort;
	sgl_key *key;
} loan;

struct sgl_stock {
	size_t spare;
	shelf shelves[NUM_SHELVES];
	size_t num_lent;
	loan lent[SGL_STOCK_MAX];
};

bool
sgl_key_sort_is_slow(sgl_key_sort sort)
{
	return sort.kind == SGL_KEY_RSA;
}

bool
sgl_key_sort_same(sgl_key_sort a, sgl_key_sort b)
{
	return a.kind == b.kind && a.bits == b.bits;
}

sgl_status
sgl_stock_new(size_t spare, sgl_stock **out, sgl_err *err)
{
	sgl_stock *s = sgl_mem_zeroed(1, sizeof *s);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->spare = spare < SGL_STOCK_MAX ? spare : SGL_STOCK_MAX;
	*out = s;
	return SGL_OK;
}

static void
empty(shelf *at)
{
	for (size_t i = 0; i < at->num; i++)
		sgl_key_unref(at->keys[i]);
	at->num = 0;
}

void
sgl_stock_free(sgl_stock *s)
{
	if (s == NULL)
		return;
	sgl_stock_settle(s, true);
	for (size_t i = 0; i < NUM_SHELVES; i++)
		empty(&s->shelves[i]);
	sgl_mem_free(s);
}

static shelf *
find(const sgl_stock *s, sgl_key_sort sort)
{
	for (size_t i = 0; i < NUM_SHELVES; i++)
		if (sgl_key_sort_same(s->shelves[i].sort, sort))
			return (shelf *)(uintptr_t)&s->shelves[i];
	return NULL;
}

static void
begin(shelf *at, sgl_key_sort sort, size_t target)
{
	empty(at);
	at->sort = sort;
	at->target = sgl_key_sort_is_slow(sort) ? target : 0;
	at->wanted = at->num_ordered = 0;
	at->is_urgent = false;
}

static shelf *
find_or_begin(sgl_stock *s, sgl_key_sort sort)
{
	shelf *at = find(s, sort);

	if (at != NULL)
		return at;
	begin(&s->shelves[OTHER], sort, 0);
	return &s->shelves[OTHER];
}

void
sgl_stock_use(sgl_stock *s, sgl_key_sort sort)
{
	if (sgl_key_sort_same(s->shelves[USUAL].sort, sort))
		return;
	begin(&s->shelves[USUAL], sort, s->spare);
	if (sgl_key_sort_same(s->shelves[OTHER].sort, sort))
		begin(
		    &s->shelves[OTHER], (sgl_key_sort){SGL_KEY_UNKNOWN, 0}, 0);
}

void
sgl_stock_want(sgl_stock *s, sgl_key_sort sort, size_t num)
{
	shelf *at = find_or_begin(s, sort);

	if (num > SGL_STOCK_MAX)
		num = SGL_STOCK_MAX;
	at->wanted = num > at->num ? num : 0;
	at->is_urgent = at->is_urgent || at->wanted > 0;
}

size_t
sgl_stock_count(const sgl_stock *s, sgl_key_sort sort)
{
	const shelf *at = find(s, sort);

	return at == NULL ? 0 : at->num;
}

bool
sgl_stock_take(sgl_stock *s, sgl_key_sort sort, sgl_key **out)
{
	shelf *at = find_or_begin(s, sort);

	if (at->num == 0 || s->num_lent == SGL_STOCK_MAX) {
		at->is_urgent = true;
		return false;
	}
	*out = at->keys[--at->num];
	s->lent[s->num_lent++] = (loan){sort, sgl_key_ref(*out)};
	return true;
}

static bool
lay(shelf *at, sgl_key *key)
{
	if (at == NULL || at->num == SGL_STOCK_MAX)
		return false;
	at->keys[at->num++] = key;
	if (at->num >= at->wanted)
		at->wanted = 0;
	if (at->num >= at->target && at->wanted == 0)
		at->is_urgent = false;
	return true;
}

void
sgl_stock_settle(sgl_stock *s, bool kept)
{
	shelf *other = &s->shelves[OTHER];

	for (size_t i = 0; i < s->num_lent; i++)
		if (kept || !lay(find(s, s->lent[i].sort), s->lent[i].key))
			sgl_key_unref(s->lent[i].key);
	s->num_lent = 0;
	/* Of the other sort none stays behind for a day that may not come. */
	if (kept && other->wanted == 0)
		begin(other, (sgl_key_sort){SGL_KEY_UNKNOWN, 0}, 0);
}

static bool
lacks(const shelf *at)
{
	const size_t goal = at->wanted > at->target ? at->wanted : at->target;

	return at->num + at->num_ordered < goal;
}

bool
sgl_stock_order(sgl_stock *s, size_t makers, sgl_key_sort *out)
{
	size_t busy = 0;

	for (size_t i = 0; i < NUM_SHELVES; i++)
		busy += s->shelves[i].num_ordered;
	/* Whoever waits for the other sort waits now. */
	for (size_t i = NUM_SHELVES; i-- > 0;) {
		shelf *at = &s->shelves[i];

		if (!lacks(at) || busy >= (at->is_urgent ? makers : 1))
			continue;
		at->num_ordered++;
		*out = at->sort;
		return true;
	}
	return false;
}

void
sgl_stock_put(sgl_stock *s, sgl_key_sort sort, sgl_key *key)
{
	shelf *at = find(s, sort);

	if (at != NULL && at->num_ordered > 0)
		at->num_ordered--;
	if (key != NULL && !lay(at, key))
		sgl_key_unref(key);
}

void
sgl_stock_forget(sgl_stock *s)
{
	for (size_t i = 0; i < NUM_SHELVES; i++)
		s->shelves[i].num_ordered = 0;
}
