/* SPDX-License-Identifier: Apache-2.0 */
/* What control has seen of what is published. */
#ifndef SGL_ADMIN_WATCHED_H
#define SGL_ADMIN_WATCHED_H

#include "sigill/base.h"

#define SGL_WATCHED_URL 1024
#define SGL_WATCHED_FAULT 512
#define SGL_WATCHED_MAX 64
typedef struct sgl_watched_fault {
	char url[SGL_WATCHED_URL];
	const char *fault; /* N_() */
	char detail[SGL_WATCHED_FAULT];
	sgl_time since; /* it was seen first then */
} sgl_watched_fault;

typedef struct sgl_watched {
	sgl_time looked; /* when the last look was over; 0: never */
	size_t num_seen; /* URLs */
	size_t num;	 /* that fail: those in the list are the first */
	sgl_watched_fault faults[SGL_WATCHED_MAX];
} sgl_watched;

#endif
