/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/walk.h"
#include "smime/inside.h"
#include "smime/reader_inside.h"

#define ROOM "smime.inside"
#define MAX_ENTITIES 1000

struct sgl_inside {
	sgl_sink sink;
	sgl_sink *next;
	sgl_report *report;
	sgl_walk walk;
	bool is_over;	   /* no more to be found, or not to be followed */
	uint64_t messages; /* attached ones around */
};

static bool
is_type(const char *type, const char *name)
{
	return sgl_slice_eq_nocase(sgl_slice_str(type), sgl_slice_str(name));
}

/* As far as its label tells (RFC 8551 3.2.2), which gateways lose. */
static void
look_at_object(sgl_report *r, const sgl_mime_type *type)
{
	const char *s = sgl_mime_type_param(type, "smime-type");

	if (s == NULL)
		r->has_protected_part = true;
	else if (sgl_entity_says_encrypted(type))
		r->has_encrypted_part = true;
	else if (is_type(s, "signed-data") || is_type(s, "signed-receipt"))
		r->has_signed_part = true;
}

static bool
has_protocol(const sgl_mime_type *type, const char *protocol)
{
	const char *p = sgl_mime_type_param(type, "protocol");

	return p != NULL && is_type(p, protocol);
}

/* RFC 3156 4, 5; gateways that take a multipart apart leave its parts. */
static void
look_for_openpgp(sgl_report *r, const sgl_mime_type *t)
{
	bool is_encrypted =
	    sgl_mime_type_is(t, "application", "pgp-encrypted") ||
	    (sgl_mime_type_is(t, "multipart", "encrypted") &&
		has_protocol(t, "application/pgp-encrypted"));

	r->has_openpgp_encryption |= is_encrypted;
	r->has_openpgp |= is_encrypted ||
	    sgl_mime_type_is(t, "application", "pgp-signature") ||
	    (sgl_mime_type_is(t, "multipart", "signed") &&
		has_protocol(t, "application/pgp-signature"));
}

static bool
is_tnef(const sgl_mime_type *t)
{
	const char *name = sgl_mime_type_param(t, "name");

	return sgl_mime_type_is(t, "application", "ms-tnef") ||
	    sgl_mime_type_is(t, "application", "vnd.ms-tnef") ||
	    (sgl_mime_type_is(t, "application", "octet-stream") &&
		name != NULL && is_type(name, "winmail.dat"));
}

void
sgl_inside_look_for_foreign(sgl_report *report, const sgl_mime_type *type)
{
	look_for_openpgp(report, type);
	report->has_tnef |= is_tnef(type);
}

static sgl_status
look_at(sgl_inside *i, const sgl_headers *headers, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_mime_type) type = {0};
	sgl_entity_kind kind;
	bool is_lone;

	TRY(sgl_headers_content_type(headers, &type, err));
	sgl_inside_look_for_foreign(i->report, &type);
	TRY(sgl_entity_is_lone_signature(headers, &type, &is_lone, err));
	if (is_lone) {
		/* Not that of a multipart/signed that was found before. */
		i->report->has_torn_signature |= !i->report->has_signed_part;
		return SGL_OK;
	}
	TRY(sgl_entity_classify(headers, &type, &kind, err));
	switch (kind) {
	case SGL_ENTITY_CLEAR_SIGNED:
		i->report->has_signed_part = true;
		break;
	case SGL_ENTITY_CMS:
		look_at_object(i->report, &type);
		break;
	case SGL_ENTITY_CONTENT:
		break;
	}
	return SGL_OK;
}

static sgl_status
on_entity(void *ctx, const sgl_walk_entity *e, const sgl_headers *headers,
    sgl_slice fields, sgl_slice blank, sgl_err *err)
{
	sgl_inside *i = ctx;

	(void)fields;
	(void)blank;
	if (i->messages == 0 && e->index > 0)
		TRY(look_at(i, headers, err));
	i->messages += e->kind == SGL_WALK_MESSAGE;
	i->is_over |= e->index >= MAX_ENTITIES ||
	    (i->report->has_signed_part && i->report->has_encrypted_part);
	return SGL_OK;
}

static sgl_status
on_bytes(void *ctx, const sgl_walk_entity *e, sgl_slice in, sgl_err *err)
{
	(void)ctx;
	(void)e;
	(void)in;
	(void)err;
	return SGL_OK;
}

static sgl_status
on_delimiter(void *ctx, const sgl_walk_entity *e, sgl_delimiter kind,
    sgl_slice eol, sgl_slice line, sgl_err *err)
{
	(void)kind;
	(void)eol;
	return on_bytes(ctx, e, line, err);
}

static sgl_status
on_end(void *ctx, const sgl_walk_entity *e, sgl_err *err)
{
	(void)err;
	((sgl_inside *)ctx)->messages -= e->kind == SGL_WALK_MESSAGE;
	return SGL_OK;
}

static const sgl_walk_ops walk_ops = {
    on_entity, on_bytes, on_delimiter, on_end};

/* A section that is too long, say, is no reason not to pass the content on. */
static sgl_status
follow(sgl_inside *i, sgl_slice in, sgl_err *err)
{
	sgl_status status;

	if (i->is_over)
		return SGL_OK;
	status = sgl_walk_push(&i->walk, in, err);
	if (status == SGL_OK || status == SGL_E_NOMEM)
		return status;
	i->is_over = true;
	return SGL_OK;
}

static sgl_status
inside_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	sgl_inside *i = (sgl_inside *)s;

	TRY(follow(i, in, err));
	return sgl_sink_write(i->next, in, err);
}

/* The end of the walk cannot begin a part that has not begun before, but one
 * whose header section is all there is. */
static sgl_status
inside_finish(sgl_sink *s, sgl_err *err)
{
	sgl_inside *i = (sgl_inside *)s;

	if (!i->is_over && sgl_walk_finish(&i->walk, err) == SGL_E_NOMEM)
		return sgl_oom(err, ROOM);
	return sgl_sink_finish(i->next, err);
}

static void
inside_abort(sgl_sink *s)
{
	sgl_sink_abort(((sgl_inside *)s)->next);
}

static const sgl_sink_ops inside_ops = {
    inside_write, inside_finish, inside_abort};

sgl_status
sgl_inside_new(const sgl_limits *limits, sgl_sink *next, sgl_report *report,
    sgl_inside **out, sgl_err *err)
{
	sgl_inside *i = sgl_mem_zeroed(1, sizeof *i);
	sgl_status status;

	if (i == NULL)
		return sgl_oom(err, ROOM);
	i->sink.ops = &inside_ops;
	i->next = next;
	i->report = report;
	status = sgl_walk_init(&i->walk, limits, &walk_ops, i, err);
	if (status != SGL_OK) {
		sgl_mem_free(i);
		return status;
	}
	*out = i;
	return SGL_OK;
}

sgl_status
sgl_inside_head(sgl_inside *i, sgl_slice section, sgl_err *err)
{
	return follow(i, section, err);
}

sgl_sink *
sgl_inside_sink(sgl_inside *i)
{
	return &i->sink;
}

void
sgl_inside_free(sgl_inside *i)
{
	if (i == NULL)
		return;
	sgl_walk_clear(&i->walk);
	sgl_mem_free(i);
}
