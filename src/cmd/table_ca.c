/* SPDX-License-Identifier: Apache-2.0 */
/* sigill ca */
#include "cmd/org.h"
#include "cmd/org_table.h"

static const sgl_option crl_options[] = {
    {"shards", 0, "NUMBER",
	N_("divide the CRL of people's certificates into so many parts, for "
	   "what is issued from now on"),
	false},
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_ca_jobs[] = {
    {"ca crl", sgl_org_ca_crl, true, .office = SGL_OFFICE_OPERATOR},
    {.command = NULL},
};

const sgl_command sgl_ca_commands[] = {
    {.name = "ca", .summary = N_("the certification authority: crl")},
    {"ca crl", "", N_("make all CRLs anew, now, and list them"),
	N_("They are made by themselves, too: at once when something is "
	   "revoked, and every day."),
	crl_options, 0, 0, false, sgl_org_run},
    {.name = NULL},
};
