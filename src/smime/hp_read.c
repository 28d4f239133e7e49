/* SPDX-License-Identifier: Apache-2.0 */
/* Protected header fields of what is read (RFC 9788 4). */
#include "base/addr.h"
#include "mime/lex.h"
#include "smime/reader_inside.h"

#define ROOM "smime.hp"

/* --- is it protected? --- */

static bool
param_is(const sgl_mime_type *t, const char *name, const char *want)
{
	const char *value = sgl_mime_type_param(t, name);

	return value != NULL &&
	    sgl_slice_eq_nocase(sgl_slice_str(value), sgl_slice_str(want));
}

/* @req rfc9788-4.1. The draft's form says nothing of what was meant to be
 * secret (F.3), so nothing is taken for it. */
static sgl_hp
find_intent(const sgl_mime_type *t, bool *is_draft)
{
	*is_draft = false;
	if (param_is(t, "hp", "cipher"))
		return SGL_HP_CIPHER;
	if (param_is(t, "hp", "clear"))
		return SGL_HP_CLEAR;
	*is_draft = sgl_mime_type_param(t, "hp") == NULL &&
	    param_is(t, "protected-headers", "v1");
	return *is_draft ? SGL_HP_CLEAR : SGL_HP_NONE;
}

/* --- fields, compared by what they say --- */

/* Steps over one character; a run of blanks and folding is one blank, because
 * mail servers fold anew (RFC 5322 2.2.3). */
static int
next_char(sgl_lex *l)
{
	if (sgl_lex_done(l))
		return -1;
	if (!sgl_lex_is_blank(*l->at))
		return *l->at++;
	while (sgl_lex_is_blank(sgl_lex_peek(l)))
		l->at++;
	return ' ';
}

static bool
same_value(sgl_slice a, sgl_slice b)
{
	sgl_lex la = sgl_lex_over(sgl_slice_trim(a));
	sgl_lex lb = sgl_lex_over(sgl_slice_trim(b));
	int ca, cb;

	do {
		ca = next_char(&la);
		cb = next_char(&lb);
	} while (ca == cb && ca >= 0);
	return ca == cb;
}

/* Is (name, value) among the fields? *named: one of that name is. */
static bool
has_field(const sgl_headers *h, sgl_slice name, sgl_slice value, bool *named)
{
	*named = false;
	for (size_t i = 0; i < h->num_fields; i++) {
		if (!sgl_slice_eq_nocase(h->fields[i].name, name))
			continue;
		*named = true;
		if (same_value(h->fields[i].value, value))
			return true;
	}
	return false;
}

/* HP-Outer holds a name, a colon and a value (2.2.1). */
static bool
split_copy(const sgl_field *f, sgl_slice *name, sgl_slice *value)
{
	sgl_slice all = sgl_slice_trim(f->value);
	const uint8_t *colon =
	    all.len == 0 ? NULL : memchr(all.data, ':', all.len);
	size_t n;

	if (!sgl_hp_is_outer_copy(f) || colon == NULL)
		return false;
	n = (size_t)(colon - all.data);
	*name = sgl_slice_trim(sgl_slice_first(all, n));
	*value = sgl_slice_from(all, n + 1);
	return true;
}

/* The same for what its sender put outside; *meant is the last value. */
static bool
was_outside(
    const sgl_headers *h, const sgl_field *f, bool *named, sgl_slice *meant)
{
	sgl_slice name, value;
	bool same = false;

	*named = false;
	for (size_t i = 0; i < h->num_fields; i++) {
		if (!split_copy(&h->fields[i], &name, &value) ||
		    !sgl_slice_eq_nocase(name, f->name))
			continue;
		*named = true;
		*meant = value;
		same |= same_value(value, f->value);
	}
	return same;
}

static sgl_hp_outside
find_outside(const sgl_headers *outer, const sgl_field *f, bool is_secret,
    bool has_meant, sgl_slice meant)
{
	bool named, ignored;

	if (has_field(outer, f->name, f->value, &named))
		return SGL_HP_OUTSIDE_SAME;
	if (!named)
		return is_secret && !has_meant ? SGL_HP_OUTSIDE_HIDDEN
					       : SGL_HP_OUTSIDE_ABSENT;
	return is_secret && has_meant &&
		has_field(outer, f->name, meant, &ignored)
	    ? SGL_HP_OUTSIDE_HIDDEN
	    : SGL_HP_OUTSIDE_DIFFERS;
}

