/* SPDX-License-Identifier: Apache-2.0 */
/* Names in certificates. In a DEMO organisation every one of them says so. */
#ifndef SGL_CA_NAMES_H
#define SGL_CA_NAMES_H

#include "org/home.h"

/* "O=example.org, CN=example.org Root CA 2026"; the year keeps the authorities
 * of successive organisations of one name apart, `number` (from 1) those of one
 * year: "Issuing CA 2026-2". */
SGL_MUST sgl_status sgl_ca_authority_name(const sgl_organisation *o,
    sgl_authority_kind kind, sgl_time now, unsigned number, sgl_buf *out,
    sgl_err *err);
/* "O=example.org, CN=Alice"; of a protected person, the address. */
SGL_MUST sgl_status sgl_ca_person_name(
    const sgl_organisation *o, const sgl_person *p, sgl_buf *out, sgl_err *err);
/* "O=example.org, CN=example.org OCSP 2026". */
SGL_MUST sgl_status sgl_ca_responder_name(const sgl_organisation *o,
    const char *protocol, sgl_time now, sgl_buf *out, sgl_err *err);

/* sgl_ca_branch_name appends that of a branch's authority. */
SGL_MUST sgl_status sgl_ca_branch_name(
    const sgl_organisation *o, const char *name, sgl_buf *out, sgl_err *err);

#endif
