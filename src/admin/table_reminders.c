/* SPDX-License-Identifier: Apache-2.0 */
/* sigill reminders */
#include "admin/work.h"
#include "admin/table.h"

static const sgl_option send_options[] = {
    {"sendmail", 0, "PROGRAM",
	N_("the mail server's program (else /usr/sbin/sendmail)"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option set_options[] = {
    {"from", 0, "ADDRESS",
	N_("who they come from, and who hands out keys (else postmaster)"),
	false},
    {"language", 0, "LANGUAGE",
	N_("en or sv, for whom user set --language says no other"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_reminders_jobs[] = {
    {"reminders list", sgl_org_reminders_list, .office = SGL_OFFICE_READER},
    {"reminders send", sgl_org_reminders_send, true,
	.office = SGL_OFFICE_OPERATOR},
    {"reminders set", sgl_org_reminders_set, true,
	.office = SGL_OFFICE_OPERATOR},
    {.command = NULL},
};

const sgl_command sgl_reminders_commands[] = {
    {.name = "reminders",
	.summary = N_("mail to people about their keys: list, send, set")},
    {"reminders list", "", N_("list them, and when each was sent"), NULL,
	sgl_org_common_options, 0, 0, false, sgl_org_run},
    {"reminders send", "",
	N_("send what is due and was not sent yet (daily, by a timer)"), NULL,
	send_options, 0, 0, false, sgl_org_reminders_send_all},
    {"reminders set", "", N_("who they come from, and in which language"), NULL,
	set_options, 0, 0, false, sgl_org_run},
    {.name = NULL},
};
