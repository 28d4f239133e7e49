/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ca/crl.h"
#include "ca/next_key.h"
#include "ca/resume.h"
#include "ca/root_crl.h"
#include "ca/succession.h"
#include "ca/urls.h"
#include "org/audit.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "sys/text.h"

#define ROOM "ca.resume"
#define ISSUER_MAX 400
#define URL_MAX 4096
/* A CRL each second would need eleven days. */
#define LEAP 1000000

sgl_status
sgl_ca_resume(sgl_home *home, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) all = {0};
	sgl_store *store = sgl_home_store(home);

	TRY(sgl_store_list_authorities(store, &all, err));
	for (size_t i = 0; i < all.num; i++) {
		const sgl_authority *a = &all.items[i];
		TRY(sgl_store_leap_crl_number(store, a->id, LEAP, err));
		for (int64_t shard = 0; shard < a->num_shards; shard++)
			TRY(sgl_store_set_crl_due(store, a->id, shard, err));
	}
	return SGL_OK;
}

/* ------------------------------------------------- authorities made since ---
 */

static bool
is_known(const sgl_authorities *all, const sgl_cert *cert)
{
	for (size_t i = 0; i < all->num; i++)
		if (sgl_slice_eq(sgl_buf_slice(&all->items[i].der),
			sgl_cert_get_der(cert)))
			return true;
	return false;
}

/* 0: none of our roots signed it. */
static sgl_status
find_root(sgl_home *home, const sgl_authorities *all, const sgl_cert *cert,
    int64_t *root, sgl_err *err)
{
	sgl_engine *engine = sgl_home_engine(home);
	bool good = false;

	*root = 0;
	for (size_t i = 0; i < all->num && *root == 0; i++) {
		SGL_AUTO(sgl_cert)
		above = NULL;
		if (all->items[i].kind != SGL_AUTHORITY_ROOT)
			continue;
		TRY(sgl_cert_read(
		    engine, sgl_buf_slice(&all->items[i].der), &above, err));
		if (sgl_name_same(
			sgl_cert_get_issuer(cert), sgl_cert_get_subject(above)))
			TRY(sgl_cert_is_signed_by(
			    engine, cert, above, &good, err));
		if (good)
			*root = all->items[i].id;
	}
	return SGL_OK;
}

/* Its key was made before the backup. */
static sgl_status
is_next(sgl_home *home, const sgl_cert *cert, bool *next, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_err why = {0};
	sgl_status status = sgl_next_key_get(home, &key, &why);

	*next = status == SGL_OK &&
	    sgl_slice_eq(sgl_key_get_spki(key), sgl_cert_get_spki(cert));
	if (status == SGL_OK || status == SGL_E_NOKEY)
		return SGL_OK;
	*err = why;
	return status;
}

static sgl_status
store_lost(sgl_home *home, const sgl_cert *cert, int64_t root, int64_t *id,
    sgl_err *err)
{
	const sgl_slice der = sgl_cert_get_der(cert);
	SGL_AUTO_CLEAR(sgl_authority)
	a = {.kind = SGL_AUTHORITY_ISSUING,
	    .state = SGL_AUTHORITY_RETIRED,
	    .der = sgl_buf_init(der.len),
	    .issuer = root,
	    .created = sgl_engine_now(sgl_home_engine(home))};

	TRY(sgl_buf_add(&a.der, der, err));
	TRY(sgl_slice_copy(sgl_slice_str(SGL_KEY_LOST),
	    (uint8_t **)&a.key_location, ROOM, err));
	return sgl_store_add_authority(sgl_home_store(home), &a, id, err);
}

static sgl_status
resume_one(sgl_home *home, const sgl_cert *cert, int64_t root, sgl_err *err)
{
	char number[32];
	bool next, taken;
	int64_t id;

	/* The number is never given again. */
	TRY(sgl_store_take_serial(
	    sgl_home_store(home), sgl_cert_get_serial(cert), &taken, err));
	TRY(is_next(home, cert, &next, err));
	if (next)
		return sgl_ca_take_over(home, cert, root, NULL, &id, err);
	TRY(store_lost(home, cert, root, &id, err));
	(void)snprintf(number, sizeof number, "%" PRId64, id);
	return sgl_audit_add(
	    home, "authority.resume", "issuing", NULL, number, err);
}

static sgl_status
fail_foreign(const sgl_cert *cert, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) name = sgl_buf_init(ISSUER_MAX);
	const char *text = "";

	if (sgl_name_text(sgl_cert_get_subject(cert), &name, NULL) == SGL_OK)
		TRY(sgl_buf_text(&name, &text, err));
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("the certificate is not one of an issuing authority that a root "
	       "of the backup has signed"),
	    "%s", text);
}

