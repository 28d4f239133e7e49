/* SPDX-License-Identifier: Apache-2.0 */
/* sigill cert */
#include "admin/bundle.h"
#include "admin/issue.h"
#include "admin/table.h"

static const sgl_option list_options[] = {
    {"purpose", 0, "PURPOSE", N_("signing or encryption alone (else both)"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option show_options[] = {
    {"purpose", 0, "PURPOSE", N_("signing or encryption alone (else both)"),
	false},
    {"password-file", 0, "FILE", N_("the password of a PKCS#12 file"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option lint_options[] = {
    {"at", 0, "TIME",
	N_("by the rules in force then (else when the certificate was "
	   "issued)"),
	false},
    {"private", 0, NULL,
	N_("the issuer is not for the public: do not ask for a policy of the "
	   "Baseline Requirements"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option export_options[] = {
    {"purpose", 0, "PURPOSE",
	N_("signing or encryption (else encryption; with --pkcs12 both)"),
	false},
    {"chain", 0, NULL, N_("the issuing authority's certificate too"), false},
    {"pkcs12", 0, NULL,
	N_("PKCS#12 with the private keys, every former encryption key among "
	   "them"),
	false},
    {"mobileconfig", 0, NULL,
	N_("a configuration profile for Apple's devices, with the same keys"),
	false},
    {"sign-as", 0, "ADDRESS", N_("with --mobileconfig: signed by this mailbox"),
	false},
    {"password-file", 0, "FILE",
	N_("the password of the PKCS#12 (else it is asked)"), false},
    {"password-out", 0, "FILE",
	N_("make a password, and write it to FILE (-: to the terminal)"),
	false},
    {"holder", 0, "ADDRESS", N_("who is given the keys of a shared mailbox"),
	false},
    {"legacy", 0, NULL,
	N_("PKCS#12 in the old form (3DES, SHA-1), for old programs"), false},
    SGL_OPTION_OUTPUT,
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option renew_options[] = {
    {"purpose", 0, "PURPOSE",
	N_("signing, encryption or dual: both in one (else what the person is "
	   "to have)"),
	false},
    {"due", 0, NULL,
	N_("all that is due by now, one after the other (the service does so "
	   "by itself)"),
	false},
    {"all", 0, NULL,
	N_("all there is, due or not; if interrupted, the same command goes "
	   "on"),
	false},
    {"plan", 0, NULL,
	N_("change nothing: say when each is due, and how many on a day"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option import_options[] = {
    {"purpose", 0, "PURPOSE",
	N_("signing or encryption (else all that each certificate allows)"),
	false},
    {"password-file", 0, "FILE",
	N_("the password of the files (else it is asked)"), false},
    {"dry-run", 0, NULL, N_("say what would be done, and do nothing"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option revoke_options[] = {
    {"reason", 0, "REASON",
	N_("why: keyCompromise, affiliationChanged, superseded, "
	   "cessationOfOperation, privilegeWithdrawn, unspecified, or "
	   "certificateHold (which can be taken back)"),
	false},
    {"invalid-since", 0, "TIME",
	N_("since when the key is known or feared not to be safe"), false},
    {"purpose", 0, "PURPOSE",
	N_("of a person: signing or encryption (else both)"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option issue_options[] = {
    {"all", 0, NULL,
	N_("new keys and certificates for everybody who lacks some; if "
	   "interrupted, the same command goes on"),
	false},
    {"plan", 0, NULL, N_("with --all: change nothing, say who lacks which"),
	false},
    {"csr", 0, "FILE",
	N_("for the key of this certification request (PKCS#10), which is a "
	   "device's"),
	false},
    {"purpose", 0, "PURPOSE",
	N_("signing, encryption or dual: both in one (else as the request "
	   "says)"),
	false},
    SGL_OPTION_OUTPUT,
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option use_options[] = {
    {"purpose", 0, "PURPOSE",
	N_("signing or encryption (else all that the certificate is for)"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option release_options[] = {
    {"purpose", 0, "PURPOSE",
	N_("of a person: signing or encryption (else both)"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_cert_jobs[] = {
    {"cert list", sgl_org_cert_list, .office = SGL_OFFICE_READER},
    {"cert show", sgl_org_cert_show, .office = SGL_OFFICE_READER},
    /* Handing out private keys is told, as a change is. */
    {"cert export", sgl_org_cert_export, true,
	.office = SGL_OFFICE_ADMINISTRATOR, .with = "pkcs12"},
    {"cert export", sgl_org_cert_export, true,
	.office = SGL_OFFICE_ADMINISTRATOR, .with = "mobileconfig"},
    {"cert export", sgl_org_cert_export, .office = SGL_OFFICE_READER},
    {"cert renew", sgl_org_renew_plan, .office = SGL_OFFICE_READER,
	.with = "plan"},
    {"cert renew", sgl_org_renew_step, true, .office = SGL_OFFICE_OPERATOR,
	.with = "due"},
    {"cert renew", sgl_org_renew_step, true, .office = SGL_OFFICE_OPERATOR,
	.with = "all"},
    {"cert confirm", sgl_org_cert_confirm, true, .office = SGL_OFFICE_OPERATOR},
    {"cert renew", sgl_org_cert_renew, true, .office = SGL_OFFICE_OPERATOR},
    {"cert issue", sgl_org_cert_issue_plan, .office = SGL_OFFICE_READER,
	.with = "plan"},
    {"cert issue", sgl_org_cert_issue_all, true, .office = SGL_OFFICE_OPERATOR,
	.with = "all"},
    {"cert issue", sgl_org_cert_issue_request, true,
	.office = SGL_OFFICE_OPERATOR, .bring = sgl_bring_request},
    {"cert import", sgl_org_cert_import, true, .bring = sgl_bring_files_for},
    {"cert use", sgl_org_cert_use, true, .office = SGL_OFFICE_OPERATOR},
    {"cert revoke", sgl_org_cert_revoke, true, .office = SGL_OFFICE_OPERATOR},
    {"cert release", sgl_org_cert_release, true, .office = SGL_OFFICE_OPERATOR},
    {.command = NULL},
};

const sgl_command sgl_cert_commands[] = {
    {.name = "cert",
	.summary = N_("their certificates: list, show, lint, export, renew, "
		      "revoke, release, issue, import, use")},
    {"cert list", "[ADDRESS]", N_("list certificates"), NULL, list_options, 0,
	1, false, sgl_org_run},
    {"cert show", "ADDRESS|SERIAL|FILE",
	N_("show certificates: of a person, by number, or in a file"), NULL,
	show_options, 1, 1, false, sgl_org_cert_show_any},
    {"cert lint", "FILE",
	N_("judge certificates by the rules for S/MIME certificates"),
	N_("The rules: the S/MIME Baseline Requirements of the CA/Browser "
	   "Forum, RFC 5280, 8550, 8551, 4262, 8398 and 9598."),
	lint_options, 1, 1, false, sgl_org_cert_lint},
    {"cert export", "ADDRESS",
	N_("write a person's certificate (PEM) or keys (PKCS#12)"), NULL,
	export_options, 1, 1, false, sgl_org_run},
    {"cert renew", "[ADDRESS]",
	N_("make new keys and certificates; what was encrypted to the old "
	   "ones can still be read"),
	NULL, renew_options, 0, 1, false, sgl_org_run},
    {"cert confirm", "ADDRESS",
	N_("the person has the new keys: use the newest certificates"), NULL,
	sgl_org_common_options, 1, 1, false, sgl_org_run},
    {"cert issue", "[ADDRESS]",
	N_("issue a certificate for a key that was made on a device; or all "
	   "that are missing"),
	N_("With --csr, the key of the request counts and what it is for; name "
	   "and address are the organisation's own."),
	issue_options, 0, 1, false, sgl_org_cert_issue_any},
    {"cert import", "ADDRESS FILE...",
	N_("take a person's certificates of other authorities, with their "
	   "keys"),
	N_("The files: PKCS#12, PEM, DER, P7B; the person's certificates and "
	   "keys, and all certificates above them up to the root."),
	import_options, 2, SGL_CALL_ARGS, false, sgl_org_run},
    {"cert use", "ADDRESS SERIAL|newest",
	N_("say which certificate of a person is used, or again the newest"),
	NULL, use_options, 2, 2, false, sgl_org_run},
    {"cert revoke", "ADDRESS|SERIAL",
	N_("declare certificates invalid, for everybody and at once"),
	N_("Of a person, all that have not expired; or the one of a serial "
	   "number. --reason is needed."),
	revoke_options, 1, 1, false, sgl_org_run},
    {"cert release", "ADDRESS|SERIAL",
	N_("take back a certificateHold, and nothing else"), NULL,
	release_options, 1, 1, false, sgl_org_run},
    {.name = NULL},
};
