/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema of CMS as two tables: which element may come next and what is
 * done with it, and what the end of an enclosing element means.
 */
#include <assert.h>

#include "cms/reader_inside.h"

#define ROOM "cms.reader"

enum state {
	OUTER,
	CI_TYPE,
	CI_CONTENT,
	BODY,
	VERSION,

	SD_DIGESTS,
	SD_ENCAP,
	SD_TYPE,
	SD_EXPLICIT,
	SD_OCTETS,
	SD_OCTETS_DONE,
	SD_CERTS,
	SD_CERT,
	SD_CRLS,
	SD_CRL,
	SD_SIGNERS,
	SD_SIGNER,
	SD_DONE,

	ED_ORIGINATOR,
	ED_RECIPIENTS,
	ED_RECIPIENT,
	ED_INFO,
	ED_TYPE,
	ED_ALGORITHM,
	ED_CONTENT,
	ED_CONTENT_DONE,
	ED_ATTRS,
	AED_ATTRS,
	AED_MAC,
	AED_UNAUTH,
	ALL_DONE
};

/* RFC 5652 3: contentType */
static sgl_status
on_content_info_type(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	sgl_der in = sgl_ber_over(whole);
	char label[SGL_OID_TEXT];
	sgl_slice oid;

	if (!sgl_der_read_oid(&in, &oid))
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "the content type is no OBJECT IDENTIFIER");
	/* What has its content elsewhere is a signature. An encrypted object in
	 * its place would put a second content behind the first, and whoever
	 * put the first there could carry the second away. */
	if (r->options.detached != NULL &&
	    sgl_oid_find(oid) != SGL_OID_SIGNED_DATA)
		return sgl_fail_at(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "no signature where a detached one belongs", "%s",
		    sgl_oid_label(oid, label));
	switch (sgl_oid_find(oid)) {
	case SGL_OID_SIGNED_DATA:
		r->report.type = SGL_CMS_SIGNED;
		return SGL_OK;
	case SGL_OID_ENVELOPED_DATA:
		r->report.type = SGL_CMS_ENVELOPED;
		return SGL_OK;
	case SGL_OID_AUTH_ENVELOPED_DATA:
		r->report.type = SGL_CMS_AUTH_ENVELOPED;
		return SGL_OK;
	case SGL_OID_COMPRESSED_DATA:
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "compressed data (RFC 3274) is not read: ask the sender "
		    "to send it without");
	default:
		return sgl_fail_at(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "this type of CMS object cannot be read", "%s",
		    sgl_oid_label(oid, label));
	}
}

static sgl_status
on_version(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	(void)whole; /* says nothing that the structure does not */
	(void)err;
	r->state =
	    r->report.type == SGL_CMS_SIGNED ? SD_DIGESTS : ED_ORIGINATOR;
	return SGL_OK;
}

static sgl_status
on_content_type(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	sgl_der in = sgl_ber_over(whole);
	sgl_slice oid;

	if (!sgl_der_read_oid(&in, &oid))
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "the content type is no OBJECT IDENTIFIER");
	return sgl_buf_add(&r->report.content_type, oid, err);
}

static sgl_status
ignore(sgl_cms_reader *r, sgl_slice whole, sgl_err *err)
{
	(void)r;
	(void)whole;
	(void)err;
	return SGL_OK;
}

#define ANY 0u
#define OCTETS_PIECES (SGL_OCTET_STRING | SGL_TAG_CONSTRUCTED)

/* In `state`, an element of `tag` may come; `next` is the state then, and
 * `captured` or `start` what is done with it. */
