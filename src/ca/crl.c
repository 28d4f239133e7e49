/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/algorithm.h"
#include "ca/crl.h"
#include "ca/crl_entries.h"
#include "ca/making.h"
#include "ca/root_crl.h"
#include "ca/urls.h"
#include "sys/text.h"

#define ROOM "ca.crl"
#define DAY ((sgl_time)24 * 60 * 60)
/* What the store holds of one. */
#define CRL_MAX ((size_t)64 << 20)

/* For how long a list holds, and how often it is made. */
typedef struct pace {
	sgl_time valid, every;
} pace;

static pace
pace_of(const sgl_authority *a)
{
	return a->kind == SGL_AUTHORITY_ROOT
	    ? (pace){SGL_ROOT_CRL_DAYS * DAY, 30 * DAY}
	    : (pace){7 * DAY, DAY};
}

/* ------------------------------------------------------------ one list --- */

typedef struct making {
	sgl_home *home;
	const sgl_authority *authority;
	sgl_ca_signer signer;
	int64_t shard;
	bool away; /* the key: what is due stays so */
} making;

/* Of a list that is about a part alone, the certificates in it say the URL
 * too (RFC 5280 5.2.5). */
static sgl_status
build(const making *m, sgl_crl_template *t, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_urls) urls = {{0}, {0}, {0}};
	sgl_digest_alg digest = sgl_ca_digest_for(m->signer.key);

	TRY(sgl_ca_urls_get(m->home, m->authority->id, m->shard, &urls, err));
	if (m->authority->num_shards > 1)
		t->point_url = sgl_buf_slice(&urls.crl);
	return sgl_crl_build(
	    sgl_home_engine(m->home), t, m->signer.key, digest, out, err);
}

static sgl_status
make_part(making *m, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_crl_entries)
	list = {.bytes = sgl_buf_init(CRL_MAX * 4)};
	sgl_time now = sgl_engine_now(sgl_home_engine(m->home));
	SGL_AUTO_CLEAR(sgl_crl_record)
	c = {.authority = m->authority->id,
	    .shard = m->shard,
	    .this_update = now - SGL_PROFILE_BACKDATE,
	    .next_update = now + pace_of(m->authority).valid,
	    .der = sgl_buf_init(CRL_MAX)};
	sgl_store *store = sgl_home_store(m->home);
	sgl_crl_template t = {.issuer = sgl_cert_get_subject(m->signer.cert),
	    .issuer_key_id = sgl_cert_get_ski(m->signer.cert),
	    .this_update = c.this_update,
	    .next_update = c.next_update,
	    .next = sgl_crl_entries_tell,
	    .ctx = &list};
	sgl_status status;

	TRY(sgl_store_each_revoked(
	    store, c.authority, c.shard, sgl_crl_entries_add_cert, &list, err));
	TRY(sgl_store_take_crl_number(store, c.authority, &c.number, err));
	t.number = (uint64_t)c.number;
	status = build(m, &t, &c.der, err);
	m->away = sgl_ca_key_is_away(m->authority, status);
	if (m->away)
		return SGL_OK;
	TRY(status);
	TRY(sgl_store_add_crl(store, &c, err));
	return sgl_store_drop_crls(store, c.authority, c.shard, c.number, err);
}

static sgl_status
make_one(making *m, sgl_err *err)
{
	return m->authority->kind == SGL_AUTHORITY_ROOT
	    ? sgl_root_crl_make(m->home, &m->signer, err)
	    : make_part(m, err);
}

/* ----------------------------------------------------------- all lists --- */

/* A root whose key is away is not made to wait for: who has the key makes its
 * list (root_crl.h). */
static sgl_status
is_due(sgl_home *home, const sgl_authority *a, int64_t shard, bool *due,
    sgl_err *err)
{
	sgl_time now = sgl_engine_now(sgl_home_engine(home));

	*due = false;
	if (sgl_authority_is_lost(a) ||
	    (a->kind == SGL_AUTHORITY_ROOT &&
		strcmp(a->key_location, SGL_KEY_IN_VAULT) != 0))
		return SGL_OK;
	return sgl_store_is_crl_due(sgl_home_store(home), a->id, shard,
	    now - SGL_PROFILE_BACKDATE - pace_of(a).every, now, due, err);
}

static sgl_status
open_signer(making *m, sgl_err *err)
{
	sgl_status status;

	if (m->signer.key != NULL)
		return SGL_OK;
	status = sgl_ca_signer_open(m->home, m->authority, &m->signer, err);
	m->away = sgl_ca_key_is_away(m->authority, status);
	if (m->away)
		return SGL_OK;
	TRY(status);
	m->away = sgl_engine_now(sgl_home_engine(m->home)) >
	    sgl_cert_get_not_after(m->signer.cert);
	return SGL_OK;
}

static sgl_status
make_due(making *m, bool all, unsigned *made, sgl_err *err)
{
	bool due;

	for (m->shard = 0; m->shard < m->authority->num_shards; m->shard++) {
		TRY(is_due(m->home, m->authority, m->shard, &due, err));
		if (!due && !all)
			continue;
		TRY(open_signer(m, err));
		if (!m->away)
			TRY(make_one(m, err));
		if (m->away)
			return SGL_OK;
		(*made)++;
	}
	return SGL_OK;
}

sgl_status
sgl_ca_make_crls(sgl_home *home, bool all, unsigned *made, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	unsigned num = 0;

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++) {
		making m = {.home = home, .authority = &list.items[i]};
		sgl_status status = make_due(&m, all, &num, err);

		sgl_ca_signer_clear(&m.signer);
		if (status != SGL_OK)
			return status;
	}
	*made = num;
	return SGL_OK;
}

sgl_status
sgl_ca_has_due(sgl_home *home, bool *due, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	*due = false;
	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num && !*due; i++)
		for (int64_t n = 0; n < list.items[i].num_shards && !*due; n++)
			TRY(is_due(home, &list.items[i], n, due, err));
	return SGL_OK;
}

/* ------------------------------------------------------------- dividing --- */

static sgl_status
check_shards(sgl_home *home, int64_t num, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) url = sgl_buf_init(4096);

	if (num < 1 || num > SGL_CA_SHARDS)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("a CRL has 1 to 256 parts"));
	TRY(sgl_ca_public_url(home, &url, err));
	if (num > 1 && url.len == 0)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("without a public URL a certificate cannot tell in "
		       "which part of a CRL it would be"));
	return SGL_OK;
}

sgl_status
sgl_ca_set_shards(sgl_home *home, int64_t num, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	sgl_store *store = sgl_home_store(home);

	TRY(check_shards(home, num, err));
	TRY(sgl_store_list_authorities(store, &list, err));
	for (size_t i = 0; i < list.num; i++) {
		sgl_authority *a = &list.items[i];
		if (a->kind != SGL_AUTHORITY_ISSUING || a->num_shards == num)
			continue;
		if (num < a->num_shards)
			return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
			    N_("a CRL cannot get fewer parts: certificates "
			       "name those there are"));
		a->num_shards = num;
		TRY(sgl_store_set_authority(store, a, err));
		/* The first was about everything until now. */
		TRY(sgl_store_set_crl_due(store, a->id, 0, err));
	}
	return SGL_OK;
}