static sgl_status
resume_cert(sgl_home *home, const sgl_cert *cert, size_t *num, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) all = {0};
	int64_t root = 0;

	TRY(sgl_store_list_authorities(sgl_home_store(home), &all, err));
	if (is_known(&all, cert))
		return SGL_OK;
	if (sgl_cert_is_ca(cert) && !sgl_cert_is_self_issued(cert))
		TRY(find_root(home, &all, cert, &root, err));
	if (root == 0)
		return fail_foreign(cert, err);
	(*num)++;
	return resume_one(home, cert, root, err);
}

/* The oldest is first, so that they have the numbers again that are in their
 * URLs. */
static bool
is_before(const sgl_certs *certs, size_t i, size_t j)
{
	sgl_time a = sgl_cert_get_not_before(certs->items[i]),
		 b = sgl_cert_get_not_before(certs->items[j]);

	return a < b || (a == b && i < j);
}

sgl_status
sgl_ca_resume_issuing(
    sgl_home *home, const sgl_certs *certs, size_t *num, sgl_err *err)
{
	*num = 0;
	for (size_t place = 0; place < certs->num; place++)
		for (size_t i = 0; i < certs->num; i++) {
			size_t before = 0;
			for (size_t j = 0; j < certs->num; j++)
				before += is_before(certs, j, i);
			if (before == place)
				TRY(resume_cert(
				    home, certs->items[i], num, err));
		}
	return SGL_OK;
}

/* ------------------------------------------------------------- merging --- */

typedef struct merging {
	sgl_home *home;
	const sgl_authorities *all;
	const sgl_authority *authority; /* whose list it is */
	sgl_ca_merged *out;
} merging;

static sgl_revocation_mark
mark_of(const sgl_crl_found *found)
{
	sgl_revocation_mark m = {.when = found->revoked_at,
	    .reason = found->reason < 0 ? SGL_REASON_UNSPECIFIED
					: (sgl_revocation_reason)found->reason,
	    .invalidity =
		found->has_invalidity_date ? found->invalidity_date : 0};

	/* RFC 5280 5.3.1: 7 is not used. */
	if (sgl_revocation_reason_name(m.reason) == NULL)
		m.reason = SGL_REASON_UNSPECIFIED;
	if (m.when <= 0)
		m.when = 1;
	return m;
}

/* The list is newer than the records: a hold may have become more since, and a
 * reason worse. */
static bool
says_more(const sgl_cert_record *c, const sgl_revocation_mark *mark)
{
	sgl_revocation_reason from = c->revocation.reason;

	return c->status != SGL_CERT_REVOKED ||
	    (from != mark->reason &&
		(from == SGL_REASON_CERTIFICATE_HOLD ||
		    mark->reason == SGL_REASON_KEY_COMPROMISE));
}

static sgl_status
revoke_ours(merging *m, const sgl_cert_record *c,
    const sgl_revocation_mark *mark, sgl_err *err)
{
	bool done;

	if (!says_more(c, mark))
		return SGL_OK;
	TRY(sgl_store_revoke_cert(
	    sgl_home_store(m->home), c->id, mark, &done, err));
	TRY(sgl_store_drop_ocsp(sgl_home_store(m->home), c->id, err));
	m->out->revoked++;
	return SGL_OK;
}

static sgl_status
keep_lost(
    merging *m, sgl_slice serial, const sgl_revocation_mark *mark, sgl_err *err)
{
	sgl_store *store = sgl_home_store(m->home);
	const sgl_lost_revocation lost = {.authority = m->authority->id,
	    .shard = serial.len == 0
		? 0
		: serial.data[serial.len - 1] % m->authority->num_shards,
	    .serial = serial,
	    .revocation = *mark};
	bool taken;

	/* The number is never given again. */
	TRY(sgl_store_take_serial(store, serial, &taken, err));
	TRY(sgl_store_add_lost_revocation(store, &lost, err));
	m->out->lost++;
	return SGL_OK;
}

/* An authority of ours that the list revokes; NULL: none. */
static sgl_status
find_issued(
    const merging *m, sgl_slice serial, sgl_authority **out, sgl_err *err)
{
	*out = NULL;
	for (size_t i = 0; i < m->all->num && *out == NULL; i++) {
		sgl_authority *a = &m->all->items[i];
		SGL_AUTO(sgl_cert)
		cert = NULL;
		if (a->kind == SGL_AUTHORITY_ROOT ||
		    a->issuer != m->authority->id)
			continue;
		TRY(sgl_cert_read(sgl_home_engine(m->home),
		    sgl_buf_slice(&a->der), &cert, err));
		if (sgl_slice_eq(sgl_cert_get_serial(cert), serial))
			*out = a;
	}
	return SGL_OK;
}

static sgl_status
revoke_authority(
    merging *m, sgl_authority *a, const sgl_revocation_mark *mark, sgl_err *err)
{
	char number[32];

	if (a->state == SGL_AUTHORITY_REVOKED)
		return SGL_OK;
	(void)snprintf(number, sizeof number, "%" PRId64, a->id);
	TRY(sgl_audit_add(m->home, "authority.revoke", number,
	    sgl_authority_state_name(a->state),
	    sgl_authority_state_name(SGL_AUTHORITY_REVOKED), err));
	a->state = SGL_AUTHORITY_REVOKED;
	a->revocation = *mark;
	m->out->revoked++;
	return sgl_store_set_authority(sgl_home_store(m->home), a, err);
}

