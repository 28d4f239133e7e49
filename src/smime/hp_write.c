/* SPDX-License-Identifier: Apache-2.0 */
/* Composing a message with protected header fields (RFC 9788 5.2). */
#include "mime/lex.h"
#include "mime/words.h"
#include "smime/hp.h"
#include "smime/reader_inside.h"

#define ROOM "smime.hp"
#define MAX_LINE 998 /* RFC 5322 2.1.1 */

sgl_hp_fields
sgl_hp_fields_init(size_t max)
{
	return (sgl_hp_fields){.outer = sgl_buf_init(max),
	    .inner = sgl_buf_init(max),
	    .display = {.max = max, .secret = true}};
}

void
sgl_hp_fields_clear(sgl_hp_fields *f)
{
	sgl_buf_clear(&f->outer);
	sgl_buf_clear(&f->inner);
	sgl_buf_clear(&f->display);
}

typedef struct protecting {
	sgl_hp hp;
	sgl_headers outer, inner; /* as they were */
	sgl_hp_fields made;
	size_t num_protected;
	sgl_buf copies; /* HP-Outer */
} protecting;

static void
protecting_clear(protecting *p)
{
	sgl_headers_clear(&p->outer);
	sgl_headers_clear(&p->inner);
	sgl_hp_fields_clear(&p->made);
	sgl_buf_clear(&p->copies);
}
SGL_AUTO_CLEAR_TYPE(protecting, protecting_clear)

/* What is signed or encrypted already: the entity that counts is inside of it,
 * out of reach. */
static sgl_status
check_payload(const protecting *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_mime_type) type = {0};
	sgl_entity_kind kind;
	size_t num;

	if (sgl_headers_find(&p->inner, "Content-Type", &num) != NULL &&
	    num > 1)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "the message has several Content-Type fields");
	TRY(sgl_headers_content_type(&p->inner, &type, err));
	TRY(sgl_entity_classify(&p->inner, &type, &kind, err));
	if (kind != SGL_ENTITY_CONTENT || sgl_hp_is_layer(&type))
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    "the message is signed or encrypted already, so its header "
		    "fields cannot be protected");
	return SGL_OK;
}

/* --- one field --- */

/* @req rfc9788-2.2.1 */
static sgl_status
add_copy(sgl_buf *out, const sgl_field *f, sgl_slice value, sgl_err *err)
{
	const uint8_t *end;
	size_t len;

	while (value.len > 0 && sgl_lex_is_blank(value.data[0]))
		value = sgl_slice_from(value, 1);
	end = value.len == 0 ? NULL : memchr(value.data, '\r', value.len);
	len = end == NULL ? value.len : (size_t)(end - value.data);
	TRY(sgl_buf_add_str(out,
	    len + f->name.len + sizeof "HP-Outer: : " > MAX_LINE
		? "HP-Outer:\r\n "
		: "HP-Outer: ",
	    err));
	TRY(sgl_buf_add(out, f->name, err));
	TRY(sgl_buf_add_str(out, ": ", err));
	TRY(sgl_buf_add(out, value, err));
	return sgl_buf_add_str(out, "\r\n", err);
}

/* @req rfc9788-10.3: one line each, decoded. */
static sgl_status
add_display(sgl_buf *out, const sgl_field *f, sgl_err *err)
{
	TRY(sgl_buf_add(out, f->name, err));
	TRY(sgl_buf_add_str(out, ": ", err));
	TRY(sgl_words_read(f->value, out, err));
	return sgl_buf_add_str(out, "\r\n", err);
}

/* A value that is the same outside and inside hides nothing. */
static bool
is_hidden(const sgl_field *f, const char *disguise)
{
	return disguise != NULL &&
	    !sgl_slice_eq(sgl_slice_trim(f->value), sgl_slice_str(disguise));
}