/* @req rfc9788-4.3.1, as far as it does not hang on the signature */
static sgl_status
report_field(sgl_part *p, const sgl_field *f, sgl_err *err)
{
	sgl_hp_report *hp = &p->reader->report.hp;
	sgl_hp_field *to = &hp->fields[hp->num_shown];
	sgl_slice meant = {0};
	bool has_meant, same;
	uint8_t *name;

	same = was_outside(&p->headers, f, &has_meant, &meant);
	to->is_secret =
	    hp->intent == SGL_HP_CIPHER && hp->is_encrypted && !same;
	to->outside = find_outside(
	    &p->reader->top->headers, f, to->is_secret, has_meant, meant);
	TRY(sgl_slice_copy(f->name, &name, ROOM, err));
	to->name = (char *)name;
	hp->num_shown++;
	return SGL_OK;
}

static bool
is_protected(const sgl_field *f)
{
	return f->name.len > 0 && !sgl_field_is_content(f) &&
	    !sgl_hp_is_outer_copy(f);
}

static sgl_status
report_fields(sgl_part *p, sgl_err *err)
{
	sgl_hp_report *hp = &p->reader->report.hp;

	hp->fields = sgl_mem_zeroed(SGL_HP_FIELDS_SHOWN, sizeof *hp->fields);
	if (hp->fields == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < p->headers.num_fields; i++) {
		if (!is_protected(&p->headers.fields[i]))
			continue;
		if (hp->num_fields++ < SGL_HP_FIELDS_SHOWN)
			TRY(report_field(p, &p->headers.fields[i], err));
	}
	return SGL_OK;
}

/* --- whose it is --- */

/* @req rfc9788-4.4.5 */
static bool
same_mailboxes(const sgl_mailboxes *a, const sgl_mailboxes *b)
{
	if (a->malformed || b->malformed || a->num_addrs != b->num_addrs)
		return false;
	for (size_t i = 0; i < a->num_addrs; i++)
		if (sgl_addr_compare(sgl_slice_str(a->addrs[i]),
			sgl_slice_str(b->addrs[i])) == SGL_ADDR_DIFFERENT)
			return false;
	return true;
}

/* What cannot be read ("MAILER-DAEMON <>") is the same if it is written so. */
static bool
is_written_alike(const sgl_part *p)
{
	const sgl_field *out =
	    sgl_headers_find(&p->reader->top->headers, "From", NULL);
	const sgl_field *in = sgl_headers_find(&p->headers, "From", NULL);

	return out != NULL && in != NULL && same_value(out->value, in->value);
}

/* @req rfc9788-4.4.1.1. Without a protected From that outside is all there is;
 * it is compared with the signer like any other. */
static sgl_status
take_from(sgl_part *p, sgl_err *err)
{
	sgl_report *report = &p->reader->report;
	SGL_AUTO_CLEAR(sgl_mailboxes) from = {0};
	size_t num;

	TRY(sgl_part_read_mailboxes(p, "From", &num, &from, err));
	if (num == 0)
		return SGL_OK;
	report->hp.outer_from = report->from;
	report->hp.num_outer_from = report->num_from;
	report->hp.from_differs = report->num_from > 0 &&
	    (report->num_from > 1 || num > 1 ||
		(!same_mailboxes(&report->from, &from) &&
		    !is_written_alike(p)));
	report->from = from;
	report->num_from = num;
	from = (sgl_mailboxes){0};
	return SGL_OK;
}

static sgl_status
take_sender(sgl_part *p, sgl_err *err)
{
	sgl_report *report = &p->reader->report;
	SGL_AUTO_CLEAR(sgl_mailboxes) sender = {0};
	size_t num;

	TRY(sgl_part_read_mailboxes(p, "Sender", &num, &sender, err));
	if (num == 0)
		return SGL_OK;
	sgl_mailboxes_clear(&report->sender);
	report->sender = sender;
	sender = (sgl_mailboxes){0};
	return SGL_OK;
}

/* @req rfc9788-2.1.1: at the root of what is protected, and nowhere else. */
sgl_status
sgl_hp_recognise(sgl_part *p, sgl_err *err)
{
	sgl_hp_report *hp = &p->reader->report.hp;
	bool is_draft;
	sgl_hp intent = find_intent(&p->type, &is_draft);

	if (p->parent < 0 || sgl_hp_is_layer(&p->type) || intent == SGL_HP_NONE)
		return SGL_OK;
	hp->intent = intent;
	hp->is_draft = is_draft;
	hp->is_encrypted = p->around != NULL;
	TRY(report_fields(p, err));
	TRY(take_from(p, err));
	return take_sender(p, err);
}

