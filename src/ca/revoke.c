/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/revoke.h"
#include "org/audit.h"
#include "sys/text.h"

#define ROOM "ca.revoke"

static sgl_status
check_reason(sgl_revocation_reason reason, sgl_err *err)
{
	const char *name = sgl_revocation_reason_name(reason);

	switch (reason) {
	case SGL_REASON_CA_COMPROMISE:
	case SGL_REASON_AA_COMPROMISE:
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("this reason is for authorities alone"), "%s", name);
	case SGL_REASON_REMOVE_FROM_CRL:
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("this is no reason to revoke: sigill cert release takes "
		       "back a hold"),
		    "%s", name);
	case SGL_REASON_UNSPECIFIED:
	case SGL_REASON_KEY_COMPROMISE:
	case SGL_REASON_AFFILIATION_CHANGED:
	case SGL_REASON_SUPERSEDED:
	case SGL_REASON_CESSATION_OF_OPERATION:
	case SGL_REASON_CERTIFICATE_HOLD:
	case SGL_REASON_PRIVILEGE_WITHDRAWN:
		break;
	}
	return SGL_OK;
}

static sgl_status
check_times(const sgl_revocation_mark *mark, sgl_time now, sgl_err *err)
{
	if (mark->when <= now && mark->invalidity <= now)
		return SGL_OK;
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("a certificate cannot be revoked at a time to come"));
}

/* RFC 5280 5.3.1: from a hold there is a way on, and back; what is revoked for
 * good stays so, and may only be told better. */
static bool
may_become(sgl_revocation_reason from, sgl_revocation_reason to)
{
	if (from == to || from == SGL_REASON_CERTIFICATE_HOLD)
		return true;
	return to == SGL_REASON_KEY_COMPROMISE ||
	    (from == SGL_REASON_UNSPECIFIED &&
		to != SGL_REASON_CERTIFICATE_HOLD);
}

static sgl_status
check_change(
    const sgl_cert_record *cert, const sgl_revocation_mark *mark, sgl_err *err)
{
	sgl_revocation_reason from = cert->revocation.reason;

	if (cert->status != SGL_CERT_REVOKED || may_become(from, mark->reason))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("it is revoked already, and the reason cannot become this one"),
	    "%s -> %s", sgl_revocation_reason_name(from),
	    sgl_revocation_reason_name(mark->reason));
}

static const char *
word_of(const sgl_cert_record *cert)
{
	return cert->status == SGL_CERT_REVOKED
	    ? sgl_revocation_reason_name(cert->revocation.reason)
	    : sgl_cert_status_name(cert->status);
}

static sgl_status
note(sgl_home *home, const char *action, const sgl_cert_record *cert,
    const char *after, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) what = sgl_buf_init(4096);

	TRY(sgl_buf_printf(&what, err, "%s %s ", cert->address,
	    sgl_cert_purpose_name(cert->purpose)));
	TRY(sgl_hex_add(&what, sgl_buf_slice(&cert->serial), err));
	TRY(sgl_buf_add(&what, sgl_slice_of("", 1), err));
	return sgl_audit_add(
	    home, action, (const char *)what.data, word_of(cert), after, err);
}

/* What was said of it is no longer true. Of what another authority gave, we
 * alone know. */
static sgl_status
set_due(sgl_home *home, const sgl_cert_record *cert, sgl_err *err)
{
	sgl_store *store = sgl_home_store(home);

	if (cert->issuer == 0)
		return SGL_OK;
	TRY(sgl_store_drop_ocsp(store, cert->id, err));
	return sgl_store_set_crl_due(store, cert->issuer, cert->shard, err);
}

sgl_status
sgl_ca_revoke(sgl_home *home, const sgl_cert_record *cert,
    const sgl_revocation_mark *mark, sgl_err *err)
{
	sgl_time now = sgl_engine_now(sgl_home_engine(home));
	sgl_revocation_mark m = *mark;
	bool done;

	if (m.when == 0)
		m.when = now;
	TRY(check_reason(m.reason, err));
	TRY(check_times(&m, now, err));
	TRY(check_change(cert, &m, err));
	if (cert->status == SGL_CERT_REVOKED) {
		m.when = cert->revocation.when;
		if (m.invalidity == 0)
			m.invalidity = cert->revocation.invalidity;
	}
	TRY(sgl_store_revoke_cert(
	    sgl_home_store(home), cert->id, &m, &done, err));
	TRY(note(home, "cert.revoke", cert,
	    sgl_revocation_reason_name(m.reason), err));
	return set_due(home, cert, err);
}

sgl_status
sgl_ca_release(sgl_home *home, const sgl_cert_record *cert, sgl_err *err)
{
	bool done;

	if (cert->status != SGL_CERT_REVOKED ||
	    cert->revocation.reason != SGL_REASON_CERTIFICATE_HOLD)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("the certificate is not on hold: only a hold can be "
		       "taken back"));
	TRY(sgl_store_release_cert(sgl_home_store(home), cert->id, &done, err));
	TRY(note(home, "cert.release", cert,
	    cert->superseded == 0 ? "current" : "superseded", err));
	return set_due(home, cert, err);
}
