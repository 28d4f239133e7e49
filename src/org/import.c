/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/addr.h"
#include "org/choose.h"
#include "org/import_inside.h"
#include "org/people.h"
#include "sys/text.h"

#define ROOM "org.import"
#define NAME_TEXT 400

static const char *const results[] = {
    [SGL_IMPORT_TAKEN] = "taken",
    [SGL_IMPORT_HISTORY] = "history",
    [SGL_IMPORT_KNOWN] = "known",
    [SGL_IMPORT_NEEDLESS] = "needless",
    [SGL_IMPORT_REFUSED] = "refused",
};

const char *
sgl_import_result_name(sgl_import_result result)
{
	return results[result];
}

static void
clear_item(sgl_import_item *i)
{
	sgl_cert_unref(i->cert);
	sgl_key_unref(i->key);
	sgl_certs_clear(&i->chain);
}

void
sgl_import_clear(sgl_import *import)
{
	for (size_t i = 0; i < import->num; i++)
		clear_item(&import->items[i]);
	sgl_mem_free(import->items);
	*import = (sgl_import){0};
}

/* What all certificates of one order are judged by. */
typedef struct judging {
	sgl_home *home;
	const sgl_person *person;
	const sgl_import_order *order;
	sgl_vault *vault;
	sgl_cert_records have; /* of the person, so far */
	sgl_certs roots, others;
	sgl_import *out;
} judging;

static void
judging_clear(judging *j)
{
	sgl_cert_records_clear(&j->have);
	sgl_certs_clear(&j->roots);
	sgl_certs_clear(&j->others);
}
SGL_AUTO_CLEAR_TYPE(judging, judging_clear)

static sgl_status
find_issuers(judging *j, sgl_err *err)
{
	const sgl_certs *given = &j->order->ring->certs;

	TRY(sgl_home_add_authorities(j->home, &j->roots, &j->others, err));
	TRY(sgl_home_add_trusted(j->home, &j->roots, &j->others, err));
	for (size_t i = 0; i < given->num; i++) {
		sgl_cert *c = given->items[i];
		if (sgl_cert_is_ca(c))
			TRY(sgl_certs_add(
			    sgl_cert_is_self_issued(c) ? &j->roots : &j->others,
			    c, err));
	}
	return SGL_OK;
}

static void
refuse(sgl_import_item *i, const char *why, sgl_slice detail)
{
	i->result = SGL_IMPORT_REFUSED;
	i->why = why;
	(void)snprintf(i->detail, sizeof i->detail, "%.*s",
	    (int)(detail.len < NAME_TEXT ? detail.len : NAME_TEXT),
	    detail.len > 0 ? (const char *)detail.data : "");
}

/* ---------------------------------------------------------------- the key ---
 */

static void
judge_held(const judging *j, const sgl_key_record *k, sgl_import_item *i)
{
	if (k->person != j->person->id)
		refuse(i,
		    N_("its key is somebody else's here already: one key is "
		       "one person's"),
		    (sgl_slice){0});
}

static sgl_status
judge_key(judging *j, sgl_import_item *i, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	sgl_key *key = sgl_keyring_find_key(j->order->ring, i->cert);
	bool found;

	TRY(sgl_vault_find(
	    j->vault, sgl_cert_get_spki(i->cert), &k, &found, err));
	if (found)
		judge_held(j, &k, i);
	else if (key == NULL)
		refuse(i,
		    N_("its private key is neither in the files nor here: "
		       "export it together with its key (PKCS#12)"),
		    (sgl_slice){0});
	else if (j->person->custody == SGL_CUSTODY_SEALED)
		refuse(i,
		    N_("of this person no private key may be kept here "
		       "(custody: sealed)"),
		    (sgl_slice){0});
	else
		i->key = sgl_key_ref(key);
	return SGL_OK;
}

/* ----------------------------------------------------------- the addresses ---
 */

static sgl_status
is_persons(judging *j, sgl_slice address, bool *yes, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(address.len + 1);
	bool found;

	*yes = false;
	if (!sgl_addr_is(address))
		return SGL_OK;
	TRY(sgl_buf_add(&text, address, err));
	TRY(sgl_buf_add(&text, sgl_slice_of("", 1), err));
	TRY(sgl_people_find(j->home, (const char *)text.data, &p, &found, err));
	*yes = found && p.id == j->person->id;
	return SGL_OK;
}

static sgl_status
judge_addresses(judging *j, sgl_import_item *i, sgl_err *err)
{
	size_t num = sgl_cert_num_addresses(i->cert);
	bool yes = false;

	if (num == 0) {
		refuse(i, N_("no mail address is in it: it is not for mail"),
		    (sgl_slice){0});
		return SGL_OK;
	}
	for (size_t at = 0; at < num && !yes; at++)
		TRY(is_persons(
		    j, sgl_cert_get_address(i->cert, at), &yes, err));
	if (!yes)
		refuse(i,
		    N_("it is for another address: name that person, or add "
		       "the address as an alias"),
		    sgl_cert_get_address(i->cert, 0));
	return SGL_OK;
}

