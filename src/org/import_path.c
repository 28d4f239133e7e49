/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "org/import_inside.h"
#include "pki/path.h"
#include "sys/text.h"

#define NAME_TEXT 400

void
sgl_import_old(sgl_import_item *i, const char *why)
{
	i->result = i->purpose == SGL_CERT_ENCRYPTION ? SGL_IMPORT_HISTORY
						      : SGL_IMPORT_NEEDLESS;
	i->why = why;
}

/* One text for each fault that a path can have. */
static const char *
fault_text(sgl_path_fault fault)
{
	switch (fault) {
	case SGL_PATH_OK:
	case SGL_PATH_REVOKED:
	case SGL_PATH_REVOCATION_UNKNOWN:
	case SGL_PATH_WEAK:
		break;
	case SGL_PATH_NO_ANCHOR:
		return N_("a certificate above it is missing: get that of this "
			  "issuer and give its file too");
	case SGL_PATH_EXPIRED:
		return N_("a certificate above it has expired: ask its issuer "
			  "for a present one");
	case SGL_PATH_NOT_YET_VALID:
		return N_("a certificate above it is not valid yet");
	case SGL_PATH_BAD_SIGNATURE:
		return N_("the signature on it, or above it, is wrong: the "
			  "file is damaged or forged");
	case SGL_PATH_NOT_A_CA:
	case SGL_PATH_TOO_LONG:
	case SGL_PATH_KEY_USAGE:
	case SGL_PATH_EXT_KEY_USAGE:
	case SGL_PATH_NAME_CONSTRAINTS:
	case SGL_PATH_POLICY:
		return N_("who issued it may not issue such certificates");
	case SGL_PATH_WRONG_USAGE:
		return N_("its usage does not allow that purpose");
	case SGL_PATH_UNKNOWN_CRITICAL:
	case SGL_PATH_MALFORMED:
	case SGL_PATH_UNSUPPORTED:
		return N_("it, or a certificate above it, cannot be used by "
			  "this release");
	case SGL_PATH_GAVE_UP:
		return N_("too many certificates came with it");
	}
	return NULL;
}

/* Whose certificate is wanted, and where it may be had. */
static sgl_status
name_missing(const sgl_path *path, sgl_import_item *i, sgl_err *err)
{
	const sgl_cert *last = path->certs[path->num - 1];
	sgl_slice url = path->missing_issuer_url;
	SGL_AUTO_CLEAR(sgl_buf) name = sgl_buf_init(8192);

	TRY(sgl_name_text(sgl_cert_get_issuer(last), &name, err));
	(void)snprintf(i->detail, sizeof i->detail, "%.*s%s%.*s",
	    (int)(name.len < NAME_TEXT / 2 ? name.len : NAME_TEXT / 2),
	    name.len > 0 ? (const char *)name.data : "",
	    url.len > 0 ? ", " : "",
	    (int)(url.len < NAME_TEXT / 2 ? url.len : NAME_TEXT / 2),
	    url.len > 0 ? (const char *)url.data : "");
	return SGL_OK;
}

static sgl_status
note(const sgl_path *path, sgl_import_item *i, sgl_err *err)
{
	sgl_path_fault fault = path->fault;

	if (fault == SGL_PATH_REVOKED) {
		sgl_import_old(i, N_("it has been revoked"));
	} else if (fault == SGL_PATH_WEAK) {
		sgl_import_old(i,
		    N_("its key or a signature is too weak (RSA below 2048 "
		       "bits, SHA-1)"));
	} else if (fault != SGL_PATH_OK) {
		i->result = SGL_IMPORT_REFUSED;
		i->why = fault_text(fault);
	}
	return fault == SGL_PATH_NO_ANCHOR ? name_missing(path, i, err)
					   : SGL_OK;
}

sgl_status
sgl_import_judge_path(sgl_engine *engine, const sgl_import_evidence *evidence,
    sgl_import_item *i, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_path) path = {0};
	const sgl_evidence all = {.anchors = evidence->roots,
	    .intermediates = evidence->others,
	    .crls = evidence->crls};
	sgl_path_policy policy = {
	    .time = sgl_engine_now(engine),
	    .purpose = i->purpose == SGL_CERT_SIGNING
		? SGL_PURPOSE_MAIL_SIGN
		: SGL_PURPOSE_MAIL_ENCRYPT,
	    .check_revocation = evidence->crls->num > 0,
	};

	/* What begins tomorrow can be had today. */
	if (policy.time < sgl_cert_get_not_before(i->cert))
		policy.time = sgl_cert_get_not_before(i->cert);
	TRY(sgl_path_check(engine, i->cert, &all, &policy, &path, err));
	for (size_t at = 1; at < path.num; at++)
		TRY(sgl_certs_add(&i->chain, path.certs[at], err));
	return note(&path, i, err);
}
