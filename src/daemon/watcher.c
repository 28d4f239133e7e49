/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "ca/published.h"
#include "daemon/watcher.h"
#include "net/address.h"
#include "sys/journal.h"

#define ROOM "daemon.watcher"
#define SOON 10 /* seconds behind a start or a change */

struct sgl_watcher {
	sgl_session *session;
	sgl_errands *errands;
	const sgl_daemon_config *config;
	sgl_publications list; /* of the look at hand */
	size_t at;
	bool is_looking;
	int64_t published; /* the number in the store, at the last look */
	unsigned left;	   /* seconds until the next look */
	sgl_watched told, next;
};

sgl_status
sgl_watcher_new(sgl_session *session, sgl_errands *errands,
    const sgl_daemon_config *config, sgl_watcher **out, sgl_err *err)
{
	sgl_watcher *w = sgl_mem_zeroed(1, sizeof *w);

	if (w == NULL)
		return sgl_oom(err, ROOM);
	w->session = session;
	w->errands = errands;
	w->config = config;
	w->left = config->watch < SOON ? config->watch : SOON;
	session->watched = config->watch > 0 ? &w->told : NULL;
	*out = w;
	return SGL_OK;
}

void
sgl_watcher_free(sgl_watcher *w)
{
	if (w == NULL)
		return;
	w->session->watched = NULL;
	sgl_publications_clear(&w->list);
	sgl_mem_free(w);
}

/* --------------------------------------------------------- remembering --- */

static const sgl_watched_fault *
find(const sgl_watched *all, const char *url)
{
	for (size_t i = 0; i < all->num && i < SGL_WATCHED_MAX; i++)
		if (strcmp(all->faults[i].url, url) == 0)
			return &all->faults[i];
	return NULL;
}

static void
note(const sgl_watched_fault *f, sgl_level level, const char *event)
{
	sgl_journal j;

	sgl_journal_begin(&j, level, event);
	sgl_json_str(&j.json, "url", f->url);
	sgl_json_str(&j.json, "error", f->fault);
	if (f->detail[0] != '\0')
		sgl_json_str(&j.json, "detail", f->detail);
	sgl_json_time(&j.json, "since", f->since);
	sgl_journal_end(&j);
}

static void
remember(sgl_watcher *w, const char *url, const sgl_publication_finding *f)
{
	const sgl_watched_fault *before = find(&w->told, url);
	sgl_watched_fault *one;

	w->next.num_seen++;
	if (f->fault == NULL || find(&w->next, url) != NULL)
		return;
	if (w->next.num++ >= SGL_WATCHED_MAX)
		return;
	one = &w->next.faults[w->next.num - 1];
	(void)snprintf(one->url, sizeof one->url, "%s", url);
	(void)snprintf(one->detail, sizeof one->detail, "%s", f->detail);
	one->fault = f->fault;
	one->since =
	    before != NULL ? before->since : sgl_engine_now(w->session->engine);
	if (before == NULL || before->fault != f->fault)
		note(one, SGL_LEVEL_ERROR, "unpublished");
}

static void
end_look(sgl_watcher *w)
{
	for (size_t i = 0; i < w->told.num && i < SGL_WATCHED_MAX; i++)
		if (find(&w->next, w->told.faults[i].url) == NULL)
			note(&w->told.faults[i], SGL_LEVEL_INFO,
			    "published-again");
	w->next.looked = sgl_engine_now(w->session->engine);
	w->told = w->next;
	sgl_publications_clear(&w->list);
	w->is_looking = false;
	w->left = w->config->watch;
}

/* ------------------------------------------------------------- looking --- */

static void ask_next(sgl_watcher *w);

/* Without anything that was fetched there is nothing to say about what is
 * published. */
static void
give_up(sgl_watcher *w, const sgl_err *why)
{
	sgl_journal_err("watch", why);
	sgl_publications_clear(&w->list);
	w->is_looking = false;
	w->left = w->config->watch;
}

static void
on_done(void *ctx, const sgl_fetched *came, const sgl_err *failure)
{
	sgl_watcher *w = ctx;
	const sgl_publication *p = &w->list.items[w->at];
	sgl_publication_finding f;
	sgl_err err = {0};

	if (came == NULL) {
		give_up(w, failure);
		return;
	}
	if (sgl_publication_judge(w->session->home, p, came, &f, &err) !=
	    SGL_OK) {
		give_up(w, &err);
		return;
	}
	remember(w, (const char *)p->url.data, &f);
	w->at++;
	ask_next(w);
}

static void
ask_next(sgl_watcher *w)
{
	sgl_fetch_order order;
	sgl_err err = {0};

	if (w->at == w->list.num) {
		end_look(w);
		return;
	}
	order =
	    sgl_publication_order(&w->list.items[w->at], SGL_PUBLISHED_SECONDS);
	/* Who publishes at a private address only means it. */
	order.only_public = w->config->fetch_private != SGL_PRIVATE_ALWAYS &&
	    !sgl_host_is_private(order.url);
	if (sgl_errands_send(w->errands, &order, on_done, w, &err) != SGL_OK)
		give_up(w, &err);
}

static sgl_status
begin_look(sgl_watcher *w, sgl_err *err)
{
	w->next = (sgl_watched){0};
	w->at = 0;
	TRY(sgl_store_get_published(
	    sgl_home_store(w->session->home), &w->published, err));
	TRY(sgl_publications_list(w->session->home, &w->list, err));
	w->is_looking = w->list.num > 0;
	if (w->is_looking)
		ask_next(w);
	else
		w->left = w->config->watch;
	return SGL_OK;
}

void
sgl_watcher_tick(sgl_watcher *w)
{
	sgl_err err = {0};

	if (w->config->watch == 0 || w->is_looking ||
	    (w->left > 0 && --w->left > 0))
		return;
	if (begin_look(w, &err) != SGL_OK)
		give_up(w, &err);
}

void
sgl_watcher_changed(sgl_watcher *w)
{
	int64_t number;

	if (w->left <= SOON ||
	    sgl_store_get_published(
		sgl_home_store(w->session->home), &number, NULL) != SGL_OK)
		return;
	if (number != w->published)
		w->left = SOON;
}
