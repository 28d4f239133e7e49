/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"
#include "base/time.h"
#include "ca/branch.h"
#include "ca/lint.h"
#include "ca/making.h"
#include "ca/names.h"
#include "ca/policy.h"
#include "ca/renew.h"
#include "ca/urls.h"
#include "org/audit.h"
#include "org/organisation.h"
#include "org/recipients.h"
#include "org/recovery.h"
#include "pki/search.h"
#include "sys/text.h"

#define ROOM "ca"
#define DAY ((sgl_time)24 * 60 * 60)
#define SERIAL 16
#define OID_MAX 64
#define NAME_MAX_DER 4096
#define NOTE_MAX ((size_t)64 << 10)

void
sgl_ca_made_clear(sgl_ca_made *m)
{
	sgl_cert_unref(m->cert);
	sgl_key_unref(m->key);
	*m = (sgl_ca_made){0};
}

static sgl_status
get_algorithm(const sgl_home *home, const sgl_ca_order *order,
    const sgl_ca_algorithm **out, sgl_err *err)
{
	const char *name = order->algorithm;

	if (name == NULL)
		name = sgl_profile_get(order->profile)->algorithm;
	if (name == NULL)
		name = sgl_home_organisation(home)->algorithm;
	*out = sgl_ca_algorithm_find(name);
	if (*out != NULL)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
	    N_("the organisation's kind of key is not known to this release"),
	    "%s", name);
}

/* 126 random bits, always 16 octets and positive (RFC 5280 4.1.2.2). */
static sgl_status
draw_serial(sgl_home *home, uint8_t serial[SERIAL], sgl_err *err)
{
	TRY(sgl_random(sgl_home_engine(home), serial, SERIAL, err));
	serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);
	return SGL_OK;
}

static sgl_status
take_serial(sgl_home *home, uint8_t serial[SERIAL], sgl_err *err)
{
	bool taken = false;

	for (int i = 0; i < 8 && !taken; i++) {
		TRY(draw_serial(home, serial, err));
		TRY(sgl_store_take_serial(sgl_home_store(home),
		    sgl_slice_of(serial, SERIAL), &taken, err));
	}
	return taken ? SGL_OK
		     : sgl_fail(err, SGL_E_CRYPTO, ROOM, SGL_NO_OFFSET,
			   N_("random numbers repeat"));
}

/* No certificate outlives the one that vouches for it. */
static void
set_times(const sgl_home *home, const sgl_profile *profile,
    const sgl_cert *issuer, sgl_cert_template *t)
{
	sgl_time now = sgl_engine_now(sgl_home_engine(home));

	t->not_before = now - SGL_PROFILE_BACKDATE;
	t->not_after = now + (sgl_time)profile->days * DAY;
	if (issuer == NULL)
		return;
	if (t->not_before < sgl_cert_get_not_before(issuer))
		t->not_before = sgl_cert_get_not_before(issuer);
	if (t->not_after > sgl_cert_get_not_after(issuer))
		t->not_after = sgl_cert_get_not_after(issuer);
}

static void
set_profile(const sgl_profile *profile, sgl_key_kind kind, sgl_cert_template *t)
{
	static const sgl_oid mail[] = {SGL_OID_KP_EMAIL_PROTECTION},
			     ocsp[] = {SGL_OID_KP_OCSP_SIGNING};

	t->is_ca = profile->is_ca;
	t->has_path_len = profile->has_path_len;
	t->path_len = profile->path_len;
	t->key_usage = kind == SGL_KEY_RSA ? profile->key_usage_rsa
					   : profile->key_usage_ec;
	t->ocsp_nocheck = profile->is_responder;
	if (profile->is_for_mail || profile->is_responder) {
		t->ext_key_usage = profile->is_responder ? ocsp : mail;
		t->num_ext_key_usage = 1;
	}
}

