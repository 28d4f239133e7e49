/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this is a sanitized build, whose leak checker attaches to us as a
 * debugger does and wants system calls of its own. */
#ifndef SGL_SYS_SANITIZED_H
#define SGL_SYS_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define SGL_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SGL_SANITIZED 1
#endif
#endif
#ifndef SGL_SANITIZED
#define SGL_SANITIZED 0
#endif

#endif
