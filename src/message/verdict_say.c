/* SPDX-License-Identifier: Apache-2.0 */
#include "message/verdict_say.h"
#include "base/time.h"
#include "base/utf8.h"
#include "sys/text.h"

#define LONGEST_NAME 4096

/* How sure it is that the one in the certificate is the signer. */
typedef enum claim {
	CLAIM_NONE,	   /* nobody is named */
	CLAIM_CERTIFIED,   /* somebody trusted says so */
	CLAIM_CERTIFICATE, /* a certificate says so */
	CLAIM_ONLY	   /* not even that is proven */
} claim;

typedef struct sentences {
	claim claim;
	const char *believe, *advice; /* "" for none */
} sentences;

static const sentences by_state[] = {
    [SGL_SIGNATURE_NONE] = {CLAIM_NONE, "",
	N_("Do not rely on its From line alone.")},
    [SGL_SIGNATURE_VALID_TRUSTED] = {CLAIM_CERTIFIED,
	N_("You can believe it: nothing was changed since, and the signer is "
	   "trusted."),
	""},
    [SGL_SIGNATURE_VALID_ADDRESS_MISMATCH] = {CLAIM_CERTIFIED,
	N_("Nothing was changed since and the signer is trusted, but that is "
	   "not who the message says it is from."),
	N_("Believe the signer, not the From line; if you do not know the "
	   "signer, ask the sender in another way.")},
    [SGL_SIGNATURE_VALID_UNTRUSTED] = {CLAIM_CERTIFICATE,
	N_("Nothing was changed since, but nobody you trust vouches for this "
	   "certificate: anybody could have made it."),
	N_("If you know the issuer, get its certificate from a place you trust "
	   "and give it with --trust.")},
    [SGL_SIGNATURE_VALID_REVOCATION_UNKNOWN] = {CLAIM_CERTIFIED,
	N_("Nothing was changed since and the signer is trusted, but whether "
	   "the certificate has been revoked could not be found out."),
	N_("Give the issuer's current revocation list with --crl.")},
    [SGL_SIGNATURE_WEAK] = {CLAIM_CERTIFIED,
	N_("It rests on methods that can be broken today, so it proves "
	   "little."),
	N_("Ask the sender to sign with a newer certificate or program.")},
    [SGL_SIGNATURE_REVOKED] = {CLAIM_CERTIFICATE,
	N_("Do not believe it: the certificate, or one that it rests on, has "
	   "been revoked."),
	N_("Before you act on it, ask the sender in another way.")},
    [SGL_SIGNATURE_EXPIRED] = {CLAIM_CERTIFICATE,
	N_("Nothing was changed since, but the certificate, or one that it "
	   "rests on, was not valid any more."),
	N_("If it is an old message, judge it as of the day it came: "
	   "--at TIME.")},
    [SGL_SIGNATURE_NOT_YET_VALID] = {CLAIM_CERTIFICATE,
	N_("Nothing was changed since, but the certificate, or one that it "
	   "rests on, was not valid yet."),
	N_("See whether the clock of this computer is right.")},
    [SGL_SIGNATURE_WRONG_USAGE] = {CLAIM_CERTIFICATE,
	N_("Nothing was changed since, but the certificate is not meant for "
	   "signing mail."),
	N_("Ask the sender to sign with a certificate for mail.")},
    [SGL_SIGNATURE_CHAIN_ERROR] = {CLAIM_CERTIFICATE,
	N_("Do not believe it: the certificates that it rests on break the "
	   "rules."),
	N_("Treat it as a message without signature, and tell the sender.")},
    [SGL_SIGNATURE_TAMPERED] = {CLAIM_ONLY,
	N_("Do not believe it: the message was changed after it was signed, "
	   "or the signature belongs to another."),
	N_("Ask the sender to send it again. (Mailing lists and scanners that "
	   "alter mail cause this too.)")},
    [SGL_SIGNATURE_UNSUPPORTED] = {CLAIM_ONLY,
	N_("The signature cannot be checked here, so it proves nothing."),
	N_("Treat it as a message without signature.")},
    [SGL_SIGNATURE_NO_CERTIFICATE] = {CLAIM_NONE,
	N_("The signature cannot be checked, so it proves nothing."),
	N_("Ask the sender for the certificate and give it with "
	   "--intermediate.")},
};

