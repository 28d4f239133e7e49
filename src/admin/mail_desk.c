/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/mail_desk.h"
#include "cli/resolve_wire.h"
#include "org/choose.h"
#include "org/recipients.h"
#include "sys/certwire.h"

#define ROOM "admin.mail"
#define USES 100
#define SECONDS 3600
#define KEYS_MAX 10000

static const sgl_ticket_terms to_sign = {SGL_POWER_SIGN, USES, SECONDS};
static const sgl_ticket_terms to_open = {SGL_POWER_DECRYPT, USES, SECONDS};

/* Private keys are the administrator's; certificates anybody's who looks. */
static const sgl_org_job sign_job = {
    .command = "sign", .office = SGL_OFFICE_ADMINISTRATOR};
static const sgl_org_job open_job = {
    .command = "open", .office = SGL_OFFICE_ADMINISTRATOR};
static const sgl_org_job encrypt_job = {
    .command = "encrypt", .office = SGL_OFFICE_READER};
static const sgl_org_job verify_job = {
    .command = "verify", .office = SGL_OFFICE_READER};

typedef struct lent {
	sgl_key *key; /* NULL: it was dropped */
	unsigned powers;
	int64_t uses;
	sgl_time expires;
	/* For which it was opened; NULL: it is whoever's who asks. */
	const sgl_org_job *job;
} lent;

struct sgl_mail_desk {
	sgl_engine *engine;
	sgl_mail_host host;
	lent *keys; /* by place */
	size_t num_keys;
	/* Whose mail was opened by this message: recorded once each. */
	int64_t *opened;
	size_t num_opened;
};

sgl_status
sgl_mail_desk_new(sgl_engine *engine, const sgl_mail_host *host,
    sgl_mail_desk **out, sgl_err *err)
{
	sgl_mail_desk *d = sgl_mem_zeroed(1, sizeof *d);

	if (d == NULL)
		return sgl_oom(err, ROOM);
	d->engine = engine;
	d->host = *host;
	*out = d;
	return SGL_OK;
}

void
sgl_mail_desk_drop(sgl_mail_desk *d)
{
	for (size_t i = 0; i < d->num_keys; i++) {
		sgl_key_unref(d->keys[i].key);
		d->keys[i].key = NULL;
	}
}

void
sgl_mail_desk_free(sgl_mail_desk *d)
{
	if (d == NULL)
		return;
	sgl_mail_desk_drop(d);
	sgl_mem_free(d->keys);
	sgl_mem_free(d->opened);
	sgl_mem_free(d);
}

size_t
sgl_mail_desk_num_keys(const sgl_mail_desk *d)
{
	return d->num_keys;
}

/* ------------------------------------------------------------ the keys --- */

static sgl_status
keep(sgl_mail_desk *d, sgl_key *key, const sgl_ticket_terms *terms,
    const sgl_org_job *job, size_t *place, sgl_err *err)
{
	lent *more;

	if (d->num_keys == KEYS_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("too many private keys are open at once"));
	more = sgl_mem_resize(d->keys, (d->num_keys + 1) * sizeof *more);
	if (more == NULL)
		return sgl_oom(err, ROOM);
	d->keys = more;
	more[d->num_keys] = (lent){sgl_key_ref(key), terms->powers, terms->uses,
	    sgl_engine_now(d->engine) + terms->seconds, job};
	*place = d->num_keys++;
	return SGL_OK;
}

/* What belongs to whoever asks has no end. */
sgl_status
sgl_mail_desk_add_keys(
    sgl_mail_desk *d, const sgl_keyring *ring, size_t *first, sgl_err *err)
{
	static const sgl_ticket_terms own = {
	    SGL_POWER_SIGN | SGL_POWER_DECRYPT, INT64_MAX, INT32_MAX};
	size_t place;

	*first = d->num_keys;
	for (size_t i = 0; i < ring->num_keys; i++)
		TRY(keep(d, ring->keys[i], &own, NULL, &place, err));
	return SGL_OK;
}

static sgl_status
refuse_use(const char *why, sgl_err *err)
{
	return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET, why);
}

