/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of MIME entities, and what the S/MIME parts in it hold. */
#include <stdio.h>

#include "mime/section.h"
#include "mime/stage.h"
#include "smime/inspect.h"

/* An entity taken apart. */
typedef struct entity {
	sgl_section section;
	sgl_headers headers;
	sgl_mime_type type;
	sgl_cte cte;
	uint64_t offset;    /* of its first byte */
	uint64_t mbox_line; /* bytes in front of the fields */
	uint64_t body_offset;
	sgl_slice body;
} entity;

static void
entity_clear(entity *e)
{
	sgl_section_clear(&e->section);
	sgl_headers_clear(&e->headers);
	sgl_mime_type_clear(&e->type);
}
SGL_AUTO_CLEAR_TYPE(entity, entity_clear)

static sgl_status
split(const sgl_look *l, sgl_slice whole, entity *e, sgl_err *err)
{
	size_t max = sgl_engine_limits(l->engine)->headers, used;
	sgl_slice raw;
	bool done;

	e->section.raw = sgl_buf_init(max);
	TRY(sgl_section_push(&e->section, whole, &used, &done, err));
	raw = sgl_buf_slice(&e->section.raw);
	TRY(sgl_headers_read(raw, max, &e->headers, err));
	TRY(sgl_headers_content_type(&e->headers, &e->type, err));
	e->cte = sgl_headers_cte(&e->headers);
	e->body_offset = e->offset + used;
	e->body = sgl_slice_from(whole, used);
	if (sgl_slice_starts(raw, SGL_LIT("From ")) &&
	    !sgl_slice_starts(
		sgl_buf_slice(&e->headers.bytes), SGL_LIT("From ")))
		e->mbox_line = (uint64_t)((const uint8_t *)memchr(
					      raw.data, '\n', raw.len) -
				   raw.data) +
		    1;
	return SGL_OK;
}

static bool
has_known_field(const sgl_headers *headers)
{
	static const char *const known[] = {"Content-Type", "MIME-Version",
	    "From", "To", "Subject", "Date", "Message-ID", "Received",
	    "Return-Path", "Delivered-To", "Content-Transfer-Encoding"};

	if (headers->num_fields == 0 || headers->fields[0].name.len == 0)
		return false;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (sgl_headers_find(headers, known[i], NULL) != NULL)
			return true;
	return false;
}

size_t
sgl_mime_lead(sgl_slice bytes)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t n =
	    sgl_slice_starts(bytes, sgl_slice_str(mark)) ? sizeof mark - 1 : 0;

	while (
	    n < bytes.len && (bytes.data[n] == '\r' || bytes.data[n] == '\n'))
		n++;
	return n;
}

bool
sgl_is_mime(sgl_look *l, sgl_slice bytes)
{
	SGL_AUTO_CLEAR(entity) e = {0};

	bytes = sgl_slice_from(bytes, sgl_mime_lead(bytes));
	return sgl_look_good(l, split(l, bytes, &e, NULL)) &&
	    has_known_field(&e.headers);
}

static bool
is_of_interest(const sgl_field *f)
{
	static const char *const names[] = {"From", "Sender", "To", "Cc",
	    "Date", "Subject", "Message-ID", "MIME-Version", "Content-Type",
	    "Content-Transfer-Encoding", "Content-Disposition",
	    "Content-Description"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (sgl_slice_eq_nocase(f->name, sgl_slice_str(names[i])))
			return true;
	return false;
}

static void
show_field(sgl_look *l, const entity *e, const sgl_field *f)
{
	SGL_AUTO_CLEAR(sgl_buf) value = sgl_buf_init(SGL_TREE_BYTES);
	char name[64];
	sgl_span at = {e->offset + e->mbox_line +
		(uint64_t)(f->whole.data - e->headers.bytes.data),
	    f->whole.len};

	if (!sgl_look_good(l, sgl_field_unfold(f, &value, NULL)))
		return;
	(void)snprintf(name, sizeof name, "%.*s", (int)f->name.len,
	    (const char *)f->name.data);
	sgl_tree_leaf(&l->tree, at, name, sgl_buf_slice(&value));
}

/* --- bodies --- */

typedef struct part {
	uint64_t offset, len;
} part;

typedef struct parts {
	sgl_sink counter; /* takes the part at hand */
	part *items;
	size_t num, cap;
} parts;

static sgl_status
count_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	parts *p = (parts *)s;

	(void)err;
	p->items[p->num - 1].len += in.len;
	return SGL_OK;
}

