/* SPDX-License-Identifier: Apache-2.0 */
/* The defaults behind the zeros of sgl_limits. */
#ifndef SGL_BASE_LIMITS_H
#define SGL_BASE_LIMITS_H

#include "sigill/base.h"

/* Bytes that one stage hands to the next at a time, at most: a block and its
 * decoded and encrypted forms stay in a core's second-level cache. What one
 * message holds at a time is less than the 128 KiB from which on allocators
 * give memory back to the system, only to ask for it with the next message. */
#define SGL_BLOCK 32768u

/* sgl_limits_fill returns `given` (or NULL) with every zero replaced. */
sgl_limits sgl_limits_fill(const sgl_limits *given);

#endif
