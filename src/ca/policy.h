/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate policies (RFC 5280 4.2.1.4): by which rules a certificate was
 * issued, as its issuer says. Those of the Baseline Requirements say that an
 * auditor has seen that they are kept, which a private authority cannot say in
 * truth; of them only mailbox-validated can be asserted at all, for of a person
 * nothing but the address is known here. Then nothing else stands in the
 * subject (BR 7.1.4.2.3).
 */
#ifndef SGL_CA_POLICY_H
#define SGL_CA_POLICY_H

#include "org/organisation.h"

/* sgl_policy_check: SGL_E_USAGE for a policy (dotted) that cannot be. *reserved
 * tells whether it is one of the Baseline Requirements. */
SGL_MUST sgl_status sgl_policy_check(
    sgl_slice dotted, bool *reserved, sgl_err *err);
/* sgl_policy_is_reserved: it is one of those; sgl_policy_has_reserved: the
 * organisation asserts one. */
bool sgl_policy_is_reserved(sgl_slice dotted);
bool sgl_policy_has_reserved(const sgl_organisation *o);
/* sgl_policy_is_url: a practice statement can be there (BR 7.1.2.3 a). */
bool sgl_policy_is_url(sgl_slice url);

#endif