static sgl_status
count_finish(sgl_sink *s, sgl_err *err)
{
	(void)s;
	(void)err;
	return SGL_OK;
}

static void
count_abort(sgl_sink *s)
{
	(void)s;
}

static const sgl_sink_ops count_ops = {count_write, count_finish, count_abort};

static sgl_status
on_part(void *ctx, size_t index, uint64_t offset, sgl_sink **sink, sgl_err *err)
{
	parts *p = ctx;

	(void)index;
	*sink = NULL;
	if (p->num == SGL_TREE_NODES)
		return SGL_OK;
	if (p->num == p->cap) {
		size_t cap = p->cap == 0 ? 8 : 2 * p->cap;
		part *more = sgl_mem_resize(p->items, cap * sizeof *p->items);

		if (more == NULL)
			return sgl_oom(err, "smime.inspect");
		p->items = more;
		p->cap = cap;
	}
	p->items[p->num++] = (part){offset, 0};
	p->counter = (sgl_sink){.ops = &count_ops};
	*sink = &p->counter;
	return SGL_OK;
}

static void
show_parts(sgl_look *l, const entity *e, const parts *p)
{
	for (size_t i = 0; i < p->num; i++) {
		sgl_slice whole = sgl_slice_of(
		    e->body.data + p->items[i].offset, p->items[i].len);

		sgl_show_mime(
		    l, whole, e->body_offset + p->items[i].offset, "part");
	}
}

static sgl_status
split_parts(const entity *e, const char *boundary, parts *p, bool *is_closed,
    sgl_err *err)
{
	static const sgl_splitter_handler handler = {on_part};
	SGL_AUTO(sgl_splitter)
	splitter = NULL;

	TRY(sgl_splitter_new(boundary, false, &handler, p, &splitter, err));
	TRY(sgl_sink_write(sgl_splitter_sink(splitter), e->body, err));
	TRY(sgl_sink_finish(sgl_splitter_sink(splitter), err));
	*is_closed = sgl_splitter_is_closed(splitter);
	return SGL_OK;
}

static void
note_failure(sgl_look *l, sgl_status status, uint64_t offset, const char *text)
{
	if (!sgl_look_good(l, status) && status != SGL_E_NOMEM)
		(void)sgl_look_bad_at(l, offset, text);
}

static void
show_multipart(sgl_look *l, const entity *e)
{
	const char *boundary = sgl_mime_type_param(&e->type, "boundary");
	parts p = {0};
	bool is_closed = true;
	sgl_status status;

	if (boundary == NULL) {
		(void)sgl_look_bad_at(
		    l, e->body_offset, "a multipart without a boundary");
		return;
	}
	status = split_parts(e, boundary, &p, &is_closed, NULL);
	if (status != SGL_OK)
		note_failure(l, status, e->body_offset,
		    "this multipart cannot be taken apart");
	else
		show_parts(l, e, &p);
	if (status == SGL_OK && !is_closed)
		(void)sgl_look_bad_at(l, e->body_offset + e->body.len,
		    "a multipart without its last delimiter");
	sgl_mem_free(p.items);
}

static sgl_status
decode(const entity *e, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO(sgl_decode_stage)
	stage = NULL;
	sgl_bufsink sink;

	/* Quoted-printable can grow: its line ends become CRLF. */
	*out = sgl_buf_init(2 * e->body.len + 8);
	sgl_bufsink_init(&sink, out);
	TRY(sgl_decode_stage_new(e->cte, &sink.sink, &stage, err));
	TRY(sgl_sink_write(sgl_decode_stage_sink(stage), e->body, err));
	return sgl_sink_finish(sgl_decode_stage_sink(stage), err);
}

