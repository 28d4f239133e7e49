/* SPDX-License-Identifier: Apache-2.0 */
/* Whose signature is it, and of what: RFC 5652 5.4, 5.6. */
#include "cms/report.h"

#define ROOM "cms.signer"

bool
sgl_signer_find_attribute(
    const sgl_signer_info *s, sgl_oid type, sgl_der *value)
{
	sgl_der in = sgl_der_over(sgl_buf_slice(&s->attrs)), list, one, values;
	sgl_slice oid, whole = {0};

	if (!s->has_attrs || !sgl_der_read(&in, SGL_SET, &list))
		return false;
	while (!sgl_der_done(&list)) {
		if (!sgl_der_read(&list, SGL_SEQUENCE, &one) ||
		    !sgl_der_read_oid(&one, &oid) ||
		    !sgl_der_read(&one, SGL_SET, &values))
			return false;
		if (!sgl_slice_eq(oid, sgl_oid_der(type)))
			continue;
		if (whole.len > 0 ||
		    !sgl_der_read_any(&values, NULL, &whole, NULL) ||
		    !sgl_der_done(&values))
			return false;
	}
	*value = sgl_der_over(whole);
	return whole.len > 0;
}

bool
sgl_signer_is_named(const sgl_signer_info *s, const sgl_cert *cert)
{
	if (s->by_ski)
		return sgl_slice_eq(s->ski, cert->ski) ||
		    (cert->ski.len == 0 &&
			sgl_slice_eq(s->ski, sgl_slice_of(cert->key_id, 20)));
	return sgl_slice_eq(s->serial, cert->serial) &&
	    sgl_name_same(s->issuer, cert->issuer);
}

/* Without signed attributes the content itself is signed. */
static sgl_status
verify_content(sgl_engine *engine, const sgl_signer_info *s,
    const sgl_digests *digests, sgl_pubkey *key, bool *good, sgl_err *err)
{
	sgl_slice content;

	if (s->sig.scheme != SGL_SIG_ED25519)
		return sgl_pubkey_verify_digest(engine, key, &s->sig,
		    sgl_digest_slice(&s->content_digest), s->signature, good,
		    err);
	if (!sgl_digests_content(digests, &content))
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "content too long for this signature without attributes");
	return sgl_pubkey_verify(
	    engine, key, &s->sig, content, s->signature, good, err);
}

static sgl_status
verify_attrs(sgl_engine *engine, const sgl_signer_info *s, sgl_pubkey *key,
    bool *good, sgl_err *err)
{
	TRY(sgl_pubkey_verify(engine, key, &s->sig, sgl_buf_slice(&s->attrs),
	    s->signature, good, err));
	if (*good || s->attrs_as_sent.len == 0)
		return SGL_OK;
	return sgl_pubkey_verify(
	    engine, key, &s->sig, s->attrs_as_sent, s->signature, good, err);
}

sgl_status
sgl_signer_verify(sgl_engine *engine, const sgl_signer_info *s,
    const sgl_digests *digests, const sgl_cert *cert, bool *good, sgl_err *err)
{
	SGL_AUTO(sgl_pubkey)
	key = NULL;

	TRY(sgl_cert_get_pubkey(engine, cert, &key, err));
	return s->has_attrs
	    ? verify_attrs(engine, s, key, good, err)
	    : verify_content(engine, s, digests, key, good, err);
}

sgl_status
sgl_signer_proves(sgl_engine *engine, const sgl_cms_report *report,
    const sgl_signer_info *s, const sgl_cert *cert, bool *good, sgl_err *err)
{
	*good = false;
	/* MD5 can be made to match. */
	if (s->fault != SGL_SIGNER_OK || s->digest == SGL_DIGEST_MD5 ||
	    !s->has_content_digest || !sgl_signer_is_named(s, cert))
		return SGL_OK;
	if (s->has_attrs &&
	    !sgl_slice_eq(
		s->message_digest, sgl_digest_slice(&s->content_digest)))
		return SGL_OK;
	return sgl_signer_verify(engine, s, report->digests, cert, good, err);
}
