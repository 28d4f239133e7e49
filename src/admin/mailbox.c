/* SPDX-License-Identifier: Apache-2.0 */
/* sigill user show */
#include "base/time.h"
#include "admin/work.h"
#include "org/choose.h"
#include "store/recovery.h"

/* Who has a private key. */
typedef enum whose {
	WHOSE_NOBODY,
	WHOSE_SERVICE,
	WHOSE_PERSON,
	WHOSE_BOTH
} whose;

static const char *const names[] = {
    [WHOSE_NOBODY] = "nobody",
    [WHOSE_SERVICE] = "service",
    [WHOSE_PERSON] = "person",
    [WHOSE_BOTH] = "both",
};

static whose
whose_is(const sgl_key_record *k)
{
	/* Destroyed, and nobody has it; else it is where it was made, or was
	 * taken to. */
	if (k->sealed.len == 0)
		return k->gone != 0 && k->handed == 0 ? WHOSE_NOBODY
						      : WHOSE_PERSON;
	return k->handed != 0 ? WHOSE_BOTH : WHOSE_SERVICE;
}

/* All that there is to show. */
typedef struct mailbox {
	sgl_person p;
	sgl_aliases aliases;
	sgl_cert_records certs;
	sgl_key_records keys;
	sgl_holders holders, held;
	sgl_chosen chosen[2]; /* by purpose */
	sgl_escrow_records escrows;
	sgl_request_records requests; /* to recover keys */
} mailbox;

static void
mailbox_clear(mailbox *m)
{
	sgl_person_clear(&m->p);
	sgl_aliases_clear(&m->aliases);
	sgl_cert_records_clear(&m->certs);
	sgl_key_records_clear(&m->keys);
	sgl_holders_clear(&m->holders);
	sgl_holders_clear(&m->held);
	sgl_escrow_records_clear(&m->escrows);
	sgl_request_records_clear(&m->requests);
	sgl_chosen_clear(&m->chosen[0]);
	sgl_chosen_clear(&m->chosen[1]);
}
SGL_AUTO_CLEAR_TYPE(mailbox, mailbox_clear)

static sgl_status
collect(sgl_session *s, const char *address, mailbox *m, sgl_err *err)
{
	sgl_store *store = sgl_home_store(s->home);

	TRY(sgl_people_get(s->home, address, &m->p, err));
	TRY(sgl_store_list_aliases(store, m->p.id, &m->aliases, err));
	TRY(sgl_store_list_certs(store, m->p.id, &m->certs, err));
	TRY(sgl_store_list_keys(store, m->p.id, &m->keys, err));
	TRY(sgl_store_list_holders(store, m->p.id, &m->holders, err));
	TRY(sgl_store_list_held(store, m->p.id, &m->held, err));
	TRY(sgl_store_list_escrows(store, m->p.id, &m->escrows, err));
	TRY(sgl_store_list_requests_of(store, m->p.id, &m->requests, err));
	TRY(sgl_choose_cert(s->home, m->p.id, SGL_CERT_SIGNING,
	    &m->chosen[SGL_CERT_SIGNING], err));
	return sgl_choose_cert(s->home, m->p.id, SGL_CERT_ENCRYPTION,
	    &m->chosen[SGL_CERT_ENCRYPTION], err);
}

static const sgl_key_record *
find_key(const mailbox *m, int64_t id)
{
	for (size_t i = 0; i < m->keys.num; i++)
		if (m->keys.items[i].id == id)
			return &m->keys.items[i];
	return NULL;
}

/* Of the certificate in use. */
static whose
whose_purpose(const mailbox *m, sgl_cert_purpose purpose)
{
	const sgl_chosen *c = &m->chosen[purpose];
	const sgl_key_record *k = c->cert == NULL ? NULL : find_key(m, c->key);

	return k == NULL ? WHOSE_NOBODY : whose_is(k);
}

/* Mail that came long ago is opened with the key of then, which may be
 * elsewhere: whoever has any of them. */
static whose
who_opens(const mailbox *m)
{
	unsigned all = 0;

	for (size_t i = 0; i < m->certs.num; i++) {
		const sgl_cert_record *c = &m->certs.items[i];
		const sgl_key_record *k = find_key(m, c->key);
		if (k != NULL && c->purpose == SGL_CERT_ENCRYPTION)
			all |= (unsigned)whose_is(k);
	}
	return (whose)all;
}

