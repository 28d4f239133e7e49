/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses of the network are anybody's to reach. */
#ifndef SGL_NET_ADDRESS_H
#define SGL_NET_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/*
 * sgl_address_is_public: neither this machine, nor a private network, nor a
 * link, nor many at once, nor what the registries of special addresses set
 * apart (RFC 6890), also where such an IPv4 address is wrapped in an IPv6 one.
 */
bool sgl_address_is_public(const struct sockaddr *address);

/* sgl_host_is_private: the host of a URL is an address that is not public, or
 * a name of this machine; no name is looked up. */
bool sgl_host_is_private(const char *url);

#endif
