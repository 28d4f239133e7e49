/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom to write to, and of what: people who must do something about their keys,
 * and people whose keys were recovered.
 *
 * Who has keys in an own program and was not given newer ones is written to 30,
 * 7 and 1 days before they end, and where they hold no more but newer ones
 * wait. Where the server signs and opens mail nobody has to do anything. Of a
 * shared mailbox it is the holders.
 */
#ifndef SGL_CA_REMIND_H
#define SGL_CA_REMIND_H

#include "ca/ca.h"

typedef struct sgl_due_reminder {
	sgl_notice_kind kind;
	const sgl_person *mailbox; /* whose keys; borrowed */
	const sgl_person *person;  /* who is written to */
	int64_t about;		   /* as in sgl_reminder */
	sgl_time at;  /* when they end, were revoked, or were recovered */
	int64_t days; /* 30, 7 or 1: at most so many are left; else 0 */
} sgl_due_reminder;

/* sgl_remind_each visits what is due now, whether or not there is a reminder of
 * it already. */
typedef sgl_status (*sgl_due_visit)(
    void *ctx, const sgl_due_reminder *due, sgl_err *err);
SGL_MUST sgl_status sgl_remind_each(
    sgl_home *home, sgl_due_visit visit, void *ctx, sgl_err *err);

#endif
