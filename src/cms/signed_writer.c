/* SPDX-License-Identifier: Apache-2.0 */
/* SignedData: RFC 5652 5. */
#include "cms/frame.h"
#include "cms/write_parts.h"
#include "pki/crl.h"

#define ROOM "cms.signed"
#define MAX_FRONT 1024
/* What certificates and revocation lists may take; a caller's own choice. */
#define MAX_BACK ((size_t)1 << 30)

struct sgl_signed_writer {
	sgl_sink sink;
	sgl_engine *engine;
	sgl_signed_options options;
	sgl_asker *asker;
	sgl_frame frame;
	sgl_digests *digests;
	uint64_t total;
	sgl_signing *signings;
	size_t at; /* the signer whose turn it is */
};

static bool
is_detached(const sgl_signed_writer *w)
{
	return w->options.detached || w->options.num_signers == 0;
}

/* --- version and digestAlgorithms --- */

/* @req rfc5652-5.1
 * Without attribute certificates or other forms. */
static unsigned
version_of(const sgl_signed_writer *w)
{
	if (sgl_content_type(w->options.content_type) != SGL_OID_DATA)
		return 3;
	for (size_t i = 0; i < w->options.num_signers; i++)
		if (sgl_signing_has_ski(&w->signings[i]))
			return 3;
	return 1;
}

sgl_digest_mask
sgl_signed_writer_digests(const sgl_signed_writer *w)
{
	sgl_digest_mask mask = 0;

	for (size_t i = 0; i < w->options.num_signers; i++)
		mask |= SGL_DIGEST_BIT(w->signings[i].signer.digest);
	return mask;
}

static sgl_status
fill_front(sgl_signed_writer *w, sgl_err *err)
{
	sgl_derb b = sgl_derb_over(&w->frame.front);
	sgl_digest_mask mask = sgl_signed_writer_digests(w);
	size_t mark;

	sgl_derb_uint(&b, version_of(w));
	mark = sgl_derb_open(&b, SGL_SET);
	for (unsigned i = 0; i <= SGL_DIGEST_SHA512; i++)
		if ((mask & SGL_DIGEST_BIT(i)) != 0)
			sgl_digest_alg_add(&b, (sgl_digest_alg)i);
	sgl_derb_close_set_of(&b, mark);
	TRY(sgl_derb_end(&b, err));
	b = sgl_derb_over(&w->frame.head);
	sgl_derb_oid(
	    &b, sgl_oid_der(sgl_content_type(w->options.content_type)));
	return sgl_derb_end(&b, err);
}

/* --- certificates and revocation lists --- */

static bool
is_in_set(const sgl_certs *set, const sgl_cert *cert)
{
	for (size_t i = 0; set != NULL && i < set->num; i++)
		if (sgl_slice_eq(sgl_cert_get_der(set->items[i]),
			sgl_cert_get_der(cert)))
			return true;
	return false;
}

/* The signers' certificates, then the one for encryption; NULL at the end. */
static const sgl_cert *
own_cert(const sgl_signed_writer *w, size_t i)
{
	if (i < w->options.num_signers)
		return w->signings[i].signer.cert;
	return i == w->options.num_signers ? w->options.encryption_cert : NULL;
}

static bool
is_new_cert(const sgl_signed_writer *w, size_t i)
{
	const sgl_cert *cert = own_cert(w, i);

	for (size_t k = 0; k < i; k++)
		if (sgl_slice_eq(sgl_cert_get_der(own_cert(w, k)),
			sgl_cert_get_der(cert)))
			return false;
	return !is_in_set(w->options.certs, cert);
}

static void
add_certs(sgl_derb *b, const sgl_signed_writer *w)
{
	const sgl_certs *set = w->options.certs;
	size_t before, mark;

	if (w->options.no_certs || b->failed != SGL_OK)
		return;
	before = b->out->len;
	mark = sgl_derb_open(b, SGL_CONTEXT(0));
	for (size_t i = 0; set != NULL && i < set->num; i++)
		sgl_derb_raw(b, sgl_cert_get_der(set->items[i]));
	for (size_t i = 0; own_cert(w, i) != NULL; i++)
		if (is_new_cert(w, i))
			sgl_derb_raw(b, sgl_cert_get_der(own_cert(w, i)));
	if (b->failed == SGL_OK && b->out->len == mark) {
		sgl_derb_close(b, mark);
		b->out->len = before; /* OPTIONAL: none is better than empty */
		return;
	}
	sgl_derb_close_set_of(b, mark);
}

static void
add_crls(sgl_derb *b, const sgl_crls *crls)
{
	size_t mark;

	if (crls == NULL || crls->num == 0)
		return;
	mark = sgl_derb_open(b, SGL_CONTEXT(1));
	for (size_t i = 0; i < crls->num; i++)
		sgl_derb_raw(b, crls->items[i]->der);
	sgl_derb_close_set_of(b, mark);
}

/* --- the end --- */

static sgl_status
complete(sgl_signed_writer *w, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) back = sgl_buf_init(MAX_BACK);
	sgl_derb b = sgl_derb_over(&back);
	size_t mark;

	add_certs(&b, w);
	add_crls(&b, w->options.crls);
	mark = sgl_derb_open(&b, SGL_SET);
	for (size_t i = 0; i < w->options.num_signers; i++)
		sgl_derb_raw(&b, sgl_buf_slice(&w->signings[i].info));
	sgl_derb_close_set_of(&b, mark);
	TRY(sgl_derb_end(&b, err));
	return sgl_frame_finish(&w->frame, sgl_buf_slice(&back), err);
}

static sgl_status resume(
    void *ctx, sgl_status status, const sgl_key_answer *answer, sgl_err *err);

