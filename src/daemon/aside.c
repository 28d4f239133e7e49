/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "daemon/aside.h"
#include "sys/journal.h"

#define ROOM "daemon.control"
#define OFTEN 40	/* milliseconds between two looks */
#define TELL_EVERY 500	/* milliseconds */
#define PATIENCE 120000 /* milliseconds in which no key comes */

typedef struct item {
	struct item *next;
	sgl_aside_caller caller;
	sgl_peer *peer;
	unsigned type;
	sgl_secret body;
	sgl_lack lack;
} item;

struct sgl_aside {
	sgl_loop *loop;
	sgl_session *session;
	sgl_wait *often; /* while there is anything */
	item *first;
	item *again;   /* the one that is done anew just now */
	bool is_last;  /* that is its last time */
	size_t have;   /* keys, when we looked last */
	int64_t since; /* when that changed, in milliseconds */
	int64_t told;
};

static int64_t
clock_ms(void)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

sgl_status
sgl_aside_new(
    sgl_loop *loop, sgl_session *session, sgl_aside **out, sgl_err *err)
{
	sgl_aside *a = sgl_mem_zeroed(1, sizeof *a);

	if (a == NULL)
		return sgl_oom(err, ROOM);
	a->loop = loop;
	a->session = session;
	*out = a;
	return SGL_OK;
}

static void
item_free(item *i)
{
	if (i == NULL)
		return;
	sgl_secret_clear(&i->body);
	sgl_mem_free(i);
}

void
sgl_aside_free(sgl_aside *a)
{
	if (a == NULL)
		return;
	while (a->first != NULL) {
		item *i = a->first;

		a->first = i->next;
		item_free(i);
	}
	sgl_wait_free(a->often);
	sgl_mem_free(a);
}

static sgl_keeper *
keeper_of(const sgl_aside *a)
{
	return sgl_home_keeper(a->session->home);
}

/* Whoever comes now finds no keys while others wait for them. */
static void
reserve(const sgl_aside *a)
{
	if (keeper_of(a) != NULL)
		sgl_keeper_reserve(keeper_of(a), a->first != NULL);
}

/* --------------------------------------------------------------- looking ---
 */

static void
tell_all(const sgl_aside *a, size_t have)
{
	for (const item *i = a->first; i != NULL; i = i->next)
		if (i->caller.tell != NULL)
			i->caller.tell(
			    i->caller.ctx, i->peer, have, a->first->lack.num);
}

/* It is out of the list meanwhile; if it lacks keys again, it is the first. */
static void
do_again(sgl_aside *a)
{
	item *i = a->first;

	a->first = i->next;
	a->again = i;
	if (keeper_of(a) != NULL)
		sgl_keeper_reserve(keeper_of(a), false);
	sgl_peer_rest(i->peer, false);
	i->caller.again(
	    i->caller.ctx, i->peer, i->type, sgl_secret_slice(&i->body));
	if (a->again == i)
		item_free(i);
	a->again = NULL;
	reserve(a);
}

/* Without a keyholder there are none; the next one begins with none. */
static size_t
count_keys(sgl_aside *a)
{
	const sgl_lack *lack = &a->first->lack;
	sgl_keeper *keeper = keeper_of(a);
	sgl_err err = {0};
	size_t have;

	if (keeper == NULL)
		return 0;
	if (sgl_keeper_want(keeper, lack->sort, lack->num, &have, &err) ==
	    SGL_OK)
		return have;
	sgl_journal_err("keys", &err);
	return 0;
}

static void
on_often(void *ctx)
{
	sgl_aside *a = ctx;
	const int64_t now = clock_ms();
	size_t have;

	if (a->first == NULL) {
		sgl_wait_free(a->often);
		a->often = NULL;
		return;
	}
	have = count_keys(a);
	if (have != a->have)
		a->since = now;
	a->have = have;
	a->is_last = now - a->since > PATIENCE;
	if (have >= a->first->lack.num || a->is_last) {
		a->since = now;
		do_again(a);
	}
	if (a->first != NULL && now - a->told >= TELL_EVERY) {
		a->told = now;
		tell_all(a, have);
	}
}

/* --------------------------------------------------------------- setting ---
 */

void
sgl_aside_begin(sgl_aside *a)
{
	sgl_lack old;

	if (keeper_of(a) != NULL)
		(void)sgl_keeper_take_lack(keeper_of(a), &old);
	/* The keyholder may be another one since. */
	if (a->again == NULL)
		reserve(a);
}

bool
sgl_aside_lacks(const sgl_aside *a)
{
	return keeper_of(a) != NULL && sgl_keeper_lacks(keeper_of(a));
}

static item *
item_new(const sgl_aside_caller *caller, sgl_peer *peer, unsigned type,
    sgl_slice body)
{
	item *i = sgl_mem_zeroed(1, sizeof *i);

	if (i == NULL)
		return NULL;
	i->caller = *caller;
	i->peer = peer;
	i->type = type;
	if (sgl_secret_set(&i->body, body, NULL) != SGL_OK) {
		sgl_mem_free(i);
		return NULL;
	}
	return i;
}

static void
add_last(sgl_aside *a, item *i)
{
	item **at = &a->first;

	if (a->first == NULL) {
		a->since = a->told = clock_ms();
		a->have = 0;
	}
	while (*at != NULL)
		at = &(*at)->next;
	*at = i;
}

static void
add_first(sgl_aside *a, item *i)
{
	i->next = a->first;
	a->first = i;
}

static bool
watch(sgl_aside *a)
{
	sgl_err err = {0};

	if (a->often != NULL ||
	    sgl_wait_often(a->loop, OFTEN, on_often, a, &a->often, &err) ==
		SGL_OK)
		return true;
	sgl_journal_err("keys", &err);
	return false;
}

bool
sgl_aside_put(sgl_aside *a, const sgl_aside_caller *caller, sgl_peer *peer,
    unsigned type, sgl_slice body)
{
	const bool is_again = a->again != NULL;
	sgl_keeper *keeper = keeper_of(a);
	sgl_lack lack;
	item *i;

	if (keeper == NULL || !sgl_keeper_take_lack(keeper, &lack) ||
	    (is_again && a->is_last) || !watch(a))
		return false;
	i = is_again ? a->again : item_new(caller, peer, type, body);
	if (i == NULL)
		return false;
	i->lack = lack;
	if (is_again)
		add_first(a, i);
	else
		add_last(a, i);
	a->again = NULL;
	sgl_peer_rest(peer, true);
	reserve(a);
	return true;
}

bool
sgl_aside_has(const sgl_aside *a, const sgl_peer *peer)
{
	for (const item *i = a->first; i != NULL; i = i->next)
		if (i->peer == peer)
			return true;
	return false;
}

void
sgl_aside_drop(sgl_aside *a, const sgl_peer *peer)
{
	for (item **at = &a->first; *at != NULL;) {
		item *i = *at;

		if (i->peer != peer) {
			at = &i->next;
			continue;
		}
		*at = i->next;
		item_free(i);
	}
	reserve(a);
}
