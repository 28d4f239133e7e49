/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "sys/text.h"
#include "vault/seal.h"

#define ROOM "vault.seal"
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

static void
make_aad(const sgl_seal_label *label, uint8_t out[AAD])
{
	uint64_t id = (uint64_t)label->id;

	out[0] = VERSION;
	for (unsigned i = 0; i < 8; i++)
		out[1 + i] = (uint8_t)(id >> (56 - 8 * i));
	memcpy(out + 9, label->spki_digest.data, 32);
}

static sgl_status
cipher_for(sgl_engine *engine, bool encrypt, const derived *d,
    const sgl_seal_label *label, sgl_cipher **out, sgl_err *err)
{
	uint8_t aad[AAD];
	const sgl_cipher_params params = {
	    .alg = SGL_CIPHER_AES256_GCM,
	    .encrypt = encrypt,
	    .key = sgl_slice_of(d->bytes, KEY),
	    .iv = sgl_slice_of(d->bytes + KEY, IV),
	    .aad = sgl_slice_of(aad, sizeof aad),
	};

	make_aad(label, aad);
	return sgl_cipher_new(engine, &params, out, err);
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
	at[0] = VERSION;
	TRY(sgl_random(engine, at + 1, SALT, err));
	TRY(derive(engine, master, sgl_slice_of(at + 1, SALT), &d, err));
	TRY(cipher_for(engine, true, &d, label, &c, err));
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

static sgl_status
open_body(sgl_cipher *c, sgl_slice body, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) plain = {0};
	sgl_slice tag = sgl_slice_from(body, body.len - TAG);
	size_t len;

	body = sgl_slice_first(body, body.len - TAG);
	TRY(sgl_secret_zeroed(&plain, body.len + SLACK, err));
	TRY(sgl_cipher_update(c, body, plain.data, &len, err));
	if (sgl_cipher_check(c, tag, (sgl_slice){NULL, 0}, NULL) != SGL_OK)
		return refuse(err);
	return sgl_secret_set(out, sgl_slice_of(plain.data, len), err);
}

sgl_status
sgl_unseal(sgl_engine *engine, sgl_slice master, const sgl_seal_label *label,
    sgl_slice sealed, sgl_secret *out, sgl_err *err)
{
	SGL_AUTO(sgl_cipher)
	c = NULL;
	SGL_AUTO_CLEAR(derived) d;

	if (sealed.len < HEAD + TAG || sealed.data[0] != VERSION)
		return refuse(err);
	TRY(derive(
	    engine, master, sgl_slice_of(sealed.data + 1, SALT), &d, err));
	TRY(cipher_for(engine, false, &d, label, &c, err));
	return open_body(c, sgl_slice_from(sealed, HEAD), out, err);
}
