/* SPDX-License-Identifier: Apache-2.0 */
/* Reading EnvelopedData (RFC 5652 6) and AuthEnvelopedData (RFC 5083). */
#include "cms/reader_inside.h"

#define ROOM "cms.enveloped"
#define OUT_SLACK 64 /* a cipher may write this much more than it was given */

static sgl_status
malformed(sgl_err *err, const char *text)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET, text);
}

sgl_status
sgl_read_content_alg(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	sgl_content_alg *alg = &r->report.content_alg;
	bool is_auth = r->report.type == SGL_CMS_AUTH_ENVELOPED;

	TRY(sgl_read_recipients_end(r, err));
	TRY(sgl_content_alg_read(whole, alg, err));
	/* A cipher without a tag in AuthEnvelopedData would be taken for
	 * authenticated, and an AEAD cipher in EnvelopedData has no place for
	 * its tag (RFC 5083 2.1). */
	if (sgl_cipher_is_aead(alg->cipher) != is_auth)
		return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    is_auth ? "AuthEnvelopedData with a cipher that "
			      "authenticates nothing"
			    : "EnvelopedData with an authenticating cipher",
		    "%s", sgl_cipher_name(alg->cipher));
	if (r->report.num_recipients == 0)
		return malformed(err, "a message without recipients");
	r->report.is_locked = r->num_candidates == 0;
	return r->report.is_locked ? SGL_OK : sgl_open_candidates(r, err);
}

/* Ciphertext is kept beside only for a tag that cannot be checked in one pass
 * when authenticated attributes follow. */
static sgl_status
start_spool(sgl_cms_reader *r, sgl_err *err)
{
	if (r->report.content_alg.cipher != SGL_CIPHER_CHACHA20_POLY1305)
		return SGL_OK;
	return r->options.spooler.make(r->options.spooler.ctx, &r->spool, err);
}

static sgl_status
make_cipher(sgl_cms_reader *r, sgl_slice aad, sgl_cipher **out, sgl_err *err)
{
	const sgl_content_alg *alg = &r->report.content_alg;
	sgl_cipher_params params = {
	    .alg = alg->cipher,
	    .key = sgl_secret_slice(&r->cek),
	    .iv = sgl_slice_of(alg->iv, alg->iv_len),
	    .rc2_bits = alg->rc2_bits,
	    .aad = aad,
	};

	return sgl_cipher_new(r->engine, &params, out, err);
}

sgl_status
sgl_read_enveloped_start(sgl_cms_reader *r, sgl_err *err)
{
	r->report.has_content = true;
	if (r->report.is_locked)
		return SGL_OK;
	r->out = sgl_mem_resize(NULL, SGL_BLOCK + OUT_SLACK);
	if (r->out == NULL)
		return sgl_oom(err, ROOM);
	TRY(make_cipher(r, sgl_slice_of(NULL, 0), &r->cipher, err));
	TRY(start_spool(r, err));
	return sgl_content_start(r, err);
}

/* Failures that depend on what was decrypted. */
static bool
is_about_content(sgl_status status)
{
	switch (status) {
	case SGL_E_ENCODING:
	case SGL_E_LIMIT:
	case SGL_E_UNSUPPORTED:
	case SGL_E_DECRYPT:
	case SGL_E_PASSWORD:
	case SGL_E_MISMATCH:
		return true;
	case SGL_OK:
	case SGL_NEED_KEY:
	case SGL_E_NOKEY:
	case SGL_E_USAGE:
	case SGL_E_IO:
	case SGL_E_NOMEM:
	case SGL_E_CRYPTO:
		return false;
	}
	return false;
}

/*
 * Whoever changes ciphertext and sees how its reading fails learns about the
 * plaintext. So a failure inside waits: decryption goes on to the end, and only
 * a right tag lets the failure be told; without a tag it is told as the
 * failure to decrypt that a wrong padding is.
 */
static sgl_status
keep_failure(
    sgl_cms_reader *r, sgl_status status, const sgl_err *why, sgl_err *err)
{
	if (!is_about_content(status)) {
		if (err != NULL)
			*err = *why;
		return status;
	}
	r->content_failed = status;
	r->content_err = *why;
	return SGL_OK;
}

/*
 * A reader inside that waited for its key fails when the answer comes: the
 * same is told, and as late, as if the key had answered at once.
 */
