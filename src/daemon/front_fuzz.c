/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole way of a request through front: HTTP, EST, SCEP, what is published.
 * The first byte says whether it came over TLS, and whether control answers as
 * it should, with the bytes behind 0xff, or not at all; what a stranger sends
 * is before that. Whatever it is, front answers in HTTP or closes, and lives.
 */
#include <stdlib.h>

#include "daemon/front_test.h"
#include "daemon/publish_wire.h"
#include "crypto/key.h"
#include "pki/build.h"

#define STEPS 200
#define NAME "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02\x63\x61"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sgl_engine *engine;
static sgl_test_front f;
static sgl_buf door; /* a certificate */

enum { IS_PRIVATE = 1, ANSWERS = 2, ANSWERS_WELL = 4 };

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
make_door(void)
{
	static const uint8_t serial[] = {0x41};
	const sgl_oid mail = SGL_OID_KP_EMAIL_PROTECTION;
	sgl_cert_template t = {.serial = {serial, 1},
	    .issuer = SGL_LIT(NAME),
	    .subject = SGL_LIT(NAME),
	    .not_before = 1700000000,
	    .not_after = 2000000000,
	    .key_usage = SGL_KU_DIGITAL_SIGNATURE,
	    .ext_key_usage = &mail,
	    .num_ext_key_usage = 1};
	sgl_cert *cert;
	sgl_key *key;

	check(sgl_key_generate(engine, SGL_KEY_P256, 0, &key, NULL) == SGL_OK);
	t.spki = sgl_key_get_spki(key);
	check(sgl_cert_build(engine, &t, key, SGL_DIGEST_NONE, &cert, NULL) ==
	    SGL_OK);
	door = sgl_buf_init(1 << 16);
	check(sgl_buf_add(&door, sgl_cert_get_der(cert), NULL) == SGL_OK);
	sgl_cert_unref(cert);
	sgl_key_unref(key);
}

static void
tell_state(void)
{
	static const sgl_publish_state s = {.prefix = "/pki",
	    .authorities = {{.id = 1, .num_shards = 1},
		{.id = 2, .num_shards = 3, .answers = true}},
	    .num = 2};
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(1 << 16);
	sgl_wire w = sgl_wire_over(&body);

	sgl_publish_add_state(&w, &s);
	check(sgl_wire_end(&w, NULL) == SGL_OK);
	check(sgl_channel_send(f.control, SGL_PUBLISH_STATE,
		  sgl_buf_slice(&body), NULL) == SGL_OK);
}

static void
start(void)
{
	if (engine != NULL)
		return;
	check(sgl_engine_new(NULL, &engine, NULL) == SGL_OK);
	make_door();
	check(sgl_test_front_init(&f, engine, NULL) == SGL_OK);
	tell_state();
}

/* --------------------------------------------------------------- control ---
 */

static void
add_well(sgl_wire *w, unsigned question)
{
	const sgl_slice der = sgl_buf_slice(&door);
	const sgl_front_door d = {.kind = SGL_KEY_P256,
	    .door = der,
	    .authorities = {der},
	    .num_authorities = 1};
	const sgl_front_enrolled e = {
	    .outcome = SGL_ENROL_DONE, .cert = der, .key = SGL_LIT("key")};

	if (question == SGL_FRONT_DOOR)
		sgl_front_add_door(w, &d);
	else if (question == SGL_FRONT_ENROL)
		sgl_front_add_enrolled(w, &e);
	else if (question == SGL_FRONT_FIND)
		sgl_wire_add_bytes(w, der);
}