static sgl_status
merge_entry(
    void *ctx, sgl_slice serial, const sgl_crl_found *found, sgl_err *err)
{
	merging *m = ctx;
	SGL_AUTO_CLEAR(sgl_cert_record) c = {0};
	sgl_revocation_mark mark = mark_of(found);
	sgl_authority *a;
	bool is_ours;

	m->out->listed++;
	if (found->reason == SGL_CRL_REASON_REMOVE)
		return SGL_OK;
	TRY(find_issued(m, serial, &a, err));
	if (a != NULL)
		return revoke_authority(m, a, &mark, err);
	TRY(sgl_store_find_cert_by_serial(
	    sgl_home_store(m->home), serial, &c, &is_ours, err));
	return is_ours && c.issuer == m->authority->id
	    ? revoke_ours(m, &c, &mark, err)
	    : keep_lost(m, serial, &mark, err);
}

/* *out NULL: not one of ours signed it. */
static sgl_status
find_signer(sgl_home *home, const sgl_authorities *all, const sgl_crl *crl,
    const sgl_authority **out, sgl_err *err)
{
	const sgl_signed s = sgl_crl_as_signed(crl);
	sgl_engine *engine = sgl_home_engine(home);
	bool good = false, was_known;

	*out = NULL;
	for (size_t i = 0; i < all->num && *out == NULL; i++) {
		SGL_AUTO(sgl_cert)
		cert = NULL;
		TRY(sgl_cert_read(
		    engine, sgl_buf_slice(&all->items[i].der), &cert, err));
		if (!sgl_slice_eq(sgl_cert_get_subject(cert), crl->issuer))
			continue;
		TRY(sgl_signed_check(engine, &s, cert, &good, &was_known, err));
		if (good)
			*out = &all->items[i];
	}
	return SGL_OK;
}

/* Which part of all it is says its URL; where there is none it is the only one.
 */
static sgl_status
find_part(sgl_home *home, int64_t authority, const sgl_crl *crl, int64_t *shard,
    sgl_err *err)
{
	*shard = 0;
	for (int64_t i = 0; crl->idp.len > 0 && i < SGL_CA_SHARDS; i++) {
		SGL_AUTO_CLEAR(sgl_ca_urls) urls = {{0}, {0}, {0}};

		TRY(sgl_ca_urls_get(home, authority, i, &urls, err));
		if (urls.crl.len > 0 &&
		    memmem(crl->idp.data, crl->idp.len, urls.crl.data,
			urls.crl.len) != NULL)
			*shard = i;
	}
	return SGL_OK;
}

/* The key is elsewhere: until somebody comes with a root's, and for good where
 * it is lost, what is published must not be older than what the world has seen.
 */
static sgl_status
keep_list(
    sgl_home *home, const sgl_authority *from, const sgl_crl *crl, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_crl_record) old = {0};
	SGL_AUTO_CLEAR(sgl_crl_record)
	c = {.authority = from->id,
	    .number = sgl_root_crl_number(crl),
	    .this_update = crl->this_update,
	    .next_update =
		crl->has_next_update ? crl->next_update : crl->this_update,
	    .der = sgl_buf_init(crl->der.len)};
	sgl_store *store = sgl_home_store(home);
	bool found;

	TRY(find_part(home, from->id, crl, &c.shard, err));
	TRY(sgl_store_find_crl(store, from->id, c.shard, &old, &found, err));
	if (found && old.number >= c.number)
		return SGL_OK;
	TRY(sgl_buf_add(&c.der, crl->der, err));
	return sgl_store_add_crl(store, &c, err);
}

static sgl_status
refuse_stranger(const sgl_crl *crl, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) issuer = sgl_buf_init(ISSUER_MAX);
	const char *text = "";

	/* What is too long to be told is told without. */
	if (sgl_name_text(crl->issuer, &issuer, NULL) == SGL_OK)
		TRY(sgl_buf_text(&issuer, &text, err));
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("the CRL is not signed by an authority that the backup knows "
	       "(--issuing FILE gives those made later), but by"),
	    "%s", text);
}

sgl_status
sgl_ca_merge_crl(sgl_home *home, sgl_crl *crl, sgl_ca_merged *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) all = {0};
	merging m = {.home = home, .all = &all, .out = out};

	TRY(sgl_store_list_authorities(sgl_home_store(home), &all, err));
	TRY(find_signer(home, &all, crl, &m.authority, err));
	if (m.authority == NULL)
		return refuse_stranger(crl, err);
	TRY(sgl_crl_each(crl, merge_entry, &m, err));
	return m.authority->kind == SGL_AUTHORITY_ROOT ||
		sgl_authority_is_lost(m.authority)
	    ? keep_list(home, m.authority, crl, err)
	    : SGL_OK;
}
