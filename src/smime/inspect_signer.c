/* SPDX-License-Identifier: Apache-2.0 */
/* SignerInfo (RFC 5652 5.3). */
#include "smime/inspect.h"

/* SignerIdentifier, and its like in recipients: issuer and serial number, or
 * [0] with a key identifier. */
bool
sgl_show_key_identifier(sgl_look *l, sgl_der *in, const char *name)
{
	if (sgl_der_next_is(in, SGL_SEQUENCE))
		return sgl_show_issuer_serial(l, in, name);
	if (sgl_der_next_is(in, SGL_CONTEXT_PRIMITIVE(0)) ||
	    (in->ber && sgl_der_next_is(in, SGL_CONTEXT(0))))
		return sgl_show_hex(l, in, "subject key identifier");
	return sgl_show_any(l, in, name);
}

static const sgl_field_of signer[] = {
    {"version", SGL_INTEGER, false, sgl_show_uint},
    {"identifier", SGL_ANY_TAG, false, sgl_show_key_identifier},
    {"digest algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
    {"signed attributes", SGL_CONTEXT(0), true, sgl_show_attributes},
    {"signature algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
    {"signature", SGL_OCTET_STRING, false, sgl_show_size},
    {"unsigned attributes", SGL_CONTEXT(1), true, sgl_show_attributes},
};

bool
sgl_show_signer(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der body;

	if (!sgl_look_open(l, in, name, &body))
		return false;
	if (!sgl_look_is_deep(l) && !SGL_SHOW_FIELDS(l, &body, signer))
		return false;
	sgl_tree_close(&l->tree);
	return true;
}
