/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hash.h"
#include "sys/certwire.h"
#include "vault/recovery_wire.h"

#define ROOM "vault.recovery"
#define DIGEST_LEN 32
#define PASSWORD_MAX ((size_t)4096)

/* ----------------------------------------------------------- officers --- */

void
sgl_recovery_add_plan(sgl_wire *w, const sgl_recovery_plan *p)
{
	sgl_wire_add_int(w, p->id);
	sgl_wire_add_int(w, p->threshold);
	sgl_wire_add_int(w, (int64_t)p->num_members);
	for (size_t i = 0; i < p->num_members; i++) {
		sgl_wire_add_int(w, p->members[i].officer);
		sgl_wire_add_bytes(w, p->members[i].signs);
		sgl_wire_add_cert(w, p->members[i].decrypts);
	}
}

static sgl_status
read_member(
    sgl_engine *engine, sgl_unwire *u, sgl_recovery_member *out, sgl_err *err)
{
	out->officer = sgl_unwire_int(u, 1, INT64_MAX);
	out->signs = sgl_unwire_bytes(u, SGL_RECOVERY_SPKI_MAX);
	TRY(sgl_unwire_cert(u, engine, &out->decrypts, err));
	u->failed = u->failed || out->decrypts == NULL;
	return u->failed ? sgl_unwire_end(u, err) : SGL_OK;
}

sgl_status
sgl_recovery_read_plan(
    sgl_engine *engine, sgl_unwire *u, sgl_recovery_plan *out, sgl_err *err)
{
	size_t num;

	*out = (sgl_recovery_plan){.id = sgl_unwire_int(u, 1, INT64_MAX)};
	out->threshold =
	    (unsigned)sgl_unwire_int(u, 0, SGL_RECOVERY_OFFICERS_MAX);
	num = (size_t)sgl_unwire_int(u, 0, SGL_RECOVERY_OFFICERS_MAX);
	for (size_t i = 0; i < num; i++) {
		TRY(read_member(engine, u, &out->members[i], err));
		out->num_members++;
	}
	return sgl_unwire_end(u, err);
}

void
sgl_recovery_plan_drop(sgl_recovery_plan *p)
{
	for (size_t i = 0; i < p->num_members; i++)
		sgl_cert_unref(p->members[i].decrypts);
}

void
sgl_recovery_add_made(
    sgl_wire *w, const sgl_recovery_made *m, size_t num_members)
{
	sgl_wire_add_bytes(w, sgl_buf_slice(&m->spki));
	sgl_wire_add_bytes(w, sgl_buf_slice(&m->policy));
	for (size_t i = 0; i < num_members; i++)
		sgl_wire_add_bytes(w, sgl_buf_slice(&m->envelopes[i]));
}

static sgl_status
take_bytes(sgl_unwire *u, sgl_buf *out, sgl_err *err)
{
	return sgl_buf_add(out, sgl_unwire_bytes(u, out->max), err);
}

sgl_status
sgl_recovery_read_made(
    sgl_unwire *u, sgl_recovery_made *out, size_t num_members, sgl_err *err)
{
	TRY(take_bytes(u, &out->spki, err));
	TRY(take_bytes(u, &out->policy, err));
	for (size_t i = 0; i < num_members; i++)
		TRY(take_bytes(u, &out->envelopes[i], err));
	return sgl_unwire_end(u, err);
}

/* ------------------------------------------------------------- escrow --- */

static void
add_policy(sgl_wire *w, const sgl_recovery_policy *p)
{
	sgl_wire_add_int(w, p->id);
	sgl_wire_add_bytes(w, p->sealed);
}

static void
read_policy(sgl_unwire *u, sgl_recovery_policy *out)
{
	out->id = sgl_unwire_int(u, 1, INT64_MAX);
	out->sealed = sgl_unwire_bytes(u, SGL_SEALED_MAX);
}

void
sgl_recovery_add_escrow(sgl_wire *w, const sgl_escrow_order *o)
{
	add_policy(w, &o->policy);
	sgl_keeper_add_sealed_key(w, &o->key);
	sgl_wire_add_bytes(w, o->made_for);
}

void
sgl_recovery_read_escrow(sgl_unwire *u, sgl_escrow_order *out)
{
	read_policy(u, &out->policy);
	sgl_keeper_read_sealed_key(u, &out->key);
	out->made_for = sgl_unwire_bytes(u, SGL_RECOVERY_LINE_MAX);
}

void
sgl_recovery_add_session(sgl_wire *w, sgl_slice spki, sgl_slice sealed)
{
	sgl_wire_add_bytes(w, spki);
	sgl_wire_add_bytes(w, sealed);
}

void
sgl_recovery_read_session(sgl_unwire *u, sgl_slice *spki, sgl_slice *sealed)
{
	*spki = sgl_unwire_bytes(u, SGL_RECOVERY_SPKI_MAX);
	*sealed = sgl_unwire_bytes(u, SGL_SEALED_MAX);
}

