/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/crl.h"
#include "ca/urls.h"
#include "daemon/publish_wire.h"
#include "daemon/publisher.h"
#include "crypto/hash.h"
#include "sys/journal.h"

#define ROOM "daemon.publisher"
#define FRESH_MAX 512 /* answers that wait to be stored together */
#define LOOK 60	      /* seconds between looks for what has become old */

struct sgl_publisher {
	sgl_session *session;
	sgl_peer *front;
	sgl_ca_ocsp *ocsp;
	int64_t generation, published; /* when front was told last; 0: never */
	sgl_ca_ocsp_answer fresh[FRESH_MAX];
	size_t num_fresh;
	sgl_ca_ocsp_asked asked[SGL_KEY_MANY];
	int64_t numbers[SGL_KEY_MANY]; /* front's, of the questions */
	size_t num_asked;
	unsigned seconds; /* since we looked */
	bool is_due;
};

sgl_status
sgl_publisher_new(sgl_session *session, sgl_publisher **out, sgl_err *err)
{
	sgl_publisher *p = sgl_mem_zeroed(1, sizeof *p);
	sgl_status status;

	if (p == NULL)
		return sgl_oom(err, ROOM);
	p->session = session;
	p->is_due = true;
	status = sgl_ca_ocsp_new(session->home, &p->ocsp, err);
	if (status == SGL_OK)
		*out = p;
	else
		sgl_mem_free(p);
	return status;
}

static void
drop_fresh(sgl_publisher *p)
{
	for (size_t i = 0; i < p->num_fresh; i++)
		sgl_ca_ocsp_answer_clear(&p->fresh[i]);
	p->num_fresh = 0;
}

void
sgl_publisher_free(sgl_publisher *p)
{
	if (p == NULL)
		return;
	drop_fresh(p);
	sgl_ca_ocsp_free(p->ocsp);
	sgl_mem_free(p);
}

void
sgl_publisher_drop_keys(sgl_publisher *p)
{
	sgl_ca_ocsp_forget(p->ocsp);
	p->is_due = true;
}

/* --------------------------------------------------------- telling front ---
 */

/* "http://example.org/pki" -> "/pki" */
static sgl_status
find_prefix(sgl_home *home, char out[SGL_PUBLISH_PREFIX], sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) url = sgl_buf_init(SGL_PUBLISH_PREFIX);
	const char *at;

	TRY(sgl_ca_public_url(home, &url, err));
	TRY(sgl_buf_add(&url, sgl_slice_of("", 1), err));
	at = strstr((const char *)url.data, "://");
	at = at == NULL ? NULL : strchr(at + 3, '/');
	if (at != NULL)
		memcpy(out, at, strlen(at) + 1);
	return SGL_OK;
}

static sgl_status
describe(
    sgl_engine *engine, const sgl_authority *a, sgl_published *p, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;

	p->id = a->id;
	p->num_shards = a->num_shards;
	p->answers = a->kind == SGL_AUTHORITY_ISSUING;
	TRY(sgl_cert_read(engine, sgl_buf_slice(&a->der), &cert, err));
	return sgl_ocsp_issuer_init(engine, cert, &p->names, err);
}

static sgl_status
collect_state(sgl_session *s, sgl_publish_state *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	TRY(find_prefix(s->home, out->prefix, err));
	TRY(sgl_store_list_authorities(sgl_home_store(s->home), &list, err));
	for (size_t i = 0; i < list.num && i < SGL_PUBLISH_AUTHORITIES; i++) {
		TRY(describe(s->engine, &list.items[i],
		    &out->authorities[out->num], err));
		out->num++;
	}
	return SGL_OK;
}

static sgl_status
send(sgl_publisher *p, unsigned type, const sgl_wire *w, sgl_err *err)
{
	TRY(sgl_wire_end(w, err));
	return sgl_peer_send(p->front, type, sgl_buf_slice(w->out), err);
}

static sgl_status
tell_state(sgl_publisher *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(65536);
	sgl_wire w = sgl_wire_over(&body);
	sgl_publish_state state = {.num = 0};

	if (p->front == NULL)
		return SGL_OK;
	TRY(collect_state(p->session, &state, err));
	sgl_publish_add_state(&w, &state);
	return send(p, SGL_PUBLISH_STATE, &w, err);
}

/* Answers that were signed before may be untrue, too. */
static sgl_status
look(sgl_publisher *p, bool anyway, sgl_err *err)
{
	sgl_store *store = sgl_home_store(p->session->home);
	int64_t generation, published;

	TRY(sgl_store_get_generation(store, &generation, err));
	if (generation == p->generation && !anyway)
		return SGL_OK;
	TRY(sgl_store_get_published(store, &published, err));
	if (published != p->published || anyway) {
		sgl_ca_ocsp_forget(p->ocsp);
		drop_fresh(p);
		p->is_due = true;
		TRY(tell_state(p, err));
	}
	p->generation = generation;
	p->published = published;
	return SGL_OK;
}