/* Each answer's type is one more than its question's. */
static void
answer(sgl_channel *line, unsigned flags, sgl_slice text, bool is_published)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(1 << 20);
	sgl_wire w = sgl_wire_over(&body);
	sgl_slice question;
	unsigned type;
	bool ended;
	sgl_unwire u;

	check(sgl_channel_receive(line, SGL_CHANNEL_MESSAGE, &type, &question,
		  &ended, NULL) == SGL_OK &&
	    !ended);
	u = sgl_unwire_over(question);
	sgl_wire_add_int(&w, sgl_unwire_int(&u, 1, INT64_MAX));
	check(!u.failed && sgl_wire_end(&w, NULL) == SGL_OK);
	if (!is_published && (flags & ANSWERS_WELL) != 0)
		add_well(&w, type);
	else
		check(sgl_buf_add(&body, text, NULL) == SGL_OK);
	check(sgl_channel_send(line,
		  is_published ? (unsigned)SGL_PUBLISH_ANSWER : type + 1,
		  sgl_buf_slice(&body), NULL) == SGL_OK);
}

/* An answer that is none is as good as none: so control goes behind it, and who
 * waits is told. */
static void
answer_all(unsigned flags, sgl_slice text)
{
	while (sgl_test_is_readable(sgl_channel_fd(f.enrolments)))
		answer(f.enrolments, flags, text, false);
	if (!sgl_test_is_readable(sgl_channel_fd(f.control)))
		return;
	answer(f.control, flags, text, true);
	sgl_channel_free(f.control);
	f.control = NULL;
}

/* Nobody is there any more: all who wait are told so. */
static void
leave(void)
{
	sgl_channel_free(f.control);
	f.control = NULL;
	sgl_channel_free(f.enrolments);
	f.enrolments = NULL;
}

static void
come_back(void)
{
	if (f.enrolments == NULL)
		check(sgl_test_front_join_line(&f, NULL) == SGL_OK);
	if (f.control != NULL)
		return;
	check(sgl_test_front_join(&f, NULL) == SGL_OK);
	tell_state();
}

/* --------------------------------------------------------------- strangers ---
 */

/* One that sends a request to the end, and reads what comes. */
static void
converse(int client, unsigned flags, sgl_slice text, sgl_buf *out)
{
	uint8_t piece[4096];
	ssize_t n = 1;

	for (int i = 0; i < STEPS && n > 0; i++) {
		const int fds[3] = {client,
		    f.control == NULL ? -1 : sgl_channel_fd(f.control),
		    f.enrolments == NULL ? -1 : sgl_channel_fd(f.enrolments)};

		check(sgl_test_front_run(&f, fds));
		if ((flags & ANSWERS) == 0 && !sgl_test_is_readable(client))
			leave();
		else if (f.control != NULL && f.enrolments != NULL)
			answer_all(flags, text);
		if (!sgl_test_is_readable(client))
			continue;
		n = recv(client, piece, sizeof piece, 0);
		if (n > 0 && out->len < 16)
			check(sgl_buf_add(out, sgl_slice_of(piece, (size_t)n),
				  NULL) == SGL_OK);
	}
	check(n <= 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO_CLEAR(sgl_buf) out = sgl_buf_init(1 << 16);
	const uint8_t *split;
	sgl_slice request, text = {NULL, 0};
	int client;

	start();
	if (size < 2)
		return 0;
	request = sgl_slice_of(data + 1, size - 1);
	split = memchr(request.data, 0xff, request.len);
	if (split != NULL) {
		text =
		    sgl_slice_from(request, (size_t)(split - request.data) + 1);
		request =
		    sgl_slice_first(request, (size_t)(split - request.data));
	}
	come_back();
	f.is_private = (data[0] & IS_PRIVATE) != 0;
	client = sgl_test_front_dial(&f);
	check(client >= 0);
	if (request.len > 0)
		(void)!send(client, request.data, request.len, MSG_NOSIGNAL);
	(void)shutdown(client, SHUT_WR);
	converse(client, data[0], text, &out);
	(void)close(client);
	check(out.len == 0 ||
	    sgl_slice_starts(sgl_buf_slice(&out), SGL_LIT("HTTP/")));
	return 0;
}