/* -------------------------------------------------------------- cases --- */

static sgl_slice
read_digest(sgl_unwire *u)
{
	sgl_slice digest = sgl_unwire_bytes(u, DIGEST_LEN);

	if (digest.len != DIGEST_LEN)
		u->failed = true;
	return digest;
}

static void
add_facts(sgl_wire *w, const sgl_recovery_case *c)
{
	sgl_wire_add_int(w, c->id);
	sgl_wire_add_bytes(w, c->organisation);
	sgl_wire_add_bytes(w, c->recovery_key);
	sgl_wire_add_int(w, c->threshold);
	sgl_wire_add_bytes(w, c->number);
	sgl_wire_add_bytes(w, c->reason);
	sgl_wire_add_bytes(w, c->address);
	sgl_wire_add_int(w, c->opened);
	sgl_wire_add_int(w, c->expires);
	sgl_wire_add_bytes(w, c->session);
	sgl_wire_add_bytes(w, c->move_to);
	sgl_wire_add_int(w, (int64_t)c->num_keys);
	for (size_t i = 0; i < c->num_keys; i++) {
		sgl_wire_add_int(w, c->keys[i].id);
		sgl_wire_add_bytes(w, c->keys[i].spki_digest);
		sgl_wire_add_bytes(w, c->keys[i].made_for);
	}
}

static void
read_keys(sgl_unwire *u, sgl_recovery_key *keys, size_t num)
{
	for (size_t i = 0; i < num; i++) {
		keys[i].id = sgl_unwire_int(u, 1, INT64_MAX);
		keys[i].spki_digest = read_digest(u);
		keys[i].made_for = sgl_unwire_bytes(u, SGL_RECOVERY_LINE_MAX);
	}
}

static sgl_status
read_facts(sgl_unwire *u, sgl_recovery_case *out, sgl_recovery_key **keys,
    sgl_err *err)
{
	out->id = sgl_unwire_int(u, 1, INT64_MAX);
	out->organisation = sgl_unwire_bytes(u, SGL_RECOVERY_LINE_MAX);
	out->recovery_key = read_digest(u);
	out->threshold =
	    (unsigned)sgl_unwire_int(u, 0, SGL_RECOVERY_OFFICERS_MAX);
	out->number = sgl_unwire_bytes(u, SGL_RECOVERY_LINE_MAX);
	out->reason = sgl_unwire_bytes(u, SGL_RECOVERY_LINE_MAX);
	out->address = sgl_unwire_bytes(u, SGL_RECOVERY_LINE_MAX);
	out->opened = sgl_unwire_int(u, INT64_MIN / 4, INT64_MAX / 4);
	out->expires = sgl_unwire_int(u, INT64_MIN / 4, INT64_MAX / 4);
	out->session = sgl_unwire_bytes(u, SGL_RECOVERY_SPKI_MAX);
	out->move_to = sgl_unwire_bytes(u, DIGEST_LEN);
	if (out->move_to.len > 0 && out->move_to.len != DIGEST_LEN)
		u->failed = true;
	out->num_keys = (size_t)sgl_unwire_int(u, 0, SGL_RECOVERY_KEYS_MAX);
	*keys = sgl_mem_zeroed(out->num_keys + 1, sizeof **keys);
	if (*keys == NULL)
		return sgl_oom(err, ROOM);
	read_keys(u, *keys, out->num_keys);
	out->keys = *keys;
	return SGL_OK;
}

static void
add_approval(sgl_wire *w, const sgl_recovery_approval *a)
{
	sgl_wire_add_int(w, a->officer);
	sgl_wire_add_int(w, a->at);
	sgl_wire_add_bytes(w, a->share);
	sgl_wire_add_bytes(w, a->signature);
}

static void
read_approval(sgl_unwire *u, sgl_recovery_approval *out)
{
	out->officer = sgl_unwire_int(u, 1, INT64_MAX);
	out->at = sgl_unwire_int(u, INT64_MIN / 4, INT64_MAX / 4);
	out->share = sgl_unwire_bytes(u, SGL_RECOVERY_SHARE_MAX);
	out->signature = sgl_unwire_bytes(u, SGL_RECOVERY_SIGNATURE_MAX);
}

void
sgl_recovery_add_file(sgl_wire *w, const sgl_recovery_file *f)
{
	add_policy(w, &f->policy);
	add_facts(w, &f->facts);
	sgl_wire_add_bytes(w, f->session);
	sgl_wire_add_int(w, (int64_t)f->num_approvals);
	for (size_t i = 0; i < f->num_approvals; i++)
		add_approval(w, &f->approvals[i]);
}

