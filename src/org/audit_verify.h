/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the audit chain is what was recorded. What is found are findings; the
 * calls fail only where they could not look. */
#ifndef SGL_ORG_AUDIT_VERIFY_H
#define SGL_ORG_AUDIT_VERIFY_H

#include "org/audit_head.h"

typedef enum sgl_audit_fault {
	SGL_AUDIT_ALTERED,  /* not what its hash is over: changed or moved */
	SGL_AUDIT_UNLINKED, /* does not follow the one before it */
	SGL_AUDIT_MISSING,
	SGL_AUDIT_BAD_SIGNATURE,
	SGL_AUDIT_UNSIGNED,  /* no signature behind it */
	SGL_AUDIT_CUT_OFF,   /* there was one, kept elsewhere or signed */
	SGL_AUDIT_DIFFERENT, /* another than the one kept elsewhere */
	SGL_AUDIT_OTHER_KEY  /* the one kept elsewhere has another key */
} sgl_audit_fault;
const char *sgl_audit_fault_name(sgl_audit_fault fault); /* "altered" */
const char *sgl_audit_fault_text(sgl_audit_fault fault); /* to translate */

typedef struct sgl_audit_finding {
	int64_t sequence;
	sgl_audit_fault fault;
} sgl_audit_finding;

#define SGL_AUDIT_FINDINGS 100
typedef struct sgl_audit_report {
	int64_t num_records, last_signed;
	size_t num_findings; /* may be more than are listed */
	sgl_audit_finding findings[SGL_AUDIT_FINDINGS];
} sgl_audit_report;

/* sgl_audit_verify reads the whole chain. `end` is one that was kept
 * elsewhere, or NULL. */
SGL_MUST sgl_status sgl_audit_verify(sgl_home *home, const sgl_audit_end *end,
    sgl_audit_report *out, sgl_err *err);

#endif
