/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "crypto/pubkey.h"
#include "sys/text.h"
#include "vault/seal.h"

#define ROOM "vault.seal"
/* The first byte: this one, and behind it those of other purposes. */
#define VERSION 1
#define SALT 16
#define TAG 16
#define KEY 32
#define IV 12
#define HEAD (1 + SALT)
#define SLACK 32 /* that sgl_cipher_update may want */
#define AAD (1 + 8 + 32)

typedef struct derived {
	uint8_t bytes[KEY + IV];
} derived;

static void
wipe_derived(derived *d)
{
	sgl_mem_wipe(d, sizeof *d);
}
SGL_AUTO_CLEAR_TYPE(derived, wipe_derived)

static sgl_status
derive(sgl_engine *engine, sgl_slice master, sgl_slice salt, derived *out,
    sgl_err *err)
{
	return sgl_kdf_hkdf(engine, SGL_DIGEST_SHA256, master, salt,
	    SGL_LIT("sigill sealed key 1"), out->bytes, sizeof out->bytes, err);
}

sgl_seal_purpose
sgl_sealed_purpose(sgl_slice sealed)
{
	return sealed.len > 0 && sealed.data[0] == VERSION + SGL_SEAL_AUDIT
	    ? SGL_SEAL_AUDIT
	    : SGL_SEAL_ANY;
}

static void
make_aad(const sgl_seal_label *label, uint8_t first, uint8_t out[AAD])
{
	uint64_t id = (uint64_t)label->id;

	out[0] = first;
	for (unsigned i = 0; i < 8; i++)
		out[1 + i] = (uint8_t)(id >> (56 - 8 * i));
	memcpy(out + 9, label->spki_digest.data, 32);
}

static sgl_status
gcm_new(sgl_engine *engine, bool encrypt, const derived *d, sgl_slice aad,
    sgl_cipher **out, sgl_err *err)
{
	const sgl_cipher_params params = {
	    .alg = SGL_CIPHER_AES256_GCM,
	    .encrypt = encrypt,
	    .key = sgl_slice_of(d->bytes, KEY),
	    .iv = sgl_slice_of(d->bytes + KEY, IV),
	    .aad = aad,
	};

	return sgl_cipher_new(engine, &params, out, err);
}

static sgl_status
cipher_for(sgl_engine *engine, bool encrypt, const derived *d,
    const sgl_seal_label *label, uint8_t first, sgl_cipher **out, sgl_err *err)
{
	uint8_t aad[AAD];

	make_aad(label, first, aad);
	return gcm_new(
	    engine, encrypt, d, sgl_slice_of(aad, sizeof aad), out, err);
}

sgl_status
sgl_seal(sgl_engine *engine, sgl_slice master, const sgl_seal_label *label,
    sgl_slice plain, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO(sgl_cipher)
	c = NULL;
	SGL_AUTO_CLEAR(derived) d;
	uint8_t *at;
	size_t len;

	TRY(sgl_buf_reserve(out, HEAD + plain.len + TAG + SLACK, err));
	at = out->data + out->len;
	at[0] = (uint8_t)(VERSION + label->purpose);
	TRY(sgl_random(engine, at + 1, SALT, err));
	TRY(derive(engine, master, sgl_slice_of(at + 1, SALT), &d, err));
	TRY(cipher_for(engine, true, &d, label, at[0], &c, err));
	TRY(sgl_cipher_update(c, plain, at + HEAD, &len, err));
	TRY(sgl_cipher_tag(c, at + HEAD + len, err));
	out->len += HEAD + len + TAG;
	return SGL_OK;
}

static sgl_status
refuse(sgl_err *err)
{
	return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
	    N_("a private key does not open with the master key of this home"));
}

/* *good false: the tag is not right. */
static sgl_status
open_body(
    sgl_cipher *c, sgl_slice body, sgl_secret *out, bool *good, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) plain = {0};
	sgl_slice tag = sgl_slice_from(body, body.len - TAG);
	size_t len;

	body = sgl_slice_first(body, body.len - TAG);
	TRY(sgl_secret_zeroed(&plain, body.len + SLACK, err));
	TRY(sgl_cipher_update(c, body, plain.data, &len, err));
	*good = sgl_cipher_check(c, tag, (sgl_slice){NULL, 0}, NULL) == SGL_OK;
	return *good ? sgl_secret_set(out, sgl_slice_of(plain.data, len), err)
		     : SGL_OK;
}

