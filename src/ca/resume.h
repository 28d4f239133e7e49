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
 * sgl_ca_resume_issuing knows those of the certificates again that are of
 * issuing authorities made after the backup: *num of them. Whose key had been
 * prepared before goes on; of another one the key is lost, and with it the
 * lists that it would have made: the last ones are published for as long as
 * they hold. Before sgl_ca_resume. SGL_E_USAGE: one is not signed by a root of
 * ours.
 */
SGL_MUST sgl_status sgl_ca_resume_issuing(
    sgl_home *home, const sgl_certs *certs, size_t *num, sgl_err *err);

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
