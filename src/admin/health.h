/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody has to do about an organisation and its service, and how
 * urgent that is. */
#ifndef SGL_ADMIN_HEALTH_H
#define SGL_ADMIN_HEALTH_H

#include "ca/key_check.h"
#include "admin/processes.h"
#include "admin/watched.h"
#include "org/facts.h"

/* With the numbers that monitoring plugins end with. */
typedef enum sgl_alarm {
	SGL_ALARM_NONE,
	SGL_ALARM_WARNING,
	SGL_ALARM_CRITICAL,
	SGL_ALARM_UNKNOWN
} sgl_alarm;
const char *sgl_alarm_name(sgl_alarm alarm); /* "WARNING" */

typedef struct sgl_duty {
	sgl_alarm alarm;
	const char *name; /* the same in all languages: "crl-stale" */
	char text[512];	  /* in the user's language */
} sgl_duty;

#define SGL_DUTIES 16
typedef struct sgl_health {
	sgl_alarm worst;
	sgl_duty duties[SGL_DUTIES];
	size_t num;
} sgl_health;

/* What is judged: `processes` NULL: no service runs; `vault` NULL: whoever has
 * the keys cannot be reached. */
typedef struct sgl_patient {
	const sgl_facts *facts;
	const sgl_processes *processes;
	const sgl_vault_state *vault;
	bool is_demo;
	const sgl_watched *watched; /* NULL: nobody watches */
	/* Keys on tokens; NULL: they were not looked at. */
	const sgl_checked_keys *tokens;
} sgl_patient;
void sgl_health_judge(const sgl_patient *patient, sgl_health *out);

#endif
