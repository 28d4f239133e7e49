/* SPDX-License-Identifier: Apache-2.0 */
/* What an organisation is, as settings in the store. */
#ifndef SGL_ORG_ORGANISATION_H
#define SGL_ORG_ORGANISATION_H

#include "org/home.h"

#define SGL_SETTING_DOMAIN "organisation.domain"
#define SGL_SETTING_PUBLIC_URL "organisation.public_url"

#define SGL_POLICIES_MAX 8
/* sgl_organisation_get_policy borrows the i-th policy; false: there is none. */
bool sgl_organisation_get_policy(
    const sgl_organisation *o, size_t i, sgl_slice *out);

#define SGL_DOMAINS_MAX 32 /* each stands in the issuing certificate */

/* Its names end up in certificates, whose parts hold 64 characters (RFC 5280
 * appendix A, ub-common-name): ours add "DEMO " and " Issuing CA 2026". */
#define SGL_ORGANISATION_NAME_MAX 43

/* sgl_organisation_check: SGL_E_USAGE for a domain that is none or a name that
 * cannot stand in certificates. */
SGL_MUST sgl_status sgl_organisation_check(
    const sgl_organisation *o, sgl_err *err);
SGL_MUST sgl_status sgl_organisation_write(
    sgl_store *store, const sgl_organisation *o, sgl_err *err);
/* SGL_E_IO: the making of it was never finished; `home` is for the error. */
SGL_MUST sgl_status sgl_organisation_read(
    sgl_store *store, const char *home, sgl_organisation *out, sgl_err *err);

/* sgl_organisation_get_domain borrows the i-th of its domains, the first being
 * the one that it is known by; false: it has no more. */
bool sgl_organisation_get_domain(
    const sgl_organisation *o, size_t i, sgl_slice *out);
bool sgl_organisation_has_domain(const sgl_organisation *o, sgl_slice domain);

/* sgl_organisation_with and sgl_organisation_without set *more to what
 * more_domains is with a domain behind the others, or without it; free it with
 * sgl_mem_free. */
SGL_MUST sgl_status sgl_organisation_with(
    const sgl_organisation *o, sgl_slice domain, char **more, sgl_err *err);
SGL_MUST sgl_status sgl_organisation_without(
    const sgl_organisation *o, sgl_slice domain, char **more, sgl_err *err);

#endif
