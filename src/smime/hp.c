/* SPDX-License-Identifier: Apache-2.0 */
/* Which header fields are protected, hidden, or added on the way. */
#include "smime/hp.h"

const char *const sgl_hp_params[] = {"hp", "protected-headers", NULL};

bool
sgl_hp_is_layer(const sgl_mime_type *t)
{
	return sgl_mime_type_is(t, "multipart", "signed") ||
	    sgl_mime_type_is(t, "multipart", "encrypted") ||
	    sgl_mime_type_is(t, "application", "pkcs7-mime") ||
	    sgl_mime_type_is(t, "application", "x-pkcs7-mime");
}

static bool
is_one_of(const sgl_field *f, const char *const *names, size_t num)
{
	for (size_t i = 0; i < num; i++)
		if (sgl_slice_eq_nocase(f->name, sgl_slice_str(names[i])))
			return true;
	return false;
}
#define IS_ONE_OF(f, names) is_one_of(f, names, sizeof names / sizeof *names)

bool
sgl_hp_is_transit(const sgl_field *f)
{
	static const char *const names[] = {"Return-Path", "Received",
	    "Received-SPF", "Delivered-To", "Authentication-Results",
	    "DKIM-Signature", "ARC-Seal", "ARC-Message-Signature",
	    "ARC-Authentication-Results", "List-Archive", "List-Subscribe",
	    "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "List-Help",
	    "List-Owner", "List-Post", "Archived-At"};

	return IS_ONE_OF(f, names);
}

bool
sgl_hp_is_outer_copy(const sgl_field *f)
{
	return sgl_slice_eq_nocase(f->name, SGL_LIT("HP-Outer"));
}

bool
sgl_hp_is_protectable(const sgl_field *f)
{
	static const char *const names[] = {"Bcc", "Resent-Bcc"};

	return f->name.len > 0 && !sgl_field_is_content(f) &&
	    !sgl_hp_is_outer_copy(f) && !sgl_hp_is_transit(f) &&
	    !IS_ONE_OF(f, names);
}

const char *
sgl_hp_disguise(const sgl_field *f)
{
	static const char *const removed[] = {"Comments", "Keywords"};

	if (sgl_slice_eq_nocase(f->name, SGL_LIT("Subject")))
		return "[...]";
	return IS_ONE_OF(f, removed) ? "" : NULL;
}
