/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/peer.h"

#define LONGEST 16

/* A peer in a loop, the other end of its socket, and what came. */
typedef struct meeting {
	sgl_loop *loop;
	sgl_peer *peer;
	int other;
	char came[256]; /* "TYPE:BODY " of each */
	unsigned num, stop_at;
	bool ended, leaves, answers, is_slow, notes_rest;
} meeting;

static void
on_message(void *ctx, sgl_peer *peer, unsigned type, sgl_slice body)
{
	meeting *m = ctx;
	size_t len = strlen(m->came);

	assert_ptr_equal(peer, m->peer);
	if (m->is_slow)
		(void)sleep(3);
	(void)snprintf(m->came + len, sizeof m->came - len, "%u:%.*s ", type,
	    (int)body.len, (const char *)body.data);
	if (m->answers)
		assert_int_equal(
		    sgl_peer_send(peer, type + 1, body, NULL), SGL_OK);
	if (m->leaves) {
		sgl_peer_free(peer);
		m->peer = NULL;
	}
	if (++m->num == m->stop_at)
		sgl_loop_stop(m->loop);
}

static void
on_rest(void *ctx, sgl_peer *peer)
{
	meeting *m = ctx;

	assert_ptr_equal(peer, m->peer);
	if (m->notes_rest)
		strcat(m->came, "| ");
}

static void
on_end(void *ctx, sgl_peer *peer)
{
	meeting *m = ctx;

	assert_false(m->ended);
	m->ended = true;
	sgl_peer_free(peer);
	m->peer = NULL;
	sgl_loop_stop(m->loop);
}

static void
begin(meeting *m, unsigned patience)
{
	static const sgl_peer_handler handler = {on_message, on_rest, on_end};
	int ends[2];

	*m = (meeting){0};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(sgl_loop_new(&m->loop, NULL), SGL_OK);
	m->other = ends[1];
	assert_int_equal(sgl_peer_new(m->loop, ends[0], LONGEST, patience,
			     &handler, m, &m->peer, NULL),
	    SGL_OK);
}

static void
end(meeting *m)
{
	sgl_peer_free(m->peer);
	sgl_loop_free(m->loop);
	if (m->other >= 0)
		(void)close(m->other);
}

static void
say(const meeting *m, sgl_slice bytes)
{
	assert_int_equal(
	    write(m->other, bytes.data, bytes.len), (ssize_t)bytes.len);
}

static void
hang_up(meeting *m)
{
	(void)close(m->other);
	m->other = -1;
}

static void
run(meeting *m)
{
	assert_int_equal(sgl_loop_run(m->loop, NULL), SGL_OK);
}

#define THREE SGL_LIT("\0\0\0\3\0\7one\0\0\0\0\1\0\0\0\0\4\0\2four")

static void
several_in_one_read(void **state)
{
	meeting m;

	(void)state;
	begin(&m, 0);
	say(&m, THREE);
	hang_up(&m);
	run(&m);
	assert_string_equal(m.came, "7:one 256: 2:four ");
	assert_true(m.ended);
	end(&m);
}

static void
stop(void *ctx)
{
	sgl_loop_stop(((meeting *)ctx)->loop);
}

/* The loop runs between any two bytes. */
static void
byte_by_byte(void **state)
{
	const sgl_slice bytes = THREE;
	meeting m;

	(void)state;
	begin(&m, 0);
	for (size_t i = 0; i < bytes.len; i++) {
		sgl_wait *turn;
		int ends[2];

		say(&m, sgl_slice_of(bytes.data + i, 1));
		/* Behind the peer's byte, something else to be woken by. */
		assert_int_equal(pipe(ends), 0);
		assert_int_equal(write(ends[1], "x", 1), 1);
		assert_int_equal(
		    sgl_wait_readable(m.loop, ends[0], stop, &m, &turn, NULL),
		    SGL_OK);
		run(&m);
		sgl_wait_free(turn);
		(void)close(ends[0]);
		(void)close(ends[1]);
	}
	hang_up(&m);
	run(&m);
	assert_string_equal(m.came, "7:one 256: 2:four ");
	end(&m);
}