/* ----------------------------------------------------------------- the rest
 * ---
 */

static bool
is_here(const judging *j, const sgl_import_item *i)
{
	for (size_t at = 0; at < j->have.num; at++)
		if (j->have.items[at].purpose == i->purpose &&
		    sgl_slice_eq(sgl_buf_slice(&j->have.items[at].der),
			sgl_cert_get_der(i->cert)))
			return true;
	return false;
}

static sgl_status
judge_times(judging *j, sgl_import_item *i, sgl_err *err)
{
	const sgl_import_evidence evidence = {
	    &j->roots, &j->others, j->order->crls};
	sgl_engine *engine = sgl_home_engine(j->home);

	if (sgl_engine_now(engine) <= sgl_cert_get_not_after(i->cert))
		return sgl_import_judge_path(engine, &evidence, i, err);
	sgl_import_old(i, N_("it has expired"));
	return SGL_OK;
}

static sgl_status
judge_for(judging *j, sgl_import_item *i, sgl_err *err)
{
	if (is_here(j, i)) {
		i->result = SGL_IMPORT_KNOWN;
		return SGL_OK;
	}
	TRY(judge_addresses(j, i, err));
	if (i->result == SGL_IMPORT_TAKEN)
		TRY(judge_key(j, i, err));
	return i->result == SGL_IMPORT_TAKEN ? judge_times(j, i, err) : SGL_OK;
}

static sgl_import_item *
new_item(judging *j, sgl_cert *cert)
{
	sgl_import_item *i = &j->out->items[j->out->num++];

	i->cert = sgl_cert_ref(cert);
	return i;
}

static sgl_status
judge_purpose(
    judging *j, sgl_cert *cert, sgl_cert_purpose purpose, sgl_err *err)
{
	sgl_import_item *i = new_item(j, cert);

	i->has_purpose = true;
	i->purpose = purpose;
	return judge_for(j, i, err);
}

static sgl_status
judge_cert(judging *j, sgl_cert *cert, sgl_err *err)
{
	const sgl_import_order *o = j->order;
	bool signs = sgl_cert_may_sign(cert) &&
	    (!o->has_purpose || o->purpose == SGL_CERT_SIGNING);
	bool encrypts = sgl_cert_may_encrypt(cert) &&
	    (!o->has_purpose || o->purpose == SGL_CERT_ENCRYPTION);

	if (signs)
		TRY(judge_purpose(j, cert, SGL_CERT_SIGNING, err));
	if (encrypts)
		TRY(judge_purpose(j, cert, SGL_CERT_ENCRYPTION, err));
	if (!signs && !encrypts)
		refuse(new_item(j, cert),
		    o->has_purpose
			? N_("its usage does not allow that purpose")
			: N_("its usage allows neither to sign mail nor to "
			     "encrypt it"),
		    (sgl_slice){0});
	return SGL_OK;
}

static bool
has_cert(const sgl_keyring *ring, const sgl_key *key)
{
	for (size_t i = 0; i < ring->certs.num; i++)
		if (sgl_keyring_find_key(ring, ring->certs.items[i]) == key)
			return true;
	return false;
}

static sgl_status
judge_all(judging *j, sgl_err *err)
{
	const sgl_keyring *ring = j->order->ring;

	for (size_t i = 0; i < ring->certs.num; i++)
		if (!sgl_cert_is_ca(ring->certs.items[i]))
			TRY(judge_cert(j, ring->certs.items[i], err));
	for (size_t i = 0; i < ring->num_keys; i++)
		j->out->num_lone_keys += !has_cert(ring, ring->keys[i]);
	return SGL_OK;
}

sgl_status
sgl_import_judge(sgl_home *home, const sgl_person *person,
    const sgl_import_order *order, sgl_import *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_import) import = {0};
	SGL_AUTO_CLEAR(judging)
	j = {home, person, order, .out = &import};

	import.items = sgl_mem_zeroed(
	    2 * order->ring->certs.num + 1, sizeof *import.items);
	if (import.items == NULL)
		return sgl_oom(err, ROOM);
	TRY(sgl_home_vault(home, &j.vault, err));
	TRY(sgl_store_list_certs(
	    sgl_home_store(home), person->id, &j.have, err));
	TRY(find_issuers(&j, err));
	TRY(judge_all(&j, err));
	*out = import;
	import = (sgl_import){0};
	return SGL_OK;
}
