/* SPDX-License-Identifier: Apache-2.0 */
#include <argon2.h>
#include <sys/resource.h>

#include "crypto/hash.h"
#include "crypto/pubkey.h"
#include "sys/text.h"
#include "vault/ways.h"

#define ROOM "vault.ways"
#define KEY 32
#define SALT 16
/* The second choice of RFC 9106 4, for where 2 GiB are too much. */
#define PASSES 3
#define KIBIBYTES UINT32_C(65536)
#define LANES 4
/* Less is not asked of anybody, however little there is. */
#define KIBIBYTES_LEAST UINT32_C(16384)

sgl_status
sgl_master_id(sgl_engine *engine, sgl_slice master, uint8_t out[SGL_MASTER_ID],
    sgl_err *err)
{
	return sgl_kdf_hkdf(engine, SGL_DIGEST_SHA256, master,
	    (sgl_slice){NULL, 0}, SGL_LIT("sigill master key id"), out,
	    SGL_MASTER_ID, err);
}

/* ------------------------------------------------------------ passphrase ---
 */

static int
get_memory(uint8_t **memory, size_t bytes)
{
	*memory = sgl_mem_resize(NULL, bytes);
	return *memory == NULL ? ARGON2_MEMORY_ALLOCATION_ERROR : ARGON2_OK;
}

static void
give_memory(uint8_t *memory, size_t bytes)
{
	sgl_mem_wipe(memory, bytes);
	sgl_mem_free(memory);
}

/* One thread: whoever does this may not start any. */
static sgl_status
stretch(
    const sgl_how *how, sgl_slice passphrase, uint8_t out[KEY], sgl_err *err)
{
	argon2_context c = {.out = out,
	    .outlen = KEY,
	    .pwd = (uint8_t *)(uintptr_t)passphrase.data,
	    .pwdlen = (uint32_t)passphrase.len,
	    .salt = (uint8_t *)(uintptr_t)how->bytes,
	    .saltlen = (uint32_t)how->len,
	    .t_cost = how->passes,
	    .m_cost = how->kibibytes,
	    .lanes = how->lanes,
	    .threads = 1,
	    .version = ARGON2_VERSION_13,
	    .allocate_cbk = get_memory,
	    .free_cbk = give_memory};
	int answer = argon2id_ctx(&c);

	if (answer == ARGON2_OK)
		return SGL_OK;
	if (answer == ARGON2_MEMORY_ALLOCATION_ERROR)
		return sgl_fail(err, SGL_E_NOMEM, ROOM, SGL_NO_OFFSET,
		    N_("there is not enough memory for the passphrase's "
		       "derivation (Argon2id)"));
	return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
	    N_("the passphrase's derivation (Argon2id) does not work"));
}

/* At most a quarter of what this process may have. */
static uint32_t
affordable(void)
{
	struct rlimit limit;
	uint32_t kibibytes = KIBIBYTES;

	if (getrlimit(RLIMIT_AS, &limit) != 0 ||
	    limit.rlim_cur == RLIM_INFINITY)
		return kibibytes;
	while (kibibytes > KIBIBYTES_LEAST &&
	    (uint64_t)kibibytes * 4096 > limit.rlim_cur)
		kibibytes /= 2;
	return kibibytes;
}

/* --------------------------------------------------------------- sealing ---
 */

static sgl_status
label_of(sgl_engine *engine, const sgl_way *w, sgl_digest *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) head = sgl_buf_init(SGL_WAYS_TEXT);

	TRY(sgl_buf_printf(&head, err, "%s\t%s\t%s", sgl_way_kind_name(w->kind),
	    w->name, w->how));
	return sgl_hash_once(
	    engine, SGL_DIGEST_SHA256, sgl_buf_slice(&head), out, err);
}

static sgl_status
seal_way(sgl_engine *engine, sgl_way *w, sgl_slice under, sgl_slice master,
    sgl_err *err)
{
	sgl_digest digest;
	sgl_seal_label label = {0};

	TRY(label_of(engine, w, &digest, err));
	label.spki_digest = sgl_digest_slice(&digest);
	w->sealed = sgl_buf_init(1024);
	return sgl_seal(engine, under, &label, master, &w->sealed, err);
}

static sgl_status
unseal_way(sgl_engine *engine, const sgl_way *w, sgl_slice under,
    sgl_secret *master, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) key = {0};
	sgl_digest digest;
	sgl_seal_label label = {0};

	TRY(label_of(engine, w, &digest, err));
	label.spki_digest = sgl_digest_slice(&digest);
	TRY(sgl_unseal(
	    engine, under, &label, sgl_buf_slice(&w->sealed), &key, err));
	if (key.len != SGL_MASTER_KEY)
		return sgl_fail(err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET,
		    N_("a way to the master key does not lead there"));
	return sgl_secret_set(master, sgl_secret_slice(&key), err);
}

static sgl_status
begin_way(sgl_way_kind kind, const char *name, const sgl_how *how, sgl_way *w,
    sgl_err *err)
{
	w->kind = kind;
	TRY(sgl_slice_copy(
	    sgl_slice_str(name), (uint8_t **)&w->name, ROOM, err));
	return sgl_how_write(how, &w->how, err);
}

