/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public writer on a command line, for tests with peers: reads a message
 * from standard input, writes the protected one to standard output.
 *
 *	sgl-drive sign|encrypt|sign-encrypt|triple [OPTION]...
 *
 * Uses what libsigill exports and nothing else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sigill/smime.h"

#define MAX_SIGNERS 8
#define BLOCK 65536

typedef struct bytes {
	uint8_t *data;
	size_t len, cap;
} bytes;

typedef struct drive {
	sgl_engine *engine;
	sgl_protect_options options;
	sgl_sign_with signers[MAX_SIGNERS];
	sgl_keyring rings[MAX_SIGNERS];
	sgl_keyring others, recipients, advertised;
	sgl_digest_alg digest;
	bool pss, late;
	sgl_key *late_keys[MAX_SIGNERS];
	size_t step;
	uint8_t kek[32];
	bytes in;
} drive;

static void
die(const char *what, const sgl_err *err)
{
	if (err == NULL)
		(void)fprintf(stderr, "sgl-drive: %s\n", what);
	else
		(void)fprintf(stderr, "sgl-drive: %s: %s: %s (%s)\n", what,
		    sgl_status_name(err->status), err->text, err->detail);
	exit(1);
}

static void
check(sgl_status status, const char *what, const sgl_err *err)
{
	if (status != SGL_OK)
		die(what, err);
}

static bytes
read_all(FILE *f, const char *name)
{
	bytes b = {NULL, 0, 0};
	size_t got;

	do {
		if (b.cap - b.len < BLOCK) {
			b.cap = b.cap * 2 + BLOCK;
			b.data = realloc(b.data, b.cap);
			if (b.data == NULL)
				die("out of memory", NULL);
		}
		got = fread(b.data + b.len, 1, b.cap - b.len, f);
		b.len += got;
	} while (got > 0);
	if (ferror(f) != 0)
		die(name, NULL);
	return b;
}

static void
load(drive *d, const char *name, sgl_keyring *ring)
{
	FILE *f = fopen(name, "rb");
	sgl_slice none = {NULL, 0};
	sgl_err err;
	bytes b;

	if (f == NULL)
		die(name, NULL);
	b = read_all(f, name);
	(void)fclose(f);
	check(sgl_load(d->engine, (sgl_slice){b.data, b.len}, none, ring, NULL,
		  NULL, &err),
	    name, &err);
	free(b.data);
}

static void
add_signer(drive *d, const char *name)
{
	size_t n = d->options.num_signers;
	sgl_keyring *ring = &d->rings[n];

	if (n == MAX_SIGNERS)
		die("too many signers", NULL);
	load(d, name, ring);
	if (ring->certs.num == 0 || ring->num_keys == 0)
		die("no certificate or no key", NULL);
	d->signers[n].cert = ring->certs.items[0];
	d->signers[n].key = ring->keys[0];
	d->options.num_signers++;
}

static size_t
unhex(const char *text, uint8_t *out, size_t cap)
{
	size_t n = strlen(text) / 2;

	for (size_t i = 0; i < n && i < cap; i++) {
		char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
		out[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return n < cap ? n : cap;
}

static sgl_slice
slice(const char *text)
{
	return (sgl_slice){(const uint8_t *)text, strlen(text)};
}

static sgl_digest_alg
digest_of(const char *name)
{
	static const struct {
		const char *name;
		sgl_digest_alg alg;
	} names[] = {
	    {"sha1", SGL_DIGEST_SHA1},
	    {"sha224", SGL_DIGEST_SHA224},
	    {"sha256", SGL_DIGEST_SHA256},
	    {"sha384", SGL_DIGEST_SHA384},
	    {"sha512", SGL_DIGEST_SHA512},
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i].name) == 0)
			return names[i].alg;
	die("unknown digest", NULL);
	return SGL_DIGEST_NONE;
}

/* --- the command line --- */

static void
set_what(drive *d, const char *word)
{
	static const char *const words[] = {
	    [SGL_PROTECT_SIGN] = "sign",
	    [SGL_PROTECT_ENCRYPT] = "encrypt",
	    [SGL_PROTECT_SIGN_ENCRYPT] = "sign-encrypt",
	    [SGL_PROTECT_TRIPLE] = "triple",
	};

	for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(word, words[i]) != 0)
			continue;
		d->options.what = (sgl_protect)i;
		return;
	}
	die("say what to do", NULL);
}

static bool
take_flag(drive *d, const char *name)
{
	struct {
		const char *name;
		bool *flag;
	} const flags[] = {
	    {"--pss", &d->pss},
	    {"--late", &d->late},
	    {"--opaque", &d->options.opaque},
	    {"--no-certs", &d->options.no_certs},
	    {"--oaep", &d->options.oaep},
	    {"--ski", &d->options.use_ski},
	};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		if (strcmp(name, flags[i].name) != 0)
			continue;
		*flags[i].flag = true;
		return true;
	}
	return false;
}

static void
take_option(drive *d, const char *name, const char *value)
{
	if (strcmp(name, "--signer") == 0)
		add_signer(d, value);
	else if (strcmp(name, "--digest") == 0)
		d->digest = digest_of(value);
	else if (strcmp(name, "--include") == 0)
		load(d, value, &d->others);
	else if (strcmp(name, "--advertise") == 0)
		load(d, value, &d->advertised);
	else if (strcmp(name, "--time") == 0)
		d->options.signing_time = strtoll(value, NULL, 10);
	else if (strcmp(name, "--to") == 0)
		load(d, value, &d->recipients);
	else if (strcmp(name, "--cipher") == 0)
		d->options.cipher = value;
	else if (strcmp(name, "--password") == 0)
		d->options.password = slice(value);
	else if (strcmp(name, "--kek") == 0)
		d->options.kek =
		    (sgl_slice){d->kek, unhex(value, d->kek, sizeof d->kek)};
	else if (strcmp(name, "--kek-id") == 0)
		d->options.kek_id = slice(value);
	else if (strcmp(name, "--step") == 0)
		d->step = strtoul(value, NULL, 10);
	else
		die(name, NULL);
}

