/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Content that nobody signed may hold parts that somebody did: a mailing list
 * put its footer beside a signed message, or somebody attached one. Such a part
 * proves nothing about the whole, and is not judged; but whoever reads should
 * know of it.
 *
 * A stage passes a multipart on as it is and looks for such parts, at the
 * levels of the multipart only and not in messages that are attached. What it
 * cannot follow it stops following.
 */
#ifndef SGL_SMIME_INSIDE_H
#define SGL_SMIME_INSIDE_H

#include "smime/report.h"

typedef struct sgl_inside sgl_inside;

/* What is protected, or may be, in a form that is not S/MIME: OpenPGP; and TNEF
 * (winmail.dat), of which only Exchange and Outlook know what is in it. Sets
 * has_openpgp, has_openpgp_encryption, has_tnef. */
void sgl_inside_look_for_foreign(sgl_report *report, const sgl_mime_type *type);
/* `next` and `report`, which gets has_signed_part, has_encrypted_part and what
 * is foreign, are borrowed. The sink takes the body. */
SGL_MUST sgl_status sgl_inside_new(const sgl_limits *limits, sgl_sink *next,
    sgl_report *report, sgl_inside **out, sgl_err *err);
/* sgl_inside_head is shown the header section first, and hands nothing on. */
SGL_MUST sgl_status sgl_inside_head(
    sgl_inside *i, sgl_slice section, sgl_err *err);
sgl_sink *sgl_inside_sink(sgl_inside *i);
void sgl_inside_free(sgl_inside *i);

#endif
