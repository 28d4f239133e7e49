/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "org/audit_head.h"
#include "crypto/pubkey.h"
#include "org/home_inside.h"
#include "sys/text.h"

#define ROOM "org.audit"
#define KEY_SETTING "audit.key"
#define SIGNED_MAX 128
#define SIGNATURE_MAX 512

static const sgl_sig_alg algorithm = {SGL_SIG_ECDSA, SGL_DIGEST_SHA256, 0, 0};

/* Nothing else that is ever signed begins like this: the keyholder looks. */
static sgl_status
add_signed(int64_t sequence, const uint8_t hash[32], sgl_buf *out, sgl_err *err)
{
	TRY(sgl_buf_printf(
	    out, err, SGL_AUDIT_MARK "%lld\n", (long long)sequence));
	return sgl_buf_add(out, sgl_slice_of(hash, 32), err);
}

/* ---------------------------------------------------------------- the key ---
 */

static sgl_status
make_key(sgl_home *home, int64_t *id, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	char text[32];
	sgl_vault *vault;

	TRY(sgl_home_vault(home, &vault, err));
	TRY(sgl_vault_make_audit_key(vault, &key, id, err));
	(void)snprintf(text, sizeof text, "%lld", (long long)*id);
	return sgl_store_set_setting(
	    home->store, KEY_SETTING, sgl_slice_str(text), err);
}

static sgl_status
read_number(sgl_slice text, int64_t *out)
{
	int64_t n = 0;

	if (text.len == 0 || text.len > 18)
		return SGL_E_ENCODING;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return SGL_E_ENCODING;
		n = 10 * n + (text.data[i] - '0');
	}
	*out = n;
	return SGL_OK;
}

static sgl_status
find_key(sgl_home *home, int64_t *id, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(64);
	bool found;

	TRY(sgl_store_get_setting(
	    home->store, KEY_SETTING, &text, &found, err));
	if (!found)
		return make_key(home, id, err);
	if (read_number(sgl_buf_slice(&text), id) == SGL_OK)
		return SGL_OK;
	return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("the setting audit.key is damaged: restore it from a backup"));
}

sgl_status
sgl_audit_get_key(sgl_home *home, int64_t id, sgl_key **out, sgl_err *err)
{
	sgl_vault *vault;

	TRY(sgl_home_vault(home, &vault, err));
	return sgl_vault_get_audit_key(vault, id, out, err);
}

/* ---------------------------------------------------------------- signing ---
 */

static sgl_status
sign(sgl_home *home, sgl_audit_head *head, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SIGNED_MAX);
	sgl_key_request request = {.op = SGL_KEY_SIGN, .sig = algorithm};
	sgl_key_answer answer;

	TRY(find_key(home, &head->key, err));
	TRY(sgl_audit_get_key(home, head->key, &key, err));
	TRY(add_signed(home->audit.sequence, home->audit.hash, &text, err));
	request.input = sgl_buf_slice(&text);
	TRY(sgl_key_ask(home->engine, key, &request, &answer, err));
	return sgl_buf_add(
	    &head->signature, sgl_slice_of(answer.bytes, answer.len), err);
}

sgl_status
sgl_audit_sign(sgl_home *home, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_audit_head)
	head = {.sequence = home->audit.sequence,
	    .signature = sgl_buf_init(SIGNATURE_MAX)};
	sgl_status status;

	if (!home->audit.is_added)
		return SGL_OK;
	status = sign(home, &head, err);
	if (status != SGL_OK)
		return home->audit.must_sign ? status : SGL_OK;
	return sgl_store_add_audit_head(home->store, &head, err);
}

sgl_status
sgl_audit_check_head(sgl_engine *engine, sgl_slice spki, int64_t sequence,
    const uint8_t hash[32], sgl_slice signature, bool *good, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SIGNED_MAX);
	SGL_AUTO(sgl_pubkey)
	key = NULL;

	TRY(add_signed(sequence, hash, &text, err));
	TRY(sgl_pubkey_read(engine, spki, &key, err));
	return sgl_pubkey_verify(engine, key, &algorithm, sgl_buf_slice(&text),
	    signature, good, err);
}

/* --------------------------------------------------------- kept elsewhere ---
 */

void
sgl_audit_end_clear(sgl_audit_end *e)
{
	sgl_buf_clear(&e->spki);
	sgl_buf_clear(&e->signature);
	*e = (sgl_audit_end){0};
}

static sgl_status
copy_record(void *ctx, const sgl_audit_record *r, sgl_err *err)
{
	sgl_audit_end *e = ctx;

	(void)err;
	if (r->sequence == e->sequence)
		memcpy(e->hash, r->hash, sizeof e->hash);
	return SGL_OK;
}

