/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What our certificates look like, as data (RFC 5280, RFC 8550, and what mail
 * programs expect):
 *
 *	root		20 years; key usage: certificates and CRLs
 *	issuing		10 years; may issue end certificates only, for mail
 *			only, in the organisation's domain only
 *	branch		5 years; an authority of others below our root, for
 *			mail only, in the domains that were said (branch.h)
 *	signing		2 years; digital signature, non-repudiation
 *	encryption	2 years; key encipherment (RSA) or key agreement (EC),
 *			and which ciphers the mailbox's programs read
 *	dual		both in one: 2 years; digital signature and key
 *			encipherment (RSA) or key agreement (EC), no
 *			non-repudiation, for such a key may be kept by others
 *	responder	a month; signs OCSP answers for the authority that
 *			issued it, and is not asked about itself. Its key is
 *			P-256, whatever the others are: answers are short and
 *			quickly made, and every program reads it
 *	door		a year; devices encrypt to it what they send over SCEP,
 *			and it signs the answers. Its key is RSA
 */
#ifndef SGL_CA_PROFILE_H
#define SGL_CA_PROFILE_H

#include "pki/build.h"

typedef enum sgl_profile_id {
	SGL_PROFILE_ROOT,
	SGL_PROFILE_ISSUING,
	SGL_PROFILE_BRANCH,
	SGL_PROFILE_SIGNING,
	SGL_PROFILE_ENCRYPTION,
	SGL_PROFILE_DUAL,
	SGL_PROFILE_RESPONDER,
	SGL_PROFILE_DOOR
} sgl_profile_id;
#define SGL_NUM_PROFILES 8

typedef struct sgl_profile {
	unsigned days;
	bool is_ca, has_path_len;
	unsigned path_len;
	unsigned key_usage_rsa, key_usage_ec; /* SGL_KU_* */
	bool is_for_mail;		      /* EKU emailProtection */
	bool in_domain;			      /* name constraint */
	bool has_capabilities;		      /* RFC 4262 */
	bool is_responder;		      /* RFC 6960 4.2.2.2 */
	const char *algorithm; /* of its key; NULL: the organisation's */
} sgl_profile;

const sgl_profile *sgl_profile_get(sgl_profile_id id);
const char *sgl_profile_name(sgl_profile_id id); /* "root" */

/* Clocks differ: what is issued now has been valid for a little while. */
#define SGL_PROFILE_BACKDATE (10 * 60)

/* sgl_profile_capabilities appends the SMIMECapabilities (RFC 8551 2.5.2): the
 * ciphers that every mail program reads, the best first. AEAD is not among
 * them, for some current programs cannot read it. */
SGL_MUST sgl_status sgl_profile_capabilities(sgl_buf *out, sgl_err *err);

#endif
