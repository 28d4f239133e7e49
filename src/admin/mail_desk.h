/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What commands on messages ask of the organisation: who signs, whom to encrypt
 * to, whom to believe, which keys open a message; and what these keys then do.
 * The same in control, and in sigill-answer where no service runs.
 *
 * A desk is one conversation, about one message. Keys that it opened stay with
 * it, each for signing or for decrypting alone, and not longer than an hour.
 */
#ifndef SGL_ADMIN_MAIL_DESK_H
#define SGL_ADMIN_MAIL_DESK_H

#include "admin/work.h"

typedef struct sgl_mail_desk sgl_mail_desk;

/* Whoever has the organisation. */
typedef struct sgl_mail_host {
	/* An open home, as it is now; borrowed until the next question. */
	sgl_status (*open)(void *ctx, sgl_home **out, sgl_err *err);
	/* Whether who asks may have this done; `address` is for the record of a
	 * refusal, and may be NULL. */
	sgl_status (*admit)(void *ctx, sgl_home *home, const sgl_org_job *job,
	    const char *address, sgl_err *err);
	/* Records that a person's key was given out for this, before anybody
	 * has it. */
	sgl_status (*record)(void *ctx, sgl_home *home, const char *action,
	    const char *address, sgl_err *err);
	void *ctx;
	/* Others may take the office away meanwhile: it is asked about at each
	 * use of a key, and who has lost it has lost the keys. */
	bool is_served;
} sgl_mail_host;

/* `engine` is borrowed, `host` copied. */
SGL_MUST sgl_status sgl_mail_desk_new(sgl_engine *engine,
    const sgl_mail_host *host, sgl_mail_desk **out, sgl_err *err);
void sgl_mail_desk_free(sgl_mail_desk *desk);
SGL_AUTO_TYPE(sgl_mail_desk, sgl_mail_desk_free)

/* sgl_mail_desk_answer answers a message of resolve_wire.h, or one to a key:
 * *answer (which must be one that wipes) is the body of a message of *type. A
 * failure is to be told instead. */
SGL_MUST sgl_status sgl_mail_desk_answer(sgl_mail_desk *desk, unsigned question,
    sgl_slice body, unsigned *type, sgl_buf *answer, sgl_err *err);

/* sgl_mail_desk_add_keys keeps keys of somebody's own, for all uses; *first is
 * the place of the first. */
SGL_MUST sgl_status sgl_mail_desk_add_keys(
    sgl_mail_desk *desk, const sgl_keyring *ring, size_t *first, sgl_err *err);

/* sgl_mail_desk_drop: the keyholder that had them is gone, and so are they. */
void sgl_mail_desk_drop(sgl_mail_desk *desk);
/* sgl_mail_desk_num_keys is how many it has opened. */
size_t sgl_mail_desk_num_keys(const sgl_mail_desk *desk);

#endif
