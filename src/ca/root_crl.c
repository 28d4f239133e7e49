/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/root_crl.h"

#define ROOM "ca.root_crl"
#define DAY ((sgl_time)24 * 60 * 60)
#define CRL_MAX ((size_t)1 << 20)

/* What the list is told from. */
typedef struct telling {
	sgl_engine *engine;
	const sgl_authorities *list;
	int64_t root;
	sgl_cert *cert; /* of the entry that was told last */
} telling;

static void
telling_clear(telling *t)
{
	sgl_cert_unref(t->cert);
}
SGL_AUTO_CLEAR_TYPE(telling, telling_clear)

static const sgl_authority *
find_revoked(const telling *t, size_t i)
{
	for (size_t at = 0; at < t->list->num; at++) {
		const sgl_authority *a = &t->list->items[at];

		if (a->state == SGL_AUTHORITY_REVOKED && a->issuer == t->root &&
		    i-- == 0)
			return a;
	}
	return NULL;
}

static sgl_status
tell_next(void *ctx, size_t i, sgl_revoked *out, bool *end, sgl_err *err)
{
	telling *t = ctx;
	const sgl_authority *a = find_revoked(t, i);
	sgl_cert *cert = NULL;

	*end = a == NULL;
	if (*end)
		return SGL_OK;
	TRY(sgl_cert_read(t->engine, sgl_buf_slice(&a->der), &cert, err));
	sgl_cert_unref(t->cert);
	t->cert = cert;
	*out = (sgl_revoked){.serial = sgl_cert_get_serial(cert),
	    .revoked_at = a->revocation.when,
	    .reason = a->revocation.reason == SGL_REASON_UNSPECIFIED
		? -1
		: (int)a->revocation.reason};
	return SGL_OK;
}

sgl_status
sgl_root_crl_build(sgl_engine *engine, const sgl_authorities *list,
    const sgl_ca_signer *root, int64_t number, sgl_buf *out, sgl_err *err)
{
	sgl_time now = sgl_engine_now(engine);
	SGL_AUTO_CLEAR(telling)
	told = {.engine = engine, .list = list, .root = root->id};
	const sgl_crl_template t = {.issuer = sgl_cert_get_subject(root->cert),
	    .issuer_key_id = sgl_cert_get_ski(root->cert),
	    .this_update = now - SGL_PROFILE_BACKDATE,
	    .next_update = now + SGL_ROOT_CRL_DAYS * DAY,
	    .number = (uint64_t)number,
	    .next = tell_next,
	    .ctx = &told};

	return sgl_crl_build(
	    engine, &t, root->key, sgl_ca_digest_for(root->key), out, err);
}

sgl_status
sgl_root_crl_make(sgl_home *home, const sgl_ca_signer *root, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	sgl_time now = sgl_engine_now(sgl_home_engine(home));
	sgl_store *store = sgl_home_store(home);
	SGL_AUTO_CLEAR(sgl_crl_record)
	c = {.authority = root->id,
	    .this_update = now - SGL_PROFILE_BACKDATE,
	    .next_update = now + SGL_ROOT_CRL_DAYS * DAY,
	    .der = sgl_buf_init(CRL_MAX)};

	TRY(sgl_store_list_authorities(store, &list, err));
	TRY(sgl_store_take_crl_number(store, root->id, &c.number, err));
	TRY(sgl_root_crl_build(
	    sgl_home_engine(home), &list, root, c.number, &c.der, err));
	return sgl_store_add_crl(store, &c, err);
}
