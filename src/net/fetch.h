/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetching something small over plain HTTP, as anybody in the world would: one
 * GET, no proxy, no redirect followed, no other protocol, with ends to time and
 * size. What went wrong is a finding, told exactly; what comes is a stranger's.
 */
#ifndef SGL_NET_FETCH_H
#define SGL_NET_FETCH_H

#include "base/buf.h"

typedef enum sgl_fetch_fault {
	SGL_FETCH_GOOD,
	SGL_FETCH_NAME,	   /* the host has no address */
	SGL_FETCH_CONNECT, /* nobody listens, or the way there is closed */
	SGL_FETCH_TIME,	   /* no whole answer in time */
	SGL_FETCH_STATUS,  /* an answer, but another one: `status` says which */
	SGL_FETCH_REDIRECT, /* to `where` */
	SGL_FETCH_SIZE,	    /* longer than it may be */
	SGL_FETCH_BROKEN    /* no HTTP, or cut off */
} sgl_fetch_fault;

#define SGL_FETCH_TEXT 256
typedef struct sgl_fetched {
	sgl_fetch_fault fault;
	long status;		    /* of HTTP; 0: there was no answer */
	char where[SGL_FETCH_TEXT]; /* "": not told */
	sgl_buf body;
} sgl_fetched;
void sgl_fetched_clear(sgl_fetched *f);
SGL_AUTO_CLEAR_TYPE(sgl_fetched, sgl_fetched_clear)

/* sgl_fetch gets `url` in so many seconds and up to `max` bytes.
 * SGL_E_UNSUPPORTED: the library for it is not installed; SGL_E_NOMEM. */
SGL_MUST sgl_status sgl_fetch(const char *url, size_t max, unsigned seconds,
    sgl_fetched *out, sgl_err *err);

#endif
