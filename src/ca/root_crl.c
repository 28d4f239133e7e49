/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/root_crl.h"
#include "pki/crl.h"
#include "sys/text.h"

#define ROOM "ca.root_crl"
#define DAY ((sgl_time)24 * 60 * 60)

#define SERIAL_MAX 20 /* RFC 5280 4.1.2.2 */
#define LOST_MAX ((size_t)1 << 20)

/* One that only an earlier list remembers (ca/resume.h). */
typedef struct lost {
	uint8_t serial[SERIAL_MAX];
	uint8_t len;
	sgl_revocation_mark mark;
} lost;

/* What the list is told from. */
typedef struct telling {
	sgl_engine *engine;
	const sgl_authorities *list;
	int64_t root;
	sgl_cert *cert; /* of the entry that was told last */
	sgl_buf lost;	/* of `lost` */
	lost told;
} telling;

static void
telling_clear(telling *t)
{
	sgl_cert_unref(t->cert);
	sgl_buf_clear(&t->lost);
}
SGL_AUTO_CLEAR_TYPE(telling, telling_clear)

static sgl_status
add_lost(void *ctx, const sgl_cert_record *c, sgl_err *err)
{
	telling *t = ctx;
	lost l = {.len = (uint8_t)c->serial.len, .mark = c->revocation};

	if (c->serial.len > SERIAL_MAX)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("a serial number is longer than a list can hold"));
	memcpy(l.serial, c->serial.data, c->serial.len);
	return sgl_buf_add(
	    &t->lost, sgl_slice_of((const uint8_t *)&l, sizeof l), err);
}

static sgl_revoked
entry_of(sgl_slice serial, const sgl_revocation_mark *mark)
{
	return (sgl_revoked){.serial = serial,
	    .revoked_at = mark->when,
	    .reason = mark->reason == SGL_REASON_UNSPECIFIED
		? -1
		: (int)mark->reason};
}

static bool
tell_lost(telling *t, size_t i, sgl_revoked *out)
{
	if (i >= t->lost.len / sizeof t->told)
		return false;
	memcpy(&t->told, t->lost.data + i * sizeof t->told, sizeof t->told);
	*out =
	    entry_of(sgl_slice_of(t->told.serial, t->told.len), &t->told.mark);
	return true;
}

/* NULL: *i is what is left of it behind them. */
static const sgl_authority *
find_revoked(const telling *t, size_t *i)
{
	for (size_t at = 0; at < t->list->num; at++) {
		const sgl_authority *a = &t->list->items[at];

		if (a->state != SGL_AUTHORITY_REVOKED || a->issuer != t->root)
			continue;
		if (*i == 0)
			return a;
		--*i;
	}
	return NULL;
}

static sgl_status
tell_next(void *ctx, size_t i, sgl_revoked *out, bool *end, sgl_err *err)
{
	telling *t = ctx;
	const sgl_authority *a = find_revoked(t, &i);
	sgl_cert *cert = NULL;

	*end = a == NULL && !tell_lost(t, i, out);
	if (a == NULL)
		return SGL_OK;
	TRY(sgl_cert_read(t->engine, sgl_buf_slice(&a->der), &cert, err));
	sgl_cert_unref(t->cert);
	t->cert = cert;
	*out = entry_of(sgl_cert_get_serial(cert), &a->revocation);
	return SGL_OK;
}

sgl_status
sgl_root_crl_build(sgl_home *home, const sgl_authorities *list,
    const sgl_ca_signer *root, int64_t number, sgl_buf *out, sgl_err *err)
{
	sgl_engine *engine = sgl_home_engine(home);
	sgl_time now = sgl_engine_now(engine);
	SGL_AUTO_CLEAR(telling)
	told = {.engine = engine,
	    .list = list,
	    .root = root->id,
	    .lost = sgl_buf_init(LOST_MAX)};
	const sgl_crl_template t = {.issuer = sgl_cert_get_subject(root->cert),
	    .issuer_key_id = sgl_cert_get_ski(root->cert),
	    .this_update = now - SGL_PROFILE_BACKDATE,
	    .next_update = now + SGL_ROOT_CRL_DAYS * DAY,
	    .number = (uint64_t)number,
	    .next = tell_next,
	    .ctx = &told};

	TRY(sgl_store_each_revoked(
	    sgl_home_store(home), root->id, 0, add_lost, &told, err));
	return sgl_crl_build(
	    engine, &t, root->key, sgl_ca_digest_for(root->key), out, err);
}

static sgl_status
check(
    sgl_engine *engine, const sgl_cert *root, const sgl_crl *crl, sgl_err *err)
{
	const sgl_signed what = sgl_crl_as_signed(crl);
	bool good = false, was_known;

	if (!crl->is_unusable && crl->has_next_update &&
	    sgl_name_same(crl->issuer, sgl_cert_get_subject(root)))
		TRY(sgl_signed_check(
		    engine, &what, root, &good, &was_known, err));
	return good ? SGL_OK
		    : sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
			  N_("the list of revoked authorities is not signed by "
			     "the organisation's root"));
}

int64_t
sgl_root_crl_number(const sgl_crl *crl)
{
	int64_t found = 0;

	if (crl->number.len > sizeof found - 1)
		return 0;
	for (size_t i = 0; i < crl->number.len; i++)
		found = found << 8 | crl->number.data[i];
	return found;
}

sgl_status
sgl_root_crl_store(sgl_home *home, int64_t root, const sgl_cert *cert,
    sgl_crl *crl, sgl_err *err)
{
	sgl_store *store = sgl_home_store(home);
	SGL_AUTO_CLEAR(sgl_crl_record)
	c = {.authority = root,
	    .this_update = crl->this_update,
	    .next_update = crl->next_update,
	    .der = sgl_buf_init(SGL_ROOT_CRL_MAX)};

	TRY(check(sgl_home_engine(home), cert, crl, err));
	TRY(sgl_store_take_crl_number(store, root, &c.number, err));
	if (sgl_root_crl_number(crl) != c.number)
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    N_("the authorities were changed by somebody else just "
		       "now; repeat the command"));
	TRY(sgl_buf_add(&c.der, crl->der, err));
	TRY(sgl_store_add_crl(store, &c, err));
	return sgl_store_drop_crls(store, root, 0, c.number, err);
}

static int64_t
next_number(const sgl_authorities *list, const sgl_ca_signer *root)
{
	for (size_t i = 0; i < list->num; i++)
		if (list->items[i].id == root->id)
			return list->items[i].crl_number + 1;
	return 1;
}

sgl_status
sgl_root_crl_make(sgl_home *home, const sgl_ca_signer *root, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(SGL_ROOT_CRL_MAX);
	SGL_AUTO(sgl_crl)
	crl = NULL;
	sgl_engine *engine = sgl_home_engine(home);

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	TRY(sgl_root_crl_build(
	    home, &list, root, next_number(&list, root), &der, err));
	TRY(sgl_crl_read(engine, sgl_buf_slice(&der), &crl, err));
	return sgl_root_crl_store(home, root->id, root->cert, crl, err);
}
