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

const sgl_org_job sgl_user_jobs[] = {
    {"user add", sgl_org_user_add, true, .office = SGL_OFFICE_OPERATOR},
    {"user list", sgl_org_user_list, .office = SGL_OFFICE_READER},
    {.command = NULL},
};

const sgl_command sgl_user_commands[] = {
    {.name = "user", .summary = N_("the people: add, list")},
    {"user add", "ADDRESS",
	N_("add a person, with a certificate to sign and one to encrypt"), NULL,
	user_add_options, 1, 1, false, sgl_org_run},
    {"user list", "", N_("list the people"), NULL, common, 0, 0, false,
	sgl_org_run},
    {.name = NULL},
};
