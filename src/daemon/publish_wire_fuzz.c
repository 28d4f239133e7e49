/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses the message that the rest is. What reads is the same
 * when it is written and read again. */
#include "daemon/publish_wire.h"
#include "sys/wire_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

typedef void rewrite(sgl_unwire *u, sgl_wire *w);

static void
state(sgl_unwire *u, sgl_wire *w)
{
	static sgl_publish_state s;

	sgl_publish_read_state(u, &s);
	check(s.num <= SGL_PUBLISH_AUTHORITIES);
	if (!u->failed)
		sgl_publish_add_state(w, &s);
}

static void
file(sgl_unwire *u, sgl_wire *w)
{
	sgl_publish_file f;
	int64_t number = sgl_publish_read_file(u, &f);

	if (!u->failed)
		sgl_publish_add_file(w, number, &f);
}

static void
ocsp(sgl_unwire *u, sgl_wire *w)
{
	sgl_ca_ocsp_question q;
	int64_t number = sgl_publish_read_ocsp(u, &q);

	check(q.num_ids <= SGL_OCSP_IDS && q.nonce_len <= sizeof q.nonce);
	if (!u->failed)
		sgl_publish_add_ocsp(w, number, &q);
}

static void
answer(sgl_unwire *u, sgl_wire *w)
{
	sgl_publish_answer a;
	int64_t number = sgl_publish_read_answer(u, &a);

	if (!u->failed)
		sgl_publish_add_answer(w, number, &a);
}

static void
metrics(sgl_unwire *u, sgl_wire *w)
{
	sgl_slice text;
	int64_t number = sgl_publish_read_metrics(u, &text);

	if (!u->failed)
		sgl_publish_add_metrics(w, number, text);
}

static void
again(unsigned which, sgl_unwire *u, sgl_wire *w)
{
	static rewrite *const all[] = {state, file, ocsp, answer, metrics};

	all[which](u, w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	sgl_fuzz_again(again, 5, SGL_PUBLISH_ANSWER_MAX, data, size);
	return 0;
}