static const struct {
	const char *reason, *text;
} reasons[] = {
    {"signed-part-inside",
	N_("A part of it is signed: save that part as a file, and let sigill "
	   "verify check it.")},
    {"protected-part-inside",
	N_("A part of it is signed or encrypted: save that part as a file, and "
	   "let sigill open read it.")},
    {"torn-signature",
	N_("It carries a signature that stands alone: a gateway or a mailing "
	   "list took the signed message apart, so it cannot be checked.")},
    {"openpgp",
	N_("It is protected with OpenPGP, which is not read here: use a "
	   "program for that.")},
    {"tnef",
	N_("It came as winmail.dat (TNEF), which only Microsoft's programs "
	   "read: whether anything in it is signed or encrypted cannot be "
	   "seen. Whoever runs the sender's mail server can turn that form "
	   "off.")},
    {"digest-mismatch", N_("The content is not the one that was signed.")},
    {"signature-mismatch",
	N_("The signature was not made with the key of the certificate.")},
    {"certificate-exchanged",
	N_("The certificate is not the one that the signer meant.")},
    {"malformed-attributes",
	N_("What was signed beside the content is malformed.")},
    {"content-type-mismatch",
	N_("The signature was made over another kind of content.")},
    {"algorithm-mismatch",
	N_("The signature contradicts itself about its algorithms.")},
    {"unsupported-algorithm",
	N_("It uses an algorithm that is not known here.")},
    {"md5", N_("It uses MD5, with which anybody can forge.")},
    {"unsupported-key", N_("The certificate's kind of key is not known here.")},
    {"digest-not-made", N_("It uses a digest that is not made here.")},
    {"digest-not-listed",
	N_("It uses a digest that the message does not announce.")},
    {"address-mismatch", N_("The certificate does not name that address.")},
    {"only-sender-matches",
	N_("The signer is the one in the Sender field, who sent it in "
	   "another's name.")},
    {"several-from-fields",
	N_("The message has several From fields, which is a known trick.")},
    {"unreadable-from", N_("The From field cannot be read.")},
    {"certificate-without-address",
	N_("The certificate names no mail address.")},
    {"sha1", N_("The signature uses SHA-1.")},
    {"weak-chain",
	N_("A certificate that it rests on uses SHA-1, or an RSA key under "
	   "2048 bits.")},
    {"bad-signature",
	N_("One of them was not signed by the issuer that it names.")},
    {"not-a-ca",
	N_("One of them was issued by somebody who is no "
	   "authority.")},
    {"too-long", N_("The chain is longer than an authority in it allows.")},
    {"key-usage", N_("An authority among them may not issue certificates.")},
    {"extended-key-usage", N_("An authority among them may not certify mail.")},
    {"name-constraints",
	N_("An authority among them may not certify this name or address.")},
    {"policy", N_("They do not follow the policy that they demand.")},
    {"unknown-critical-extension",
	N_("One of them has a critical extension that is not known here.")},
    {"malformed", N_("One of them cannot be read in full.")},
    {"unsupported",
	N_("One of them uses an algorithm that is not known "
	   "here.")},
    {"weak",
	N_("One of them is signed with MD5, with which anybody can forge.")},
    {"gave-up", N_("There are too many of them to try.")},
};

sgl_status
sgl_say_safe(sgl_buf *out, const char *text, sgl_err *err)
{
	sgl_slice left = sgl_slice_str(text);

	while (left.len > 0) {
		uint32_t c;
		size_t n = sgl_utf8_read(left, &c);
		if (n == 0 || sgl_utf8_is_harmful(c))
			TRY(sgl_buf_add_str(out, "?", err));
		else
			TRY(sgl_buf_add(out, sgl_slice_first(left, n), err));
		left = sgl_slice_from(left, n == 0 ? 1 : n);
	}
	return SGL_OK;
}

static sgl_status
add_line(sgl_buf *out, const char *text, sgl_err *err)
{
	return text[0] == '\0' ? SGL_OK
			       : sgl_buf_printf(out, err, "%s\n", text);
}

/* "alice@example.org (Alice Example)", with a NUL. */
static sgl_status
name_signer(const sgl_verdict_summary *s, sgl_buf *who, sgl_err *err)
{
	bool has_address = s->signer_address[0] != '\0';

	TRY(sgl_say_safe(
	    who, has_address ? s->signer_address : s->signer_name, err));
	if (has_address && s->signer_name[0] != '\0' &&
	    strcmp(s->signer_name, s->signer_address) != 0) {
		TRY(sgl_buf_add_str(who, " (", err));
		TRY(sgl_say_safe(who, s->signer_name, err));
		TRY(sgl_buf_add_str(who, ")", err));
	}
	return sgl_buf_add(who, sgl_slice_of("", 1), err);
}

