/* SPDX-License-Identifier: Apache-2.0 */
/* OCSPResponse: RFC 6960 4.2.1. */
#include "pki/ocsp_inside.h"

#define ROOM "pki.ocsp"

/* Around the certificate that goes along: times, hashes, a signature. */
#define MAX_RESPONSE ((size_t)1 << 20)

sgl_slice
sgl_ocsp_error_response(sgl_ocsp_error error)
{
	static const uint8_t responses[][5] = {
	    {0x30, 0x03, 0x0a, 0x01, SGL_OCSP_MALFORMED},
	    {0x30, 0x03, 0x0a, 0x01, SGL_OCSP_INTERNAL},
	    {0x30, 0x03, 0x0a, 0x01, SGL_OCSP_TRY_LATER},
	    {0x30, 0x03, 0x0a, 0x01, SGL_OCSP_SIG_REQUIRED},
	    {0x30, 0x03, 0x0a, 0x01, SGL_OCSP_UNAUTHORIZED},
	};

	for (size_t i = 0; i < sizeof responses / sizeof *responses; i++)
		if (responses[i][4] == error)
			return sgl_slice_of(responses[i], 5);
	/* "Successful" needs an answer, which we do not have. */
	return sgl_slice_of(responses[1], 5);
}

static bool
is_answer(const sgl_ocsp_answer *a)
{
	sgl_der in = sgl_der_over(a->id);
	sgl_ocsp_id id;

	return sgl_ocsp_id_read(&in, &id) && sgl_der_done(&in) &&
	    a->this_update < a->next_update &&
	    (a->status != SGL_OCSP_REVOKED ||
		(a->reason >= -1 && a->reason <= 10 && a->reason != 7));
}

static sgl_status
check_template(sgl_engine *engine, const sgl_ocsp_template *t,
    const sgl_key *key, sgl_err *err)
{
	bool fits = true,
	     good = t->num_answers > 0 && t->nonce.len <= SGL_OCSP_NONCE_MAX;

	for (size_t i = 0; good && i < t->num_answers; i++)
		good = is_answer(&t->answers[i]);
	if (!good)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "an OCSP response without answer, or with one that makes "
		    "no sense");
	if (!sgl_slice_eq(sgl_key_get_spki(key), t->responder->spki))
		TRY(sgl_key_fits(engine, key, t->responder->spki, &fits, err));
	if (!fits)
		return sgl_fail(err, SGL_E_MISMATCH, ROOM, SGL_NO_OFFSET,
		    "the key is not that of the OCSP responder's certificate");
	return SGL_OK;
}

static void
add_status(sgl_derb *b, const sgl_ocsp_answer *a)
{
	uint8_t byte = (uint8_t)a->reason;
	size_t revoked, reason;

	if (a->status != SGL_OCSP_REVOKED) {
		sgl_derb_bytes(b,
		    a->status == SGL_OCSP_GOOD ? SGL_CONTEXT_PRIMITIVE(0)
					       : SGL_CONTEXT_PRIMITIVE(2),
		    (sgl_slice){0});
		return;
	}
	revoked = sgl_derb_open(b, SGL_CONTEXT(1));
	sgl_derb_generalized_time(b, a->revoked_at);
	if (a->reason > 0) {
		reason = sgl_derb_open(b, SGL_CONTEXT(0));
		sgl_derb_bytes(b, SGL_ENUMERATED, sgl_slice_of(&byte, 1));
		sgl_derb_close(b, reason);
	}
	sgl_derb_close(b, revoked);
}

static void
add_answer(sgl_derb *b, const sgl_ocsp_answer *a)
{
	size_t single = sgl_derb_open(b, SGL_SEQUENCE), next;

	sgl_derb_raw(b, a->id);
	add_status(b, a);
	sgl_derb_generalized_time(b, a->this_update);
	next = sgl_derb_open(b, SGL_CONTEXT(0));
	sgl_derb_generalized_time(b, a->next_update);
	sgl_derb_close(b, next);
	sgl_derb_close(b, single);
}

static void
add_exts(sgl_derb *b, sgl_slice nonce)
{
	size_t wrap, list;

	if (nonce.len == 0)
		return;
	wrap = sgl_derb_open(b, SGL_CONTEXT(1));
	list = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_ocsp_add_nonce(b, nonce);
	sgl_derb_close(b, list);
	sgl_derb_close(b, wrap);
}

