/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes written as hexadecimal digits, for tables of vectors. */
#ifndef SGL_SUPPORT_HEX_H
#define SGL_SUPPORT_HEX_H

#include "sigill/base.h"

/* unhex decodes `text` (blanks and line ends skipped) into memory that lives
 * until the program ends: tests are short. A bad digit ends the test. */
sgl_slice unhex(const char *text);
sgl_slice unhex_slice(sgl_slice text);

#endif
