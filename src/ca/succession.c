/* SPDX-License-Identifier: Apache-2.0 */
/* What the root has signed comes into the home. */
#include <inttypes.h>
#include <stdio.h>

#include "ca/lint.h"
#include "ca/next_key.h"
#include "ca/root_crl.h"
#include "ca/succession.h"
#include "org/audit.h"
#include "pki/crl.h"
#include "sys/text.h"

#define ROOM "ca.succession"

sgl_status
sgl_ca_no_authority(int64_t id, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("there is no authority of this number; sigill ca list has them"),
	    "%" PRId64, id);
}

/* Takes one out of the list. */
static void
take_item(sgl_authorities *list, size_t i, sgl_authority *out)
{
	*out = list->items[i];
	list->items[i] = (sgl_authority){0};
}

sgl_status
sgl_ca_find_authority(
    sgl_home *home, int64_t id, sgl_authority *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++)
		if (list.items[i].id == id) {
			take_item(&list, i, out);
			return SGL_OK;
		}
	return sgl_ca_no_authority(id, err);
}

static sgl_status
add_cert(
    sgl_engine *engine, const sgl_authority *a, sgl_certs *out, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;

	TRY(sgl_cert_read(engine, sgl_buf_slice(&a->der), &cert, err));
	return sgl_certs_add(out, cert, err);
}

sgl_status
sgl_ca_issuing_certs(sgl_home *home, sgl_certs *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++)
		if (list.items[i].kind == SGL_AUTHORITY_ISSUING &&
		    list.items[i].state == SGL_AUTHORITY_ACTIVE)
			TRY(add_cert(
			    sgl_home_engine(home), &list.items[i], out, err));
	return SGL_OK;
}

sgl_status
sgl_ca_find_root(sgl_home *home, sgl_authority *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++)
		if (list.items[i].kind == SGL_AUTHORITY_ROOT &&
		    list.items[i].state == SGL_AUTHORITY_ACTIVE) {
			take_item(&list, i, out);
			return SGL_OK;
		}
	return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("the organisation has no root of its own in use; below "
	       "another one: sigill ca request"));
}

sgl_status
sgl_ca_prepare(sgl_home *home, sgl_err *err)
{
	return sgl_next_key_make(home, err);
}

/* What is taken from a draft, read. */
typedef struct taking {
	sgl_authority root;
	sgl_cert *root_cert;
	sgl_crl *crl;
} taking;

static void
taking_clear(taking *t)
{
	sgl_authority_clear(&t->root);
	sgl_cert_unref(t->root_cert);
	sgl_crl_unref(t->crl);
}
SGL_AUTO_CLEAR_TYPE(taking, taking_clear)

/* The list is stored: it is the root's, and the next one. */
static sgl_status
take_list(sgl_home *home, const sgl_ca_draft *d, taking *t, sgl_err *err)
{
	sgl_engine *engine = sgl_home_engine(home);

	TRY(sgl_ca_find_root(home, &t->root, err));
	TRY(sgl_cert_read(
	    engine, sgl_buf_slice(&t->root.der), &t->root_cert, err));
	TRY(sgl_crl_read(engine, sgl_buf_slice(&d->crl), &t->crl, err));
	return sgl_root_crl_store(home, t->root.id, t->root_cert, t->crl, err);
}

sgl_status
sgl_ca_take_crl(sgl_home *home, const sgl_ca_draft *d, sgl_err *err)
{
	SGL_AUTO_CLEAR(taking) t = {0};

	TRY(take_list(home, d, &t, err));
	return sgl_audit_add(home, "authority.list", "root", NULL, NULL, err);
}

/* ---------------------------------------------------------- revocation --- */

sgl_status
sgl_ca_take_entry(sgl_home *home, const sgl_ca_draft *d, const sgl_cert *cert,
    sgl_revocation_mark *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(taking) t = {0};
	sgl_crl_found entry;
	bool found;

	TRY(take_list(home, d, &t, err));
	TRY(sgl_crl_find(t.crl, sgl_cert_get_issuer(cert),
	    sgl_cert_get_serial(cert), &found, &entry, err));
	if (!found)
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    N_("the list of revoked authorities does not name this "
		       "one"));
	*out = (sgl_revocation_mark){.when = entry.revoked_at,
	    .reason = entry.reason < 0 ? SGL_REASON_UNSPECIFIED
				       : (sgl_revocation_reason)entry.reason};
	return SGL_OK;
}

