/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "org/choose.h"
#include "pki/cert.h"
#include "sys/text.h"

#define ROOM "org.choose"

void
sgl_chosen_clear(sgl_chosen *c)
{
	sgl_cert_unref(c->cert);
	*c = (sgl_chosen){0};
}

static bool
is_better(const sgl_cert_record *c, const sgl_cert_record *best)
{
	if (best == NULL)
		return true;
	if (c->is_preferred != best->is_preferred)
		return c->is_preferred;
	if (c->not_before != best->not_before)
		return c->not_before > best->not_before;
	return c->id > best->id;
}

/* The best that is valid, and why there is none. */
static const sgl_cert_record *
find_best(const sgl_cert_records *list, sgl_cert_purpose purpose, sgl_time now,
    sgl_chosen *chosen)
{
	const sgl_cert_record *best = NULL;

	for (size_t i = 0; i < list->num; i++) {
		const sgl_cert_record *c = &list->items[i];
		if (c->purpose != purpose || c->status == SGL_CERT_SUPERSEDED)
			continue;
		if (c->status == SGL_CERT_REVOKED) {
			if (chosen->why == SGL_NO_CERT_NEVER)
				chosen->why = SGL_NO_CERT_REVOKED;
		} else if (now > c->not_after) {
			chosen->why = SGL_NO_CERT_ENDED;
			if (c->not_after > chosen->ended)
				chosen->ended = c->not_after;
		} else if (now >= c->not_before && now >= c->waits_until &&
		    is_better(c, best))
			best = c;
	}
	return best;
}

/* What the state of the person forbids, whatever certificates say. */
static sgl_status
check_person(sgl_home *home, int64_t id, sgl_cert_purpose purpose, bool *may,
    sgl_no_cert *why, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	bool found;

	TRY(sgl_store_get_person(sgl_home_store(home), id, &p, &found, err));
	*may = found && p.state == SGL_PERSON_ACTIVE && p.deleted == 0;
	if (*may)
		return SGL_OK;
	if (found && p.state == SGL_PERSON_SUSPENDED) {
		*why = SGL_NO_CERT_SUSPENDED;
		/* Mail goes on coming to the mailbox; in plain text it would
		 * be worse off. */
		*may = purpose == SGL_CERT_ENCRYPTION;
	} else
		*why = SGL_NO_CERT_LEFT;
	return SGL_OK;
}

sgl_status
sgl_choose_cert(sgl_home *home, int64_t person, sgl_cert_purpose purpose,
    sgl_chosen *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_records) list = {0};
	sgl_engine *engine = sgl_home_engine(home);
	const sgl_cert_record *best = NULL;
	sgl_chosen chosen = {0};
	bool may;

	TRY(check_person(home, person, purpose, &may, &chosen.why, err));
	if (may) {
		TRY(sgl_store_list_certs(
		    sgl_home_store(home), person, &list, err));
		best =
		    find_best(&list, purpose, sgl_engine_now(engine), &chosen);
	}
	if (best != NULL) {
		chosen.id = best->id;
		chosen.key = best->key;
		chosen.issuer = best->issuer;
		TRY(sgl_cert_read(
		    engine, sgl_buf_slice(&best->der), &chosen.cert, err));
	}
	*out = chosen;
	return SGL_OK;
}

static sgl_status
fail_ended(const sgl_chosen *chosen, const char *address, sgl_err *err)
{
	char date[SGL_TIME_TEXT];

	return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("the certificate has expired: sigill cert renew makes a new "
	       "one"),
	    "%s (%s)", address, sgl_time_text(chosen->ended, date));
}

static sgl_status
fail(const char *why, const char *address, sgl_err *err)
{
	return sgl_fail_at(
	    err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET, why, "%s", address);
}

sgl_status
sgl_choose_fail(const sgl_chosen *chosen, const char *address, sgl_err *err)
{
	switch (chosen->why) {
	case SGL_NO_CERT_ENDED:
		return fail_ended(chosen, address, err);
	case SGL_NO_CERT_REVOKED:
		return fail(N_("the certificate is revoked: sigill cert renew "
			       "makes a new one"),
		    address, err);
	case SGL_NO_CERT_SUSPENDED:
		return fail(N_("the mailbox is suspended: sigill user resume "
			       "ends that"),
		    address, err);
	case SGL_NO_CERT_LEFT:
		return fail(
		    N_("the person has left the organisation"), address, err);
	case SGL_NO_CERT_NEVER:
		break;
	}
	return fail(N_("there is no certificate: sigill cert renew makes one"),
	    address, err);
}