/* What front believes must not be wrong: then it shall know nothing, and ask
 * again when it is joined again. */
static void
look_or_leave(sgl_publisher *p, bool anyway)
{
	sgl_err err = {0};

	if (look(p, anyway, &err) == SGL_OK)
		return;
	sgl_journal_err("publish", &err);
	sgl_ca_ocsp_forget(p->ocsp);
	p->generation = 0;
	p->published = -1;
}

void
sgl_publisher_set_front(sgl_publisher *p, sgl_peer *front)
{
	p->front = front;
	p->num_asked = 0;
	look_or_leave(p, true);
}

void
sgl_publisher_changed(sgl_publisher *p)
{
	look_or_leave(p, false);
}

/* ------------------------------------------------------------- answering ---
 */

static sgl_status
tell(sgl_publisher *p, int64_t number, const sgl_publish_answer *answer,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(SGL_PUBLISH_ANSWER_MAX);
	sgl_wire w = sgl_wire_over(&body);
	sgl_publish_answer a = *answer;
	sgl_digest tag;

	if (a.is_shared) {
		TRY(sgl_hash_once(
		    p->session->engine, SGL_DIGEST_SHA1, a.bytes, &tag, err));
		memcpy(a.tag, tag.bytes, sizeof a.tag);
	}
	sgl_publish_add_answer(&w, number, &a);
	return send(p, SGL_PUBLISH_ANSWER, &w, err);
}

static sgl_status
answer_crl(sgl_publisher *p, int64_t number, const sgl_publish_file *f,
    sgl_publish_answer *a, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_crl_record) c = {0};
	bool found;

	TRY(sgl_store_find_crl(sgl_home_store(p->session->home), f->authority,
	    f->shard, &c, &found, err));
	if (found) {
		a->outcome = SGL_PUBLISH_FOUND;
		a->is_shared = true;
		a->this_update = c.this_update;
		a->next_update = c.next_update;
		a->bytes = sgl_buf_slice(&c.der);
	}
	return tell(p, number, a, err);
}

static sgl_status
answer_cert(sgl_publisher *p, int64_t number, const sgl_publish_file *f,
    sgl_publish_answer *a, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	TRY(sgl_store_list_authorities(
	    sgl_home_store(p->session->home), &list, err));
	for (size_t i = 0; i < list.num; i++) {
		if (list.items[i].id != f->authority)
			continue;
		a->outcome = SGL_PUBLISH_FOUND;
		a->is_shared = true;
		a->this_update = list.items[i].created;
		a->bytes = sgl_buf_slice(&list.items[i].der);
	}
	return tell(p, number, a, err);
}

static sgl_status
on_file(sgl_publisher *p, sgl_unwire *u, sgl_publish_answer *a, sgl_err *err)
{
	sgl_publish_file f;
	int64_t number = sgl_publish_read_file(u, &f);

	TRY(sgl_unwire_end(u, err));
	a->outcome = SGL_PUBLISH_NONE;
	return f.is_crl ? answer_crl(p, number, &f, a, err)
			: answer_cert(p, number, &f, a, err);
}

/* Kept, to be stored with others. */
static void
keep(sgl_publisher *p, sgl_ca_ocsp_answer *a)
{
	if (!a->is_fresh || p->num_fresh == FRESH_MAX)
		return;
	p->fresh[p->num_fresh++] = *a;
	*a = (sgl_ca_ocsp_answer){.error = SGL_OCSP_SUCCESSFUL};
}

static sgl_status
on_ocsp(sgl_publisher *p, sgl_unwire *u, sgl_err *err)
{
	if (p->num_asked == SGL_KEY_MANY)
		sgl_publisher_rest(p);
	p->numbers[p->num_asked] =
	    sgl_publish_read_ocsp(u, &p->asked[p->num_asked].question);
	TRY(sgl_unwire_end(u, err));
	p->num_asked++;
	return SGL_OK;
}

static void
excuse(sgl_publisher *p, int64_t number, const sgl_err *why)
{
	const sgl_publish_answer a = {
	    .outcome = SGL_PUBLISH_LATER, .error = SGL_OCSP_TRY_LATER};
	sgl_err err = {0};

	sgl_journal_err("publish", why);
	if (tell(p, number, &a, &err) != SGL_OK)
		sgl_journal_err("publish", &err);
}

