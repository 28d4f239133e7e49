/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages between front, which reads what strangers send, and control,
 * which decides. Every question begins with a number of front's, and its answer
 * with the same; many may be open at once. In place of an answer there may be
 * SGL_FRONT_FAILED.
 */
#ifndef SGL_DAEMON_FRONT_WIRE_H
#define SGL_DAEMON_FRONT_WIRE_H

#include "ca/enrol.h"
#include "sys/farkey.h"

typedef enum sgl_front_message {
	SGL_FRONT_FAILED = SGL_MESSAGE_OTHERS, /* for now, or for good */
	SGL_FRONT_DOOR,	       /* what is needed to enrol somebody */
	SGL_FRONT_DOOR_IS,     /* sgl_front_door */
	SGL_FRONT_ENROL,       /* sgl_front_enrol */
	SGL_FRONT_ENROL_IS,    /* sgl_front_enrolled */
	SGL_FRONT_DOOR_KEY,    /* a question to the door's key */
	SGL_FRONT_DOOR_KEY_IS, /* its answer */
	SGL_FRONT_FIND,	       /* sgl_front_find */
	SGL_FRONT_FIND_IS      /* DER; empty: there is none */
} sgl_front_message;

/* No message between the two is longer. */
#define SGL_FRONT_MESSAGE ((size_t)16 << 20)

#define SGL_FRONT_CERT_MAX ((size_t)64 << 10)
#define SGL_FRONT_AUTHORITIES_MAX 16

/* The question SGL_FRONT_DOOR is one bool: whether SCEP is spoken, for which
 * there must be a door. */
typedef struct sgl_front_door {
	sgl_key_kind kind; /* of keys that the organisation makes */
	unsigned bits;
	sgl_slice door; /* its certificate; empty unless asked for */
	/* The issuing authorities, then the roots. */
	sgl_slice authorities[SGL_FRONT_AUTHORITIES_MAX];
	size_t num_authorities;
} sgl_front_door;
void sgl_front_add_door(sgl_wire *w, const sgl_front_door *d);
void sgl_front_read_door(sgl_unwire *u, sgl_front_door *d);

typedef enum sgl_front_protocol {
	SGL_FRONT_EST,
	SGL_FRONT_SCEP,
	SGL_FRONT_NUM_PROTOCOLS
} sgl_front_protocol;
const char *sgl_front_protocol_name(sgl_front_protocol p); /* "est" */

typedef struct sgl_front_enrol {
	sgl_front_protocol protocol;
	sgl_enrolment e;
} sgl_front_enrol;
void sgl_front_add_enrol(sgl_wire *w, const sgl_front_enrol *e);
void sgl_front_read_enrol(sgl_unwire *u, sgl_front_enrol *e);

typedef struct sgl_front_enrolled {
	sgl_enrol_outcome outcome;
	sgl_slice cert; /* DER, where it is done */
	sgl_slice key;	/* where it was wanted; secret */
} sgl_front_enrolled;
void sgl_front_add_enrolled(sgl_wire *w, const sgl_front_enrolled *e);
void sgl_front_read_enrolled(sgl_unwire *u, sgl_front_enrolled *e);

/* A certificate of ours, or the CRL that would list it. */
typedef struct sgl_front_find {
	bool crl;
	sgl_slice issuer, serial;
} sgl_front_find;
void sgl_front_add_find(sgl_wire *w, const sgl_front_find *f);
void sgl_front_read_find(sgl_unwire *u, sgl_front_find *f);

#endif
