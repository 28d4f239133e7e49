/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/general.h"

/* AnotherName: its type, and its value [0] EXPLICIT. */
static void
read_other(sgl_der body, sgl_general *out)
{
	sgl_der wrap;
	sgl_slice text;

	out->kind = SGL_GENERAL_BAD;
	out->value = sgl_der_rest(&body);
	if (!sgl_der_read_oid(&body, &out->type) ||
	    !sgl_der_read(&body, SGL_CONTEXT(0), &wrap) || !sgl_der_done(&body))
		return;
	if (!sgl_slice_eq(
		out->type, sgl_oid_der(SGL_OID_ON_SMTP_UTF8_MAILBOX))) {
		out->kind = SGL_GENERAL_OTHER;
		return;
	}
	if (!sgl_der_read_bytes(&wrap, SGL_UTF8_STRING, &text) ||
	    !sgl_der_done(&wrap))
		return;
	out->kind = SGL_GENERAL_SMTP_UTF8;
	out->value = text;
}

/* Name is a CHOICE, so [4] is EXPLICIT. */
static void
read_directory(sgl_der body, sgl_general *out)
{
	sgl_der look = body;

	out->kind = SGL_GENERAL_BAD;
	if (sgl_der_read(&look, SGL_SEQUENCE, NULL) && sgl_der_done(&look)) {
		out->kind = SGL_GENERAL_DIRECTORY;
		out->value = sgl_der_rest(&body);
	}
}

bool
sgl_general_read(sgl_der *in, sgl_general *out)
{
	sgl_der body;
	sgl_tag tag;

	if (!sgl_der_read_any(in, &tag, NULL, &body))
		return false;
	*out = (sgl_general){SGL_GENERAL_BAD, {0}, sgl_der_rest(&body)};
	switch (tag) {
	case SGL_CONTEXT(0):
		read_other(body, out);
		break;
	case SGL_CONTEXT_PRIMITIVE(1):
		out->kind = SGL_GENERAL_RFC822;
		break;
	case SGL_CONTEXT_PRIMITIVE(2):
		out->kind = SGL_GENERAL_DNS;
		break;
	case SGL_CONTEXT(3):
		out->kind = SGL_GENERAL_X400;
		break;
	case SGL_CONTEXT(4):
		read_directory(body, out);
		break;
	case SGL_CONTEXT(5):
		out->kind = SGL_GENERAL_EDI;
		break;
	case SGL_CONTEXT_PRIMITIVE(6):
		out->kind = SGL_GENERAL_URI;
		break;
	case SGL_CONTEXT_PRIMITIVE(7):
		out->kind = SGL_GENERAL_IP;
		break;
	case SGL_CONTEXT_PRIMITIVE(8):
		out->kind = SGL_GENERAL_REGISTERED;
		break;
	}
	return true;
}

sgl_slice
sgl_general_find_http(sgl_slice names)
{
	sgl_der in = sgl_der_over(names);
	sgl_general name;

	while (sgl_general_read(&in, &name))
		if (name.kind == SGL_GENERAL_URI &&
		    sgl_slice_starts_nocase(name.value, SGL_LIT("http://")))
			return name.value;
	return (sgl_slice){0};
}
