/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Branches: authorities of others that our root has certified, so that a part
 * of the organisation issues for its own domains with its own key. Each may
 * vouch for the addresses that its certificate permits, and for no other
 * (RFC 5280 4.2.1.10; RFC 9598 for addresses beyond ASCII). We have no key of
 * theirs and issue nothing for them; the root's list names those it revoked.
 *
 * As in succession.h the root's key drafts, and what it signed is taken.
 */
#ifndef SGL_CA_BRANCH_H
#define SGL_CA_BRANCH_H

#include "ca/succession.h"

#define SGL_BRANCH_NAMES 64 /* permitted, and excluded */

typedef struct sgl_branch_wish {
	sgl_slice request; /* PKCS#10, DER: of it the key counts alone */
	const char *name;
	/* "example.org": in this domain; ".example.org": in all below. */
	const sgl_slice *permitted, *excluded;
	size_t num_permitted, num_excluded;
	unsigned path_len; /* authorities that may stand below it */
} sgl_branch_wish;

/* sgl_branch_draft has the root certify one. SGL_E_USAGE: the wish is none that
 * can be; SGL_E_MISMATCH: the request is not signed with its own key. */
SGL_MUST sgl_status sgl_branch_draft(sgl_home *home, const sgl_ca_signer *root,
    const sgl_branch_wish *wish, sgl_ca_draft *out, sgl_err *err);
/* sgl_branch_take stores it; *id is its number. */
SGL_MUST sgl_status sgl_branch_take(
    sgl_home *home, const sgl_ca_draft *d, int64_t *id, sgl_err *err);

/* sgl_branch_find: by its number. SGL_E_NOKEY: there is none. */
SGL_MUST sgl_status sgl_branch_find(
    sgl_home *home, int64_t id, sgl_branch_record *out, sgl_err *err);
/* sgl_branch_get_revocation: when is 0 of one that is not revoked. */
SGL_MUST sgl_status sgl_branch_get_revocation(sgl_home *home,
    const sgl_branch_record *b, sgl_revocation_mark *out, sgl_err *err);

SGL_MUST sgl_status sgl_branch_draft_revocation(sgl_home *home,
    const sgl_ca_signer *root, int64_t id, sgl_revocation_reason reason,
    sgl_ca_draft *out, sgl_err *err);
SGL_MUST sgl_status sgl_branch_take_revocation(
    sgl_home *home, const sgl_ca_draft *d, int64_t id, sgl_err *err);

#endif