static bool
is_escrowed(const mailbox *m, int64_t key)
{
	for (size_t i = 0; i < m->escrows.num; i++)
		if (m->escrows.items[i].key == key)
			return true;
	return false;
}

/* Every key that mail was encrypted to. */
static bool
are_escrowed(const mailbox *m)
{
	for (size_t i = 0; i < m->certs.num; i++)
		if (m->certs.items[i].purpose == SGL_CERT_ENCRYPTION &&
		    !is_escrowed(m, m->certs.items[i].key))
			return false;
	return true;
}

/* ----------------------------------------------------------- for people --- */

static const char *
sign_sentence(whose w, bool shared)
{
	switch (w) {
	case WHOSE_NOBODY:
		return N_("Nobody can sign for this mailbox now.");
	case WHOSE_SERVICE:
		return N_("Only this organisation's service can sign for this "
			  "mailbox: the key was not handed out yet.");
	case WHOSE_PERSON:
		return N_("Only the person can sign: the key was handed out "
			  "and is not kept here.");
	case WHOSE_BOTH:
		break;
	}
	return shared
	    ? N_("The holders who were given the key can sign, and this "
		 "organisation's service, which keeps it.")
	    : N_("The person can sign, and this organisation's service, which "
		 "keeps the key.");
}

static const char *
open_sentence(whose w, bool shared, bool escrowed)
{
	if (w == WHOSE_PERSON && escrowed)
		return N_("Only the person can open the mail: no key is kept "
			  "here, but recovery officers together can recover "
			  "them.");
	switch (w) {
	case WHOSE_NOBODY:
		return N_("Nobody can open mail that was encrypted to this "
			  "mailbox.");
	case WHOSE_SERVICE:
		return N_("Only this organisation's service can open its mail: "
			  "no key was handed out yet.");
	case WHOSE_PERSON:
		return N_("Only the person can open the mail: no key is kept "
			  "here. What the person loses is lost.");
	case WHOSE_BOTH:
		break;
	}
	return shared
	    ? N_("The holders who were given keys can open the mail, and this "
		 "organisation's service, which keeps them.")
	    : N_("The person can open the mail, and so can this organisation, "
		 "which keeps keys.");
}

static sgl_status
add_field(sgl_buf *out, const char *label, const char *value, sgl_err *err)
{
	TRY(sgl_cell_add(out, label, 12, err));
	return sgl_buf_printf(out, err, "%s\n", value);
}

static sgl_status
tell_cert(sgl_session *s, sgl_buf *out, const sgl_cert_record *c, sgl_err *err)
{
	char date[SGL_DATE_TEXT];

	TRY(sgl_cell_add(out, _(sgl_cert_purpose_name(c->purpose)), 11, err));
	TRY(sgl_cell_add(
	    out, _(sgl_cert_state(c, sgl_engine_now(s->engine))), 11, err));
	TRY(sgl_cell_add(out, sgl_date_text(c->not_after, date), 11, err));
	TRY(sgl_hex_add(out, sgl_buf_slice(&c->serial), err));
	return sgl_buf_add_str(out, "\n", err);
}

static sgl_status
tell_head(sgl_buf *out, const mailbox *m, sgl_err *err)
{
	const sgl_person *p = &m->p;

	TRY(sgl_buf_printf(out, err, "%s <%s>\n", p->name, p->address));
	TRY(add_field(
	    out, _("state"), _(sgl_person_state_name(p->state)), err));
	TRY(add_field(out, _("custody"), sgl_custody_name(p->custody), err));
	if (p->is_protected)
		TRY(add_field(out, _("identity"), _("protected"), err));
	for (size_t i = 0; i < m->aliases.num; i++)
		TRY(add_field(
		    out, _("alias"), m->aliases.items[i].address, err));
	for (size_t i = 0; i < m->holders.num; i++)
		TRY(add_field(
		    out, _("holder"), m->holders.items[i].address, err));
	for (size_t i = 0; i < m->held.num; i++)
		TRY(add_field(
		    out, _("holds"), m->held.items[i].mailbox_address, err));
	return SGL_OK;
}

/* The person may be told from a time on that was chosen with the request. */
static bool
is_told(const sgl_session *s, const sgl_request_record *r)
{
	return sgl_engine_now(s->engine) >= r->tell;
}

