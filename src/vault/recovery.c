/* SPDX-License-Identifier: Apache-2.0 */
/* What officers approve, and their approvals. */
#include <string.h>

#include "base/base64.h"
#include "base/time.h"
#include "base/utf8.h"
#include "pki/cert.h"
#include "sys/text.h"
#include "vault/recovery.h"

#define ROOM "vault.recovery"

bool
sgl_recovery_line_is_fit(sgl_slice text)
{
	uint32_t cp;
	size_t len;

	if (text.len == 0 || text.len > SGL_RECOVERY_LINE_MAX)
		return false;
	while (text.len > 0) {
		len = sgl_utf8_read(text, &cp);
		if (len == 0 || sgl_utf8_is_harmful(cp))
			return false;
		text = sgl_slice_from(text, len);
	}
	return true;
}

/* --------------------------------------------------------- statements --- */

static sgl_status
add_line(sgl_buf *out, const char *name, sgl_slice value, sgl_err *err)
{
	if (!sgl_recovery_line_is_fit(value))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("this cannot stand in the statement of a recovery"),
		    "%s", name);
	TRY(sgl_buf_printf(out, err, "%s: ", name));
	TRY(sgl_buf_add(out, value, err));
	return sgl_buf_add_str(out, "\n", err);
}

static sgl_status
add_hex(sgl_buf *out, sgl_slice bytes, sgl_err *err)
{
	for (size_t i = 0; i < bytes.len; i++)
		TRY(sgl_buf_printf(out, err, "%02x", bytes.data[i]));
	return SGL_OK;
}

static sgl_status
add_digest(sgl_buf *out, const char *name, sgl_slice digest, sgl_err *err)
{
	TRY(sgl_buf_printf(out, err, "%s: ", name));
	TRY(add_hex(out, digest, err));
	return sgl_buf_add_str(out, "\n", err);
}

static sgl_status
add_time(sgl_buf *out, const char *name, sgl_time t, sgl_err *err)
{
	char text[SGL_TIME_TEXT];

	return sgl_buf_printf(
	    out, err, "%s: %s\n", name, sgl_time_text(t, text));
}

static sgl_status
add_key(sgl_buf *out, const sgl_recovery_key *k, sgl_err *err)
{
	TRY(sgl_buf_printf(out, err, "key: %lld ", (long long)k->id));
	TRY(add_hex(out, k->spki_digest, err));
	return add_line(out, " made for", k->made_for, err);
}

static sgl_status
add_session(sgl_engine *engine, sgl_slice spki, sgl_buf *out, sgl_err *err)
{
	sgl_digest digest;

	TRY(sgl_hash_once(engine, SGL_DIGEST_SHA256, spki, &digest, err));
	return add_digest(out, "session", sgl_digest_slice(&digest), err);
}

static sgl_status
add_head(
    sgl_engine *engine, const sgl_recovery_case *c, sgl_buf *out, sgl_err *err)
{
	TRY(sgl_buf_add_str(out, "Sigill key recovery request: 1\n", err));
	TRY(add_line(out, "organisation", c->organisation, err));
	TRY(add_digest(out, "recovery key", c->recovery_key, err));
	TRY(sgl_buf_printf(out, err, "approvals needed: %u\nrequest: %lld\n",
	    c->threshold, (long long)c->id));
	TRY(add_session(engine, c->session, out, err));
	TRY(add_time(out, "opened", c->opened, err));
	return add_time(out, "expires", c->expires, err);
}

sgl_status
sgl_recovery_statement(
    sgl_engine *engine, const sgl_recovery_case *c, sgl_buf *out, sgl_err *err)
{
	TRY(add_head(engine, c, out, err));
	TRY(add_line(out, "case", c->number, err));
	TRY(add_line(out, "reason", c->reason, err));
	if (c->move_to.len > 0)
		return add_digest(out, "move every key to", c->move_to, err);
	TRY(add_line(out, "address", c->address, err));
	for (size_t i = 0; i < c->num_keys; i++)
		TRY(add_key(out, &c->keys[i], err));
	return SGL_OK;
}

/* The line stands behind others. No value can hold a line end, so nothing but
 * that line can look like it. */
sgl_status
sgl_recovery_names_session(sgl_engine *engine, const sgl_recovery_request *r,
    bool *named, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) line = sgl_buf_init(128);
	const uint8_t *at;

	TRY(sgl_buf_add_str(&line, "\n", err));
	TRY(add_session(engine, r->session, &line, err));
	at = memmem(r->statement.data, r->statement.len, line.data, line.len);
	*named = at != NULL;
	return SGL_OK;
}

sgl_status
sgl_recovery_show(sgl_slice statement, sgl_buf *out, sgl_err *err)
{
	size_t start = out->len;

	TRY(sgl_buf_add(out, statement, err));
	while (start < out->len) {
		uint8_t *line = out->data + start;
		uint8_t *end = memchr(line, '\n', out->len - start);
		size_t len =
		    end == NULL ? out->len - start : (size_t)(end - line);

		sgl_utf8_make_safe(line, len);
		start += len + 1;
	}
	return SGL_OK;
}

/* ---------------------------------------------------------- approvals --- */

sgl_recovery_context
sgl_recovery_context_of(const sgl_digest *statement, int64_t officer)
{
	sgl_recovery_context c;

	memcpy(c.bytes, statement->bytes, 32);
	for (unsigned i = 0; i < 8; i++)
		c.bytes[32 + i] = (uint8_t)((uint64_t)officer >> (56 - 8 * i));
	return c;
}

#define APPROVAL "Sigill key recovery approval"

