/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/admit.h"
#include "org/audit.h"

#define ROOM "admin.org"
#define NOTE_MAX ((size_t)8192)

sgl_status
sgl_org_admit(
    sgl_session *s, unsigned uid, const sgl_org_job *job, sgl_err *err)
{
	TRY(sgl_offices_of(s->home, uid, &s->offices, err));
	if (sgl_offices_allow(s->offices, job->office))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    s->offices == 0
		? N_("you hold no office in this organisation; an "
		     "administrator gives you one: sigill admin add")
		: N_("your office does not allow this; an administrator may "
		     "give you another: sigill admin add"),
	    "%s (%s)", job->command, sgl_office_name(job->office));
}

static sgl_status
note(sgl_home *home, const sgl_org_job *job, const char *object, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(NOTE_MAX);
	const char *why;

	TRY(sgl_buf_printf(&text, err, "%s wants the office %s", job->command,
	    sgl_office_name(job->office)));
	TRY(sgl_buf_text(&text, &why, err));
	TRY(sgl_home_begin(home, err));
	TRY(sgl_audit_refusal(
	    home, object == NULL ? job->command : object, why, err));
	return sgl_home_commit(home, err);
}

sgl_status
sgl_org_note_refusal(
    sgl_home *home, const sgl_org_job *job, const char *object, sgl_err *err)
{
	sgl_status status = note(home, job, object, err);

	if (status != SGL_OK)
		sgl_home_rollback(home);
	return status;
}

sgl_status
sgl_org_finish(sgl_session *s, const sgl_org_job *job, const sgl_call *call,
    sgl_err *aside, sgl_err *err)
{
	int64_t sequence;
	const uint8_t *hash;

	if (!sgl_audit_last(s->home, &sequence, &hash))
		TRY(sgl_audit_add(s->home, "command", sgl_call_arg(call, 0),
		    NULL, job->command, err));
	return sgl_session_commit(s, aside, err);
}