sgl_status
sgl_ca_take_revocation(
    sgl_home *home, const sgl_ca_draft *d, int64_t authority, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authority) a = {0};
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_revocation_mark mark;
	char number[32];

	TRY(sgl_ca_find_authority(home, authority, &a, err));
	TRY(sgl_cert_read(
	    sgl_home_engine(home), sgl_buf_slice(&a.der), &cert, err));
	TRY(sgl_ca_take_entry(home, d, cert, &mark, err));
	(void)snprintf(number, sizeof number, "%" PRId64, authority);
	TRY(sgl_audit_add(home, "authority.revoke", number,
	    sgl_authority_state_name(a.state),
	    sgl_authority_state_name(SGL_AUTHORITY_REVOKED), err));
	a.state = SGL_AUTHORITY_REVOKED;
	a.revocation = mark;
	return sgl_store_set_authority(sgl_home_store(home), &a, err);
}

/* ---------------------------------------------------------- succession --- */

static sgl_status
check_cert(sgl_engine *engine, const sgl_cert *cert, const sgl_cert *root,
    sgl_err *err)
{
	bool good = false;

	if (cert->is_ca &&
	    sgl_name_same(cert->issuer, sgl_cert_get_subject(root)))
		TRY(sgl_cert_is_signed_by(engine, cert, root, &good, err));
	if (!good)
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    N_("the certificate is not one of an authority that the "
		       "organisation's root has signed"));
	return sgl_lint_refuse(cert, err);
}

static sgl_status
take_serial(sgl_store *store, const sgl_cert *cert, sgl_err *err)
{
	bool taken;

	TRY(sgl_store_take_serial(
	    store, sgl_cert_get_serial(cert), &taken, err));
	return taken ? SGL_OK
		     : sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
			   N_("the serial number was given before; repeat the "
			      "command"));
}

static sgl_status
retire_others(sgl_store *store, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	TRY(sgl_store_list_authorities(store, &list, err));
	for (size_t i = 0; i < list.num; i++) {
		sgl_authority *a = &list.items[i];

		if (a->kind != SGL_AUTHORITY_ISSUING ||
		    a->state != SGL_AUTHORITY_ACTIVE)
			continue;
		a->state = SGL_AUTHORITY_RETIRED;
		TRY(sgl_store_set_authority(store, a, err));
	}
	return SGL_OK;
}

static sgl_status
store_issuing(sgl_home *home, const sgl_cert *cert, int64_t root,
    const char *location, int64_t *id, sgl_err *err)
{
	sgl_slice der = sgl_cert_get_der(cert);
	SGL_AUTO_CLEAR(sgl_authority)
	a = {.kind = SGL_AUTHORITY_ISSUING,
	    .der = sgl_buf_init(der.len),
	    .issuer = root,
	    .created = sgl_engine_now(sgl_home_engine(home))};
	char number[32];

	TRY(sgl_buf_add(&a.der, der, err));
	if (location == NULL)
		TRY(sgl_next_key_take(
		    home, sgl_cert_get_spki(cert), &a.key, err));
	else
		TRY(sgl_slice_copy(sgl_slice_str(location),
		    (uint8_t **)&a.key_location, ROOM, err));
	TRY(sgl_store_add_authority(sgl_home_store(home), &a, id, err));
	(void)snprintf(number, sizeof number, "%" PRId64, *id);
	return sgl_audit_add(
	    home, "authority.replace", "issuing", NULL, number, err);
}

sgl_status
sgl_ca_take_over(sgl_home *home, const sgl_cert *cert, int64_t root,
    const char *location, int64_t *id, sgl_err *err)
{
	TRY(retire_others(sgl_home_store(home), err));
	return store_issuing(home, cert, root, location, id, err);
}

sgl_status
sgl_ca_take_below(sgl_home *home, const sgl_ca_draft *d, int64_t *issuer,
    sgl_cert **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(taking) t = {0};
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_engine *engine = sgl_home_engine(home);

	TRY(take_list(home, d, &t, err));
	TRY(sgl_cert_read(engine, sgl_buf_slice(&d->cert), &cert, err));
	TRY(check_cert(engine, cert, t.root_cert, err));
	TRY(take_serial(sgl_home_store(home), cert, err));
	*issuer = t.root.id;
	*out = SGL_TAKE(&cert);
	return SGL_OK;
}

sgl_status
sgl_ca_take_issuing(
    sgl_home *home, const sgl_ca_draft *d, const char *location, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	int64_t root, id;

	TRY(sgl_ca_take_below(home, d, &root, &cert, err));
	return sgl_ca_take_over(home, cert, root, location, &id, err);
}
