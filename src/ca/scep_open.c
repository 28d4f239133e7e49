/* SPDX-License-Identifier: Apache-2.0 */
/* The inner part of a SCEP message: what was encrypted to the door. Whatever is
 * wrong with it, the answer is the same, so that nobody learns about padding
 * from us. */
#include "ca/scep_inside.h"

#define ROOM "ca.scep"

static sgl_status
not_opened(sgl_scep *s, sgl_status status)
{
	if (status == SGL_E_NOMEM || status == SGL_E_IO)
		return status;
	sgl_scep_refuse(s, SGL_SCEP_BAD_REQUEST);
	return SGL_OK;
}

/* Nobody sees this text: it becomes the one refusal. */
static sgl_status
not_readable(sgl_err *err)
{
	return sgl_fail(err, SGL_E_DECRYPT, ROOM, SGL_NO_OFFSET,
	    "what is encrypted is no request");
}

static bool
is_aes_cbc(sgl_cipher_alg cipher)
{
	return cipher == SGL_CIPHER_AES128_CBC ||
	    cipher == SGL_CIPHER_AES192_CBC || cipher == SGL_CIPHER_AES256_CBC;
}

static sgl_status
on_content(
    void *ctx, const sgl_cms_report *so_far, sgl_sink **sink, sgl_err *err)
{
	sgl_scep *s = ctx;

	(void)err;
	if (so_far->type != SGL_CMS_ENVELOPED ||
	    !is_aes_cbc(so_far->content_alg.cipher))
		sgl_scep_refuse(s, SGL_SCEP_BAD_ALG);
	*sink = &s->inner_sink.sink;
	return SGL_OK;
}

sgl_status
sgl_scep_open(sgl_scep *s, sgl_err *err)
{
	const sgl_cms_read_options options = {.keys = &s->ring,
	    .asker = &s->asker,
	    .on_content = on_content,
	    .ctx = s};
	sgl_sink *sink;
	sgl_status status;

	TRY(sgl_keyring_add_key(&s->ring, s->door->key, err));
	TRY(sgl_keyring_add_cert(&s->ring, s->door->cert, err));
	sgl_bufsink_init(&s->inner_sink, &s->opened);
	TRY(sgl_cms_reader_new(s->engine, &options, &s->inner, err));
	sink = sgl_cms_reader_sink(s->inner);
	status = sgl_sink_write(sink, sgl_buf_slice(&s->enveloped), err);
	if (status == SGL_OK)
		status = sgl_sink_finish(sink, err);
	if (status == SGL_OK && s->asker.is_open)
		return SGL_NEED_KEY;
	return sgl_scep_opened(s, status, err);
}

static sgl_status
read_request(sgl_scep *s, sgl_err *err)
{
	bool good = false;

	TRY(sgl_csr_read(s->engine, sgl_buf_slice(&s->opened), &s->csr, err));
	TRY(sgl_csr_is_signed(s->engine, s->csr, &good, err));
	if (!good)
		return not_readable(err);
	s->wish.spki = s->csr->asked.spki;
	if (s->csr->has_challenge)
		s->wish.challenge = sgl_buf_slice(&s->csr->challenge);
	return SGL_OK;
}

/* IssuerAndSerialNumber (RFC 8894 3.3.3, 3.3.4) */
static sgl_status
read_number(sgl_scep *s, sgl_err *err)
{
	sgl_der in = sgl_der_over(sgl_buf_slice(&s->opened)), body;

	if (sgl_der_read(&in, SGL_SEQUENCE, &body) && sgl_der_done(&in) &&
	    sgl_der_read_whole(&body, SGL_SEQUENCE, &s->wish.issuer) &&
	    sgl_der_read_integer(&body, &s->wish.serial) && sgl_der_done(&body))
		return SGL_OK;
	return not_readable(err);
}

static sgl_status
read_opened(sgl_scep *s, sgl_err *err)
{
	if (sgl_cms_reader_report(s->inner)->is_locked ||
	    !s->inner_sink.finished)
		return not_readable(err);
	if (s->wish.kind == SGL_SCEP_ENROL || s->wish.kind == SGL_SCEP_RENEW)
		return read_request(s, err);
	return read_number(s, err);
}

sgl_status
sgl_scep_opened(sgl_scep *s, sgl_status status, sgl_err *err)
{
	if (status != SGL_OK)
		sgl_sink_abort(sgl_cms_reader_sink(s->inner));
	else if (!s->wish.is_refused)
		status = read_opened(s, err);
	return status == SGL_OK ? SGL_OK : not_opened(s, status);
}
