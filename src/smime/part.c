/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entity: collects its header section, decides what it is, and passes the
 * body on. Content is passed on byte for byte, headers and all.
 */
#include "smime/reader_inside.h"

#define ROOM "smime.part"

/* What a first line is shows in this much of it, wherever the input is cut
 * (RFC 5322 2.1.1 allows 998). */
#define MAX_FIRST_LINE 4096

static bool
is_top(const sgl_part *p)
{
	return p->reader->top == p;
}

static sgl_status
write_body(sgl_part *p, sgl_slice in, sgl_err *err)
{
	return p->body == NULL ? SGL_OK : sgl_sink_write(p->body, in, err);
}

sgl_status
sgl_part_write_outer(sgl_sink *to, const sgl_field *f, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(2 * f->whole.len + 2);

	TRY(sgl_field_add(f, &text, err));
	return sgl_sink_write(to, sgl_buf_slice(&text), err);
}

/* The outer fields of the message, in front of the content that was inside,
 * so that the result is a message again. */
static sgl_status
write_outer_fields(sgl_part *content, sgl_err *err)
{
	sgl_reader *r = content->reader;
	const sgl_headers *h = &r->top->headers;

	if (!r->options.keep_headers || content == r->top ||
	    !r->report.is_message)
		return SGL_OK;
	for (size_t i = 0; i < h->num_fields; i++)
		if (h->fields[i].name.len > 0 &&
		    !sgl_field_is_content(&h->fields[i]))
			TRY(sgl_part_write_outer(&r->gate, &h->fields[i], err));
	if (sgl_headers_find(&content->headers, "MIME-Version", NULL) == NULL)
		TRY(sgl_sink_write(
		    &r->gate, SGL_LIT("MIME-Version: 1.0\r\n"), err));
	return content->is_headerless
	    ? sgl_sink_write(&r->gate, SGL_LIT("\r\n"), err)
	    : SGL_OK;
}

sgl_status
sgl_part_become_content(sgl_part *p, sgl_err *err)
{
	p->body = &p->reader->gate;
	if (p->reader->report.hp.intent != SGL_HP_NONE &&
	    p->reader->options.keep_headers)
		return sgl_hp_release(p, err);
	TRY(write_outer_fields(p, err));
	return write_body(p, sgl_buf_slice(&p->section), err);
}

sgl_status
sgl_part_read_mailboxes(sgl_part *p, const char *name, size_t *count,
    sgl_mailboxes *out, sgl_err *err)
{
	const sgl_field *f = sgl_headers_find(&p->headers, name, count);

	return f == NULL ? SGL_OK : sgl_mailboxes_read(f->value, out, err);
}

/* Who the message claims to be from, by its outermost fields. */
static sgl_status
read_claims(sgl_part *p, sgl_err *err)
{
	sgl_report *report = &p->reader->report;
	size_t ignored;

	TRY(sgl_part_read_mailboxes(
	    p, "From", &report->num_from, &report->from, err));
	TRY(sgl_part_read_mailboxes(
	    p, "Sender", &ignored, &report->sender, err));
	report->is_message = report->num_from > 0 ||
	    sgl_headers_find(&p->headers, "MIME-Version", NULL) != NULL ||
	    sgl_headers_find(&p->headers, "To", NULL) != NULL ||
	    sgl_headers_find(&p->headers, "Date", NULL) != NULL;
	return SGL_OK;
}

static sgl_status
become_signature(sgl_part *p, sgl_err *err)
{
	sgl_cte cte = sgl_headers_cte(&p->headers);
	bool is_signature;

	TRY(sgl_entity_is_signature(&p->headers, &p->type, &is_signature, err));
	if (!is_signature)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "the second part of multipart/signed is no signature");
	return sgl_part_become_cms(
	    p, SGL_FORM_CLEAR_SIGNED, cte, p->digests, err);
}

/* A layer of encryption may be around; the signature of a multipart/signed
 * comes behind its content. */
