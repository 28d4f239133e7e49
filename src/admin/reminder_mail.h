/* SPDX-License-Identifier: Apache-2.0 */
/* The mails that tell people of their keys. */
#ifndef SGL_ADMIN_REMINDER_MAIL_H
#define SGL_ADMIN_REMINDER_MAIL_H

#include "ca/remind.h"
#include "admin/work.h"

#define SGL_SETTING_REMINDER_FROM "reminders.from"
#define SGL_SETTING_REMINDER_LANGUAGE "reminders.language"

/* sgl_reminder_mail appends a whole message (RFC 5322; RFC 6532 where an
 * address is not ASCII) with LF as line ends, in the person's language. Its
 * Message-ID is the same whenever it is made again. It begins with "From:
 * ADDRESS". */
SGL_MUST sgl_status sgl_reminder_mail(
    sgl_session *s, const sgl_due_reminder *due, sgl_buf *out, sgl_err *err);

#endif
