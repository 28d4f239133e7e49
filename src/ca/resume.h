/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After a restore: the world may have seen more of an authority than its
 * records know. All in an open transaction of the home.
 */
#ifndef SGL_CA_RESUME_H
#define SGL_CA_RESUME_H

#include "org/home.h"
#include "sigill/pki.h"

/* sgl_ca_resume lets every authority go on with CRL numbers that are higher
 * than any that it can have used, and has its CRLs made anew. */
SGL_MUST sgl_status sgl_ca_resume(sgl_home *home, sgl_err *err);

/*
 * sgl_ca_merge_crl takes over what a published CRL of ours revokes, so that
 * nothing becomes un-revoked: certificates that we have, and serial numbers of
 * those that were issued after the backup. SGL_E_USAGE: it is not signed by one
 * of our authorities.
 */
typedef struct sgl_ca_merged {
	size_t listed, revoked, lost; /* lost: we have no such certificate */
} sgl_ca_merged;
SGL_MUST sgl_status sgl_ca_merge_crl(
    sgl_home *home, sgl_crl *crl, sgl_ca_merged *out, sgl_err *err);

#endif
