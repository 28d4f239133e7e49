/* SPDX-License-Identifier: Apache-2.0 */
#include "mime/header.h"
#include "mime/lex.h"

#define ROOM "mime.header"

/* A field costs more memory than its two bytes may: this bounds them. */
#define FIELDS_MAX 16384

static size_t
line_length(sgl_slice s)
{
	const uint8_t *lf = memchr(s.data, '\n', s.len);

	return lf == NULL ? s.len : (size_t)(lf - s.data) + 1;
}

static bool
is_blank_line(sgl_slice s)
{
	return s.len == 0 || s.data[0] == '\n' ||
	    (s.len > 1 && s.data[0] == '\r' && s.data[1] == '\n');
}

/* A field and the lines that continue it (RFC 5322 2.2.3). A line of blanks
 * alone continues too (4.2). */
static size_t
field_length(sgl_slice s)
{
	size_t len = line_length(s);

	while (len < s.len && (s.data[len] == ' ' || s.data[len] == '\t'))
		len += line_length(sgl_slice_from(s, len));
	return len;
}

static bool
is_name_char(uint8_t c)
{
	return c > 0x20 && c < 0x7f && c != ':';
}

/* Finds name and colon; blanks between the two are obsolete (RFC 5322 4.5). */
static bool
split_name(sgl_slice whole, sgl_slice *name, size_t *value_at)
{
	size_t len = 0, colon;

	while (len < whole.len && is_name_char(whole.data[len]))
		len++;
	colon = len;
	while (colon < whole.len &&
	    (whole.data[colon] == ' ' || whole.data[colon] == '\t'))
		colon++;
	if (len == 0 || colon == whole.len || whole.data[colon] != ':')
		return false;
	*name = sgl_slice_first(whole, len);
	*value_at = colon + 1;
	return true;
}

static sgl_slice
without_line_end(sgl_slice s)
{
	if (s.len > 0 && s.data[s.len - 1] == '\n') {
		s.len--;
		if (s.len > 0 && s.data[s.len - 1] == '\r')
			s.len--;
	}
	return s;
}

static sgl_field
field_over(sgl_slice whole)
{
	sgl_field f = {.whole = whole};
	size_t value_at = 0;

	if (split_name(whole, &f.name, &value_at))
		f.value = without_line_end(sgl_slice_from(whole, value_at));
	return f;
}

/* The line that mailbox files put in front of a message. "From :" with the
 * obsolete blank is a field all the same. */
static sgl_slice
without_mbox_line(sgl_slice s)
{
	sgl_slice name;
	size_t value_at;

	if (!sgl_slice_starts(s, SGL_LIT("From ")) ||
	    split_name(s, &name, &value_at))
		return s;
	return sgl_slice_from(s, line_length(s));
}

static size_t
count_fields(sgl_slice s, size_t *len)
{
	size_t n = 0;

	*len = 0;
	while (!is_blank_line(sgl_slice_from(s, *len))) {
		*len += field_length(sgl_slice_from(s, *len));
		n++;
	}
	return n;
}

static sgl_status
fill_fields(sgl_headers *h, size_t n, sgl_err *err)
{
	sgl_slice rest = sgl_buf_slice(&h->bytes);

	if (n > FIELDS_MAX)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, 0,
		    "header section has too many fields");
	if (n == 0)
		return SGL_OK;
	h->fields = sgl_mem_zeroed(n, sizeof *h->fields);
	if (h->fields == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < n; i++) {
		size_t len = field_length(rest);

		h->fields[i] = field_over(sgl_slice_first(rest, len));
		rest = sgl_slice_from(rest, len);
	}
	h->num_fields = n;
	return SGL_OK;
}

sgl_status
sgl_headers_read(sgl_slice section, size_t max, sgl_headers *out, sgl_err *err)
{
	/* They may have been encrypted. */
	SGL_AUTO_CLEAR(sgl_headers)
	h = {.bytes = {.max = max, .secret = true}};
	size_t n, len;

	if (section.len > 0) {
		section = without_mbox_line(section);
		n = count_fields(section, &len);
		TRY(sgl_buf_add(&h.bytes, sgl_slice_first(section, len), err));
		TRY(fill_fields(&h, n, err));
	}
	*out = h;
	h = (sgl_headers){0};
	return SGL_OK;
}