static sgl_status
take_signature(sgl_signed_writer *w, const sgl_key_answer *answer, sgl_err *err)
{
	sgl_signing *s = &w->signings[w->at++];

	if (answer->len == 0)
		return sgl_fail(err, SGL_E_CRYPTO, ROOM, SGL_NO_OFFSET,
		    "the signature is empty");
	return sgl_signing_info(
	    s, sgl_slice_of(answer->bytes, answer->len), err);
}

/* SGL_NEED_KEY where the question stays open. */
static sgl_status
sign_next(sgl_signed_writer *w, sgl_err *err)
{
	sgl_signing *s = &w->signings[w->at];
	sgl_key_request request = {.op = SGL_KEY_SIGN, .sig = s->alg};
	sgl_key_answer answer;
	sgl_digest digest;
	bool found = false;

	TRY(sgl_digests_value(
	    w->digests, s->signer.digest, &digest, &found, err));
	if (!found)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "the digest cannot be made");
	TRY(sgl_signing_attributes(
	    s, &w->options, sgl_digest_slice(&digest), err));
	request.input = sgl_buf_slice(&s->attributes);
	TRY(sgl_asker_ask(w->asker, w->engine, s->signer.key, &request, &answer,
	    resume, w, err));
	return take_signature(w, &answer, err);
}

static sgl_status
go_on(sgl_signed_writer *w, sgl_err *err)
{
	while (w->at < w->options.num_signers)
		TRY(sign_next(w, err));
	return complete(w, err);
}

static sgl_status
resume(void *ctx, sgl_status status, const sgl_key_answer *answer, sgl_err *err)
{
	sgl_signed_writer *w = ctx;

	if (status == SGL_OK)
		status = take_signature(w, answer, err);
	if (status == SGL_OK)
		status = go_on(w, err);
	if (status != SGL_OK && status != SGL_NEED_KEY)
		sgl_sink_abort(w->frame.out);
	return status;
}

static sgl_status
finish(sgl_sink *sink, sgl_err *err)
{
	sgl_signed_writer *w = (sgl_signed_writer *)sink;
	sgl_status status = go_on(w, err);

	if (status == SGL_NEED_KEY)
		return SGL_OK;
	if (status != SGL_OK)
		sgl_sink_abort(w->frame.out);
	return status;
}

/* --- content --- */

/* Full segments go on as header and rest, without a copy of the rest. */
static sgl_status
add_content(sgl_frame *f, sgl_slice in, sgl_err *err)
{
	while (in.len > 0) {
		size_t room = sgl_frame_room(f);
		size_t n = in.len < room ? in.len : room;
		if (f->streams && n == room) {
			TRY(sgl_frame_flush(f, sgl_slice_first(in, n), err));
		} else {
			memcpy(sgl_frame_at(f), in.data, n);
			f->fill += n;
		}
		in = sgl_slice_from(in, n);
	}
	return SGL_OK;
}

static sgl_status
write_content(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	sgl_signed_writer *w = (sgl_signed_writer *)sink;

	if (w->options.num_signers == 0)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "certificates alone have no content");
	TRY(sgl_digests_update(w->digests, in, err));
	if (is_detached(w))
		return SGL_OK;
	w->total += in.len;
	if (!w->frame.streams && w->total > SGL_CMS_DER_MAX)
		TRY(sgl_frame_stream(&w->frame, err));
	return add_content(&w->frame, in, err);
}

static void
abort_content(sgl_sink *sink)
{
	sgl_sink_abort(((sgl_signed_writer *)sink)->frame.out);
}

static const sgl_sink_ops ops = {write_content, finish, abort_content};

/* --- birth and death --- */

static sgl_status
init_signings(sgl_signed_writer *w, sgl_err *err)
{
	size_t num = w->options.num_signers;

	if (num == 0)
		return SGL_OK;
	w->signings = sgl_mem_zeroed(num, sizeof *w->signings);
	if (w->signings == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < num; i++)
		TRY(sgl_signing_init(
		    &w->signings[i], &w->options.signers[i], err));
	return SGL_OK;
}

sgl_status
sgl_signed_writer_new(sgl_engine *engine, const sgl_signed_options *options,
    sgl_asker *asker, sgl_sink *out, sgl_signed_writer **w, sgl_err *err)
{
	SGL_AUTO(sgl_signed_writer)
	made = sgl_mem_zeroed(1, sizeof *made);

	if (made == NULL)
		return sgl_oom(err, ROOM);
	made->sink.ops = &ops;
	made->engine = engine;
	made->options = *options;
	made->asker = asker;
	TRY(sgl_attributes_check(options->extra_attributes, err));
	TRY(sgl_frame_init(&made->frame, SGL_OID_SIGNED_DATA,
	    is_detached(made) ? SGL_FRAME_ABSENT : SGL_FRAME_EXPLICIT,
	    MAX_FRONT, out, err));
	TRY(init_signings(made, err));
	TRY(fill_front(made, err));
	TRY(sgl_digests_new(
	    engine, sgl_signed_writer_digests(made), 0, &made->digests, err));
	*w = SGL_TAKE(&made);
	return SGL_OK;
}

sgl_sink *
sgl_signed_writer_sink(sgl_signed_writer *w)
{
	return &w->sink;
}

void
sgl_signed_writer_free(sgl_signed_writer *w)
{
	if (w == NULL)
		return;
	if (w->asker != NULL && w->asker->is_open && w->asker->ctx == w)
		*w->asker = (sgl_asker){.is_open = false};
	for (size_t i = 0; w->signings != NULL && i < w->options.num_signers;
	     i++)
		sgl_signing_clear(&w->signings[i]);
	sgl_mem_free(w->signings);
	sgl_digests_free(w->digests);
	sgl_frame_clear(&w->frame);
	sgl_mem_free(w);
}
