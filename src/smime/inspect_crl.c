/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate revocation lists (RFC 5280 5). */
#include "smime/inspect.h"

#define ENTRIES_SHOWN 100

static const sgl_field_of entry[] = {
    {"serial", SGL_INTEGER, false, sgl_show_integer},
    {"revoked at", SGL_ANY_TAG, false, sgl_show_time},
    {"extensions", SGL_SEQUENCE, true, sgl_show_extensions},
};
static SGL_SHOW_TABLE(show_entry, entry)

    /* The first ones, and how many there are. */
    static bool show_entries(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der start = *in, body;
	size_t num = 0, shown = 0;

	if (!sgl_der_read(in, SGL_SEQUENCE, &body))
		return sgl_look_bad(l, in, "no whole element");
	for (sgl_der count = body; !sgl_der_done(&count); num++)
		if (!sgl_der_read(&count, SGL_SEQUENCE, NULL))
			break;
	sgl_tree_openf(&l->tree, sgl_span_from(&start, in), name,
	    num > ENTRIES_SHOWN ? "%zu, the first 100 shown" : "%zu", num);
	while (!sgl_der_done(&body) && shown++ < ENTRIES_SHOWN)
		sgl_look_try(l, show_entry, &body, "entry");
	sgl_tree_close(&l->tree);
	return true;
}

/* Two Time choices look alike: nextUpdate is there where another time comes
 * (RFC 5280 5.1.2.5). */
static bool
show_next_update(sgl_look *l, sgl_der *in, const char *name)
{
	if (!sgl_der_next_is(in, SGL_UTC_TIME) &&
	    !sgl_der_next_is(in, SGL_GENERALIZED_TIME))
		return true;
	return sgl_show_time(l, in, name);
}

static const sgl_field_of tbs[] = {
    {"version", SGL_INTEGER, true, sgl_show_uint},
    {"signature algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
    {"issuer", SGL_SEQUENCE, false, sgl_show_name},
    {"this update", SGL_ANY_TAG, false, sgl_show_time},
    {"next update", SGL_ANY_TAG, true, show_next_update},
    {"revoked certificates", SGL_SEQUENCE, true, show_entries},
    {"extensions", SGL_CONTEXT(0), true, sgl_show_extensions},
};
static SGL_SHOW_TABLE(show_tbs, tbs)

    static const sgl_field_of crl[] = {
	{"to be signed", SGL_SEQUENCE, false, show_tbs},
	{"signature algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
	{"signature", SGL_BIT_STRING, false, sgl_show_bits},
};
SGL_SHOW_TABLE(sgl_show_crl, crl)
