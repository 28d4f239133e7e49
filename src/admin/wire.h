/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages between the command line and control, which does the commands on
 * the organisation where the service runs: one call, then pieces of text, then
 * how it ended.
 */
#ifndef SGL_ADMIN_WIRE_H
#define SGL_ADMIN_WIRE_H

#include "admin/work.h"
#include "sys/farkey.h"

typedef enum sgl_org_message {
	SGL_ORG_CALL = SGL_MESSAGE_OTHERS,
	SGL_ORG_TEXT, /* a piece of the reply's text */
	SGL_ORG_FILE, /* a piece of its file */
	SGL_ORG_WAIT, /* keys are being made for it: so many of so many */
	SGL_ORG_END   /* or SGL_MESSAGE_FAILURE */
} sgl_org_message;

#define SGL_ORG_CALL_MAX ((size_t)4 << 20)
#define SGL_ORG_PIECE ((size_t)1 << 20)

/* A call as it came: the texts it points to are in `texts`. */
typedef struct sgl_org_called {
	sgl_call call;
	sgl_order order;
	char language[16];
	sgl_buf texts;
} sgl_org_called;
void sgl_org_called_clear(sgl_org_called *c);
SGL_AUTO_CLEAR_TYPE(sgl_org_called, sgl_org_called_clear)

void sgl_org_add_call(sgl_wire *w, const sgl_order *order);
/* sgl_org_read_call finds command and options in our own table. SGL_E_USAGE:
 * they are not there (another release calls). */
SGL_MUST sgl_status sgl_org_read_call(
    sgl_unwire *u, sgl_org_called *out, sgl_err *err);

void sgl_org_add_wait(sgl_wire *w, size_t have, size_t need);
void sgl_org_read_wait(sgl_unwire *u, size_t *have, size_t *need);

/* What there is to a reply beside its text and file. */
void sgl_org_add_end(sgl_wire *w, const sgl_reply *r);
void sgl_org_read_end(sgl_unwire *u, sgl_reply *r);

#endif
