/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/pem.h"

#include "base/base64.h"

#define ROOM "asn1.pem"

static const char begin[] = "-----BEGIN ";
static const char finish[] = "-----END ";
static const char dashes[] = "-----";

/* Finds `word` at the start of a line, at or behind `from`. */
static size_t
find_line(sgl_slice text, size_t from, const char *word)
{
	size_t n = strlen(word);

	while (from + n <= text.len) {
		const uint8_t *lf;

		if (!memcmp(text.data + from, word, n))
			return from;
		lf = memchr(text.data + from, '\n', text.len - from);
		if (lf == NULL)
			break;
		from = (size_t)(lf - text.data) + 1;
	}
	return text.len;
}

static size_t
line_end(sgl_slice text, size_t at)
{
	const uint8_t *lf = memchr(text.data + at, '\n', text.len - at);

	return lf == NULL ? text.len : (size_t)(lf - text.data);
}

/* Editors of Windows put a byte order mark in front. */
static size_t
skip_mark(sgl_slice text, size_t from)
{
	sgl_slice mark = SGL_LIT("\xef\xbb\xbf");

	return from == 0 && sgl_slice_starts(text, mark) ? mark.len : from;
}

/* OpenPGP's armour looks the same (RFC 9580 6.2), and is none of ours. */
static size_t
find_begin(sgl_slice text, size_t from)
{
	from = skip_mark(text, from);
	for (;;) {
		from = text.len == 0 ? 0 : find_line(text, from, begin);
		if (from == text.len ||
		    !sgl_slice_starts(
			sgl_slice_from(text, from + sizeof begin - 1),
			SGL_LIT("PGP ")))
			return from;
		from = line_end(text, from);
	}
}

bool
sgl_pem_has(sgl_slice text)
{
	return find_begin(text, 0) < text.len;
}

static sgl_status
malformed(sgl_err *err, size_t offset, const char *text)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, offset, text);
}

/* "-----BEGIN LABEL-----": the label of the line at `at`. */
static bool
read_label(sgl_slice text, size_t at, const char *word, sgl_slice *label)
{
	sgl_slice line = sgl_slice_trim(
	    sgl_slice_of(text.data + at, line_end(text, at) - at));
	size_t fixed = strlen(word) + strlen(dashes);

	if (line.len < fixed ||
	    memcmp(line.data + line.len - strlen(dashes), dashes,
		strlen(dashes)) != 0)
		return false;
	*label = sgl_slice_of(line.data + strlen(word), line.len - fixed);
	return true;
}

/* RFC 1421 headers stand before the base64 and end with an empty line. */
static sgl_slice
split_headers(sgl_slice body, sgl_slice *headers)
{
	const uint8_t *colon = memchr(body.data, ':', body.len);
	size_t at = 0;

	*headers = sgl_slice_first(body, 0);
	if (colon == NULL)
		return body;
	while (at < body.len) {
		size_t end = line_end(body, at);
		sgl_slice line =
		    sgl_slice_trim(sgl_slice_of(body.data + at, end - at));

		at = end < body.len ? end + 1 : end;
		if (line.len == 0)
			break;
	}
	*headers = sgl_slice_first(body, at);
	return sgl_slice_from(body, at);
}

sgl_status
sgl_pem_next(sgl_slice text, size_t *at, sgl_pem_block *block, sgl_buf *der,
    bool *found, sgl_err *err)
{
	size_t start, body, end;
	sgl_slice label, coded;
	sgl_status status;

	*found = false;
	start = find_begin(text, *at);
	if (start == text.len) {
		*at = text.len;
		return SGL_OK;
	}
	body = line_end(text, start);
	if (body < text.len)
		body++;
	end = find_line(text, body, finish);
	if (end == text.len || !read_label(text, start, begin, &block->label))
		return malformed(err, start, "a PEM block without its end");
	if (!read_label(text, end, finish, &label) ||
	    !sgl_slice_eq(label, block->label))
		return malformed(
		    err, end, "the labels of a PEM block do not agree");
	coded = split_headers(
	    sgl_slice_of(text.data + body, end - body), &block->headers);
	der->len = 0;
	status = sgl_base64_decode(coded, der, err);
	if (status == SGL_E_ENCODING)
		return malformed(err, start, "bad base64 in a PEM block");
	TRY(status);
	block->offset = start;
	*at = line_end(text, end);
	*found = true;
	return SGL_OK;
}

sgl_status
sgl_pem_add(sgl_buf *out, const char *label, sgl_slice der, sgl_err *err)
{
	sgl_buf coded = sgl_buf_init(out->max);
	sgl_status status;

	status = sgl_base64_encode(der, &coded, err);
	if (status == SGL_OK)
		status =
		    sgl_buf_printf(out, err, "-----BEGIN %s-----\n", label);
	for (size_t i = 0; status == SGL_OK && i < coded.len; i += 64) {
		size_t n = coded.len - i < 64 ? coded.len - i : 64;

		status = sgl_buf_add(out, sgl_slice_of(coded.data + i, n), err);
		if (status == SGL_OK)
			status = sgl_buf_add(out, SGL_LIT("\n"), err);
	}
	if (status == SGL_OK)
		status = sgl_buf_printf(out, err, "-----END %s-----\n", label);
	sgl_buf_wipe(&coded);
	return status;
}
