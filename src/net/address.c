/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "net/address.h"

#define HOST_MAX 256

typedef struct block {
	uint8_t bits; /* of the prefix */
	uint8_t prefix[16];
} block;

/* IANA IPv4 Special-Purpose Address Registry, and what is for many. */
static const block four[] = {
    {8, {0}},		  /* this network */
    {8, {10}},		  /* private, RFC 1918 */
    {10, {100, 64}},	  /* between provider and customer, RFC 6598 */
    {8, {127}},		  /* this machine */
    {16, {169, 254}},	  /* the link */
    {12, {172, 16}},	  /* private */
    {24, {192, 0, 0}},	  /* protocols */
    {24, {192, 0, 2}},	  /* examples, RFC 5737 */
    {24, {192, 88, 99}},  /* relays, RFC 7526 */
    {16, {192, 168}},	  /* private */
    {15, {198, 18}},	  /* measuring, RFC 2544 */
    {24, {198, 51, 100}}, /* examples */
    {24, {203, 0, 113}},  /* examples */
    {4, {224}},		  /* many at once */
    {4, {240}},		  /* reserved, and everybody */
};

static const block six[] = {
    {128, {0}},				  /* none */
    {128, {[15] = 1}},			  /* this machine */
    {64, {0x01}},			  /* nowhere, RFC 6666 */
    {23, {0x20, 0x01}},			  /* protocols, Teredo among them */
    {32, {0x20, 0x01, 0x0d, 0xb8}},	  /* examples, RFC 3849 */
    {20, {0x3f, 0xff}},			  /* examples, RFC 9637 */
    {7, {0xfc}},			  /* private, RFC 4193 */
    {10, {0xfe, 0x80}},			  /* the link */
    {10, {0xfe, 0xc0}},			  /* the site, RFC 3879 */
    {8, {0xff}},			  /* many at once */
    {48, {0x00, 0x64, 0xff, 0x9b, 0, 1}}, /* translation, RFC 8215 */
};

/* IPv6 addresses that lead to an IPv4 address, and where in them it stands. */
static const struct {
	block block;
	uint8_t at;
} wrapped[] = {
    {{96, {[10] = 0xff, 0xff}}, 12},	  /* mapped, RFC 4291 */
    {{96, {0}}, 12},			  /* compatible */
    {{96, {0x00, 0x64, 0xff, 0x9b}}, 12}, /* translated, RFC 6052 */
    {{16, {0x20, 0x02}}, 2},		  /* 6to4, RFC 3056 */
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool
is_in(const uint8_t *address, const block *b)
{
	size_t whole = b->bits / 8, rest = b->bits % 8;

	if (memcmp(address, b->prefix, whole) != 0)
		return false;
	return rest == 0 ||
	    (address[whole] ^ b->prefix[whole]) >> (8 - rest) == 0;
}

static bool
is_in_any(const uint8_t *address, const block *blocks, size_t num)
{
	for (size_t i = 0; i < num; i++)
		if (is_in(address, &blocks[i]))
			return true;
	return false;
}

static bool
is_public_six(const uint8_t *address)
{
	if (is_in_any(address, six, COUNT(six)))
		return false;
	for (size_t i = 0; i < COUNT(wrapped); i++)
		if (is_in(address, &wrapped[i].block))
			return !is_in_any(
			    address + wrapped[i].at, four, COUNT(four));
	return true;
}

bool
sgl_address_is_public(const struct sockaddr *address)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (address->sa_family == AF_INET) {
		memcpy(&in, address, sizeof in);
		return !is_in_any(
		    (const uint8_t *)&in.sin_addr, four, COUNT(four));
	}
	if (address->sa_family != AF_INET6)
		return false;
	memcpy(&in6, address, sizeof in6);
	return is_public_six(in6.sin6_addr.s6_addr);
}

/* Copies the host of a URL, without brackets; false: there is none. */
static bool
copy_host(const char *url, char out[HOST_MAX])
{
	const char *at = strstr(url, "://");
	bool in_brackets;
	size_t len;

	if (at == NULL)
		return false;
	at += 3;
	in_brackets = *at == '[';
	at += in_brackets ? 1 : 0;
	len = strcspn(at, in_brackets ? "]" : ":/?#");
	if (len == 0 || len >= HOST_MAX)
		return false;
	memcpy(out, at, len);
	out[len] = '\0';
	return true;
}

bool
sgl_host_is_private(const char *url)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	char host[HOST_MAX];

	if (!copy_host(url, host))
		return false;
	if (inet_pton(AF_INET, host, &in.sin_addr) == 1)
		return !sgl_address_is_public((const struct sockaddr *)&in);
	if (inet_pton(AF_INET6, host, &in6.sin6_addr) == 1)
		return !sgl_address_is_public((const struct sockaddr *)&in6);
	return strcasecmp(host, "localhost") == 0;
}