sgl_status
sgl_recovery_read_file(sgl_unwire *u, sgl_recovery_file *out,
    sgl_recovery_key **keys, sgl_err *err)
{
	*out = (sgl_recovery_file){.num_approvals = 0};
	read_policy(u, &out->policy);
	TRY(read_facts(u, &out->facts, keys, err));
	out->session = sgl_unwire_bytes(u, SGL_SEALED_MAX);
	out->num_approvals =
	    (size_t)sgl_unwire_int(u, 0, SGL_RECOVERY_OFFICERS_MAX);
	for (size_t i = 0; i < out->num_approvals; i++)
		read_approval(u, &out->approvals[i]);
	return SGL_OK;
}

/* --------------------------------------------------------- handing out --- */

static void
add_escrowed(sgl_wire *w, const sgl_escrowed_key *keys, size_t num)
{
	sgl_wire_add_int(w, (int64_t)num);
	for (size_t i = 0; i < num; i++) {
		sgl_wire_add_int(w, keys[i].label.id);
		sgl_wire_add_bytes(w, keys[i].label.spki_digest);
		sgl_wire_add_bytes(w, keys[i].made_for);
		sgl_wire_add_bytes(w, keys[i].sealed);
	}
}

void
sgl_recovery_add_handout(sgl_wire *w, const sgl_recovery_handout *h)
{
	add_escrowed(w, h->keys, h->num_keys);
	sgl_wire_add_bytes(w, h->friendly_name);
	sgl_wire_add_bytes(w, h->password);
	sgl_wire_add_certs(w, h->certs);
}

static void
read_escrowed(sgl_unwire *u, sgl_escrowed_key *out)
{
	out->label.id = sgl_unwire_int(u, 1, INT64_MAX);
	out->label.spki_digest = read_digest(u);
	out->made_for = sgl_unwire_bytes(u, SGL_RECOVERY_LINE_MAX);
	out->sealed = sgl_unwire_bytes(u, SGL_SEALED_MAX);
}

static sgl_status
read_all_escrowed(
    sgl_unwire *u, sgl_escrowed_key **keys, size_t *num, sgl_err *err)
{
	*num = (size_t)sgl_unwire_int(u, 0, SGL_RECOVERY_KEYS_MAX);
	*keys = sgl_mem_zeroed(*num + 1, sizeof **keys);
	if (*keys == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < *num; i++)
		read_escrowed(u, &(*keys)[i]);
	return SGL_OK;
}

void
sgl_recovery_add_removal(sgl_wire *w, const sgl_recovery_removal *r)
{
	add_policy(w, &r->to);
	add_escrowed(w, r->keys, r->num_keys);
}

sgl_status
sgl_recovery_read_removal(sgl_unwire *u, sgl_recovery_removal *out,
    sgl_escrowed_key **keys, sgl_err *err)
{
	read_policy(u, &out->to);
	TRY(read_all_escrowed(u, keys, &out->num_keys, err));
	out->keys = *keys;
	return sgl_unwire_end(u, err);
}

sgl_status
sgl_recovery_read_handout(sgl_engine *engine, sgl_unwire *u,
    sgl_recovery_handout *out, sgl_escrowed_key **keys, sgl_certs *certs,
    sgl_err *err)
{
	*out = (sgl_recovery_handout){.certs = certs};
	TRY(read_all_escrowed(u, keys, &out->num_keys, err));
	out->keys = *keys;
	out->friendly_name = sgl_unwire_bytes(u, SGL_RECOVERY_LINE_MAX);
	out->password = sgl_unwire_bytes(u, PASSWORD_MAX);
	TRY(sgl_unwire_certs(u, engine, certs, err));
	return sgl_unwire_end(u, err);
}

/* ------------------------------------------------------------- labels --- */

static sgl_status
label(sgl_engine *engine, int64_t id, const char *what, sgl_slice bytes,
    sgl_digest *digest, sgl_seal_label *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf)
	text = sgl_buf_init(SGL_RECOVERY_SPKI_MAX + 64);

	TRY(sgl_buf_add_str(&text, what, err));
	TRY(sgl_buf_add(&text, bytes, err));
	TRY(sgl_hash_once(
	    engine, SGL_DIGEST_SHA256, sgl_buf_slice(&text), digest, err));
	*out =
	    (sgl_seal_label){.id = id, .spki_digest = sgl_digest_slice(digest)};
	return SGL_OK;
}

sgl_status
sgl_recovery_session_label(sgl_engine *engine, int64_t id, sgl_slice spki,
    sgl_digest *digest, sgl_seal_label *out, sgl_err *err)
{
	return label(
	    engine, id, "sigill recovery session 1", spki, digest, out, err);
}

sgl_status
sgl_recovery_policy_label(sgl_engine *engine, int64_t id, sgl_digest *digest,
    sgl_seal_label *out, sgl_err *err)
{
	return label(engine, id, "sigill recovery policy 1",
	    (sgl_slice){NULL, 0}, digest, out, err);
}