sgl_status
sgl_recovery_approval_text(const sgl_digest *statement,
    const sgl_recovery_approval *a, sgl_buf *out, sgl_err *err)
{
	TRY(sgl_buf_add_str(out, APPROVAL ": 1\n", err));
	TRY(add_digest(out, "statement", sgl_digest_slice(statement), err));
	TRY(sgl_buf_printf(out, err, "officer: %lld\n", (long long)a->officer));
	TRY(add_time(out, "time", a->at, err));
	TRY(sgl_buf_add_str(out, "share: ", err));
	TRY(sgl_base64_encode(a->share, out, err));
	return sgl_buf_add_str(out, "\n", err);
}

sgl_status
sgl_recovery_approval_add(const sgl_digest *statement,
    const sgl_recovery_approval *a, sgl_buf *out, sgl_err *err)
{
	TRY(sgl_recovery_approval_text(statement, a, out, err));
	TRY(sgl_buf_add_str(out, "signature: ", err));
	TRY(sgl_base64_encode(a->signature, out, err));
	return sgl_buf_add_str(out, "\n", err);
}

static sgl_status
fail_read(sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
	    N_("this is not the approval of a recovery"));
}

/* The value of the next line, which must have this name. */
static bool
take_line(sgl_slice *in, const char *name, sgl_slice *value)
{
	const size_t len = strlen(name);
	const uint8_t *end =
	    in->len == 0 ? NULL : memchr(in->data, '\n', in->len);
	sgl_slice line;

	if (end == NULL)
		return false;
	line = sgl_slice_first(*in, (size_t)(end - in->data));
	*in = sgl_slice_from(*in, line.len + 1);
	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--; /* it may have come by mail */
	if (line.len < len + 2 || memcmp(line.data, name, len) != 0 ||
	    memcmp(line.data + len, ": ", 2) != 0)
		return false;
	*value = sgl_slice_from(line, len + 2);
	return true;
}

static bool
read_number(sgl_slice text, int64_t *out)
{
	int64_t n = 0;

	if (text.len == 0 || text.len > 18 || text.data[0] == '0')
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		n = n * 10 + (text.data[i] - '0');
	}
	*out = n;
	return true;
}

static bool
same_hex(sgl_slice text, const sgl_digest *digest)
{
	if (text.len != 2 * digest->len)
		return false;
	for (size_t i = 0; i < digest->len; i++)
		if (sgl_hex_digit(text.data[2 * i]) != digest->bytes[i] >> 4 ||
		    sgl_hex_digit(text.data[2 * i + 1]) !=
			(digest->bytes[i] & 15))
			return false;
	return true;
}

static sgl_status
add_decoded(
    sgl_slice text, sgl_buf *store, size_t max, sgl_slice *out, sgl_err *err)
{
	size_t start = store->len;
	sgl_status status = sgl_base64_decode(text, store, err);

	if (status != SGL_OK)
		return status == SGL_E_ENCODING ? fail_read(err) : status;
	*out = sgl_slice_of(store->data + start, store->len - start);
	return out->len > 0 && out->len <= max ? SGL_OK : fail_read(err);
}

typedef struct lines {
	sgl_slice statement, officer, time, share, signature;
} lines;

static bool
take_lines(sgl_slice in, lines *l)
{
	sgl_slice version;

	return take_line(&in, APPROVAL, &version) &&
	    sgl_slice_eq(version, SGL_LIT("1")) &&
	    take_line(&in, "statement", &l->statement) &&
	    take_line(&in, "officer", &l->officer) &&
	    take_line(&in, "time", &l->time) &&
	    take_line(&in, "share", &l->share) &&
	    take_line(&in, "signature", &l->signature) && in.len == 0;
}

sgl_status
sgl_recovery_approval_read(sgl_slice file, const sgl_digest *statement,
    sgl_buf *store, sgl_recovery_approval *out, sgl_err *err)
{
	sgl_recovery_approval a = {0};
	lines l;

	*store = sgl_buf_init(
	    SGL_RECOVERY_SHARE_MAX + SGL_RECOVERY_SIGNATURE_MAX + 64);
	if (!take_lines(file, &l) || !read_number(l.officer, &a.officer) ||
	    !sgl_time_parse(l.time, &a.at))
		return fail_read(err);
	TRY(sgl_buf_reserve(store, store->max, err)); /* it does not move */
	TRY(add_decoded(l.share, store, SGL_RECOVERY_SHARE_MAX, &a.share, err));
	TRY(add_decoded(
	    l.signature, store, SGL_RECOVERY_SIGNATURE_MAX, &a.signature, err));
	if (!same_hex(l.statement, statement))
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    N_("this approves another request: see its first "
		       "lines, and sigill recovery list"));
	*out = a;
	return SGL_OK;
}

sgl_status
sgl_recovery_signature(sgl_key_kind kind, sgl_sig_alg *out, sgl_err *err)
{
	sgl_digest_alg digest =
	    kind == SGL_KEY_RSA ? SGL_DIGEST_SHA256 : SGL_DIGEST_NONE;

	return sgl_sig_alg_for_key(kind, digest, false, out, err);
}

sgl_status
sgl_recovery_approval_check(sgl_engine *engine, sgl_slice spki,
    const sgl_digest *statement, const sgl_recovery_approval *a, sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(16384);
	sgl_sig_alg alg = {0};
	bool good;

	TRY(sgl_pubkey_read(engine, spki, &key, err));
	TRY(sgl_recovery_signature(sgl_pubkey_get_kind(key), &alg, err));
	TRY(sgl_recovery_approval_text(statement, a, &text, err));
	TRY(sgl_pubkey_verify(
	    engine, key, &alg, sgl_buf_slice(&text), a->signature, &good, err));
	return good ? SGL_OK
		    : sgl_fail_at(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
			  N_("the signature of an approval is not right"),
			  "%lld", (long long)a->officer);
}
