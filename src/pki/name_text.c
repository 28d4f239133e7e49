/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "pki/name.h"

#define ROOM "pki.name"
/* Text of one value; longer ones are shown as they are encoded. */
#define MAX_VALUE 4096

/* RFC 4514 3, and what people know where that has only numbers. */
static const struct {
	sgl_oid oid;
	const char *text;
} short_names[] = {
    {SGL_OID_AT_CN, "CN"},
    {SGL_OID_AT_L, "L"},
    {SGL_OID_AT_ST, "ST"},
    {SGL_OID_AT_O, "O"},
    {SGL_OID_AT_OU, "OU"},
    {SGL_OID_AT_C, "C"},
    {SGL_OID_AT_STREET, "STREET"},
    {SGL_OID_AT_DC, "DC"},
    {SGL_OID_AT_UID, "UID"},
};

static const char *
attribute_name(sgl_slice type)
{
	sgl_oid oid = sgl_oid_find(type);

	for (size_t i = 0; i < sizeof short_names / sizeof *short_names; i++)
		if (short_names[i].oid == oid)
			return short_names[i].text;
	return oid == SGL_OID_UNKNOWN ? NULL : sgl_oid_name(oid);
}

/* Characters that would hide or turn around what stands beside them. */
static bool
is_hidden(uint32_t c)
{
	return sgl_utf8_is_harmful(c) || c == 0xad ||
	    (c >= 0x200b && c <= 0x200d) || (c >= 0x2060 && c <= 0x206f) ||
	    (c >= 0xe0000 && c <= 0xe007f);
}

static sgl_status
add_hex(sgl_buf *out, const char *before, sgl_slice bytes, sgl_err *err)
{
	for (size_t i = 0; i < bytes.len; i++)
		TRY(sgl_buf_printf(
		    out, err, "%s%02X", before, (unsigned)bytes.data[i]));
	return SGL_OK;
}

/* RFC 4514 2.4 */
static bool
needs_backslash(sgl_slice text, size_t i)
{
	uint8_t c = text.data[i];

	return strchr("\"+,;<>\\", c) != NULL ||
	    (i == 0 && (c == ' ' || c == '#')) ||
	    (i == text.len - 1 && c == ' ');
}

static sgl_status
add_escaped(sgl_buf *out, sgl_slice text, sgl_err *err)
{
	for (size_t i = 0, n; i < text.len; i += n) {
		uint32_t c = 0;
		sgl_slice one;

		n = sgl_utf8_read(sgl_slice_from(text, i), &c);
		if (n == 0)
			n = 1;
		one = sgl_slice_of(text.data + i, n);
		if (is_hidden(c)) {
			TRY(add_hex(out, "\\", one, err));
			continue;
		}
		if (needs_backslash(text, i))
			TRY(sgl_buf_add(out, SGL_LIT("\\"), err));
		TRY(sgl_buf_add(out, one, err));
	}
	return SGL_OK;
}

static sgl_status
add_ava(sgl_buf *out, const sgl_ava *ava, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(MAX_VALUE);
	const char *name = attribute_name(ava->type);
	char dotted[SGL_OID_TEXT];

	TRY(sgl_buf_printf(out, err,
	    "%s=", name != NULL ? name : sgl_oid_dotted(ava->type, dotted)));
	/* Room for all it can become, so that only what it is decides. */
	if (name != NULL)
		TRY(sgl_buf_reserve(&text,
		    ava->value.len < MAX_VALUE / 2 ? 2 * ava->value.len
						   : MAX_VALUE,
		    err));
	if (name != NULL && sgl_ava_text(ava, &text))
		return add_escaped(out, sgl_buf_slice(&text), err);
	TRY(sgl_buf_add(out, SGL_LIT("#"), err));
	return add_hex(out, "", ava->whole, err);
}

static sgl_status
malformed(const sgl_der *at, sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, sgl_der_offset(at),
	    "a name is malformed");
}

static sgl_status
add_rdn(sgl_buf *out, sgl_der rdn, sgl_err *err)
{
	sgl_ava ava;

	for (bool first = true; !sgl_der_done(&rdn); first = false) {
		if (!sgl_ava_read(&rdn, &ava))
			return malformed(&rdn, err);
		if (!first)
			TRY(sgl_buf_add(out, SGL_LIT("+"), err));
		TRY(add_ava(out, &ava, err));
	}
	return SGL_OK;
}

/* RFC 4514 2.1: the last RDN comes first. */
static sgl_status
add_backwards(sgl_buf *out, sgl_der *rdns, size_t num, sgl_err *err)
{
	SGL_AUTO_MEM sgl_der *list = sgl_mem_zeroed(num, sizeof *list);

	if (list == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < num; i++)
		if (!sgl_der_read(rdns, SGL_SET, &list[i]))
			return malformed(rdns, err);
	for (size_t i = num; i-- > 0;) {
		TRY(add_rdn(out, list[i], err));
		if (i > 0)
			TRY(sgl_buf_add(out, SGL_LIT(","), err));
	}
	return SGL_OK;
}

sgl_status
sgl_name_text(sgl_slice name, sgl_buf *out, sgl_err *err)
{
	sgl_der in = sgl_der_over(name), rdns, count;
	size_t num = 0;

	if (!sgl_name_open(name, &rdns))
		return malformed(&in, err);
	count = rdns;
	while (sgl_der_read(&count, SGL_SET, NULL))
		num++;
	if (!sgl_der_done(&count))
		return malformed(&count, err);
	return num == 0 ? SGL_OK : add_backwards(out, &rdns, num, err);
}

bool
sgl_name_find(sgl_slice name, sgl_oid attribute, sgl_buf *out)
{
	sgl_der rdns, rdn;
	sgl_ava ava;
	size_t len = out->len;

	if (!sgl_name_open(name, &rdns))
		return false;
	while (sgl_der_read(&rdns, SGL_SET, &rdn))
		while (sgl_ava_read(&rdn, &ava))
			if (sgl_slice_eq(ava.type, sgl_oid_der(attribute))) {
				if (sgl_ava_text(&ava, out))
					return true;
				out->len = len;
				return false;
			}
	return false;
}
