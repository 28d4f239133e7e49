/* SPDX-License-Identifier: Apache-2.0 */
/* sgl_inspect: what it is, and who shows it. */
#include <stdio.h>

#include "asn1/pem.h"
#include "smime/inspect.h"

#define ROOM "smime.inspect"

bool
sgl_look_decrypt(sgl_look *l, const sgl_pkcs12_password *p, sgl_slice algorithm,
    sgl_slice bytes, sgl_secret *out, sgl_err *err)
{
	sgl_status status;

	if (sgl_pkcs12_spend(l->engine, &l->effort, sgl_pbe_rounds(algorithm),
		err) != SGL_OK)
		return false;
	status = sgl_pkcs12_decrypt(l->engine, p, algorithm, bytes, out, err);
	if (status == SGL_E_PASSWORD)
		l->wrong_password = true;
	return sgl_look_good(l, status);
}

static sgl_show *const shows[SGL_FILE_KINDS] = {
    [SGL_FILE_PKCS12] = sgl_show_pkcs12,
    [SGL_FILE_PKCS8] = sgl_show_private_key,
    [SGL_FILE_ENCRYPTED_KEY] = sgl_show_encrypted_key,
    [SGL_FILE_RSA_KEY] = sgl_show_private_key,
    [SGL_FILE_EC_KEY] = sgl_show_private_key,
    [SGL_FILE_CERTIFICATE] = sgl_show_certificate,
    [SGL_FILE_CRL] = sgl_show_crl,
    [SGL_FILE_CMS] = sgl_show_content_info,
    [SGL_FILE_PUBLIC_KEY] = sgl_show_public_key,
    [SGL_FILE_RSA_PUBLIC_KEY] = sgl_show_any,
    [SGL_FILE_REQUEST] = sgl_show_request,
    [SGL_FILE_OCSP] = sgl_show_ocsp,
};

void
sgl_show_objects(sgl_look *l, sgl_slice bytes)
{
	sgl_der in = sgl_ber_over(bytes);

	while (sgl_slice_trim(sgl_der_rest(&in)).len > 0) {
		sgl_file_kind kind = sgl_file_detect(sgl_der_rest(&in));

		if (kind == SGL_FILE_UNKNOWN) {
			(void)sgl_show_asn1(l, &in);
			return;
		}
		sgl_look_try(l, shows[kind], &in, sgl_file_kind_name(kind));
	}
}

static void
show_block(sgl_look *l, const sgl_pem_block *block, size_t end, sgl_slice der)
{
	bool hidden = l->hide_values;
	sgl_span at = {block->offset, end - block->offset};
	char name[80];

	(void)snprintf(name, sizeof name, "PEM block %.*s",
	    block->label.len < 60 ? (int)block->label.len : 60,
	    (const char *)block->label.data);
	if (!sgl_look_enter(l, at, name, der))
		return;
	/* An old encrypted key is no ASN.1 at all. */
	l->hide_values = hidden ||
	    memmem(block->label.data, block->label.len, "PRIVATE", 7) != NULL;
	if (block->headers.len > 0)
		sgl_tree_leaf(&l->tree, SGL_NOWHERE, "encapsulated header",
		    sgl_slice_trim(block->headers));
	else
		sgl_show_objects(l, der);
	l->hide_values = hidden;
	sgl_look_leave(l);
}

static void
show_pem(sgl_look *l, sgl_slice text)
{
	SGL_AUTO_CLEAR(sgl_wiped) der = {sgl_buf_init(text.len + 8)};
	sgl_pem_block block;
	sgl_err err = {0};
	size_t at = 0;
	bool found;

	if (!sgl_look_good(l, sgl_buf_reserve(&der.buf, text.len, NULL)))
		return;
	for (;;) {
		sgl_status status =
		    sgl_pem_next(text, &at, &block, &der.buf, &found, &err);

		if (!sgl_look_good(l, status)) {
			(void)sgl_look_bad_at(l, err.offset, err.text);
			return;
		}
		if (!found)
			return;
		show_block(l, &block, at, sgl_buf_slice(&der.buf));
	}
}

typedef enum look_kind {
	LOOK_UNKNOWN,
	LOOK_OBJECT,
	LOOK_MIME,
	LOOK_PEM,
	LOOK_ASN1,
	LOOK_BASE64 /* of an object; only a whole input */
} look_kind;

static bool
is_one_element(sgl_slice bytes)
{
	sgl_der in = sgl_ber_over(bytes);

	return sgl_der_read_any(&in, NULL, NULL, NULL) && sgl_der_done(&in);
}