sgl_status
sgl_unseal(sgl_engine *engine, sgl_slice master, const sgl_seal_label *label,
    sgl_slice sealed, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO(sgl_cipher)
	c = NULL;
	SGL_AUTO_CLEAR(derived) d;
	bool good;

	if (sealed.len < HEAD + TAG ||
	    sealed.data[0] != VERSION + sgl_sealed_purpose(sealed))
		return refuse(err);
	TRY(derive(
	    engine, master, sgl_slice_of(sealed.data + 1, SALT), &d, err));
	TRY(cipher_for(engine, false, &d, label, sealed.data[0], &c, err));
	TRY(open_body(c, sgl_slice_from(sealed, HEAD), out, &good, err));
	return good ? SGL_OK : refuse(err);
}

/* ------------------------------------------------------ sealed to a key --- */

#define U 32 /* of X25519 */
#define TO_HEAD (1 + U)

static sgl_status
derive_agreed(sgl_engine *engine, sgl_slice secret, sgl_slice ephemeral,
    sgl_slice spki, derived *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) info = sgl_buf_init(256);

	TRY(sgl_buf_add_str(&info, "sigill sealed to a key 1", err));
	TRY(sgl_buf_add(&info, ephemeral, err));
	TRY(sgl_buf_add(&info, spki, err));
	return sgl_kdf_hkdf(engine, SGL_DIGEST_SHA256, secret,
	    (sgl_slice){NULL, 0}, sgl_buf_slice(&info), out->bytes,
	    sizeof out->bytes, err);
}

static sgl_status
agree(sgl_engine *engine, sgl_slice spki, sgl_buf *point, derived *out,
    sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	to = NULL;
	SGL_AUTO_CLEAR(sgl_secret) secret = {0};

	TRY(sgl_pubkey_read(engine, spki, &to, err));
	if (sgl_pubkey_get_kind(to) != SGL_KEY_X25519)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    N_("nothing is sealed to this kind of key"));
	TRY(sgl_pubkey_agree(engine, to, point, &secret, err));
	return derive_agreed(engine, sgl_secret_slice(&secret),
	    sgl_buf_slice(point), spki, out, err);
}

sgl_status
sgl_seal_to(sgl_engine *engine, sgl_slice spki, sgl_slice context,
    sgl_slice plain, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO(sgl_cipher)
	c = NULL;
	SGL_AUTO_CLEAR(sgl_buf) point = sgl_buf_init(U);
	SGL_AUTO_CLEAR(derived) d;
	uint8_t *at;
	size_t len;

	TRY(agree(engine, spki, &point, &d, err));
	TRY(gcm_new(engine, true, &d, context, &c, err));
	TRY(sgl_buf_reserve(out, TO_HEAD + plain.len + TAG + SLACK, err));
	at = out->data + out->len;
	at[0] = VERSION;
	memcpy(at + 1, point.data, U);
	TRY(sgl_cipher_update(c, plain, at + TO_HEAD, &len, err));
	TRY(sgl_cipher_tag(c, at + TO_HEAD + len, err));
	out->len += TO_HEAD + len + TAG;
	return SGL_OK;
}

static sgl_status
refuse_with(sgl_err *err)
{
	return sgl_fail(err, SGL_E_DECRYPT, ROOM, SGL_NO_OFFSET,
	    N_("what was sealed for this key does not open with it"));
}

static sgl_status
agree_with(sgl_engine *engine, sgl_key *key, sgl_slice ephemeral, derived *out,
    sgl_err *err)
{
	const sgl_key_request request = {
	    .op = SGL_KEY_ECDH, .input = ephemeral};
	sgl_key_answer answer = {0};
	sgl_status status = sgl_key_ask(engine, key, &request, &answer, err);

	if (status == SGL_OK)
		status = derive_agreed(engine,
		    sgl_slice_of(answer.bytes, answer.len), ephemeral,
		    sgl_key_get_spki(key), out, err);
	sgl_mem_wipe(&answer, sizeof answer);
	return status;
}

sgl_status
sgl_unseal_with(sgl_engine *engine, sgl_key *key, sgl_slice context,
    sgl_slice sealed, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO(sgl_cipher)
	c = NULL;
	SGL_AUTO_CLEAR(derived) d;
	bool good;

	if (sealed.len < TO_HEAD + TAG || sealed.data[0] != VERSION)
		return refuse_with(err);
	TRY(agree_with(engine, key, sgl_slice_of(sealed.data + 1, U), &d, err));
	TRY(gcm_new(engine, false, &d, context, &c, err));
	TRY(open_body(c, sgl_slice_from(sealed, TO_HEAD), out, &good, err));
	return good ? SGL_OK : refuse_with(err);
}
