/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/ber.h"

#define ROOM "asn1.ber"
#define MAX_DEPTH 64
#define NO_END UINT64_MAX
/* Identifier of up to 5 bytes, length of up to 1 + 8 (more leading zeros than
 * that are refused). */
#define MAX_HEAD 14

typedef struct frame {
	sgl_ber_head head;
	uint64_t end;	/* NO_END while the length is indefinite... */
	uint64_t bound; /* ...but never beyond what encloses it */
	bool is_stream; /* pieces of an OCTET STRING */
} frame;

struct sgl_ber {
	const sgl_ber_handler *handler;
	void *ctx;
	size_t max_element;
	unsigned max_depth;

	frame frames[MAX_DEPTH];
	unsigned depth; /* frames in use */
	uint64_t offset;
	sgl_status failed;
	bool is_done;

	uint8_t head[MAX_HEAD]; /* a header that is not whole yet */
	unsigned head_len;
	uint64_t head_offset;

	uint64_t left; /* contents of the primitive at hand */
	bool in_contents;

	bool is_capturing;
	unsigned capture_depth; /* frames below the captured element */
	sgl_ber_head capture_head;
	sgl_buf capture;
};

sgl_status
sgl_ber_new(const sgl_ber_handler *handler, void *ctx, size_t max_element,
    unsigned max_depth, sgl_ber **out, sgl_err *err)
{
	sgl_ber *b = sgl_mem_zeroed(1, sizeof *b);

	if (b == NULL)
		return sgl_oom(err, ROOM);
	b->handler = handler;
	b->ctx = ctx;
	b->max_element = max_element;
	b->max_depth = max_depth < MAX_DEPTH ? max_depth : MAX_DEPTH;
	/* What is inside an encryption may be captured too. */
	b->capture = (sgl_buf){.max = max_element, .secret = true};
	*out = b;
	return SGL_OK;
}

void
sgl_ber_free(sgl_ber *b)
{
	if (b == NULL)
		return;
	sgl_buf_wipe(&b->capture);
	sgl_mem_free(b);
}

bool
sgl_ber_is_done(const sgl_ber *b)
{
	return b->is_done;
}

uint64_t
sgl_ber_offset(const sgl_ber *b)
{
	return b->offset;
}

static sgl_status
malformed(const sgl_ber *b, sgl_err *err, const char *text)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, b->head_offset, text);
}

static frame *
top(sgl_ber *b)
{
	return b->depth == 0 ? NULL : &b->frames[b->depth - 1];
}

/* Where the element being read must end at the latest. */
static uint64_t
bound(const sgl_ber *b)
{
	return b->depth == 0 ? NO_END : b->frames[b->depth - 1].bound;
}

typedef enum head_state { HEAD_PART, HEAD_WHOLE, HEAD_BAD } head_state;

/* Reads identifier and length from what has gathered so far. */
static head_state
parse_head(const sgl_ber *b, sgl_ber_head *head)
{
	const uint8_t *p = b->head;
	unsigned at = 1, n;
	uint32_t number;

	number = p[0] & 0x1fu;
	if (number == 0x1f) {
		number = 0;
		do {
			if (at == b->head_len)
				return HEAD_PART;
			if (at > 4 || (at == 1 && p[1] == 0x80))
				return HEAD_BAD;
			number = number << 7 | (p[at] & 0x7fu);
		} while ((p[at++] & 0x80) != 0);
		if (number < 0x1f)
			return HEAD_BAD;
	}
	head->tag = SGL_TAG(p[0] & 0xe0u, number);
	if (at == b->head_len)
		return HEAD_PART;
	n = p[at++];
	head->indefinite = n == 0x80;
	head->len = n < 0x80 ? n : 0;
	if (n <= 0x80)
		return HEAD_WHOLE;
	n &= 0x7f;
	if (n > 8)
		return HEAD_BAD;
	if (b->head_len < at + n)
		return HEAD_PART;
	for (; n > 0; n--)
		head->len = head->len << 8 | p[at++];
	return HEAD_WHOLE;
}