sgl_status
sgl_choose_lend(sgl_home *home, const sgl_chosen *chosen,
    const sgl_ticket_terms *terms, sgl_key **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_key_record) k = {0};
	sgl_vault *vault;
	bool found;

	TRY(sgl_store_find_key(
	    sgl_home_store(home), chosen->key, &k, &found, err));
	if (!found || k.sealed.len == 0)
		return SGL_OK;
	TRY(sgl_home_vault(home, &vault, err));
	return sgl_vault_lend(vault, &k, terms, out, err);
}

sgl_status
sgl_choose_key(
    sgl_home *home, const sgl_chosen *chosen, sgl_key **out, sgl_err *err)
{
	sgl_vault *vault;

	TRY(sgl_home_vault(home, &vault, err));
	return sgl_vault_get(vault, chosen->key, out, err);
}

static sgl_status
add_issuers(sgl_home *home, const sgl_issuer_records *list, sgl_certs *set,
    sgl_err *err)
{
	for (size_t i = 0; i < list->num; i++) {
		SGL_AUTO(sgl_cert)
		cert = NULL;
		TRY(sgl_cert_read(sgl_home_engine(home),
		    sgl_buf_slice(&list->items[i].der), &cert, err));
		TRY(sgl_certs_add(set, cert, err));
	}
	return SGL_OK;
}

sgl_status
sgl_home_add_chain(
    sgl_home *home, int64_t certificate, sgl_certs *set, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_issuer_records) list = {0};

	TRY(sgl_store_list_chain(
	    sgl_home_store(home), certificate, &list, err));
	return add_issuers(home, &list, set, err);
}

sgl_status
sgl_home_add_authorities(
    sgl_home *home, sgl_certs *roots, sgl_certs *issuing, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++) {
		SGL_AUTO(sgl_cert)
		cert = NULL;
		sgl_certs *set =
		    list.items[i].kind == SGL_AUTHORITY_ROOT ? roots : issuing;
		if (set == NULL)
			continue;
		TRY(sgl_cert_read(sgl_home_engine(home),
		    sgl_buf_slice(&list.items[i].der), &cert, err));
		TRY(sgl_certs_add(set, cert, err));
	}
	return SGL_OK;
}

/* What is not its own issuer helps to build paths, but proves nothing (RFC 5280
 * 6.1.1 (d)). */
sgl_status
sgl_home_add_trusted(
    sgl_home *home, sgl_certs *roots, sgl_certs *others, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_issuer_records) list = {0};
	SGL_AUTO_CLEAR(sgl_certs) all = {0};

	TRY(sgl_store_list_trusted(sgl_home_store(home), &list, err));
	TRY(add_issuers(home, &list, &all, err));
	for (size_t i = 0; i < all.num; i++)
		TRY(sgl_certs_add(
		    sgl_cert_is_self_issued(all.items[i]) ? roots : others,
		    all.items[i], err));
	return SGL_OK;
}

static sgl_status
add_own_issuer(sgl_home *home, int64_t issuer, sgl_certs *set, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++) {
		SGL_AUTO(sgl_cert)
		cert = NULL;
		if (list.items[i].id != issuer)
			continue;
		TRY(sgl_cert_read(sgl_home_engine(home),
		    sgl_buf_slice(&list.items[i].der), &cert, err));
		TRY(sgl_certs_add(set, cert, err));
	}
	return SGL_OK;
}

sgl_status
sgl_choose_chain(
    sgl_home *home, const sgl_chosen *chosen, sgl_certs *set, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) above = {0};

	TRY(chosen->issuer == 0
		? sgl_home_add_chain(home, chosen->id, &above, err)
		: add_own_issuer(home, chosen->issuer, &above, err));
	for (size_t i = 0; i < above.num; i++)
		if (!sgl_cert_is_self_issued(above.items[i]))
			TRY(sgl_certs_add(set, above.items[i], err));
	return SGL_OK;
}
