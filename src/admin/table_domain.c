/* SPDX-License-Identifier: Apache-2.0 */
/* sigill domain */
#include "admin/table.h"

const sgl_org_job sgl_domain_jobs[] = {
    {"domain list", sgl_org_domain_list, .office = SGL_OFFICE_READER},
    {"domain add", sgl_org_domain_add, true,
	.office = SGL_OFFICE_ADMINISTRATOR},
    {"domain remove", sgl_org_domain_remove, true,
	.office = SGL_OFFICE_ADMINISTRATOR},
    {.command = NULL},
};

const sgl_command sgl_domain_commands[] = {
    {.name = "domain",
	.summary = N_("the organisation's mail domains: list, add, remove")},
    {"domain list", "", N_("list them, with what depends on each"), NULL,
	sgl_org_common_options, 0, 0, false, sgl_org_run},
    {"domain add", "DOMAIN",
	N_("declare that a mail domain is the organisation's"),
	N_("Only addresses in its domains get into certificates. Nothing asks "
	   "the DNS: whoever adds it answers for it."),
	sgl_org_common_options, 1, 1, false, sgl_org_run},
    {"domain remove", "DOMAIN", N_("take back one that nobody uses any more"),
	NULL, sgl_org_common_options, 1, 1, false, sgl_org_run},
    {.name = NULL},
};