/* What the template borrows while it is built. */
typedef struct workspace {
	uint8_t serial[SERIAL];
	sgl_buf domains, capabilities, oids;
	sgl_slice policies[SGL_POLICIES_MAX];
	sgl_slice permitted[2 * SGL_DOMAINS_MAX];
	sgl_ca_urls urls;
} workspace;

static void
workspace_clear(workspace *w)
{
	sgl_buf_clear(&w->domains);
	sgl_buf_clear(&w->capabilities);
	sgl_buf_clear(&w->oids);
	sgl_ca_urls_clear(&w->urls);
}
SGL_AUTO_CLEAR_TYPE(workspace, workspace_clear)

/* The hosts below a domain, and the domain itself. */
static sgl_status
permit_domain(
    sgl_slice domain, workspace *w, sgl_cert_template *t, sgl_err *err)
{
	size_t begin = w->domains.len;
	sgl_slice both;

	if (t->num_permitted == sizeof w->permitted / sizeof *w->permitted)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("the organisation has too many domains"));
	TRY(sgl_buf_add_str(&w->domains, ".", err));
	if (!sgl_domain_to_ascii(domain, &w->domains))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not a mail domain"), "%.*s", (int)domain.len,
		    (const char *)domain.data);
	both = sgl_slice_from(sgl_buf_slice(&w->domains), begin);
	w->permitted[t->num_permitted++] = both;
	w->permitted[t->num_permitted++] = sgl_slice_from(both, 1);
	return SGL_OK;
}

/* Room for all at once: what was permitted before must stay where it is. */
static sgl_status
permit_domains(
    const sgl_home *home, workspace *w, sgl_cert_template *t, sgl_err *err)
{
	sgl_slice domain;

	TRY(sgl_buf_reserve(&w->domains, w->domains.max, err));
	t->permitted = w->permitted;
	for (size_t i = 0; sgl_organisation_get_domain(
		 sgl_home_organisation(home), i, &domain);
	     i++)
		TRY(permit_domain(domain, w, t, err));
	return SGL_OK;
}

static sgl_status
add_policy(sgl_slice dotted, workspace *w, sgl_cert_template *t, sgl_err *err)
{
	size_t begin = w->oids.len;

	if (t->num_policies == SGL_POLICIES_MAX ||
	    !sgl_oid_parse(dotted, &w->oids))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is no policy that can stand in certificates"), "%.*s",
		    (int)dotted.len, (const char *)dotted.data);
	w->policies[t->num_policies++] =
	    sgl_slice_from(sgl_buf_slice(&w->oids), begin);
	return SGL_OK;
}

/* Those of the organisation, all the way up (RFC 5280 6.1, BR 7.1.6.3). */
static sgl_status
set_policies(const sgl_organisation *o, const sgl_profile *profile,
    workspace *w, sgl_cert_template *t, sgl_err *err)
{
	sgl_slice dotted;

	if (!profile->is_for_mail)
		return SGL_OK;
	TRY(sgl_buf_reserve(&w->oids, w->oids.max, err));
	t->policies = w->policies;
	for (size_t i = 0; sgl_organisation_get_policy(o, i, &dotted); i++)
		TRY(add_policy(dotted, w, t, err));
	if (o->cps_url != NULL)
		t->cps_url = sgl_slice_str(o->cps_url);
	return SGL_OK;
}

static sgl_status
set_extras(const sgl_home *home, const sgl_profile *profile, workspace *w,
    sgl_cert_template *t, sgl_err *err)
{
	TRY(set_policies(sgl_home_organisation(home), profile, w, t, err));
	if (profile->in_domain)
		TRY(permit_domains(home, w, t, err));
	if (profile->has_capabilities) {
		TRY(sgl_profile_capabilities(&w->capabilities, err));
		t->smime_capabilities = sgl_buf_slice(&w->capabilities);
	}
	return SGL_OK;
}

static void
set_branch(const sgl_branch_wish *wish, sgl_cert_template *t)
{
	t->path_len = wish->path_len;
	t->permitted = wish->permitted;
	t->num_permitted = wish->num_permitted;
	t->excluded = wish->excluded;
	t->num_excluded = wish->num_excluded;
}

