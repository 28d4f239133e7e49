/* SPDX-License-Identifier: Apache-2.0 */
/* Inside judging what is imported. */
#ifndef SGL_ORG_IMPORT_INSIDE_H
#define SGL_ORG_IMPORT_INSIDE_H

#include "org/import.h"

typedef struct sgl_import_evidence {
	const sgl_certs *roots, *others;
	const sgl_crls *crls;
} sgl_import_evidence;

/* sgl_import_old: it is good for old mail only, or for nothing. */
void sgl_import_old(sgl_import_item *i, const char *why);

/* sgl_import_judge_path looks for a path to a root, and notes it as the chain.
 */
SGL_MUST sgl_status sgl_import_judge_path(sgl_engine *engine,
    const sgl_import_evidence *evidence, sgl_import_item *i, sgl_err *err);

#endif
