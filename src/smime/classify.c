/* SPDX-License-Identifier: Apache-2.0 */
/* What an entity is, by its header fields (RFC 8551 3.2, 3.5, 3.9). */
#include <stdlib.h>

#include "mime/words.h"
#include "smime/reader_inside.h"

static bool
is_pkcs7(const sgl_mime_type *t, const char *plain, const char *x)
{
	return sgl_mime_type_is(t, "application", plain) ||
	    sgl_mime_type_is(t, "application", x);
}

/* The suffixes of RFC 8551 3.2.1. A .p7s is a signature of something else. */
static const char *const object_suffixes[] = {".p7m", ".p7c", ".p7z", NULL};
static const char *const signature_suffixes[] = {".p7s", ".p7m", NULL};

static bool
ends_with(sgl_slice name, const char *const *suffixes)
{
	for (; *suffixes != NULL; suffixes++) {
		size_t k = strlen(*suffixes);

		if (name.len >= k &&
		    sgl_slice_eq_nocase(sgl_slice_from(name, name.len - k),
			sgl_slice_str(*suffixes)))
			return true;
	}
	return false;
}

/* Some write a name as an encoded word, against RFC 2047 5. */
static sgl_status
names_one(const sgl_mime_type *type, const char *param,
    const char *const *suffixes, bool *is, sgl_err *err)
{
	const char *name = sgl_mime_type_param(type, param);
	SGL_AUTO_CLEAR(sgl_buf) plain = sgl_buf_init(SIZE_MAX);

	*is = false;
	if (name == NULL)
		return SGL_OK;
	TRY(sgl_words_read(sgl_slice_str(name), &plain, err));
	*is = ends_with(sgl_buf_slice(&plain), suffixes);
	return SGL_OK;
}

/* The file name of Content-Type's name or Content-Disposition's filename; some
 * gateways leave nothing else (RFC 8551 3.2.1). */
static sgl_status
has_file_name(const sgl_headers *headers, const sgl_mime_type *type,
    const char *const *suffixes, bool *has, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_mime_type) disposition = {0};
	const sgl_field *f;

	TRY(names_one(type, "name", suffixes, has, err));
	f = sgl_headers_find(headers, "Content-Disposition", NULL);
	if (*has || f == NULL)
		return SGL_OK;
	TRY(sgl_mime_type_read(f->value, &disposition, err));
	return names_one(&disposition, "filename", suffixes, has, err);
}

static bool
is_octet_stream(const sgl_mime_type *type)
{
	return sgl_mime_type_is(type, "application", "octet-stream");
}

static bool
starts(const char *s, const char *with)
{
	return sgl_slice_starts_nocase(sgl_slice_str(s), sgl_slice_str(with));
}

/*
 * The protocol is that of the second part (RFC 1847 2.1). Some name the other
 * type of S/MIME; and where a gateway lost it, micalg tells: that of OpenPGP
 * begins with "pgp-" (RFC 3156 5).
 */
static bool
has_signature_protocol(const sgl_mime_type *type)
{
	const char *p = sgl_mime_type_param(type, "protocol");
	const char *micalg = sgl_mime_type_param(type, "micalg");

	if (p == NULL)
		return micalg != NULL && !starts(micalg, "pgp-");
	return starts(p, "application/pkcs7-") ||
	    starts(p, "application/x-pkcs7-");
}

sgl_status
sgl_entity_classify(const sgl_headers *headers, const sgl_mime_type *type,
    sgl_entity_kind *out, sgl_err *err)
{
	bool is_cms = is_pkcs7(type, "pkcs7-mime", "x-pkcs7-mime");
	size_t num_types;

	if (sgl_mime_type_is(type, "multipart", "signed")) {
		/* With two Content-Type fields others may see other parts than
		 * the one that is signed. */
		(void)sgl_headers_find(headers, "Content-Type", &num_types);
		*out = num_types == 1 && has_signature_protocol(type) &&
			sgl_mime_type_param(type, "boundary") != NULL
		    ? SGL_ENTITY_CLEAR_SIGNED
		    : SGL_ENTITY_CONTENT;
		return SGL_OK;
	}
	if (is_octet_stream(type))
		TRY(has_file_name(
		    headers, type, object_suffixes, &is_cms, err));
	*out = is_cms ? SGL_ENTITY_CMS : SGL_ENTITY_CONTENT;
	return SGL_OK;
}

bool
sgl_entity_says_encrypted(const sgl_mime_type *type)
{
	const char *s = sgl_mime_type_param(type, "smime-type");

	if (s == NULL)
		return false;
	return sgl_slice_eq_nocase(
		   sgl_slice_str(s), SGL_LIT("enveloped-data")) ||
	    sgl_slice_eq_nocase(
		sgl_slice_str(s), SGL_LIT("authEnveloped-data"));
}

bool
sgl_entity_says_compressed(const sgl_mime_type *type)
{
	const char *s = sgl_mime_type_param(type, "smime-type");

	return s != NULL &&
	    sgl_slice_eq_nocase(sgl_slice_str(s), SGL_LIT("compressed-data"));
}

sgl_status
sgl_entity_is_signature(const sgl_headers *headers, const sgl_mime_type *type,
    bool *is, sgl_err *err)
{
	*is = is_pkcs7(type, "pkcs7-signature", "x-pkcs7-signature") ||
	    is_pkcs7(type, "pkcs7-mime", "x-pkcs7-mime");
	return is_octet_stream(type)
	    ? has_file_name(headers, type, signature_suffixes, is, err)
	    : SGL_OK;
}

sgl_status
sgl_entity_is_lone_signature(const sgl_headers *headers,
    const sgl_mime_type *type, bool *is, sgl_err *err)
{
	static const char *const suffixes[] = {".p7s", NULL};

	*is = is_pkcs7(type, "pkcs7-signature", "x-pkcs7-signature");
	return is_octet_stream(type)
	    ? has_file_name(headers, type, suffixes, is, err)
	    : SGL_OK;
}

sgl_digest_mask
sgl_micalg_read(const char *micalg)
{
	sgl_slice rest = sgl_slice_str(micalg);
	sgl_digest_mask mask = 0;

	while (rest.len > 0) {
		const uint8_t *comma = memchr(rest.data, ',', rest.len);
		size_t n =
		    comma == NULL ? rest.len : (size_t)(comma - rest.data);
		sgl_slice name = sgl_slice_trim(sgl_slice_first(rest, n));

		/* "rsa-sha1" is an old way to say it. */
		if (sgl_slice_starts_nocase(name, SGL_LIT("rsa-")))
			name = sgl_slice_from(name, 4);
		mask |= SGL_DIGEST_BIT(sgl_digest_find(name));
		rest = sgl_slice_from(rest, comma == NULL ? n : n + 1);
	}
	return mask & ~SGL_DIGEST_BIT(SGL_DIGEST_NONE);
}
