/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "ca/making.h"
#include "ca/names.h"
#include "ca/renew.h"
#include "org/audit.h"
#include "org/organisation.h"
#include "org/recipients.h"
#include "org/recovery.h"
#include "pki/search.h"
#include "sys/text.h"

#define ROOM "ca"
#define NAME_MAX_DER 4096
#define NOTE_MAX ((size_t)64 << 10)

static sgl_status
check_signer(const sgl_home *home, const sgl_ca_signer *s, sgl_err *err)
{
	sgl_time now = sgl_engine_now(sgl_home_engine(home));

	if (now < sgl_cert_get_not_before(s->cert))
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("the organisation's issuing authority is not valid yet: "
		       "is the clock of this machine right?"));
	if (now >= sgl_cert_get_not_after(s->cert))
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("the organisation's issuing authority has expired"));
	return SGL_OK;
}

/* What was begun, and waits for its signature. */
typedef struct issuing {
	sgl_cert_purpose purpose;
	bool
	    is_there; /* its owner has the key already, and waits for nothing */
	const sgl_ca_signer *signer;
	const uint8_t *random; /* as an order has it */
	sgl_ca_made made;
	sgl_cert_draft draft;
} issuing;

static void
issuing_clear(issuing *i)
{
	sgl_ca_made_clear(&i->made);
	sgl_cert_draft_clear(&i->draft);
}
SGL_AUTO_CLEAR_TYPE(issuing, issuing_clear)

/* The newest issuing authority, opened. */
static sgl_status
open_signer(sgl_home *home, sgl_ca_signer *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authority) a = {0};
	bool found;

	TRY(sgl_store_find_issuing(sgl_home_store(home), &a, &found, err));
	if (!found)
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("the organisation has no issuing authority: sigill ca "
		       "replace-issuing, or below another organisation sigill "
		       "ca request and install"));
	TRY(sgl_ca_signer_use(home, &a, out, err));
	return check_signer(home, out, err);
}

static sgl_status
fill_record(const sgl_home *home, const sgl_ca_made *m,
    const sgl_ca_signer *signer, sgl_cert_record *c, sgl_err *err)
{
	sgl_slice serial = sgl_cert_get_serial(m->cert);
	sgl_slice der = sgl_cert_get_der(m->cert);

	c->status = SGL_CERT_CURRENT;
	c->serial = sgl_buf_init(serial.len);
	c->der = sgl_buf_init(der.len);
	TRY(sgl_buf_add(&c->serial, serial, err));
	TRY(sgl_buf_add(&c->der, der, err));
	c->not_before = sgl_cert_get_not_before(m->cert);
	c->not_after = sgl_cert_get_not_after(m->cert);
	c->issuer = signer->id;
	c->shard = sgl_ca_shard_of(signer, serial);
	c->key = m->key_id;
	c->created = sgl_engine_now(sgl_home_engine(home));
	return SGL_OK;
}

/* The address, and the further ones that certificates shall name. */
typedef struct addresses {
	sgl_aliases aliases;
	sgl_slice *items;
	size_t num;
} addresses;

static void
addresses_clear(addresses *a)
{
	sgl_aliases_clear(&a->aliases);
	sgl_mem_free(a->items);
}
SGL_AUTO_CLEAR_TYPE(addresses, addresses_clear)

static sgl_status
find_addresses(
    sgl_home *home, const sgl_person *person, addresses *out, sgl_err *err)
{
	TRY(sgl_store_list_certified(
	    sgl_home_store(home), person->id, &out->aliases, err));
	out->items = sgl_mem_zeroed(out->aliases.num + 1, sizeof *out->items);
	if (out->items == NULL)
		return sgl_oom(err, ROOM);
	out->items[out->num++] = sgl_slice_str(person->address);
	for (size_t i = 0; i < out->aliases.num; i++)
		out->items[out->num++] =
		    sgl_slice_str(out->aliases.items[i].address);
	return SGL_OK;
}

static sgl_profile_id
profile_for(sgl_cert_purpose purpose)
{
	switch (purpose) {
	case SGL_CERT_SIGNING:
		break;
	case SGL_CERT_ENCRYPTION:
		return SGL_PROFILE_ENCRYPTION;
	case SGL_CERT_DUAL:
		return SGL_PROFILE_DUAL;
	}
	return SGL_PROFILE_SIGNING;
}

/* What nobody would believe is not issued: the authority was certified when
 * the organisation had other domains. */
