/* SPDX-License-Identifier: Apache-2.0 */
/* sigill recovery */
#include "cmd/org_recovery.h"
#include "cmd/org_table.h"

static const sgl_option common[] = {
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option officer_add_options[] = {
    {"certificate", 0, "FILE",
	N_("the officer's certificate, with which to sign and decrypt, or one "
	   "for each"),
	false},
    {"key-out", 0, "FILE",
	N_("make a key for the officer instead, and write it there, under a "
	   "password"),
	false},
    {"password-file", 0, "FILE",
	N_("the password of that file (else it is asked)"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option officer_remove_options[] = {
    {"force", 0, NULL,
	N_("also if what is escrowed could then be recovered no more"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option set_options[] = {
    {"threshold", 0, "NUMBER", N_("how many officers must approve: 2 or more"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_recovery_jobs[] = {
    {"recovery officer add", sgl_org_officer_add, true,
	.office = SGL_OFFICE_ADMINISTRATOR, .bring = sgl_officer_bring},
    {"recovery officer list", sgl_org_officer_list,
	.office = SGL_OFFICE_READER},
    {"recovery officer remove", sgl_org_officer_remove, true,
	.office = SGL_OFFICE_ADMINISTRATOR},
    {"recovery set", sgl_org_recovery_set, true,
	.office = SGL_OFFICE_ADMINISTRATOR},
    {.command = NULL},
};

const sgl_command sgl_recovery_commands[] = {
    {.name = "recovery",
	.summary = N_("key recovery by several officers: officer, set")},
    {"recovery officer add", "NAME",
	N_("take somebody into office who approves recoveries"), NULL,
	officer_add_options, 1, 1, false, sgl_officer_add_main},
    {"recovery officer list", "", N_("list the officers"), NULL, common, 0, 0,
	false, sgl_org_run},
    {"recovery officer remove", "NAME",
	N_("somebody is in office no more; what was approved does not count"),
	NULL, officer_remove_options, 1, 1, false, sgl_org_run},
    {"recovery set", "--threshold NUMBER",
	N_("make a recovery key, shared among the officers, and escrow keys "
	   "to it"),
	NULL, set_options, 0, 0, false, sgl_org_run},
    {.name = NULL},
};
