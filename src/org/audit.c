/* SPDX-License-Identifier: Apache-2.0 */
#include "org/audit.h"
#include "crypto/hash.h"
#include "org/home_inside.h"
#include "sys/text.h"

#define ROOM "org.audit"
#define RECORD_MAX ((size_t)4 << 20)

static sgl_status
add_number(sgl_buf *out, uint64_t value, size_t width, sgl_err *err)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < width; i++)
		bytes[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
	return sgl_buf_add(out, sgl_slice_of(bytes, width), err);
}

static sgl_status
add_text(sgl_buf *out, const char *text, sgl_err *err)
{
	sgl_slice s = sgl_slice_str(text);

	TRY(add_number(out, s.len, 4, err));
	return sgl_buf_add(out, s, err);
}

/* Every text has its length in front, so that no two records are the same
 * bytes. */
static sgl_status
encode(const sgl_audit_record *r, sgl_buf *out, sgl_err *err)
{
	TRY(sgl_buf_add_str(out, "sigill audit record 1\n", err));
	TRY(add_number(out, (uint64_t)r->sequence, 8, err));
	TRY(add_number(out, (uint64_t)r->at, 8, err));
	TRY(add_text(out, r->who, err));
	TRY(add_text(out, r->action, err));
	TRY(add_text(out, r->object, err));
	TRY(add_text(out, r->before, err));
	TRY(add_text(out, r->after, err));
	return sgl_buf_add(
	    out, sgl_slice_of(r->previous, sizeof r->previous), err);
}

sgl_status
sgl_audit_hash(sgl_engine *engine, const sgl_audit_record *r, uint8_t out[32],
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) bytes = sgl_buf_init(RECORD_MAX);
	sgl_digest digest;

	TRY(encode(r, &bytes, err));
	TRY(sgl_hash_once(
	    engine, SGL_DIGEST_SHA256, sgl_buf_slice(&bytes), &digest, err));
	memcpy(out, digest.bytes, 32);
	return SGL_OK;
}

/* While this transaction lasts nobody else adds any. */
static sgl_status
follow_last(const sgl_home *home, sgl_audit_record *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_audit_record) last = {0};
	bool found;

	if (home->audit.is_added) {
		r->sequence = home->audit.sequence + 1;
		memcpy(r->previous, home->audit.hash, sizeof r->previous);
		return SGL_OK;
	}
	TRY(sgl_store_find_last_audit(home->store, &last, &found, err));
	r->sequence = last.sequence + 1;
	memcpy(r->previous, last.hash, sizeof r->previous);
	return SGL_OK;
}

/* The record does not own its texts, and does not change them. */
static char *
lend(const char *text)
{
	return (char *)(uintptr_t)(text == NULL ? "" : text);
}

static sgl_status
add(sgl_home *home, sgl_audit_record *r, sgl_err *err)
{
	r->at = sgl_engine_now(home->engine);
	r->who = lend(sgl_home_actor(home));
	TRY(follow_last(home, r, err));
	TRY(sgl_audit_hash(home->engine, r, r->hash, err));
	TRY(sgl_store_add_audit(home->store, r, err));
	home->audit.sequence = r->sequence;
	memcpy(home->audit.hash, r->hash, sizeof r->hash);
	home->audit.is_added = true;
	return SGL_OK;
}

sgl_status
sgl_audit_add(sgl_home *home, const char *action, const char *object,
    const char *before, const char *after, sgl_err *err)
{
	sgl_audit_record r = {.action = lend(action),
	    .object = lend(object),
	    .before = lend(before),
	    .after = lend(after)};

	TRY(add(home, &r, err));
	home->audit.must_sign = true;
	return SGL_OK;
}

sgl_status
sgl_audit_note(sgl_home *home, const char *action, const char *object,
    const char *after, sgl_err *err)
{
	sgl_audit_record r = {.action = lend(action),
	    .object = lend(object),
	    .before = lend(NULL),
	    .after = lend(after)};

	return add(home, &r, err);
}

sgl_status
sgl_audit_refusal(
    sgl_home *home, const char *object, const char *why, sgl_err *err)
{
	return sgl_audit_note(home, SGL_AUDIT_REFUSED, object, why, err);
}

bool
sgl_audit_last(const sgl_home *home, int64_t *sequence, const uint8_t **hash)
{
	*sequence = home->audit.sequence;
	*hash = home->audit.hash;
	return home->audit.is_added;
}
