/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever comes to a keyholder, the first byte being its type, is answered
 * with one message, or needs none, or ends the conversation. With the highest
 * bit of it set, it comes with a good ticket. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vault/folder_test.h"
#include "vault/keeper_wire.h"
#include "vault/master.h"
#include "vault/ticket_test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sgl_engine *engine;
static sgl_keeper *keeper;
static sgl_test_tickets tickets;

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
start(void)
{
	char folder[] = "/tmp/sigill-fuzz-XXXXXX";
	char file[64];
	bool made;

	if (engine != NULL)
		return;
	check(mkdtemp(folder) != NULL);
	check(sgl_engine_new(NULL, &engine, NULL) == SGL_OK);
	check(sgl_test_tickets_init(&tickets, NULL) == SGL_OK);
	check(sgl_master_create(engine, folder, &made, NULL) == SGL_OK);
	check(keeper_at(engine, folder, &keeper, NULL) == SGL_OK);
	(void)snprintf(file, sizeof file, "%s/" SGL_MASTER_FILE, folder);
	check(unlink(file) == 0 && rmdir(folder) == 0);
}

static bool
is_answered(unsigned type)
{
	return type != SGL_MESSAGE_DROP_KEY;
}

static void
talk(sgl_channel *near_end, sgl_channel *far_end, unsigned type, sgl_slice body)
{
	sgl_keeper_server *server;
	sgl_slice answer;
	unsigned got = 0;
	bool ended = false;
	sgl_status status;

	check(sgl_keeper_server_new(engine, keeper, far_end, &tickets.door,
		  &server, NULL) == SGL_OK);
	status = sgl_keeper_serve(server, type, body, NULL);
	if (status == SGL_OK && is_answered(type)) {
		check(sgl_channel_receive(near_end, SGL_CHANNEL_MESSAGE, &got,
			  &answer, &ended, NULL) == SGL_OK);
		check(!ended && got != 0);
	}
	if (got == SGL_MESSAGE_FAILURE)
		check(sgl_failure_take(answer, NULL) != SGL_OK);
	sgl_keeper_server_free(server);
}

/* Making keys takes long and teaches nothing: such an order is only read. */
static bool
is_order(unsigned type, sgl_slice body)
{
	sgl_unwire u = sgl_unwire_over(body);
	sgl_generate_order order;

	if (type != SGL_KEEPER_GENERATE)
		return false;
	sgl_keeper_read_generate(&u, &order);
	check(sgl_unwire_end(&u, NULL) != SGL_OK || order.id > 0);
	return true;
}

static void
talk_by_ticket(
    sgl_channel *near_end, sgl_channel *far_end, unsigned type, sgl_slice body)
{
	SGL_AUTO_CLEAR(sgl_buf) wrapped = {0};

	check(sgl_test_tickets_wrap(
		  &tickets, engine, type, body, &wrapped, NULL) == SGL_OK);
	talk(near_end, far_end, type, sgl_buf_slice(&wrapped));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO(sgl_channel)
	near_end = NULL;
	SGL_AUTO(sgl_channel)
	far_end = NULL;
	int ends[2];

	start();
	if (size == 0 ||
	    is_order(data[0] & 0x7f, sgl_slice_of(data + 1, size - 1)))
		return 0;
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	check(sgl_channel_new(ends[0], &near_end, NULL) == SGL_OK);
	check(sgl_channel_new(ends[1], &far_end, NULL) == SGL_OK);
	if ((data[0] & 0x80) == 0)
		talk(near_end, far_end, data[0],
		    sgl_slice_of(data + 1, size - 1));
	else
		talk_by_ticket(near_end, far_end, data[0] & 0x7f,
		    sgl_slice_of(data + 1, size - 1));
	return 0;
}
