/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/crlf.h"
#include "mime/legacy_cut.h"
#include "mime/walk.h"
#include "mime/write.h"

#define ROOM "mime.legacy"
#define PARAM "hp-legacy-display"
#define MAX_LINE 998 /* RFC 5322 2.1.1 */

struct sgl_legacy_stage {
	sgl_sink sink;
	sgl_walk walk;
	sgl_sink *next; /* borrowed */
	bool adds;
	sgl_buf text;
	/* A leaf under way that is changed: decoded, cut, encoded, and into
	 * `tail`, which ends with it. */
	sgl_sink *leaf;
	sgl_decode_stage *decode;
	sgl_crlf_stage *crlf;
	sgl_legacy_cut cut;
	sgl_encode_stage *encode;
	sgl_sink tail;
	bool had_line_end; /* the leaf as it came, so far */
	bool holds_line_end;
};

/* What becomes of one leaf. */
typedef struct plan {
	bool is_html;
	sgl_buf field;	 /* its Content-Type anew */
	sgl_buf element; /* to add */
	sgl_cte cte;	 /* it will have */
} plan;

static void
plan_clear(plan *p)
{
	sgl_buf_clear(&p->field);
	sgl_buf_clear(&p->element);
}
SGL_AUTO_CLEAR_TYPE(plan, plan_clear)

/* `tail`: a leaf's end is not that of the stream. Base64 ends with a line end,
 * which stays only where there was one. */

static bool
ends_line(sgl_slice s)
{
	return s.len > 1 && s.data[s.len - 2] == '\r' &&
	    s.data[s.len - 1] == '\n';
}

static sgl_status
put_held(sgl_legacy_stage *s, sgl_err *err)
{
	if (!s->holds_line_end)
		return SGL_OK;
	s->holds_line_end = false;
	return sgl_sink_write(s->next, SGL_LIT("\r\n"), err);
}

static sgl_status
tail_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	size_t at = offsetof(sgl_legacy_stage, tail);
	sgl_legacy_stage *s = (sgl_legacy_stage *)(void *)((char *)sink - at);

	TRY(put_held(s, err));
	s->holds_line_end = ends_line(in);
	return sgl_sink_write(s->next,
	    sgl_slice_first(in, in.len - (s->holds_line_end ? 2 : 0)), err);
}

static sgl_status
tail_finish(sgl_sink *sink, sgl_err *err)
{
	(void)sink;
	(void)err;
	return SGL_OK;
}

static void
tail_abort(sgl_sink *sink)
{
	(void)sink;
}

static const sgl_sink_ops tail_ops = {tail_write, tail_finish, tail_abort};

/* --- which leaves --- */

static bool
is_encoded(sgl_cte cte)
{
	return cte == SGL_CTE_BASE64 || cte == SGL_CTE_QUOTED_PRINTABLE;
}

static bool
is_main_text(const sgl_walk_entity *e, const sgl_mime_type *t)
{
	return e->kind == SGL_WALK_LEAF && e->is_main && e->is_encodable &&
	    e->cte != SGL_CTE_UNKNOWN &&
	    (sgl_mime_type_is(t, "text", "plain") ||
		sgl_mime_type_is(t, "text", "html")) &&
	    sgl_legacy_find_charset(t) != SGL_LEGACY_UNKNOWN;
}

/* What 7bit and 8bit may not have (RFC 2045 2.7, 2.8). */
static bool
fits_encoding(sgl_slice element, sgl_cte cte)
{
	size_t column = 0;

	for (size_t i = 0; i < element.len; i++) {
		column = element.data[i] == '\n' ? 0 : column + 1;
		if (element.data[i] >= 0x80 && cte == SGL_CTE_7BIT)
			return false;
		if (column > MAX_LINE && cte != SGL_CTE_BINARY)
			return false;
	}
	return true;
}

static bool
is_ascii(sgl_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] >= 0x80)
			return false;
	return true;
}

/* The field, or one made up where there is none. false: it cannot be read. */
static sgl_status
edit_type(const sgl_headers *h, bool drop_charset, sgl_slice add, sgl_buf *out,
    bool *good, sgl_err *err)
{
	static const char *const with_charset[] = {PARAM, "charset", NULL};
	static const char *const without[] = {PARAM, NULL};
	const sgl_field *f = sgl_headers_find(h, "Content-Type", NULL);
	sgl_status status;

	*good = true;
	if (f == NULL) {
		TRY(sgl_buf_add_str(out, "Content-Type: text/plain", err));
		TRY(sgl_buf_add(out, add, err));
		return sgl_buf_add_str(out, "\r\n", err);
	}
	status = sgl_mime_type_edit(
	    f, drop_charset ? with_charset : without, add, out, err);
	*good = status != SGL_E_ENCODING;
	return *good ? status : SGL_OK;
}