static const struct rule {
	enum state state;
	sgl_tag tag;
	sgl_ber_how how;
	enum state next;
	sgl_status (*captured)(sgl_cms_reader *, sgl_slice, sgl_err *);
	sgl_status (*start)(sgl_cms_reader *, sgl_err *);
} rules[] = {
    {OUTER, SGL_SEQUENCE, SGL_BER_ENTER, CI_TYPE, NULL, NULL},
    {CI_TYPE, SGL_OID, SGL_BER_CAPTURE, CI_CONTENT, on_content_info_type, NULL},
    {CI_CONTENT, SGL_CONTEXT(0), SGL_BER_ENTER, BODY, NULL, NULL},
    {BODY, SGL_SEQUENCE, SGL_BER_ENTER, VERSION, NULL, NULL},
    {VERSION, SGL_INTEGER, SGL_BER_CAPTURE, VERSION, on_version, NULL},

    /* SignedData, RFC 5652 5.1 */
    {SD_DIGESTS, SGL_SET, SGL_BER_CAPTURE, SD_ENCAP, sgl_read_digest_algs,
	NULL},
    {SD_ENCAP, SGL_SEQUENCE, SGL_BER_ENTER, SD_TYPE, NULL, NULL},
    {SD_TYPE, SGL_OID, SGL_BER_CAPTURE, SD_EXPLICIT, on_content_type, NULL},
    {SD_EXPLICIT, SGL_CONTEXT(0), SGL_BER_ENTER, SD_OCTETS, NULL, NULL},
    {SD_OCTETS, SGL_OCTET_STRING, SGL_BER_STREAM, SD_OCTETS, NULL,
	sgl_read_signed_start},
    {SD_OCTETS, OCTETS_PIECES, SGL_BER_STREAM, SD_OCTETS, NULL,
	sgl_read_signed_start},
    {SD_CERTS, SGL_CONTEXT(0), SGL_BER_ENTER, SD_CERT, NULL, NULL},
    {SD_CERTS, SGL_CONTEXT(1), SGL_BER_ENTER, SD_CRL, NULL, NULL},
    {SD_CERTS, SGL_SET, SGL_BER_ENTER, SD_SIGNER, NULL, NULL},
    {SD_CERT, ANY, SGL_BER_CAPTURE, SD_CERT, sgl_read_certificate, NULL},
    {SD_CRLS, SGL_CONTEXT(1), SGL_BER_ENTER, SD_CRL, NULL, NULL},
    {SD_CRLS, SGL_SET, SGL_BER_ENTER, SD_SIGNER, NULL, NULL},
    {SD_CRL, ANY, SGL_BER_CAPTURE, SD_CRL, sgl_read_crl, NULL},
    {SD_SIGNERS, SGL_SET, SGL_BER_ENTER, SD_SIGNER, NULL, NULL},
    {SD_SIGNER, SGL_SEQUENCE, SGL_BER_CAPTURE, SD_SIGNER, sgl_read_signer,
	NULL},

    /* EnvelopedData, RFC 5652 6.1; AuthEnvelopedData, RFC 5083 2.1 */
    {ED_ORIGINATOR, SGL_CONTEXT(0), SGL_BER_CAPTURE, ED_RECIPIENTS, ignore,
	NULL},
    {ED_ORIGINATOR, SGL_SET, SGL_BER_ENTER, ED_RECIPIENT, NULL, NULL},
    {ED_RECIPIENTS, SGL_SET, SGL_BER_ENTER, ED_RECIPIENT, NULL, NULL},
    {ED_RECIPIENT, ANY, SGL_BER_CAPTURE, ED_RECIPIENT, sgl_read_recipient,
	NULL},
    {ED_INFO, SGL_SEQUENCE, SGL_BER_ENTER, ED_TYPE, NULL, NULL},
    {ED_TYPE, SGL_OID, SGL_BER_CAPTURE, ED_ALGORITHM, on_content_type, NULL},
    {ED_ALGORITHM, SGL_SEQUENCE, SGL_BER_CAPTURE, ED_CONTENT,
	sgl_read_content_alg, NULL},
    {ED_CONTENT, SGL_CONTEXT_PRIMITIVE(0), SGL_BER_STREAM, ED_CONTENT, NULL,
	sgl_read_enveloped_start},
    {ED_CONTENT, SGL_CONTEXT(0), SGL_BER_STREAM, ED_CONTENT, NULL,
	sgl_read_enveloped_start},
    {ED_ATTRS, SGL_CONTEXT(1), SGL_BER_CAPTURE, ALL_DONE, ignore, NULL},
    {AED_ATTRS, SGL_CONTEXT(1), SGL_BER_CAPTURE, AED_MAC, sgl_read_auth_attrs,
	NULL},
    {AED_ATTRS, SGL_OCTET_STRING, SGL_BER_CAPTURE, AED_UNAUTH, sgl_read_mac,
	NULL},
    {AED_ATTRS, OCTETS_PIECES, SGL_BER_CAPTURE, AED_UNAUTH, sgl_read_mac, NULL},
    {AED_MAC, SGL_OCTET_STRING, SGL_BER_CAPTURE, AED_UNAUTH, sgl_read_mac,
	NULL},
    {AED_MAC, OCTETS_PIECES, SGL_BER_CAPTURE, AED_UNAUTH, sgl_read_mac, NULL},
    {AED_UNAUTH, SGL_CONTEXT(2), SGL_BER_CAPTURE, ALL_DONE, ignore, NULL},
};

