/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a message of SCEP: it is answered by the door, or is none. What
 * is no whole message is answered by nobody. */
#include <stdlib.h>

#include "ca/scep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sgl_engine *engine;
static sgl_scep_door door;
static sgl_certs given;

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
start(void)
{
	/* CN=d */
	const sgl_slice name =
	    SGL_LIT("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01"
		    "d");
	const uint8_t serial = 1;
	sgl_cert_template t = {.serial = {&serial, 1},
	    .issuer = name,
	    .subject = name,
	    .not_after = 4000000000,
	    .key_usage = SGL_KU_DIGITAL_SIGNATURE | SGL_KU_KEY_AGREEMENT};

	if (engine != NULL)
		return;
	check(sgl_engine_new(NULL, &engine, NULL) == SGL_OK);
	check(sgl_key_generate(engine, SGL_KEY_P256, 0, &door.key, NULL) ==
	    SGL_OK);
	t.spki = sgl_key_get_spki(door.key);
	check(sgl_cert_build(engine, &t, door.key, SGL_DIGEST_SHA256,
		  &door.cert, NULL) == SGL_OK);
	check(sgl_certs_add(&given, door.cert, NULL) == SGL_OK);
}

static void
answer(sgl_scep *s, bool good)
{
	const sgl_scep_outcome outcome = {
	    .certs = good ? &given : NULL, .fail = sgl_scep_wish_of(s)->fail};

	check(sgl_scep_reply(s, &outcome, NULL) == SGL_OK);
	check(sgl_scep_answer_of(s).len > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const sgl_scep_wish *wish;
	sgl_scep *s = NULL;

	start();
	if (sgl_scep_begin(engine, &door, sgl_slice_of(data, size), &s, NULL) !=
	    SGL_OK)
		return 0;
	wish = sgl_scep_wish_of(s);
	check(wish->client.len > 0);
	if (!wish->is_refused &&
	    (wish->kind == SGL_SCEP_ENROL || wish->kind == SGL_SCEP_RENEW))
		check(wish->spki.len > 0);
	answer(s, !wish->is_refused);
	sgl_scep_free(s);
	return 0;
}
