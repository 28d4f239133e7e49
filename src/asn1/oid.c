/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "asn1/oid.h"

typedef struct oid_entry {
	const char *der;
	uint8_t len;
	const char *name;
} oid_entry;

static const oid_entry table[SGL_OID_COUNT] = {
    [SGL_OID_UNKNOWN] = {"", 0, "unknown"},
#define OID(id, der, dotted, name)                                             \
	[SGL_OID_##id] = {der, sizeof(der) - 1, name},
#include "asn1/oid_table.h"
#undef OID
};

static sgl_slice
entry_der(int i)
{
	return sgl_slice_of(table[i].der, table[i].len);
}

sgl_oid
sgl_oid_find(sgl_slice contents)
{
	int low = SGL_OID_UNKNOWN + 1, high = SGL_OID_COUNT - 1;

	while (low <= high) {
		int mid = (low + high) / 2;
		int order = sgl_slice_compare(contents, entry_der(mid));

		if (order == 0)
			return (sgl_oid)mid;
		if (order < 0)
			high = mid - 1;
		else
			low = mid + 1;
	}
	return SGL_OID_UNKNOWN;
}

sgl_slice
sgl_oid_der(sgl_oid oid)
{
	return entry_der((int)oid);
}

const char *
sgl_oid_name(sgl_oid oid)
{
	return table[oid].name;
}

/* Arcs have no upper bound (those under 2.25 have 128 bits), so an arc is kept
 * as decimal digits, the last one first. */
#define MAX_DIGITS 48

typedef struct decimal {
	uint8_t digits[MAX_DIGITS];
	size_t num;
	bool too_long;
} decimal;

static void
push_bits(decimal *a, unsigned bits)
{
	unsigned carry = bits;

	for (size_t i = 0; i < a->num; i++) {
		carry += a->digits[i] * 128u;
		a->digits[i] = (uint8_t)(carry % 10);
		carry /= 10;
	}
	for (; carry > 0; carry /= 10) {
		if (a->num == MAX_DIGITS) {
			a->too_long = true;
			return;
		}
		a->digits[a->num++] = (uint8_t)(carry % 10);
	}
}

/* Takes 40 * top away (X.690 8.19.4: the first two arcs share one number). */
static unsigned
split_first(decimal *a)
{
	unsigned two = a->num == 0 ? 0 : a->digits[0];
	unsigned top;

	if (a->num > 1)
		two += a->digits[1] * 10u;
	top = a->num > 2 || two >= 80 ? 2 : two / 40;
	for (size_t i = 1, take = top * 4; take > 0 && i < a->num; i++) {
		unsigned digit = a->digits[i] + 10u - (unsigned)take;

		a->digits[i] = (uint8_t)(digit % 10);
		take = digit < 10;
	}
	while (a->num > 0 && a->digits[a->num - 1] == 0)
		a->num--;
	return top;
}

/* Writes ".123", or "1.23" where it is the first; "..." if it does not fit. */
static bool
put_arc(char *out, size_t *at, decimal *a)
{
	size_t n = *at;

	if (a->too_long || n + a->num + 8 > SGL_OID_TEXT) {
		memcpy(out + n, "...", 4);
		return false;
	}
	if (n == 0)
		out[n++] = (char)('0' + split_first(a));
	out[n++] = '.';
	if (a->num == 0)
		out[n++] = '0';
	for (size_t i = a->num; i-- > 0;)
		out[n++] = (char)('0' + a->digits[i]);
	out[n] = '\0';
	*at = n;
	return true;
}

char *
sgl_oid_dotted(sgl_slice contents, char out[SGL_OID_TEXT])
{
	decimal a = {.num = 0};
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < contents.len; i++) {
		push_bits(&a, contents.data[i] & 0x7fu);
		if ((contents.data[i] & 0x80) != 0)
			continue;
		if (!put_arc(out, &at, &a))
			break;
		a = (decimal){.num = 0};
	}
	return out;
}

char *
sgl_oid_label(sgl_slice contents, char out[SGL_OID_TEXT])
{
	sgl_oid known = sgl_oid_find(contents);

	if (known == SGL_OID_UNKNOWN)
		return sgl_oid_dotted(contents, out);
	(void)snprintf(out, SGL_OID_TEXT, "%s", sgl_oid_name(known));
	return out;
}

static bool
add_arc(sgl_buf *out, uint64_t arc)
{
	uint8_t bytes[10];
	size_t n = 0;

	do {
		bytes[9 - n] = (uint8_t)((arc & 0x7f) | (n > 0 ? 0x80 : 0));
		arc >>= 7;
		n++;
	} while (arc != 0);
	return sgl_buf_add(out, sgl_slice_of(bytes + 10 - n, n), NULL) ==
	    SGL_OK;
}

static bool
read_arc(sgl_slice *text, uint64_t *arc)
{
	size_t i = 0;

	*arc = 0;
	while (i < text->len && text->data[i] >= '0' && text->data[i] <= '9') {
		if (*arc > (UINT64_MAX >> 8))
			return false;
		*arc = *arc * 10 + (uint64_t)(text->data[i] - '0');
		i++;
	}
	if (i == 0)
		return false;
	if (i < text->len && (text->data[i] != '.' || i + 1 == text->len))
		return false;
	*text = sgl_slice_from(*text, i < text->len ? i + 1 : i);
	return true;
}

bool
sgl_oid_parse(sgl_slice dotted, sgl_buf *out)
{
	uint64_t first, arc;

	if (!read_arc(&dotted, &first) || first > 2 || dotted.len == 0 ||
	    !read_arc(&dotted, &arc) || (first < 2 && arc >= 40))
		return false;
	if (!add_arc(out, first * 40 + arc))
		return false;
	while (dotted.len > 0)
		if (!read_arc(&dotted, &arc) || !add_arc(out, arc))
			return false;
	return true;
}
