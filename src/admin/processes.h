/* SPDX-License-Identifier: Apache-2.0 */
/* The processes of the service by name, and what is known of how they run. */
#ifndef SGL_ADMIN_PROCESSES_H
#define SGL_ADMIN_PROCESSES_H

#include "sys/wire.h"

typedef enum sgl_role {
	SGL_ROLE_KEYHOLDER,
	SGL_ROLE_CONTROL,
	SGL_ROLE_FRONT,
	SGL_ROLE_FETCHER,
	SGL_ROLE_MAKER,
	SGL_ROLE_TOKEN,
	SGL_NUM_ROLES
} sgl_role;
const char *sgl_role_name(sgl_role role);

typedef struct sgl_process {
	int64_t pid; /* 0: it does not run */
	sgl_time since;
	int64_t restarts;
	bool is_ready;
	bool is_needed; /* one that is not does not run */
	char user[64];	/* the name */
} sgl_process;

/* All of them, as the supervisor tells control and front whenever something
 * changes. */
typedef struct sgl_processes {
	sgl_process supervisor, of[SGL_NUM_ROLES];
	sgl_time https_until; /* the HTTPS server's certificate; 0: no HTTPS */
	bool is_locked;	      /* the private keys, as the keyholder said last */
} sgl_processes;
/* sgl_processes_are_apart: each has a user of its own. */
bool sgl_processes_are_apart(const sgl_processes *p);
void sgl_processes_add(sgl_wire *w, const sgl_processes *p);
void sgl_processes_read(sgl_unwire *u, sgl_processes *out);

#endif