static sgl_status
check_constraints(
    const addresses *names, const sgl_ca_signer *signer, sgl_err *err)
{
	for (size_t i = 0; i < names->num; i++)
		if (!sgl_constraints_allow_mail(signer->cert, names->items[i]))
			return sgl_fail_at(err, SGL_E_USAGE, ROOM,
			    SGL_NO_OFFSET,
			    N_("the issuing authority may not vouch for this "
			       "domain: sigill ca replace-issuing makes one "
			       "that may"),
			    "%.*s", (int)names->items[i].len,
			    (const char *)names->items[i].data);
	return SGL_OK;
}

static sgl_status
draft_for(sgl_home *home, const sgl_person *person, const sgl_ca_made *given,
    issuing *i, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) subject = sgl_buf_init(NAME_MAX_DER);
	SGL_AUTO_CLEAR(addresses) names = {0};
	sgl_ca_order order = {
	    .profile = profile_for(i->purpose),
	    .person = person->id,
	    .key = given->key,
	    .key_id = given->key_id,
	    .random = i->random,
	};

	if (person->algorithm != NULL && person->algorithm[0] != '\0')
		order.algorithm = person->algorithm;

	TRY(find_addresses(home, person, &names, err));
	TRY(check_constraints(&names, i->signer, err));
	order.addresses = names.items;
	order.num_addresses = names.num;
	TRY(sgl_ca_person_name(
	    sgl_home_organisation(home), person, &subject, err));
	order.subject = sgl_buf_slice(&subject);
	return sgl_ca_make_draft(
	    home, &order, i->signer, &i->made, &i->draft, err);
}

/* Nobody gets a new certificate whose old ones were taken away. */
static sgl_status
check_state(const sgl_person *person, sgl_err *err)
{
	if (person->state == SGL_PERSON_ACTIVE)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    person->state == SGL_PERSON_SUSPENDED
		? N_("the mailbox is suspended: sigill user resume ends that")
		: N_("the person has left the organisation"),
	    "%s", person->address);
}

/* One that serves both purposes was told already. */
static bool
is_told(const sgl_cert_records *list, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (sgl_cert_is_twin(&list->items[i], &list->items[at]))
			return true;
	return false;
}

/* The purposes that there are records for. */
static const sgl_cert_purpose both[] = {SGL_CERT_SIGNING, SGL_CERT_ENCRYPTION};

static bool
covers(sgl_cert_purpose asked, sgl_cert_purpose one)
{
	return asked == SGL_CERT_DUAL || asked == one;
}

/* The serial numbers of those that the new one takes the place of. */
static sgl_status
add_replaced(const sgl_cert_records *list, sgl_cert_purpose purpose,
    sgl_buf *out, sgl_err *err)
{
	for (size_t i = 0; i < list->num; i++) {
		const sgl_cert_record *old = &list->items[i];
		if (!covers(purpose, old->purpose) || is_told(list, i))
			continue;
		if (out->len > 0)
			TRY(sgl_buf_add_str(out, " ", err));
		TRY(sgl_hex_add(out, sgl_buf_slice(&old->serial), err));
	}
	return SGL_OK;
}

static sgl_status
note_issue(sgl_home *home, const sgl_person *person, const sgl_cert_record *c,
    sgl_cert_purpose purpose, const sgl_cert_records *before_it, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) before = sgl_buf_init(NOTE_MAX);
	SGL_AUTO_CLEAR(sgl_buf) after = sgl_buf_init(NOTE_MAX);
	char until[SGL_TIME_TEXT];
	const char *old, *new;

	TRY(add_replaced(before_it, purpose, &before, err));
	TRY(sgl_hex_add(&after, sgl_buf_slice(&c->serial), err));
	TRY(sgl_buf_printf(&after, err, " %s until %s",
	    sgl_cert_purpose_name(purpose),
	    sgl_time_text(c->not_after, until)));
	TRY(sgl_buf_text(&before, &old, err));
	TRY(sgl_buf_text(&after, &new, err));
	return sgl_audit_add(
	    home, "cert.issue", person->address, old, new, err);
}

/* What was in use stays so while the new one waits; what waited itself was
 * never used. */
static bool
is_replaced(const sgl_cert_record *old, const sgl_cert_record *c,
    sgl_cert_purpose purpose)
{
	return covers(purpose, old->purpose) &&
	    (c->waits_until == 0 ||
		(old->key != c->key && old->waits_until > c->created));
}

