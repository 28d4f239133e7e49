/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of what is revoked (RFC 5280 5), one for each part of each
 * authority. That of people's certificates says it is to be asked for again
 * after seven days, and is made anew every day; a root's, about authorities,
 * holds for a year and is made every month, for a root's key may be away. What
 * was revoked once stays listed, also behind its end: old signatures are looked
 * at for years.
 */
#ifndef SGL_CA_CRL_H
#define SGL_CA_CRL_H

#include "org/home.h"

/* Parts of one authority's list. */
#define SGL_CA_SHARDS 256

/*
 * sgl_ca_make_crls makes what is due, or (`all`) every list, in an open
 * transaction of the home, and tells how many. An authority whose key cannot be
 * had now is passed over: what is due stays due.
 */
SGL_MUST sgl_status sgl_ca_make_crls(
    sgl_home *home, bool all, unsigned *made, sgl_err *err);

/* sgl_ca_has_due: something is still due. */
SGL_MUST sgl_status sgl_ca_has_due(sgl_home *home, bool *due, sgl_err *err);

/* sgl_ca_set_shards divides the lists of the issuing authorities for what is
 * issued from now on. SGL_E_USAGE: fewer than there are, too many, or there is
 * no public URL, without which a certificate cannot say in which it would be
 * listed. */
SGL_MUST sgl_status sgl_ca_set_shards(
    sgl_home *home, int64_t num, sgl_err *err);

#endif
