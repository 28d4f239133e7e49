/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "smime/inspect.h"

#define ROOM "smime.inspect"

bool
sgl_look_bad_at(sgl_look *l, uint64_t offset, const char *text)
{
	sgl_tree_leaff(&l->tree, (sgl_span){offset, 0}, "malformed",
	    "at offset %" PRIu64 ": %s", offset, text);
	if (l->first.status == SGL_OK)
		(void)sgl_fail(&l->first, SGL_E_ENCODING, ROOM, offset, text);
	return false;
}

bool
sgl_look_bad(sgl_look *l, const sgl_der *at, const char *text)
{
	return sgl_look_bad_at(l, sgl_der_offset(at), text);
}

bool
sgl_look_good(sgl_look *l, sgl_status status)
{
	if (status == SGL_E_NOMEM)
		l->tree.json.failed = SGL_E_NOMEM;
	return status == SGL_OK;
}

sgl_span
sgl_span_from(const sgl_der *start, const sgl_der *now)
{
	return (sgl_span){
	    sgl_der_offset(start), (uint64_t)(now->at - start->at)};
}

sgl_span
sgl_span_next(const sgl_der *in)
{
	sgl_der look = *in;

	if (!sgl_der_read_any(&look, NULL, NULL, NULL))
		return SGL_NOWHERE;
	return sgl_span_from(in, &look);
}

void
sgl_look_try(sgl_look *l, sgl_show *show, sgl_der *in, const char *name)
{
	unsigned mark = sgl_tree_mark(&l->tree);
	sgl_der behind = *in;

	if (!sgl_der_read_any(&behind, NULL, NULL, NULL))
		behind.at = behind.end;
	if (!show(l, in, name)) {
		sgl_tree_unwind(&l->tree, mark);
		*in = behind;
	}
}

bool
sgl_look_open(sgl_look *l, sgl_der *in, const char *name, sgl_der *body)
{
	sgl_der start = *in;
	sgl_tag tag;

	if (!sgl_der_read_any(in, &tag, NULL, body))
		return sgl_look_bad(l, in, "no whole element");
	if ((tag & SGL_TAG_CONSTRUCTED) == 0)
		return sgl_look_bad(l, &start, "primitive, but may not be");
	sgl_tree_open(&l->tree, sgl_span_from(&start, in), name, SGL_LIT(""));
	return true;
}

bool
sgl_show_each(sgl_look *l, sgl_der *in, const char *name, const char *one_name,
    sgl_show *one)
{
	sgl_der body;

	if (!sgl_look_open(l, in, name, &body))
		return false;
	while (!sgl_der_done(&body))
		sgl_look_try(l, one, &body, one_name);
	sgl_tree_close(&l->tree);
	return true;
}

static bool
fits(const sgl_der *in, sgl_tag tag)
{
	if (sgl_der_done(in))
		return false;
	if (tag == SGL_ANY_TAG || sgl_der_next_is(in, tag))
		return true;
	/* A string in pieces. */
	return in->ber && (tag & SGL_TAG_CONSTRUCTED) == 0 &&
	    sgl_der_next_is(in, tag | SGL_TAG_CONSTRUCTED);
}

bool
sgl_show_fields(
    sgl_look *l, sgl_der *in, const sgl_field_of *fields, size_t num)
{
	for (size_t i = 0; i < num; i++) {
		const sgl_field_of *f = &fields[i];

		if (fits(in, f->tag)) {
			if (!f->show(l, in, f->name))
				return false;
		} else if (!f->optional) {
			sgl_tree_leaf(&l->tree, SGL_NOWHERE, f->name,
			    SGL_LIT("(expected here)"));
			return sgl_look_bad(l, in,
			    sgl_der_done(in) ? "a field is missing"
					     : "another element than expected");
		}
	}
	if (!sgl_der_done(in))
		return sgl_look_bad(l, in, "an element that does not belong");
	return true;
}

bool
sgl_look_enter(sgl_look *l, sgl_span at, const char *name, sgl_slice bytes)
{
	if (l->layers >= sgl_engine_limits(l->engine)->layers) {
		sgl_tree_leaff(&l->tree, at, name,
		    "%zu bytes, nested deeper than is shown", bytes.len);
		return false;
	}
	sgl_tree_open_decoded(&l->tree, at, name, bytes.len);
	l->layers++;
	return true;
}

void
sgl_look_leave(sgl_look *l)
{
	l->layers--;
	sgl_tree_close(&l->tree);
}
