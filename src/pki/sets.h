/* SPDX-License-Identifier: Apache-2.0 */
/* Growing the arrays of sets; for this room. */
#ifndef SGL_PKI_SETS_H
#define SGL_PKI_SETS_H

#include "pki/cert.h"

/*
 * sgl_grow_array makes room for one more in an array whose capacity is the
 * power of two at or above its length: no field for it is needed.
 */
SGL_MUST sgl_status sgl_grow_array(
    void **items, size_t num, size_t size, sgl_err *err);

#endif