/* Text may begin with '0' too, so a broken element comes last, and only where
 * it must be one. */
static look_kind
kind_of(sgl_look *l, sgl_slice bytes, bool claimed)
{
	if (sgl_file_detect(bytes) != SGL_FILE_UNKNOWN)
		return LOOK_OBJECT;
	if (sgl_is_mime(l, bytes))
		return LOOK_MIME;
	if (sgl_pem_has(bytes))
		return LOOK_PEM;
	if (bytes.len > 1 && (bytes.data[0] == 0x30 || bytes.data[0] == 0x31) &&
	    (claimed || is_one_element(bytes)))
		return LOOK_ASN1;
	return LOOK_UNKNOWN;
}

bool
sgl_look_knows(sgl_look *l, sgl_slice bytes, bool claimed)
{
	return kind_of(l, bytes, claimed) != LOOK_UNKNOWN;
}

static void
show_kind(sgl_look *l, sgl_slice bytes, look_kind kind)
{
	size_t lead;

	switch (kind) {
	case LOOK_OBJECT:
	case LOOK_ASN1:
		sgl_show_objects(l, bytes);
		break;
	case LOOK_MIME:
		lead = sgl_mime_lead(bytes);
		sgl_show_mime(l, sgl_slice_from(bytes, lead), lead, "message");
		break;
	case LOOK_PEM:
		show_pem(l, bytes);
		break;
	case LOOK_BASE64:
	case LOOK_UNKNOWN:
		break;
	}
}

void
sgl_show_content(sgl_look *l, sgl_slice bytes)
{
	show_kind(l, bytes, kind_of(l, bytes, true));
}

static void
show_file(sgl_look *l, sgl_slice file, look_kind kind, sgl_slice decoded)
{
	sgl_span at = {0, file.len};

	if (sgl_slice_trim(file).len == 0) {
		(void)sgl_look_bad_at(l, 0, "the input is empty");
	} else if (kind == LOOK_UNKNOWN) {
		(void)sgl_look_bad_at(l, 0, "neither a message, PEM nor ASN.1");
	} else if (kind != LOOK_BASE64) {
		show_kind(l, file, kind);
	} else if (sgl_look_enter(l, at, "decoded", decoded)) {
		sgl_show_objects(l, decoded);
		sgl_look_leave(l);
	}
}

static const char *
name_of(sgl_slice file, look_kind kind)
{
	switch (kind) {
	case LOOK_OBJECT:
		return sgl_file_kind_name(sgl_file_detect(file));
	case LOOK_MIME:
		return "message";
	case LOOK_PEM:
		return "PEM";
	case LOOK_ASN1:
		return "ASN.1";
	case LOOK_BASE64:
		return "base64";
	case LOOK_UNKNOWN:
		break;
	}
	return "unknown";
}

static sgl_status
describe(sgl_look *l, sgl_slice file, bool json, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_wiped) decoded = {sgl_buf_init(file.len + 8)};
	look_kind kind = kind_of(l, file, true);
	bool is_base64 = false;
	sgl_status early;

	if (kind == LOOK_UNKNOWN &&
	    sgl_look_good(l,
		sgl_file_from_base64(file, &decoded.buf, &is_base64, NULL)) &&
	    is_base64)
		kind = LOOK_BASE64;
	early = l->tree.json.failed;
	sgl_tree_start(&l->tree, out, json, name_of(file, kind));
	l->tree.json.failed = early;
	sgl_tree_openf(&l->tree, (sgl_span){0, file.len}, "input",
	    "%s, %zu bytes", name_of(file, kind), file.len);
	show_file(l, file, kind, sgl_buf_slice(&decoded.buf));
	return sgl_tree_end(&l->tree, l->first.status != SGL_OK, err);
}

sgl_status
sgl_inspect(sgl_engine *engine, sgl_slice file, sgl_slice password, bool json,
    sgl_bytes *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(SGL_TREE_BYTES);
	sgl_look l = {.engine = engine, .password = password};

	TRY(describe(&l, file, json, &text, err));
	*out = (sgl_bytes){text.data, text.len};
	text = sgl_buf_init(0);
	if (l.first.status != SGL_OK) {
		if (err != NULL)
			*err = l.first;
		return l.first.status;
	}
	if (l.wrong_password)
		return sgl_fail(
		    err, SGL_E_PASSWORD, ROOM, SGL_NO_OFFSET, "wrong password");
	return SGL_OK;
}