static sgl_status
check_still_admitted(sgl_mail_desk *d, const lent *l, sgl_err *err)
{
	sgl_home *home;
	sgl_status status;

	if (l->job == NULL || !d->host.is_served)
		return SGL_OK;
	TRY(d->host.open(d->host.ctx, &home, err));
	status = d->host.admit(d->host.ctx, home, l->job, NULL, err);
	if (status != SGL_OK)
		sgl_mail_desk_drop(d);
	return status;
}

/* The keyholder sees to the same; where there is none, we do. */
static sgl_status
take_use(
    sgl_mail_desk *d, size_t place, sgl_key_op op, sgl_key **key, sgl_err *err)
{
	lent *l = place < d->num_keys ? &d->keys[place] : NULL;

	if (l == NULL || (l->powers & sgl_power_of(op)) == 0)
		return refuse_use(
		    N_("a private key was asked for what it was not opened "
		       "for"),
		    err);
	if (l->key == NULL)
		return refuse_use(
		    N_("the private keys were locked, or their keeper began "
		       "anew, while the message was at work: try again"),
		    err);
	if (l->uses <= 0 || sgl_engine_now(d->engine) >= l->expires)
		return refuse_use(
		    N_("a private key was wanted for too long, or too often, "
		       "for one message"),
		    err);
	TRY(check_still_admitted(d, l, err));
	l->uses--;
	*key = l->key;
	return SGL_OK;
}

static sgl_status
on_ask_key(sgl_mail_desk *d, sgl_unwire *u, sgl_wire *w, sgl_err *err)
{
	sgl_key_request request = {0};
	sgl_key_answer answer = {0};
	size_t place = sgl_farkey_read_question(u, &request);
	sgl_status status;
	sgl_key *key;

	TRY(sgl_unwire_end(u, err));
	TRY(take_use(d, place, request.op, &key, err));
	status = sgl_key_ask(d->engine, key, &request, &answer, err);
	if (status == SGL_OK)
		sgl_farkey_add_answer(w, &answer);
	sgl_mem_wipe(&answer, sizeof answer);
	return status;
}

/* ------------------------------------------------------------- signing --- */

typedef struct inquiry {
	sgl_home *home;
	char address[SGL_RESOLVE_NAME];
	sgl_person person;
} inquiry;

static void
inquiry_clear(inquiry *q)
{
	sgl_person_clear(&q->person);
}
SGL_AUTO_CLEAR_TYPE(inquiry, inquiry_clear)

/* Who may not have it done is not told whether there is such a person. */
static sgl_status
find_person(sgl_mail_desk *d, const sgl_org_job *job, inquiry *q, sgl_err *err)
{
	TRY(d->host.open(d->host.ctx, &q->home, err));
	TRY(d->host.admit(d->host.ctx, q->home, job, q->address, err));
	return sgl_people_get(q->home, q->address, &q->person, err);
}

static sgl_status
read_person(sgl_mail_desk *d, const sgl_org_job *job, sgl_unwire *u, inquiry *q,
    sgl_err *err)
{
	sgl_resolve_read_name(u, q->address);
	TRY(sgl_unwire_end(u, err));
	return find_person(d, job, q, err);
}

static sgl_status
not_kept(const inquiry *q, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("the key to sign with was handed out and is not kept here "
	       "(custody): it signs where it was taken to"),
	    "%s", q->address);
}

/* Certificates that go along: what stands above those of other authorities, and
 * all authorities of ours. */
static sgl_status
add_above(
    const inquiry *q, const sgl_chosen *chosen, sgl_certs *set, sgl_err *err)
{
	return chosen->cert == NULL || chosen->issuer != 0
	    ? SGL_OK
	    : sgl_home_add_chain(q->home, chosen->id, set, err);
}

static sgl_status
choose_signer(const inquiry *q, sgl_identity *out, sgl_key **key, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_chosen) signs = {0};
	SGL_AUTO_CLEAR(sgl_chosen) opens = {0};
	sgl_certs *set = &out->ring.certs;
	int64_t person = q->person.id;

	TRY(sgl_choose_cert(q->home, person, SGL_CERT_SIGNING, &signs, err));
	if (signs.cert == NULL)
		return sgl_choose_fail(&signs, q->address, err);
	TRY(sgl_choose_lend(q->home, &signs, &to_sign, key, err));
	if (*key == NULL)
		return not_kept(q, err);
	TRY(sgl_choose_cert(q->home, person, SGL_CERT_ENCRYPTION, &opens, err));
	TRY(sgl_home_add_authorities(q->home, set, set, err));
	TRY(add_above(q, &signs, set, err));
	TRY(add_above(q, &opens, set, err));
	out->signing_cert = SGL_TAKE(&signs.cert);
	out->encryption_cert = SGL_TAKE(&opens.cert);
	return SGL_OK;
}