sgl_status
sgl_content_failed_inside(sgl_cms_reader *r, sgl_status status, sgl_err *err)
{
	if (status == SGL_E_DECRYPT)
		(void)sgl_not_decrypted(err);
	for (; r != NULL && is_about_content(status); r = r->options.around) {
		if (!r->content_ended) {
			if (r->content_failed == SGL_OK)
				r->content_failed = status;
			if (err != NULL)
				r->content_err = *err;
			return SGL_OK;
		}
		if (r->report.type != SGL_CMS_AUTH_ENVELOPED)
			status = sgl_not_decrypted(err);
	}
	return status;
}

static sgl_status
pass_on(sgl_cms_reader *r, size_t len, sgl_err *err)
{
	sgl_err why = {0};
	sgl_status status;

	if (r->content == NULL || r->content_failed != SGL_OK)
		return SGL_OK;
	status = sgl_sink_write(r->content, sgl_slice_of(r->out, len), &why);
	return status == SGL_OK ? SGL_OK : keep_failure(r, status, &why, err);
}

/* Tag or padding were right. */
static sgl_status
end_content(sgl_cms_reader *r, sgl_err *err)
{
	sgl_err why = {0};
	sgl_status status;

	if (r->content_failed == SGL_OK) {
		status = sgl_content_end(r, &why);
		if (status != SGL_OK)
			TRY(keep_failure(r, status, &why, err));
	}
	if (r->content_failed == SGL_OK)
		return SGL_OK;
	if (r->report.type != SGL_CMS_AUTH_ENVELOPED)
		return sgl_not_decrypted(err);
	if (err != NULL)
		*err = r->content_err;
	return r->content_failed;
}

/* Into the block of plaintext, noting how far that was used. */
static sgl_status
decrypt(sgl_cms_reader *r, sgl_cipher *cipher, sgl_slice piece, size_t *len,
    sgl_err *err)
{
	if (r->out_used < piece.len + OUT_SLACK)
		r->out_used = piece.len + OUT_SLACK;
	return sgl_cipher_update(cipher, piece, r->out, len, err);
}

/* The spool is a help, not a need: where it is full, only a message that has
 * authenticated attributes fails, later. */
static sgl_status
keep_ciphertext(sgl_cms_reader *r, sgl_slice piece, sgl_err *err)
{
	sgl_status status;

	if (r->spool == NULL || r->spool_full)
		return SGL_OK;
	status = sgl_sink_write(&r->spool->sink, piece, err);
	r->spool_full = status == SGL_E_LIMIT;
	return r->spool_full ? SGL_OK : status;
}

sgl_status
sgl_read_enveloped_bytes(sgl_cms_reader *r, sgl_slice piece, sgl_err *err)
{
	size_t len;

	if (r->cipher == NULL)
		return SGL_OK; /* locked */
	TRY(keep_ciphertext(r, piece, err));
	while (piece.len > 0) {
		size_t n = piece.len < SGL_BLOCK ? piece.len : SGL_BLOCK;

		TRY(decrypt(
		    r, r->cipher, sgl_slice_first(piece, n), &len, err));
		TRY(pass_on(r, len, err));
		piece = sgl_slice_from(piece, n);
	}
	return SGL_OK;
}

sgl_status
sgl_read_enveloped_content_end(sgl_cms_reader *r, sgl_err *err)
{
	size_t len;

	if (r->cipher == NULL || r->report.type == SGL_CMS_AUTH_ENVELOPED)
		return SGL_OK;
	if (sgl_cipher_finish(r->cipher, r->out, &len, err) != SGL_OK)
		return sgl_not_decrypted(err);
	TRY(pass_on(r, len, err));
	return end_content(r, err);
}

/* RFC 5083 2.2: what is authenticated is the DER encoding with the SET OF tag
 * in place of [1]. */
sgl_status
sgl_read_auth_attrs(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	sgl_der in = sgl_ber_over(whole), body;
	sgl_derb b = sgl_derb_over(&r->auth_attrs);
	sgl_slice attr;
	size_t set;

	if (!sgl_der_read(&in, SGL_CONTEXT(1), &body) || sgl_der_done(&body))
		return malformed(err, "authAttrs is malformed");
	set = sgl_derb_open(&b, SGL_SET);
	while (!sgl_der_done(&body)) {
		if (!sgl_der_read_whole(&body, SGL_SEQUENCE, &attr))
			return malformed(err, "authAttrs is malformed");
		TRY(sgl_ber_to_der(attr, &r->auth_attrs, err));
	}
	sgl_derb_close_set_of(&b, set);
	return sgl_derb_end(&b, err);
}

