/* SPDX-License-Identifier: Apache-2.0 */
#include "org/audit_verify.h"
#include "sys/text.h"
#include "vault/keeper.h"

#define ROOM "org.audit"

static const struct {
	const char *name, *text;
} faults[] = {
    [SGL_AUDIT_ALTERED] = {"altered",
	N_("is not what was recorded: it was changed or moved")},
    [SGL_AUDIT_UNLINKED] = {"unlinked",
	N_("does not follow the record before it")},
    [SGL_AUDIT_MISSING] = {"missing", N_("is missing")},
    [SGL_AUDIT_BAD_SIGNATURE] = {"bad-signature", N_("is not what was signed")},
    [SGL_AUDIT_UNSIGNED] = {"unsigned",
	N_("is not signed, nor is any behind it")},
    [SGL_AUDIT_CUT_OFF] = {"cut-off",
	N_("was the last one once, and is not there any more")},
    [SGL_AUDIT_DIFFERENT] = {"different",
	N_("is not the one that was kept elsewhere")},
    [SGL_AUDIT_OTHER_KEY] = {"other-key",
	N_("was kept elsewhere, signed by another key")},
};

const char *
sgl_audit_fault_name(sgl_audit_fault fault)
{
	return faults[fault].name;
}

const char *
sgl_audit_fault_text(sgl_audit_fault fault)
{
	return faults[fault].text;
}

typedef struct walk {
	sgl_home *home;
	const sgl_audit_end *end;
	sgl_audit_report *report;
	int64_t last; /* record visited */
	uint8_t hash[32];
	sgl_audit_head next; /* the next signature; sequence 0: none */
	int64_t key_id;
	sgl_key *key; /* of that number */
	/* Of what came behind the last signature: the first that is more than
	 * a refusal. */
	int64_t unsigned_change;
	bool saw_end;
} walk;

static void
walk_clear(walk *w)
{
	sgl_audit_head_clear(&w->next);
	sgl_key_unref(w->key);
}
SGL_AUTO_CLEAR_TYPE(walk, walk_clear)

static void
find(walk *w, int64_t sequence, sgl_audit_fault fault)
{
	sgl_audit_report *r = w->report;

	if (r->num_findings < SGL_AUDIT_FINDINGS)
		r->findings[r->num_findings] =
		    (sgl_audit_finding){sequence, fault};
	r->num_findings++;
}

static sgl_status
step_head(walk *w, int64_t from, sgl_err *err)
{
	sgl_audit_head next = {0};
	bool found;

	TRY(sgl_store_next_audit_head(
	    sgl_home_store(w->home), from, &next, &found, err));
	sgl_audit_head_clear(&w->next);
	w->next = next;
	return SGL_OK;
}

static sgl_status
open_key(walk *w, int64_t id, sgl_err *err)
{
	sgl_key *key = NULL;
	sgl_status status;

	if (w->key != NULL && w->key_id == id)
		return SGL_OK;
	status = sgl_audit_get_key(w->home, id, &key, err);
	if (status != SGL_OK)
		return status;
	sgl_key_unref(w->key);
	w->key = key;
	w->key_id = id;
	return SGL_OK;
}

/* While the vault is locked nobody knows whose a key is. */
static sgl_status
check_open(walk *w, sgl_err *err)
{
	sgl_vault_state state;
	sgl_vault *vault;

	TRY(sgl_home_vault(w->home, &vault, err));
	TRY(sgl_keeper_state(sgl_vault_keeper(vault), &state, err));
	if (!state.is_locked)
		return SGL_OK;
	return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
	    N_("the private keys are locked: sigill key unlock"));
}

/* A key that is not there, or none of ours, has signed nothing. */
static bool
is_no_key(sgl_status status)
{
	return status == SGL_E_NOKEY || status == SGL_E_MISMATCH ||
	    status == SGL_E_PASSWORD;
}

static sgl_status
check_head(walk *w, int64_t sequence, const uint8_t hash[32], sgl_err *err)
{
	bool good = false;
	sgl_status status = open_key(w, w->next.key, err);

	if (status == SGL_OK)
		TRY(sgl_audit_check_head(sgl_home_engine(w->home),
		    sgl_key_get_spki(w->key), sequence, hash,
		    sgl_buf_slice(&w->next.signature), &good, err));
	else if (!is_no_key(status))
		return status;
	if (!good)
		find(w, sequence, SGL_AUDIT_BAD_SIGNATURE);
	w->report->last_signed = sequence;
	w->unsigned_change = 0;
	return step_head(w, sequence + 1, err);
}