/* Serial numbers are random: so are the parts of the CRL that they fall into.
 */
static int64_t
shard_of(sgl_slice serial, const sgl_ca_signer *signer)
{
	return signer->num_shards > 1
	    ? serial.data[serial.len - 1] % signer->num_shards
	    : 0;
}

static sgl_status
set_urls(sgl_home *home, const sgl_ca_signer *signer, workspace *w,
    sgl_cert_template *t, sgl_err *err)
{
	TRY(sgl_ca_urls_get(
	    home, signer->id, shard_of(t->serial, signer), &w->urls, err));
	t->issuer_url = sgl_buf_slice(&w->urls.issuer);
	t->crl_url = sgl_buf_slice(&w->urls.crl);
	/* Who answers by OCSP answers for certificates of people. */
	if (!t->is_ca)
		t->ocsp_url = sgl_buf_slice(&w->urls.ocsp);
	return SGL_OK;
}

static sgl_status
build(sgl_home *home, const sgl_ca_order *order, const sgl_ca_signer *signer,
    sgl_ca_made *m, sgl_err *err)
{
	sgl_key *key = signer->cert == NULL ? m->key : signer->key;
	const sgl_profile *profile = sgl_profile_get(order->profile);
	SGL_AUTO_CLEAR(workspace)
	w = {.domains = sgl_buf_init(256 * SGL_DOMAINS_MAX),
	    .capabilities = sgl_buf_init(1024),
	    .oids = sgl_buf_init(OID_MAX * SGL_POLICIES_MAX)};
	sgl_cert_template t = {
	    .serial = sgl_slice_of(w.serial, sizeof w.serial),
	    .issuer = order->subject,
	    .subject = order->subject,
	    .spki = sgl_key_get_spki(m->key),
	    .addresses = order->addresses,
	    .num_addresses = order->num_addresses,
	};

	if (signer->cert != NULL) {
		t.issuer = sgl_cert_get_subject(signer->cert);
		t.issuer_key_id = sgl_cert_get_ski(signer->cert);
	}
	TRY(order->is_draft ? draw_serial(home, w.serial, err)
			    : take_serial(home, w.serial, err));
	set_times(home, profile, signer->cert, &t);
	set_profile(profile, sgl_key_get_kind(m->key), &t);
	TRY(set_extras(home, profile, &w, &t, err));
	if (order->branch != NULL)
		set_branch(order->branch, &t);
	/* Nobody asks about what serves ourselves alone. */
	if (signer->cert != NULL && (profile->is_ca || profile->is_for_mail))
		TRY(set_urls(home, signer, &w, &t, err));
	return sgl_cert_build(sgl_home_engine(home), &t, key,
	    sgl_ca_digest_for(key), &m->cert, err);
}

static sgl_status
make_key(
    sgl_home *home, const sgl_ca_order *order, sgl_ca_made *m, sgl_err *err)
{
	const sgl_ca_algorithm *algorithm;
	sgl_new_key want;
	sgl_vault *vault;

	if (order->key != NULL) {
		m->key = sgl_key_ref(order->key);
		m->key_id = order->key_id;
		return SGL_OK;
	}
	TRY(get_algorithm(home, order, &algorithm, err));
	TRY(sgl_home_vault(home, &vault, err));
	want = (sgl_new_key){algorithm->kind, algorithm->bits, order->person};
	return sgl_vault_generate(vault, &want, &m->key, &m->key_id, err);
}

sgl_status
sgl_ca_make(sgl_home *home, const sgl_ca_order *order,
    const sgl_ca_signer *signer, sgl_ca_made *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_made) m = {0};

	TRY(make_key(home, order, &m, err));
	TRY(build(home, order, signer, &m, err));
	TRY(sgl_lint_refuse(m.cert, err));
	*out = m;
	m = (sgl_ca_made){0};
	return SGL_OK;
}

