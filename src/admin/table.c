/* SPDX-License-Identifier: Apache-2.0 */
/* The commands on the organisation. */
#include <string.h>

#include "admin/table.h"

const sgl_option sgl_org_common_options[] = {
    SGL_OPTION_HOME,
    SGL_OPTION_JSON,
    SGL_OPTIONS_END,
};

const sgl_command *const sgl_org_tables[] = {
    sgl_init_commands,
    sgl_user_commands,
    sgl_cert_commands,
    sgl_ca_commands,
    sgl_domain_commands,
    sgl_profile_commands,
    sgl_trust_commands,
    sgl_key_commands,
    sgl_migrate_commands,
    sgl_backup_commands,
    sgl_audit_commands,
    sgl_admin_commands,
    sgl_recovery_commands,
    sgl_reminders_commands,
    sgl_service_commands,
    NULL,
};

const sgl_org_job *const sgl_org_job_tables[] = {
    sgl_user_jobs,
    sgl_cert_jobs,
    sgl_ca_jobs,
    sgl_domain_jobs,
    sgl_profile_jobs,
    sgl_trust_jobs,
    sgl_key_jobs,
    sgl_migrate_jobs,
    sgl_backup_jobs,
    sgl_audit_jobs,
    sgl_admin_jobs,
    sgl_recovery_jobs,
    sgl_reminders_jobs,
    sgl_service_jobs,
    NULL,
};

const sgl_command *
sgl_org_find_command(const char *name)
{
	for (size_t i = 0; sgl_org_tables[i] != NULL; i++)
		for (const sgl_command *c = sgl_org_tables[i]; c->name != NULL;
		     c++)
			if (strcmp(c->name, name) == 0)
				return c;
	return NULL;
}

static bool
is_job_of(const sgl_org_job *j, const sgl_call *call)
{
	return strcmp(j->command, call->command->name) == 0 &&
	    (j->with == NULL || sgl_call_has(call, j->with));
}

const sgl_org_job *
sgl_org_find_job(const sgl_call *call)
{
	for (size_t i = 0; sgl_org_job_tables[i] != NULL; i++)
		for (const sgl_org_job *j = sgl_org_job_tables[i];
		     j->command != NULL; j++)
			if (is_job_of(j, call))
				return j;
	return NULL;
}
