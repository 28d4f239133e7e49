/* SPDX-License-Identifier: Apache-2.0 */
/* A part that is a layer of S/MIME: what is around the entity inside. */
#include "smime/reader_inside.h"

#define ROOM "smime.layer"
/* A type, an identifier and a signature. */
#define RECEIPT_MAX ((size_t)64 * 1024)

bool
sgl_part_is_peeled(const sgl_part *p, bool is_encryption)
{
	switch (p->reader->options.peel) {
	case SGL_PEEL_SIGNATURES:
		/* An encrypted message is no content to show: it is read, and
		 * found locked. */
		return !is_encryption || p->depth == 0;
	case SGL_PEEL_ENCRYPTION:
		return !p->reader->has_peeled_encryption;
	case SGL_PEEL_ALL:
		return true;
	}
	return false;
}

sgl_status
sgl_layer_add(sgl_part *p, sgl_layer_form form, sgl_err *err)
{
	sgl_report *report = &p->reader->report;
	sgl_layer *more;

	if (p->depth >= sgl_engine_limits(p->reader->engine)->layers)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "too many layers of S/MIME inside each other");
	more = sgl_mem_resize(
	    report->layers, (report->num_layers + 1) * sizeof *more);
	if (more == NULL)
		return sgl_oom(err, ROOM);
	report->layers = more;
	p->layer = (int)report->num_layers++;
	more[p->layer] = (sgl_layer){.form = form,
	    .parent = p->parent,
	    .receipt = sgl_buf_init(RECEIPT_MAX)};
	return SGL_OK;
}

static sgl_layer *
layer_of(const sgl_part *p)
{
	return &p->reader->report.layers[p->layer];
}

static sgl_status
start_inner(sgl_part *p, sgl_sink **sink, sgl_err *err)
{
	TRY(sgl_part_new(p->reader, SGL_PART_ENTITY, p->layer, p->depth + 1,
	    &p->inner, err));
	p->inner->around = p->around;
	if (p->cms != NULL &&
	    sgl_cms_reader_report(p->cms)->type != SGL_CMS_SIGNED)
		p->inner->around = p->cms;
	*sink = &p->inner->sink;
	return SGL_OK;
}

/* A receipt is no message: its bytes are handed on as they are, and kept. */
static sgl_part *
part_of_receipt(sgl_sink *s)
{
	return (sgl_part *)(void *)((uint8_t *)s - offsetof(sgl_part, receipt));
}

static sgl_status
receipt_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	sgl_part *p = part_of_receipt(s);
	sgl_status status = sgl_buf_add(&layer_of(p)->receipt, in, err);

	/* One that is too long has lost its end, and will not be read. */
	if (status != SGL_OK && status != SGL_E_LIMIT)
		return status;
	return sgl_sink_write(&p->reader->gate, in, err);
}

static sgl_status
receipt_finish(sgl_sink *s, sgl_err *err)
{
	return sgl_sink_finish(&part_of_receipt(s)->reader->gate, err);
}

static void
receipt_abort(sgl_sink *s)
{
	sgl_sink_abort(&part_of_receipt(s)->reader->gate);
}

static const sgl_sink_ops receipt_ops = {
    receipt_write, receipt_finish, receipt_abort};

/* The content of a CMS object begins: an entity, or, where the type says that
 * it is something else (a receipt, say), bytes. */
static sgl_status
on_content(
    void *ctx, const sgl_cms_report *so_far, sgl_sink **sink, sgl_err *err)
{
	sgl_part *p = ctx;

	if (so_far->type != SGL_CMS_SIGNED)
		p->reader->has_peeled_encryption = true;
	switch (sgl_oid_find(sgl_buf_slice(&so_far->content_type))) {
	case SGL_OID_DATA:
		return start_inner(p, sink, err);
	case SGL_OID_CT_RECEIPT:
		p->receipt.ops = &receipt_ops;
		*sink = &p->receipt;
		return SGL_OK;
	default:
		*sink = &p->reader->gate;
		return SGL_OK;
	}
}

