/* SPDX-License-Identifier: Apache-2.0 */
/* sigill audit */
#include "admin/work.h"
#include "admin/table.h"

static const sgl_option list_options[] = {
    {"since", 0, "TIME", N_("only what was done since then"), false},
    {"object", 0, "OBJECT",
	N_("only what was done to this: an address, mostly"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option verify_options[] = {
    {"head", 0, "FILE",
	N_("an end of the chain that was kept elsewhere: finds too what was "
	   "cut off"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option export_options[] = {
    SGL_OPTION_OUTPUT,
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_audit_jobs[] = {
    {"audit list", sgl_org_audit_list, .office = SGL_OFFICE_READER},
    {"audit verify", sgl_org_audit_verify, .office = SGL_OFFICE_READER},
    {"audit export", sgl_org_audit_export, .office = SGL_OFFICE_READER},
    {.command = NULL},
};

const sgl_command sgl_audit_commands[] = {
    {.name = "audit",
	.summary = N_("what was done, by whom: list, verify, export")},
    {"audit list", "", N_("list what was done"), NULL, list_options, 0, 0,
	false, sgl_org_run},
    {"audit verify", "",
	N_("find out whether these records are what was recorded"), NULL,
	verify_options, 0, 0, false, sgl_org_audit_verify_any},
    {"audit export", "",
	N_("write the signed end of the chain of records, to be kept "
	   "elsewhere"),
	NULL, export_options, 0, 0, false, sgl_org_run},
    {.name = NULL},
};