/* Once behind all that came together, and not for half a message. */
static void
it_rests_behind_what_came(void **state)
{
	meeting m;

	(void)state;
	begin(&m, 0);
	m.notes_rest = true;
	m.stop_at = 3;
	say(&m, THREE);
	say(&m, SGL_LIT("\0\0\0\3\0\7o"));
	run(&m);
	assert_string_equal(m.came, "7:one 256: 2:four | ");
	m.stop_at = 4;
	say(&m, SGL_LIT("ne"));
	run(&m);
	assert_string_equal(m.came, "7:one 256: 2:four | 7:one | ");
	hang_up(&m);
	run(&m);
	assert_true(m.ended);
	assert_string_equal(m.came, "7:one 256: 2:four | 7:one | ");
	end(&m);
}

/* One that is too long ends it at once, what came before is there. */
static void
too_long(void **state)
{
	meeting m;

	(void)state;
	begin(&m, 0);
	say(&m,
	    SGL_LIT("\0\0\0\x10\0\1"
		    "0123456789abcdef"
		    "\0\0\0\x11\0\1x"));
	run(&m);
	assert_string_equal(m.came, "1:0123456789abcdef ");
	assert_true(m.ended);
	end(&m);
	begin(&m, 0);
	say(&m, SGL_LIT("\377\377\377\377\0\1"));
	run(&m);
	assert_true(m.ended);
	end(&m);
}

static void
half_a_message(void **state)
{
	for (size_t len = 0; len < 9; len++) {
		meeting m;

		begin(&m, 0);
		say(&m, sgl_slice_first(THREE, len));
		hang_up(&m);
		run(&m);
		assert_string_equal(m.came, "");
		assert_true(m.ended);
		end(&m);
	}
	(void)state;
}

static void
freed_in_its_handler(void **state)
{
	meeting m;

	(void)state;
	begin(&m, 0);
	m.leaves = true;
	m.stop_at = 1;
	say(&m, THREE);
	run(&m);
	assert_string_equal(m.came, "7:one ");
	assert_false(m.ended);
	assert_null(m.peer);
	end(&m);
}

static void
answers_arrive(void **state)
{
	sgl_wait *answered;
	char got[64];
	meeting m;

	(void)state;
	begin(&m, 0);
	m.answers = true;
	say(&m, THREE);
	assert_int_equal(
	    sgl_wait_readable(m.loop, m.other, stop, &m, &answered, NULL),
	    SGL_OK);
	run(&m);
	sgl_wait_free(answered);
	assert_int_equal(recv(m.other, got, 25, MSG_WAITALL), 25);
	assert_memory_equal(
	    got, "\0\0\0\3\0\10one\0\0\0\0\1\1\0\0\0\4\0\3four", 25);
	end(&m);
}

static void
silent(void **state)
{
	meeting m;

	(void)state;
	begin(&m, 1);
	say(&m, SGL_LIT("\0\0\0\3\0\7o"));
	run(&m);
	assert_true(m.ended);
	assert_string_equal(m.came, "");
	end(&m);
}

/* Who waits for an answer longer than it may be silent still gets it. */
static void
the_time_that_we_take_is_ours(void **state)
{
	SGL_AUTO(sgl_wait)
	wait = NULL;
	meeting m;
	char answer[64];

	(void)state;
	begin(&m, 2);
	m.is_slow = m.answers = true;
	assert_int_equal(
	    sgl_wait_every(m.loop, 1, stop, &m, &wait, NULL), SGL_OK);
	say(&m, SGL_LIT("\0\0\0\3\0\7one"));
	for (int i = 0; i < 2; i++)
		run(&m);
	assert_false(m.ended);
	assert_int_equal(read(m.other, answer, sizeof answer), 9);
	end(&m);
}

