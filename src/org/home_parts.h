/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a home that a service works with: all but the keys, which are
 * the keyholder's. (Landlock knows no exceptions from a folder, so what is
 * allowed is named piece by piece.)
 */
#ifndef SGL_ORG_HOME_PARTS_H
#define SGL_ORG_HOME_PARTS_H

#include "org/home.h"

#define SGL_HOME_PARTS 9
typedef struct sgl_home_parts {
	const char *paths[SGL_HOME_PARTS + 1]; /* ended by NULL */
	sgl_buf texts[SGL_HOME_PARTS];
} sgl_home_parts;
/* Some may not be there. All-zero are none. */
SGL_MUST sgl_status sgl_home_parts_list(
    const sgl_home *home, sgl_home_parts *out, sgl_err *err);
void sgl_home_parts_clear(sgl_home_parts *parts);
SGL_AUTO_CLEAR_TYPE(sgl_home_parts, sgl_home_parts_clear)

#endif