static void
take_args(drive *d, int argc, char **argv)
{
	if (argc < 2)
		die("say what to do", NULL);
	set_what(d, argv[1]);
	for (int i = 2; i < argc; i++) {
		if (take_flag(d, argv[i]))
			continue;
		if (i + 1 == argc)
			die(argv[i], NULL);
		take_option(d, argv[i], argv[i + 1]);
		i++;
	}
}

/* --- keys that answer later --- */

static sgl_status
ask_later(void *ctx, const sgl_key_request *request, sgl_key_answer *answer,
    sgl_err *err)
{
	(void)ctx;
	(void)request;
	(void)answer;
	(void)err;
	return SGL_NEED_KEY;
}

static void
settle_signers(drive *d)
{
	static const sgl_key_ops ops = {.ask = ask_later};
	sgl_err err;

	for (size_t i = 0; i < d->options.num_signers; i++) {
		sgl_sign_with *s = &d->signers[i];
		s->digest = d->digest;
		s->pss = d->pss;
		if (!d->late)
			continue;
		check(sgl_key_new_remote(d->engine, sgl_key_get_spki(s->key),
			  &ops, NULL, &d->late_keys[i], &err),
		    "late key", &err);
		s->key = d->late_keys[i];
	}
	d->options.signers = d->signers;
	d->options.include = &d->others.certs;
	d->options.recipients = &d->recipients.certs;
	if (d->advertised.certs.num > 0)
		d->options.encryption_cert = d->advertised.certs.items[0];
}

static sgl_key *
real_key(const drive *d, const sgl_key *late)
{
	for (size_t i = 0; i < d->options.num_signers; i++)
		if (d->late_keys[i] == late)
			return d->rings[i].keys[0];
	die("an unknown key is asked", NULL);
	return NULL;
}

static sgl_status
answer_one(drive *d, sgl_writer *w, sgl_err *err)
{
	sgl_key *key = NULL;
	const sgl_key_request *request = sgl_writer_request(w, &key);
	sgl_key_answer answer;
	sgl_status status;

	if (request == NULL)
		die("no key is asked", NULL);
	status =
	    sgl_key_ask(d->engine, real_key(d, key), request, &answer, err);
	return sgl_writer_answer(w, status, &answer, err);
}

/* --- output --- */

static sgl_status
out_write(sgl_sink *s, sgl_slice in, sgl_err *err)
{
	(void)s;
	if (fwrite(in.data, 1, in.len, stdout) == in.len)
		return SGL_OK;
	return sgl_fail(err, SGL_E_IO, "drive", SGL_NO_OFFSET, "no output");
}

static sgl_status
out_finish(sgl_sink *s, sgl_err *err)
{
	(void)s;
	if (fflush(stdout) == 0)
		return SGL_OK;
	return sgl_fail(err, SGL_E_IO, "drive", SGL_NO_OFFSET, "no output");
}

static void
out_abort(sgl_sink *s)
{
	(void)s;
}

static void
push_all(const drive *d, sgl_writer *w)
{
	size_t step = d->step == 0 ? BLOCK : d->step, taken;
	sgl_err err;

	for (size_t at = 0; at < d->in.len; at += step) {
		size_t n = d->in.len - at < step ? d->in.len - at : step;
		check(sgl_writer_push(
			  w, (sgl_slice){d->in.data + at, n}, &taken, &err),
		    "push", &err);
	}
}

static void
run(drive *d)
{
	static const sgl_sink_ops ops = {out_write, out_finish, out_abort};
	sgl_sink out = {.ops = &ops};
	sgl_writer *w = NULL;
	sgl_status status;
	sgl_err err;

	check(sgl_writer_new(d->engine, &d->options, &out, &w, &err), "new",
	    &err);
	if (sgl_writer_needs_survey(w)) {
		push_all(d, w);
		check(sgl_writer_survey_done(w, &err), "survey", &err);
	}
	push_all(d, w);
	status = sgl_writer_finish(w, &err);
	while (status == SGL_NEED_KEY)
		status = answer_one(d, w, &err);
	check(status, "finish", &err);
	sgl_writer_free(w);
}

static void
drive_clear(drive *d)
{
	for (size_t i = 0; i < MAX_SIGNERS; i++) {
		sgl_key_unref(d->late_keys[i]);
		sgl_keyring_clear(&d->rings[i]);
	}
	sgl_keyring_clear(&d->others);
	sgl_keyring_clear(&d->recipients);
	sgl_keyring_clear(&d->advertised);
	sgl_engine_free(d->engine);
	free(d->in.data);
}

int
main(int argc, char **argv)
{
	static drive d;
	sgl_err err;

	check(sgl_engine_new(NULL, &d.engine, &err), "engine", &err);
	d.options.signing_time = sgl_engine_now(d.engine);
	take_args(&d, argc, argv);
	settle_signers(&d);
	d.in = read_all(stdin, "standard input");
	run(&d);
	drive_clear(&d);
	return 0;
}