static sgl_status
add_time(const sgl_verdict_summary *s, sgl_buf *out, sgl_err *err)
{
	char when[SGL_TIME_TEXT];

	if (s->has_signing_time)
		TRY(sgl_buf_printf(out, err, _(" The signer dates it %s."),
		    sgl_time_text(s->signing_time, when)));
	if (s->num_signers > 1)
		TRY(sgl_buf_printf(out, err,
		    _(" (One of %zu signatures; --json has all.)"),
		    s->num_signers));
	return sgl_buf_add_str(out, "\n", err);
}

/* Whoever signed the ciphertext need not have known what is in it. */
static sgl_status
add_outside(const sgl_verdict_summary *s, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) who = sgl_buf_init(2 * LONGEST_NAME);

	TRY(name_signer(s, &who, err));
	return sgl_buf_printf(out, err,
	    _("What is inside is not signed. The signature lies around the "
	      "encryption: it tells who sent this (%s), not who wrote it.\n"),
	    (const char *)who.data);
}

static sgl_status
add_nobody(const sgl_verdict_summary *s, sgl_buf *out, sgl_err *err)
{
	const char *text = _("Not signed: nothing proves who wrote this.");

	if (s->signs_ciphertext)
		return add_outside(s, out, err);
	if (s->signature == SGL_SIGNATURE_NO_CERTIFICATE)
		text = _("Signed, but the signer's certificate did not come "
			 "along.");
	else if (s->confidentiality == SGL_CONFIDENTIALITY_LOCKED)
		text = _("Locked: a signature, if there is one, is inside of "
			 "the encryption.");
	else if (s->confidentiality != SGL_CONFIDENTIALITY_NONE)
		text = _("Not signed: the sender is not proven. Whoever has "
			 "your certificate could have written this.");
	return add_line(out, text, err);
}

static sgl_status
add_who(const sgl_verdict_summary *s, claim how, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) who = sgl_buf_init(2 * LONGEST_NAME);
	SGL_AUTO_CLEAR(sgl_buf) issuer = sgl_buf_init(LONGEST_NAME);
	const char *a, *b;

	if (how == CLAIM_NONE)
		return add_nobody(s, out, err);
	if (s->signer_name[0] == '\0' && s->signer_address[0] == '\0')
		return add_line(out, _("It carries a signature."), err);
	TRY(name_signer(s, &who, err));
	TRY(sgl_say_safe(&issuer, s->issuer_name, err));
	TRY(sgl_buf_add(&issuer, sgl_slice_of("", 1), err));
	a = (const char *)who.data;
	b = (const char *)issuer.data;
	if (how == CLAIM_CERTIFIED)
		TRY(sgl_buf_printf(
		    out, err, _("Signed by %s, as %s certifies."), a, b));
	else if (how == CLAIM_CERTIFICATE)
		TRY(sgl_buf_printf(out, err,
		    _("Signed with a certificate for %s, issued by %s."), a,
		    b));
	else
		TRY(sgl_buf_printf(out, err, _("The signature names %s."), a));
	return add_time(s, out, err);
}

/* What is wrong beside the worst, which the other sentences are about. */
static const struct {
	sgl_signature_state state;
	const char *text;
} besides[] = {
    {SGL_SIGNATURE_CHAIN_ERROR, N_("its certificates break the rules")},
    {SGL_SIGNATURE_EXPIRED, N_("a certificate is not valid any more")},
    {SGL_SIGNATURE_NOT_YET_VALID, N_("a certificate is not valid yet")},
    {SGL_SIGNATURE_WRONG_USAGE, N_("the certificate is not for signing mail")},
    {SGL_SIGNATURE_VALID_UNTRUSTED,
	N_("nobody you trust vouches for the certificate")},
    {SGL_SIGNATURE_WEAK, N_("it rests on methods that can be broken")},
    {SGL_SIGNATURE_VALID_ADDRESS_MISMATCH,
	N_("the certificate is not for the From address")},
    {SGL_SIGNATURE_VALID_REVOCATION_UNKNOWN,
	N_("whether a certificate has been revoked is not known")},
};

static sgl_status
add_besides(const sgl_verdict_summary *s, sgl_buf *out, sgl_err *err)
{
	size_t start = out->len;

	for (size_t i = 0; i < sizeof besides / sizeof *besides; i++) {
		if (besides[i].state == s->signature ||
		    (s->defects & 1u << besides[i].state) == 0)
			continue;
		TRY(sgl_buf_add_str(
		    out, out->len == start ? _("Besides: ") : "; ", err));
		TRY(sgl_buf_add_str(out, sgl_text(besides[i].text), err));
	}
	return out->len == start ? SGL_OK : sgl_buf_add_str(out, ".\n", err);
}

