/* SPDX-License-Identifier: Apache-2.0 */
/* Who may have a command done: by the office that is its work. */
#ifndef SGL_ADMIN_ADMIT_H
#define SGL_ADMIN_ADMIT_H

#include "admin/work.h"

/* sgl_org_admit: SGL_E_USAGE: the user's offices do not allow it, *err says
 * which would. The session knows the offices then. */
SGL_MUST sgl_status sgl_org_admit(
    sgl_session *s, unsigned uid, const sgl_org_job *job, sgl_err *err);
/* sgl_org_note_refusal records, in a transaction of its own, that whoever acts
 * was refused; `object` is what it was about, or NULL. */
SGL_MUST sgl_status sgl_org_note_refusal(
    sgl_home *home, const sgl_org_job *job, const char *object, sgl_err *err);

/* sgl_org_finish commits what a job changed (sgl_session_commit); one that has
 * recorded nothing itself is recorded by its name. */
SGL_MUST sgl_status sgl_org_finish(sgl_session *s, const sgl_org_job *job,
    const sgl_call *call, sgl_err *aside, sgl_err *err);

#endif
