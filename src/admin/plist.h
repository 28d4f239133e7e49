/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a property list as XML (Apple's DTD PropertyList 1.0). A key stands
 * in front of each value in a dictionary; NULL in an array and at the top. The
 * first failure sticks.
 */
#ifndef SGL_ADMIN_PLIST_H
#define SGL_ADMIN_PLIST_H

#include "base/buf.h"

typedef struct sgl_plist {
	sgl_buf *out; /* borrowed */
	sgl_status failed;
	unsigned depth;
} sgl_plist;
sgl_plist sgl_plist_over(sgl_buf *out);
SGL_MUST sgl_status sgl_plist_end(sgl_plist *p, sgl_err *err);

void sgl_plist_dict(sgl_plist *p, const char *key);
void sgl_plist_close_dict(sgl_plist *p);
void sgl_plist_array(sgl_plist *p, const char *key);
void sgl_plist_close_array(sgl_plist *p);
/* UTF-8; what XML 1.0 cannot hold becomes U+FFFD. */
void sgl_plist_string(sgl_plist *p, const char *key, const char *text);
void sgl_plist_int(sgl_plist *p, const char *key, int value);
void sgl_plist_bool(sgl_plist *p, const char *key, bool yes);
void sgl_plist_data(sgl_plist *p, const char *key, sgl_slice bytes);

#endif