static sgl_status
after_encrypted_content(sgl_cms_reader *r, sgl_err *err)
{
	(void)err;
	if (r->report.type == SGL_CMS_AUTH_ENVELOPED)
		r->state = AED_ATTRS;
	return SGL_OK;
}

/* In `state`, the element at `depth` may end; `next` is the state then. The
 * depths: ContentInfo 0, its [0] 1, SignedData and the like 2, their fields 3,
 * what is in those 4, the octets of a SignedData 5. */
static const struct close {
	enum state state;
	unsigned depth;
	enum state next;
	sgl_status (*action)(sgl_cms_reader *, sgl_err *);
} closes[] = {
    {SD_EXPLICIT, 3, SD_CERTS, NULL},
    {SD_OCTETS, 5, SD_OCTETS_DONE, sgl_content_end},
    {SD_OCTETS_DONE, 4, SD_OCTETS_DONE, NULL},
    {SD_OCTETS_DONE, 3, SD_CERTS, NULL},
    {SD_CERT, 3, SD_CRLS, NULL},
    {SD_CRL, 3, SD_SIGNERS, NULL},
    {SD_SIGNER, 3, SD_DONE, sgl_read_signed_end},
    {SD_DONE, 2, ALL_DONE, NULL},
    {ED_RECIPIENT, 3, ED_INFO, NULL},
    {ED_CONTENT, 4, ED_CONTENT_DONE, sgl_read_enveloped_content_end},
    {ED_CONTENT_DONE, 3, ED_ATTRS, after_encrypted_content},
    {ED_ATTRS, 2, ALL_DONE, NULL},
    {AED_UNAUTH, 2, ALL_DONE, NULL},
    {ALL_DONE, 2, ALL_DONE, NULL},
    {ALL_DONE, 1, ALL_DONE, NULL},
    {ALL_DONE, 0, ALL_DONE, NULL},
};

/* The tokenizer tells an element's tag as it came; a capture remembers which
 * rule let it in by the state before. */
static const struct rule *
find_rule(int state, sgl_tag tag)
{
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if ((int)rules[i].state == state &&
		    (rules[i].tag == tag || rules[i].tag == ANY))
			return &rules[i];
	return NULL;
}

/* PKCS #7 1.5 let any type be content (RFC 5652 5.2.1). */
static sgl_status
refuse_element(const sgl_cms_reader *r, const sgl_ber_head *head, sgl_err *err)
{
	if (r->state == SD_OCTETS)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, head->offset,
		    "what is signed is no string of octets, as in signed "
		    "programs and catalogues of Microsoft: it is no mail");
	return sgl_fail(err, SGL_E_ENCODING, ROOM, head->offset,
	    r->state <= CI_TYPE
		? "this is no CMS object"
		: "an element that CMS does not have in this place");
}

