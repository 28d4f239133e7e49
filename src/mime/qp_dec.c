/* SPDX-License-Identifier: Apache-2.0 */
#include "base/slice.h"
#include "mime/qp.h"

/* SPECIAL means something, BLANK might, ODD should not be there. */
enum { ODD, PLAIN, BLANK, SPECIAL };
static const uint8_t classes[256] = {
    ['!' ... '<'] = PLAIN,
    ['>' ... '~'] = PLAIN,
    [' '] = BLANK,
    ['\t'] = BLANK,
    ['\r'] = SPECIAL,
    ['\n'] = SPECIAL,
    ['='] = SPECIAL,
};

static bool
is_wait(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static size_t
release(sgl_qp_dec *d, uint8_t *out)
{
	size_t n = d->num_held;

	memcpy(out, d->held, n);
	d->num_held = 0;
	return n;
}

/* Whether `c` goes behind the held bytes: more blanks, then one CR. */
static bool
can_hold(const sgl_qp_dec *d, uint8_t c)
{
	return is_wait(c) && d->held[d->num_held - 1] != '\r' &&
	    d->num_held < SGL_QP_HELD;
}

/* Behind '=': two digits, or (perhaps blanks and) a line end, which is a soft
 * break. Returns whether `c` was taken. */
static bool
step_escape(sgl_qp_dec *d, uint8_t c, uint8_t **out)
{
	int high = d->num_held > 1 ? sgl_hex_digit(d->held[1]) : -1;

	if (high >= 0 && sgl_hex_digit(c) >= 0) {
		*(*out)++ = (uint8_t)(high << 4 | sgl_hex_digit(c));
		d->num_held = 0;
		return true;
	}
	if (high < 0 && c == '\n') {
		d->num_held = 0;
		return true;
	}
	if (high < 0 &&
	    (can_hold(d, c) || (d->num_held == 1 && sgl_hex_digit(c) >= 0))) {
		d->held[d->num_held++] = c;
		return true;
	}
	d->dirty = true;
	*out += release(d, *out);
	return false;
}

/* Blanks at the end of a line were added on the way and go (rule 3). */
static bool
step_blanks(sgl_qp_dec *d, uint8_t c, uint8_t **out)
{
	if (c == '\n') {
		d->num_held = 0;
		*(*out)++ = '\r';
		*(*out)++ = '\n';
		return true;
	}
	if (can_hold(d, c)) {
		d->held[d->num_held++] = c;
		return true;
	}
	if (d->held[d->num_held - 1] == '\r' || d->num_held == SGL_QP_HELD)
		d->dirty = true;
	*out += release(d, *out);
	return false;
}

/* Copies what stands for itself; a blank does if something follows it. */
static size_t
copy_run(sgl_qp_dec *d, sgl_slice in, uint8_t **out)
{
	size_t i = 0;

	for (; i < in.len; i++) {
		uint8_t class = classes[in.data[i]];

		if (class == PLAIN)
			continue;
		if (class == SPECIAL ||
		    (class == BLANK &&
			(i + 1 == in.len || classes[in.data[i + 1]] != PLAIN)))
			break;
		if (class == ODD)
			d->dirty = true;
	}
	memcpy(*out, in.data, i);
	*out += i;
	return i;
}

static void
begin(sgl_qp_dec *d, uint8_t c, uint8_t **out)
{
	if (c == '\n') {
		*(*out)++ = '\r';
		*(*out)++ = '\n';
	} else {
		d->held[d->num_held++] = c;
	}
}

size_t
sgl_qp_dec_update(sgl_qp_dec *d, sgl_slice in, uint8_t *out)
{
	uint8_t *at = out;
	size_t i = 0;

	while (i < in.len) {
		if (d->num_held == 0) {
			i += copy_run(d, sgl_slice_from(in, i), &at);
			if (i < in.len)
				begin(d, in.data[i++], &at);
		} else if (d->held[0] == '=') {
			i += step_escape(d, in.data[i], &at);
		} else {
			i += step_blanks(d, in.data[i], &at);
		}
	}
	return (size_t)(at - out);
}

/* The end of the data ends a line: blanks go, and so does a '=' whose line end
 * went with the delimiter of a multipart. */
size_t
sgl_qp_dec_finish(sgl_qp_dec *d, uint8_t *out)
{
	size_t n = d->num_held;
	bool is_cut =
	    n > 1 && d->held[0] == '=' && sgl_hex_digit(d->held[1]) >= 0;

	if (n == 0)
		return 0;
	if (is_cut || d->held[n - 1] == '\r') {
		d->dirty = true;
		return release(d, out);
	}
	d->num_held = 0;
	return 0;
}
