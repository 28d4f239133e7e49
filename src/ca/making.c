/* SPDX-License-Identifier: Apache-2.0 */
/* Making one certificate by its profile; nothing of it is stored but that its
 * serial number is taken, and its key. */
#include "base/addr.h"
#include "ca/branch.h"
#include "ca/lint.h"
#include "ca/making.h"
#include "ca/policy.h"
#include "ca/urls.h"
#include "org/organisation.h"
#include "sys/text.h"

#define ROOM "ca"
#define DAY ((sgl_time)24 * 60 * 60)
#define SERIAL_TIME 5
#define SERIAL (SERIAL_TIME + SGL_CA_RANDOM)
#define OID_MAX 64

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

/* The time and 88 random bits: always 16 octets and positive (RFC
 * 5280 4.1.2.2). What is made at one time so lies side by side in every index
 * by serial number, and not all over it. */
static sgl_status
draw_serial(
    sgl_home *home, const uint8_t *random, uint8_t serial[SERIAL], sgl_err *err)
{
	sgl_engine *engine = sgl_home_engine(home);
	uint64_t now = (uint64_t)sgl_engine_now(engine);

	for (size_t i = SERIAL_TIME; i-- > 0; now >>= 8)
		serial[i] = (uint8_t)now;
	serial[0] = (uint8_t)((serial[0] & 0x3f) | 0x40);
	if (random == NULL)
		return sgl_random(
		    engine, serial + SERIAL_TIME, SGL_CA_RANDOM, err);
	memcpy(serial + SERIAL_TIME, random, SGL_CA_RANDOM);
	return SGL_OK;
}

static sgl_status
take_serial(
    sgl_home *home, const uint8_t *random, uint8_t serial[SERIAL], sgl_err *err)
{
	bool taken = false;

	for (int i = 0; i < 8 && !taken; i++) {
		TRY(draw_serial(home, i == 0 ? random : NULL, serial, err));
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

/* What signs: a root itself. */
static sgl_key *
key_of(const sgl_ca_signer *signer, const sgl_ca_made *m)
{
	return signer->cert == NULL ? m->key : signer->key;
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

/* Serial numbers end in random bits: so are the parts of the CRL that they fall
 * into. */
int64_t
sgl_ca_shard_of(const sgl_ca_signer *signer, sgl_slice serial)
{
	return signer->num_shards > 1
	    ? serial.data[serial.len - 1] % signer->num_shards
	    : 0;
}

static sgl_status
set_urls(sgl_home *home, const sgl_ca_signer *signer, workspace *w,
    sgl_cert_template *t, sgl_err *err)
{
	TRY(sgl_ca_urls_get(home, signer->id,
	    sgl_ca_shard_of(signer, t->serial), &w->urls, err));
	t->issuer_url = sgl_buf_slice(&w->urls.issuer);
	t->crl_url = sgl_buf_slice(&w->urls.crl);
	/* Who answers by OCSP answers for certificates of people. */
	if (!t->is_ca)
		t->ocsp_url = sgl_buf_slice(&w->urls.ocsp);
	return SGL_OK;
}

static sgl_status
draft(sgl_home *home, const sgl_ca_order *order, const sgl_ca_signer *signer,
    const sgl_ca_made *m, sgl_cert_draft *out, sgl_err *err)
{
	sgl_key *key = key_of(signer, m);
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
	    .is_key_checked = true,
	};

	if (signer->cert != NULL) {
		t.issuer = sgl_cert_get_subject(signer->cert);
		t.issuer_key_id = sgl_cert_get_ski(signer->cert);
	}
	TRY(order->is_draft ? draw_serial(home, order->random, w.serial, err)
			    : take_serial(home, order->random, w.serial, err));
	set_times(home, profile, signer->cert, &t);
	set_profile(profile, sgl_key_get_kind(m->key), &t);
	TRY(set_extras(home, profile, &w, &t, err));
	if (order->branch != NULL)
		set_branch(order->branch, &t);
	/* Nobody asks about what serves ourselves alone. */
	if (signer->cert != NULL && (profile->is_ca || profile->is_for_mail))
		TRY(set_urls(home, signer, &w, &t, err));
	return sgl_cert_draft_make(
	    sgl_home_engine(home), &t, key, sgl_ca_digest_for(key), out, err);
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
sgl_ca_make_draft(sgl_home *home, const sgl_ca_order *order,
    const sgl_ca_signer *signer, sgl_ca_made *m, sgl_cert_draft *out,
    sgl_err *err)
{
	TRY(make_key(home, order, m, err));
	return draft(home, order, signer, m, out, err);
}

sgl_status
sgl_ca_make_end(sgl_home *home, const sgl_cert_draft *d,
    const sgl_ca_signer *signer, sgl_slice signature, sgl_ca_made *m,
    sgl_err *err)
{
	TRY(sgl_cert_draft_end(sgl_home_engine(home), d, key_of(signer, m),
	    signature, &m->cert, err));
	return sgl_lint_refuse(m->cert, err);
}

sgl_status
sgl_ca_make(sgl_home *home, const sgl_ca_order *order,
    const sgl_ca_signer *signer, sgl_ca_made *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_made) m = {0};
	SGL_AUTO_CLEAR(sgl_cert_draft) d = {.tbs = {0}};
	sgl_key_request request;
	sgl_key_answer answer;

	TRY(sgl_ca_make_draft(home, order, signer, &m, &d, err));
	request = sgl_cert_draft_request(&d);
	TRY(sgl_key_ask(
	    sgl_home_engine(home), key_of(signer, &m), &request, &answer, err));
	TRY(sgl_ca_make_end(
	    home, &d, signer, sgl_slice_of(answer.bytes, answer.len), &m, err));
	*out = m;
	m = (sgl_ca_made){0};
	return SGL_OK;
}