/* ResponseData */
static sgl_status
add_data(const sgl_ocsp_template *t, sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t data = sgl_derb_open(&b, SGL_SEQUENCE), mark;

	mark = sgl_derb_open(&b, SGL_CONTEXT(2)); /* byKey */
	sgl_derb_octets(&b,
	    sgl_slice_of(t->responder->key_id, sizeof t->responder->key_id));
	sgl_derb_close(&b, mark);
	sgl_derb_generalized_time(&b, t->produced_at);
	mark = sgl_derb_open(&b, SGL_SEQUENCE);
	for (size_t i = 0; i < t->num_answers; i++)
		add_answer(&b, &t->answers[i]);
	sgl_derb_close(&b, mark);
	add_exts(&b, t->nonce);
	sgl_derb_close(&b, data);
	return sgl_derb_end(&b, err);
}

static sgl_status
add_certs(const sgl_ocsp_template *t, sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t wrap, list;

	if (!t->is_delegated)
		return SGL_OK;
	wrap = sgl_derb_open(&b, SGL_CONTEXT(0));
	list = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_raw(&b, t->responder->der);
	sgl_derb_close(&b, list);
	sgl_derb_close(&b, wrap);
	return sgl_derb_end(&b, err);
}

void
sgl_ocsp_draft_clear(sgl_ocsp_draft *d)
{
	sgl_buf_clear(&d->data);
	sgl_buf_clear(&d->certs);
}

sgl_status
sgl_ocsp_draft_make(sgl_engine *engine, const sgl_ocsp_template *t,
    sgl_key *key, sgl_digest_alg digest, sgl_ocsp_draft *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ocsp_draft)
	d = {.data = sgl_buf_init(MAX_RESPONSE),
	    .certs = sgl_buf_init(MAX_RESPONSE)};

	TRY(check_template(engine, t, key, err));
	TRY(sgl_sign_alg(key, digest, &d.alg, err));
	TRY(add_data(t, &d.data, err));
	TRY(add_certs(t, &d.certs, err));
	*out = d;
	d = (sgl_ocsp_draft){0};
	return SGL_OK;
}

sgl_key_request
sgl_ocsp_draft_request(const sgl_ocsp_draft *d)
{
	return sgl_sign_request(sgl_buf_slice(&d->data), &d->alg);
}

/* ResponseBytes around the BasicOCSPResponse. */
static sgl_status
add_whole(sgl_engine *engine, const sgl_ocsp_draft *d, sgl_key *key,
    sgl_slice signature, sgl_buf *out, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(out);
	size_t response = sgl_derb_open(&b, SGL_SEQUENCE), wrap, bytes, basic;

	sgl_derb_bytes(&b, SGL_ENUMERATED, SGL_LIT("\0"));
	wrap = sgl_derb_open(&b, SGL_CONTEXT(0));
	bytes = sgl_derb_open(&b, SGL_SEQUENCE);
	sgl_derb_oid(&b, sgl_oid_der(SGL_OID_OCSP_BASIC));
	basic = sgl_derb_open(&b, SGL_OCTET_STRING);
	TRY(sgl_sign_end(engine, sgl_buf_slice(&d->data), key, &d->alg,
	    signature, sgl_buf_slice(&d->certs), out, err));
	sgl_derb_close(&b, basic);
	sgl_derb_close(&b, bytes);
	sgl_derb_close(&b, wrap);
	sgl_derb_close(&b, response);
	return sgl_derb_end(&b, err);
}

/* The signature, and what is around all. */
#define AROUND ((size_t)1024)

sgl_status
sgl_ocsp_draft_end(sgl_engine *engine, const sgl_ocsp_draft *d, sgl_key *key,
    sgl_slice signature, sgl_buf *out, sgl_err *err)
{
	size_t start = out->len;
	sgl_status status;

	/* Whether there is room is said below. */
	(void)!sgl_buf_reserve(out, d->data.len + d->certs.len + AROUND, NULL);
	status = add_whole(engine, d, key, signature, out, err);
	if (status != SGL_OK)
		out->len = start;
	return status;
}

sgl_status
sgl_ocsp_build(sgl_engine *engine, const sgl_ocsp_template *t, sgl_key *key,
    sgl_digest_alg digest, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_ocsp_draft) d = {0};
	sgl_key_request request;
	sgl_key_answer answer;

	TRY(sgl_ocsp_draft_make(engine, t, key, digest, &d, err));
	request = sgl_ocsp_draft_request(&d);
	TRY(sgl_key_ask(engine, key, &request, &answer, err));
	return sgl_ocsp_draft_end(
	    engine, &d, key, sgl_slice_of(answer.bytes, answer.len), out, err);
}
