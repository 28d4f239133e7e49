/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One header section (RFC 5322 2.2, RFC 2045), kept byte for byte. Fields are
 * slices into it; nothing is unfolded until asked. Line ends may be CRLF or
 * LF. A line that is no field (no colon, or a continuation without a field) is
 * kept as a field without name, so that nothing of a stranger's mail is lost.
 */
#ifndef SGL_MIME_HEADER_H
#define SGL_MIME_HEADER_H

#include "base/buf.h"

typedef struct sgl_field {
	sgl_slice whole; /* with folding and its line end */
	sgl_slice name;	 /* empty if the line is no field */
	sgl_slice value; /* behind the colon, raw, without the last line end */
} sgl_field;

typedef struct sgl_headers {
	sgl_buf bytes; /* all of the section without the blank line */
	sgl_field *fields;
	size_t num_fields;
} sgl_headers;

/* sgl_headers_read splits `section` (copied; the blank line, if in it, is
 * dropped). A first line starting "From " (mbox) is dropped. */
SGL_MUST sgl_status sgl_headers_read(
    sgl_slice section, size_t max, sgl_headers *out, sgl_err *err);
void sgl_headers_clear(sgl_headers *h);
SGL_AUTO_CLEAR_TYPE(sgl_headers, sgl_headers_clear)

/* The first field of that name (case folded), or NULL. *count, if not NULL, is
 * how many there are: two From or two Content-Type are a finding. */
const sgl_field *
sgl_headers_find(const sgl_headers *h, const char *name, size_t *count);
/* sgl_field_is_content: MIME-Version or Content-*, what belongs to the entity
 * and moves inside when it is protected (RFC 8551 3.1). */
bool sgl_field_is_content(const sgl_field *f);
/* sgl_field_add appends all of the field as it may stand in a header: lines
 * end in CRLF, those of blanks alone are left out, a NUL or a CR in a line is a
 * blank. */
SGL_MUST sgl_status sgl_field_add(
    const sgl_field *f, sgl_buf *out, sgl_err *err);
/* sgl_field_unfold appends the value in one line, trimmed. */
SGL_MUST sgl_status sgl_field_unfold(
    const sgl_field *f, sgl_buf *out, sgl_err *err);

/* Content-Type, Content-Disposition and their like: a token, perhaps a
 * subtype, and parameters (RFC 2045 5.1; RFC 2231 pieces joined and decoded;
 * comments dropped; lenient about missing quotes). */
typedef struct sgl_mime_param {
	char *name; /* lower case */
	char *value;
	size_t value_len;
} sgl_mime_param;
typedef struct sgl_mime_type {
	char *type, *subtype; /* lower case; subtype "" if none */
	sgl_mime_param *params;
	size_t num_params;
	bool malformed; /* something had to be skipped */
} sgl_mime_type;
#define SGL_MIME_PARAMS_MAX 64
SGL_MUST sgl_status sgl_mime_type_read(
    sgl_slice value, sgl_mime_type *out, sgl_err *err);
void sgl_mime_type_clear(sgl_mime_type *t);
SGL_AUTO_CLEAR_TYPE(sgl_mime_type, sgl_mime_type_clear)
/* NULL if absent; the first wins. */
const char *sgl_mime_type_param(const sgl_mime_type *t, const char *name);
bool
sgl_mime_type_is(const sgl_mime_type *t, const char *type, const char *subtype);

/* sgl_mime_type_edit appends field `f`, a Content-Type, to *out: without the
 * parameters that `drop` names (ended by NULL), and with `add` (such as
 * "; hp=\"clear\"") behind the subtype. All else stays as it is.
 * SGL_E_ENCODING: it has no type and subtype. */
SGL_MUST sgl_status sgl_mime_type_edit(const sgl_field *f,
    const char *const *drop, sgl_slice add, sgl_buf *out, sgl_err *err);

/* sgl_headers_content_type reads Content-Type, or gives text/plain where it is
 * absent or malformed (RFC 2045 5.2; t->malformed tells). */
SGL_MUST sgl_status sgl_headers_content_type(
    const sgl_headers *h, sgl_mime_type *out, sgl_err *err);

typedef enum sgl_cte {
	SGL_CTE_7BIT,
	SGL_CTE_8BIT,
	SGL_CTE_BINARY,
	SGL_CTE_QUOTED_PRINTABLE,
	SGL_CTE_BASE64,
	SGL_CTE_UNKNOWN
} sgl_cte;
/* Absent means 7bit (RFC 2045 6.1). */
sgl_cte sgl_headers_cte(const sgl_headers *h);
const char *sgl_cte_name(sgl_cte cte);

/*
 * The addresses of an address field (From, Sender, To, Cc): RFC 5322 3.4 with
 * groups, quoted strings, comments, obsolete routes, and UTF-8 (RFC 6532).
 * What cannot be read as an address sets `malformed`; the others are kept.
 */
typedef struct sgl_mailboxes {
	char **addrs; /* addr-spec, comments dropped, quoted local parts kept */
	size_t num_addrs;
	bool malformed;
} sgl_mailboxes;
#define SGL_MAILBOXES_MAX 4096
SGL_MUST sgl_status sgl_mailboxes_read(
    sgl_slice value, sgl_mailboxes *out, sgl_err *err);
void sgl_mailboxes_clear(sgl_mailboxes *m);
SGL_AUTO_CLEAR_TYPE(sgl_mailboxes, sgl_mailboxes_clear)

#endif
