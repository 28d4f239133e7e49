/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/published.h"
#include "cmd/doctor.h"

static sgl_status
note(void *ctx, const sgl_published *p, sgl_err *err)
{
	static const sgl_ailment missing = {SGL_ALARM_CRITICAL, "unpublished",
	    N_("Certificates say that this is to be fetched there: strict "
	       "programs refuse them without it, and revocation is not seen."),
	    N_("Start sigilld, and let the public URL lead to its HTTP port "
	       "(http in sigilld.conf) from everywhere.")};

	if (p->fault == NULL)
		return SGL_OK;
	return sgl_findings_add(ctx, &missing, err,
	    p->detail[0] == '\0' ? "%s: %s%s" : "%s: %s (%s)", p->url,
	    _(p->fault), p->detail);
}

sgl_status
sgl_doctor_published(
    sgl_session *s, unsigned seconds, sgl_findings *f, bool *good, sgl_err *err)
{
	return sgl_published_look(s->home, seconds, note, f, good, err);
}
