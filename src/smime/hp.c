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
is_called(const sgl_field *f, const char *name)
{
	return sgl_slice_eq_nocase(f->name, sgl_slice_str(name));
}

unsigned
sgl_hp_transit(const sgl_field *f)
{
	static const char *const names[] = {"Return-Path", "Received",
	    "Received-SPF", "Delivered-To", "Authentication-Results",
	    "DKIM-Signature", "ARC-Seal", "ARC-Message-Signature",
	    "ARC-Authentication-Results", "List-Archive", "List-Subscribe",
	    "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "List-Help",
	    "List-Owner", "List-Post", "Archived-At"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (is_called(f, names[i]))
			return 1u << i;
	return 0;
}

bool
sgl_hp_is_outer_copy(const sgl_field *f)
{
	return is_called(f, "HP-Outer");
}

bool
sgl_hp_is_protectable(const sgl_field *f)
{
	return f->name.len > 0 && !sgl_field_is_content(f) &&
	    !sgl_hp_is_outer_copy(f) && sgl_hp_transit(f) == 0 &&
	    !is_called(f, "Bcc") && !is_called(f, "Resent-Bcc");
}

const char *
sgl_hp_disguise(const sgl_field *f)
{
	if (is_called(f, "Subject"))
		return "[...]";
	return is_called(f, "Comments") || is_called(f, "Keywords") ? "" : NULL;
}
