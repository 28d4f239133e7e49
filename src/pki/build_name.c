/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "pki/build.h"

#define ROOM "pki.build"

/* Types and upper bounds of RFC 5280 appendix A.1; what is not here is a
 * UTF8String of at most 64 characters. */
static const struct {
	sgl_oid type;
	sgl_tag tag;
	size_t max;
} rules[] = {
    {SGL_OID_AT_C, SGL_PRINTABLE_STRING, 2},
    {SGL_OID_AT_SERIAL_NUMBER, SGL_PRINTABLE_STRING, 64},
    {SGL_OID_AT_DN_QUALIFIER, SGL_PRINTABLE_STRING, 64},
    {SGL_OID_AT_DC, SGL_IA5_STRING, 63},
    {SGL_OID_AT_EMAIL_ADDRESS, SGL_IA5_STRING, 255},
    {SGL_OID_AT_L, SGL_UTF8_STRING, 128},
    {SGL_OID_AT_ST, SGL_UTF8_STRING, 128},
    {SGL_OID_AT_STREET, SGL_UTF8_STRING, 128},
    {SGL_OID_AT_UID, SGL_UTF8_STRING, 256},
};

static bool
is_allowed(sgl_tag tag, uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
		return false;
	return tag == SGL_UTF8_STRING || c < 0x80;
}

static bool
fits(sgl_slice value, sgl_tag tag, size_t max)
{
	size_t chars = 0, n;
	uint32_t c;

	if (tag == SGL_PRINTABLE_STRING && !sgl_der_is_printable(value))
		return false;
	for (; value.len > 0; value = sgl_slice_from(value, n), chars++) {
		n = sgl_utf8_read(value, &c);
		if (n == 0 || !is_allowed(tag, c))
			return false;
	}
	return chars > 0 && chars <= max;
}

static sgl_status
add_rdn(sgl_derb *b, const sgl_rdn *rdn, sgl_err *err)
{
	sgl_tag tag = SGL_UTF8_STRING;
	size_t max = 64, set, ava;

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (rules[i].type == rdn->type) {
			tag = rules[i].tag;
			max = rules[i].max;
		}
	if (!fits(rdn->value, tag, max))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "a name attribute is empty, too long or has characters "
		    "that do not belong there",
		    "%s", sgl_oid_name(rdn->type));
	set = sgl_derb_open(b, SGL_SET);
	ava = sgl_derb_open(b, SGL_SEQUENCE);
	sgl_derb_oid(b, sgl_oid_der(rdn->type));
	sgl_derb_bytes(b, tag, rdn->value);
	sgl_derb_close(b, ava);
	sgl_derb_close(b, set);
	return SGL_OK;
}

sgl_status
sgl_name_build(const sgl_rdn *rdns, size_t num, sgl_buf *out, sgl_err *err)
{
	size_t start = out->len, name;
	sgl_derb b = sgl_derb_over(out);
	sgl_status status = SGL_OK;

	name = sgl_derb_open(&b, SGL_SEQUENCE);
	for (size_t i = 0; i < num && status == SGL_OK; i++)
		status = add_rdn(&b, &rdns[i], err);
	sgl_derb_close(&b, name);
	if (status == SGL_OK)
		status = sgl_derb_end(&b, err);
	if (status != SGL_OK)
		out->len = start;
	return status;
}
