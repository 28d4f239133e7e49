/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdlib.h>

#include "pki/search.h"

#define ROOM "pki.path_policy"

/*
 * The tree of RFC 5280 6.1 can grow with the product of all mappings; RFC 9618
 * shows that one level, with equal nodes joined, says all that is asked. Of the
 * levels above nothing is asked but whether a node descends from a policy that
 * the user accepts: that is carried along.
 */
typedef struct node {
	sgl_slice policy; /* one of the expected policies */
	bool acceptable;
} node;

typedef struct level {
	node *nodes; /* in order of `policy`, without doubles */
	size_t num, cap;
	bool has_any; /* the node anyPolicy */
} level;

typedef struct policies {
	const sgl_path_policy *want;
	level now;
	uint64_t explicit_policy, policy_mapping, inhibit_any; /* 6.1.2 */
} policies;

static void
level_clear(level *l)
{
	sgl_mem_free(l->nodes);
	*l = (level){0};
}
SGL_AUTO_CLEAR_TYPE(level, level_clear)

static sgl_status
level_reserve(level *l, size_t cap, sgl_err *err)
{
	if (cap == 0)
		return SGL_OK;
	l->nodes = sgl_mem_zeroed(cap, sizeof *l->nodes);
	if (l->nodes == NULL)
		return sgl_oom(err, ROOM);
	l->cap = cap;
	return SGL_OK;
}

static void
level_add(level *l, sgl_slice policy, bool acceptable)
{
	assert(l->num < l->cap);
	l->nodes[l->num++] = (node){policy, acceptable};
}

static int
compare_nodes(const void *a, const void *b)
{
	return sgl_slice_compare(
	    ((const node *)a)->policy, ((const node *)b)->policy);
}

static void
level_sort(level *l)
{
	size_t kept = 0;

	if (l->num == 0)
		return;
	qsort(l->nodes, l->num, sizeof *l->nodes, compare_nodes);
	for (size_t i = 1; i < l->num; i++) {
		if (sgl_slice_eq(l->nodes[i].policy, l->nodes[kept].policy))
			l->nodes[kept].acceptable |= l->nodes[i].acceptable;
		else
			l->nodes[++kept] = l->nodes[i];
	}
	l->num = kept + 1;
}

static node *
level_find(const level *l, sgl_slice policy)
{
	node key = {policy, false};

	if (l->num == 0)
		return NULL;
	return bsearch(&key, l->nodes, l->num, sizeof *l->nodes, compare_nodes);
}

static bool
is_any(sgl_slice policy)
{
	return sgl_slice_eq(policy, sgl_oid_der(SGL_OID_ANY_POLICY));
}

/* The user-initial-policy-set (6.1.1 (c)). */
static bool
is_wanted(const policies *p, sgl_slice policy)
{
	const sgl_path_policy *want = p->want;

	for (size_t i = 0; i < want->num_initial_policies; i++)
		if (sgl_slice_eq(want->initial_policies[i], policy) ||
		    is_any(want->initial_policies[i]))
			return true;
	return want->num_initial_policies == 0;
}

static size_t
count_elements(sgl_slice list)
{
	sgl_der in = sgl_der_over(list);
	size_t n = 0;

	while (sgl_der_read_any(&in, NULL, NULL, NULL))
		n++;
	return n;
}

/* 6.1.3 (d)(1): each policy of the certificate that is expected. */
static void
take_policies(
    const policies *p, const sgl_cert *cert, level *next, bool *has_any)
{
	sgl_der in = sgl_der_over(cert->policies), info;
	sgl_slice policy;

	while (sgl_der_read(&in, SGL_SEQUENCE, &info) &&
	    sgl_der_read_oid(&info, &policy)) {
		const node *expected = level_find(&p->now, policy);

		if (is_any(policy))
			*has_any = true;
		else if (expected != NULL)
			level_add(next, policy, expected->acceptable);
		else if (p->now.has_any)
			level_add(next, policy, is_wanted(p, policy));
	}
	level_sort(next);
}

/* 6.1.3 (d)(2): anyPolicy stands for all that is expected. */
static void
take_any(const policies *p, level *next)
{
	size_t named = next->num;
	level list = {.nodes = next->nodes, .num = named};

	for (size_t i = 0; i < p->now.num; i++)
		if (level_find(&list, p->now.nodes[i].policy) == NULL)
			level_add(next, p->now.nodes[i].policy,
			    p->now.nodes[i].acceptable);
	next->has_any = p->now.has_any;
	level_sort(next);
}

static sgl_status
go_down(policies *p, const sgl_cert *cert, bool is_leaf, sgl_err *err)
{
	SGL_AUTO_CLEAR(level) next = {0};
	bool has_any = false;
	level old;

	TRY(level_reserve(
	    &next, count_elements(cert->policies) + p->now.num, err));
	take_policies(p, cert, &next, &has_any);
	if (has_any &&
	    (p->inhibit_any > 0 || (!is_leaf && cert->is_self_issued)))
		take_any(p, &next);
	old = p->now;
	p->now = next;
	next = old;
	return SGL_OK;
}

