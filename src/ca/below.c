/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "ca/below.h"
#include "ca/making.h"
#include "ca/names.h"
#include "ca/next_key.h"
#include "ca/succession.h"
#include "org/audit.h"
#include "org/organisation.h"
#include "pki/csr.h"
#include "pki/path.h"
#include "pki/search.h"
#include "sys/text.h"

#define ROOM "ca.below"
#define NAME_MAX_DER 4096

/* One that has a root of its own, whose key is somewhere of ours. */
static sgl_status
check_below(sgl_home *home, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++)
		if (list.items[i].kind == SGL_AUTHORITY_ROOT &&
		    !sgl_authority_is_parents(&list.items[i]))
			return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
			    N_("the organisation has a root of its own: sigill "
			       "ca replace-issuing"));
	return SGL_OK;
}

/* --------------------------------------------------------------- request ---
 */

sgl_status
sgl_below_request(sgl_home *home, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) subject = sgl_buf_init(NAME_MAX_DER);
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_engine *engine = sgl_home_engine(home);
	sgl_cert_template asked = {
	    .is_ca = true, .key_usage = SGL_KU_KEY_CERT_SIGN | SGL_KU_CRL_SIGN};

	TRY(check_below(home, err));
	TRY(sgl_next_key_make(home, err));
	TRY(sgl_next_key_open(home, &key, err));
	TRY(sgl_ca_authority_name(sgl_home_organisation(home),
	    SGL_AUTHORITY_ISSUING, sgl_engine_now(engine), 1, &subject, err));
	asked.subject = sgl_buf_slice(&subject);
	asked.spki = sgl_key_get_spki(key);
	return sgl_csr_build(engine, &asked, (sgl_slice){NULL, 0}, key,
	    sgl_ca_digest_for(key), out, err);
}

/* --------------------------------------------------------------- install ---
 */

static sgl_cert *
find_for(const sgl_certs *certs, sgl_slice spki)
{
	for (size_t i = 0; i < certs->num; i++)
		if (sgl_slice_eq(sgl_cert_get_spki(certs->items[i]), spki))
			return certs->items[i];
	return NULL;
}

/* The root that signed it; NULL: it is not there. */
static sgl_status
find_root(sgl_engine *engine, const sgl_certs *certs, const sgl_cert *cert,
    sgl_cert **out, sgl_err *err)
{
	*out = NULL;
	for (size_t i = 0; i < certs->num && *out == NULL; i++) {
		sgl_cert *root = certs->items[i];
		bool good = false;

		if (sgl_cert_is_self_issued(root) &&
		    sgl_name_same(cert->issuer, sgl_cert_get_subject(root)))
			TRY(sgl_cert_is_signed_by(
			    engine, cert, root, &good, err));
		*out = good ? root : NULL;
	}
	return SGL_OK;
}

static sgl_status
mismatch(const char *text, sgl_err *err)
{
	return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET, text);
}

static sgl_status
check_path(sgl_engine *engine, sgl_cert *cert, sgl_cert *root, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) roots = {0};
	SGL_AUTO_CLEAR(sgl_path) path = {0};
	const sgl_evidence evidence = {&roots, NULL, NULL, NULL};
	const sgl_path_policy policy = {
	    .time = sgl_engine_now(engine), .purpose = SGL_PURPOSE_ANY};

	TRY(sgl_certs_add(&roots, root, err));
	TRY(sgl_path_check(engine, cert, &evidence, &policy, &path, err));
	return path.fault == SGL_PATH_OK
	    ? SGL_OK
	    : mismatch(
		  N_("the certificate is not valid below that root now"), err);
}

/* It issues for mail, says what it revoked, and does so for our domain. */
static sgl_status
check_usable(sgl_home *home, const sgl_cert *cert, sgl_err *err)
{
	const unsigned want = SGL_KU_KEY_CERT_SIGN | SGL_KU_CRL_SIGN;
	SGL_AUTO_CLEAR(sgl_buf) address = sgl_buf_init(1024);
	const char *domain = sgl_home_organisation(home)->domain;

	if (!sgl_cert_is_ca(cert) ||
	    (sgl_cert_get_key_usage(cert) & want) != want ||
	    !sgl_cert_has_ext_key_usage(cert, SGL_OID_KP_EMAIL_PROTECTION))
		return mismatch(N_("the certificate is not one of an authority "
				   "that issues for mail and revokes"),
		    err);
	TRY(sgl_buf_printf(&address, err, "x@%s", domain));
	if (sgl_constraints_allow_mail(cert, sgl_buf_slice(&address)))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
	    N_("the certificate does not permit the organisation's domain"),
	    "%s", domain);
}

static sgl_status
store_root(sgl_home *home, const sgl_cert *root, int64_t *id, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	sgl_slice der = sgl_cert_get_der(root);
	SGL_AUTO_CLEAR(sgl_authority)
	a = {.kind = SGL_AUTHORITY_ROOT,
	    .der = sgl_buf_init(der.len),
	    .created = sgl_engine_now(sgl_home_engine(home))};

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++)
		if (sgl_slice_eq(sgl_buf_slice(&list.items[i].der), der)) {
			*id = list.items[i].id;
			return SGL_OK;
		}
	TRY(sgl_buf_add(&a.der, der, err));
	TRY(sgl_slice_copy(sgl_slice_str(SGL_KEY_PARENTS),
	    (uint8_t **)&a.key_location, ROOM, err));
	return sgl_store_add_authority(sgl_home_store(home), &a, id, err);
}

sgl_status
sgl_below_install(
    sgl_home *home, const sgl_certs *certs, int64_t *id, sgl_err *err)
{
	SGL_AUTO(sgl_key)
	next = NULL;
	sgl_engine *engine = sgl_home_engine(home);
	sgl_cert *cert, *root;
	int64_t root_id;

	TRY(check_below(home, err));
	TRY(sgl_next_key_get(home, &next, err));
	cert = find_for(certs, sgl_key_get_spki(next));
	if (cert == NULL)
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("none of the certificates is for the key of sigill ca "
		       "request"));
	TRY(find_root(engine, certs, cert, &root, err));
	if (root == NULL)
		return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
		    N_("the root that has certified the authority is not among "
		       "the certificates"));
	TRY(check_path(engine, cert, root, err));
	TRY(check_usable(home, cert, err));
	TRY(store_root(home, root, &root_id, err));
	return sgl_ca_take_over(home, cert, root_id, NULL, id, err);
}
