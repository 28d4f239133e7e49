/* SPDX-License-Identifier: Apache-2.0 */
#include "org/facts.h"
#include "base/time.h"
#include "pki/cert.h"

#define ROOM "org.facts"

void
sgl_facts_clear(sgl_facts *f)
{
	sgl_mem_free(f->crls);
	sgl_counts_clear(&f->counts);
	*f = (sgl_facts){0};
}

static sgl_status
add_crl(
    sgl_facts *f, const sgl_authority *a, const sgl_crl_record *c, sgl_err *err)
{
	sgl_crl_fact *more =
	    sgl_mem_resize(f->crls, (f->num_crls + 1) * sizeof *more);

	if (more == NULL)
		return sgl_oom(err, ROOM);
	f->crls = more;
	more[f->num_crls++] = (sgl_crl_fact){.authority = c->authority,
	    .shard = c->shard,
	    .number = c->number,
	    .this_update = c->this_update,
	    .next_update = c->next_update,
	    .is_root = a->kind == SGL_AUTHORITY_ROOT,
	    .is_by_hand = a->kind == SGL_AUTHORITY_ROOT &&
		strcmp(a->key_location, SGL_KEY_IN_VAULT) != 0};
	return SGL_OK;
}

static sgl_status
add_crls(sgl_home *home, const sgl_authority *a, sgl_facts *f, sgl_err *err)
{
	for (int64_t shard = 0; shard < a->num_shards; shard++) {
		SGL_AUTO_CLEAR(sgl_crl_record) c = {0};
		bool found;

		TRY(sgl_store_find_crl(
		    sgl_home_store(home), a->id, shard, &c, &found, err));
		if (found)
			TRY(add_crl(f, a, &c, err));
	}
	return SGL_OK;
}

static sgl_status
read_end(sgl_home *home, const sgl_buf *der, sgl_time *end, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;

	TRY(sgl_cert_read(
	    sgl_home_engine(home), sgl_buf_slice(der), &cert, err));
	*end = sgl_cert_get_not_after(cert);
	return SGL_OK;
}

static sgl_status
note_end(sgl_home *home, const sgl_buf *der, bool is_branch, sgl_facts *f,
    sgl_err *err)
{
	sgl_time end;

	TRY(read_end(home, der, &end, err));
	/* Once it has ended a branch is none of ours any more. */
	if (is_branch && end < f->now)
		return SGL_OK;
	if (f->authority_until == 0 || end < f->authority_until)
		f->authority_until = end;
	return SGL_OK;
}

/* One that is retired issues no more, but what it issued is looked up in its
 * lists for as long as it is valid. */
static sgl_status
gather_authority(
    sgl_home *home, const sgl_authority *a, sgl_facts *f, sgl_err *err)
{
	sgl_time end;

	if (a->state == SGL_AUTHORITY_REVOKED)
		return SGL_OK;
	if (a->state == SGL_AUTHORITY_ACTIVE)
		TRY(note_end(home, &a->der, false, f, err));
	TRY(read_end(home, &a->der, &end, err));
	if (a->state == SGL_AUTHORITY_RETIRED && end < f->now)
		return SGL_OK;
	if (sgl_authority_is_lost(a))
		f->lost_authority = a->id;
	return add_crls(home, a, f, err);
}

static sgl_status
gather_authorities(sgl_home *home, sgl_facts *f, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++)
		TRY(gather_authority(home, &list.items[i], f, err));
	return SGL_OK;
}

static sgl_status
gather_branches(sgl_home *home, sgl_facts *f, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_branches) list = {0};

	TRY(sgl_store_list_branches(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++)
		TRY(note_end(home, &list.items[i].der, true, f, err));
	return SGL_OK;
}

static sgl_status
gather_backup(sgl_home *home, sgl_facts *f, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) value = sgl_buf_init(256);
	bool found;

	/* Seconds, as a number. */
	TRY(sgl_buf_add_str(&value, "@", err));
	TRY(sgl_store_get_setting(sgl_home_store(home), SGL_SETTING_LAST_BACKUP,
	    &value, &found, err));
	if (!found || !sgl_time_parse(sgl_buf_slice(&value), &f->backup))
		f->backup = 0;
	return SGL_OK;
}

static sgl_status
gather_audit(sgl_home *home, sgl_facts *f, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_audit_record) last = {0};
	bool found;

	TRY(sgl_store_find_last_audit(
	    sgl_home_store(home), &last, &found, err));
	if (!found)
		return SGL_OK;
	f->audit = last.sequence;
	memcpy(f->audit_hash, last.hash, sizeof f->audit_hash);
	return SGL_OK;
}

sgl_status
sgl_facts_gather(sgl_home *home, sgl_facts *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_facts)
	f = {.now = sgl_engine_now(sgl_home_engine(home))};
	sgl_store *store = sgl_home_store(home);

	TRY(sgl_store_count(store, f.now, &f.counts, err));
	TRY(sgl_store_get_generation(store, &f.generation, err));
	TRY(sgl_store_size(store, &f.size, err));
	TRY(gather_authorities(home, &f, err));
	TRY(gather_branches(home, &f, err));
	TRY(gather_backup(home, &f, err));
	TRY(gather_audit(home, &f, err));
	TRY(sgl_store_last_signed(store, &f.signed_at, err));
	*out = f;
	f = (sgl_facts){0};
	return SGL_OK;
}