static sgl_status
on_element(void *ctx, const sgl_ber_head *head, sgl_ber_how *how, sgl_err *err)
{
	sgl_cms_reader *r = ctx;
	const struct rule *rule = find_rule(r->state, head->tag);

	if (rule == NULL)
		return refuse_element(r, head, err);
	*how = rule->how;
	if (rule->how == SGL_BER_CAPTURE)
		return SGL_OK;
	r->state = (int)rule->next;
	return rule->start == NULL ? SGL_OK : rule->start(r, err);
}

static sgl_status
on_captured(void *ctx, const sgl_ber_head *head, sgl_slice whole, sgl_err *err)
{
	sgl_cms_reader *r = ctx;
	const struct rule *rule = find_rule(r->state, head->tag);
	sgl_status status;

	/* on_head found it in this state, or nothing would be captured. */
	assert(rule != NULL && rule->captured != NULL);
	r->state = (int)rule->next;
	status = rule->captured(r, whole, err);
	if (status == SGL_E_DECRYPT && r->content_failed == SGL_OK)
		return sgl_not_decrypted(err);
	/* What reads the element counts from its start, if at all; what is
	 * inside counts its own bytes. */
	if (status != SGL_OK && status != SGL_NEED_KEY && err != NULL &&
	    r->content_failed == SGL_OK)
		err->offset = head->offset;
	return status;
}

static sgl_status
on_bytes(void *ctx, sgl_slice piece, sgl_err *err)
{
	sgl_cms_reader *r = ctx;

	return r->report.type == SGL_CMS_SIGNED
	    ? sgl_read_signed_bytes(r, piece, err)
	    : sgl_read_enveloped_bytes(r, piece, err);
}

static sgl_status
on_leave(void *ctx, const sgl_ber_head *head, uint64_t end, sgl_err *err)
{
	sgl_cms_reader *r = ctx;

	for (size_t i = 0; i < sizeof closes / sizeof *closes; i++) {
		const struct close *c = &closes[i];

		if ((int)c->state != r->state || c->depth != head->depth)
			continue;
		r->state = (int)c->next;
		return c->action == NULL ? SGL_OK : c->action(r, err);
	}
	return sgl_fail(err, SGL_E_ENCODING, ROOM, end,
	    "something that CMS requires is missing");
}

static const sgl_ber_handler handler = {
    on_element, on_captured, on_bytes, on_leave};

sgl_status
sgl_content_start(sgl_cms_reader *r, sgl_err *err)
{
	r->report.has_content = true;
	return r->options.on_content(
	    r->options.ctx, &r->report, &r->content, err);
}

sgl_status
sgl_content_end(sgl_cms_reader *r, sgl_err *err)
{
	if (r->content == NULL || r->content_ended)
		return SGL_OK;
	r->content_ended = true;
	return sgl_sink_finish(r->content, err);
}

static sgl_status
keep_waiting(sgl_cms_reader *r, sgl_slice rest, sgl_err *err)
{
	return sgl_buf_add(&r->waiting, rest, err);
}

static sgl_status
feed(sgl_cms_reader *r, sgl_slice in, sgl_err *err)
{
	size_t taken;
	sgl_status status;

	if (sgl_ber_is_done(r->ber)) {
		r->report.has_trailing_bytes = true;
		return SGL_OK;
	}
	status = sgl_ber_push(r->ber, in, &taken, err);
	in = sgl_slice_from(
	    in, status == SGL_OK || status == SGL_NEED_KEY ? taken : in.len);
	if (status == SGL_NEED_KEY) {
		r->is_paused = true;
		return keep_waiting(r, in, err);
	}
	if (status == SGL_OK && in.len > 0)
		r->report.has_trailing_bytes = true;
	return status;
}

static sgl_status
end(sgl_cms_reader *r, sgl_err *err)
{
	TRY(sgl_ber_finish(r->ber, err));
	return r->options.on_end == NULL
	    ? SGL_OK
	    : r->options.on_end(r->options.ctx, &r->report, err);
}