/* --- what a reader gets --- */

/* Can a signature vouch for the content? One around an encryption cannot. */
static bool
is_signed(const sgl_part *p)
{
	const sgl_layer *l = &p->reader->report.layers[p->parent];

	return l->form == SGL_FORM_CLEAR_SIGNED ||
	    l->cms->type == SGL_CMS_SIGNED;
}

/* @req rfc9788-4.4.3: a From that nothing can prove does not take the place of
 * the one that mail servers saw. */
static bool
prefers_outer_from(const sgl_part *p)
{
	const sgl_report *report = &p->reader->report;

	return sgl_headers_find(&p->headers, "From", NULL) == NULL ||
	    (report->hp.from_differs && !is_signed(p));
}

static bool
is_from(const sgl_field *f)
{
	return sgl_slice_eq_nocase(f->name, SGL_LIT("From"));
}

/* @req rfc9788-4, @req rfc9788-7: others that stand outside alone might
 * mislead, a Reply-To for example. */
static sgl_status
write_outer(sgl_part *p, bool with_from, sgl_err *err)
{
	const sgl_headers *outer = &p->reader->top->headers;
	unsigned inside = 0;

	for (size_t i = 0; i < p->headers.num_fields; i++)
		inside |= sgl_hp_transit(&p->headers.fields[i]);
	for (size_t i = 0; i < outer->num_fields; i++) {
		const sgl_field *f = &outer->fields[i];

		if (is_from(f) ? with_from : (sgl_hp_transit(f) & ~inside) != 0)
			TRY(sgl_part_write_outer(p->body, f, err));
	}
	return SGL_OK;
}

static sgl_status
write_type(sgl_part *p, const sgl_field *f, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf)
	text = {.max = f->whole.len, .secret = true};

	TRY(sgl_mime_type_edit(f, sgl_hp_params, SGL_LIT(""), &text, err));
	return sgl_sink_write(p->body, sgl_buf_slice(&text), err);
}

static sgl_status
write_inner(sgl_part *p, bool with_from, sgl_err *err)
{
	const sgl_headers *h = &p->headers;
	const sgl_field *type = sgl_headers_find(h, "Content-Type", NULL);
	bool has_version = sgl_headers_find(h, "MIME-Version", NULL) != NULL;

	for (size_t i = 0; i < h->num_fields; i++) {
		const sgl_field *f = &h->fields[i];

		if (sgl_hp_is_outer_copy(f) || (is_from(f) && !with_from))
			continue;
		if (sgl_field_is_content(f) && !has_version) {
			TRY(sgl_sink_write(
			    p->body, SGL_LIT("MIME-Version: 1.0\r\n"), err));
			has_version = true;
		}
		TRY(f == type ? write_type(p, f, err)
			      : sgl_sink_write(p->body, f->whole, err));
	}
	return SGL_OK;
}

/* The blank line behind the fields, if it came. */
static sgl_slice
blank_line(const sgl_part *p)
{
	sgl_slice s = sgl_buf_slice(&p->section);
	size_t at = s.len;

	if (at > 0 && s.data[at - 1] == '\n')
		at--;
	if (at < s.len && at > 0 && s.data[at - 1] == '\r')
		at--;
	if (at < s.len && at > 0 && s.data[at - 1] != '\n')
		at = s.len;
	return sgl_slice_from(s, at);
}

sgl_status
sgl_hp_release(sgl_part *p, sgl_err *err)
{
	const sgl_hp_report *hp = &p->reader->report.hp;
	bool outer_from = prefers_outer_from(p);

	/* @req rfc9788-4.5.3.1 */
	if (hp->intent == SGL_HP_CIPHER && hp->is_encrypted) {
		TRY(sgl_legacy_stage_new(sgl_engine_limits(p->reader->engine),
		    p->body, &p->legacy, err));
		p->body = sgl_legacy_stage_sink(p->legacy);
	}
	TRY(write_outer(p, outer_from, err));
	TRY(write_inner(p, !outer_from, err));
	return sgl_sink_write(p->body, blank_line(p), err);
}