static sgl_status
check_record(walk *w, const sgl_audit_record *r, sgl_err *err)
{
	uint8_t hash[32];

	TRY(sgl_audit_hash(sgl_home_engine(w->home), r, hash, err));
	if (memcmp(hash, r->hash, sizeof hash) != 0)
		find(w, r->sequence, SGL_AUDIT_ALTERED);
	if (r->sequence == w->last + 1 &&
	    memcmp(w->hash, r->previous, sizeof w->hash) != 0)
		find(w, r->sequence, SGL_AUDIT_UNLINKED);
	return SGL_OK;
}

static void
check_end(walk *w, const sgl_audit_record *r)
{
	if (w->end == NULL || w->end->sequence != r->sequence)
		return;
	w->saw_end = true;
	if (memcmp(w->end->hash, r->hash, sizeof r->hash) != 0)
		find(w, r->sequence, SGL_AUDIT_DIFFERENT);
}

/* Signatures over records that are missing are told of with these. */
static sgl_status
check_gap(walk *w, int64_t sequence, sgl_err *err)
{
	for (int64_t n = w->last + 1; n < sequence; n++) {
		if (w->report->num_findings > SGL_AUDIT_FINDINGS)
			break;
		find(w, n, SGL_AUDIT_MISSING);
	}
	return w->next.sequence > 0 && w->next.sequence < sequence
	    ? step_head(w, sequence, err)
	    : SGL_OK;
}

static sgl_status
visit(void *ctx, const sgl_audit_record *r, sgl_err *err)
{
	walk *w = ctx;

	TRY(check_gap(w, r->sequence, err));
	TRY(check_record(w, r, err));
	check_end(w, r);
	if (w->unsigned_change == 0 &&
	    strcmp(r->action, SGL_AUDIT_REFUSED) != 0)
		w->unsigned_change = r->sequence;
	if (w->next.sequence == r->sequence)
		TRY(check_head(w, r->sequence, r->hash, err));
	w->last = r->sequence;
	memcpy(w->hash, r->hash, sizeof w->hash);
	w->report->num_records++;
	return SGL_OK;
}

/* What was kept elsewhere must have been signed by a key of ours. */
static sgl_status
check_end_key(walk *w, sgl_err *err)
{
	const sgl_audit_end *e = w->end;
	bool good;

	if (e == NULL || e->spki.len == 0)
		return SGL_OK;
	TRY(sgl_audit_check_head(sgl_home_engine(w->home),
	    sgl_buf_slice(&e->spki), e->sequence, e->hash,
	    sgl_buf_slice(&e->signature), &good, err));
	if (!good)
		find(w, e->sequence, SGL_AUDIT_BAD_SIGNATURE);
	if (w->key != NULL &&
	    !sgl_slice_eq(sgl_buf_slice(&e->spki), sgl_key_get_spki(w->key)))
		find(w, e->sequence, SGL_AUDIT_OTHER_KEY);
	return SGL_OK;
}

static sgl_status
check_tail(walk *w, sgl_err *err)
{
	/* Every organisation has a record of how it was made. */
	if (w->last == 0)
		find(w, 1, SGL_AUDIT_MISSING);
	if (w->unsigned_change > 0)
		find(w, w->unsigned_change, SGL_AUDIT_UNSIGNED);
	if (w->next.sequence > w->last)
		find(w, w->next.sequence, SGL_AUDIT_CUT_OFF);
	if (w->end != NULL && !w->saw_end && w->end->sequence > w->last)
		find(w, w->end->sequence, SGL_AUDIT_CUT_OFF);
	return check_end_key(w, err);
}

sgl_status
sgl_audit_verify(sgl_home *home, const sgl_audit_end *end,
    sgl_audit_report *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(walk)
	w = {.home = home, .end = end, .report = out};

	*out = (sgl_audit_report){0};
	TRY(check_open(&w, err));
	TRY(step_head(&w, 1, err));
	TRY(sgl_store_each_audit(sgl_home_store(home), 0, visit, &w, err));
	return check_tail(&w, err);
}
