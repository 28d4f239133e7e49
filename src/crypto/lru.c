/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "crypto/lru.h"

#define ROOM "crypto.lru"

/* Entries name each other by index + 1, so that zero is "none". */
typedef struct entry {
	uint8_t key[SGL_LRU_KEY];
	void *value;
	void (*drop)(void *);
	uint16_t older, newer; /* in order of use */
	uint16_t chain;	       /* next in the same bucket */
} entry;

struct sgl_lru {
	unsigned max, num;
	uint16_t oldest, newest;
	uint16_t *buckets; /* max of them */
	entry entries[];
};

static entry *
at(sgl_lru *l, unsigned i)
{
	return &l->entries[i - 1];
}

/* The keys are digests: any of their bits do. */
static uint16_t *
bucket_of(sgl_lru *l, const uint8_t key[SGL_LRU_KEY])
{
	unsigned h = (unsigned)key[0] | (unsigned)key[1] << 8;

	return &l->buckets[h % l->max];
}

sgl_status
sgl_lru_new(unsigned max, sgl_lru **out, sgl_err *err)
{
	sgl_lru *l;

	assert(max > 0 && max <= SGL_LRU_MAX);
	/* An entry means something from its first use on; until then its page
	 * need not exist. */
	l = sgl_mem_resize(NULL, sizeof *l + max * sizeof l->entries[0]);
	if (l == NULL)
		return sgl_oom(err, ROOM);
	*l = (sgl_lru){0};
	l->buckets = sgl_mem_zeroed(max, sizeof *l->buckets);
	if (l->buckets == NULL) {
		sgl_mem_free(l);
		return sgl_oom(err, ROOM);
	}
	l->max = max;
	*out = l;
	return SGL_OK;
}

static void
unlink_use(sgl_lru *l, uint16_t i)
{
	entry *e = at(l, i);

	*(e->older ? &at(l, e->older)->newer : &l->oldest) = e->newer;
	*(e->newer ? &at(l, e->newer)->older : &l->newest) = e->older;
}

static void
link_newest(sgl_lru *l, uint16_t i)
{
	entry *e = at(l, i);

	e->older = l->newest;
	e->newer = 0;
	*(l->newest ? &at(l, l->newest)->newer : &l->oldest) = i;
	l->newest = i;
}

static void
unlink_chain(sgl_lru *l, uint16_t i)
{
	uint16_t *p = bucket_of(l, at(l, i)->key);

	while (*p != i)
		p = &at(l, *p)->chain;
	*p = at(l, i)->chain;
}

static uint16_t
lookup(sgl_lru *l, const uint8_t key[SGL_LRU_KEY])
{
	uint16_t i = *bucket_of(l, key);

	while (i != 0 && memcmp(at(l, i)->key, key, SGL_LRU_KEY) != 0)
		i = at(l, i)->chain;
	return i;
}

void *
sgl_lru_find(sgl_lru *l, const uint8_t key[SGL_LRU_KEY])
{
	uint16_t i = lookup(l, key);

	if (i == 0)
		return NULL;
	if (i != l->newest) {
		unlink_use(l, i);
		link_newest(l, i);
	}
	return at(l, i)->value;
}

static void
drop_value(entry *e)
{
	if (e->drop != NULL)
		e->drop(e->value);
}

/* An entry that is linked nowhere: a new one, or the one longest unused. */
static uint16_t
vacate(sgl_lru *l)
{
	uint16_t i;

	if (l->num < l->max)
		return (uint16_t)++l->num;
	i = l->oldest;
	unlink_use(l, i);
	unlink_chain(l, i);
	drop_value(at(l, i));
	return i;
}

void
sgl_lru_add(sgl_lru *l, const uint8_t key[SGL_LRU_KEY], void *value,
    void (*drop)(void *))
{
	uint16_t i = lookup(l, key);

	if (i != 0) {
		unlink_use(l, i);
		if (at(l, i)->value != value)
			drop_value(at(l, i));
	} else {
		uint16_t *bucket = bucket_of(l, key);
		i = vacate(l);
		memcpy(at(l, i)->key, key, SGL_LRU_KEY);
		at(l, i)->chain = *bucket;
		*bucket = i;
	}
	at(l, i)->value = value;
	at(l, i)->drop = drop;
	link_newest(l, i);
}

void
sgl_lru_empty(sgl_lru *l)
{
	if (l == NULL)
		return;
	for (unsigned i = 1; i <= l->num; i++)
		drop_value(at(l, i));
	memset(l->buckets, 0, l->max * sizeof *l->buckets);
	l->num = l->oldest = l->newest = 0;
}

void
sgl_lru_free(sgl_lru *l)
{
	if (l == NULL)
		return;
	sgl_lru_empty(l);
	sgl_mem_free(l->buckets);
	sgl_mem_free(l);
}