/* Takes header bytes one by one; there are few. */
static sgl_status
read_head(
    sgl_ber *b, sgl_slice *in, sgl_ber_head *head, bool *whole, sgl_err *err)
{
	*whole = false;
	while (in->len > 0 && !*whole) {
		if (b->head_len == 0)
			b->head_offset = b->offset;
		if (b->offset >= bound(b))
			return malformed(
			    b, err, "an element reaches beyond its parent");
		b->head[b->head_len++] = in->data[0];
		*in = sgl_slice_from(*in, 1);
		b->offset++;
		switch (parse_head(b, head)) {
		case HEAD_PART:
			break;
		case HEAD_BAD:
			return malformed(
			    b, err, "bad identifier or length octets");
		case HEAD_WHOLE:
			*whole = true;
			break;
		}
	}
	return SGL_OK;
}

static sgl_status
push_frame(sgl_ber *b, const sgl_ber_head *head, bool is_stream, sgl_err *err)
{
	frame *f;

	if (b->depth >= b->max_depth)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, head->offset,
		    "elements are nested too deep");
	f = &b->frames[b->depth];
	*f = (frame){.head = *head, .is_stream = is_stream};
	f->end = head->indefinite ? NO_END : b->offset + head->len;
	f->bound = head->indefinite ? bound(b) : f->end;
	b->depth++;
	return SGL_OK;
}

static sgl_status
end_capture(sgl_ber *b, sgl_err *err)
{
	sgl_status status;

	b->is_capturing = false;
	b->is_done = b->depth == 0;
	status = b->handler->captured(
	    b->ctx, &b->capture_head, sgl_buf_slice(&b->capture), err);
	b->capture.len = 0;
	return status;
}

/* The element of the top frame is over. */
static sgl_status
pop_frame(sgl_ber *b, sgl_err *err)
{
	frame f = b->frames[--b->depth];

	if (b->is_capturing)
		return b->depth == b->capture_depth ? end_capture(b, err)
						    : SGL_OK;
	b->is_done = b->depth == 0;
	/* Pieces inside a string in pieces end without a word. */
	if (f.is_stream && b->depth > 0 && top(b)->is_stream)
		return SGL_OK;
	return b->handler->leave(b->ctx, &f.head, b->offset, err);
}

static sgl_status
end_contents(sgl_ber *b, sgl_err *err)
{
	b->in_contents = false;
	if (b->is_capturing)
		return b->depth == b->capture_depth ? end_capture(b, err)
						    : SGL_OK;
	/* A streamed string has a frame, which the next step closes. */
	return SGL_OK;
}

static sgl_status
keep(sgl_ber *b, sgl_slice bytes, sgl_err *err)
{
	if (b->capture.len + bytes.len > b->max_element)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, b->capture_head.offset,
		    "an element is larger than the limit");
	return sgl_buf_add(&b->capture, bytes, err);
}

/* Inside a captured element: nested indefinite lengths need a frame, all else
 * is copied by its length. */
static sgl_status
go_on_capturing(sgl_ber *b, const sgl_ber_head *head, sgl_err *err)
{
	TRY(keep(b, sgl_slice_of(b->head, b->head_len), err));
	if (head->indefinite)
		return push_frame(b, head, false, err);
	if (head->len > b->max_element - b->capture.len)
		return sgl_fail(err, SGL_E_LIMIT, ROOM, b->capture_head.offset,
		    "an element is larger than the limit");
	b->left = head->len;
	b->in_contents = true;
	return b->left == 0 ? end_contents(b, err) : SGL_OK;
}

static sgl_status
start_capture(sgl_ber *b, const sgl_ber_head *head, sgl_err *err)
{
	b->is_capturing = true;
	b->capture_depth = b->depth;
	b->capture_head = *head;
	b->capture.len = 0;
	return go_on_capturing(b, head, err);
}

/* A string, or a piece of one. A primitive one gets a frame too, so that its
 * end is noticed in one place. */
static sgl_status
start_stream(sgl_ber *b, const sgl_ber_head *head, sgl_err *err)
{
	TRY(push_frame(b, head, true, err));
	if ((head->tag & SGL_TAG_CONSTRUCTED) == 0) {
		b->left = head->len;
		b->in_contents = b->left > 0;
	}
	return SGL_OK;
}

static sgl_status
start_element(
    sgl_ber *b, const sgl_ber_head *head, sgl_ber_how how, sgl_err *err)
{
	switch (how) {
	case SGL_BER_CAPTURE:
		return start_capture(b, head, err);
	case SGL_BER_STREAM:
		return start_stream(b, head, err);
	case SGL_BER_ENTER:
		break;
	}
	if ((head->tag & SGL_TAG_CONSTRUCTED) == 0)
		return malformed(b, err,
		    "a primitive element where a "
		    "constructed one belongs");
	return push_frame(b, head, false, err);
}

