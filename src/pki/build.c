/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/build_inside.h"

#define ROOM "pki.build"
#define MAX_CERT ((size_t)1 << 20)
#define MAX_SERIAL 20 /* RFC 5280 4.1.2.2 */

static sgl_status
senseless(sgl_err *err, const char *text)
{
	return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, text);
}

static bool
is_sequence(sgl_slice der)
{
	sgl_der in = sgl_der_over(der);

	return sgl_der_read(&in, SGL_SEQUENCE, NULL) && sgl_der_done(&in);
}

/* Positive, and with the sign's bit not longer than allowed. */
static bool
is_good_serial(sgl_slice s)
{
	while (s.len > 0 && s.data[0] == 0)
		s = sgl_slice_from(s, 1);
	return s.len > 0 && s.len + (s.data[0] >> 7) <= MAX_SERIAL;
}

/* RFC 5280 4.2.1.3, 4.2.1.9 */
static bool
are_rights_coherent(const sgl_cert_template *t)
{
	bool may_sign = (t->key_usage & SGL_KU_KEY_CERT_SIGN) != 0;

	return may_sign == t->is_ca && (t->is_ca || !t->has_path_len) &&
	    (t->is_ca || t->num_permitted + t->num_excluded == 0) &&
	    (t->key_usage & ~(unsigned)SGL_KU_ALL) == 0;
}

/* RFC 6960 4.2.2.2: nocheck is for who signs OCSP responses. */
static bool
is_nocheck_coherent(const sgl_cert_template *t)
{
	bool is_responder = false;

	for (size_t i = 0; i < t->num_ext_key_usage; i++)
		if (t->ext_key_usage[i] == SGL_OID_KP_OCSP_SIGNING)
			is_responder = true;
	return !t->ocsp_nocheck || is_responder;
}

static bool
are_urls_good(const sgl_cert_template *t)
{
	return sgl_url_is_good(t->crl_url) && sgl_url_is_good(t->issuer_url) &&
	    sgl_url_is_good(t->ocsp_url);
}

sgl_status
sgl_check_asked(sgl_engine *engine, const sgl_cert_template *t, sgl_err *err)
{
	sgl_key_kind kind;

	if (!is_sequence(t->subject) || (t->is_ca && t->subject.len <= 2))
		return senseless(err, "issuer or subject is no name");
	if (!are_rights_coherent(t))
		return senseless(err,
		    "key usage and the rights of a CA do "
		    "not go together");
	if (!is_nocheck_coherent(t))
		return senseless(err,
		    "id-pkix-ocsp-nocheck belongs to "
		    "certificates for OCSP signing");
	if (!are_urls_good(t))
		return senseless(err,
		    "a URL has no scheme, or characters "
		    "that a URL cannot have");
	if (t->smime_capabilities.len > 0 &&
	    !is_sequence(t->smime_capabilities))
		return senseless(err, "S/MIME capabilities are no SEQUENCE");
	if (t->subject.len <= 2 && t->num_addresses == 0)
		return senseless(err, "a certificate for nobody");
	/* A key that we would not verify with is not certified either. */
	return t->is_key_checked
	    ? SGL_OK
	    : sgl_pubkey_check(engine, t->spki, &kind, err);
}

static sgl_status
check_template(sgl_engine *engine, const sgl_cert_template *t, sgl_err *err)
{
	if (!is_good_serial(t->serial))
		return senseless(err,
		    "a serial number is not positive or has "
		    "more than 20 bytes");
	if (!is_sequence(t->issuer) || t->issuer.len <= 2)
		return senseless(err, "issuer or subject is no name");
	if (t->not_after < t->not_before)
		return senseless(err, "a certificate ends before it begins");
	return sgl_check_asked(engine, t, err);
}

static sgl_status
add_tbs(sgl_engine *engine, const sgl_cert_template *t, const sgl_sig_alg *alg,
    sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t tbs = sgl_derb_open(&b, SGL_SEQUENCE), mark;

	mark = sgl_derb_open(&b, SGL_CONTEXT(0));
	sgl_derb_uint(&b, 2); /* v3 */
	sgl_derb_close(&b, mark);
	sgl_derb_unsigned(&b, t->serial);
	sgl_sig_alg_add(&b, alg);
	sgl_derb_raw(&b, t->issuer);
	mark = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_time(&b, t->not_before);
	sgl_derb_time(&b, t->not_after);
	sgl_derb_close(&b, mark);
	sgl_derb_raw(&b, t->subject);
	sgl_derb_raw(&b, t->spki);
	mark = sgl_derb_open(&b, SGL_CONTEXT(3));
	TRY(sgl_derb_add_extensions(engine, &b, t, err));
	sgl_derb_close(&b, mark);
	sgl_derb_close(&b, tbs);
	return sgl_derb_end(&b, err);
}

void
sgl_cert_draft_clear(sgl_cert_draft *d)
{
	sgl_buf_clear(&d->tbs);
	*d = (sgl_cert_draft){.tbs = {0}};
}

sgl_status
sgl_cert_draft_make(sgl_engine *engine, const sgl_cert_template *t,
    sgl_key *key, sgl_digest_alg digest, sgl_cert_draft *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_draft) d = {.tbs = sgl_buf_init(MAX_CERT)};

	TRY(check_template(engine, t, err));
	TRY(sgl_sign_alg(key, digest, &d.alg, err));
	TRY(add_tbs(engine, t, &d.alg, &d.tbs, err));
	*out = d;
	d = (sgl_cert_draft){.tbs = {0}};
	return SGL_OK;
}

sgl_key_request
sgl_cert_draft_request(const sgl_cert_draft *d)
{
	return sgl_sign_request(sgl_buf_slice(&d->tbs), &d->alg);
}

sgl_status
sgl_cert_draft_end(sgl_engine *engine, const sgl_cert_draft *d, sgl_key *key,
    sgl_slice signature, sgl_cert **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) whole = sgl_buf_init(MAX_CERT);

	TRY(sgl_sign_end(engine, sgl_buf_slice(&d->tbs), key, &d->alg,
	    signature, (sgl_slice){0}, &whole, err));
	return sgl_cert_read(engine, sgl_buf_slice(&whole), out, err);
}

sgl_status
sgl_cert_build(sgl_engine *engine, const sgl_cert_template *t, sgl_key *key,
    sgl_digest_alg digest, sgl_cert **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_cert_draft) d = {.tbs = {0}};
	sgl_key_request request;
	sgl_key_answer answer;

	TRY(sgl_cert_draft_make(engine, t, key, digest, &d, err));
	request = sgl_cert_draft_request(&d);
	TRY(sgl_key_ask(engine, key, &request, &answer, err));
	return sgl_cert_draft_end(
	    engine, &d, key, sgl_slice_of(answer.bytes, answer.len), out, err);
}