static const char *
reason_text(const char *reason)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (strcmp(reasons[i].reason, reason) == 0)
			return sgl_text(reasons[i].text);
	return "";
}

/* One line, or none. */
static sgl_status
add_why(const sgl_verdict_summary *s, sgl_buf *out, sgl_err *err)
{
	const char *text = reason_text(s->reason);
	size_t start = out->len;
	char when[SGL_TIME_TEXT];

	if (s->signature == SGL_SIGNATURE_VALID_TRUSTED)
		return SGL_OK;
	if (s->signature == SGL_SIGNATURE_VALID_ADDRESS_MISMATCH &&
	    s->from[0] != '\0') {
		TRY(sgl_buf_add_str(out, _("It says it is from: "), err));
		TRY(sgl_say_safe(out, s->from, err));
		TRY(sgl_buf_add_str(out, ". ", err));
	}
	if (s->signature == SGL_SIGNATURE_EXPIRED)
		TRY(sgl_buf_printf(out, err,
		    _("The signer's own certificate is valid until %s. "),
		    sgl_time_text(s->cert_not_after, when)));
	else if (text[0] != '\0')
		TRY(sgl_buf_printf(out, err, "%s ", text));
	TRY(add_besides(s, out, err));
	if (out->len == start || out->data[out->len - 1] == '\n')
		return SGL_OK;
	out->data[out->len - 1] = '\n';
	return SGL_OK;
}

static sgl_status
add_unencrypted(const sgl_verdict_summary *s, sgl_buf *out, sgl_err *err)
{
	const char *text = _("Not encrypted: others could read it on its way.");

	if (s->holds_encryption)
		text =
		    _("What was signed is encrypted: this tells who sent "
		      "it, not who wrote what is inside (see: sigill open).");
	else if (s->has_encrypted_part)
		text = _("A part of it is encrypted: save that part as a file, "
			 "and let sigill open read it.");
	else if (s->has_openpgp_encryption)
		text = _("It is encrypted with OpenPGP, and was not opened.");
	else if (s->has_protected_part || s->has_tnef)
		return SGL_OK;
	return add_line(out, text, err);
}

static sgl_status
add_confidentiality(const sgl_verdict_summary *s, sgl_buf *out, sgl_err *err)
{
	switch (s->confidentiality) {
	case SGL_CONFIDENTIALITY_NONE:
		return add_unencrypted(s, out, err);
	case SGL_CONFIDENTIALITY_ENCRYPTED:
		return sgl_buf_printf(out, err,
		    _("It was encrypted (%s), and nobody could change it on "
		      "its way.\n"),
		    s->cipher);
	case SGL_CONFIDENTIALITY_NO_INTEGRITY:
		return sgl_buf_printf(out, err,
		    _("It was encrypted (%s), but nothing proves that nobody "
		      "changed it on its way.\n"),
		    s->cipher);
	case SGL_CONFIDENTIALITY_LOCKED:
		TRY(sgl_buf_printf(out, err,
		    _("It is encrypted (%s), and no key that was given opens "
		      "it."),
		    s->cipher));
		if (s->needed_key[0] != '\0')
			TRY(sgl_buf_add_str(out, _(" It is for: "), err));
		TRY(sgl_say_safe(out, s->needed_key, err));
		return sgl_buf_add_str(out, "\n", err);
	}
	return SGL_OK;
}

/* A stranger's text for a sentence, with a NUL; never nothing. */
static sgl_status
make_safe(const char *text, sgl_buf *out, sgl_err *err)
{
	TRY(sgl_say_safe(out, text[0] == '\0' ? "?" : text, err));
	return sgl_buf_add(out, sgl_slice_of("", 1), err);
}

/* RFC 9788 4.4.2: both senders are shown. */
static sgl_status
add_two_senders(const sgl_verdict_summary *s, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) outer = sgl_buf_init(1 << 20);
	SGL_AUTO_CLEAR(sgl_buf) inner = sgl_buf_init(1 << 20);

	TRY(make_safe(s->outer_from, &outer, err));
	TRY(make_safe(s->protected_from, &inner, err));
	return sgl_buf_printf(out, err,
	    s->from_is_unproven
		? _("Beware: outside it says it is from %s, inside from %s, "
		    "and neither is proven.\n")
		: _("Outside it says it is from %s, but nobody signed that; "
		    "inside, where it is signed, it is from %s.\n"),
	    (const char *)outer.data, (const char *)inner.data);
}