/* A byte now and then keeps no message in the air for ever. */
static void
dripping(void **state)
{
	const struct timespec pause = {.tv_nsec = 300000000};
	const sgl_slice slow = SGL_LIT("\0\0\0\x10\0\2"
				       "0123456789abcdef");
	meeting m;
	pid_t child;

	(void)state;
	begin(&m, 1);
	say(&m, SGL_LIT("\0\0\0\0\0\1"));
	child = fork();
	if (child == 0) {
		for (size_t i = 0; i < slow.len; i++) {
			if (send(m.other, slow.data + i, 1, MSG_NOSIGNAL) != 1)
				_exit(0);
			(void)nanosleep(&pause, NULL);
		}
		_exit(1);
	}
	run(&m);
	assert_true(m.ended);
	assert_string_equal(m.came, "1: ");
	(void)kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	end(&m);
}

/* What is never read is queued up to a limit. */
static void
who_does_not_read(void **state)
{
	static uint8_t bytes[1 << 20];
	sgl_status status = SGL_OK;
	unsigned sent = 0;
	meeting m;

	(void)state;
	begin(&m, 0);
	for (; status == SGL_OK && sent < 200; sent++)
		status = sgl_peer_send(
		    m.peer, 1, sgl_slice_of(bytes, sizeof bytes), NULL);
	assert_int_equal(status, SGL_E_LIMIT);
	assert_in_range(sent, 60, 70);
	end(&m);
}

static void
who_is_there(void **state)
{
	unsigned uid = 77777;
	meeting m;

	(void)state;
	begin(&m, 0);
	assert_true(sgl_peer_user(m.peer, &uid));
	assert_int_equal(uid, getuid());
	end(&m);
}

/* ------------------------------------------------------- many connections ---
 */

typedef struct swapping {
	sgl_loop *loop;
	sgl_wait *wait;
	int ends[2];
	unsigned turns;
} swapping;

static void on_swap(void *ctx);

static void
begin_swap(swapping *s)
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s->ends), 0);
	assert_int_equal(write(s->ends[1], "x", 1), 1);
	assert_int_equal(
	    sgl_wait_readable(s->loop, s->ends[0], on_swap, s, &s->wait, NULL),
	    SGL_OK);
}

static void
end_swap(swapping *s)
{
	sgl_wait_free(s->wait);
	(void)close(s->ends[0]);
	(void)close(s->ends[1]);
}

static void
on_swap(void *ctx)
{
	swapping *s = ctx;
	const int number = s->ends[0];

	end_swap(s);
	begin_swap(s);
	assert_int_equal(s->ends[0], number);
	if (++s->turns == 3)
		sgl_loop_stop(s->loop);
}

/* What the kernel is told later is still about the right one. */
static void
a_number_that_means_another_socket_now(void **state)
{
	swapping s = {0};

	(void)state;
	assert_int_equal(sgl_loop_new_for_many(&s.loop, NULL), SGL_OK);
	begin_swap(&s);
	assert_int_equal(sgl_loop_run(s.loop, NULL), SGL_OK);
	assert_int_equal(s.turns, 3);
	end_swap(&s);
	sgl_loop_free(s.loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(several_in_one_read),
	    cmocka_unit_test(byte_by_byte),
	    cmocka_unit_test(it_rests_behind_what_came),
	    cmocka_unit_test(too_long),
	    cmocka_unit_test(half_a_message),
	    cmocka_unit_test(freed_in_its_handler),
	    cmocka_unit_test(answers_arrive),
	    cmocka_unit_test(silent),
	    cmocka_unit_test(the_time_that_we_take_is_ours),
	    cmocka_unit_test(dripping),
	    cmocka_unit_test(who_does_not_read),
	    cmocka_unit_test(who_is_there),
	    cmocka_unit_test(a_number_that_means_another_socket_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
