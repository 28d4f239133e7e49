/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/lex.h"
#include "mime/walk.h"

#define ROOM "mime.walk"

static bool
param_is(const sgl_mime_type *t, const char *name, const char *want)
{
	const char *value = sgl_mime_type_param(t, name);

	return value != NULL &&
	    sgl_slice_eq_nocase(sgl_slice_str(value), sgl_slice_str(want));
}

static bool
is_pkcs7_mime(const sgl_mime_type *t)
{
	return sgl_mime_type_is(t, "application", "pkcs7-mime") ||
	    sgl_mime_type_is(t, "application", "x-pkcs7-mime");
}

static bool
is_smime_signed(const sgl_mime_type *t)
{
	if (is_pkcs7_mime(t))
		return param_is(t, "smime-type", "signed-data");
	return sgl_mime_type_is(t, "multipart", "signed") &&
	    (param_is(t, "protocol", "application/pkcs7-signature") ||
		param_is(t, "protocol", "application/x-pkcs7-signature"));
}

/* Composite types take no encoding (RFC 2045 6.4, RFC 2046 5.2). */
static bool
is_composite(const sgl_mime_type *t)
{
	return !strcmp(t->type, "multipart") ||
	    sgl_mime_type_is(t, "message", "rfc822") ||
	    sgl_mime_type_is(t, "message", "partial") ||
	    sgl_mime_type_is(t, "message", "external-body");
}

/* An encoding somebody made up: its content is not what it looks like. */
static bool
has_private_cte(const sgl_headers *h)
{
	const sgl_field *f =
	    sgl_headers_find(h, "Content-Transfer-Encoding", NULL);
	sgl_lex l;

	if (f == NULL)
		return false;
	l = sgl_lex_over(f->value);
	sgl_lex_cfws(&l);
	return sgl_slice_starts_nocase(
	    sgl_lex_run(&l, sgl_lex_is_token), SGL_LIT("x-"));
}

/* A multipart can be entered if its boundary is one. */
static sgl_status
take_boundary(sgl_walk_entity *e, const sgl_mime_type *t, sgl_err *err)
{
	const char *value = sgl_mime_type_param(t, "boundary");
	sgl_slice b;

	if (value == NULL)
		return SGL_OK;
	b = sgl_boundary_trim(sgl_slice_str(value));
	if (b.len == 0 || b.len > SGL_BOUNDARY_MAX)
		return SGL_OK;
	TRY(sgl_slice_copy(b, &e->boundary, ROOM, err));
	e->num_boundary = b.len;
	e->kind = SGL_WALK_MULTIPART;
	e->where = SGL_WALK_IN_PREAMBLE;
	e->is_digest = !strcmp(t->subtype, "digest");
	e->is_alternative = !strcmp(t->subtype, "alternative");
	return SGL_OK;
}

static sgl_status
enter(sgl_walk_entity *e, const sgl_mime_type *t, sgl_err *err)
{
	if (!strcmp(t->type, "multipart"))
		return take_boundary(e, t, err);
	if (sgl_mime_type_is(t, "message", "rfc822") ||
	    sgl_mime_type_is(t, "message", "global"))
		e->kind = SGL_WALK_MESSAGE;
	return SGL_OK;
}

/* Parts of a digest are messages unless they say otherwise (RFC 2046 5.1.5). */
static sgl_status
read_type(const sgl_headers *h, const sgl_walk_entity *parent,
    sgl_mime_type *out, sgl_err *err)
{
	if (parent != NULL && parent->is_digest &&
	    sgl_headers_find(h, "Content-Type", NULL) == NULL)
		return sgl_mime_type_read(SGL_LIT("message/rfc822"), out, err);
	return sgl_headers_content_type(h, out, err);
}

/* Of a multipart the first part leads to the main body, of alternatives every
 * one; never an attachment, nor what is inside a message (RFC 9787 7.1). */
static sgl_status
find_main(sgl_walk_entity *e, const sgl_headers *h,
    const sgl_walk_entity *parent, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_mime_type) disposition = {0};
	const sgl_field *f = sgl_headers_find(h, "Content-Disposition", NULL);

	e->is_main = !e->is_sealed &&
	    (parent == NULL ||
		(parent->is_main && parent->kind == SGL_WALK_MULTIPART &&
		    (parent->is_alternative || !parent->has_more)));
	if (!e->is_main || f == NULL)
		return SGL_OK;
	TRY(sgl_mime_type_read(f->value, &disposition, err));
	e->is_main = strcmp(disposition.type, "attachment") != 0;
	return SGL_OK;
}

sgl_status
sgl_walk_classify(sgl_walk_entity *e, const sgl_headers *headers,
    const sgl_walk_entity *parent, bool may_enter, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_mime_type) t = {0};
	bool is_encoded, is_private = has_private_cte(headers);

	TRY(read_type(headers, parent, &t, err));
	e->cte = sgl_headers_cte(headers);
	is_encoded =
	    e->cte == SGL_CTE_BASE64 || e->cte == SGL_CTE_QUOTED_PRINTABLE;
	e->is_text = !strcmp(t.type, "text") || !strcmp(t.type, "message");
	e->is_encodable = is_encoded || !(is_composite(&t) || is_private);
	e->is_signed = is_smime_signed(&t);
	e->is_sealed |=
	    is_pkcs7_mime(&t) || sgl_mime_type_is(&t, "multipart", "signed");
	TRY(find_main(e, headers, parent, err));
	if (!may_enter || is_encoded || is_private)
		return SGL_OK;
	return enter(e, &t, err);
}
