/* SPDX-License-Identifier: Apache-2.0 */
/* What a survey tells the rewriting beside its result. */
#ifndef SGL_MIME_SURVEY_H
#define SGL_MIME_SURVEY_H

#include "mime/write.h"

typedef enum sgl_plan {
	SGL_PLAN_KEEP,
	SGL_PLAN_CHANGE, /* leaf: encode; multipart: drop what is around parts
			  */
	SGL_PLAN_STUCK	 /* leave it as it is, label and all */
} sgl_plan;

/* sgl_survey_plan: for the entity of that index (sgl_walk_entity). */
sgl_plan sgl_survey_plan(const sgl_survey *s, uint64_t index);

#endif
