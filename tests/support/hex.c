/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/hex.h"

/* All that was handed out, so that a leak checker sees it. */
static struct arena {
	struct arena *next;
	uint8_t bytes[];
} * arenas;

static int
digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

sgl_slice
unhex_slice(sgl_slice text)
{
	struct arena *a = malloc(sizeof *a + text.len / 2 + 1);
	size_t n = 0;

	assert_non_null(a);
	a->next = arenas;
	arenas = a;
	for (size_t i = 0; i < text.len; i++) {
		int value = digit(text.data[i]);
		if (strchr(" \t\r\n", text.data[i]) != NULL)
			continue;
		if (value < 0)
			fail_msg("bad digit at %zu", i);
		if (n % 2 == 0)
			a->bytes[n / 2] = (uint8_t)(value << 4);
		else
			a->bytes[n / 2] |= (uint8_t)value;
		n++;
	}
	assert_int_equal(n % 2, 0);
	return (sgl_slice){a->bytes, n / 2};
}

sgl_slice
unhex(const char *text)
{
	return unhex_slice((sgl_slice){(const uint8_t *)text, strlen(text)});
}
