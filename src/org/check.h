/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a home that was restored can be worked with. */
#ifndef SGL_ORG_CHECK_H
#define SGL_ORG_CHECK_H

#include "org/home.h"

typedef struct sgl_home_checked {
	size_t people, keys;
} sgl_home_checked;

/* sgl_home_check opens every private key there is, one after the other. A
 * failure names the first one that does not. */
SGL_MUST sgl_status sgl_home_check(
    sgl_home *home, sgl_home_checked *out, sgl_err *err);

#endif