static sgl_status
supersede(sgl_home *home, const sgl_cert_record *c, sgl_cert_purpose purpose,
    const sgl_cert_records *before, sgl_err *err)
{
	for (size_t i = 0; i < before->num; i++)
		if (is_replaced(&before->items[i], c, purpose))
			TRY(sgl_store_supersede_cert(sgl_home_store(home),
			    before->items[i].id, c->created, err));
	return SGL_OK;
}

/* As long as what waits longest. */
static sgl_status
find_waiting(sgl_home *home, const sgl_person *person, sgl_cert_purpose purpose,
    sgl_time *out, sgl_err *err)
{
	for (size_t i = 0; i < 2; i++) {
		sgl_time until;
		if (!covers(purpose, both[i]))
			continue;
		TRY(sgl_renew_waiting(home, person, both[i], &until, err));
		if (until > *out)
			*out = until;
	}
	return SGL_OK;
}

/* On return the record is that of the first purpose. */
static sgl_status
add_records(
    sgl_home *home, sgl_cert_purpose purpose, sgl_cert_record *c, sgl_err *err)
{
	sgl_store *store = sgl_home_store(home);
	int64_t second;

	c->purpose = purpose == SGL_CERT_DUAL ? SGL_CERT_SIGNING : purpose;
	TRY(sgl_store_add_cert(store, c, &c->id, err));
	if (purpose != SGL_CERT_DUAL)
		return SGL_OK;
	c->purpose = SGL_CERT_ENCRYPTION;
	TRY(sgl_store_add_cert(store, c, &second, err));
	TRY(sgl_store_mark_dual(store, second, err));
	c->purpose = SGL_CERT_SIGNING;
	return SGL_OK;
}

/* For the given key, or for a new one. */
static sgl_status
begin(sgl_home *home, const sgl_person *person, const sgl_ca_made *given,
    issuing *i, sgl_err *err)
{
	TRY(check_state(person, err));
	return draft_for(home, person, given, i, err);
}

static sgl_status
store_made(sgl_home *home, const sgl_person *person, const issuing *i,
    sgl_cert_record *c, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) before = {0};
	sgl_cert_purpose purpose = i->purpose;

	c->person = person->id;
	TRY(fill_record(home, &i->made, i->signer, c, err));
	if (!i->is_there)
		TRY(find_waiting(home, person, purpose, &c->waits_until, err));
	TRY(sgl_store_list_current_certs(
	    sgl_home_store(home), person->id, &before, err));
	TRY(add_records(home, purpose, c, err));
	TRY(sgl_recipients_add(sgl_home_engine(home), sgl_home_store(home),
	    i->made.cert, c->key, err));
	TRY(note_issue(home, person, c, purpose, &before, err));
	if (purpose != SGL_CERT_SIGNING)
		TRY(sgl_recovery_escrow(home, c->key, person, err));
	return supersede(home, c, purpose, &before, err);
}

static sgl_status
end(sgl_home *home, const sgl_person *person, const sgl_key_answer *answer,
    issuing *i, sgl_cert_record *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};

	TRY(sgl_ca_make_end(home, &i->draft, i->signer,
	    sgl_slice_of(answer->bytes, answer->len), &i->made, err));
	TRY(store_made(home, person, i, &c, err));
	if (out != NULL) {
		*out = c;
		c = (sgl_cert_record){0};
	}
	return SGL_OK;
}

static sgl_status
issue(sgl_home *home, const sgl_person *person, sgl_cert_purpose purpose,
    const sgl_ca_made *given, bool is_there, sgl_cert_record *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_signer) signer = {0};
	SGL_AUTO_CLEAR(issuing)
	i = {.purpose = purpose, .is_there = is_there, .signer = &signer};
	sgl_key_request request;
	sgl_key_answer answer;

	TRY(open_signer(home, &signer, err));
	TRY(begin(home, person, given, &i, err));
	request = sgl_cert_draft_request(&i.draft);
	TRY(sgl_key_ask(
	    sgl_home_engine(home), signer.key, &request, &answer, err));
	return end(home, person, &answer, &i, out, err);
}

sgl_status
sgl_ca_issue(sgl_home *home, const sgl_person *person, sgl_cert_purpose purpose,
    sgl_cert_record *out, sgl_err *err)
{
	const sgl_ca_made none = {0};

	return issue(home, person, purpose, &none, false, out, err);
}