/* The newest issuing authority, opened. */
static sgl_status
open_signer(sgl_home *home, sgl_ca_signer *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authority) a = {0};
	bool found;

	TRY(sgl_store_find_issuing(sgl_home_store(home), &a, &found, err));
	if (!found)
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("the organisation has no issuing authority"));
	return sgl_ca_signer_use(home, &a, out, err);
}

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
	c->shard = shard_of(serial, signer);
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
make_for(sgl_home *home, const sgl_person *person, sgl_cert_purpose purpose,
    const sgl_ca_made *given, const sgl_ca_signer *signer, sgl_ca_made *m,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) subject = sgl_buf_init(NAME_MAX_DER);
	SGL_AUTO_CLEAR(addresses) names = {0};
	sgl_ca_order order = {
	    .profile = profile_for(purpose),
	    .person = person->id,
	    .key = given->key,
	    .key_id = given->key_id,
	};

	if (person->algorithm != NULL && person->algorithm[0] != '\0')
		order.algorithm = person->algorithm;

	TRY(find_addresses(home, person, &names, err));
	TRY(check_constraints(&names, signer, err));
	order.addresses = names.items;
	order.num_addresses = names.num;
	TRY(sgl_ca_person_name(
	    sgl_home_organisation(home), person, &subject, err));
	order.subject = sgl_buf_slice(&subject);
	return sgl_ca_make(home, &order, signer, m, err);
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

/* For the given key, or for a new one. Whose owner has the key already, waits
 * for nothing. */
static sgl_status
issue(sgl_home *home, const sgl_person *person, sgl_cert_purpose purpose,
    const sgl_ca_made *given, bool is_there, sgl_cert_record *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_signer) signer = {0};
	SGL_AUTO_CLEAR(sgl_ca_made) m = {0};
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	SGL_AUTO_CLEAR(sgl_cert_records) before = {0};

	TRY(check_state(person, err));
	TRY(open_signer(home, &signer, err));
	TRY(check_signer(home, &signer, err));
	TRY(make_for(home, person, purpose, given, &signer, &m, err));
	c.person = person->id;
	TRY(fill_record(home, &m, &signer, &c, err));
	if (!is_there)
		TRY(find_waiting(home, person, purpose, &c.waits_until, err));
	TRY(sgl_store_list_current_certs(
	    sgl_home_store(home), person->id, &before, err));
	TRY(add_records(home, purpose, &c, err));
	TRY(sgl_recipients_add(sgl_home_engine(home), sgl_home_store(home),
	    m.cert, m.key_id, err));
	TRY(note_issue(home, person, &c, purpose, &before, err));
	if (purpose != SGL_CERT_SIGNING)
		TRY(sgl_recovery_escrow(home, m.key_id, person, err));
	TRY(supersede(home, &c, purpose, &before, err));
	if (out != NULL) {
		*out = c;
		c = (sgl_cert_record){0};
	}
	return SGL_OK;
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
	TRY(sgl_vault_find(vault, half.spki, &k, &known, err));
	if (!known)
		return sgl_vault_add_public(
		    vault, &half, person->id, &m->key_id, err);
	m->key_id = k.id;
	if (k.person != person->id)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not the one whom this key belongs to already"), "%s",
		    person->address);
	return purpose == SGL_CERT_ENCRYPTION
	    ? SGL_OK
	    : check_not_escrowed(home, person, k.id, err);
}

sgl_status
sgl_ca_issue_for_key(sgl_home *home, const sgl_person *person,
    sgl_cert_purpose purpose, sgl_slice spki, sgl_cert_record *out,
    sgl_err *err)
{
	static const sgl_key_ops ops = {.ask = not_here};
	SGL_AUTO_CLEAR(sgl_ca_made) given = {0};

	TRY(sgl_key_new_remote(
	    sgl_home_engine(home), spki, &ops, NULL, &given.key, err));
	TRY(note_public(home, person, purpose, &given, err));
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
