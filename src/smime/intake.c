/* SPDX-License-Identifier: Apache-2.0 */
#include "smime/intake.h"

#define ROOM "smime.intake"
#define MAX_NAME 998 /* RFC 5322 2.1.1: no line is longer */

/* Where in its first line the input is. */
typedef enum first_line {
	LINE_START,
	LINE_NAME,
	LINE_BLANK,   /* between name and colon (RFC 5322 4.5) */
	LINE_MBOX,    /* "From " was read */
	LINE_SKIPPED, /* that of a mailbox file; a field must follow */
	LINE_GOOD
} first_line;

struct sgl_intake {
	sgl_sink sink;
	sgl_header_stage *stage;
	sgl_intake_outside outside;
	void *ctx;
	sgl_sink *inside;
	sgl_hp hp;
	size_t max;

	first_line line;
	size_t name_len, skipped; /* bytes of the mailbox line */
	uint64_t offset;
	bool is_from, had_mbox;
};

/* --- is it a message at all? --- */

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool
take_name(sgl_intake *e, uint8_t c)
{
	static const uint8_t from[] = "From";

	if (c == ':' && e->name_len > 0) {
		e->line = LINE_GOOD;
		return true;
	}
	if (is_blank(c) && e->name_len > 0) {
		e->line =
		    c == ' ' && e->is_from && e->name_len == 4 && !e->had_mbox
		    ? LINE_MBOX
		    : LINE_BLANK;
		return true;
	}
	if (c <= 0x20 || c >= 0x7f || c == ':' || e->name_len == MAX_NAME)
		return false;
	e->is_from = (e->name_len == 0 || e->is_from) && e->name_len < 4 &&
	    c == from[e->name_len];
	e->name_len++;
	e->line = LINE_NAME;
	return true;
}

static bool
take_first(sgl_intake *e, uint8_t c)
{
	switch (e->line) {
	case LINE_START:
	case LINE_NAME:
		return take_name(e, c);
	case LINE_BLANK:
		if (c == ':')
			e->line = LINE_GOOD;
		return c == ':' || is_blank(c);
	case LINE_MBOX:
		if (c == ':')
			e->line = LINE_GOOD;
		else if (!is_blank(c))
			e->line = LINE_SKIPPED;
		return c != '\n';
	case LINE_SKIPPED:
		if (c == '\n') {
			e->line = LINE_START;
			e->name_len = 0;
			e->had_mbox = true;
			e->skipped = (size_t)e->offset + 1;
		}
		return true;
	case LINE_GOOD:
		break;
	}
	return true;
}

static sgl_status
check_first(sgl_intake *e, sgl_slice in, sgl_err *err)
{
	for (size_t i = 0; i < in.len && e->line != LINE_GOOD; i++) {
		if (!take_first(e, in.data[i]))
			return sgl_fail(err, SGL_E_ENCODING, ROOM, e->offset,
			    "not a message");
		e->offset++;
	}
	return SGL_OK;
}

/* --- the header section --- */

/* @req rfc8551-3.1 */
static bool
goes_inside(const sgl_field *f)
{
	return sgl_field_is_content(f) &&
	    !sgl_slice_eq_nocase(f->name, SGL_LIT("MIME-Version"));
}

static sgl_status
part_fields(const sgl_intake *e, const sgl_headers *h, sgl_buf *outer,
    sgl_buf *inner, sgl_err *err)
{
	for (size_t i = 0; i < h->num_fields; i++) {
		const sgl_field *f = &h->fields[i];
		if (f->name.len == 0)
			return sgl_fail(err, SGL_E_ENCODING, ROOM,
			    e->skipped +
				(size_t)(f->whole.data - h->bytes.data),
			    "a line of the header section is no field");
		if (goes_inside(f))
			TRY(sgl_field_add(f, inner, err));
		else if (!sgl_field_is_content(f))
			TRY(sgl_field_add(f, outer, err));
	}
	if (inner->len == 0)
		TRY(sgl_buf_add_str(
		    inner, "Content-Type: text/plain\r\n", err));
	return SGL_OK;
}

static sgl_status
hand_on(sgl_intake *e, const sgl_hp_fields *fields, sgl_err *err)
{
	if (e->outside != NULL)
		TRY(e->outside(e->ctx, sgl_buf_slice(&fields->outer),
		    sgl_buf_slice(&fields->display), err));
	TRY(sgl_sink_write(e->inside, sgl_buf_slice(&fields->inner), err));
	return sgl_sink_write(e->inside, SGL_LIT("\r\n"), err);
}

static sgl_status
on_headers(void *ctx, sgl_headers *headers, uint64_t offset, sgl_sink **body,
    sgl_err *err)
{
	sgl_intake *e = ctx;
	SGL_AUTO_CLEAR(sgl_hp_fields) fields = sgl_hp_fields_init(e->max);

	(void)offset;
	TRY(part_fields(e, headers, &fields.outer, &fields.inner, err));
	TRY(sgl_hp_protect(e->hp, &fields, err));
	*body = e->inside;
	return hand_on(e, &fields, err);
}

static const sgl_header_handler handler = {on_headers};

/* --- the sink --- */

static sgl_status
input_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	sgl_intake *e = (sgl_intake *)sink;

	if (e->line != LINE_GOOD)
		TRY(check_first(e, in, err));
	return sgl_sink_write(sgl_header_stage_sink(e->stage), in, err);
}

static sgl_status
end_input(sgl_intake *e, sgl_err *err)
{
	if (e->line != LINE_GOOD)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, e->offset,
		    e->offset == 0 ? "the input is empty" : "not a message");
	return sgl_sink_finish(sgl_header_stage_sink(e->stage), err);
}

static sgl_status
input_finish(sgl_sink *sink, sgl_err *err)
{
	sgl_intake *e = (sgl_intake *)sink;
	sgl_status status = end_input(e, err);

	if (status != SGL_OK)
		sgl_sink_abort(e->inside);
	return status;
}

static void
input_abort(sgl_sink *sink)
{
	sgl_sink_abort(((sgl_intake *)sink)->inside);
}

static const sgl_sink_ops ops = {input_write, input_finish, input_abort};

sgl_status
sgl_intake_new(const sgl_limits *limits, sgl_hp hp, sgl_intake_outside outside,
    void *ctx, sgl_sink *inside, sgl_intake **out, sgl_err *err)
{
	SGL_AUTO(sgl_intake)
	e = sgl_mem_zeroed(1, sizeof *e);

	if (e == NULL)
		return sgl_oom(err, ROOM);
	e->sink.ops = &ops;
	e->outside = outside;
	e->ctx = ctx;
	e->inside = inside;
	e->hp = hp;
	/* A line end may take a byte more than it did. */
	e->max = limits->headers * 2 + 64;
	TRY(sgl_header_stage_new(limits->headers, &handler, e, &e->stage, err));
	*out = SGL_TAKE(&e);
	return SGL_OK;
}

sgl_sink *
sgl_intake_sink(sgl_intake *e)
{
	return &e->sink;
}

void
sgl_intake_free(sgl_intake *e)
{
	if (e == NULL)
		return;
	sgl_header_stage_free(e->stage);
	sgl_mem_free(e);
}