static bool
is_coded(const entity *e)
{
	return e->cte == SGL_CTE_BASE64 || e->cte == SGL_CTE_QUOTED_PRINTABLE;
}

static bool
claims_object(const entity *e)
{
	static const char *const words[] = {"pkcs7", "pkcs12", "x509", "pkix"};
	const char *subtype = e->type.subtype;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (memmem(subtype, strlen(subtype), words[i],
			strlen(words[i])) != NULL)
			return true;
	return false;
}

/* Objects are looked for in what does not say that it is text or a picture,
 * and taken for granted in what says that it is one. */
static bool
holds_object(sgl_look *l, const entity *e, sgl_slice bytes)
{
	return (strcmp(e->type.type, "application") == 0 ||
		   strcmp(e->type.type, "message") == 0) &&
	    sgl_look_knows(l, bytes, claims_object(e));
}

/* An object in base64 of which no field tells. */
static bool
show_unlabelled(sgl_look *l, const entity *e, sgl_span at, sgl_slice bytes)
{
	SGL_AUTO_CLEAR(sgl_buf) plain = sgl_buf_init(bytes.len + 8);
	bool found = false;

	if (!claims_object(e) ||
	    !sgl_look_good(
		l, sgl_file_from_base64(bytes, &plain, &found, NULL)) ||
	    !found)
		return false;
	if (sgl_look_enter(l, at, "body, in base64 without saying so",
		sgl_buf_slice(&plain))) {
		sgl_show_content(l, sgl_buf_slice(&plain));
		sgl_look_leave(l);
	}
	return true;
}

static void
show_leaf(sgl_look *l, const entity *e)
{
	SGL_AUTO_CLEAR(sgl_buf) decoded = sgl_buf_init(0);
	sgl_span at = {e->body_offset, e->body.len};
	sgl_slice bytes = e->body;
	char name[64] = "body";
	sgl_status status;

	if (is_coded(e)) {
		status = decode(e, &decoded, NULL);
		if (status != SGL_OK) {
			note_failure(l, status, e->body_offset,
			    "this body cannot be decoded");
			return;
		}
		bytes = sgl_buf_slice(&decoded);
		(void)snprintf(name, sizeof name, "body decoded from %s",
		    sgl_cte_name(e->cte));
	}
	if (!holds_object(l, e, bytes)) {
		if (show_unlabelled(l, e, at, bytes))
			return;
		sgl_tree_leaff(&l->tree, at, name, "%zu bytes", bytes.len);
		return;
	}
	if (!sgl_look_enter(l, at, name, bytes))
		return;
	sgl_show_content(l, bytes);
	sgl_look_leave(l);
}

static void
show_body(sgl_look *l, const entity *e)
{
	if (sgl_look_is_deep(l))
		return;
	if (strcmp(e->type.type, "multipart") == 0)
		show_multipart(l, e);
	else if (sgl_mime_type_is(&e->type, "message", "rfc822") &&
	    !is_coded(e))
		sgl_show_mime(l, e->body, e->body_offset, "message");
	else
		show_leaf(l, e);
}

void
sgl_show_mime(sgl_look *l, sgl_slice whole, uint64_t offset, const char *name)
{
	SGL_AUTO_CLEAR(entity) e = {.offset = offset};
	sgl_status status = split(l, whole, &e, NULL);
	sgl_span at = {offset, whole.len};

	if (status != SGL_OK) {
		sgl_tree_openf(&l->tree, at, name, "%zu bytes", whole.len);
		note_failure(
		    l, status, offset, "the header section is too long");
		sgl_tree_close(&l->tree);
		return;
	}
	sgl_tree_openf(&l->tree, at, name, "%s/%s, %zu bytes", e.type.type,
	    e.type.subtype, whole.len);
	for (size_t i = 0; i < e.headers.num_fields; i++)
		if (is_of_interest(&e.headers.fields[i]))
			show_field(l, &e, &e.headers.fields[i]);
	show_body(l, &e);
	sgl_tree_close(&l->tree);
}
