/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading JSON, as vectors for tests come in. Any fault in them fails the test;
 * what is read lives until the program ends.
 */
#ifndef SGL_SUPPORT_JSON_H
#define SGL_SUPPORT_JSON_H

#include "sigill/base.h"

typedef struct json {
	struct json *next;  /* the following member or element */
	struct json *first; /* of an object or array */
	char *name;	    /* where it is a member */
	char *text;	    /* of a string, UTF-8; of all else as written */
} json;

const json *json_parse(const char *text);
/* json_find returns NULL where there is no such member. */
const json *json_find(const json *object, const char *name);
/* json_get is json_find that fails the test instead; text and number too. */
const json *json_get(const json *object, const char *name);
const char *json_text(const json *object, const char *name);
long json_number(const json *object, const char *name);

#endif
