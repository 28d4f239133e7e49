/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside path checking: the search that finds chains, the judge that walks one
 * as RFC 5280 6.1 says, and its parts. For this room.
 */
#ifndef SGL_PKI_SEARCH_H
#define SGL_PKI_SEARCH_H

#include "pki/path.h"

/* A CRL's signer may need a path of its own, whose CRL's signer may, and so
 * on. */
#define SGL_MAX_SIGNERS 4

/* What a signature costs in effort; a comparison of names costs 1. */
#define SGL_STEP_EFFORT 500u

/*
 * One search. Everything is borrowed. Work that a stranger can ask for is
 * counted down: `steps` for edges tried, `*effort` for comparisons of names,
 * CRL signatures and all that nested searches do.
 */
typedef struct sgl_search {
	sgl_engine *engine;
	sgl_evidence evidence;
	const sgl_path_policy *policy;
	sgl_cert *leaf;
	/* Set in the search for a CRL signer's path, which is `leaf`. */
	const struct sgl_search *outer;
	unsigned depth;
	uint32_t *effort;

	uint32_t steps;
	bool gave_up; /* no steps left */
	bool was_cut; /* or a chain too long to be followed */
	bool lenient; /* follows faulty edges too, to tell what is wrong */
	sgl_cert *chain[SGL_PATH_MAX];
	size_t num;
	sgl_path *best; /* certs are borrowed until the search is over */
	bool has_best;
} sgl_search;

/* sgl_search_run does all of sgl_path_check on an initialised search. */
SGL_MUST sgl_status sgl_search_run(sgl_search *s, sgl_path *out, sgl_err *err);

/* sgl_search_spend takes `cost` from the search's effort; false, and nothing
 * left, where there is not enough. */
bool sgl_search_spend(const sgl_search *s, uint32_t cost);

/* sgl_judge_leaf: the first fault of s->leaf that no path could mend. */
sgl_path_fault sgl_judge_leaf(const sgl_search *s);

/* sgl_judge_edge: the first fault that makes `issuer` unfit to issue what
 * s->chain ends with, of those that cost nothing to see. */
sgl_path_fault sgl_judge_edge(const sgl_search *s, const sgl_cert *issuer);

/*
 * sgl_judge_chain walks s->chain, whose signatures are good, and whose last is
 * an anchor where out->reaches_anchor. It fills is_weak, faults and what
 * concerns revocation in *out, and fault and fault_at where there was none. For
 * the path of a CRL's signer, which is good or not, the first fault is enough.
 */
SGL_MUST sgl_status sgl_judge_chain(sgl_search *s, sgl_path *out, sgl_err *err);

/*
 * sgl_policies_check processes policies along a chain (RFC 5280 6.1, as a graph
 * that does not grow with the number of mappings: RFC 9618). *fault_at is the
 * certificate where it fails, or SIZE_MAX.
 */
SGL_MUST sgl_status sgl_policies_check(sgl_cert *const *chain, size_t num,
    const sgl_path_policy *policy, size_t *fault_at, sgl_err *err);

/* sgl_constraints_allow: every name in `cert` is within the name constraints
 * of `ca` (RFC 5280 4.2.1.10). false where *effort runs out. */
bool sgl_constraints_allow(
    const sgl_cert *ca, const sgl_cert *cert, uint32_t *effort);

/* sgl_constraints_allow_mail: those of `ca` let it vouch for a mail address.
 */
bool sgl_constraints_allow_mail(const sgl_cert *ca, sgl_slice address);

/*
 * sgl_revocation_check looks for the status of s->chain[at] in the CRLs
 * (RFC 5280 6.3) and OCSP responses and notes it in out->revocation[at], and
 * the date and reason of a revocation.
 */
SGL_MUST sgl_status sgl_revocation_check(
    sgl_search *s, size_t at, sgl_path *out, sgl_err *err);

#endif