static sgl_status
add_outside(protecting *p, const sgl_field *f, sgl_err *err)
{
	const char *disguise =
	    p->hp == SGL_HP_CIPHER ? sgl_hp_disguise(f) : NULL;
	sgl_buf *outer = &p->made.outer;

	if (!is_hidden(f, disguise)) {
		TRY(add_copy(&p->copies, f, f->value, err));
		return sgl_buf_add(outer, f->whole, err);
	}
	TRY(add_display(&p->made.display, f, err));
	if (disguise[0] == '\0')
		return SGL_OK;
	TRY(add_copy(&p->copies, f, sgl_slice_str(disguise), err));
	TRY(sgl_buf_add(outer, f->name, err));
	return sgl_buf_printf(outer, err, ": %s\r\n", disguise);
}

/* Some mail servers take away blanks at the end of a line, which would break a
 * clear signature. */
static sgl_status
add_trimmed(sgl_buf *out, sgl_slice field, sgl_err *err)
{
	while (field.len > 0) {
		const uint8_t *lf = memchr(field.data, '\n', field.len);
		size_t n =
		    lf == NULL ? field.len : (size_t)(lf - field.data) + 1;
		size_t len = n;

		while (len > 0 && sgl_lex_is_blank(field.data[len - 1]))
			len--;
		TRY(sgl_buf_add(out, sgl_slice_first(field, len), err));
		TRY(sgl_buf_add_str(out, "\r\n", err));
		field = sgl_slice_from(field, n);
	}
	return SGL_OK;
}

static sgl_status
add_field(protecting *p, const sgl_field *f, sgl_err *err)
{
	if (sgl_hp_is_outer_copy(f))
		return SGL_OK;
	if (!sgl_hp_is_protectable(f))
		return sgl_buf_add(&p->made.outer, f->whole, err);
	p->num_protected++;
	TRY(p->hp == SGL_HP_CLEAR ? add_trimmed(&p->made.inner, f->whole, err)
				  : sgl_buf_add(&p->made.inner, f->whole, err));
	return add_outside(p, f, err);
}

/* --- all of them --- */

static sgl_status
add_content_fields(protecting *p, sgl_err *err)
{
	sgl_slice add = p->hp == SGL_HP_CIPHER ? SGL_LIT("; hp=\"cipher\"")
					       : SGL_LIT("; hp=\"clear\"");
	const sgl_field *type =
	    sgl_headers_find(&p->inner, "Content-Type", NULL);
	sgl_buf *inner = &p->made.inner;

	for (size_t i = 0; i < p->inner.num_fields; i++) {
		const sgl_field *f = &p->inner.fields[i];

		TRY(f == type
			? sgl_mime_type_edit(f, sgl_hp_params, add, inner, err)
			: sgl_buf_add(inner, f->whole, err));
	}
	if (type != NULL)
		return SGL_OK;
	TRY(sgl_buf_add_str(inner, "Content-Type: text/plain", err));
	TRY(sgl_buf_add(inner, add, err));
	return sgl_buf_add_str(inner, "\r\n", err);
}

static sgl_status
protect_all(protecting *p, sgl_err *err)
{
	for (size_t i = 0; i < p->outer.num_fields; i++)
		TRY(add_field(p, &p->outer.fields[i], err));
	if (p->num_protected == 0)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "there are no header fields to protect");
	TRY(add_content_fields(p, err));
	/* @req rfc9788-2.2: for what is encrypted only. */
	return p->hp == SGL_HP_CIPHER
	    ? sgl_buf_add(&p->made.inner, sgl_buf_slice(&p->copies), err)
	    : SGL_OK;
}

sgl_status
sgl_hp_protect(sgl_hp hp, sgl_hp_fields *fields, sgl_err *err)
{
	/* Every field is in a copy too, and "HP-Outer" in front of it. */
	size_t max = fields->outer.max * 8;
	SGL_AUTO_CLEAR(protecting)
	p = {.hp = hp,
	    .made = sgl_hp_fields_init(max),
	    .copies = sgl_buf_init(max)};
	sgl_hp_fields before;

	if (hp == SGL_HP_NONE)
		return SGL_OK;
	TRY(sgl_headers_read(
	    sgl_buf_slice(&fields->outer), max, &p.outer, err));
	TRY(sgl_headers_read(
	    sgl_buf_slice(&fields->inner), max, &p.inner, err));
	TRY(check_payload(&p, err));
	TRY(protect_all(&p, err));
	before = *fields;
	*fields = p.made;
	p.made = before;
	return SGL_OK;
}
