/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetching something small over plain HTTP, as anybody in the world would: one
 * GET or POST, no proxy, no redirect followed, no other protocol, with ends to
 * time and size. What went wrong is a finding, told exactly; what comes is a
 * stranger's.
 */
#ifndef SGL_NET_FETCH_H
#define SGL_NET_FETCH_H

#include "base/buf.h"

typedef enum sgl_fetch_fault {
	SGL_FETCH_GOOD,
	SGL_FETCH_NAME,	   /* the host has no address */
	SGL_FETCH_PRIVATE, /* it has, but none that is asked */
	SGL_FETCH_CONNECT, /* nobody listens, or the way there is closed */
	SGL_FETCH_TIME,	   /* no whole answer in time */
	SGL_FETCH_STATUS,  /* an answer, but another one: `status` says which */
	SGL_FETCH_REDIRECT, /* to `where` */
	SGL_FETCH_SIZE,	    /* longer than it may be */
	SGL_FETCH_BROKEN    /* no HTTP, or cut off */
} sgl_fetch_fault;
/* sgl_fetch_fault_text says it (to translate); NULL: good. */
const char *sgl_fetch_fault_text(sgl_fetch_fault fault);

/* What is asked; all is borrowed. */
typedef struct sgl_fetch_order {
	const char *url;
	size_t max;	  /* bytes */
	unsigned seconds; /* from having an address on */
	sgl_slice body;	  /* to POST; empty: GET */
	const char *type; /* of the body: "application/ocsp-request" */
	bool only_public; /* addresses (net/address.h): what is connected to
			   * is looked at, whatever the name was resolved to */
	bool (*is_over)(void *ctx); /* asked now and then; NULL: never */
	void *ctx;
} sgl_fetch_order;

#define SGL_FETCH_TEXT 256
typedef struct sgl_fetched {
	sgl_fetch_fault fault;
	long status;		    /* of HTTP; 0: there was no answer */
	char where[SGL_FETCH_TEXT]; /* "": not told */
	sgl_buf body;
} sgl_fetched;
void sgl_fetched_clear(sgl_fetched *f);
SGL_AUTO_CLEAR_TYPE(sgl_fetched, sgl_fetched_clear)

/* sgl_fetch fetches. SGL_E_UNSUPPORTED: the library for it is not installed;
 * SGL_E_NOMEM. */
SGL_MUST sgl_status sgl_fetch(
    const sgl_fetch_order *order, sgl_fetched *out, sgl_err *err);
/* sgl_fetch_prepare loads what fetching needs, before files are fenced off. */
SGL_MUST sgl_status sgl_fetch_prepare(sgl_err *err);

#endif