static bool
is_signed(const sgl_report *report)
{
	for (size_t i = 0; i < report->num_layers; i++)
		if (report->layers[i].form == SGL_FORM_CLEAR_SIGNED ||
		    report->layers[i].cms->type == SGL_CMS_SIGNED)
			return true;
	return false;
}

static sgl_status
look_inside(sgl_part *p, sgl_err *err)
{
	sgl_reader *r = p->reader;
	bool is_lone;

	if (is_signed(&r->report))
		return SGL_OK;
	sgl_inside_look_for_foreign(&r->report, &p->type);
	TRY(sgl_entity_is_lone_signature(&p->headers, &p->type, &is_lone, err));
	r->report.has_torn_signature |= is_lone;
	if (sgl_mime_type_param(&p->type, "boundary") == NULL)
		return SGL_OK;
	TRY(sgl_inside_new(sgl_engine_limits(r->engine), p->body, &r->report,
	    &p->inside, err));
	p->body = sgl_inside_sink(p->inside);
	return sgl_inside_head(p->inside, sgl_buf_slice(&p->section), err);
}

static sgl_status
decide_entity(sgl_part *p, sgl_err *err)
{
	sgl_entity_kind kind;

	TRY(sgl_entity_classify(&p->headers, &p->type, &kind, err));
	switch (kind) {
	case SGL_ENTITY_CLEAR_SIGNED:
		if (sgl_part_is_peeled(p, false))
			return sgl_part_become_clear_signed(p, err);
		break;
	case SGL_ENTITY_CMS:
		/* What is around can be good all the same. */
		if (p->depth > 0 && sgl_entity_says_compressed(&p->type))
			break;
		if (sgl_part_is_peeled(p, sgl_entity_says_encrypted(&p->type)))
			return sgl_part_become_cms(p, SGL_FORM_PKCS7_MIME,
			    sgl_headers_cte(&p->headers), NULL, err);
		p->reader->report.holds_encryption |=
		    sgl_entity_says_encrypted(&p->type);
		break;
	case SGL_ENTITY_CONTENT:
		TRY(sgl_hp_recognise(p, err));
		TRY(sgl_part_become_content(p, err));
		return look_inside(p, err);
	}
	return sgl_part_become_content(p, err);
}

/* Text whose first line looks like a field ("Note: ...") is no header section:
 * a line in it is no field, and nothing is said about the content. */
static bool
is_text(const sgl_headers *h)
{
	bool has_other = false;

	for (size_t i = 0; i < h->num_fields; i++) {
		if (sgl_field_is_content(&h->fields[i]))
			return false;
		has_other |= h->fields[i].name.len == 0;
	}
	return has_other;
}

/* The header section is whole. */
static sgl_status
decide(sgl_part *p, sgl_err *err)
{
	p->in_body = true;
	TRY(sgl_headers_read(
	    sgl_buf_slice(&p->section), p->section.max, &p->headers, err));
	p->is_headerless = !is_top(p) && is_text(&p->headers);
	TRY(sgl_headers_content_type(&p->headers, &p->type, err));
	if (is_top(p))
		TRY(read_claims(p, err));
	return p->role == SGL_PART_SIGNATURE ? become_signature(p, err)
					     : decide_entity(p, err);
}

/* Is the first line a header field, or the envelope line of an mbox? What
 * does not start with one has no headers: it is content by itself. */
static bool
starts_with_field(sgl_slice line)
{
	sgl_slice rest;
	size_t n = 0;

	if (line.len == 0 || line.data[0] == '\r' || line.data[0] == '\n' ||
	    sgl_slice_starts(line, SGL_LIT("From ")) ||
	    sgl_slice_starts(line, SGL_LIT(">From ")))
		return true;
	while (n < line.len && line.data[n] > 32 && line.data[n] < 127 &&
	    line.data[n] != ':')
		n++;
	/* Obsolete "Name : value". */
	rest = sgl_slice_from(line, n);
	while (rest.len > 0 && (rest.data[0] == ' ' || rest.data[0] == '\t'))
		rest = sgl_slice_from(rest, 1);
	return n > 0 && rest.len > 0 && rest.data[0] == ':';
}