/* Digests that nobody announced; some cannot be made any more. */
static void
note_digests(sgl_part *p, const sgl_cms_report *cms)
{
	for (size_t i = 0; i < cms->num_signers; i++) {
		const sgl_signer_info *s = &cms->signers[i];
		sgl_digest_mask bit = SGL_DIGEST_BIT(s->digest);

		if (s->fault == SGL_SIGNER_UNSUPPORTED)
			continue;
		if (p->announced != 0 && (bit & p->announced) == 0)
			layer_of(p)->has_wrong_micalg = true;
		if (!s->has_content_digest && (bit & SGL_DIGEST_LIKELY) != 0)
			p->reader->report.wants_again |= bit;
	}
}

static sgl_status
on_end(void *ctx, const sgl_cms_report *cms, sgl_err *err)
{
	sgl_part *p = ctx;
	sgl_layer *layer = layer_of(p);

	layer->is_whole = true;
	layer->has_dirty_base64 = sgl_form_stage_is_dirty(p->form);
	layer->has_wrong_encoding =
	    layer->form != SGL_FORM_BARE && !sgl_form_stage_is_as_said(p->form);
	layer->has_text_around = sgl_form_stage_has_more(p->form);
	if (cms->type != SGL_CMS_SIGNED) {
		if (!cms->has_content)
			return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM,
			    SGL_NO_OFFSET,
			    "encrypted content that is kept elsewhere");
		p->reader->report.is_locked |= cms->is_locked;
		return SGL_OK;
	}
	if (cms->num_signers > 0 && !cms->has_content && !cms->is_detached)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "a detached signature without what it signs");
	note_digests(p, cms);
	return SGL_OK;
}

static sgl_status
start_cms(sgl_part *p, sgl_layer_form form, sgl_digests *detached, sgl_err *err)
{
	sgl_reader *r = p->reader;
	sgl_cms_read_options options = {
	    .keys = r->options.keys,
	    .finder = r->options.finder,
	    .password = r->options.password,
	    .kek = r->options.kek,
	    .kek_id = r->options.kek_id,
	    .kdf_rounds = &r->kdf_rounds,
	    .spooler = r->spooler,
	    .asker = &r->asker,
	    .detached = detached,
	    .around = p->around,
	    .on_content = on_content,
	    .on_end = on_end,
	    .ctx = p,
	};

	/* The second part of a clear signature reports for the whole. */
	if (p->layer < 0)
		TRY(sgl_layer_add(p, form, err));
	TRY(sgl_cms_reader_new(r->engine, &options, &p->cms, err));
	layer_of(p)->cms = sgl_cms_reader_report(p->cms);
	return SGL_OK;
}

static sgl_status
start_form(sgl_part *p, sgl_cte cte, bool pem_only, sgl_err *err)
{
	TRY(sgl_form_stage_new(
	    cte, pem_only, sgl_cms_reader_sink(p->cms), &p->form, err));
	p->body = sgl_form_stage_sink(p->form);
	return SGL_OK;
}

sgl_status
sgl_part_become_cms(sgl_part *p, sgl_layer_form form, sgl_cte cte,
    sgl_digests *detached, sgl_err *err)
{
	TRY(start_cms(p, form, detached, err));
	return start_form(p, cte, false, err);
}

sgl_status
sgl_part_become_pem(sgl_part *p, sgl_err *err)
{
	TRY(start_cms(p, SGL_FORM_BARE, NULL, err));
	return start_form(p, SGL_CTE_BINARY, true, err);
}

/* The signed part goes to its digests and to the part that reads it. */
static sgl_part *
part_of_tee(sgl_sink *tee)
{
	return (sgl_part *)(void *)((uint8_t *)tee - offsetof(sgl_part, tee));
}

static sgl_status
tee_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	sgl_part *p = part_of_tee(s);

	TRY(sgl_digests_update(p->digests, in, err));
	return sgl_sink_write(&p->inner->sink, in, err);
}