static sgl_status
on_signer(sgl_mail_desk *d, sgl_unwire *u, sgl_wire *w, sgl_err *err)
{
	SGL_AUTO_CLEAR(inquiry) q = {0};
	SGL_AUTO_CLEAR(sgl_identity) id = {0};
	SGL_AUTO(sgl_key)
	key = NULL;
	size_t place;

	TRY(read_person(d, &sign_job, u, &q, err));
	TRY(choose_signer(&q, &id, &key, err));
	TRY(d->host.record(
	    d->host.ctx, q.home, "mail.sign", q.person.address, err));
	TRY(keep(d, key, &to_sign, &sign_job, &place, err));
	TRY(sgl_keyring_add_key(&id.ring, key, err));
	sgl_resolve_add_identity(w, &id, place);
	return SGL_OK;
}

/* ------------------------------------------------------------- opening --- */

/* Before the message is read: an address that is none shall be told at once. */
static sgl_status
on_reader(sgl_mail_desk *d, sgl_unwire *u, sgl_wire *w, sgl_err *err)
{
	SGL_AUTO_CLEAR(inquiry) q = {0};
	bool has;

	(void)w;
	TRY(read_person(d, &open_job, u, &q, err));
	TRY(sgl_store_has_key(sgl_home_store(q.home), q.person.id, &has, err));
	return has ? SGL_OK
		   : sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
			 N_("holds no private key"), "%s", q.address);
}

static sgl_status
record_opening(sgl_mail_desk *d, const inquiry *q, sgl_err *err)
{
	int64_t *more;

	for (size_t i = 0; i < d->num_opened; i++)
		if (d->opened[i] == q->person.id)
			return SGL_OK;
	more = sgl_mem_resize(d->opened, (d->num_opened + 1) * sizeof *more);
	if (more == NULL)
		return sgl_oom(err, ROOM);
	d->opened = more;
	TRY(d->host.record(
	    d->host.ctx, q->home, "mail.open", q->person.address, err));
	more[d->num_opened++] = q->person.id;
	return SGL_OK;
}

/* The key is recorded before it has a place. */
static sgl_status
lend(sgl_mail_desk *d, const inquiry *q, const sgl_key_record *k,
    sgl_found_key *out, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_vault *vault;

	TRY(sgl_home_vault(q->home, &vault, err));
	TRY(sgl_vault_lend(vault, k, &to_open, &key, err));
	TRY(record_opening(d, q, err));
	TRY(keep(d, key, &to_open, &open_job, &out->place, err));
	out->spki = sgl_key_get_spki(key); /* the desk has it, too */
	return SGL_OK;
}

static sgl_status
find_one(sgl_mail_desk *d, const inquiry *q, const sgl_names_question *names,
    size_t i, sgl_found_keys *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	sgl_found_key *here = &out->items[out->num];
	bool found;

	TRY(sgl_recipients_find(d->engine, sgl_home_store(q->home),
	    q->person.id, &names->names[i], &k, &found, err));
	if (!found)
		return SGL_OK;
	here->name = i;
	TRY(lend(d, q, &k, here, err));
	out->num++;
	return SGL_OK;
}

static sgl_status
on_keys(sgl_mail_desk *d, sgl_unwire *u, sgl_wire *w, sgl_err *err)
{
	SGL_AUTO_CLEAR(inquiry) q = {0};
	sgl_names_question names;
	sgl_found_keys found = {.num = 0};

	sgl_resolve_read_names(u, &names);
	TRY(sgl_unwire_end(u, err));
	memcpy(q.address, names.address, sizeof q.address);
	TRY(find_person(d, &open_job, &q, err));
	for (size_t i = 0; i < names.num; i++)
		TRY(find_one(d, &q, &names, i, &found, err));
	sgl_resolve_add_keys(w, &found);
	return SGL_OK;
}

/* -------------------------------------------------------- certificates --- */