static sgl_status
become_headerless(sgl_part *p, sgl_err *err)
{
	p->in_body = true;
	/* A text in front of PEM, as some tools write it, or nothing of ours.
	 */
	if (is_top(p)) {
		TRY(sgl_part_become_pem(p, err));
		return write_body(p, sgl_buf_slice(&p->section), err);
	}
	if (p->role == SGL_PART_SIGNATURE)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "the second part of multipart/signed is no signature");
	p->is_headerless = true;
	return sgl_part_become_content(p, err);
}

/* A line of base64 and nothing else, as somebody saves a .p7m by hand. */
static bool
looks_like_base64(sgl_slice line)
{
	line = sgl_slice_trim(line);
	if (line.len < 40 || !sgl_slice_starts(line, SGL_LIT("MI")))
		return false;
	for (size_t i = 0; i < line.len; i++) {
		uint8_t c = line.data[i];
		bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		    (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
		if (!good)
			return false;
	}
	return true;
}

/* The first line is there. *decided: it was no header section. */
static sgl_status
judge_first_line(sgl_part *p, sgl_slice line, bool *decided, sgl_err *err)
{
	*decided = true;
	p->first_line_judged = true;
	if (line.len > MAX_FIRST_LINE)
		line = sgl_slice_first(line, MAX_FIRST_LINE);
	if (is_top(p) && looks_like_base64(line)) {
		p->in_body = true;
		TRY(sgl_part_become_cms(
		    p, SGL_FORM_BARE, SGL_CTE_BASE64, NULL, err));
		return write_body(p, sgl_buf_slice(&p->section), err);
	}
	if (!starts_with_field(line))
		return become_headerless(p, err);
	*decided = false;
	return SGL_OK;
}

static sgl_status
become_bare(sgl_part *p, sgl_err *err)
{
	p->in_body = true;
	TRY(sgl_part_become_cms(p, SGL_FORM_BARE, SGL_CTE_BINARY, NULL, err));
	return write_body(p, sgl_buf_slice(&p->section), err);
}

/* Some editors put this in front of UTF-8: once, and before anything else. It
 * may come in pieces. */
static void
drop_mark(sgl_part *p)
{
	static const char mark[] = "\xef\xbb\xbf";
	const size_t n = sizeof mark - 1;
	sgl_buf *b = &p->section;
	sgl_slice s = sgl_buf_slice(b);

	if (p->has_begun || s.len < n)
		return;
	p->has_begun = true;
	if (!sgl_slice_starts(s, sgl_slice_str(mark)))
		return;
	b->len -= n;
	memmove(b->data, b->data + n, b->len);
}

/* In front of a message: that mark, and blank lines. */
static void
drop_lead(sgl_part *p)
{
	sgl_slice s;

	drop_mark(p);
	s = sgl_buf_slice(&p->section);
	if (!sgl_slice_eq(s, SGL_LIT("\n")) &&
	    !sgl_slice_eq(s, SGL_LIT("\r\n")))
		return;
	p->has_begun = true;
	p->section.len = 0;
}

/* Takes one line (or what there is of it) into the section. *ended: the blank
 * line that ends the section has come. */
static sgl_status
take_line(sgl_part *p, sgl_slice *in, bool *ended, sgl_err *err)
{
	const uint8_t *lf = memchr(in->data, '\n', in->len);
	size_t n = lf == NULL ? in->len : (size_t)(lf - in->data) + 1;
	sgl_slice line;
	bool decided;

	*ended = false;
	if (n > p->section.max - p->section.len)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    "header section is over the limit");
	TRY(sgl_buf_add(&p->section, sgl_slice_first(*in, n), err));
	*in = sgl_slice_from(*in, n);
	if (!p->first_line_judged && is_top(p))
		drop_lead(p);
	if (!p->first_line_judged && is_top(p) &&
	    sgl_form_is_der(sgl_buf_slice(&p->section)))
		return become_bare(p, err);
	line = sgl_slice_from(sgl_buf_slice(&p->section), p->line_start);
	if (line.len == 0 ||
	    (lf == NULL && (p->first_line_judged || line.len < MAX_FIRST_LINE)))
		return SGL_OK;
	if (!p->first_line_judged) {
		TRY(judge_first_line(p, line, &decided, err));
		if (decided)
			return SGL_OK;
	}
	if (lf == NULL)
		return SGL_OK;
	p->line_start = p->section.len;
	/* A line of one blank is none: it continues (RFC 5322 4.2). */
	*ended =
	    line.data[0] == '\n' || (line.data[0] == '\r' && line.len == 2);
	return SGL_OK;
}

