/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/maker_line.h"
#include "sys/journal.h"
#include "sys/text.h"
#include "vault/keeper_wire.h"

#define ROOM "daemon.keyholder"

struct sgl_maker_line {
	sgl_loop *loop;
	sgl_engine *engine;
	sgl_stock *stock;
	size_t makers;
	sgl_peer *maker; /* NULL: none is there */
};

sgl_status
sgl_maker_line_new(sgl_loop *loop, sgl_engine *engine, sgl_stock *stock,
    size_t makers, sgl_maker_line **out, sgl_err *err)
{
	sgl_maker_line *l = sgl_mem_zeroed(1, sizeof *l);

	if (l == NULL)
		return sgl_oom(err, ROOM);
	l->loop = loop;
	l->engine = engine;
	l->stock = stock;
	l->makers = makers;
	*out = l;
	return SGL_OK;
}

static void
leave(sgl_maker_line *l)
{
	sgl_peer_free(l->maker);
	l->maker = NULL;
	sgl_stock_forget(l->stock);
}

void
sgl_maker_line_free(sgl_maker_line *l)
{
	if (l == NULL)
		return;
	leave(l);
	sgl_mem_free(l);
}

static sgl_status
send_order(sgl_maker_line *l, sgl_key_sort sort, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(64);
	sgl_wire w = sgl_wire_over(&body);

	sgl_keeper_add_sort(&w, sort);
	TRY(sgl_wire_end(&w, err));
	return sgl_peer_send(
	    l->maker, SGL_MAKER_ORDER, sgl_buf_slice(&body), err);
}

void
sgl_maker_line_look(sgl_maker_line *l)
{
	sgl_key_sort sort;
	sgl_err err = {0};

	while (l->maker != NULL && sgl_stock_order(l->stock, l->makers, &sort))
		if (send_order(l, sort, &err) != SGL_OK) {
			sgl_journal_err("maker", &err);
			leave(l);
		}
}

/* The key is checked as one that comes from anywhere. */
static sgl_status
take(sgl_maker_line *l, sgl_slice body, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(body);
	const sgl_key_sort sort = sgl_keeper_read_sort(&u);
	sgl_slice pkcs8 = sgl_unwire_bytes(&u, SGL_MAKER_MESSAGE);
	sgl_key *key = NULL;
	sgl_status status = sgl_unwire_end(&u, err);

	if (status == SGL_OK && pkcs8.len == 0)
		status = sgl_fail(err, SGL_E_CRYPTO, ROOM, SGL_NO_OFFSET,
		    N_("a private key could not be made"));
	if (status == SGL_OK)
		status = sgl_key_read(l->engine, pkcs8, &key, err);
	sgl_stock_put(l->stock, sort, key);
	return status;
}

static void
on_message(void *ctx, sgl_peer *peer, unsigned type, sgl_slice body)
{
	sgl_maker_line *l = ctx;
	sgl_err err = {0};

	(void)peer;
	if (type == SGL_MAKER_KEY && take(l, body, &err) == SGL_OK) {
		sgl_maker_line_look(l);
		return;
	}
	/* Not ordered again at once: it would fail again. */
	sgl_journal_err("maker", &err);
}

static void
on_end(void *ctx, sgl_peer *peer)
{
	(void)peer;
	leave(ctx);
}

sgl_status
sgl_maker_line_join(sgl_maker_line *l, int fd, sgl_err *err)
{
	static const sgl_peer_handler handler = {
	    .on_message = on_message, .on_end = on_end};

	leave(l);
	TRY(sgl_peer_new(
	    l->loop, fd, SGL_MAKER_MESSAGE, 0, &handler, l, &l->maker, err));
	sgl_maker_line_look(l);
	return SGL_OK;
}