void
sgl_headers_clear(sgl_headers *h)
{
	sgl_buf_clear(&h->bytes);
	sgl_mem_free(h->fields);
	*h = (sgl_headers){0};
}

const sgl_field *
sgl_headers_find(const sgl_headers *h, const char *name, size_t *count)
{
	const sgl_field *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < h->num_fields; i++) {
		const sgl_field *f = &h->fields[i];

		if (!sgl_slice_eq_nocase(f->name, sgl_slice_str(name)))
			continue;
		if (n++ == 0)
			first = f;
	}
	if (count != NULL)
		*count = n;
	return first;
}

bool
sgl_field_is_content(const sgl_field *f)
{
	return sgl_slice_eq_nocase(f->name, SGL_LIT("MIME-Version")) ||
	    sgl_slice_starts_nocase(f->name, SGL_LIT("Content-"));
}

/* Unfolding takes line ends away and nothing else (RFC 5322 2.2.3); a CR that
 * is no line end must not reach a terminal either. */
sgl_status
sgl_field_unfold(const sgl_field *f, sgl_buf *out, sgl_err *err)
{
	sgl_slice v = sgl_slice_trim(f->value);

	TRY(sgl_buf_reserve(out, v.len, err));
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.data[i];
		bool is_end = c == '\n' ||
		    (c == '\r' && i + 1 < v.len && v.data[i + 1] == '\n');

		if (!is_end)
			out->data[out->len++] = c == '\r' ? ' ' : c;
	}
	return SGL_OK;
}

/* A line of blanks alone says nothing, and some take it for the end of the
 * section. */
static sgl_status
add_line(sgl_slice line, sgl_buf *out, sgl_err *err)
{
	line = without_line_end(line);
	if (sgl_slice_trim(line).len == 0)
		return SGL_OK;
	TRY(sgl_buf_reserve(out, line.len + 2, err));
	for (size_t i = 0; i < line.len; i++) {
		uint8_t c = line.data[i];

		out->data[out->len++] = c == '\r' || c == 0 ? ' ' : c;
	}
	return sgl_buf_add(out, SGL_LIT("\r\n"), err);
}

sgl_status
sgl_field_add(const sgl_field *f, sgl_buf *out, sgl_err *err)
{
	sgl_slice rest = f->whole;

	while (rest.len > 0) {
		size_t len = line_length(rest);

		TRY(add_line(sgl_slice_first(rest, len), out, err));
		rest = sgl_slice_from(rest, len);
	}
	return SGL_OK;
}

static const char *const cte_names[] = {
    [SGL_CTE_7BIT] = "7bit",
    [SGL_CTE_8BIT] = "8bit",
    [SGL_CTE_BINARY] = "binary",
    [SGL_CTE_QUOTED_PRINTABLE] = "quoted-printable",
    [SGL_CTE_BASE64] = "base64",
    [SGL_CTE_UNKNOWN] = "unknown",
};

const char *
sgl_cte_name(sgl_cte cte)
{
	return cte_names[cte];
}

sgl_cte
sgl_headers_cte(const sgl_headers *h)
{
	const sgl_field *f =
	    sgl_headers_find(h, "Content-Transfer-Encoding", NULL);
	sgl_slice token;
	sgl_lex l;

	if (f == NULL)
		return SGL_CTE_7BIT;
	l = sgl_lex_over(f->value);
	sgl_lex_cfws(&l);
	token = sgl_lex_run(&l, sgl_lex_is_token);
	for (unsigned i = 0; i < SGL_CTE_UNKNOWN; i++)
		if (sgl_slice_eq_nocase(token, sgl_slice_str(cte_names[i])))
			return (sgl_cte)i;
	return SGL_CTE_UNKNOWN;
}
