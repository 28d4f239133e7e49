/* SPDX-License-Identifier: Apache-2.0 */
/* sigill user */
#include "cmd/org.h"
#include "cmd/org_table.h"

static const sgl_option common[] = {
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

static const sgl_option enrol_code_options[] = {
    {"purpose", 0, "PURPOSE", N_("signing or encryption (else signing)"),
	false},
    {"valid", 0, "TIME", N_("how long it can be used: 30m, 24h, 7d (else 24h)"),
	false},
    {"output", 'o', "FILE", N_("write the code to FILE (else it is printed)"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_user_jobs[] = {
    {"user add", sgl_org_user_add, true, .office = SGL_OFFICE_OPERATOR},
    {"user list", sgl_org_user_list, .office = SGL_OFFICE_READER},
    {"user enrol-code", sgl_org_user_enrol_code, true,
	.office = SGL_OFFICE_OPERATOR},
    {.command = NULL},
};

const sgl_command sgl_user_commands[] = {
    {.name = "user", .summary = N_("the people: add, list, enrol-code")},
    {"user add", "ADDRESS",
	N_("add a person, with a certificate to sign and one to encrypt"), NULL,
	user_add_options, 1, 1, false, sgl_org_run},
    {"user list", "", N_("list the people"), NULL, common, 0, 0, false,
	sgl_org_run},
    {"user enrol-code", "ADDRESS",
	N_("a code with which a device gets a certificate by itself, once"),
	NULL, enrol_code_options, 1, 1, false, sgl_org_run},
    {.name = NULL},
};