static sgl_status
tell_made(sgl_publisher *p, int64_t number, const sgl_ca_ocsp_answer *made,
    sgl_err *err)
{
	const sgl_publish_answer a = {.error = made->error,
	    .outcome = made->error == SGL_OCSP_SUCCESSFUL ? SGL_PUBLISH_FOUND
							  : SGL_PUBLISH_NONE,
	    .is_shared = made->is_shared,
	    .this_update = made->this_update,
	    .next_update = made->next_update,
	    .bytes = sgl_buf_slice(&made->der)};

	return tell(p, number, &a, err);
}

static void
tell_asked(sgl_publisher *p, int64_t number, sgl_ca_ocsp_asked *a)
{
	if (a->status == SGL_OK)
		a->status = tell_made(p, number, &a->answer, &a->err);
	if (a->status == SGL_OK)
		keep(p, &a->answer);
	else
		excuse(p, number, &a->err);
	sgl_ca_ocsp_answer_clear(&a->answer);
}

/* Another machine may have revoked something a moment ago. */
void
sgl_publisher_rest(sgl_publisher *p)
{
	const size_t num = p->num_asked;

	if (num == 0)
		return;
	look_or_leave(p, false);
	p->num_asked = 0;
	sgl_ca_ocsp_ask(p->ocsp, p->asked, num);
	for (size_t i = 0; i < num; i++)
		tell_asked(p, p->numbers[i], &p->asked[i]);
}

/* The number is the first thing in every question. */
static int64_t
number_of(sgl_slice body)
{
	sgl_unwire u = sgl_unwire_over(body);

	return sgl_unwire_int(&u, 0, INT64_MAX);
}

bool
sgl_publisher_hear(sgl_publisher *p, unsigned type, sgl_slice body)
{
	sgl_publish_answer a = {.outcome = SGL_PUBLISH_NONE};
	sgl_unwire u = sgl_unwire_over(body);
	sgl_status status;
	sgl_err err = {0};

	if (type == SGL_PUBLISH_FILE)
		status = on_file(p, &u, &a, &err);
	else if (type == SGL_PUBLISH_OCSP)
		status = on_ocsp(p, &u, &err);
	else
		return false;
	if (status != SGL_OK)
		excuse(p, number_of(body), &err);
	return true;
}

/* ---------------------------------------------------------------- in time ---
 */

static sgl_status
store_fresh(sgl_publisher *p, sgl_err *err)
{
	sgl_home *home = p->session->home;
	sgl_status status = SGL_OK;

	if (p->num_fresh == 0)
		return SGL_OK;
	TRY(sgl_home_begin(home, err));
	for (size_t i = 0; i < p->num_fresh && status == SGL_OK; i++)
		status = sgl_ca_ocsp_keep(home, &p->fresh[i], err);
	if (status == SGL_OK)
		status = sgl_home_commit(home, err);
	if (status != SGL_OK)
		sgl_home_rollback(home);
	drop_fresh(p);
	return status;
}

static sgl_status
make_in_change(sgl_publisher *p, unsigned *made, sgl_err *err)
{
	unsigned crls, responders;

	TRY(sgl_ca_make_crls(p->session->home, false, &crls, err));
	TRY(sgl_responder_renew(p->session->home, &responders, err));
	*made = crls + responders;
	return SGL_OK;
}

static sgl_status
make_due(sgl_publisher *p, sgl_err *err)
{
	sgl_home *home = p->session->home;
	unsigned made = 0;
	sgl_status status;

	TRY(sgl_home_begin(home, err));
	sgl_home_set_actor(home, "publication");
	status = make_in_change(p, &made, err);
	if (status == SGL_OK && made > 0)
		status = sgl_home_commit(home, err);
	if (status != SGL_OK || made == 0) {
		sgl_home_rollback(home);
		return status;
	}
	TRY(look(p, true, err));
	return sgl_ca_publish_lists(home, err);
}

static sgl_status
find_due(sgl_publisher *p, bool *due, sgl_err *err)
{
	TRY(sgl_ca_has_due(p->session->home, due, err));
	return *due ? SGL_OK
		    : sgl_responder_has_due(p->session->home, due, err);
}

static sgl_status
tick(sgl_publisher *p, sgl_err *err)
{
	bool due;

	TRY(look(p, false, err));
	TRY(store_fresh(p, err));
	if (!p->is_due && ++p->seconds < LOOK)
		return SGL_OK;
	p->seconds = 0;
	/* What cannot be made now is tried again later, or when keys come. */
	p->is_due = false;
	TRY(find_due(p, &due, err));
	return due ? make_due(p, err) : SGL_OK;
}

void
sgl_publisher_tick(sgl_publisher *p)
{
	sgl_err err = {0};

	if (tick(p, &err) != SGL_OK)
		sgl_journal_err("publish", &err);
}
