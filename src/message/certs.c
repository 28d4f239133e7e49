/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "message/certs.h"
#include "cli/remote.h"
#include "org/place.h"
#include "pki/cert.h"

#define ROOM "message.certs"

void
sgl_trust_clear(sgl_trust *trust)
{
	sgl_certs_clear(&trust->anchors);
	sgl_certs_clear(&trust->intermediates);
	sgl_crls_clear(&trust->crls);
}

static sgl_status
add_all(sgl_certs *to, const sgl_certs *from, sgl_err *err)
{
	for (size_t i = 0; i < from->num; i++)
		TRY(sgl_certs_add(to, from->items[i], err));
	return SGL_OK;
}

/* A file of certificates. CRLs that lie in it are taken too. */
static sgl_status
load_certs(sgl_msg *m, const char *path, sgl_certs *certs, sgl_crls *crls,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};

	TRY(sgl_msg_load(m, path, &ring, crls, err));
	m->at = path;
	if (ring.certs.num == 0)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("holds no certificate"));
	TRY(add_all(certs, &ring.certs, err));
	m->at = NULL;
	return SGL_OK;
}

static sgl_status
load_crls(sgl_msg *m, const char *path, sgl_crls *crls, sgl_err *err)
{
	size_t before = crls->num;

	TRY(sgl_msg_load(m, path, NULL, crls, err));
	m->at = path;
	if (crls->num == before)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("holds no revocation list that was not given before"));
	m->at = NULL;
	return SGL_OK;
}

static sgl_status
add_organisation(sgl_msg *m, sgl_trust *out, sgl_err *err)
{
	const char *home = sgl_call_get(m->call, "home");
	sgl_resolver *resolver;

	if (sgl_call_has(m->call, "trust") ||
	    (!sgl_place_is_home(home) && !sgl_remote_is_named(home)))
		return SGL_OK;
	TRY(sgl_msg_get_resolver(m, &resolver, err));
	TRY(sgl_resolver_trust(
	    resolver, &out->anchors, &out->intermediates, err));
	return sgl_resolver_crls(resolver, &out->crls, err);
}

sgl_status
sgl_trust_load(sgl_msg *m, sgl_trust *out, sgl_err *err)
{
	const sgl_call *call = m->call;

	TRY(add_organisation(m, out, err));
	for (size_t i = 0; i < sgl_call_num(call, "trust"); i++)
		TRY(load_certs(m, sgl_call_nth(call, "trust", i), &out->anchors,
		    &out->crls, err));
	for (size_t i = 0; i < sgl_call_num(call, "intermediate"); i++)
		TRY(load_certs(m, sgl_call_nth(call, "intermediate", i),
		    &out->intermediates, &out->crls, err));
	for (size_t i = 0; i < sgl_call_num(call, "crl"); i++)
		TRY(load_crls(
		    m, sgl_call_nth(call, "crl", i), &out->crls, err));
	return SGL_OK;
}

/* ---------------------------------------------------------- recipients --- */

static bool
is_recipient(const sgl_cert *cert)
{
	return !sgl_cert_is_ca(cert) && sgl_cert_may_encrypt(cert);
}

/* The same person, by an address or by the whole name. */
static bool
is_same_person(const sgl_cert *a, const sgl_cert *b)
{
	if (sgl_cert_shares_address(a, b))
		return true;
	return sgl_cert_num_addresses(a) == 0 &&
	    sgl_cert_num_addresses(b) == 0 &&
	    sgl_name_same(sgl_cert_get_subject(a), sgl_cert_get_subject(b));
}

static bool
has_valid_one(const sgl_certs *among, const sgl_cert *person, sgl_time now)
{
	for (size_t i = 0; i < among->num; i++)
		if (is_recipient(among->items[i]) &&
		    sgl_cert_is_valid_at(among->items[i], now) &&
		    is_same_person(among->items[i], person))
			return true;
	return false;
}

static void
name_person(const sgl_cert *cert, sgl_buf *out)
{
	if (sgl_cert_num_addresses(cert) > 0)
		(void)!sgl_buf_add(out, sgl_cert_get_address(cert, 0), NULL);
	else
		(void)!sgl_name_text(sgl_cert_get_subject(cert), out, NULL);
}

static sgl_status
refuse_time(sgl_msg *m, const sgl_cert *cert, sgl_time now, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) who = sgl_buf_init(8192);
	char when[SGL_TIME_TEXT];
	bool is_old = sgl_cert_get_not_after(cert) < now;

	name_person(cert, &who);
	m->hint = is_old ? _("ask for a renewed certificate: nothing was "
			     "written")
			 : _("nothing was written");
	return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    is_old ? N_("the certificate has expired")
		   : N_("the certificate is not valid yet"),
	    "%.*s, %s", (int)who.len, (const char *)who.data,
	    sgl_time_text(is_old ? sgl_cert_get_not_after(cert)
				 : sgl_cert_get_not_before(cert),
		when));
}

/* A bundle may hold issuers, and what was renewed since. */
static sgl_status
choose_recipients(
    sgl_msg *m, const sgl_certs *among, sgl_certs *out, sgl_err *err)
{
	sgl_time now = sgl_engine_now(m->engine);
	size_t num = 0;

	for (size_t i = 0; i < among->num; i++) {
		sgl_cert *cert = among->items[i];
		if (!is_recipient(cert))
			continue;
		num++;
		if (sgl_cert_is_valid_at(cert, now))
			TRY(sgl_certs_add(out, cert, err));
		else if (!has_valid_one(among, cert, now))
			return refuse_time(m, cert, now, err);
	}
	if (num > 0)
		return SGL_OK;
	m->hint = _("nothing was written");
	return sgl_fail(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    among->num > 0
		? N_("no certificate here is for encrypting mail to somebody")
		: N_("holds no certificate"));
}

static sgl_status
add_person(sgl_msg *m, const char *address, sgl_certs *out, sgl_err *err)
{
	SGL_AUTO(sgl_cert)
	cert = NULL;
	sgl_resolver *resolver;

	TRY(sgl_msg_get_resolver(m, &resolver, err));
	m->at = address;
	m->hint = _("nothing was written; to somebody elsewhere, give a file "
		    "with their certificate: --to FILE");
	TRY(sgl_resolver_recipient(resolver, address, &cert, err));
	m->at = m->hint = NULL;
	return sgl_certs_add(out, cert, err);
}

static sgl_status
add_recipient(sgl_msg *m, const char *to, sgl_certs *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_keyring) ring = {0};

	if (sgl_resolve_is_address(to))
		return add_person(m, to, out, err);
	sgl_msg_warn_of_file(m, to);
	TRY(sgl_msg_load(m, to, &ring, NULL, err));
	m->at = to;
	TRY(choose_recipients(m, &ring.certs, out, err));
	m->at = NULL;
	return SGL_OK;
}

sgl_status
sgl_recipients_load(sgl_msg *m, sgl_certs *out, sgl_err *err)
{
	for (size_t i = 0; i < sgl_call_num(m->call, "to"); i++)
		TRY(add_recipient(m, sgl_call_nth(m->call, "to", i), out, err));
	return SGL_OK;
}