sgl_status
sgl_cms_reader_go_on(sgl_cms_reader *r, sgl_status status, sgl_err *err)
{
	sgl_buf rest = r->waiting;

	if (status == SGL_NEED_KEY)
		return status; /* the next question is open already */
	r->is_paused = false;
	r->waiting = (sgl_buf){.max = rest.max, .secret = true};
	if (status == SGL_OK)
		status = feed(r, sgl_buf_slice(&rest), err);
	sgl_buf_wipe(&rest);
	if (status == SGL_OK && r->finish_waits && !r->is_paused) {
		r->finish_waits = false;
		status = end(r, err);
	}
	if (status != SGL_OK) {
		r->sink.failed = status;
		return sgl_content_failed_inside(
		    r->options.around, status, err);
	}
	return r->is_paused ? SGL_NEED_KEY : SGL_OK;
}

static sgl_status
reader_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	sgl_cms_reader *r = (sgl_cms_reader *)s;

	return r->is_paused ? keep_waiting(r, in, err) : feed(r, in, err);
}

static sgl_status
reader_finish(sgl_sink *s, sgl_err *err)
{
	sgl_cms_reader *r = (sgl_cms_reader *)s;

	if (r->is_paused) {
		r->finish_waits = true;
		return SGL_OK;
	}
	return end(r, err);
}

static void
reader_abort(sgl_sink *s)
{
	sgl_cms_reader *r = (sgl_cms_reader *)s;

	if (!r->content_ended)
		sgl_sink_abort(r->content);
	r->content_ended = true;
}

static const sgl_sink_ops reader_ops = {
    reader_write, reader_finish, reader_abort};

sgl_status
sgl_cms_reader_new(sgl_engine *engine, const sgl_cms_read_options *options,
    sgl_cms_reader **out, sgl_err *err)
{
	const sgl_limits *limits = sgl_engine_limits(engine);
	SGL_AUTO(sgl_cms_reader)
	r = sgl_mem_zeroed(1, sizeof *r);

	if (r == NULL)
		return sgl_oom(err, ROOM);
	r->sink.ops = &reader_ops;
	r->engine = engine;
	r->options = *options;
	r->report.content_type = sgl_buf_init(256);
	r->report.is_detached = options->detached != NULL;
	/* What arrives in one block of the pipeline, decoded and nested. */
	r->waiting = sgl_buf_init((size_t)4 * SGL_BLOCK);
	r->waiting.secret = true;
	r->auth_attrs = sgl_buf_init(limits->element + 16);
	(void)sgl_not_decrypted(&r->content_err);
	TRY(sgl_ber_new(
	    &handler, r, limits->element, limits->ber_depth, &r->ber, err));
	*out = SGL_TAKE(&r);
	return SGL_OK;
}

sgl_sink *
sgl_cms_reader_sink(sgl_cms_reader *r)
{
	return &r->sink;
}

sgl_cms_report *
sgl_cms_reader_report(sgl_cms_reader *r)
{
	return &r->report;
}

void
sgl_cms_reader_free(sgl_cms_reader *r)
{
	if (r == NULL)
		return;
	if (!r->content_ended)
		sgl_sink_abort(r->content);
	for (size_t i = 0; i < r->num_candidates; i++) {
		sgl_buf_clear(&r->candidates[i].store);
		sgl_key_unref(r->candidates[i].key);
	}
	sgl_waiting_recipients_clear(&r->unread);
	sgl_mem_free(r->key_ids);
	sgl_ber_free(r->ber);
	sgl_cms_report_clear(&r->report);
	sgl_secret_clear(&r->cek);
	sgl_cipher_free(r->cipher);
	if (r->out != NULL)
		sgl_mem_wipe(r->out, r->out_used);
	sgl_mem_free(r->out);
	sgl_buf_clear(&r->auth_attrs);
	sgl_spool_free(r->spool);
	sgl_buf_wipe(&r->waiting);
	sgl_mem_free(r);
}
