/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CMS object in whatever form it came. Content-Transfer-Encoding is what a
 * sender or a gateway said of it, and not always true: base64 comes without a
 * field that says so, bytes come as "base64", PEM comes in either, and a
 * gateway puts quoted-printable around base64. None of these can be taken for
 * another: an object begins with octets that no text has, in base64 with "M",
 * in PEM with dashes. So the first characters decide, and the field only where
 * they do not.
 */
#include "smime/reader_inside.h"

#define ROOM "smime.form"
/* So much of the beginning decides. */
#define HEAD 16

static const char begin_line[] = "-----BEGIN ";

typedef enum form_state {
	HEADING,  /* blanks are skipped, and the head is collected */
	PASSING,  /* everything goes to `to` */
	SEEKING,  /* PEM: where a line may begin a block */
	SKIPPING, /* PEM: the rest of a line that begins none */
	LABEL,	  /* PEM: the rest of the line that begins it */
	CODED,	  /* PEM: base64, to the line that ends it */
	ENDING,	  /* PEM: the rest of that line */
	BEHIND	  /* PEM: what is behind is nothing */
} form_state;

struct sgl_form_stage {
	sgl_sink sink;
	sgl_sink *next, *to;
	sgl_cte cte;
	bool pem_only;
	form_state state;
	uint8_t head[HEAD];
	size_t num_head;
	bool is_as_said; /* the form is the one that the field says */
	bool has_more;	 /* PEM: there is text around it */
	sgl_decode_stage *decode;
	sgl_form_stage *inner; /* of what is in the encoding */
};

bool
sgl_form_is_der(sgl_slice head)
{
	return head.len >= 3 && head.data[0] == 0x30 &&
	    (head.data[1] >= 0x80 || head.data[2] == 0x06);
}

static bool
is_base64_char(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
}

/* Of a SEQUENCE, six bits of whose first octet are "M". */
static bool
is_base64(sgl_slice head)
{
	if (head.len < HEAD || head.data[0] != 'M')
		return false;
	for (size_t i = 0; i < head.len; i++)
		if (!is_base64_char(head.data[i]))
			return false;
	return true;
}

/* --- which form --- */

static sgl_status
decode_as(sgl_form_stage *s, sgl_cte cte, sgl_sink *next, sgl_err *err)
{
	TRY(sgl_decode_stage_new(cte, next, &s->decode, err));
	s->to = sgl_decode_stage_sink(s->decode);
	s->state = PASSING;
	return SGL_OK;
}

/* What the encoding holds may be PEM or base64 once more. */
static sgl_status
decode_as_said(sgl_form_stage *s, sgl_err *err)
{
	TRY(sgl_form_stage_new(SGL_CTE_BINARY, false, s->next, &s->inner, err));
	s->is_as_said = true;
	return decode_as(s, s->cte, &s->inner->sink, err);
}

static sgl_status
become_pem(sgl_form_stage *s, sgl_err *err)
{
	TRY(decode_as(s, SGL_CTE_BASE64, s->next, err));
	s->state = SEEKING;
	return SGL_OK;
}

static sgl_status
choose(sgl_form_stage *s, sgl_slice head, sgl_err *err)
{
	bool is_encoded =
	    s->cte == SGL_CTE_BASE64 || s->cte == SGL_CTE_QUOTED_PRINTABLE;

	s->to = s->next;
	s->state = PASSING;
	if (s->pem_only)
		return become_pem(s, err);
	if (sgl_form_is_der(head)) {
		s->is_as_said = !is_encoded;
		return SGL_OK;
	}
	/* Soft line breaks may be in what looks like the others. */
	if (s->cte == SGL_CTE_QUOTED_PRINTABLE)
		return decode_as_said(s, err);
	if (sgl_slice_starts(head, sgl_slice_str(begin_line)))
		return become_pem(s, err);
	if (s->cte == SGL_CTE_BASE64)
		return decode_as_said(s, err);
	if (is_base64(head))
		return decode_as(s, SGL_CTE_BASE64, s->next, err);
	s->is_as_said = true;
	return SGL_OK;
}

/* --- PEM --- */

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
has_text(sgl_slice in)
{
	for (size_t i = 0; i < in.len; i++)
		if (!is_blank(in.data[i]))
			return true;
	return false;
}

static sgl_slice
rest_of_line(sgl_form_stage *s, sgl_slice in, form_state then)
{
	const uint8_t *lf = memchr(in.data, '\n', in.len);

	if (lf == NULL)
		return sgl_slice_from(in, in.len);
	s->num_head = 0;
	s->state = then;
	return sgl_slice_from(in, (size_t)(lf - in.data) + 1);
}

/* Collects the beginning of a line while it is that of a block. */
static sgl_slice
seek(sgl_form_stage *s, sgl_slice in)
{
	if (in.data[0] != (uint8_t)begin_line[s->num_head]) {
		s->has_more |= s->num_head > 0;
		s->state = SKIPPING;
		return in;
	}
	if (++s->num_head == sizeof begin_line - 1)
		s->state = LABEL;
	return sgl_slice_from(in, 1);
}