static sgl_status
plan_adding(sgl_legacy_stage *s, const sgl_walk_entity *e, const sgl_headers *h,
    const sgl_mime_type *t, plan *p, bool *good, sgl_err *err)
{
	sgl_legacy_charset charset = sgl_legacy_find_charset(t);
	sgl_slice text = sgl_buf_slice(&s->text);
	bool to_utf8 =
	    !p->is_html && charset == SGL_LEGACY_ASCII && !is_ascii(text);

	*good = s->text.len > 0 && sgl_mime_type_param(t, PARAM) == NULL &&
	    !(to_utf8 && (e->cte == SGL_CTE_8BIT || e->cte == SGL_CTE_BINARY));
	if (!*good)
		return SGL_OK;
	if (p->is_html)
		TRY(sgl_legacy_html_text(text, &p->element, err));
	else
		TRY(sgl_legacy_plain_text(
		    text, charset, &p->element, good, err));
	if (*good)
		TRY(edit_type(h, to_utf8,
		    to_utf8 ? SGL_LIT("; " PARAM "=\"1\"; charset=\"utf-8\"")
			    : SGL_LIT("; " PARAM "=\"1\""),
		    &p->field, good, err));
	if (!is_encoded(e->cte) &&
	    !fits_encoding(sgl_buf_slice(&p->element), e->cte))
		p->cte = SGL_CTE_QUOTED_PRINTABLE;
	return SGL_OK;
}

/* @req rfc9788-4.5.3.1 */
static sgl_status
plan_removing(const sgl_headers *h, const sgl_mime_type *t, plan *p, bool *good,
    sgl_err *err)
{
	const char *value = sgl_mime_type_param(t, PARAM);

	*good = value != NULL && strcmp(value, "1") == 0;
	if (!*good)
		return SGL_OK;
	return edit_type(h, false, SGL_LIT(""), &p->field, good, err);
}

/* *good: the leaf is changed, as *p says. */
static sgl_status
make_plan(sgl_legacy_stage *s, const sgl_walk_entity *e, const sgl_headers *h,
    plan *p, bool *good, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_mime_type) t = {0};

	*good = false;
	if (e->kind != SGL_WALK_LEAF || !e->is_main)
		return SGL_OK;
	TRY(sgl_headers_content_type(h, &t, err));
	if (!is_main_text(e, &t))
		return SGL_OK;
	p->is_html = sgl_mime_type_is(&t, "text", "html");
	p->cte = e->cte;
	return s->adds ? plan_adding(s, e, h, &t, p, good, err)
		       : plan_removing(h, &t, p, good, err);
}

/* --- changing one --- */

static sgl_status
put_label(sgl_legacy_stage *s, sgl_cte cte, sgl_err *err)
{
	TRY(sgl_sink_write(
	    s->next, SGL_LIT("Content-Transfer-Encoding: "), err));
	TRY(sgl_sink_write(s->next, sgl_slice_str(sgl_cte_name(cte)), err));
	return sgl_sink_write(s->next, SGL_LIT("\r\n"), err);
}

/* The new fields in the place of the old; a second of the kind would leave it
 * to chance which one counts. */
static sgl_status
put_fields(sgl_legacy_stage *s, const sgl_walk_entity *e, const sgl_headers *h,
    const plan *p, sgl_err *err)
{
	bool typed = false, labelled = p->cte == e->cte;

	for (size_t i = 0; i < h->num_fields; i++) {
		const sgl_field *f = &h->fields[i];
		bool is_type =
		    sgl_slice_eq_nocase(f->name, SGL_LIT("Content-Type"));
		bool is_label = p->cte != e->cte &&
		    sgl_slice_eq_nocase(
			f->name, SGL_LIT("Content-Transfer-Encoding"));

		if (!is_type && !is_label)
			TRY(sgl_sink_write(s->next, f->whole, err));
		if (is_type && !typed)
			TRY(sgl_sink_write(
			    s->next, sgl_buf_slice(&p->field), err));
		if (is_label && !labelled)
			TRY(put_label(s, p->cte, err));
		typed |= is_type;
		labelled |= is_label;
	}
	if (!typed)
		TRY(sgl_sink_write(s->next, sgl_buf_slice(&p->field), err));
	return labelled ? SGL_OK : put_label(s, p->cte, err);
}

static void
free_leaf(sgl_legacy_stage *s)
{
	sgl_decode_stage_free(SGL_TAKE(&s->decode));
	sgl_crlf_stage_free(SGL_TAKE(&s->crlf));
	sgl_encode_stage_free(SGL_TAKE(&s->encode));
	sgl_legacy_cut_clear(&s->cut);
	s->leaf = NULL;
	s->had_line_end = s->holds_line_end = false;
}

