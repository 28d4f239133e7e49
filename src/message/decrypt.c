/* SPDX-License-Identifier: Apache-2.0 */
#include "message/main.h"
#include "message/read.h"
#include "sys/log.h"

#define ROOM "message.decrypt"

/* Who signed is not asked here; but what lies around the encryption and was
 * changed is not let through (verify, then release). */
static sgl_status
refuse_tampered(sgl_msg *m, bool *release)
{
	*release = sgl_call_has(m->call, "release-unverified");
	m->exit = SGL_EXIT_NO;
	sgl_log_error(
	    _("%s: the message was changed after it was signed"), m->at);
	if (!*release)
		sgl_log_note(_("hint: the content was not written; sigill "
			       "verify tells more"));
	return SGL_OK;
}

static const char *
hint_for(const sgl_call *call, const sgl_verdict_summary *sum)
{
	if (sum->needed_key[0] == '\0' && sum->needs_password)
		return _("it was encrypted with a password: give it with "
			 "--password-recipient");
	if (sum->needed_key[0] == '\0' && sum->needs_kek)
		return _("it was encrypted with a key-encryption key: give it "
			 "with --kek");
	return sgl_call_has(call, "key")
	    ? _("old keys are needed for old mail, and with each key its "
		"certificate: give them with --key too")
	    : _("give the private key with --key");
}

static sgl_status
fail_locked(sgl_msg *m, const sgl_verdict_summary *sum, sgl_err *err)
{
	m->hint = hint_for(m->call, sum);
	if (sum->needed_key[0] == '\0')
		return sgl_fail(
		    err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET, N_("no key fits"));
	return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("no key fits; one of this certificate is needed"), "%s",
	    sum->needed_key);
}

static void
warn(const sgl_msg *m, const sgl_verdict_summary *sum)
{
	if (sum->confidentiality == SGL_CONFIDENTIALITY_NO_INTEGRITY)
		sgl_log_warning(
		    _("%s: %s does not protect against change: unless a "
		      "signature inside is good (see: sigill verify), "
		      "somebody may have altered the content"),
		    m->at, sum->cipher);
	if (sum->from_is_unproven)
		sgl_log_warning(_("%s: inside it names another sender than "
				  "outside, as forged mail does"),
		    m->at);
	if (sum->signs_ciphertext)
		sgl_log_warning(_("%s: who made the signature around the "
				  "encryption was not checked (see: sigill "
				  "verify)"),
		    m->at);
}

static sgl_status
judge(sgl_msg *m, const sgl_verdict *verdict, bool has_content, bool *release,
    sgl_err *err)
{
	sgl_verdict_summary sum;

	sgl_verdict_get_summary(verdict, &sum);
	if (sgl_call_has(m->call, "json"))
		TRY(sgl_msg_say_json(m, verdict, err));
	if (sum.confidentiality == SGL_CONFIDENTIALITY_LOCKED)
		return fail_locked(m, &sum, err);
	/* What came out may hold OpenPGP: it was opened all the same. */
	if (sum.confidentiality == SGL_CONFIDENTIALITY_NONE &&
	    sum.has_openpgp_encryption)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    N_("is encrypted with OpenPGP, which is not read here"));
	if (sum.confidentiality == SGL_CONFIDENTIALITY_NONE)
		return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("is not encrypted: there is nothing to decrypt"));
	if (!has_content)
		return sgl_fail(err, SGL_E_UNSUPPORTED, ROOM, SGL_NO_OFFSET,
		    N_("the signature around the encryption cannot be "
		       "checked"));
	if (sum.signature == SGL_SIGNATURE_TAMPERED)
		return refuse_tampered(m, release);
	warn(m, &sum);
	*release = true;
	return SGL_OK;
}

static sgl_status
decrypt(sgl_msg *m, sgl_err *err)
{
	static const sgl_read_how how = {
	    .peel = SGL_PEEL_ENCRYPTION,
	    .keep_headers = true,
	    .needs_output = true,
	    .is_secret = true,
	    .judge = judge,
	};

	return sgl_msg_read(m, &how, err);
}

const sgl_option sgl_decrypt_options[] = {
    SGL_OPTIONS_DECRYPT,
    SGL_OPTION_RELEASE,
    SGL_OPTION_OUTPUT,
    SGL_OPTION_JSON,
    SGL_OPTION_HOME,
    SGL_OPTIONS_END,
};

int
sgl_decrypt_main(sgl_call *call)
{
	return sgl_msg_run(call, decrypt);
}
