/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/reminder_mail.h"
#include "base/base64.h"
#include "base/time.h"

#define DAY ((sgl_time)24 * 60 * 60)
#define TEXT_MAX 4096

/* ---------------------------------------------------------------- settings ---
 */

/* Whom people turn to. */
static sgl_status
get_from(sgl_session *s, sgl_buf *out, sgl_err *err)
{
	bool found;

	TRY(sgl_store_get_setting(sgl_home_store(s->home),
	    SGL_SETTING_REMINDER_FROM, out, &found, err));
	return found ? SGL_OK
		     : sgl_buf_printf(out, err, "postmaster@%s",
			   sgl_home_organisation(s->home)->domain);
}

static sgl_status
get_language(sgl_session *s, const sgl_person *p, char out[16], sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) value = sgl_buf_init(15);
	bool found;

	if (p->language != NULL && p->language[0] != '\0')
		TRY(sgl_buf_add_str(&value, p->language, err));
	else
		TRY(sgl_store_get_setting(sgl_home_store(s->home),
		    SGL_SETTING_REMINDER_LANGUAGE, &value, &found, err));
	if (value.len == 0)
		TRY(sgl_buf_add_str(&value, "en", err));
	memset(out, 0, 16);
	memcpy(out, value.data, value.len);
	return SGL_OK;
}

/* ------------------------------------------------------------------ fields ---
 */

/* RFC 5322 3.3; words of it are English always. */
static sgl_status
add_date(sgl_buf *out, sgl_time now, sgl_err *err)
{
	static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	sgl_civil c = sgl_time_to_civil(now);

	return sgl_buf_printf(out, err,
	    "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\n",
	    days + now / DAY % 7 * 3, c.day, months + (c.month - 1) * 3, c.year,
	    c.hour, c.minute, c.second);
}

/* RFC 2047: one encoded word, of at most 45 octets. */
static sgl_status
add_subject(sgl_buf *out, const char *text, sgl_err *err)
{
	TRY(sgl_buf_add_str(out, "Subject: =?UTF-8?B?", err));
	TRY(sgl_base64_encode(sgl_slice_str(text), out, err));
	return sgl_buf_add_str(out, "?=\n", err);
}

static const char *const subjects[SGL_NUM_NOTICE_KINDS] = {
    [SGL_NOTICE_ENDS] = N_("Your keys for secure mail end soon"),
    [SGL_NOTICE_FETCH] = N_("Fetch your new keys for mail"),
    [SGL_NOTICE_RECOVERED] = N_("Your keys were recovered"),
};

static sgl_status
add_fields(sgl_session *s, const sgl_due_reminder *due, const char *from,
    sgl_buf *out, sgl_err *err)
{
	const char *domain = sgl_home_organisation(s->home)->domain;

	TRY(sgl_buf_printf(
	    out, err, "From: %s\nTo: %s\n", from, due->person->address));
	TRY(add_subject(out, _(subjects[due->kind]), err));
	TRY(add_date(out, sgl_engine_now(s->engine), err));
	TRY(sgl_buf_printf(out, err,
	    "Message-ID: <%s.%lld.%lld.%lld.%lld@%s>\n",
	    sgl_notice_kind_name(due->kind), (long long)due->mailbox->id,
	    (long long)due->person->id, (long long)due->about,
	    (long long)due->days, domain));
	return sgl_buf_add_str(out,
	    "Auto-Submitted: auto-generated\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=UTF-8\n"
	    "Content-Transfer-Encoding: 8bit\n\n",
	    err);
}

static sgl_status
add_body_of_end(const sgl_due_reminder *due, sgl_buf *out, sgl_err *err)
{
	char date[SGL_DATE_TEXT];

	TRY(sgl_buf_printf(out, err,
	    _("The keys with which your mail program signs mail of\n%s\nand "
	      "opens encrypted mail end on %s.\n\n"),
	    due->mailbox->address, sgl_date_text(due->at, date)));
	return sgl_buf_add_str(out,
	    _("Please install new keys before that day. Keep the old ones: "
	      "they open\nold mail. Otherwise mail that is encrypted to you "
	      "cannot be read on your\ndevice, and what you send is not "
	      "signed.\n\n"),
	    err);
}

static sgl_status
add_body_of_fetch(const sgl_due_reminder *due, sgl_buf *out, sgl_err *err)
{
	char date[SGL_DATE_TEXT];

	TRY(sgl_buf_printf(out, err,
	    _("Since %s the keys for mail of\n%s\nin your mail program hold no "
	      "more. New ones are ready.\n\n"),
	    sgl_date_text(due->at, date), due->mailbox->address));
	return sgl_buf_add_str(out,
	    _("Please install them now. Keep the old ones: they open old mail. "
	      "Until then\nmail that is encrypted to you cannot be read on "
	      "your device, and what you\nsign is not believed.\n\n"),
	    err);
}

/* Who asked, and why, is for those to tell who know. */
static sgl_status
add_body_of_recovery(const sgl_due_reminder *due, sgl_buf *out, sgl_err *err)
{
	char date[SGL_DATE_TEXT];

	TRY(sgl_buf_printf(out, err,
	    _("On %s the organisation recovered keys that open encrypted mail "
	      "of\n%s\nand handed them out (request %lld).\n\n"),
	    sgl_date_text(due->at, date), due->mailbox->address,
	    (long long)due->about));
	return sgl_buf_add_str(out,
	    _("Several officers had to agree, and it is on record. Your keys "
	      "stay as they\nare; you need not do anything.\n\n"),
	    err);
}

static sgl_status
add_body(
    const sgl_due_reminder *due, const char *from, sgl_buf *out, sgl_err *err)
{
	if (due->kind == SGL_NOTICE_RECOVERED) {
		TRY(add_body_of_recovery(due, out, err));
		return sgl_buf_printf(
		    out, err, _("Questions are answered by %s.\n"), from);
	}
	TRY(due->kind == SGL_NOTICE_ENDS ? add_body_of_end(due, out, err)
					 : add_body_of_fetch(due, out, err));
	return sgl_buf_printf(
	    out, err, _("You get the new keys from %s.\n"), from);
}

static sgl_status
compose(sgl_session *s, const sgl_due_reminder *due, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) sender = sgl_buf_init(TEXT_MAX);
	const char *from;

	TRY(get_from(s, &sender, err));
	TRY(sgl_buf_text(&sender, &from, err));
	TRY(add_fields(s, due, from, out, err));
	return add_body(due, from, out, err);
}

sgl_status
sgl_reminder_mail(
    sgl_session *s, const sgl_due_reminder *due, sgl_buf *out, sgl_err *err)
{
	char before[16] = "", language[16];
	sgl_status status;

	TRY(get_language(s, due->person, language, err));
	(void)strncpy(before, sgl_text_language(), sizeof before - 1);
	sgl_text_speak(language);
	status = compose(s, due, out, err);
	sgl_text_speak(before);
	return status;
}
