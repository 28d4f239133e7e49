/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys: their kind and size, and never a byte of them. */
#include <stdio.h>

#include "smime/inspect.h"

static void
describe(sgl_look *l, sgl_slice der, char *out, size_t cap)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	SGL_AUTO(sgl_pubkey)
	pub = NULL;
	sgl_err err = {0};

	if (!sgl_look_good(l, sgl_key_read(l->engine, der, &key, &err)))
		(void)snprintf(out, cap, "not usable: %s", err.text);
	else if (!sgl_look_good(l,
		     sgl_pubkey_read(
			 l->engine, sgl_key_get_spki(key), &pub, NULL)))
		(void)snprintf(
		    out, cap, "%s", sgl_key_kind_name(sgl_key_get_kind(key)));
	else
		(void)snprintf(out, cap, "%s, %u bits",
		    sgl_key_kind_name(sgl_key_get_kind(key)),
		    sgl_pubkey_get_bits(pub));
}

bool
sgl_show_private_key(sgl_look *l, sgl_der *in, const char *name)
{
	sgl_der start = *in;
	sgl_slice whole;
	char text[128];

	if (!sgl_der_read_any(in, NULL, &whole, NULL))
		return sgl_look_bad(l, in, "no whole element");
	describe(l, whole, text, sizeof text);
	sgl_tree_leaff(
	    &l->tree, sgl_span_from(&start, in), name, "%s (not shown)", text);
	return true;
}

/* What is inside, if the password fits. */
static void
show_decrypted(sgl_look *l, sgl_slice algorithm, sgl_slice bytes)
{
	SGL_AUTO_CLEAR(sgl_secret) clear = {0};
	sgl_pkcs12_password p = sgl_pkcs12_password_over(l->password);
	sgl_err err = {0};
	char text[128];

	if (!p.is_given || sgl_look_is_deep(l))
		return;
	if (sgl_look_decrypt(l, &p, algorithm, bytes, &clear, &err)) {
		describe(l, sgl_secret_slice(&clear), text, sizeof text);
		sgl_tree_leaff(&l->tree, SGL_NOWHERE, "private key",
		    "%s (not shown)", text);
	} else {
		sgl_tree_leaf(&l->tree, SGL_NOWHERE, "not decrypted",
		    sgl_slice_str(err.text));
	}
}

/* EncryptedPrivateKeyInfo (RFC 5958 3). */
bool
sgl_show_encrypted_key(sgl_look *l, sgl_der *in, const char *name)
{
	SGL_AUTO_CLEAR(sgl_wiped) store = {0};
	sgl_slice algorithm, bytes;
	sgl_der body, look, at;

	if (!sgl_look_open(l, in, name, &body))
		return false;
	look = body;
	if (!sgl_show_algorithm(l, &body, "encryption"))
		return false;
	at = body;
	if (!sgl_der_read_whole(&look, SGL_SEQUENCE, &algorithm) ||
	    !sgl_look_octets(l, &body, &bytes, &store) || !sgl_der_done(&body))
		return sgl_look_bad(l, &at, "malformed encrypted private key");
	sgl_tree_leaff(&l->tree, sgl_span_from(&at, &body), "encrypted key",
	    "%zu bytes", bytes.len);
	show_decrypted(l, algorithm, bytes);
	sgl_tree_close(&l->tree);
	return true;
}
