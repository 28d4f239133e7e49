/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/published.h"
#include "admin/doctor.h"

static sgl_status
note(void *ctx, const sgl_publication *p, const sgl_publication_finding *f,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(16384);
	const char *what;

	static const sgl_ailment missing = {SGL_ALARM_CRITICAL, "unpublished",
	    N_("Certificates say that this is to be fetched there: strict "
	       "programs refuse them without it, and revocation is not seen."),
	    N_("Start sigilld, and let the public URL lead to its HTTP port "
	       "(http in sigilld.conf) from everywhere.")};

	if (f->fault == NULL)
		return SGL_OK;
	TRY(sgl_publication_say(p, f, &text, err));
	TRY(sgl_buf_text(&text, &what, err));
	return sgl_findings_add(ctx, &missing, err, "%s", what);
}

sgl_status
sgl_doctor_published(
    sgl_session *s, unsigned seconds, sgl_findings *f, bool *good, sgl_err *err)
{
	return sgl_published_look(s->home, seconds, note, f, good, err);
}