static sgl_status
tee_finish(sgl_sink *s, sgl_err *err)
{
	return sgl_sink_finish(&part_of_tee(s)->inner->sink, err);
}

static void
tee_abort(sgl_sink *s)
{
	sgl_sink_abort(&part_of_tee(s)->inner->sink);
}

static const sgl_sink_ops tee_ops = {tee_write, tee_finish, tee_abort};

static sgl_status
start_signature(sgl_part *p, sgl_sink **sink, sgl_err *err)
{
	TRY(sgl_part_new(p->reader, SGL_PART_SIGNATURE, p->parent, p->depth,
	    &p->signature, err));
	p->signature->layer = p->layer;
	p->signature->digests = p->digests;
	p->signature->announced = p->announced;
	*sink = &p->signature->sink;
	return SGL_OK;
}

static sgl_status
on_part(void *ctx, size_t index, uint64_t offset, sgl_sink **sink, sgl_err *err)
{
	sgl_part *p = ctx;

	(void)offset;
	*sink = NULL;
	if (index == 0) {
		TRY(start_inner(p, sink, err));
		*sink = &p->tee;
		return SGL_OK;
	}
	if (index == 1)
		return start_signature(p, sink, err);
	/* RFC 1847 2.1: exactly two. What else is there is not signed. */
	layer_of(p)->has_more_parts = true;
	return SGL_OK;
}

/* Behind the splitter: nothing may be missing at its end. */
static sgl_status
check_parts(sgl_part *p, sgl_err *err)
{
	if (!sgl_splitter_is_closed(p->splitter) ||
	    sgl_splitter_num_parts(p->splitter) < 2)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "multipart/signed ends before its last boundary");
	return SGL_OK;
}

/* micalg is a hint (RFC 8551 3.5.3.2): where it says nothing, all. */
static sgl_digest_mask
likely_digests(const sgl_part *p)
{
	sgl_digest_mask mask = p->announced & SGL_DIGEST_LIKELY;

	if (mask == 0)
		mask = SGL_DIGEST_LIKELY;
	return mask | p->reader->options.digests;
}

static sgl_part *
part_of_body(sgl_sink *s)
{
	return (
	    sgl_part *)(void *)((uint8_t *)s - offsetof(sgl_part, multipart));
}

static sgl_status
multipart_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	return sgl_sink_write(
	    sgl_splitter_sink(part_of_body(s)->splitter), in, err);
}

static sgl_status
multipart_finish(sgl_sink *s, sgl_err *err)
{
	sgl_part *p = part_of_body(s);

	TRY(sgl_sink_finish(sgl_splitter_sink(p->splitter), err));
	return check_parts(p, err);
}

static void
multipart_abort(sgl_sink *s)
{
	sgl_sink_abort(sgl_splitter_sink(part_of_body(s)->splitter));
}

static const sgl_sink_ops multipart_ops = {
    multipart_write, multipart_finish, multipart_abort};

sgl_status
sgl_part_become_clear_signed(sgl_part *p, sgl_err *err)
{
	static const sgl_splitter_handler handler = {on_part};
	const sgl_limits *limits = sgl_engine_limits(p->reader->engine);

	if (sgl_mime_type_param(&p->type, "micalg") != NULL)
		p->announced =
		    sgl_micalg_read(sgl_mime_type_param(&p->type, "micalg"));
	TRY(sgl_layer_add(p, SGL_FORM_CLEAR_SIGNED, err));
	TRY(sgl_digests_new(p->reader->engine, likely_digests(p),
	    limits->element < SGL_DIGESTS_KEEP ? limits->element
					       : SGL_DIGESTS_KEEP,
	    &p->digests, err));
	p->tee.ops = &tee_ops;
	p->multipart.ops = &multipart_ops;
	TRY(sgl_splitter_new(sgl_mime_type_param(&p->type, "boundary"), true,
	    &handler, p, &p->splitter, err));
	p->body = &p->multipart;
	return SGL_OK;
}
