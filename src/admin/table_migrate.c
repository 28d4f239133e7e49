/* SPDX-License-Identifier: Apache-2.0 */
/* sigill migrate */
#include "admin/migrate.h"
#include "admin/table.h"

static const sgl_option migrate_options[] = {
    {"passwords", 0, "FILE",
	N_("the passwords (CSV: file or address, password)"), false},
    {"dry-run", 0, NULL, N_("say what is there, and do nothing"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_migrate_jobs[] = {
    {"migrate", sgl_org_migrate_one, true, .office = SGL_OFFICE_ADMINISTRATOR},
    {.command = NULL},
};

const sgl_command sgl_migrate_commands[] = {
    {"migrate", "DIR",
	N_("take the keys and certificates of people out of a folder of files "
	   "(PKCS#12)"),
	N_("--passwords FILE is needed. What is there already stays as it is, "
	   "so that the same command goes on where it was interrupted."),
	migrate_options, 1, 1, false, sgl_org_migrate},
    {.name = NULL},
};