static sgl_status
on_recipient(sgl_mail_desk *d, sgl_unwire *u, sgl_wire *w, sgl_err *err)
{
	SGL_AUTO_CLEAR(inquiry) q = {0};
	SGL_AUTO_CLEAR(sgl_chosen) chosen = {0};
	sgl_certs one = {.items = &chosen.cert, .num = 1}, none = {0};

	TRY(read_person(d, &encrypt_job, u, &q, err));
	TRY(sgl_choose_cert(
	    q.home, q.person.id, SGL_CERT_ENCRYPTION, &chosen, err));
	if (chosen.cert == NULL)
		return sgl_choose_fail(&chosen, q.address, err);
	sgl_wire_add_certs(w, &one);
	sgl_wire_add_certs(w, &none);
	return SGL_OK;
}

static sgl_status
begin_verifying(
    sgl_mail_desk *d, const sgl_unwire *u, sgl_home **home, sgl_err *err)
{
	TRY(sgl_unwire_end(u, err));
	TRY(d->host.open(d->host.ctx, home, err));
	return d->host.admit(d->host.ctx, *home, &verify_job, NULL, err);
}

static sgl_status
on_trust(sgl_mail_desk *d, sgl_unwire *u, sgl_wire *w, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) roots = {0};
	SGL_AUTO_CLEAR(sgl_certs) issuing = {0};
	sgl_home *home;

	TRY(begin_verifying(d, u, &home, err));
	TRY(sgl_home_add_authorities(home, &roots, &issuing, err));
	TRY(sgl_home_add_trusted(home, &roots, &issuing, err));
	sgl_wire_add_certs(w, &roots);
	sgl_wire_add_certs(w, &issuing);
	return SGL_OK;
}

/* Which part of whose list has this number; false: there are no more. */
static bool
find_part(const sgl_authorities *list, size_t number, int64_t *authority,
    int64_t *shard)
{
	for (size_t i = 0; i < list->num; i++) {
		size_t num = (size_t)list->items[i].num_shards;

		*authority = list->items[i].id;
		*shard = (int64_t)number;
		if (number < num)
			return true;
		number -= num;
	}
	return false;
}

static sgl_status
on_crl(sgl_mail_desk *d, sgl_unwire *u, sgl_wire *w, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	SGL_AUTO_CLEAR(sgl_crl_record) c = {0};
	size_t number = sgl_resolve_read_number(u);
	int64_t authority, shard;
	bool found = false;
	sgl_home *home;

	TRY(begin_verifying(d, u, &home, err));
	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	/* One that was never made is passed over. */
	while (!found && find_part(&list, number++, &authority, &shard))
		TRY(sgl_store_find_crl(
		    sgl_home_store(home), authority, shard, &c, &found, err));
	sgl_resolve_add_crl(w, sgl_buf_slice(&c.der));
	return SGL_OK;
}

/* ------------------------------------------------------------- answers --- */

typedef struct row {
	unsigned question, answer;
	sgl_status (*does)(
	    sgl_mail_desk *d, sgl_unwire *u, sgl_wire *w, sgl_err *err);
} row;

static const row rows[] = {
    {SGL_MESSAGE_ASK_KEY, SGL_MESSAGE_KEY_ANSWER, on_ask_key},
    {SGL_RESOLVE_SIGNER, SGL_RESOLVED_IDENTITY, on_signer},
    {SGL_RESOLVE_READER, SGL_RESOLVED_READER, on_reader},
    {SGL_RESOLVE_KEYS, SGL_RESOLVED_KEYS, on_keys},
    {SGL_RESOLVE_RECIPIENT, SGL_RESOLVED_CERTS, on_recipient},
    {SGL_RESOLVE_TRUST, SGL_RESOLVED_CERTS, on_trust},
    {SGL_RESOLVE_CRL, SGL_RESOLVED_CRL, on_crl},
};

static const row *
find_row(unsigned question)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].question == question)
			return &rows[i];
	return NULL;
}

sgl_status
sgl_mail_desk_answer(sgl_mail_desk *d, unsigned question, sgl_slice body,
    unsigned *type, sgl_buf *answer, sgl_err *err)
{
	const row *r = find_row(question);
	sgl_unwire u = sgl_unwire_over(body);
	sgl_wire w = sgl_wire_over(answer);

	if (r == NULL)
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("a message between our processes is malformed"));
	TRY(r->does(d, &u, &w, err));
	*type = r->answer;
	return sgl_wire_end(&w, err);
}
