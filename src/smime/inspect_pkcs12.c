/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#12 (RFC 7292), from the outside in; with a password the bags too. */
#include "smime/inspect.h"

static bool show_safe_contents(sgl_look *l, sgl_der *in, const char *name);

/* The value of a CertBag or CRLBag: [0] with an OCTET STRING around `show`. */
static bool
show_wrapped(sgl_look *l, sgl_der *in, const char *name, sgl_show *show)
{
	SGL_AUTO_CLEAR(sgl_wiped) store = {0};
	sgl_der body, inside;

	if (!sgl_der_read_any(in, NULL, NULL, &body))
		return sgl_look_bad(l, in, "no whole element");
	if (!sgl_look_string(l, &body, "value", &store, &inside))
		return false;
	sgl_look_try(l, show, &inside, name);
	sgl_tree_close(&l->tree);
	return true;
}

static bool
show_wrapped_certificate(sgl_look *l, sgl_der *in, const char *name)
{
	return show_wrapped(l, in, name, sgl_show_certificate_brief);
}

static bool
show_wrapped_crl(sgl_look *l, sgl_der *in, const char *name)
{
	return show_wrapped(l, in, name, sgl_show_crl);
}

static const sgl_field_of cert_bag[] = {
    {"type", SGL_OID, false, sgl_show_oid},
    {"certificate", SGL_CONTEXT(0), false, show_wrapped_certificate},
};
static SGL_SHOW_TABLE(show_cert_bag, cert_bag)

    static const sgl_field_of crl_bag[] = {
	{"type", SGL_OID, false, sgl_show_oid},
	{"CRL", SGL_CONTEXT(0), false, show_wrapped_crl},
};
static SGL_SHOW_TABLE(show_crl_bag, crl_bag)

    static bool show_secret(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der start = *in;

	if (!sgl_der_read_any(in, NULL, NULL, NULL))
		return sgl_look_bad(l, in, "no whole element");
	sgl_tree_leaff(&l->tree, sgl_span_from(&start, in), name,
	    "%zu bytes (not shown)", (size_t)(in->at - start.at));
	return true;
}

static const struct bag {
	sgl_oid oid;
	const char *name;
	sgl_show *show;
} bags[] = {
    {SGL_OID_BAG_KEY, "private key", sgl_show_private_key},
    {SGL_OID_BAG_SHROUDED_KEY, "encrypted private key", sgl_show_encrypted_key},
    {SGL_OID_BAG_CERT, "certificate", show_cert_bag},
    {SGL_OID_BAG_CRL, "CRL", show_crl_bag},
    {SGL_OID_BAG_SAFE_CONTENTS, "safe contents", show_safe_contents},
};

static bool
show_bag_value(sgl_look *l, sgl_der *value, sgl_slice type)
{
	sgl_oid oid = sgl_oid_find(type);

	for (size_t i = 0; i < sizeof bags / sizeof *bags; i++)
		if (bags[i].oid == oid)
			return bags[i].show(l, value, bags[i].name);
	return show_secret(l, value, "value");
}

