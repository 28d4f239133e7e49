/* SPDX-License-Identifier: Apache-2.0 */
/* Which certificate signs, and which go along. */
#include "base/time.h"
#include "message/keys.h"
#include "pki/cert.h"

#define ROOM "message.signers"

void
sgl_signers_clear(sgl_signers *signers)
{
	sgl_mem_free(signers->items);
	sgl_certs_clear(&signers->include);
	*signers = (sgl_signers){0};
}

/* Newer is better; of two that began together the one that lasts longer. */
static bool
is_better(const sgl_cert *a, const sgl_cert *b)
{
	sgl_time x, y;

	if (b == NULL)
		return true;
	x = sgl_cert_get_not_before(a);
	y = sgl_cert_get_not_before(b);
	return x > y ||
	    (x == y && sgl_cert_get_not_after(a) > sgl_cert_get_not_after(b));
}

/* Why none of the certificates will do: the best of them tells. */
typedef struct refusal {
	const sgl_cert *outside; /* may sign, but not now */
	bool has_other;		 /* there is one that may not sign */
} refusal;

static sgl_status
refuse(sgl_msg *m, const char *name, const refusal *why, sgl_err *err)
{
	char when[SGL_TIME_TEXT];
	const char *text = N_("there is a private key, but no certificate "
			      "that belongs to it");
	sgl_time until;

	m->at = name;
	if (why->outside == NULL) {
		if (why->has_other)
			text = N_("no certificate here may sign mail");
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET, text);
	}
	until = sgl_cert_get_not_after(why->outside);
	if (until < sgl_engine_now(m->engine)) {
		m->hint = _("renew it; old mail can still be opened with it");
		return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("the signing certificate has expired"), "%s",
		    sgl_time_text(until, when));
	}
	return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("the signing certificate is not valid yet"), "%s",
	    sgl_time_text(sgl_cert_get_not_before(why->outside), when));
}

/* Leaves *out empty where the ID is there for decrypting only. */
static sgl_status
choose_from_all(sgl_msg *m, const sgl_ids *ids, const sgl_id *id,
    sgl_sign_with *out, sgl_err *err)
{
	sgl_time now = sgl_engine_now(m->engine);
	const sgl_keyring *own = sgl_id_ring(id);
	const sgl_cert *best = NULL;
	refusal why = {0};

	for (size_t i = 0; i < ids->pool.certs.num; i++) {
		const sgl_cert *cert = ids->pool.certs.items[i];
		if (sgl_keyring_find_key(own, cert) == NULL)
			continue;
		if (!sgl_cert_may_sign(cert))
			why.has_other = true;
		else if (!sgl_cert_is_valid_at(cert, now))
			why.outside =
			    is_better(cert, why.outside) ? cert : why.outside;
		else if (is_better(cert, best))
			best = cert;
	}
	if (best == NULL && (why.outside != NULL || !why.has_other))
		return refuse(m, id->name, &why, err);
	if (best == NULL)
		return SGL_OK;
	out->cert = best;
	out->key = sgl_keyring_find_key(own, best);
	return SGL_OK;
}

static sgl_status
choose(sgl_msg *m, const sgl_ids *ids, const sgl_id *id, sgl_sign_with *out,
    sgl_err *err)
{
	if (!id->is_address)
		return choose_from_all(m, ids, id, out, err);
	out->key = id->person.signing_cert == NULL
	    ? NULL
	    : sgl_keyring_find_key(&id->person.ring, id->person.signing_cert);
	out->cert = id->person.signing_cert;
	if (out->key != NULL)
		return SGL_OK;
	m->at = id->name;
	return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("has no key to sign with"));
}

/* --------------------------------------------------------- sent along --- */

static sgl_cert *
find_issuer(sgl_msg *m, const sgl_certs *among, const sgl_cert *cert)
{
	for (size_t i = 0; i < among->num; i++) {
		sgl_cert *c = among->items[i];
		bool good = false;
		if (sgl_cert_is_ca(c) &&
		    sgl_name_same(
			sgl_cert_get_subject(c), sgl_cert_get_issuer(cert)) &&
		    sgl_cert_is_signed_by(m->engine, cert, c, &good, NULL) ==
			SGL_OK &&
		    good)
			return c;
	}
	return NULL;
}

