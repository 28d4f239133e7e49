/* SPDX-License-Identifier: Apache-2.0 */
/* From the verdict to the exit status, for verify and open. */
#include "message/read.h"
#include "message/verdict_say.h"
#include "sys/log.h"

/* Every defect must be accepted, not only the worst. */
static unsigned
not_accepted(const sgl_call *call, unsigned defects)
{
	sgl_signature_state accepted;

	for (size_t i = 0; i < sgl_call_num(call, "accept"); i++)
		if (sgl_signature_state_find(
			sgl_slice_str(sgl_call_nth(call, "accept", i)),
			&accepted))
			defects &= ~(1u << accepted);
	return defects;
}

static sgl_status
say(sgl_msg *m, const sgl_verdict *verdict, const sgl_verdict_summary *sum,
    sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init((size_t)1 << 20);

	if (sgl_call_has(m->call, "json"))
		return sgl_msg_say_json(m, verdict, err);
	TRY(sgl_verdict_say(sum, &text, err));
	return sgl_msg_say(m, sgl_buf_slice(&text), err);
}

static bool
wants_content(const sgl_call *call)
{
	return strcmp(call->command->name, "open") == 0 ||
	    sgl_call_has(call, "output");
}

/* Nobody is told how to let pass what was forged or revoked. */
#define HARMLESS                                                               \
	(1u << SGL_SIGNATURE_NONE |                                            \
	    1u << SGL_SIGNATURE_VALID_ADDRESS_MISMATCH |                       \
	    1u << SGL_SIGNATURE_VALID_UNTRUSTED |                              \
	    1u << SGL_SIGNATURE_VALID_REVOCATION_UNKNOWN)

/* "--accept valid-untrusted --accept valid-address-mismatch" */
static sgl_status
add_options(unsigned defects, sgl_buf *out, sgl_err *err)
{
	for (unsigned s = 0; s <= SGL_SIGNATURE_NO_CERTIFICATE; s++)
		if ((defects & 1u << s) != 0)
			TRY(sgl_buf_printf(out, err, "%s--accept %s",
			    out->len == 0 ? "" : " ",
			    sgl_signature_state_name((sgl_signature_state)s)));
	return sgl_buf_add(out, sgl_slice_of("", 1), err);
}

/* What was held back, and how to get at it. */
static sgl_status
tell_withheld(const sgl_msg *m, const sgl_verdict_summary *sum,
    unsigned defects, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) options = sgl_buf_init(1024);

	if (!wants_content(m->call))
		return SGL_OK;
	TRY(add_options(defects, &options, err));
	if (sum->from_is_unproven)
		sgl_log_note(_("hint: the content was not written: inside it "
			       "names another sender than outside, as forged "
			       "mail does"));
	else if ((defects & ~HARMLESS) == 0)
		sgl_log_note(_("hint: the content was not written; %s lets "
			       "such messages pass"),
		    (const char *)options.data);
	else
		sgl_log_note(_("hint: the content was not written"));
	return SGL_OK;
}

sgl_status
sgl_msg_judge(sgl_msg *m, const sgl_verdict *verdict, bool has_content,
    bool *release, sgl_err *err)
{
	sgl_verdict_summary sum;
	unsigned defects;
	bool good;

	sgl_verdict_get_summary(verdict, &sum);
	defects = not_accepted(m->call, sum.defects);
	good = defects == 0 && !sum.from_is_unproven;
	TRY(say(m, verdict, &sum, err));
	m->exit = good ? SGL_EXIT_OK : SGL_EXIT_NO;
	if (sum.confidentiality == SGL_CONFIDENTIALITY_LOCKED)
		m->exit = SGL_EXIT_KEY;
	*release = has_content &&
	    (good || sgl_call_has(m->call, "release-unverified"));
	if (has_content && !*release)
		return tell_withheld(m, &sum, defects, err);
	return SGL_OK;
}
