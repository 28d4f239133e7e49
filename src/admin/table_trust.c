/* SPDX-License-Identifier: Apache-2.0 */
/* sigill trust */
#include "admin/bundle.h"
#include "admin/table.h"

static const sgl_option trust_options[] = {
    SGL_OPTION_OUTPUT,
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_org_job sgl_trust_jobs[] = {
    {"trust export", sgl_org_trust_export, .office = SGL_OFFICE_READER},
    {"trust list", sgl_org_trust_list, .office = SGL_OFFICE_READER},
    {"trust add", sgl_org_trust_add, true, .bring = sgl_bring_files},
    {"trust remove", sgl_org_trust_remove, true,
	.office = SGL_OFFICE_ADMINISTRATOR},
    {.command = NULL},
};

const sgl_command sgl_trust_commands[] = {
    {.name = "trust",
	.summary = N_("what the organisation vouches with, and whom it "
		      "believes: export, list, add, remove")},
    {"trust export", "",
	N_("write the organisation's root certificate (PEM), for those who "
	   "shall believe it"),
	NULL, trust_options, 0, 0, false, sgl_org_run},
    {"trust list", "",
	N_("list the authorities that the organisation believes"), NULL,
	sgl_org_common_options, 0, 0, false, sgl_org_run},
    {"trust add", "FILE...",
	N_("believe other authorities: all certificates in the files"),
	N_("Of an intermediate authority, the root must be believed too."),
	sgl_org_common_options, 1, SGL_CALL_ARGS, false, sgl_org_run},
    {"trust remove", "SHA256",
	N_("believe an authority no longer that was added"),
	N_("SHA256 is its fingerprint, or 16 digits at least of its "
	   "beginning."),
	sgl_org_common_options, 1, 1, false, sgl_org_run},
    {.name = NULL},
};
