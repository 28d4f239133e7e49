/* SPDX-License-Identifier: Apache-2.0 */
/* sigill trust */
#include "cmd/org.h"
#include "cmd/org_table.h"

static const sgl_option trust_options[] = {
    SGL_OPTION_OUTPUT,
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_trust_jobs[] = {
    {"trust export", sgl_org_trust_export, .office = SGL_OFFICE_READER},
    {.command = NULL},
};

const sgl_command sgl_trust_commands[] = {
    {.name = "trust",
	.summary = N_("what the organisation vouches with: export")},
    {"trust export", "",
	N_("write the organisation's root certificate (PEM), for those who "
	   "shall believe it"),
	NULL, trust_options, 0, 0, false, sgl_org_run},
    {.name = NULL},
};
