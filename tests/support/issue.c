/* SPDX-License-Identifier: Apache-2.0 */
#include "support/issue.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

#include "asn1/pem.h"
#include "crypto/pubkey.h"

static uint32_t serials;

void
sgl_who_clear(sgl_who *w)
{
	sgl_cert_unref(w->cert);
	sgl_key_unref(w->key);
	*w = (sgl_who){0};
}

static void
make_name(const char *text, sgl_buf *out)
{
	sgl_rdn rdns[] = {{SGL_OID_AT_O, SGL_LIT("Example")},
	    {SGL_OID_AT_CN, sgl_slice_str(text)}};

	assert_int_equal(
	    sgl_name_build(rdns, text[0] == '\0' ? 0 : 2, out, NULL), SGL_OK);
}

static unsigned
usual_key_usage(const sgl_issue *what, sgl_key_kind kind)
{
	if (what->key_usage != 0)
		return what->key_usage;
	if (what->is_ca)
		return SGL_KU_KEY_CERT_SIGN | SGL_KU_CRL_SIGN;
	switch (kind) {
	case SGL_KEY_RSA:
		return SGL_KU_DIGITAL_SIGNATURE | SGL_KU_KEY_ENCIPHERMENT;
	case SGL_KEY_X25519:
		return SGL_KU_KEY_AGREEMENT;
	case SGL_KEY_ED25519:
		return SGL_KU_DIGITAL_SIGNATURE;
	case SGL_KEY_P256:
	case SGL_KEY_P384:
	case SGL_KEY_P521:
	case SGL_KEY_UNKNOWN:
		break;
	}
	return SGL_KU_DIGITAL_SIGNATURE | SGL_KU_KEY_AGREEMENT;
}

static sgl_slice
text_or_none(const char *s)
{
	return s == NULL ? (sgl_slice){0} : sgl_slice_str(s);
}

static void
make_key(sgl_engine *engine, const sgl_issue *what, sgl_who *out)
{
	sgl_key_kind kind =
	    what->kind == SGL_KEY_UNKNOWN ? SGL_KEY_P256 : what->kind;

	if (what->key != NULL)
		out->key = sgl_key_ref(what->key);
	else
		assert_int_equal(
		    sgl_key_generate(engine, kind, 2048, &out->key, NULL),
		    SGL_OK);
}

static void
fill_template(const sgl_issue *what, const sgl_who *out, sgl_cert_template *t)
{
	static const sgl_oid mail[] = {SGL_OID_KP_EMAIL_PROTECTION};

	t->not_before = what->from != 0 ? what->from : SGL_ISSUE_FROM;
	t->not_after = what->until != 0 ? what->until : SGL_ISSUE_UNTIL;
	t->spki = sgl_key_get_spki(out->key);
	t->is_ca = what->is_ca;
	t->has_path_len = what->has_path_len;
	t->path_len = what->path_len;
	t->key_usage = usual_key_usage(what, sgl_key_get_kind(out->key));
	t->ext_key_usage = what->ext_key_usage;
	t->num_ext_key_usage = what->num_ext_key_usage;
	if (what->ext_key_usage == NULL && !what->is_ca) {
		t->ext_key_usage = mail;
		t->num_ext_key_usage = 1;
	}
	t->crl_url = text_or_none(what->crl_url);
	t->issuer_url = text_or_none(what->issuer_url);
	t->ocsp_url = text_or_none(what->ocsp_url);
	t->ocsp_nocheck = what->ocsp_nocheck;
}

/* A domain and all below it. */
static void
permit(const sgl_issue *what, sgl_slice *permitted, sgl_buf *below,
    sgl_cert_template *t)
{
	if (what->permitted_domain == NULL)
		return;
	assert_int_equal(
	    sgl_buf_printf(below, NULL, ".%s", what->permitted_domain), SGL_OK);
	permitted[0] = sgl_slice_str(what->permitted_domain);
	permitted[1] = sgl_buf_slice(below);
	t->permitted = permitted;
	t->num_permitted = 2;
}

void
sgl_issue_cert(sgl_engine *engine, const sgl_issue *what, const sgl_who *issuer,
    sgl_who *out)
{
	SGL_AUTO_CLEAR(sgl_buf) subject = sgl_buf_init(1024);
	SGL_AUTO_CLEAR(sgl_buf) below = sgl_buf_init(1024);
	sgl_slice address = text_or_none(what->address), permitted[2];
	uint8_t serial[5] = {1};
	sgl_cert_template t = {.serial = {serial, sizeof serial}};
	sgl_err err = {0};

	serials++;
	for (int i = 0; i < 4; i++)
		serial[1 + i] = (uint8_t)(serials >> (24 - 8 * i));
	make_name(what->name, &subject);
	make_key(engine, what, out);
	fill_template(what, out, &t);
	permit(what, permitted, &below, &t);
	t.issuer = t.subject = sgl_buf_slice(&subject);
	if (issuer != NULL) {
		t.issuer = issuer->cert->subject;
		t.issuer_key_id = issuer->cert->ski;
	}
	t.addresses = &address;
	t.num_addresses = what->address != NULL;
	if (sgl_cert_build(engine, &t, issuer != NULL ? issuer->key : out->key,
		what->digest, &out->cert, &err) != SGL_OK)
		fail_msg("%s: %s %s", what->name, err.text, err.detail);
}

/* One entry; ctx is the sgl_revoked. */
static sgl_status
tell_one(void *ctx, size_t i, sgl_revoked *out, bool *end, sgl_err *err)
{
	(void)err;
	*end = i > 0;
	*out = *(const sgl_revoked *)ctx;
	return SGL_OK;
}

sgl_crl *
sgl_issue_crl(sgl_engine *engine, const sgl_who *issuer,
    const sgl_cert *revoked, int reason)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(1 << 20);
	sgl_revoked entry = {
	    .revoked_at = SGL_ISSUE_TIME - 86400, .reason = reason};
	sgl_crl_template t = {.issuer = issuer->cert->subject,
	    .issuer_key_id = issuer->cert->ski,
	    .this_update = SGL_ISSUE_TIME - 3600,
	    .next_update = SGL_ISSUE_TIME + 7 * 86400,
	    .number = ++serials,
	    .next = revoked != NULL ? tell_one : NULL,
	    .ctx = &entry};
	sgl_crl *crl = NULL;

	if (revoked != NULL)
		entry.serial = revoked->serial;
	assert_int_equal(
	    sgl_crl_build(engine, &t, issuer->key, SGL_DIGEST_NONE, &der, NULL),
	    SGL_OK);
	assert_int_equal(
	    sgl_crl_read(engine, sgl_buf_slice(&der), &crl, NULL), SGL_OK);
	return crl;
}

void
sgl_issue_pem(const sgl_cert *cert, sgl_buf *out)
{
	out->len = 0;
	assert_int_equal(
	    sgl_pem_add(out, "CERTIFICATE", cert->der, NULL), SGL_OK);
}
