/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands on the organisation and their jobs, a table of each for every
 * group (table_GROUP.c), in the order in which help lists them.
 */
#ifndef SGL_CMD_ORG_TABLE_H
#define SGL_CMD_ORG_TABLE_H

#include "cmd/org.h"

/* Ended by NULL. */
extern const sgl_command *const sgl_org_tables[];
extern const sgl_org_job *const sgl_org_job_tables[];

extern const sgl_command sgl_init_commands[], sgl_user_commands[],
    sgl_cert_commands[], sgl_trust_commands[], sgl_service_commands[],
    sgl_key_commands[];
extern const sgl_org_job sgl_user_jobs[], sgl_cert_jobs[], sgl_trust_jobs[],
    sgl_service_jobs[], sgl_key_jobs[];

/* sgl_org_find_command finds one by its whole name; NULL: none. */
const sgl_command *sgl_org_find_command(const char *name);
/* sgl_org_find_job finds what does a call; NULL: none. */
const sgl_org_job *sgl_org_find_job(const sgl_call *call);

#endif
