/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/build_inside.h"

#define ROOM "pki.build"

/* RFC 5280 5.3.1: 7 is not used, removeFromCRL is for delta CRLs; unspecified
 * should be left out. */
static bool
is_reason(int reason)
{
	return reason >= -1 && reason <= 10 && reason != 7 && reason != 8;
}

static sgl_status
check_template(const sgl_crl_template *t, sgl_err *err)
{
	sgl_der in = sgl_der_over(t->issuer);

	if (!sgl_der_read(&in, SGL_SEQUENCE, NULL) || !sgl_der_done(&in) ||
	    t->next_update <= t->this_update)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "a CRL without issuer, or that ends before it begins");
	for (size_t i = 0; i < t->num_entries; i++)
		if (t->entries[i].serial.len == 0 ||
		    !is_reason(t->entries[i].reason))
			return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
			    "a CRL entry without serial number, or with a "
			    "reason that does not belong there");
	return SGL_OK;
}

static void
add_reason(sgl_derb *b, int reason)
{
	uint8_t byte = (uint8_t)reason;
	sgl_ext_marks ext;
	size_t list;

	if (reason <= 0)
		return;
	list = sgl_derb_open(b, SGL_SEQUENCE);
	ext = sgl_derb_open_ext(b, SGL_OID_CE_CRL_REASON, false);
	sgl_derb_bytes(b, SGL_ENUMERATED, sgl_slice_of(&byte, 1));
	sgl_derb_close_ext(b, ext);
	sgl_derb_close(b, list);
}

static void
add_entries(sgl_derb *b, const sgl_crl_template *t)
{
	size_t list, entry;

	/* RFC 5280 5.1.2.6: absent rather than empty. */
	if (t->num_entries == 0)
		return;
	list = sgl_derb_open(b, SGL_SEQUENCE);
	for (size_t i = 0; i < t->num_entries; i++) {
		entry = sgl_derb_open(b, SGL_SEQUENCE);
		sgl_derb_bytes(b, SGL_INTEGER, t->entries[i].serial);
		sgl_derb_time(b, t->entries[i].revoked_at);
		add_reason(b, t->entries[i].reason);
		sgl_derb_close(b, entry);
	}
	sgl_derb_close(b, list);
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
	add_entries(&b, t);
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
	status =
	    sgl_sign_whole(engine, sgl_buf_slice(&tbs), key, &alg, out, err);
	if (status != SGL_OK)
		out->len = start;
	return status;
}
