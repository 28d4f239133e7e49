/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/making.h"
#include "ca/outer_key.h"
#include "sys/text.h"

#define ROOM "ca.signer"

void
sgl_ca_signer_clear(sgl_ca_signer *s)
{
	sgl_cert_unref(s->cert);
	sgl_key_unref(s->key);
	sgl_token_free(s->token);
	*s = (sgl_ca_signer){0};
}

sgl_digest_alg
sgl_ca_digest_for(const sgl_key *key)
{
	sgl_key_kind kind = sgl_key_get_kind(key);

	if (kind == SGL_KEY_P384)
		return SGL_DIGEST_SHA384;
	return kind == SGL_KEY_P521 ? SGL_DIGEST_SHA512 : SGL_DIGEST_SHA256;
}

static sgl_status
elsewhere(sgl_err *err)
{
	return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("the authority's key is not in the home"));
}

/* A module is a stranger's code, which a process of its own lets in. */
static sgl_status
open_by_keyholder(sgl_home *home, const char *uri, sgl_key **out, sgl_err *err)
{
	sgl_vault *vault;

	TRY(sgl_home_vault(home, &vault, err));
	return sgl_keeper_open_token(sgl_vault_keeper(vault), uri, out, err);
}

static sgl_status
open_on_token(sgl_home *home, const char *uri, sgl_ca_signer *s, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_outer_key) k = {0};

	if (sgl_home_is_served(home))
		return open_by_keyholder(home, uri, &s->key, err);
	TRY(sgl_outer_key_open(
	    sgl_home_engine(home), uri, (sgl_slice){NULL, 0}, &k, err));
	s->key = k.key;
	s->token = k.token;
	k = (sgl_outer_key){0};
	return SGL_OK;
}

static sgl_status
open_key(sgl_home *home, const sgl_authority *a, sgl_ca_signer *s, sgl_err *err)
{
	sgl_vault *vault;

	if (strcmp(a->key_location, SGL_KEY_IN_VAULT) == 0) {
		TRY(sgl_home_vault(home, &vault, err));
		return sgl_vault_get(vault, a->key, &s->key, err);
	}
	if (sgl_outer_key_is_token(a->key_location))
		return open_on_token(home, a->key_location, s, err);
	return elsewhere(err);
}

static sgl_status
ask_elsewhere(void *ctx, const sgl_key_request *request, sgl_key_answer *answer,
    sgl_err *err)
{
	(void)ctx;
	(void)request;
	(void)answer;
	return elsewhere(err);
}

sgl_status
sgl_ca_key_elsewhere(
    sgl_engine *engine, sgl_slice spki, sgl_key **out, sgl_err *err)
{
	static const sgl_key_ops ops = {.ask = ask_elsewhere};

	return sgl_key_new_remote(engine, spki, &ops, NULL, out, err);
}

bool
sgl_ca_key_is_away(const sgl_authority *a, sgl_status status)
{
	return status == SGL_E_PASSWORD || status == SGL_E_NOKEY ||
	    (status == SGL_E_IO && sgl_outer_key_is_token(a->key_location));
}

static sgl_status
check_pair(sgl_engine *engine, const sgl_ca_signer *s, sgl_err *err)
{
	bool fits;

	TRY(sgl_key_fits(
	    engine, s->key, sgl_cert_get_spki(s->cert), &fits, err));
	return fits ? SGL_OK
		    : sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
			  N_("the key on the token is not the authority's"));
}

sgl_status
sgl_ca_signer_open(
    sgl_home *home, const sgl_authority *a, sgl_ca_signer *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ca_signer)
	s = {.id = a->id, .num_shards = a->num_shards};

	TRY(sgl_cert_read(
	    sgl_home_engine(home), sgl_buf_slice(&a->der), &s.cert, err));
	TRY(open_key(home, a, &s, err));
	TRY(check_pair(sgl_home_engine(home), &s, err));
	*out = s;
	s = (sgl_ca_signer){0};
	return SGL_OK;
}

/* What is kept, and the key that the record named. */
typedef struct kept {
	sgl_ca_signer signer;
	int64_t key;
} kept;

static void
release(void *what)
{
	kept *k = what;

	sgl_ca_signer_clear(&k->signer);
	sgl_mem_free(k);
}

/* The record may have become another one since. */
static bool
is_of(const kept *k, const sgl_authority *a)
{
	return k->signer.id == a->id && k->key == a->key &&
	    strcmp(a->key_location, SGL_KEY_IN_VAULT) == 0 &&
	    sgl_slice_eq(
		sgl_cert_get_der(k->signer.cert), sgl_buf_slice(&a->der));
}

static void
share(const sgl_ca_signer *s, const sgl_authority *a, sgl_ca_signer *out)
{
	*out = (sgl_ca_signer){.cert = sgl_cert_ref(s->cert),
	    .key = sgl_key_ref(s->key),
	    .id = a->id,
	    .num_shards = a->num_shards};
}

/* A key on a token has a session of its own, and is not kept. */
sgl_status
sgl_ca_signer_use(
    sgl_home *home, const sgl_authority *a, sgl_ca_signer *out, sgl_err *err)
{
	kept *k = sgl_home_kept(home);

	if (k != NULL && is_of(k, a)) {
		share(&k->signer, a, out);
		return SGL_OK;
	}
	TRY(sgl_ca_signer_open(home, a, out, err));
	k = strcmp(a->key_location, SGL_KEY_IN_VAULT) == 0
	    ? sgl_mem_zeroed(1, sizeof *k)
	    : NULL;
	if (k == NULL)
		return SGL_OK;
	share(out, a, &k->signer);
	k->key = a->key;
	sgl_home_keep(home, k, release);
	return SGL_OK;
}