static sgl_status
part_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	sgl_part *p = (sgl_part *)s;
	bool ended;

	while (in.len > 0 && !p->in_body) {
		TRY(take_line(p, &in, &ended, err));
		if (ended)
			TRY(decide(p, err));
	}
	return in.len == 0 ? SGL_OK : write_body(p, in, err);
}

/* The input ended inside the header section, or inside its first line. */
static sgl_status
decide_at_end(sgl_part *p, sgl_err *err)
{
	sgl_slice section = sgl_buf_slice(&p->section);
	bool decided;

	if (section.len == 0 && is_top(p))
		return sgl_fail(
		    err, SGL_E_ENCODING, ROOM, 0, "the input is empty");
	if (!p->first_line_judged && section.len > 0) {
		TRY(judge_first_line(p, section, &decided, err));
		if (decided)
			return SGL_OK;
	}
	if (section.len == 0)
		return become_headerless(p, err);
	if (is_top(p))
		return sgl_fail(err, SGL_E_ENCODING, ROOM, section.len,
		    "the message ends inside its header");
	return decide(p, err);
}

static sgl_status
part_finish(sgl_sink *s, sgl_err *err)
{
	sgl_part *p = (sgl_part *)s;

	if (!p->in_body)
		TRY(decide_at_end(p, err));
	return p->body == NULL ? SGL_OK : sgl_sink_finish(p->body, err);
}

static void
part_abort(sgl_sink *s)
{
	sgl_part *p = (sgl_part *)s;

	if (p->body != NULL)
		sgl_sink_abort(p->body);
}

static const sgl_sink_ops part_ops = {part_write, part_finish, part_abort};

sgl_status
sgl_part_new(sgl_reader *r, sgl_part_role role, int parent, unsigned depth,
    sgl_part **out, sgl_err *err)
{
	sgl_part *p = sgl_mem_zeroed(1, sizeof *p);

	if (p == NULL)
		return sgl_oom(err, ROOM);
	p->sink.ops = &part_ops;
	p->reader = r;
	p->role = role;
	p->parent = parent;
	p->depth = depth;
	p->layer = -1;
	p->section = (sgl_buf){
	    .max = sgl_engine_limits(r->engine)->headers, .secret = true};
	*out = p;
	return SGL_OK;
}

void
sgl_part_free(sgl_part *p)
{
	if (p == NULL)
		return;
	sgl_splitter_free(p->splitter);
	sgl_inside_free(p->inside);
	sgl_form_stage_free(p->form);
	sgl_cms_reader_free(p->cms);
	sgl_legacy_stage_free(p->legacy);
	sgl_part_free(p->signature);
	sgl_part_free(p->inner);
	/* The second part of a clear signature has only borrowed them. */
	if (p->role == SGL_PART_ENTITY)
		sgl_digests_free(p->digests);
	sgl_buf_wipe(&p->section);
	sgl_headers_clear(&p->headers);
	sgl_mime_type_clear(&p->type);
	sgl_mem_free(p);
}