/* SafeBag (RFC 7292 4.2). */
static bool
show_bag(sgl_look *l, sgl_der *in, const char *name)
{
	char label[SGL_OID_TEXT];
	sgl_der start = *in, body, value;
	sgl_slice type;

	if (!sgl_der_read(in, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_oid(&body, &type) ||
	    !sgl_der_read(&body, SGL_CONTEXT(0), &value))
		return sgl_look_bad(l, &start, "malformed bag");
	sgl_tree_openf(&l->tree, sgl_span_from(&start, in), name, "%s",
	    sgl_oid_label(type, label));
	if (!show_bag_value(l, &value, type))
		return false;
	if (sgl_der_next_is(&body, SGL_SET) &&
	    !sgl_show_attributes(l, &body, "attributes"))
		return false;
	if (!sgl_der_done(&body))
		return sgl_look_bad(
		    l, &body, "an element that does not belong");
	sgl_tree_close(&l->tree);
	return true;
}

static bool
show_safe_contents(sgl_look *l, sgl_der *in, const char *name)
{
	if (sgl_look_is_deep(l))
		return show_secret(l, in, name);
	return sgl_show_each(l, in, name, "bag", show_bag);
}

static bool
show_plain_safe(sgl_look *l, sgl_der *in, const char *name)
{
	SGL_AUTO_CLEAR(sgl_wiped) store = {0};
	sgl_der inside;

	if (!sgl_look_string(l, in, name, &store, &inside))
		return false;
	sgl_look_try(l, show_safe_contents, &inside, "bags");
	sgl_tree_close(&l->tree);
	return true;
}

static void
show_opened(sgl_look *l, sgl_slice algorithm, sgl_slice bytes)
{
	SGL_AUTO_CLEAR(sgl_secret) clear = {0};
	sgl_pkcs12_password p = sgl_pkcs12_password_over(l->password);
	sgl_err err = {0};
	sgl_der in;

	if (!p.is_given) {
		sgl_tree_leaf(&l->tree, SGL_NOWHERE, "closed",
		    SGL_LIT("a password is needed"));
		return;
	}
	if (!sgl_look_decrypt(l, &p, algorithm, bytes, &clear, &err)) {
		sgl_tree_leaf(&l->tree, SGL_NOWHERE, "not decrypted",
		    sgl_slice_str(err.text));
		return;
	}
	if (!sgl_look_enter(
		l, SGL_NOWHERE, "decrypted", sgl_secret_slice(&clear)))
		return;
	in = sgl_ber_over(sgl_secret_slice(&clear));
	sgl_look_try(l, show_safe_contents, &in, "bags");
	sgl_look_leave(l);
}

static bool
show_encrypted_content(sgl_look *l, sgl_der *in, const char *name)
{
	SGL_AUTO_CLEAR(sgl_wiped) store = {0};
	sgl_slice algorithm, bytes;
	sgl_der body, look, at;

	if (!sgl_look_open(l, in, name, &body) ||
	    !sgl_show_oid(l, &body, "content type"))
		return false;
	look = body;
	if (!sgl_show_algorithm(l, &body, "encryption"))
		return false;
	at = body;
	if (!sgl_der_read_whole(&look, SGL_SEQUENCE, &algorithm) ||
	    !sgl_look_octets(l, &body, &bytes, &store) || !sgl_der_done(&body))
		return sgl_look_bad(l, &at, "malformed encrypted content");
	sgl_tree_leaff(&l->tree, sgl_span_from(&at, &body), "encrypted content",
	    "%zu bytes", bytes.len);
	show_opened(l, algorithm, bytes);
	sgl_tree_close(&l->tree);
	return true;
}

static const sgl_field_of encrypted_safe[] = {
    {"version", SGL_INTEGER, false, sgl_show_uint},
    {"encrypted content info", SGL_SEQUENCE, false, show_encrypted_content},
};
static SGL_SHOW_TABLE(show_encrypted_safe, encrypted_safe)

    /* A ContentInfo of the AuthenticatedSafe. */
    static bool show_safe(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der body, look, content;
	sgl_show *show = sgl_show_any;
	sgl_slice type;

	if (!sgl_look_open(l, in, name, &body))
		return false;
	look = body;
	if (!sgl_der_read_oid(&look, &type) ||
	    !sgl_show_oid(l, &body, "content type") ||
	    !sgl_der_read(&body, SGL_CONTEXT(0), &content))
		return sgl_look_bad(l, &body, "malformed safe");
	if (sgl_oid_find(type) == SGL_OID_DATA)
		show = show_plain_safe;
	else if (sgl_oid_find(type) == SGL_OID_ENCRYPTED_DATA)
		show = show_encrypted_safe;
	if (!show(l, &content, "content"))
		return false;
	sgl_tree_close(&l->tree);
	return true;
}

static bool
show_safes(sgl_look *l, sgl_der *in, const char *name)
{
	return sgl_show_each(l, in, name, "safe", show_safe);
}

/* authSafe: id-data around the AuthenticatedSafe; *content is what the MAC
 * covers. */
static bool
show_auth_safe(sgl_look *l, sgl_der *in, sgl_slice *content, sgl_wiped *store)
{
	sgl_der look = *in, body, wrapped, inside;
	sgl_slice type;

	if (!sgl_der_read(&look, SGL_SEQUENCE, &body) ||
	    !sgl_der_read_oid(&body, &type))
		return sgl_look_bad(l, in, "malformed authenticated safe");
	if (sgl_oid_find(type) != SGL_OID_DATA)
		return sgl_show_content_info(l, in, "authenticated safe");
	if (!sgl_der_read(&body, SGL_CONTEXT(0), &wrapped))
		return sgl_look_bad(l, &body, "malformed authenticated safe");
	*in = look;
	if (!sgl_look_string(l, &wrapped, "authenticated safe", store, &inside))
		return false;
	*content = sgl_der_rest(&inside);
	sgl_look_try(l, show_safes, &inside, "safes");
	sgl_tree_close(&l->tree);
	return true;
}

static void
show_mac_check(sgl_look *l, const sgl_pkcs12_mac *mac, sgl_slice content)
{
	sgl_pkcs12_password p = sgl_pkcs12_password_over(l->password);
	sgl_err err = {0};
	sgl_status status;

	if (!p.is_given || content.data == NULL ||
	    sgl_pkcs12_spend(l->engine, &l->effort, mac->iterations, &err) !=
		SGL_OK)
		return;
	status = sgl_pkcs12_password_settle(&p, l->engine, mac, content, &err);
	if (status == SGL_E_PASSWORD)
		l->wrong_password = true;
	sgl_tree_leaf(&l->tree, SGL_NOWHERE, "MAC under the password",
	    status == SGL_OK ? SGL_LIT("right") : sgl_slice_str(err.text));
}

static const sgl_field_of digest_info[] = {
    {"algorithm", SGL_SEQUENCE, false, sgl_show_algorithm},
    {"value", SGL_OCTET_STRING, false, sgl_show_size},
};
static SGL_SHOW_TABLE(show_digest_info, digest_info)

    static const sgl_field_of mac_data[] = {
	{"digest", SGL_SEQUENCE, false, show_digest_info},
	{"salt", SGL_OCTET_STRING, false, sgl_show_size},
	{"iterations", SGL_INTEGER, true, sgl_show_uint},
};

static bool
show_mac(sgl_look *l, sgl_der *in, sgl_slice content)
{
	sgl_der look = *in, body;
	sgl_pkcs12_mac mac;

	if (!sgl_look_open(l, in, "MAC", &body) ||
	    !SGL_SHOW_FIELDS(l, &body, mac_data))
		return false;
	if (sgl_pkcs12_mac_read(&look, &mac))
		show_mac_check(l, &mac, content);
	sgl_tree_close(&l->tree);
	return true;
}

bool
sgl_show_pkcs12(sgl_look *l, sgl_der *in, const char *name)
{
	SGL_AUTO_CLEAR(sgl_wiped) store = {0};
	sgl_slice content = {NULL, 0};
	sgl_der body;

	if (!sgl_look_open(l, in, name, &body) ||
	    !sgl_show_uint(l, &body, "version") ||
	    !show_auth_safe(l, &body, &content, &store))
		return false;
	if (sgl_der_done(&body))
		sgl_tree_leaf(
		    &l->tree, SGL_NOWHERE, "MAC", SGL_LIT("there is none"));
	else if (!show_mac(l, &body, content))
		return false;
	if (!sgl_der_done(&body))
		return sgl_look_bad(
		    l, &body, "an element that does not belong");
	sgl_tree_close(&l->tree);
	return true;
}
