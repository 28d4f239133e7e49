/* SPDX-License-Identifier: Apache-2.0 */
/* RecipientInfo of every kind (RFC 5652 6.2). */
#include "smime/inspect.h"

#define RECIPIENTS_SHOWN 100

static const sgl_field_of key_transport[] = {
    {"version", SGL_INTEGER, false, sgl_show_uint},
    {"identifier", SGL_ANY_TAG, false, sgl_show_key_identifier},
    {"key encryption algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
    {"encrypted key", SGL_OCTET_STRING, false, sgl_show_size},
};

/* OriginatorIdentifierOrKey (RFC 5652 6.2.2) in its EXPLICIT [0]. */
static bool
show_originator(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der body;

	if (!sgl_der_read_any(in, NULL, NULL, &body))
		return sgl_look_bad(l, in, "no whole element");
	if (sgl_der_next_is(&body, SGL_CONTEXT(1)))
		return sgl_show_public_key(l, &body, "originator key");
	return sgl_show_key_identifier(l, &body, name);
}

static bool
show_ukm(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der body;

	if (!sgl_der_read_any(in, NULL, NULL, &body))
		return sgl_look_bad(l, in, "no whole element");
	return sgl_show_size(l, &body, name);
}

static const sgl_field_of recipient_key_id[] = {
    {"subject key identifier", SGL_OCTET_STRING, false, sgl_show_hex},
    {"date", SGL_GENERALIZED_TIME, true, sgl_show_time},
    {"other", SGL_SEQUENCE, true, sgl_show_any},
};
static SGL_SHOW_TABLE(show_recipient_key_id, recipient_key_id)

    /* KeyAgreeRecipientIdentifier. */
    static bool show_agree_identifier(
	sgl_look *l, sgl_der *in, const char *name)
{
	if (sgl_der_next_is(in, SGL_CONTEXT(0)))
		return show_recipient_key_id(l, in, name);
	return sgl_show_key_identifier(l, in, name);
}

static const sgl_field_of encrypted_key[] = {
    {"identifier", SGL_ANY_TAG, false, show_agree_identifier},
    {"encrypted key", SGL_OCTET_STRING, false, sgl_show_size},
};
static SGL_SHOW_TABLE(show_encrypted_key, encrypted_key)

    static bool show_encrypted_keys(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "recipient", show_encrypted_key);
}

static const sgl_field_of key_agreement[] = {
    {"version", SGL_INTEGER, false, sgl_show_uint},
    {"originator", SGL_CONTEXT(0), false, show_originator},
    {"user keying material", SGL_CONTEXT(1), true, show_ukm},
    {"key encryption algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
    {"encrypted keys", SGL_SEQUENCE, false, show_encrypted_keys},
};

static const sgl_field_of kek_id[] = {
    {"key identifier", SGL_OCTET_STRING, false, sgl_show_hex},
    {"date", SGL_GENERALIZED_TIME, true, sgl_show_time},
    {"other", SGL_SEQUENCE, true, sgl_show_any},
};
static SGL_SHOW_TABLE(show_kek_id, kek_id)

    static const sgl_field_of kek[] = {
	{"version", SGL_INTEGER, false, sgl_show_uint},
	{"identifier", SGL_SEQUENCE, false, show_kek_id},
	{"key encryption algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
	{"encrypted key", SGL_OCTET_STRING, false, sgl_show_size},
};

static const sgl_field_of password[] = {
    {"version", SGL_INTEGER, false, sgl_show_uint},
    {"key derivation", SGL_CONTEXT(0), true, sgl_show_algorithm},
    {"key encryption algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
    {"encrypted key", SGL_OCTET_STRING, false, sgl_show_size},
};

static const sgl_field_of other[] = {
    {"type", SGL_OID, false, sgl_show_oid},
    {"value", SGL_ANY_TAG, false, sgl_show_any},
};

static const struct {
	sgl_tag tag;
	const char *name;
	const sgl_field_of *fields;
	size_t num;
} kinds[] = {
    {SGL_SEQUENCE, "key transport", key_transport, 4},
    {SGL_CONTEXT(1), "key agreement", key_agreement, 5},
    {SGL_CONTEXT(2), "key encryption key", kek, 4},
    {SGL_CONTEXT(3), "password", password, 4},
    {SGL_CONTEXT(4), "other recipient", other, 2},
};

static bool
show_recipient(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der body;

	(void)name;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!sgl_der_next_is(in, kinds[i].tag))
			continue;
		if (!sgl_look_open(l, in, kinds[i].name, &body) ||
		    !sgl_show_fields(l, &body, kinds[i].fields, kinds[i].num))
			return false;
		sgl_tree_close(&l->tree);
		return true;
	}
	return sgl_look_bad(l, in, "no RecipientInfo");
}

/* The first ones, and how many there are. */
bool
sgl_show_recipients(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der start = *in, body;
	size_t num = 0, shown = 0;

	if (!sgl_der_read(in, SGL_SET, &body))
		return sgl_look_bad(l, in, "no whole element");
	for (sgl_der count = body; !sgl_der_done(&count); num++)
		if (!sgl_der_read_any(&count, NULL, NULL, NULL))
			break;
	sgl_tree_openf(&l->tree, sgl_span_from(&start, in), name,
	    num > RECIPIENTS_SHOWN ? "%zu, the first 100 shown" : "%zu", num);
	while (!sgl_der_done(&body) && shown++ < RECIPIENTS_SHOWN)
		sgl_look_try(l, show_recipient, &body, "recipient");
	sgl_tree_close(&l->tree);
	return true;
}

static const sgl_field_of originator_info[] = {
    {"certificates", SGL_CONTEXT(0), true, sgl_show_certificates},
    {"CRLs", SGL_CONTEXT(1), true, sgl_show_crls},
};
SGL_SHOW_TABLE(sgl_show_originator_info, originator_info)
