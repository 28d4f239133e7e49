/* SPDX-License-Identifier: Apache-2.0 */
/* sigill recovery */
#include "message/work.h"
#include "admin/recovery.h"
#include "admin/table.h"

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

static const sgl_option open_options[] = {
    {"case", 0, "NUMBER", N_("what the case is called elsewhere"), false},
    {"reason", 0, "TEXT", N_("why the key is needed; officers read it"), false},
    {"tell-user-after", 0, "DURATION",
	N_("the person may be told then, like 7d (else at once)"), false},
    {"open-for", 0, "DURATION",
	N_("approvals count for so long, like 12h (else 7d)"), false},
    {"move", 0, NULL,
	N_("nobody's keys, but have all that is sealed to an older recovery "
	   "key sealed to the newest"),
	false},
    {"recovery-key", 0, "NUMBER",
	N_("recover what is sealed to this one (else the newest)"), false},
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

static const sgl_option approve_options[] = {
    SGL_OPTION_KEY,
    SGL_OPTION_PASSWORD,
    SGL_OPTION_OUTPUT,
    SGL_OPTIONS_END,
};

static const sgl_option collect_options[] = {
    {"password-file", 0, "FILE",
	N_("the password of the PKCS#12 (else it is asked)"), false},
    SGL_OPTION_OUTPUT,
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

#define OFFICER .office = SGL_OFFICE_RECOVERY_OFFICER
const sgl_org_job sgl_recovery_jobs[] = {
    {"recovery officer add", sgl_org_officer_add, true,
	.office = SGL_OFFICE_ADMINISTRATOR, .bring = sgl_officer_bring},
    {"recovery officer list", sgl_org_officer_list,
	.office = SGL_OFFICE_READER},
    {"recovery officer remove", sgl_org_officer_remove, true,
	.office = SGL_OFFICE_ADMINISTRATOR},
    {"recovery set", sgl_org_recovery_set, true,
	.office = SGL_OFFICE_ADMINISTRATOR},
    {"recovery open", sgl_org_recovery_open, true, OFFICER},
    {"recovery list", sgl_org_recovery_list, OFFICER},
    {"recovery show", sgl_org_recovery_show, OFFICER},
    {"recovery request", sgl_org_recovery_request, OFFICER},
    {"recovery submit", sgl_org_recovery_submit, true, OFFICER,
	.bring = sgl_answer_bring},
    {"recovery collect", sgl_org_recovery_collect, true, OFFICER},
    {"recovery cancel", sgl_org_recovery_cancel, true, OFFICER},
    {.command = NULL},
};

const sgl_command sgl_recovery_commands[] = {
    {.name = "recovery",
	.summary = N_("key recovery by several officers: officer, set, open, "
		      "request, approve, submit, collect, list, show, "
		      "cancel")},
    {"recovery officer add", "NAME",
	N_("take somebody into office who approves recoveries"), NULL,
	officer_add_options, 1, 1, false, sgl_officer_add_main},
    {"recovery officer list", "", N_("list the officers"), NULL,
	sgl_org_common_options, 0, 0, false, sgl_org_run},
    {"recovery officer remove", "NAME",
	N_("somebody is in office no more; what was approved does not count"),
	NULL, officer_remove_options, 1, 1, false, sgl_org_run},
    {"recovery set", "--threshold NUMBER",
	N_("make a recovery key, shared among the officers, and escrow keys "
	   "to it"),
	NULL, set_options, 0, 0, false, sgl_org_run},
    {"recovery open", "ADDRESS|--move --case NUMBER --reason TEXT",
	N_("ask the officers for the keys of a person"), NULL, open_options, 0,
	1, false, sgl_org_run},
    {"recovery request", "ID", N_("write the file that the officers get"), NULL,
	request_options, 1, 1, false, sgl_org_run},
    {"recovery approve", "FILE --key ID...",
	N_("approve a request, as an officer"),
	N_("Needs no organisation: FILE is the request. The share is "
	   "decrypted, and sealed for this one request."),
	approve_options, 1, 1, false, sgl_recovery_approve_main},
    {"recovery submit", "ID ANSWER", N_("take an officer's approval"), NULL,
	sgl_org_common_options, 2, 2, false, sgl_org_run},
    {"recovery collect", "ID",
	N_("write the keys (PKCS#12), once enough officers have approved"),
	NULL, collect_options, 1, 1, false, sgl_org_run},
    {"recovery list", "", N_("list the requests"), NULL, sgl_org_common_options,
	0, 0, false, sgl_org_run},
    {"recovery show", "ID", N_("show a request and who has approved it"), NULL,
	sgl_org_common_options, 1, 1, false, sgl_org_run},
    {"recovery cancel", "ID", N_("end a request without any key"), NULL,
	sgl_org_common_options, 1, 1, false, sgl_org_run},
    {.name = NULL},
};
