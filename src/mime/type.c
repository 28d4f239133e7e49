/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/param.h"

#define ROOM "mime.type"

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static sgl_status
copy_lower(sgl_slice s, char **out, sgl_err *err)
{
	uint8_t *copy;

	TRY(sgl_slice_copy(s, &copy, ROOM, err));
	for (size_t i = 0; i < s.len; i++)
		copy[i] = lower(copy[i]);
	*out = (char *)copy;
	return SGL_OK;
}

static bool
has_param(const sgl_mime_type *t, sgl_slice name)
{
	for (size_t i = 0; i < t->num_params; i++)
		if (sgl_slice_eq_nocase(name, sgl_slice_str(t->params[i].name)))
			return true;
	return false;
}

static sgl_status
add_param(sgl_mime_type *t, sgl_slice name, sgl_slice value, sgl_err *err)
{
	sgl_mime_param *p = &t->params[t->num_params];
	uint8_t *copy;

	TRY(sgl_slice_copy(value, &copy, ROOM, err));
	p->value = (char *)copy;
	p->value_len = value.len;
	t->num_params++; /* so that clear frees it whatever comes next */
	return copy_lower(name, &p->name, err);
}

static sgl_status
join_pieces(
    const sgl_param_pieces *ps, sgl_mime_type *t, size_t max, sgl_err *err)
{
	if (ps->num == 0)
		return SGL_OK;
	t->params = sgl_mem_zeroed(ps->num, sizeof *t->params);
	if (t->params == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < ps->num; i++) {
		SGL_AUTO_CLEAR(sgl_buf)
		value = {.max = max, .secret = true};
		const sgl_param_piece *p = &ps->all[i];

		if (sgl_param_is_continuation(ps, p))
			continue;
		if (p->section > 0 || has_param(t, p->base)) {
			t->malformed = true;
			continue;
		}
		TRY(sgl_param_value(ps, p, &value, err));
		TRY(add_param(t, p->base, sgl_buf_slice(&value), err));
	}
	return SGL_OK;
}

static bool
read_type(sgl_lex *l, sgl_slice *type, sgl_slice *subtype)
{
	sgl_lex_cfws(l);
	*type = sgl_lex_run(l, sgl_lex_is_token);
	*subtype = sgl_slice_first(*type, 0);
	sgl_lex_cfws(l);
	if (sgl_lex_peek(l) != '/')
		return type->len > 0;
	l->at++;
	sgl_lex_cfws(l);
	*subtype = sgl_lex_run(l, sgl_lex_is_token);
	return type->len > 0 && subtype->len > 0;
}

sgl_status
sgl_mime_type_read(sgl_slice value, sgl_mime_type *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_mime_type) t = {0};
	sgl_lex l = sgl_lex_over(value);
	sgl_param_pieces ps = {0};
	sgl_slice type, subtype;

	t.malformed = !read_type(&l, &type, &subtype);
	TRY(copy_lower(type, &t.type, err));
	TRY(copy_lower(subtype, &t.subtype, err));
	sgl_param_read(&l, &ps, &t.malformed);
	TRY(join_pieces(&ps, &t, value.len, err));
	*out = t;
	t = (sgl_mime_type){0};
	return SGL_OK;
}

void
sgl_mime_type_clear(sgl_mime_type *t)
{
	for (size_t i = 0; i < t->num_params; i++) {
		/* A file name tells much, and may have been encrypted. */
		if (t->params[i].value != NULL)
			sgl_mem_wipe(
			    t->params[i].value, t->params[i].value_len);
		sgl_mem_free(t->params[i].name);
		sgl_mem_free(t->params[i].value);
	}
	sgl_mem_free(t->params);
	sgl_mem_free(t->type);
	sgl_mem_free(t->subtype);
	*t = (sgl_mime_type){0};
}

const char *
sgl_mime_type_param(const sgl_mime_type *t, const char *name)
{
	for (size_t i = 0; i < t->num_params; i++)
		if (!strcmp(t->params[i].name, name))
			return t->params[i].value;
	return NULL;
}

bool
sgl_mime_type_is(const sgl_mime_type *t, const char *type, const char *subtype)
{
	return !strcmp(t->type, type) && !strcmp(t->subtype, subtype);
}

sgl_status
sgl_headers_content_type(const sgl_headers *h, sgl_mime_type *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_mime_type) t = {0};
	const sgl_field *f = sgl_headers_find(h, "Content-Type", NULL);

	if (f == NULL)
		return sgl_mime_type_read(SGL_LIT("text/plain"), out, err);
	TRY(sgl_mime_type_read(f->value, &t, err));
	if (t.type[0] == '\0' || t.subtype[0] == '\0') {
		TRY(sgl_mime_type_read(SGL_LIT("text/plain"), out, err));
		out->malformed = true;
		return SGL_OK;
	}
	*out = t;
	t = (sgl_mime_type){0};
	return SGL_OK;
}

static bool
is_dropped(const sgl_param_piece *p, const char *const *drop)
{
	for (; *drop != NULL; drop++)
		if (sgl_slice_eq_nocase(p->base, sgl_slice_str(*drop)))
			return true;
	return false;
}

/* The bytes of `from` up to `to`, which lie in one block. */
static sgl_slice
between(const uint8_t *from, const uint8_t *to)
{
	return sgl_slice_of(from, (size_t)(to - from));
}

sgl_status
sgl_mime_type_edit(const sgl_field *f, const char *const *drop, sgl_slice add,
    sgl_buf *out, sgl_err *err)
{
	const uint8_t *at = f->whole.data, *end = at + f->whole.len;
	sgl_lex l = sgl_lex_over(f->value);
	sgl_param_pieces ps = {0};
	sgl_slice type, subtype;
	bool malformed = false;

	if (!read_type(&l, &type, &subtype) || subtype.len == 0)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    "the Content-Type field cannot be read");
	TRY(sgl_buf_add(out, between(at, subtype.data + subtype.len), err));
	TRY(sgl_buf_add(out, add, err));
	at = subtype.data + subtype.len;
	sgl_param_read(&l, &ps, &malformed);
	for (size_t i = 0; i < ps.num; i++) {
		if (!is_dropped(&ps.all[i], drop))
			continue;
		TRY(sgl_buf_add(out, between(at, ps.all[i].whole.data), err));
		at = ps.all[i].whole.data + ps.all[i].whole.len;
	}
	return sgl_buf_add(out, between(at, end), err);
}