static sgl_status
ask_handler(sgl_ber *b, const sgl_ber_head *head, sgl_err *err)
{
	sgl_ber_how how = SGL_BER_CAPTURE;
	sgl_status asked = b->handler->element(b->ctx, head, &how, err), done;

	/* SGL_NEED_KEY: the answer counts, and only then we stop. */
	if (asked != SGL_OK && asked != SGL_NEED_KEY)
		return asked;
	done = start_element(b, head, how, err);
	return done == SGL_OK ? asked : done;
}

static sgl_status
on_head(sgl_ber *b, sgl_ber_head *head, sgl_err *err)
{
	frame *f = top(b);

	head->offset = b->head_offset;
	head->depth = b->depth;
	if (head->tag == 0) {
		/* End-of-contents octets (X.690 8.1.5). */
		if (f == NULL || !f->head.indefinite || head->len != 0 ||
		    head->indefinite || b->head_len != 2)
			return malformed(
			    b, err, "end-of-contents octets out of place");
		if (b->is_capturing)
			TRY(keep(b, sgl_slice_of(b->head, 2), err));
		return pop_frame(b, err);
	}
	if (head->indefinite && (head->tag & SGL_TAG_CONSTRUCTED) == 0)
		return malformed(
		    b, err, "a primitive element of indefinite length");
	if (head->len > NO_END - 1 - b->offset ||
	    (bound(b) != NO_END && head->len > bound(b) - b->offset))
		return malformed(
		    b, err, "an element reaches beyond its parent");
	if (b->is_capturing)
		return go_on_capturing(b, head, err);
	if (f != NULL && f->is_stream) {
		if ((head->tag & ~SGL_TAG_CONSTRUCTED) != SGL_OCTET_STRING)
			return malformed(
			    b, err, "a string in pieces holds something else");
		return start_stream(b, head, err);
	}
	return ask_handler(b, head, err);
}

static sgl_status
take_contents(sgl_ber *b, sgl_slice *in, sgl_err *err)
{
	size_t n = in->len < b->left ? in->len : (size_t)b->left;
	sgl_slice piece = sgl_slice_first(*in, n);
	sgl_status status;

	*in = sgl_slice_from(*in, n);
	b->offset += n;
	b->left -= n;
	status = b->is_capturing ? keep(b, piece, err)
				 : b->handler->bytes(b->ctx, piece, err);
	if (b->left > 0 || (status != SGL_OK && status != SGL_NEED_KEY))
		return status;
	if (status == SGL_NEED_KEY) {
		b->in_contents = false;
		return status;
	}
	return end_contents(b, err);
}

/* One event: a closed element, some contents, or a header. */
static sgl_status
step(sgl_ber *b, sgl_slice *in, sgl_err *err)
{
	frame *f = top(b);
	sgl_ber_head head = {0};
	bool whole;
	sgl_status status;

	if (!b->in_contents && b->head_len == 0 && f != NULL &&
	    f->end == b->offset)
		return pop_frame(b, err);
	if (b->in_contents)
		return take_contents(b, in, err);
	TRY(read_head(b, in, &head, &whole, err));
	if (!whole)
		return SGL_OK;
	status = on_head(b, &head, err);
	b->head_len = 0;
	return status;
}

static bool
can_step(sgl_ber *b, const sgl_slice *in)
{
	frame *f = top(b);

	if (b->is_done)
		return false;
	return in->len > 0 ||
	    (!b->in_contents && b->head_len == 0 && f != NULL &&
		f->end == b->offset);
}

sgl_status
sgl_ber_push(sgl_ber *b, sgl_slice in, size_t *taken, sgl_err *err)
{
	size_t len = in.len;
	sgl_status status = SGL_OK;

	*taken = 0;
	if (b->failed != SGL_OK)
		return sgl_fail(err, b->failed, ROOM, b->head_offset,
		    "the stream has already failed");
	while (status == SGL_OK && can_step(b, &in))
		status = step(b, &in, err);
	*taken = len - in.len;
	if (status != SGL_OK && status != SGL_NEED_KEY)
		b->failed = status;
	return status;
}

sgl_status
sgl_ber_finish(sgl_ber *b, sgl_err *err)
{
	if (b->failed != SGL_OK)
		return sgl_fail(err, b->failed, ROOM, b->head_offset,
		    "the stream has already failed");
	if (!b->is_done)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, b->offset,
		    "the data ends too early");
	return SGL_OK;
}