/* The chain as far as it is at hand. sgl_certs_add passes over what is there
 * already, which also ends a circle. */
static sgl_status
add_chain(sgl_msg *m, const sgl_certs *among, const sgl_cert *cert,
    sgl_chain chain, sgl_certs *out, sgl_err *err)
{
	for (;;) {
		sgl_cert *issuer = find_issuer(m, among, cert);
		size_t before = out->num;
		if (issuer == NULL ||
		    (chain != SGL_CHAIN_FULL &&
			sgl_cert_is_self_issued(issuer)))
			return SGL_OK;
		TRY(sgl_certs_add(out, issuer, err));
		if (out->num == before)
			return SGL_OK;
		cert = issuer;
	}
}

/* Of an address the organisation has chosen it. */
static const sgl_id *
find_person(const sgl_ids *ids, const sgl_cert *signing_cert)
{
	for (size_t i = 0; i < ids->num; i++)
		if (ids->items[i].is_address &&
		    ids->items[i].person.signing_cert == signing_cert)
			return &ids->items[i];
	return NULL;
}

/* One's own, for the same address: to be advertised. */
static sgl_cert *
find_encryption_cert(
    sgl_msg *m, const sgl_ids *ids, const sgl_cert *signing_cert)
{
	const sgl_id *person = find_person(ids, signing_cert);
	sgl_time now = sgl_engine_now(m->engine);
	sgl_cert *best = NULL;

	if (person != NULL)
		return person->person.encryption_cert;
	for (size_t i = 0; i < ids->pool.certs.num; i++) {
		sgl_cert *c = ids->pool.certs.items[i];
		if (sgl_cert_may_encrypt(c) && !sgl_cert_is_ca(c) &&
		    sgl_cert_is_valid_at(c, now) &&
		    sgl_cert_shares_address(c, signing_cert) &&
		    sgl_keyring_find_key(&ids->pool, c) != NULL &&
		    is_better(c, best))
			best = c;
	}
	return best;
}

static sgl_status
add_include(sgl_msg *m, const sgl_ids *ids, sgl_chain chain, sgl_signers *out,
    sgl_err *err)
{
	sgl_cert *own = find_encryption_cert(m, ids, out->items[0].cert);

	out->encryption_cert = own;
	if (own != NULL)
		TRY(sgl_certs_add(&out->include, own, err));
	if (chain == SGL_CHAIN_NONE)
		return SGL_OK;
	for (size_t i = 0; i < out->num; i++)
		TRY(add_chain(m, &ids->pool.certs, out->items[i].cert, chain,
		    &out->include, err));
	return own == NULL
	    ? SGL_OK
	    : add_chain(m, &ids->pool.certs, own, chain, &out->include, err);
}

static bool
is_among(const sgl_signers *signers, const sgl_sign_with *one)
{
	for (size_t i = 0; i < signers->num; i++)
		if (sgl_slice_eq(
			sgl_cert_get_fingerprint(signers->items[i].cert),
			sgl_cert_get_fingerprint(one->cert)))
			return true;
	return false;
}

sgl_status
sgl_signers_choose(sgl_msg *m, const sgl_ids *ids, sgl_chain chain,
    sgl_signers *out, sgl_err *err)
{
	out->items = sgl_mem_zeroed(ids->num, sizeof *out->items);
	if (out->items == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < ids->num; i++) {
		const sgl_id *id = &ids->items[i];
		sgl_sign_with one = {0};
		/* A file with certificates alone belongs to another ID. */
		if (!id->is_address && sgl_id_ring(id)->num_keys == 0)
			continue;
		TRY(choose(m, ids, id, &one, err));
		if (one.cert != NULL && !is_among(out, &one))
			out->items[out->num++] = one;
	}
	if (out->num == 0)
		return refuse(
		    m, ids->items[0].name, &(refusal){.has_other = true}, err);
	return add_include(m, ids, chain, out, err);
}
