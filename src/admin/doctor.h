/* SPDX-License-Identifier: Apache-2.0 */
/* sigill doctor: what it finds, and who looks for it. */
#ifndef SGL_ADMIN_DOCTOR_H
#define SGL_ADMIN_DOCTOR_H

#include "admin/work.h"
#include "admin/health.h"
#include "vault/ways.h"

#define SGL_FINDING_TEXT 1024
typedef struct sgl_finding {
	sgl_alarm alarm;
	const char *name; /* the same in all languages: "clock" */
	char what[SGL_FINDING_TEXT];
	/* N_(): why it matters, and what to do; NULL: `what` says it. */
	const char *why, *todo;
} sgl_finding;

typedef struct sgl_findings {
	sgl_finding *items;
	size_t num;
} sgl_findings;
void sgl_findings_clear(sgl_findings *f);
SGL_AUTO_CLEAR_TYPE(sgl_findings, sgl_findings_clear)

/* What is known of one kind of finding. */
typedef struct sgl_ailment {
	sgl_alarm alarm;
	const char *name, *why, *todo;
} sgl_ailment;
/* sgl_findings_add: `format` is in the user's language. */
SGL_MUST sgl_status sgl_findings_add(sgl_findings *f,
    const sgl_ailment *ailment, sgl_err *err, const char *format, ...)
    SGL_PRINTF(4, 5);

/* Files and folders, the clock, the disk, the database. */
SGL_MUST sgl_status sgl_doctor_place(
    sgl_session *s, sgl_findings *f, sgl_err *err);
/* The ways by which the private keys are unlocked, the easiest to misuse first:
 * that one counts. */
typedef struct sgl_unlocking {
	unsigned rank;
	const char *way; /* the same in all languages: "credential-tpm" */
	char name[SGL_WAY_NAME];
	bool is_attended;    /* after a reboot somebody must come */
	bool is_on_the_disk; /* whoever has that has all keys */
	const char *text;    /* N_() */
} sgl_unlocking;
typedef struct sgl_unlockings {
	sgl_unlocking items[SGL_WAYS_MAX];
	size_t num;
} sgl_unlockings;
SGL_MUST sgl_status sgl_doctor_unlock(
    sgl_session *s, sgl_findings *f, sgl_unlockings *out, sgl_err *err);

/* What others fetch, in so many seconds each; *good: all of it is as it should
 * be. */
SGL_MUST sgl_status sgl_doctor_published(sgl_session *s, unsigned seconds,
    sgl_findings *f, bool *good, sgl_err *err);

#endif
