/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"
#include "smime/inspect_out.h"

#define ROOM "smime.inspect"
#define VALUE_MAX 1024 /* bytes shown of one value */
#define HEX_WHOLE 64   /* bytes shown in hexadecimal without a cut */
#define HEX_BEGINNING 32
#define COLUMNS "%8" PRIu64 "  "
#define NO_COLUMNS "          "

static void
put(sgl_tree *t, sgl_slice bytes)
{
	if (t->json.failed == SGL_OK)
		t->json.failed = sgl_buf_add(t->json.out, bytes, NULL);
}

static void
put_str(sgl_tree *t, const char *s)
{
	put(t, sgl_slice_str(s));
}

/* Or is not seen at all. */
static bool
is_harmful(uint32_t cp)
{
	return sgl_utf8_is_harmful(cp) || (cp >= 0x200b && cp <= 0x200d);
}

/* Appends `text` with what is harmful or no UTF-8 as \xNN and \u{N}. */
static sgl_status
add_harmless(sgl_buf *out, sgl_slice text)
{
	while (text.len > 0) {
		uint32_t cp;
		size_t n = sgl_utf8_read(text, &cp);

		if (n == 0) {
			TRY(sgl_buf_printf(out, NULL, "\\x%02x", text.data[0]));
			n = 1;
		} else if (is_harmful(cp)) {
			TRY(sgl_buf_printf(out, NULL,
			    cp < 0x100 ? "\\x%02" PRIx32 : "\\u{%" PRIx32 "}",
			    cp));
		} else {
			TRY(sgl_buf_add(out, sgl_slice_first(text, n), NULL));
		}
		text = sgl_slice_from(text, n);
	}
	return SGL_OK;
}

/* A value as it is shown, in `out`. */
static sgl_status
prepare(sgl_slice value, sgl_buf *out)
{
	bool cut = value.len > VALUE_MAX;
	size_t len = cut ? VALUE_MAX : value.len;

	/* Not in the middle of a character. */
	for (int i = 0; cut && i < 3 && (value.data[len] & 0xc0) == 0x80; i++)
		len--;
	TRY(add_harmless(out, sgl_slice_first(value, len)));
	if (cut)
		TRY(sgl_buf_printf(out, NULL, "... (%zu bytes)", value.len));
	return SGL_OK;
}

static void
put_text_node(sgl_tree *t, sgl_span at, const char *name, sgl_slice value)
{
	char column[32];

	if (at.offset == SGL_NO_OFFSET) {
		put_str(t, NO_COLUMNS);
	} else {
		(void)snprintf(column, sizeof column, COLUMNS, at.offset);
		put_str(t, column);
	}
	for (unsigned i = 0; i < t->depth; i++)
		put_str(t, "  ");
	put_str(t, name);
	if (value.len > 0) {
		put_str(t, ": ");
		put(t, value);
	}
	put_str(t, "\n");
}

static void
put_json_node(sgl_tree *t, sgl_span at, const char *name, sgl_slice value)
{
	if (t->depth > 0 && !t->has_children[t->depth])
		sgl_json_array(&t->json, "children");
	sgl_json_object(&t->json, t->depth > 0 ? NULL : "tree");
	if (at.offset != SGL_NO_OFFSET) {
		sgl_json_uint(&t->json, "offset", at.offset);
		sgl_json_uint(&t->json, "length", at.length);
	}
	sgl_json_str(&t->json, "name", name);
	if (value.len > 0)
		sgl_json_string(&t->json, "value", value);
}

static void
open_shown(sgl_tree *t, sgl_span at, const char *name, sgl_slice value)
{
	sgl_buf shown = sgl_buf_init(8 * VALUE_MAX);

	if (t->json.failed == SGL_OK)
		t->json.failed = prepare(value, &shown);
	if (t->is_json)
		put_json_node(t, at, name, sgl_buf_slice(&shown));
	else
		put_text_node(t, at, name, sgl_buf_slice(&shown));
	sgl_buf_clear(&shown);
	t->has_children[t->depth] = true;
	t->depth++;
	t->has_children[t->depth] = false;
}

static void
close_shown(sgl_tree *t)
{
	if (t->is_json) {
		if (t->has_children[t->depth])
			sgl_json_close_array(&t->json);
		sgl_json_close_object(&t->json);
	}
	t->depth--;
}

static void
say_left_out(sgl_tree *t, const char *why)
{
	open_shown(t, SGL_NOWHERE, "more is not shown", sgl_slice_str(why));
	close_shown(t);
}

