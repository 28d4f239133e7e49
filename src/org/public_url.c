/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdio.h>

#include "base/addr.h"
#include "org/public_url.h"
#include "sys/text.h"

#define ROOM "org.public_url"
#define PORT_HTTP 80
#define PORT_MAX 65535

/* What is wrong with it; NULL: nothing. */
typedef const char *fault;

/* There is room for all that certificates can take. */
static fault
add(sgl_slice text, sgl_buf *out)
{
	return sgl_buf_add(out, text, NULL) == SGL_OK
	    ? NULL
	    : N_("is too long for a URL in certificates");
}

static sgl_slice
take_until(sgl_slice *rest, const char *ends)
{
	size_t n = 0;
	sgl_slice taken;

	while (n < rest->len && strchr(ends, rest->data[n]) == NULL)
		n++;
	taken = sgl_slice_first(*rest, n);
	*rest = sgl_slice_from(*rest, n);
	return taken;
}

/* RFC 3986 3.2.2: an IPv6 address in brackets. */
static fault
add_ipv6(sgl_slice host, sgl_buf *out)
{
	char text[INET6_ADDRSTRLEN], bracketed[sizeof text + 2];
	struct in6_addr address;

	if (host.len >= sizeof text)
		return N_("is not a URL: the address in brackets is none");
	memcpy(text, host.data, host.len);
	text[host.len] = '\0';
	if (inet_pton(AF_INET6, text, &address) != 1 ||
	    inet_ntop(AF_INET6, &address, text, sizeof text) == NULL)
		return N_("is not a URL: the address in brackets is none");
	(void)snprintf(bracketed, sizeof bracketed, "[%s]", text);
	return add(sgl_slice_str(bracketed), out);
}

static fault
add_host(sgl_slice *authority, sgl_buf *out)
{
	sgl_slice host;

	if (sgl_slice_starts(*authority, SGL_LIT("["))) {
		*authority = sgl_slice_from(*authority, 1);
		host = take_until(authority, "]");
		if (authority->len == 0)
			return N_("is not a URL: the address in brackets is "
				  "none");
		*authority = sgl_slice_from(*authority, 1);
		return add_ipv6(host, out);
	}
	host = take_until(authority, ":");
	return sgl_domain_to_ascii(host, out)
	    ? NULL
	    : N_("is not a URL: the name of the host is none");
}

static fault
add_port(sgl_slice port, sgl_buf *out)
{
	unsigned number = 0;
	char text[16];

	if (port.len == 0)
		return NULL;
	for (size_t i = 1; i < port.len && number <= PORT_MAX; i++) {
		if (port.data[i] < '0' || port.data[i] > '9')
			return N_("is not a URL: the port is none");
		number = number * 10 + (unsigned)(port.data[i] - '0');
	}
	if (port.data[0] != ':' || number == 0 || number > PORT_MAX)
		return N_("is not a URL: the port is none");
	if (number == PORT_HTTP)
		return NULL;
	(void)snprintf(text, sizeof text, ":%u", number);
	return add(sgl_slice_str(text), out);
}

static bool
is_path(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("/-._~!$&'()*+,;=:@", c) != NULL);
}

/* Percent signs and dots are where two servers would read two paths. */
static fault
add_path(sgl_slice path, sgl_buf *out)
{
	while (path.len > 0 && path.data[path.len - 1] == '/')
		path.len--;
	for (size_t i = 0; i < path.len; i++) {
		if (!is_path(path.data[i]))
			return N_(
			    "is not a URL that can stand in "
			    "certificates: it has a query, a fragment, or "
			    "a sign that is not plain");
		if (path.data[i] == '/' && i + 1 < path.len &&
		    (path.data[i + 1] == '/' || path.data[i + 1] == '.'))
			return N_(
			    "is not a URL that can stand in "
			    "certificates: a part of its path is empty or "
			    "begins with a dot");
	}
	return add(path, out);
}

static fault
add_url(sgl_slice rest, sgl_buf *out)
{
	sgl_slice authority;
	fault wrong;

	if (!sgl_slice_starts_nocase(rest, SGL_LIT("http://")))
		return N_("must begin with http://, for revocation lists are "
			  "fetched without TLS (RFC 5280 8)");
	rest = sgl_slice_from(rest, strlen("http://"));
	authority = take_until(&rest, "/?#");
	if (memchr(authority.data, '@', authority.len) != NULL)
		return N_("must not have a user name or a password");
	wrong = add(SGL_LIT("http://"), out);
	if (wrong == NULL)
		wrong = add_host(&authority, out);
	if (wrong == NULL)
		wrong = add_port(authority, out);
	return wrong != NULL ? wrong : add_path(rest, out);
}

sgl_status
sgl_public_url_read(const char *given, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) url = sgl_buf_init(SGL_PUBLIC_URL_MAX);
	fault wrong;

	/* With room enough, only what is no URL is refused. */
	TRY(sgl_buf_reserve(&url, url.max, err));
	wrong = add_url(sgl_slice_str(given), &url);
	if (wrong != NULL)
		return sgl_fail_at(
		    err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET, wrong, "%s", given);
	return sgl_buf_add(out, sgl_buf_slice(&url), err);
}
