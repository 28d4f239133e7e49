/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody who works with the organisation may do. */
#ifndef SGL_ORG_OFFICE_H
#define SGL_ORG_OFFICE_H

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

#endif