static sgl_status
begin_leaf(sgl_legacy_stage *s, const sgl_walk_entity *e, plan *p, sgl_err *err)
{
	sgl_sink *next = &s->tail;

	s->tail = (sgl_sink){.ops = &tail_ops};
	if (is_encoded(p->cte)) {
		TRY(sgl_encode_stage_new(p->cte, next, &s->encode, err));
		next = sgl_encode_stage_sink(s->encode);
	}
	sgl_legacy_cut_init(&s->cut, p->is_html, next);
	s->cut.element = p->element;
	p->element = sgl_buf_init(0);
	s->leaf = &s->cut.sink;
	if (is_encoded(e->cte)) {
		TRY(sgl_decode_stage_new(e->cte, s->leaf, &s->decode, err));
		s->leaf = sgl_decode_stage_sink(s->decode);
	} else if (p->cte != e->cte) {
		TRY(sgl_crlf_stage_new(s->leaf, &s->crlf, err));
		s->leaf = sgl_crlf_stage_sink(s->crlf);
	}
	return SGL_OK;
}

static sgl_status
on_entity(void *ctx, const sgl_walk_entity *e, const sgl_headers *headers,
    sgl_slice fields, sgl_slice blank, sgl_err *err)
{
	SGL_AUTO_CLEAR(plan)
	p = {.field = {.max = SIZE_MAX, .secret = true},
	    .element = {.max = SIZE_MAX, .secret = true}};
	sgl_legacy_stage *s = ctx;
	bool good = false;

	if (blank.len > 0)
		TRY(make_plan(s, e, headers, &p, &good, err));
	if (!good) {
		TRY(sgl_sink_write(s->next, fields, err));
		return sgl_sink_write(s->next, blank, err);
	}
	TRY(put_fields(s, e, headers, &p, err));
	TRY(sgl_sink_write(s->next, blank, err));
	return begin_leaf(s, e, &p, err);
}

static sgl_status
on_bytes(void *ctx, const sgl_walk_entity *e, sgl_slice in, sgl_err *err)
{
	sgl_legacy_stage *s = ctx;

	(void)e;
	if (in.len > 0)
		s->had_line_end = in.data[in.len - 1] == '\n';
	return sgl_sink_write(s->leaf != NULL ? s->leaf : s->next, in, err);
}

static sgl_status
on_delimiter(void *ctx, const sgl_walk_entity *e, sgl_delimiter kind,
    sgl_slice eol, sgl_slice line, sgl_err *err)
{
	sgl_legacy_stage *s = ctx;

	(void)e;
	(void)kind;
	TRY(sgl_sink_write(s->next, eol, err));
	return sgl_sink_write(s->next, line, err);
}

static sgl_status
on_end(void *ctx, const sgl_walk_entity *e, sgl_err *err)
{
	sgl_legacy_stage *s = ctx;

	if (s->leaf == NULL)
		return SGL_OK;
	TRY(sgl_sink_finish(s->leaf, err));
	if (e->cte != SGL_CTE_BASE64 || s->had_line_end)
		TRY(put_held(s, err));
	free_leaf(s);
	return SGL_OK;
}

static const sgl_walk_ops walk_ops = {
    on_entity, on_bytes, on_delimiter, on_end};

/* --- the stream --- */

static sgl_status
stage_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	return sgl_walk_push(&((sgl_legacy_stage *)sink)->walk, in, err);
}

static void
stage_abort(sgl_sink *sink)
{
	sgl_sink_abort(((sgl_legacy_stage *)sink)->next);
}

static sgl_status
stage_finish(sgl_sink *sink, sgl_err *err)
{
	sgl_legacy_stage *s = (sgl_legacy_stage *)sink;
	sgl_status status = sgl_walk_finish(&s->walk, err);

	if (status != SGL_OK) {
		stage_abort(sink);
		return status;
	}
	return sgl_sink_finish(s->next, err);
}

static const sgl_sink_ops stage_ops = {stage_write, stage_finish, stage_abort};

sgl_status
sgl_legacy_stage_new(const sgl_limits *limits, sgl_sink *next,
    sgl_legacy_stage **out, sgl_err *err)
{
	SGL_AUTO(sgl_legacy_stage)
	s = sgl_mem_zeroed(1, sizeof *s);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->sink.ops = &stage_ops;
	s->next = next;
	s->text = (sgl_buf){.max = SIZE_MAX, .secret = true};
	TRY(sgl_walk_init(&s->walk, limits, &walk_ops, s, err));
	*out = SGL_TAKE(&s);
	return SGL_OK;
}

sgl_status
sgl_legacy_stage_add(sgl_legacy_stage *s, sgl_slice text, sgl_err *err)
{
	s->adds = true;
	return sgl_buf_add(&s->text, text, err);
}

sgl_sink *
sgl_legacy_stage_sink(sgl_legacy_stage *s)
{
	return &s->sink;
}

void
sgl_legacy_stage_free(sgl_legacy_stage *s)
{
	if (s == NULL)
		return;
	sgl_walk_clear(&s->walk);
	free_leaf(s);
	sgl_buf_clear(&s->text);
	sgl_mem_free(s);
}
