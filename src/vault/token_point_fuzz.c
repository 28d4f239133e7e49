/* SPDX-License-Identifier: Apache-2.0 */
/* A public point from a token, up to a key. The first byte chooses the curve;
 * the rest is tried as its name, too. */
#include <stdlib.h>

#include "crypto/pubkey.h"
#include "vault/token_point.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

/* What lies on the curve is a key; what does not is refused. */
static void
use_point(sgl_engine *engine, sgl_key_kind kind, sgl_slice point)
{
	SGL_AUTO_CLEAR(sgl_buf) spki = sgl_buf_init(1024);
	uint8_t expanded[SGL_POINT_MAX];
	SGL_AUTO(sgl_pubkey)
	key = NULL;
	size_t len = 0;
	sgl_status status;

	check(sgl_spki_of_bits(kind, point, &spki, NULL) == SGL_OK);
	status = sgl_pubkey_read(engine, sgl_buf_slice(&spki), &key, NULL);
	check(status != SGL_OK || sgl_pubkey_get_kind(key) == kind);
	if (kind == SGL_KEY_ED25519)
		return;
	check((sgl_point_expand(engine, kind, point, expanded, &len, NULL) ==
		  SGL_OK) == (status == SGL_OK));
	check(len <= sizeof expanded);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static sgl_engine *engine;
	sgl_slice rest, point;
	sgl_key_kind kind;

	if (engine == NULL)
		check(sgl_engine_new(NULL, &engine, NULL) == SGL_OK);
	if (size == 0)
		return 0;
	rest = sgl_slice_from(sgl_slice_of(data, size), 1);
	(void)sgl_token_curve(rest);
	kind = (sgl_key_kind)(SGL_KEY_P256 + data[0] % 5);
	if (!sgl_token_point(kind, rest, &point))
		return 0;
	check(point.len <= rest.len);
	use_point(engine, kind, point);
	return 0;
}