sgl_status
sgl_ca_issue_now(sgl_home *home, const sgl_person *person,
    sgl_cert_purpose purpose, sgl_cert_record *out, sgl_err *err)
{
	const sgl_ca_made none = {0};

	return issue(home, person, purpose, &none, true, out, err);
}

/* Of a key that its owner alone has, nothing but the public half is needed. */
static sgl_status
not_here(void *ctx, const sgl_key_request *request, sgl_key_answer *answer,
    sgl_err *err)
{
	(void)ctx;
	(void)request;
	(void)answer;
	return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("the private key is not here: it was made on its owner's device "
	       "and stays there"));
}

/* What several officers can give out must not sign. */
static sgl_status
check_not_escrowed(
    sgl_home *home, const sgl_person *person, int64_t key, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_escrow_records) list = {0};

	TRY(sgl_store_list_escrows(
	    sgl_home_store(home), person->id, &list, err));
	for (size_t i = 0; i < list.num; i++)
		if (list.items[i].key == key)
			return sgl_fail_at(err, SGL_E_USAGE, ROOM,
			    SGL_NO_OFFSET,
			    N_("this key is kept for recovery, so it cannot "
			       "sign: make another one"),
			    "%s", person->address);
	return SGL_OK;
}

static sgl_status
note_public(sgl_home *home, const sgl_person *person, sgl_cert_purpose purpose,
    sgl_ca_made *m, sgl_err *err)
{
	const sgl_public_half half = {
	    sgl_key_get_spki(m->key), sgl_key_get_kind(m->key)};
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	sgl_vault *vault;
	bool known;

	TRY(sgl_home_vault(home, &vault, err));
	TRY(sgl_vault_add_public(vault, &half, person->id, &m->key_id, err));
	if (m->key_id != 0)
		return SGL_OK;
	TRY(sgl_vault_find(vault, half.spki, &k, &known, err));
	m->key_id = k.id;
	if (k.person != person->id)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not the one whom this key belongs to already"), "%s",
		    person->address);
	return purpose == SGL_CERT_ENCRYPTION
	    ? SGL_OK
	    : check_not_escrowed(home, person, k.id, err);
}

static sgl_status
take_key(sgl_home *home, const sgl_person *person, sgl_cert_purpose purpose,
    sgl_slice spki, sgl_ca_made *given, sgl_err *err)
{
	static const sgl_key_ops ops = {.ask = not_here};

	TRY(sgl_key_new_remote(
	    sgl_home_engine(home), spki, &ops, NULL, &given->key, err));
	return note_public(home, person, purpose, given, err);
}

sgl_status
sgl_ca_issue_for_key(sgl_home *home, const sgl_person *person,
    sgl_cert_purpose purpose, sgl_slice spki, sgl_cert_record *out,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_made) given = {0};

	TRY(take_key(home, person, purpose, spki, &given, err));
	return issue(home, person, purpose, &given, true, out, err);
}

bool
sgl_ca_is_dual(const sgl_home *home, const sgl_person *person)
{
	if (person->profile == NULL || person->profile[0] == '\0')
		return sgl_home_organisation(home)->is_dual;
	return strcmp(person->profile, sgl_cert_purpose_name(SGL_CERT_DUAL)) ==
	    0;
}

void
sgl_ca_issued_clear(sgl_ca_issued *i)
{
	for (size_t at = 0; at < 2; at++)
		sgl_cert_record_clear(&i->items[at]);
	i->num = 0;
}

sgl_status
sgl_ca_issue_all(
    sgl_home *home, const sgl_person *person, sgl_ca_issued *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_issued) made = {.num = 0};
	bool is_dual = sgl_ca_is_dual(home, person);

	for (; made.num < (is_dual ? 1 : 2); made.num++)
		TRY(sgl_ca_issue(home, person,
		    is_dual ? SGL_CERT_DUAL : both[made.num],
		    &made.items[made.num], err));
	if (out != NULL) {
		*out = made;
		made = (sgl_ca_issued){.num = 0};
	}
	return SGL_OK;
}

/* ------------------------------------------------------------ for many --- */

/* Two for each of these people at most. */
#define MANY 32

/* Somebody, and what was begun. */
typedef struct waiting {
	sgl_person person;
	issuing items[2];
	size_t num;
} waiting;

struct sgl_ca_many {
	sgl_home *home;
	sgl_ca_signer signer;
	size_t num;
	waiting people[MANY];
	sgl_key_request requests[2 * MANY];
	sgl_key_answer answers[2 * MANY];
	/* Drawn at once. */
	uint8_t random[MANY][2][SGL_CA_RANDOM];
};

