/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/address.h"

static const struct {
	const char *text;
	bool is_public;
} cases[] = {
    {"8.8.8.8", true},
    {"0.0.0.0", false},
    {"9.255.255.255", true},
    {"10.0.0.1", false},
    {"11.0.0.0", true},
    {"100.63.255.255", true},
    {"100.64.0.0", false},
    {"100.127.255.255", false},
    {"100.128.0.0", true},
    {"127.0.0.1", false},
    {"127.255.255.254", false},
    {"169.254.169.254", false},
    {"172.15.255.255", true},
    {"172.16.0.1", false},
    {"172.31.255.255", false},
    {"172.32.0.0", true},
    {"192.0.2.1", false},
    {"192.168.1.1", false},
    {"198.17.255.255", true},
    {"198.18.0.1", false},
    {"198.19.255.255", false},
    {"203.0.113.9", false},
    {"223.255.255.255", true},
    {"224.0.0.1", false},
    {"255.255.255.255", false},
    {"::", false},
    {"::1", false},
    {"2a00:1450:4001:80b::200e", true},
    {"fc00::1", false},
    {"fdff::1", false},
    {"fe80::1", false},
    {"fec0::1", false},
    {"ff02::1", false},
    {"100::1", false},
    {"2001::1", false},
    {"2001:db8::1", false},
    {"2001:4860::8888", true},
    {"::ffff:127.0.0.1", false},
    {"::ffff:8.8.8.8", true},
    {"::10.0.0.1", false},
    {"64:ff9b::7f00:1", false},
    {"64:ff9b::808:808", true},
    {"64:ff9b:1::1", false},
    {"2002:7f00:1::1", false},
    {"2002:808:808::1", true},
};

static void
each_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sockaddr_in in = {.sin_family = AF_INET};
		struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
		const struct sockaddr *a = (const struct sockaddr *)&in;

		if (inet_pton(AF_INET, cases[i].text, &in.sin_addr) != 1) {
			assert_int_equal(
			    inet_pton(AF_INET6, cases[i].text, &in6.sin6_addr),
			    1);
			a = (const struct sockaddr *)&in6;
		}
		if (sgl_address_is_public(a) != cases[i].is_public)
			fail_msg("%s", cases[i].text);
	}
}

static void
another_family_is_nobodys(void **state)
{
	const struct sockaddr local = {.sa_family = AF_UNIX};

	(void)state;
	assert_false(sgl_address_is_public(&local));
}

static void
hosts_of_urls(void **state)
{
	static const struct {
		const char *url;
		bool is_private;
	} urls[] = {
	    {"http://127.0.0.1:8080/pki", true},
	    {"http://127.0.0.1", true},
	    {"http://localhost/", true},
	    {"http://LOCALHOST:80", true},
	    {"http://localhost.example.org/", false},
	    {"http://[::1]:8080/", true},
	    {"http://[2a00:1450::1]/", false},
	    {"http://192.168.0.1?x", true},
	    {"http://pki.example.org/127.0.0.1", false},
	    {"http://8.8.8.8/", false},
	    {"http://", false},
	    {"127.0.0.1", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
		if (sgl_host_is_private(urls[i].url) != urls[i].is_private)
			fail_msg("%s", urls[i].url);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_address),
	    cmocka_unit_test(another_family_is_nobodys),
	    cmocka_unit_test(hosts_of_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
