/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl, loaded when something is fetched: linked, it and the libraries
 * behind it would slow down every start. */
#ifndef SGL_NET_CURL_H
#define SGL_NET_CURL_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/mem.h"

#define SGL_CURL_CALLS(X)                                                      \
	X(curl_easy_init)                                                      \
	X(curl_easy_cleanup)                                                   \
	X(curl_easy_setopt)                                                    \
	X(curl_easy_perform)                                                   \
	X(curl_easy_getinfo)                                                   \
	X(curl_slist_append)                                                   \
	X(curl_slist_free_all)                                                 \
	X(curl_url)                                                            \
	X(curl_url_set)                                                        \
	X(curl_url_get)                                                        \
	X(curl_url_cleanup)                                                    \
	X(curl_free)

/* Its calls by their own names. */
typedef struct sgl_curl {
#define SGL_CURL_MEMBER(name) __typeof__(name) *name;
	SGL_CURL_CALLS(SGL_CURL_MEMBER)
} sgl_curl;

/* SGL_E_UNSUPPORTED: the library is not installed. */
SGL_MUST sgl_status sgl_curl_load(sgl_curl *c, sgl_err *err);

#endif
