/* SPDX-License-Identifier: Apache-2.0 */
/* sigill ca */
#include "admin/bundle.h"
#include "admin/authority.h"
#include "admin/table.h"

static const sgl_option crl_options[] = {
    {"shards", 0, "NUMBER",
	N_("divide the CRL of people's certificates into so many parts, for "
	   "what is issued from now on"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

#define ROOT_KEY_OPTIONS                                                       \
	{"root-key", 0, "KEY",                                                 \
	    N_("the root's private key: a file, or the pkcs11: URI of one on " \
	       "a token (a trial has it)"),                                    \
	    false},                                                            \
	{                                                                      \
		"password-file", 0, "FILE",                                    \
		    N_("the password of that file (else it is asked), or the " \
		       "PIN"),                                                 \
		    false                                                      \
	}

static const sgl_option replace_options[] = {
    ROOT_KEY_OPTIONS,
    {"issuing-key", 0, "URI",
	N_("the new authority's key is this one on a token; its pin-source "
	   "names the file with the PIN"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option revoke_options[] = {
    {"reason", 0, "REASON",
	N_("cACompromise, affiliationChanged, superseded, "
	   "cessationOfOperation or privilegeWithdrawn"),
	false},
    ROOT_KEY_OPTIONS,
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option branch_add_options[] = {
    {"csr", 0, "FILE",
	N_("for the key of this certification request (PKCS#10), which is the "
	   "branch's"),
	false},
    {"name", 0, "NAME", N_("what the branch is called in certificates"), false},
    {"permit", 0, "DOMAIN",
	N_("it may vouch for addresses in this domain, or (.example.org) in "
	   "all below it"),
	true},
    {"exclude", 0, "DOMAIN", N_("but not for those in this one"), true},
    {"path-length", 0, "NUMBER",
	N_("how many authorities may stand below it, one under the other (else "
	   "0)"),
	false},
    ROOT_KEY_OPTIONS,
    SGL_OPTION_OUTPUT,
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option request_options[] = {
    SGL_OPTION_OUTPUT,
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option root_options[] = {
    ROOT_KEY_OPTIONS,
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option reissue_options[] = {
    {"issued-by", 0, "ID",
	N_("what this authority issued (else what any issued that issues no "
	   "more)"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_ca_jobs[] = {
    {"ca list", sgl_org_ca_list, false, .office = SGL_OFFICE_READER},
    {"ca show", sgl_org_ca_show, false, .office = SGL_OFFICE_READER},
    {"ca prepare", sgl_org_ca_prepare, true,
	.office = SGL_OFFICE_ADMINISTRATOR},
    {"ca replace-issuing", sgl_org_ca_replace, true,
	.bring = sgl_bring_issuing},
    {"ca revoke-issuing", sgl_org_ca_revoke, true,
	.bring = sgl_bring_revocation},
    {"ca branch add", sgl_org_branch_add, true, .bring = sgl_bring_branch},
    {"ca branch list", sgl_org_branch_list, .office = SGL_OFFICE_READER},
    {"ca branch revoke", sgl_org_branch_revoke, true,
	.bring = sgl_bring_branch_revocation},
    {"ca request", sgl_org_ca_request, true,
	.office = SGL_OFFICE_ADMINISTRATOR},
    {"ca install", sgl_org_ca_install, true, .bring = sgl_bring_files},
    {"ca root-crl", sgl_org_ca_root_crl, true, .bring = sgl_bring_root_crl},
    {"ca check", sgl_org_ca_check, .office = SGL_OFFICE_OPERATOR},
    {"ca crl", sgl_org_ca_crl, true, .office = SGL_OFFICE_OPERATOR},
    {.command = NULL},
};

const sgl_command sgl_ca_commands[] = {
    {.name = "ca",
	.summary = N_("the certification authorities: list, replace, revoke")},
    {"ca list", "", N_("list the authorities"), NULL, sgl_org_common_options, 0,
	0, false, sgl_org_run},
    {"ca show", "ID", N_("show an authority by its number"), NULL,
	sgl_org_common_options, 1, 1, false, sgl_org_run},
    {"ca check", "",
	N_("try whether the keys of the authorities that issue can be used, "
	   "those on tokens too"),
	NULL, sgl_org_common_options, 0, 0, false, sgl_org_run},
    {"ca prepare", "",
	N_("make the key of the next issuing authority, if there is none yet"),
	N_("sigill ca replace-issuing does it by itself."),
	sgl_org_common_options, 0, 0, false, sgl_org_run},
    {"ca replace-issuing", "",
	N_("have the root certify a new issuing authority; what was issued "
	   "before stays valid"),
	N_("The root's key is used once, by this command alone: it does not "
	   "come to the service or into the home."),
	replace_options, 0, 0, false, sgl_org_run},
    {"ca reissue", "",
	N_("make new certificates for all who have some of an authority that "
	   "issues no more"),
	N_("One after the other: it can be interrupted and begun again."),
	reissue_options, 0, 0, false, sgl_org_ca_reissue},
    {"ca revoke-issuing", "ID",
	N_("have the root revoke an issuing authority, and with it all that "
	   "it issued"),
	NULL, revoke_options, 1, 1, false, sgl_org_run},
    {"ca branch add", "",
	N_("have the root certify an authority of a branch, for some domains"),
	N_("The branch has the key, and issues for itself. The certificate is "
	   "written with the root's behind it."),
	branch_add_options, 0, 0, false, sgl_org_run},
    {"ca branch list", "", N_("list the branches"), NULL,
	sgl_org_common_options, 0, 0, false, sgl_org_run},
    {"ca branch revoke", "ID",
	N_("have the root revoke a branch, and with it all that it issued"),
	NULL, revoke_options, 1, 1, false, sgl_org_run},
    {"ca request", "",
	N_("below another organisation: a request for the next issuing "
	   "authority's certificate"),
	N_("Its key is made here, and stays."), request_options, 0, 0, false,
	sgl_org_run},
    {"ca install", "FILE...",
	N_("take the certificate that answers it, and the root's"), NULL,
	sgl_org_common_options, 1, SGL_CALL_ARGS, false, sgl_org_run},
    {"ca root-crl", "",
	N_("have the root sign its list of revoked authorities anew, once a "
	   "year at least"),
	NULL, root_options, 0, 0, false, sgl_org_run},
    {"ca crl", "", N_("make all CRLs anew, now, and list them"),
	N_("They are made by themselves, too: at once when something is "
	   "revoked, and every day."),
	crl_options, 0, 0, false, sgl_org_run},
    {.name = NULL},
};