static sgl_status
tell_requests(sgl_session *s, sgl_buf *out, const mailbox *m, sgl_err *err)
{
	char opened[SGL_TIME_TEXT];

	for (size_t i = 0; i < m->requests.num; i++) {
		const sgl_request_record *r = &m->requests.items[i];

		if (!is_told(s, r))
			continue;
		TRY(sgl_buf_printf(out, err,
		    r->state == SGL_REQUEST_COLLECTED
			? _("On %s it was asked to recover the keys, and they "
			    "were handed out (request %lld).\n")
			: _("On %s it was asked to recover the keys (request "
			    "%lld).\n"),
		    sgl_time_text(r->opened, opened), (long long)r->id));
	}
	return SGL_OK;
}

static sgl_status
tell(sgl_session *s, sgl_buf *out, const mailbox *m, sgl_err *err)
{
	TRY(tell_head(out, m, err));
	for (size_t i = 0; i < m->certs.num; i++)
		TRY(tell_cert(s, out, &m->certs.items[i], err));
	TRY(sgl_buf_printf(out, err, "%s\n",
	    _(sign_sentence(
		whose_purpose(m, SGL_CERT_SIGNING), m->p.is_shared))));
	TRY(sgl_buf_printf(out, err, "%s\n",
	    _(open_sentence(who_opens(m), m->p.is_shared, are_escrowed(m)))));
	return tell_requests(s, out, m, err);
}

/* --------------------------------------------------------- for programs --- */

static void
json_time(sgl_json *json, const char *key, sgl_time t)
{
	if (t == 0)
		sgl_json_null(json, key);
	else
		sgl_json_time(json, key, t);
}

static sgl_status
json_cert(sgl_session *s, sgl_json *json, const mailbox *m,
    const sgl_cert_record *c, sgl_err *err)
{
	const sgl_key_record *k = find_key(m, c->key);

	sgl_json_object(json, NULL);
	TRY(sgl_json_cert_record(s, json, c, NULL, err));
	json_time(json, "waits_until", c->waits_until);
	sgl_json_bool(json, "key_here", k != NULL && k->sealed.len > 0);
	json_time(json, "key_handed", k == NULL ? 0 : k->handed);
	sgl_json_bool(json, "key_escrowed", is_escrowed(m, c->key));
	sgl_json_close_object(json);
	return SGL_OK;
}

static void
json_people(sgl_json *json, const mailbox *m)
{
	sgl_json_array(json, "aliases");
	for (size_t i = 0; i < m->aliases.num; i++)
		sgl_json_str(json, NULL, m->aliases.items[i].address);
	sgl_json_close_array(json);
	sgl_json_array(json, "holders");
	for (size_t i = 0; i < m->holders.num; i++)
		sgl_json_str(json, NULL, m->holders.items[i].address);
	sgl_json_close_array(json);
	sgl_json_array(json, "holds");
	for (size_t i = 0; i < m->held.num; i++)
		sgl_json_str(json, NULL, m->held.items[i].mailbox_address);
	sgl_json_close_array(json);
}

static void
json_requests(const sgl_session *s, sgl_json *json, const mailbox *m)
{
	sgl_json_array(json, "recoveries");
	for (size_t i = 0; i < m->requests.num; i++) {
		const sgl_request_record *r = &m->requests.items[i];

		if (!is_told(s, r))
			continue;
		sgl_json_object(json, NULL);
		sgl_json_uint(json, "request", (uint64_t)r->id);
		sgl_json_time(json, "opened", r->opened);
		sgl_json_bool(
		    json, "handed_out", r->state == SGL_REQUEST_COLLECTED);
		sgl_json_close_object(json);
	}
	sgl_json_close_array(json);
}

static sgl_status
tell_json(sgl_session *s, sgl_json *json, const mailbox *m, sgl_err *err)
{
	sgl_json_object(json, NULL);
	sgl_json_person(json, &m->p);
	sgl_json_time(json, "created", m->p.created);
	json_time(json, "suspended", m->p.suspended);
	json_people(json, m);
	sgl_json_array(json, "certificates");
	for (size_t i = 0; i < m->certs.num; i++)
		TRY(json_cert(s, json, m, &m->certs.items[i], err));
	sgl_json_close_array(json);
	sgl_json_str(json, "signs", names[whose_purpose(m, SGL_CERT_SIGNING)]);
	sgl_json_str(json, "opens", names[who_opens(m)]);
	json_requests(s, json, m);
	sgl_json_close_object(json);
	return SGL_OK;
}

sgl_status
sgl_org_user_show(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(mailbox) m = {0};

	TRY(collect(s, sgl_call_arg(order->call, 0), &m, err));
	return r->as_json ? tell_json(s, &r->json, &m, err)
			  : tell(s, &r->text, &m, err);
}