/* Base64 has no '-': the first one starts the end line. */
static sgl_status
pass_coded(sgl_form_stage *s, sgl_slice *in, sgl_err *err)
{
	const uint8_t *dash = memchr(in->data, '-', in->len);
	size_t n = dash == NULL ? in->len : (size_t)(dash - in->data);
	sgl_slice coded = sgl_slice_first(*in, n);

	*in = sgl_slice_from(*in, n);
	if (dash != NULL)
		s->state = ENDING;
	return sgl_sink_write(s->to, coded, err);
}

/* --- the stage --- */

static sgl_status form_write(sgl_sink *sink, sgl_slice in, sgl_err *err);

static sgl_status
end_head(sgl_form_stage *s, sgl_err *err)
{
	uint8_t copy[HEAD];
	size_t n = s->num_head;

	memcpy(copy, s->head, n);
	s->num_head = 0;
	TRY(choose(s, sgl_slice_of(copy, n), err));
	return n == 0 ? SGL_OK
		      : form_write(&s->sink, sgl_slice_of(copy, n), err);
}

/* Blanks are skipped in front of it; inside they may be the object's. */
static sgl_status
collect_head(sgl_form_stage *s, sgl_slice *in, sgl_err *err)
{
	while (in->len > 0 && s->num_head < HEAD) {
		if (s->num_head > 0 || !is_blank(in->data[0]))
			s->head[s->num_head++] = in->data[0];
		*in = sgl_slice_from(*in, 1);
	}
	return s->num_head < HEAD ? SGL_OK : end_head(s, err);
}

static void
skip_line(sgl_form_stage *s, sgl_slice *in)
{
	sgl_slice whole = *in;

	*in = rest_of_line(s, whole, SEEKING);
	s->has_more |= has_text(sgl_slice_first(whole, whole.len - in->len));
}

static sgl_status
step(sgl_form_stage *s, sgl_slice *in, sgl_err *err)
{
	sgl_slice whole = *in;

	switch (s->state) {
	case HEADING:
		return collect_head(s, in, err);
	case PASSING:
		*in = sgl_slice_from(whole, whole.len);
		return sgl_sink_write(s->to, whole, err);
	case SEEKING:
		*in = seek(s, whole);
		return SGL_OK;
	case SKIPPING:
		skip_line(s, in);
		return SGL_OK;
	case LABEL:
		*in = rest_of_line(s, whole, CODED);
		return SGL_OK;
	case CODED:
		return pass_coded(s, in, err);
	case ENDING:
		*in = rest_of_line(s, whole, BEHIND);
		return SGL_OK;
	case BEHIND:
		*in = sgl_slice_from(whole, whole.len);
		s->has_more |= has_text(whole);
		return SGL_OK;
	}
	return SGL_OK;
}

static sgl_status
form_write(sgl_sink *sink, sgl_slice in, sgl_err *err)
{
	sgl_form_stage *s = (sgl_form_stage *)sink;

	while (in.len > 0)
		TRY(step(s, &in, err));
	return SGL_OK;
}

static void
form_abort(sgl_sink *sink)
{
	sgl_form_stage *s = (sgl_form_stage *)sink;

	sgl_sink_abort(s->to == NULL ? s->next : s->to);
}

/* A short object is all head. */
static sgl_status
end(sgl_form_stage *s, sgl_err *err)
{
	if (s->state == HEADING)
		TRY(end_head(s, err));
	if (s->pem_only && (s->state == SEEKING || s->state == SKIPPING))
		return sgl_fail(err, SGL_E_ENCODING, ROOM, 0,
		    "not a message: it starts with no header field");
	return SGL_OK;
}

static sgl_status
form_finish(sgl_sink *sink, sgl_err *err)
{
	sgl_form_stage *s = (sgl_form_stage *)sink;
	sgl_status status = end(s, err);

	if (status == SGL_OK)
		return sgl_sink_finish(s->to, err);
	form_abort(sink);
	return status;
}

static const sgl_sink_ops form_ops = {form_write, form_finish, form_abort};

sgl_status
sgl_form_stage_new(sgl_cte cte, bool pem_only, sgl_sink *next,
    sgl_form_stage **out, sgl_err *err)
{
	sgl_form_stage *s = sgl_mem_zeroed(1, sizeof *s);

	if (s == NULL)
		return sgl_oom(err, ROOM);
	s->sink.ops = &form_ops;
	s->next = next;
	s->cte = cte;
	s->pem_only = pem_only;
	*out = s;
	return SGL_OK;
}

sgl_sink *
sgl_form_stage_sink(sgl_form_stage *s)
{
	return &s->sink;
}

bool
sgl_form_stage_is_dirty(const sgl_form_stage *s)
{
	return (s->decode != NULL && sgl_decode_stage_is_dirty(s->decode)) ||
	    (s->inner != NULL && sgl_form_stage_is_dirty(s->inner));
}

bool
sgl_form_stage_is_as_said(const sgl_form_stage *s)
{
	return s->is_as_said &&
	    (s->inner == NULL || sgl_form_stage_is_as_said(s->inner));
}

bool
sgl_form_stage_has_more(const sgl_form_stage *s)
{
	return s->has_more ||
	    (s->inner != NULL && sgl_form_stage_has_more(s->inner));
}

void
sgl_form_stage_free(sgl_form_stage *s)
{
	if (s == NULL)
		return;
	sgl_decode_stage_free(s->decode);
	sgl_form_stage_free(s->inner);
	sgl_mem_free(s);
}