/* Only where somebody might look at the wrong ones. */
static sgl_status
add_headers(const sgl_verdict_summary *s, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) names = sgl_buf_init(1 << 20);

	if (!s->protects_headers)
		return SGL_OK;
	if (s->from_differs)
		return add_two_senders(s, out, err);
	if (s->signature == SGL_SIGNATURE_TAMPERED)
		return SGL_OK;
	if (s->differing_fields[0] != '\0') {
		TRY(make_safe(s->differing_fields, &names, err));
		return sgl_buf_printf(out, err,
		    _("Header fields outside are not those that are protected "
		      "inside, which count: %s.\n"),
		    (const char *)names.data);
	}
	if (s->subject_was_hidden)
		return add_line(out,
		    _("Its subject was hidden on the way: the one inside "
		      "counts."),
		    err);
	return SGL_OK;
}

static const char *
class_name(int classification)
{
	static const char *const names[] = {N_("unmarked"), N_("unclassified"),
	    N_("restricted"), N_("confidential"), N_("secret"),
	    N_("top secret")};

	return classification >= 0 &&
		(size_t)classification < sizeof names / sizeof *names
	    ? sgl_text(names[classification])
	    : NULL;
}

/* In front of the line about confidentiality, which is not empty where
 * something is signed. */
static sgl_status
add_label(const sgl_verdict_summary *s, sgl_buf *out, sgl_err *err)
{
	const char *name = class_name(s->label_classification);

	if (s->is_receipt)
		return sgl_buf_add_str(out,
		    _("This is a signed receipt for a message, not a "
		      "message. "),
		    err);
	if (s->label_policy[0] == '\0')
		return SGL_OK;
	if (name != NULL)
		TRY(sgl_buf_printf(out, err,
		    _("Security label: %s (policy %s)"), name,
		    s->label_policy));
	else if (s->label_classification >= 0)
		TRY(sgl_buf_printf(out, err,
		    _("Security label: class %d (policy %s)"),
		    s->label_classification, s->label_policy));
	else
		TRY(sgl_buf_printf(
		    out, err, _("Security label: policy %s"), s->label_policy));
	if (s->label_mark[0] != '\0') {
		TRY(sgl_buf_add_str(out, ", \"", err));
		TRY(sgl_say_safe(out, s->label_mark, err));
		TRY(sgl_buf_add_str(out, "\"", err));
	}
	if (s->labels_differ)
		TRY(sgl_buf_add_str(
		    out, _("; but not all of its signatures say so"), err));
	return sgl_buf_add_str(out, ". ", err);
}

static sgl_status
add_limits(const sgl_verdict_summary *s, sgl_buf *out, sgl_err *err)
{
	if (s->signature == SGL_SIGNATURE_VALID_TRUSTED &&
	    !s->revocation_checked)
		return add_line(out,
		    _("Whether the certificate has been revoked was not "
		      "checked."),
		    err);
	return SGL_OK;
}

/* A key that somebody has in any case before a secret that must be asked for.
 */
static const char *
how_to_open(const sgl_verdict_summary *s)
{
	if (s->needed_key[0] == '\0' && s->needs_password)
		return _("Open it with its password: sigill open "
			 "--password-recipient FILE.");
	if (s->needed_key[0] == '\0' && s->needs_kek)
		return _("Open it with its key-encryption key: sigill open "
			 "--kek FILE.");
	return _("Open it with the private key that belongs to it: sigill open "
		 "--key ID.");
}

static sgl_status
add_around(const sgl_verdict_summary *s, sgl_buf *out, sgl_err *err)
{
	if (!s->has_text_around)
		return SGL_OK;
	return add_line(out,
	    _("Around the message the file has other text, which was neither "
	      "signed nor encrypted."),
	    err);
}

sgl_status
sgl_verdict_say(const sgl_verdict_summary *sum, sgl_buf *out, sgl_err *err)
{
	const sentences *s = &by_state[sum->signature];
	bool is_locked = sum->confidentiality == SGL_CONFIDENTIALITY_LOCKED;

	TRY(add_who(sum, s->claim, out, err));
	TRY(add_line(out, sgl_text(s->believe), err));
	TRY(add_why(sum, out, err));
	TRY(add_headers(sum, out, err));
	TRY(add_label(sum, out, err));
	TRY(add_confidentiality(sum, out, err));
	TRY(add_around(sum, out, err));
	TRY(add_limits(sum, out, err));
	if (is_locked)
		return add_line(out, how_to_open(sum), err);
	return add_line(out, sgl_text(s->advice), err);
}
