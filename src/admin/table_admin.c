/* SPDX-License-Identifier: Apache-2.0 */
/* sigill admin */
#include "admin/work.h"
#include "admin/table.h"

static const sgl_option add_options[] = {
    {"office", 0, "OFFICE",
	N_("reader, operator, administrator or recovery-officer"), false},
    {"uid", 0, "NUMBER", N_("the user's number (else that of NAME)"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option remove_options[] = {
    {"office", 0, "OFFICE", N_("only this one (else all)"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_admin_jobs[] = {
    {"admin add", sgl_org_admin_add, true, .office = SGL_OFFICE_ADMINISTRATOR},
    {"admin list", sgl_org_admin_list, .office = SGL_OFFICE_READER},
    {"admin remove", sgl_org_admin_remove, true,
	.office = SGL_OFFICE_ADMINISTRATOR},
    {"admin offices", sgl_org_admin_offices, .office = SGL_OFFICE_READER},
    {.command = NULL},
};

const sgl_command sgl_admin_commands[] = {
    {.name = "admin",
	.summary = N_("who may do what: add, list, remove, offices")},
    {"admin add", "NAME", N_("give a user of this machine an office"), NULL,
	add_options, 1, 1, false, sgl_org_admin_add_named},
    {"admin list", "", N_("list who holds which office"), NULL,
	sgl_org_common_options, 0, 0, false, sgl_org_run},
    {"admin remove", "NAME|NUMBER", N_("take offices away from a user"), NULL,
	remove_options, 1, 1, false, sgl_org_run},
    {"admin offices", "", N_("list which command is whose work"), NULL,
	sgl_org_common_options, 0, 0, false, sgl_org_run},
    {.name = NULL},
};