static sgl_status
choose_how(sgl_engine *engine, sgl_way_kind kind, size_t len, sgl_how *out,
    sgl_err *err)
{
	*out = (sgl_how){.kind = SGL_HOW_RAW};
	if (kind != SGL_WAY_PASSPHRASE && len == KEY)
		return SGL_OK;
	out->kind = SGL_HOW_ARGON2ID;
	out->passes = PASSES;
	out->kibibytes = affordable();
	out->lanes = LANES;
	out->len = SALT;
	return sgl_random(engine, out->bytes, SALT, err);
}

/* What the sealing is under: *stretched is to be cleared. */
static sgl_status
derive(const sgl_how *how, sgl_slice secret, sgl_secret *out, sgl_err *err)
{
	if (how->kind == SGL_HOW_RAW)
		return sgl_secret_set(out, secret, err);
	TRY(sgl_secret_zeroed(out, KEY, err));
	return stretch(how, secret, out->data, err);
}

sgl_status
sgl_way_wrap(sgl_engine *engine, sgl_way_kind kind, const char *name,
    sgl_slice secret, sgl_slice master, sgl_way *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_way) w = {0};
	SGL_AUTO_CLEAR(sgl_secret) under = {0};
	sgl_how how;

	TRY(choose_how(engine, kind, secret.len, &how, err));
	TRY(begin_way(kind, name, &how, &w, err));
	TRY(derive(&how, secret, &under, err));
	TRY(seal_way(engine, &w, sgl_secret_slice(&under), master, err));
	*out = w;
	w = (sgl_way){0};
	return SGL_OK;
}

static sgl_status
read_how(const sgl_way *way, sgl_how *out, sgl_err *err)
{
	return sgl_how_read(way->how, out)
	    ? SGL_OK
	    : sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		  N_("a way to the master key is malformed"));
}

sgl_status
sgl_way_unwrap(sgl_engine *engine, const sgl_way *way, sgl_slice secret,
    sgl_secret *master, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) under = {0};
	sgl_how how;

	TRY(read_how(way, &how, err));
	TRY(derive(&how, secret, &under, err));
	return unseal_way(engine, way, sgl_secret_slice(&under), master, err);
}

/* ------------------------------------------------------------- asked keys ---
 */

static const sgl_oaep oaep = {
    .digest = SGL_DIGEST_SHA256, .mgf = SGL_DIGEST_SHA256};

static sgl_status
wrap_for_rsa(sgl_engine *engine, sgl_pubkey *key, sgl_secret *under,
    sgl_buf *bytes, sgl_err *err)
{
	TRY(sgl_secret_zeroed(under, KEY, err));
	TRY(sgl_random(engine, under->data, KEY, err));
	return sgl_pubkey_encrypt(
	    engine, key, &oaep, sgl_secret_slice(under), bytes, err);
}

static sgl_status
wrap_for(sgl_engine *engine, sgl_pubkey *key, sgl_secret *under, sgl_how *how,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) bytes = sgl_buf_init(SGL_HOW_BYTES);
	bool is_rsa = sgl_pubkey_get_kind(key) == SGL_KEY_RSA;

	*how = (sgl_how){.kind = is_rsa ? SGL_HOW_RSA_OAEP : SGL_HOW_ECDH};
	TRY(is_rsa ? wrap_for_rsa(engine, key, under, &bytes, err)
		   : sgl_pubkey_agree(engine, key, &bytes, under, err));
	memcpy(how->bytes, bytes.data, bytes.len);
	how->len = bytes.len;
	return SGL_OK;
}

sgl_status
sgl_way_wrap_key(sgl_engine *engine, const char *uri, sgl_slice spki,
    sgl_slice master, sgl_way *out, sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;
	SGL_AUTO_CLEAR(sgl_way) w = {0};
	SGL_AUTO_CLEAR(sgl_secret) under = {0};
	sgl_how how;

	TRY(sgl_pubkey_read(engine, spki, &key, err));
	TRY(wrap_for(engine, key, &under, &how, err));
	TRY(begin_way(SGL_WAY_TOKEN, uri, &how, &w, err));
	TRY(seal_way(engine, &w, sgl_secret_slice(&under), master, err));
	*out = w;
	w = (sgl_way){0};
	return SGL_OK;
}

static sgl_status
ask(sgl_engine *engine, sgl_key *key, const sgl_how *how, sgl_secret *under,
    sgl_err *err)
{
	const sgl_key_request request = {
	    .op = how->kind == SGL_HOW_ECDH ? SGL_KEY_ECDH : SGL_KEY_RSA_OAEP,
	    .input = sgl_slice_of(how->bytes, how->len),
	    .oaep_digest = oaep.digest,
	    .oaep_mgf = oaep.mgf};
	sgl_key_answer answer = {0};
	sgl_status status = sgl_key_ask(engine, key, &request, &answer, err);

	if (status == SGL_OK)
		status = sgl_secret_set(
		    under, sgl_slice_of(answer.bytes, answer.len), err);
	sgl_mem_wipe(&answer, sizeof answer);
	return status;
}

sgl_status
sgl_way_unwrap_key(sgl_engine *engine, const sgl_way *way, sgl_key *key,
    sgl_secret *master, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_secret) under = {0};
	sgl_how how;

	TRY(read_how(way, &how, err));
	TRY(ask(engine, key, &how, &under, err));
	return unseal_way(engine, way, sgl_secret_slice(&under), master, err);
}
