/* SPDX-License-Identifier: Apache-2.0 */
/* From the verdict to the exit status, for verify and open. */
#include "cmd/msg_read.h"
#include "cmd/verdict_say.h"
#include "sys/log.h"

static bool
is_accepted(const sgl_call *call, sgl_signature_state state)
{
	sgl_signature_state accepted;

	if (state == SGL_SIGNATURE_VALID_TRUSTED)
		return true;
	for (size_t i = 0; i < sgl_call_num(call, "accept"); i++)
		if (sgl_signature_state_find(
			sgl_slice_str(sgl_call_nth(call, "accept", i)),
			&accepted) &&
		    accepted == state)
			return true;
	return false;
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
static bool
is_harmless(sgl_signature_state state)
{
	return state == SGL_SIGNATURE_NONE ||
	    state == SGL_SIGNATURE_VALID_ADDRESS_MISMATCH ||
	    state == SGL_SIGNATURE_VALID_UNTRUSTED ||
	    state == SGL_SIGNATURE_VALID_REVOCATION_UNKNOWN;
}

/* What was held back, and how to get at it. */
static void
tell_withheld(const sgl_msg *m, const sgl_verdict_summary *sum)
{
	sgl_signature_state state = sum->signature;

	if (!wants_content(m->call))
		return;
	if (sum->from_is_unproven)
		sgl_log_note(_("hint: the content was not written: inside it "
			       "names another sender than outside, as forged "
			       "mail does"));
	else if (is_harmless(state))
		sgl_log_note(_("hint: the content was not written; --accept %s "
			       "lets such messages pass"),
		    sgl_signature_state_name(state));
	else
		sgl_log_note(_("hint: the content was not written"));
}

sgl_status
sgl_msg_judge(sgl_msg *m, const sgl_verdict *verdict, bool has_content,
    bool *release, sgl_err *err)
{
	sgl_verdict_summary sum;
	bool good;

	sgl_verdict_get_summary(verdict, &sum);
	good = is_accepted(m->call, sum.signature) && !sum.from_is_unproven;
	TRY(say(m, verdict, &sum, err));
	m->exit = good ? SGL_EXIT_OK : SGL_EXIT_NO;
	if (sum.confidentiality == SGL_CONFIDENTIALITY_LOCKED)
		m->exit = SGL_EXIT_KEY;
	*release = has_content &&
	    (good || sgl_call_has(m->call, "release-unverified"));
	if (has_content && !*release)
		tell_withheld(m, &sum);
	return SGL_OK;
}