static sgl_status
fill_end(
    sgl_home *home, const sgl_audit_head *head, sgl_audit_end *e, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	key = NULL;

	e->sequence = head->sequence;
	e->spki = sgl_buf_init(SGL_AUDIT_END_TEXT);
	e->signature = sgl_buf_init(SGL_AUDIT_END_TEXT);
	TRY(sgl_store_each_audit(
	    home->store, head->sequence, copy_record, e, err));
	TRY(sgl_audit_get_key(home, head->key, &key, err));
	TRY(sgl_buf_add(&e->spki, sgl_key_get_spki(key), err));
	return sgl_buf_add(&e->signature, sgl_buf_slice(&head->signature), err);
}

sgl_status
sgl_audit_find_end(sgl_home *home, sgl_audit_end *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_audit_head) head = {0};
	SGL_AUTO_CLEAR(sgl_audit_end) e = {0};
	bool found;

	TRY(sgl_store_find_last_audit_head(home->store, &head, &found, err));
	if (!found)
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("nothing has been recorded and signed yet"));
	TRY(fill_end(home, &head, &e, err));
	*out = e;
	e = (sgl_audit_end){0};
	return SGL_OK;
}

static sgl_status
add_line(sgl_buf *out, const char *name, sgl_slice bytes, sgl_err *err)
{
	TRY(sgl_buf_printf(out, err, "%s ", name));
	TRY(sgl_hex_add(out, bytes, err));
	return sgl_buf_add_str(out, "\n", err);
}

sgl_status
sgl_audit_end_add(const sgl_audit_end *e, sgl_buf *out, sgl_err *err)
{
	TRY(sgl_buf_printf(
	    out, err, "sequence %lld\n", (long long)e->sequence));
	TRY(add_line(out, "hash", sgl_slice_of(e->hash, sizeof e->hash), err));
	if (e->spki.len == 0)
		return SGL_OK;
	TRY(add_line(out, "key", sgl_buf_slice(&e->spki), err));
	return add_line(out, "signature", sgl_buf_slice(&e->signature), err);
}

/* Takes "NAME VALUE" and the end of the line off the text. */
static bool
read_line(sgl_slice *text, const char *name, sgl_slice *value)
{
	const sgl_slice head = sgl_slice_str(name);
	const uint8_t *end;

	if (!sgl_slice_starts(*text, head) || text->len <= head.len ||
	    text->data[head.len] != ' ')
		return false;
	*value = sgl_slice_from(*text, head.len + 1);
	end = memchr(value->data, '\n', value->len);
	if (end == NULL)
		return false;
	value->len = (size_t)(end - value->data);
	*text = sgl_slice_from(*text, (size_t)(end + 1 - text->data));
	return true;
}

static sgl_status
read_hex(sgl_slice hex, sgl_buf *out, bool *good, sgl_err *err)
{
	*good = hex.len > 0 && hex.len % 2 == 0;
	for (size_t i = 0; *good && i < hex.len; i += 2) {
		int high = sgl_hex_digit(hex.data[i]);
		int low = sgl_hex_digit(hex.data[i + 1]);
		uint8_t byte = (uint8_t)(high * 16 + low);

		*good = high >= 0 && low >= 0;
		TRY(sgl_buf_add(out, sgl_slice_of(&byte, 1), err));
	}
	return SGL_OK;
}

static sgl_status
read_end(sgl_slice text, sgl_audit_end *e, bool *good, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) hash = sgl_buf_init(SGL_AUDIT_END_TEXT);
	sgl_slice value, key;

	*good = text.len <= SGL_AUDIT_END_TEXT &&
	    read_line(&text, "sequence", &value) &&
	    read_number(value, &e->sequence) == SGL_OK && e->sequence > 0 &&
	    read_line(&text, "hash", &value) && value.len == 64;
	if (!*good)
		return SGL_OK;
	TRY(read_hex(value, &hash, good, err));
	if (!*good || text.len == 0) {
		memcpy(e->hash, hash.data, *good ? 32 : 0);
		return SGL_OK;
	}
	memcpy(e->hash, hash.data, sizeof e->hash);
	*good = read_line(&text, "key", &key) &&
	    read_line(&text, "signature", &value) && text.len == 0;
	if (*good)
		TRY(read_hex(key, &e->spki, good, err));
	return *good ? read_hex(value, &e->signature, good, err) : SGL_OK;
}

sgl_status
sgl_audit_end_read(sgl_slice text, sgl_audit_end *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_audit_end)
	e = {.spki = sgl_buf_init(SGL_AUDIT_END_TEXT),
	    .signature = sgl_buf_init(SGL_AUDIT_END_TEXT)};
	bool good;

	TRY(read_end(text, &e, &good, err));
	if (!good)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("is not an end of the audit chain, as sigill audit "
		       "export writes it"));
	*out = e;
	e = (sgl_audit_end){0};
	return SGL_OK;
}
