/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands on the organisation and their jobs, a table of each for every
 * group (table_GROUP.c), in the order in which help lists them.
 */
#ifndef SGL_ADMIN_TABLE_H
#define SGL_ADMIN_TABLE_H

#include "admin/work.h"

/* Of commands that have no others. */
extern const sgl_option sgl_org_common_options[];

/* Ended by NULL. */
extern const sgl_command *const sgl_org_tables[];
extern const sgl_org_job *const sgl_org_job_tables[];

extern const sgl_command sgl_init_commands[];
extern const sgl_command sgl_user_commands[];
extern const sgl_command sgl_cert_commands[];
extern const sgl_command sgl_ca_commands[];
extern const sgl_command sgl_trust_commands[];
extern const sgl_command sgl_backup_commands[];
extern const sgl_command sgl_reminders_commands[];
extern const sgl_command sgl_service_commands[];
extern const sgl_org_job sgl_user_jobs[];
extern const sgl_org_job sgl_cert_jobs[];
extern const sgl_org_job sgl_ca_jobs[];
extern const sgl_org_job sgl_trust_jobs[];
extern const sgl_org_job sgl_backup_jobs[];
extern const sgl_org_job sgl_reminders_jobs[];
extern const sgl_org_job sgl_service_jobs[];
extern const sgl_command sgl_key_commands[];
extern const sgl_org_job sgl_key_jobs[];
extern const sgl_command sgl_audit_commands[];
extern const sgl_org_job sgl_audit_jobs[];

extern const sgl_command sgl_recovery_commands[];
extern const sgl_org_job sgl_recovery_jobs[];

extern const sgl_command sgl_admin_commands[];
extern const sgl_org_job sgl_admin_jobs[];

extern const sgl_command sgl_domain_commands[];
extern const sgl_org_job sgl_domain_jobs[];

extern const sgl_command sgl_profile_commands[];
extern const sgl_org_job sgl_profile_jobs[];

extern const sgl_command sgl_migrate_commands[];
extern const sgl_org_job sgl_migrate_jobs[];

/* sgl_org_find_command finds one by its whole name; NULL: none. */
const sgl_command *sgl_org_find_command(const char *name);
/* sgl_org_find_job finds what does a call; NULL: none. */
const sgl_org_job *sgl_org_find_job(const sgl_call *call);

#endif
