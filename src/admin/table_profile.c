/* SPDX-License-Identifier: Apache-2.0 */
/* sigill profile */
#include "admin/table.h"

static const sgl_option set_options[] = {
    {"algorithm", 0, "NAME",
	N_("the kind of new keys: rsa-3072, rsa-2048, rsa-4096, p256, p384"),
	false},
    {"country", 0, "CODE",
	N_("the country in names of new authorities: SE, ..."), false},
    {"people", 0, "PROFILE",
	N_("separate: a certificate to sign and one to encrypt; dual: one for "
	   "both"),
	false},
    {"dual-keys", 0, "WORD",
	N_("wiped: a key that signs is not kept for recovery; kept: though it "
	   "signs"),
	false},
    {"acknowledge-signing", 0, NULL,
	N_("with --dual-keys kept: whoever recovers such a key can sign with "
	   "it"),
	false},
    {"policy", 0, "OID",
	N_("a policy of the organisation that certificates of people name; may "
	   "be given again"),
	true},
    {"no-policies", 0, NULL, N_("they name none"), false},
    {"cps", 0, "URL", N_("where the practice statement is"), false},
    {"acknowledge-audit", 0, NULL,
	N_("with a policy of the Baseline Requirements: it is only true of an "
	   "authority that was audited"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_profile_jobs[] = {
    {"profile show", sgl_org_profile_show, .office = SGL_OFFICE_READER},
    {"profile set", sgl_org_profile_set, true,
	.office = SGL_OFFICE_ADMINISTRATOR},
    {.command = NULL},
};

const sgl_command sgl_profile_commands[] = {
    {.name = "profile",
	.summary = N_("what certificates look like: show, set")},
    {"profile show", "", N_("show what each kind of certificate has"), NULL,
	sgl_org_common_options, 0, 0, false, sgl_org_run},
    {"profile set", "", N_("decide what new certificates have"), NULL,
	set_options, 0, 0, false, sgl_org_run},
    {.name = NULL},
};
