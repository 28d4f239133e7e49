/* SPDX-License-Identifier: Apache-2.0 */
/* CertRep (RFC 8894 3.3.2): what became of it, signed by the door, and if it is
 * good, encrypted to whoever asked. */
#include "ca/scep_inside.h"
#include "crypto/hash.h"

#define CERT_REP "3"
#define SUCCESS "0"
#define FAILURE "2"

static sgl_status
finish(sgl_sink *sink, sgl_slice content, sgl_err *err)
{
	sgl_status status =
	    content.len == 0 ? SGL_OK : sgl_sink_write(sink, content, err);

	if (status == SGL_OK)
		return sgl_sink_finish(sink, err);
	sgl_sink_abort(sink);
	return status;
}

sgl_status
sgl_certs_only(sgl_engine *engine, const sgl_certs *certs, const sgl_crls *crls,
    sgl_buf *out, sgl_err *err)
{
	SGL_AUTO(sgl_signed_writer)
	writer = NULL;
	const sgl_signed_options options = {.certs = certs, .crls = crls};
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, out);
	TRY(sgl_signed_writer_new(
	    engine, &options, NULL, &sink.sink, &writer, err));
	return finish(
	    sgl_signed_writer_sink(writer), (sgl_slice){NULL, 0}, err);
}

static sgl_status
envelop(sgl_scep *s, sgl_slice content, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO(sgl_enveloped_writer)
	writer = NULL;
	const sgl_certs to = {&s->client, 1};
	const sgl_enveloped_options options = {.recipients = &to,
	    .cipher = SGL_CIPHER_AES128_CBC,
	    .any_usage = true};
	sgl_bufsink sink;

	sgl_bufsink_init(&sink, out);
	TRY(sgl_enveloped_writer_new(
	    s->engine, &options, &sink.sink, &writer, err));
	return finish(sgl_enveloped_writer_sink(writer), content, err);
}

static void
add_attribute(sgl_derb *b, sgl_oid type, sgl_tag tag, sgl_slice value)
{
	size_t seq = sgl_derb_open(b, SGL_SEQUENCE), set;

	sgl_derb_oid(b, sgl_oid_der(type));
	set = sgl_derb_open(b, SGL_SET);
	sgl_derb_bytes(b, tag, value);
	sgl_derb_close(b, set);
	sgl_derb_close(b, seq);
}

/* RFC 8894 3.2.1: their nonce comes back, and one of ours beside it. */
static sgl_status
add_attributes(sgl_scep *s, bool good, sgl_scep_fail fail, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(&s->attributes);
	const char digit = (char)('0' + (int)fail);
	uint8_t nonce[SGL_SCEP_NONCE];

	TRY(sgl_random(s->engine, nonce, sizeof nonce, err));
	add_attribute(&b, SGL_OID_SCEP_MESSAGE_TYPE, SGL_PRINTABLE_STRING,
	    SGL_LIT(CERT_REP));
	add_attribute(&b, SGL_OID_SCEP_PKI_STATUS, SGL_PRINTABLE_STRING,
	    good ? SGL_LIT(SUCCESS) : SGL_LIT(FAILURE));
	if (!good)
		add_attribute(&b, SGL_OID_SCEP_FAIL_INFO, SGL_PRINTABLE_STRING,
		    sgl_slice_of((const uint8_t *)&digit, 1));
	add_attribute(&b, SGL_OID_SCEP_TRANSACTION_ID, SGL_PRINTABLE_STRING,
	    sgl_slice_of(s->transaction, s->transaction_len));
	add_attribute(&b, SGL_OID_SCEP_SENDER_NONCE, SGL_OCTET_STRING,
	    sgl_slice_of(nonce, sizeof nonce));
	if (s->nonce_len > 0)
		add_attribute(&b, SGL_OID_SCEP_RECIPIENT_NONCE,
		    SGL_OCTET_STRING, sgl_slice_of(s->nonce, s->nonce_len));
	return sgl_derb_end(&b, err);
}

static sgl_status
sign(sgl_scep *s, sgl_slice content, sgl_err *err)
{
	sgl_status status;

	s->signer = (sgl_signer){
	    .cert = s->door->cert, .key = s->door->key, .not_mail = true};
	s->options = (sgl_signed_options){.signers = &s->signer,
	    .num_signers = 1,
	    .detached = content.len == 0,
	    .signing_time = sgl_engine_now(s->engine),
	    .extra_attributes = sgl_buf_slice(&s->attributes)};
	sgl_bufsink_init(&s->answer_sink, &s->answer);
	TRY(sgl_signed_writer_new(s->engine, &s->options, &s->asker,
	    &s->answer_sink.sink, &s->writer, err));
	status = finish(sgl_signed_writer_sink(s->writer), content, err);
	return status == SGL_OK && s->asker.is_open ? SGL_NEED_KEY : status;
}

sgl_status
sgl_scep_reply(sgl_scep *s, const sgl_scep_outcome *outcome, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) content = sgl_buf_init(s->answer.max);
	SGL_AUTO_CLEAR(sgl_buf) enveloped = sgl_buf_init(s->answer.max);
	bool good = (outcome->certs != NULL && outcome->certs->num > 0) ||
	    (outcome->crls != NULL && outcome->crls->num > 0);

	s->is_answering = true;
	TRY(add_attributes(s, good, outcome->fail, err));
	if (good) {
		TRY(sgl_certs_only(
		    s->engine, outcome->certs, outcome->crls, &content, err));
		TRY(envelop(s, sgl_buf_slice(&content), &enveloped, err));
	}
	return sign(s, sgl_buf_slice(&enveloped), err);
}
