/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door of SCEP (RFC 8894 2.1.2, a registration authority): a key and a
 * certificate by the issuing authority, for nothing but that devices can
 * encrypt what they send us, and know our answers. The key is RSA, whatever
 * the others are, for what SCEP asks of it elliptic curves cannot do.
 */
#ifndef SGL_CA_DOOR_H
#define SGL_CA_DOOR_H

#include "org/home.h"

typedef struct sgl_ca_door {
	sgl_cert *cert;
	int64_t key;
} sgl_ca_door;
void sgl_ca_door_clear(sgl_ca_door *d);
SGL_AUTO_CLEAR_TYPE(sgl_ca_door, sgl_ca_door_clear)

/* sgl_ca_door_find: *found false: there is none of the authority that issues
 * now, or it soon ends. */
SGL_MUST sgl_status sgl_ca_door_find(
    sgl_home *home, sgl_ca_door *out, bool *found, sgl_err *err);
/* sgl_ca_door_get finds it, or makes one, in an open transaction of the home:
 * there is one from the first time on that somebody needs it. SGL_E_NOKEY: the
 * authority ends so soon that there is to be none. */
SGL_MUST sgl_status sgl_ca_door_get(
    sgl_home *home, sgl_ca_door *out, sgl_err *err);
/* sgl_ca_door_ask has the door's key sign or decrypt; no other operations. */
SGL_MUST sgl_status sgl_ca_door_ask(sgl_home *home, const sgl_ca_door *d,
    const sgl_key_request *request, sgl_key_answer *answer, sgl_err *err);

#endif
