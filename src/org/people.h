/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The people of the organisation, found by their address. One mailbox is one
 * person: addresses that differ in ASCII case alone, or in the way the domain
 * is written (U- or A-labels), are the same.
 */
#ifndef SGL_ORG_PEOPLE_H
#define SGL_ORG_PEOPLE_H

#include "org/home.h"

/* A common name holds 64 characters, five of which may be "DEMO ". */
#define SGL_PERSON_NAME_MAX 59

/* sgl_people_add adds a person; name NULL takes the local part. *out is the
 * record (clear it). SGL_E_USAGE: no address, not in the organisation's
 * domain, there already, a name that cannot stand in a certificate. */
SGL_MUST sgl_status sgl_people_add(sgl_home *home, const char *address,
    const char *name, sgl_person *out, sgl_err *err);
/* sgl_people_new is the same, but nothing is stored. */
SGL_MUST sgl_status sgl_people_new(sgl_home *home, const char *address,
    const char *name, sgl_person *out, sgl_err *err);
SGL_MUST sgl_status sgl_people_find(sgl_home *home, const char *address,
    sgl_person *out, bool *found, sgl_err *err);
/* sgl_people_get is the same, where absence is SGL_E_NOKEY, with advice. */
SGL_MUST sgl_status sgl_people_get(
    sgl_home *home, const char *address, sgl_person *out, sgl_err *err);

/* sgl_people_new_alias is a further address for a person (clear it), not stored
 * yet. SGL_E_USAGE: no address, not in the organisation's domain, somebody's
 * already. */
SGL_MUST sgl_status sgl_people_new_alias(sgl_home *home, int64_t person,
    const char *address, sgl_alias *out, sgl_err *err);
/* sgl_people_find_alias finds one of the person's; SGL_E_NOKEY: it is none. */
SGL_MUST sgl_status sgl_people_find_alias(sgl_home *home, int64_t person,
    const char *address, sgl_alias *out, sgl_err *err);
/* sgl_people_set_name changes the name in the record. SGL_E_USAGE: it cannot
 * stand in a certificate. */
SGL_MUST sgl_status sgl_people_set_name(
    sgl_person *p, const char *name, sgl_err *err);

#endif