void
sgl_tree_open(sgl_tree *t, sgl_span at, const char *name, sgl_slice value)
{
	bool too_deep = t->depth >= SGL_TREE_DEPTH;
	bool too_many = t->num_nodes >= SGL_TREE_NODES;

	if (t->skipped > 0 || too_deep || too_many) {
		if (t->num_nodes == SGL_TREE_NODES)
			say_left_out(t, "too many nodes");
		else if (t->skipped == 0 && too_deep && !too_many &&
		    !t->has_children[t->depth])
			say_left_out(t, "nested too deep");
		t->num_nodes += t->num_nodes == SGL_TREE_NODES;
		t->skipped++;
		return;
	}
	t->num_nodes++;
	open_shown(t, at, name, value);
}

void
sgl_tree_close(sgl_tree *t)
{
	if (t->skipped > 0)
		t->skipped--;
	else
		close_shown(t);
}

void
sgl_tree_unwind(sgl_tree *t, unsigned mark)
{
	while (sgl_tree_mark(t) > mark)
		sgl_tree_close(t);
}

void
sgl_tree_open_decoded(sgl_tree *t, sgl_span at, const char *name, size_t len)
{
	sgl_tree_openf(t, at, name,
	    t->is_json ? "%zu bytes"
		       : "%zu bytes; offsets below count from their first",
	    len);
	if (t->skipped == 0 && t->is_json)
		sgl_json_bool(&t->json, "decoded", true);
}

void
sgl_tree_leaf(sgl_tree *t, sgl_span at, const char *name, sgl_slice value)
{
	sgl_tree_open(t, at, name, value);
	sgl_tree_close(t);
}

SGL_PRINTF(3, 0)
static sgl_slice
format(char *out, size_t cap, const char *fmt, va_list args)
{
	int n = vsnprintf(out, cap, fmt, args);

	if (n < 0)
		n = 0;
	return sgl_slice_of(out, (size_t)n < cap ? (size_t)n : cap - 1);
}

void
sgl_tree_openf(sgl_tree *t, sgl_span at, const char *name, const char *fmt, ...)
{
	char text[VALUE_MAX];
	va_list args;

	va_start(args, fmt);
	sgl_tree_open(t, at, name, format(text, sizeof text, fmt, args));
	va_end(args);
}

void
sgl_tree_leaff(sgl_tree *t, sgl_span at, const char *name, const char *fmt, ...)
{
	char text[VALUE_MAX];
	va_list args;

	va_start(args, fmt);
	sgl_tree_leaf(t, at, name, format(text, sizeof text, fmt, args));
	va_end(args);
}

void
sgl_tree_hex(sgl_tree *t, sgl_span at, const char *name, sgl_slice bytes)
{
	char text[2 * HEX_WHOLE + 32];
	size_t shown = bytes.len > HEX_WHOLE ? HEX_BEGINNING : bytes.len;
	size_t n = 0;

	if (bytes.len == 0) {
		sgl_tree_leaf(t, at, name, SGL_LIT("(empty)"));
		return;
	}
	for (size_t i = 0; i < shown; i++)
		n += (size_t)snprintf(
		    text + n, sizeof text - n, "%02x", bytes.data[i]);
	if (shown < bytes.len)
		n += (size_t)snprintf(
		    text + n, sizeof text - n, "... (%zu bytes)", bytes.len);
	sgl_tree_leaf(t, at, name, sgl_slice_of(text, n));
}

void
sgl_tree_start(sgl_tree *t, sgl_buf *out, bool json, const char *kind)
{
	*t = (sgl_tree){.json = sgl_json_over(out), .is_json = json};
	if (!json)
		return;
	sgl_json_object(&t->json, NULL);
	sgl_json_uint(&t->json, "sigill-inspect", 1);
	sgl_json_str(&t->json, "kind", kind);
}

sgl_status
sgl_tree_end(sgl_tree *t, bool malformed, sgl_err *err)
{
	sgl_tree_unwind(t, 0);
	if (t->is_json) {
		sgl_json_bool(&t->json, "malformed", malformed);
		sgl_json_close_object(&t->json);
		return sgl_json_end(&t->json, err);
	}
	if (t->json.failed == SGL_E_NOMEM)
		return sgl_oom(err, ROOM);
	if (t->json.failed != SGL_OK)
		return sgl_fail(err, t->json.failed, ROOM, SGL_NO_OFFSET,
		    "the description is larger than the limit allows");
	return SGL_OK;
}
