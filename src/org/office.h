/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody who works with the organisation may do. */
#ifndef SGL_ORG_OFFICE_H
#define SGL_ORG_OFFICE_H

#include "org/home.h"

/* 0 is the highest: what forgets to say whose work it is, is the
 * administrator's. */
typedef enum sgl_office {
	SGL_OFFICE_ADMINISTRATOR,
	SGL_OFFICE_OPERATOR, /* the daily work, without private keys */
	SGL_OFFICE_READER,   /* looks */
	/* Recovers keys of others; neither part of the ladder above nor
	 * implied by it. */
	SGL_OFFICE_RECOVERY_OFFICER,
	SGL_NUM_OFFICES
} sgl_office;
const char *sgl_office_name(sgl_office office); /* "recovery-officer" */
SGL_MUST bool sgl_office_find(sgl_slice name, sgl_office *out);

/* The offices that a user holds: a bit for each. */
typedef unsigned sgl_offices;
#define SGL_OFFICE_BIT(office) (1U << (office))
/* sgl_offices_of: root and the home's owner are administrators always; others
 * what the store says. 0: a stranger. */
SGL_MUST sgl_status sgl_offices_of(
    sgl_home *home, unsigned uid, sgl_offices *out, sgl_err *err);
bool sgl_office_is_born(const sgl_home *home, unsigned uid);
/* sgl_offices_allow tells whether they do the work of `office`. */
bool sgl_offices_allow(sgl_offices held, sgl_office office);

#endif
