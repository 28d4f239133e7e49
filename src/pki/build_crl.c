/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/build_inside.h"

#define ROOM "pki.build"
#define MAX_SERIAL 20 /* RFC 5280 4.1.2.2 */

/* RFC 5280 5.3.1: 7 is not used, removeFromCRL is for delta CRLs; unspecified
 * should be left out. */
static bool
is_reason(int reason)
{
	return reason >= -1 && reason <= 10 && reason != 7 && reason != 8;
}

/* Positive, in as few bytes as it needs. */
static bool
is_serial(sgl_slice s)
{
	if (s.len == 0 || s.len > MAX_SERIAL || (s.data[0] & 0x80) != 0)
		return false;
	return s.data[0] != 0 || (s.len > 1 && (s.data[1] & 0x80) != 0);
}

static sgl_status
check_template(const sgl_crl_template *t, sgl_err *err)
{
	sgl_der in = sgl_der_over(t->issuer);

	if (!sgl_der_read(&in, SGL_SEQUENCE, NULL) || !sgl_der_done(&in) ||
	    t->issuer.len <= 2 || t->next_update <= t->this_update)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "a CRL without issuer, or that ends before it begins");
	if (!sgl_url_is_good(t->point_url) ||
	    (t->only_user_certs && t->only_ca_certs))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "the distribution point of a CRL is no URL, or the CRL is "
		    "about nothing");
	return SGL_OK;
}

static void
add_reason(sgl_derb *b, int reason)
{
	uint8_t byte = (uint8_t)reason;
	sgl_ext_marks ext;

	if (reason <= 0)
		return;
	ext = sgl_derb_open_ext(b, SGL_OID_CE_CRL_REASON, false);
	sgl_derb_bytes(b, SGL_ENUMERATED, sgl_slice_of(&byte, 1));
	sgl_derb_close_ext(b, ext);
}

/* RFC 5280 5.3.2 */
static void
add_invalidity_date(sgl_derb *b, sgl_time date)
{
	sgl_ext_marks ext =
	    sgl_derb_open_ext(b, SGL_OID_CE_INVALIDITY_DATE, false);

	sgl_derb_generalized_time(b, date);
	sgl_derb_close_ext(b, ext);
}

static sgl_status
add_entry(sgl_derb *b, const sgl_revoked *r, sgl_err *err)
{
	size_t entry, list;

	if (!is_serial(r->serial) || !is_reason(r->reason))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "a CRL entry without serial number, or with a reason that "
		    "does not belong there");
	entry = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_bytes(b, SGL_INTEGER, r->serial);
	sgl_derb_time(b, r->revoked_at);
	if (r->reason > 0 || r->has_invalidity_date) {
		list = sgl_derb_open(b, SGL_SEQUENCE);
		add_reason(b, r->reason);
		if (r->has_invalidity_date)
			add_invalidity_date(b, r->invalidity_date);
		sgl_derb_close(b, list);
	}
	sgl_derb_close(b, entry);
	return SGL_OK;
}

/* RFC 5280 5.1.2.6: absent rather than empty. */
static sgl_status
add_entries(sgl_derb *b, const sgl_crl_template *t, sgl_err *err)
{
	size_t list = 0;

	for (size_t i = 0; t->next != NULL && b->failed == SGL_OK; i++) {
		sgl_revoked one = {.reason = -1};
		bool end = false;

		TRY(t->next(t->ctx, i, &one, &end, err));
		if (end)
			break;
		if (i == 0)
			list = sgl_derb_open(b, SGL_SEQUENCE);
		TRY(add_entry(b, &one, err));
	}
	if (list > 0)
		sgl_derb_close(b, list);
	return SGL_OK;
}

static void
add_implicit_true(sgl_derb *b, unsigned number)
{
	sgl_derb_bytes(b, SGL_CONTEXT_PRIMITIVE(number), SGL_LIT("\xff"));
}

static void
add_point(sgl_derb *b, const sgl_crl_template *t)
{
	sgl_ext_marks ext;
	size_t seq;

	if (t->point_url.len == 0 && !t->only_user_certs && !t->only_ca_certs)
		return;
	ext = sgl_derb_open_ext(b, SGL_OID_CE_ISSUING_DISTRIBUTION_POINT, true);
	seq = sgl_derb_open(b, SGL_SEQUENCE);
	if (t->point_url.len > 0)
		sgl_derb_add_point_name(b, t->point_url);
	if (t->only_user_certs)
		add_implicit_true(b, 1);
	if (t->only_ca_certs)
		add_implicit_true(b, 2);
	sgl_derb_close(b, seq);
	sgl_derb_close_ext(b, ext);
}

static void
add_extensions(sgl_derb *b, const sgl_crl_template *t)
{
	size_t wrap = sgl_derb_open(b, SGL_CONTEXT(0));
	size_t list = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_ext_marks ext;

	if (t->issuer_key_id.len > 0)
		sgl_derb_add_aki(b, t->issuer_key_id);
	ext = sgl_derb_open_ext(b, SGL_OID_CE_CRL_NUMBER, false);
	sgl_derb_uint(b, t->number);
	sgl_derb_close_ext(b, ext);
	add_point(b, t);
	sgl_derb_close(b, list);
	sgl_derb_close(b, wrap);
}

static sgl_status
add_tbs(const sgl_crl_template *t, const sgl_sig_alg *alg, sgl_buf *out,
    sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t tbs = sgl_derb_open(&b, SGL_SEQUENCE);

	sgl_derb_uint(&b, 1); /* v2 */
	sgl_sig_alg_add(&b, alg);
	sgl_derb_raw(&b, t->issuer);
	sgl_derb_time(&b, t->this_update);
	sgl_derb_time(&b, t->next_update);
	TRY(add_entries(&b, t, err));
	add_extensions(&b, t);
	sgl_derb_close(&b, tbs);
	return sgl_derb_end(&b, err);
}

sgl_status
sgl_crl_build(sgl_engine *engine, const sgl_crl_template *t, sgl_key *key,
    sgl_digest_alg digest, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) tbs = sgl_buf_init(out->max);
	size_t start = out->len;
	sgl_sig_alg alg;
	sgl_status status;

	TRY(check_template(t, err));
	TRY(sgl_sign_alg(key, digest, &alg, err));
	TRY(add_tbs(t, &alg, &tbs, err));
	status = sgl_sign_whole(
	    engine, sgl_buf_slice(&tbs), key, &alg, (sgl_slice){0}, out, err);
	if (status != SGL_OK)
		out->len = start;
	return status;
}