/* The value of an attribute that is a content-type: one, an OID. */
static bool
read_type(sgl_der attr, bool *is_type, sgl_slice *type)
{
	sgl_der values;
	sgl_slice oid;

	if (!sgl_der_read_oid(&attr, &oid))
		return false;
	*is_type = sgl_oid_find(oid) == SGL_OID_AA_CONTENT_TYPE;
	return !*is_type ||
	    (sgl_der_read(&attr, SGL_SET, &values) && sgl_der_done(&attr) &&
		sgl_der_read_oid(&values, type) && sgl_der_done(&values));
}

/*
 * @req rfc5083-2.1
 * The type of what is inside stands outside of what the tag protects. So for
 * another type than data it must be among the authenticated attributes, and
 * wherever it is there it must be the same.
 */
static bool
is_type_authenticated(const sgl_cms_reader *r)
{
	sgl_der in = sgl_der_over(sgl_buf_slice(&r->auth_attrs)), set, attr;
	sgl_slice want = sgl_buf_slice(&r->report.content_type), type;
	bool found = false, is_type;

	if (r->auth_attrs.len == 0 || !sgl_der_read(&in, SGL_SET, &set))
		return sgl_oid_find(want) == SGL_OID_DATA;
	while (!sgl_der_done(&set)) {
		if (!sgl_der_read(&set, SGL_SEQUENCE, &attr) ||
		    !read_type(attr, &is_type, &type))
			return false;
		if (is_type && (found || !sgl_slice_eq(type, want)))
			return false;
		found |= is_type;
	}
	return found || sgl_oid_find(want) == SGL_OID_DATA;
}

/* Goes through the ciphertext again, for its tag alone. */
static sgl_status
second_pass(sgl_cms_reader *r, sgl_slice mac, sgl_err *err)
{
	SGL_AUTO(sgl_cipher)
	cipher = NULL;
	SGL_AUTO_MEM uint8_t *block = sgl_mem_resize(NULL, SGL_BLOCK);
	sgl_source *source;
	size_t got, len;

	if (block == NULL)
		return sgl_oom(err, ROOM);
	if (r->spool_full)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "the message is too long for a spool in memory");
	TRY(sgl_sink_finish(&r->spool->sink, err));
	source = r->spool->ops->open(r->spool);
	TRY(make_cipher(r, sgl_buf_slice(&r->auth_attrs), &cipher, err));
	for (;;) {
		TRY(source->ops->read(source, block, SGL_BLOCK, &got, err));
		if (got == 0)
			break;
		TRY(decrypt(r, cipher, sgl_slice_of(block, got), &len, err));
	}
	return sgl_cipher_check(cipher, mac, sgl_slice_of(NULL, 0), err);
}

/* RFC 5084 3.2: the MAC is as long as aes-ICVlen says. Senders exist that
 * leave the field out (so: 12) and send 16; that is read, with a finding. */
static bool
is_right_length(const sgl_content_alg *alg, size_t len)
{
	return len == alg->icv_len || (alg->icv_omitted && len == 16);
}

sgl_status
sgl_read_mac(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	uint8_t bytes[64];
	sgl_buf joined = {
	    .data = bytes, .cap = sizeof bytes, .max = sizeof bytes};
	sgl_der in = sgl_ber_over(whole);
	sgl_slice mac;
	sgl_status status = SGL_OK;

	if (!is_type_authenticated(r))
		status = malformed(
		    err, "authAttrs do not name the type of what is inside");
	else if (!sgl_der_read_octets(&in, SGL_OCTET_STRING, &mac, &joined) ||
	    !is_right_length(&r->report.content_alg, mac.len))
		status = malformed(err,
		    "the authentication tag has the wrong "
		    "length");
	else if (r->cipher != NULL && r->spool != NULL && r->auth_attrs.len > 0)
		status = second_pass(r, mac, err);
	else if (r->cipher != NULL)
		status = sgl_cipher_check(
		    r->cipher, mac, sgl_buf_slice(&r->auth_attrs), err);
	if (status != SGL_OK || r->cipher == NULL)
		return status;
	return end_content(r, err);
}
