/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom to remind that keys end: people who have them in their own programs and
 * were not given newer ones, 30, 7 and 1 days before. Where the server signs
 * and opens mail nobody has to do anything, and is not written to; of a shared
 * mailbox it is the holders who were given the keys.
 */
#ifndef SGL_CA_REMIND_H
#define SGL_CA_REMIND_H

#include "ca/ca.h"

typedef struct sgl_due_reminder {
	const sgl_person *mailbox; /* whose keys end; borrowed */
	const sgl_person *person;  /* who is written to */
	sgl_time ends;
	int64_t days; /* 30, 7 or 1: at most so many are left */
} sgl_due_reminder;

/* sgl_remind_each visits what is due now, whether or not there is a reminder of
 * it already. */
typedef sgl_status (*sgl_due_visit)(
    void *ctx, const sgl_due_reminder *due, sgl_err *err);
SGL_MUST sgl_status sgl_remind_each(
    sgl_home *home, sgl_due_visit visit, void *ctx, sgl_err *err);

#endif
