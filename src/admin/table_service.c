/* SPDX-License-Identifier: Apache-2.0 */
/* sigill status and serve */
#include "admin/work.h"
#include "admin/table.h"

static const sgl_option status_options[] = {
    {"nagios", 0, NULL,
	N_("print one line with numbers, as monitoring plugins do, and end "
	   "with 0, 1, 2 or 3"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

static const sgl_option serve_options[] = {
    SGL_OPTION_HOME,
    SGL_OPTIONS_END,
};

static const sgl_option doctor_options[] = {
    {"offline", 0, NULL, N_("fetch nothing"), false},
    {"timeout", 0, "SECONDS",
	N_("how long to wait for each thing that is fetched (30)"), false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_service_jobs[] = {
    {"doctor", sgl_org_doctor_note, true, .office = SGL_OFFICE_OPERATOR},
    {"status", sgl_org_status, .office = SGL_OFFICE_READER},
    {.command = NULL},
};

const sgl_command sgl_service_commands[] = {
    {"status", "", N_("how the organisation and its service are"), NULL,
	status_options, 0, 0, false, sgl_org_status_any},
    {"doctor", "",
	N_("look for everything that can be wrong, and tell why it matters and "
	   "what to do"),
	N_("It fetches what the organisation publishes by its public URL, as "
	   "others do."),
	doctor_options, 0, 0, false, sgl_org_doctor},
    {"serve", "", N_("run the service (sigilld) in the foreground"), NULL,
	serve_options, 0, 0, false, sgl_org_serve},
    {.name = NULL},
};