/* One pair of policyMappings; false: mapped from or to anyPolicy. */
static bool
read_mapping(sgl_der *in, sgl_slice *from, sgl_slice *to)
{
	sgl_der pair;

	return sgl_der_read(in, SGL_SEQUENCE, &pair) &&
	    sgl_der_read_oid(&pair, from) && sgl_der_read_oid(&pair, to) &&
	    !is_any(*from) && !is_any(*to);
}

/* 6.1.4 (a) */
static bool
mappings_are_fair(const sgl_cert *cert)
{
	sgl_der in = sgl_der_over(cert->policy_mappings);
	sgl_slice from, to;

	while (!sgl_der_done(&in))
		if (!read_mapping(&in, &from, &to))
			return false;
	return true;
}

/* 6.1.4 (b): what is mapped is expected under its new names alone, or where
 * mapping is inhibited not at all. */
static sgl_status
map(policies *p, const sgl_cert *cert, sgl_err *err)
{
	SGL_AUTO_CLEAR(level) next = {0};
	SGL_AUTO_CLEAR(level) mapped = {0};
	size_t num = count_elements(cert->policy_mappings);
	sgl_der in = sgl_der_over(cert->policy_mappings);
	sgl_slice from, to;
	level old;

	TRY(level_reserve(&next, num + p->now.num, err));
	TRY(level_reserve(&mapped, num, err));
	while (read_mapping(&in, &from, &to)) {
		const node *n = level_find(&p->now, from);

		level_add(&mapped, from, false);
		if (p->policy_mapping == 0)
			continue;
		if (n != NULL)
			level_add(&next, to, n->acceptable);
		else if (p->now.has_any)
			level_add(&next, to, is_wanted(p, from));
	}
	level_sort(&mapped);
	for (size_t i = 0; i < p->now.num; i++)
		if (level_find(&mapped, p->now.nodes[i].policy) == NULL)
			level_add(&next, p->now.nodes[i].policy,
			    p->now.nodes[i].acceptable);
	level_sort(&next);
	next.has_any = p->now.has_any;
	old = p->now;
	p->now = next;
	next = old;
	return SGL_OK;
}

static void
count_down(uint64_t *n)
{
	if (*n > 0)
		(*n)--;
}

static void
lower(uint64_t *n, bool has, uint64_t to)
{
	if (has && to < *n)
		*n = to;
}

/* 6.1.4 (h) to (j) */
static void
prepare(policies *p, const sgl_cert *cert)
{
	if (!cert->is_self_issued) {
		count_down(&p->explicit_policy);
		count_down(&p->policy_mapping);
		count_down(&p->inhibit_any);
	}
	lower(&p->explicit_policy, cert->has_require_explicit,
	    cert->require_explicit);
	lower(&p->policy_mapping, cert->has_inhibit_mapping,
	    cert->inhibit_mapping);
	lower(&p->inhibit_any, cert->has_inhibit_any, cert->inhibit_any);
}

/* 6.1.5 (a), (b), (g) */
static bool
is_good_end(policies *p, const sgl_cert *leaf)
{
	count_down(&p->explicit_policy);
	if (leaf->has_require_explicit && leaf->require_explicit == 0)
		p->explicit_policy = 0;
	if (p->explicit_policy > 0 || p->now.has_any)
		return true;
	for (size_t i = 0; i < p->now.num; i++)
		if (p->now.nodes[i].acceptable)
			return true;
	return false;
}

static sgl_status
process(
    policies *p, const sgl_cert *cert, bool is_leaf, bool *good, sgl_err *err)
{
	*good = false;
	TRY(go_down(p, cert, is_leaf, err));
	/* 6.1.3 (f) */
	if (p->explicit_policy == 0 && p->now.num == 0 && !p->now.has_any)
		return SGL_OK;
	if (is_leaf) {
		*good = is_good_end(p, cert);
		return SGL_OK;
	}
	if (!mappings_are_fair(cert))
		return SGL_OK;
	if (cert->policy_mappings.len > 0)
		TRY(map(p, cert, err));
	prepare(p, cert);
	*good = true;
	return SGL_OK;
}

/* Nothing comes of policies unless somebody requires one; only mappings can
 * then still be at fault. */
static bool
is_concerned(sgl_cert *const *chain, size_t num, const sgl_path_policy *policy)
{
	for (size_t i = 0; i + 1 < num; i++)
		if (chain[i]->has_require_explicit ||
		    chain[i]->policy_mappings.len > 0)
			return true;
	return policy->explicit_policy;
}

sgl_status
sgl_policies_check(sgl_cert *const *chain, size_t num,
    const sgl_path_policy *policy, size_t *fault_at, sgl_err *err)
{
	policies p = {.want = policy, .now = {.has_any = true}};
	sgl_status status = SGL_OK;
	bool good = true;

	*fault_at = SIZE_MAX;
	if (!is_concerned(chain, num, policy))
		return SGL_OK;
	/* The anchor is not part of the path: n is num - 1. */
	p.explicit_policy = policy->explicit_policy ? 0 : num;
	p.policy_mapping = policy->inhibit_mapping ? 0 : num;
	p.inhibit_any = policy->inhibit_any ? 0 : num;
	for (size_t i = num - 1; good && status == SGL_OK && i-- > 0;) {
		status = process(&p, chain[i], i == 0, &good, err);
		if (status == SGL_OK && !good)
			*fault_at = i;
	}
	level_clear(&p.now);
	return status;
}