sgl_status
sgl_ca_many_new(sgl_home *home, sgl_ca_many **out, sgl_err *err)
{
	SGL_AUTO(sgl_ca_many)
	m = sgl_mem_zeroed(1, sizeof *m);

	if (m == NULL)
		return sgl_oom(err, ROOM);
	m->home = home;
	TRY(open_signer(home, &m->signer, err));
	*out = SGL_TAKE(&m);
	return SGL_OK;
}

static void
waiting_clear(waiting *w)
{
	for (size_t i = 0; i < w->num; i++)
		issuing_clear(&w->items[i]);
	sgl_person_clear(&w->person);
	w->num = 0;
}

static void
forget(sgl_ca_many *m)
{
	for (size_t i = 0; i < m->num; i++)
		waiting_clear(&m->people[i]);
	m->num = 0;
}

void
sgl_ca_many_free(sgl_ca_many *many)
{
	if (many == NULL)
		return;
	forget(many);
	sgl_ca_signer_clear(&many->signer);
	sgl_mem_free(many);
}

static sgl_status
begin_all(sgl_ca_many *m, const sgl_person *person, const issuing *like,
    size_t num, const sgl_ca_made *given, sgl_err *err)
{
	waiting *w = &m->people[m->num];

	for (size_t i = 0; i < num; i++) {
		w->items[i] = like[i];
		w->items[i].signer = &m->signer;
		w->items[i].random = m->random[m->num][i];
		w->num = i + 1;
		TRY(begin(m->home, person, given, &w->items[i], err));
	}
	return SGL_OK;
}

static sgl_status
add_waiting(sgl_ca_many *m, sgl_person *person, const issuing *like, size_t num,
    const sgl_ca_made *given, sgl_err *err)
{
	sgl_status status;

	if (m->num == MANY)
		TRY(sgl_ca_many_end(m, err));
	if (m->num == 0)
		TRY(sgl_random(sgl_home_engine(m->home), &m->random[0][0][0],
		    sizeof m->random, err));
	status = begin_all(m, person, like, num, given, err);
	if (status != SGL_OK) {
		waiting_clear(&m->people[m->num]);
		return status;
	}
	m->people[m->num++].person = *person;
	*person = (sgl_person){0};
	return SGL_OK;
}

sgl_status
sgl_ca_many_issue(
    sgl_ca_many *many, sgl_person *person, sgl_ca_needs needs, sgl_err *err)
{
	const sgl_ca_made none = {0};
	issuing like[2] = {
	    {.purpose = SGL_CERT_SIGNING}, {.purpose = SGL_CERT_ENCRYPTION}};

	if (needs.signing && needs.encryption &&
	    !sgl_ca_is_dual(many->home, person))
		return add_waiting(many, person, like, 2, &none, err);
	if (needs.signing && needs.encryption)
		like[0].purpose = SGL_CERT_DUAL;
	return add_waiting(
	    many, person, needs.signing ? &like[0] : &like[1], 1, &none, err);
}

sgl_status
sgl_ca_many_issue_for_key(sgl_ca_many *many, sgl_person *person,
    sgl_cert_purpose purpose, sgl_slice spki, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_made) given = {0};
	const issuing like = {.purpose = purpose, .is_there = true};

	TRY(take_key(many->home, person, purpose, spki, &given, err));
	return add_waiting(many, person, &like, 1, &given, err);
}

static sgl_status
ask_all(sgl_ca_many *m, sgl_err *err)
{
	size_t num = 0;

	for (size_t i = 0; i < m->num; i++)
		for (size_t k = 0; k < m->people[i].num; k++)
			m->requests[num++] = sgl_cert_draft_request(
			    &m->people[i].items[k].draft);
	return sgl_key_ask_many(sgl_home_engine(m->home), m->signer.key,
	    m->requests, num, m->answers, err);
}

sgl_status
sgl_ca_many_end(sgl_ca_many *many, sgl_err *err)
{
	size_t num = 0;

	if (many->num == 0)
		return SGL_OK;
	TRY(ask_all(many, err));
	for (size_t i = 0; i < many->num; i++) {
		waiting *w = &many->people[i];
		for (size_t k = 0; k < w->num; k++)
			TRY(end(many->home, &w->person, &many->answers[num++],
			    &w->items[k], NULL, err));
	}
	forget(many);
	return SGL_OK;
}
