/* SPDX-License-Identifier: Apache-2.0 */
/* The commands on the organisation. */
#include "cmd/org.h"

static const sgl_option common[] = {
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

#define OPTION_PURPOSE                                                         \
	{                                                                      \
		"purpose", 0, "PURPOSE", N_("signing or encryption"), false    \
	}

static const sgl_option init_options[] = {
    {"domain", 0, "DOMAIN", N_("the organisation's mail domain"), false},
    {"name", 0, "NAME", N_("its name in certificates (else the domain)"),
	false},
    {"algorithm", 0, "NAME",
	N_("kind of all keys: rsa-3072 (default), rsa-2048, rsa-4096, p256, "
	   "p384"),
	false},
    {"public-url", 0, "URL",
	N_("where others fetch what it publishes (not available in this "
	   "release)"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option user_add_options[] = {
    {"name", 0, "NAME",
	N_("the person's name in certificates (else what stands before the "
	   "@)"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option show_options[] = {
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
    {"password-file", 0, "FILE",
	N_("the password of the PKCS#12 (else it is asked)"), false},
    {"legacy", 0, NULL,
	N_("PKCS#12 in the old form (3DES, SHA-1), for old programs"), false},
    SGL_OPTION_OUTPUT,
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option renew_options[] = {
    {"purpose", 0, "PURPOSE", N_("signing or encryption (else both)"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option trust_options[] = {
    SGL_OPTION_OUTPUT,
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_org_jobs[] = {
    {"user add", sgl_org_user_add, true},
    {"user list", sgl_org_user_list, false},
    {"cert list", sgl_org_cert_list, false},
    {"cert show", sgl_org_cert_show, false},
    {"cert export", sgl_org_cert_export, false},
    {"cert renew", sgl_org_cert_renew, true},
    {"trust export", sgl_org_trust_export, false},
    {.command = NULL},
};

const sgl_command sgl_org_commands[] = {
    {"init", "", N_("make an organisation with its own authority"),
	N_("Without --public-url it is a trial: its certificates say DEMO, "
	   "and it can never become a real one."),
	init_options, 0, 0, false, sgl_org_init},
    {.name = "user", .summary = N_("the people: add, list")},
    {"user add", "ADDRESS",
	N_("add a person, with a certificate to sign and one to encrypt"), NULL,
	user_add_options, 1, 1, false, sgl_org_run},
    {"user list", "", N_("list the people"), NULL, common, 0, 0, false,
	sgl_org_run},
    {.name = "cert",
	.summary = N_("their certificates: list, show, lint, export, renew")},
    {"cert list", "[ADDRESS]", N_("list certificates"), NULL, common, 0, 1,
	false, sgl_org_run},
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
    {"cert renew", "ADDRESS",
	N_("make new keys and certificates; what was encrypted to the old "
	   "ones can still be read"),
	NULL, renew_options, 1, 1, false, sgl_org_run},
    {.name = "trust",
	.summary = N_("what the organisation vouches with: export")},
    {"trust export", "",
	N_("write the organisation's root certificate (PEM), for those who "
	   "shall believe it"),
	NULL, trust_options, 0, 0, false, sgl_org_run},
    {.name = NULL},
};
