/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever comes as a question, or as several, is answered by one message, or
 * is no question; whatever comes as a failure never reads as success. */
#include <assert.h>
#include <sys/socket.h>

#include "crypto/pubkey.h"
#include "sys/farkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sgl_engine *engine;
static sgl_key *keys[2];
static sgl_channel *near_end, *far_end;

static void
start(void)
{
	int ends[2];

	if (engine != NULL)
		return;
	assert(sgl_engine_new(NULL, &engine, NULL) == SGL_OK);
	assert(sgl_key_generate(engine, SGL_KEY_P256, 0, &keys[0], NULL) ==
	    SGL_OK);
	assert(sgl_key_generate(engine, SGL_KEY_RSA, 2048, &keys[1], NULL) ==
	    SGL_OK);
	assert(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	assert(sgl_channel_new(ends[0], &near_end, NULL) == SGL_OK);
	assert(sgl_channel_new(ends[1], &far_end, NULL) == SGL_OK);
}

static void
talk(unsigned question, sgl_slice body, unsigned want)
{
	static sgl_farkey_questions q;
	sgl_slice answer;
	unsigned type;
	bool ended;

	if (sgl_farkey_asked(question, body, &q, NULL) != SGL_OK)
		return;
	assert(q.num >= 1 && q.num <= SGL_KEY_MANY);
	if (sgl_farkey_serve(engine, far_end, keys, 2, &q, NULL) != SGL_OK)
		return;
	assert(sgl_channel_receive(near_end, SGL_CHANNEL_MESSAGE, &type,
		   &answer, &ended, NULL) == SGL_OK);
	assert(!ended);
	assert(type == SGL_MESSAGE_FAILURE || type == want);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const sgl_slice body = sgl_slice_of(data, size);

	start();
	assert(sgl_failure_take(body, NULL) != SGL_OK);
	talk(SGL_MESSAGE_ASK_KEY, body, SGL_MESSAGE_KEY_ANSWER);
	talk(SGL_MESSAGE_ASK_KEYS, body, SGL_MESSAGE_KEY_ANSWERS);
	return 0;
}
