/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-issue [--quick] [--rounds N]
 *
 * Certificates for given public keys (P-256) of people who are there, all the
 * way: the person is found, the certificate made and checked, its record, the
 * key's, the names that messages may call the recipient by and the record of
 * the audit chain stored; after each thousand one commit, with the signed end
 * of the chain. Next to bare signatures in the same round, per second of
 * processor time: with the authority's key opened in this process, as the
 * command line does, and by a keyholder in a process of its own, who wants
 * tickets, as the service does (the time of both counts); and what it takes
 * SQLite to copy the same rows into tables of the same form, by five statements
 * for all of them, with a commit. Per second on the clock, too: two processes
 * may work at once, and a commit waits for the disk. Keys and people are new in
 * each round; their making does not count, and they stay. Then where the time
 * goes, with the key here. Medians over the rounds; the ratios are medians of
 * the ratios within a round.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ca/lint.h"
#include "ca/making.h"
#include "ca/names.h"
#include "measure.h"
#include "org/audit.h"
#include "org/people.h"
#include "store/query.h"
#include "vault/keeper.h"

#define MANY 1000 /* certificates to a commit */
#define SPKI_MAX 128

enum { BARE, HERE, FAR, COPY, NUM_WAYS };
static const char *const ways[NUM_WAYS] = {"bare P-256 signature",
    "issued, key here", "issued, keyholder's key", "rows copied by SQLite"};

/* Seconds of one. */
typedef struct cost {
	double cpu, wall, commit; /* commit: part of cpu */
} cost;

/* Parts of the time of one. */
enum { SIGN, BUILD, LINT, OPEN, AUDIT, COMMIT, REST, ALL, NUM_PARTS };
static const char *const parts[NUM_PARTS] = {"the signature",
    "the rest of the certificate", "its rules (lint)",
    "opening the authority's key, once", "the audit record", "commit",
    "finding and storing the records", "all"};

typedef struct world {
	char folder[64], path[80];
	sgl_engine *engine, *others; /* others: for what is not measured */
	sgl_home *home;
	EVP_PKEY_CTX *bare;
	unsigned num; /* certificates in a round */
	/* Of this round. */
	char address[MANY][48];
	uint8_t spki[MANY][SPKI_MAX];
	size_t spki_len[MANY];
	unsigned long count; /* of people */
	sgl_store *copy;
	pid_t keyholder;
	sgl_channel *channel;
	sgl_ticket_mint mint;
	sgl_keeper *far;
} world;

static sgl_err err;
#define MUST(call) bench_must(call, #call, &err)

/* --- the keyholder --- */

static void
serve(sgl_engine *engine, const char *keys, int fd, sgl_ticket_gate *gate)
{
	const sgl_keeper_door door = {.gate = gate, .holder = 1};
	sgl_plain_folder folder;
	sgl_keeper *keeper;
	sgl_channel *channel;
	sgl_keeper_server *server;
	sgl_slice body;
	unsigned type;
	bool ended;

	MUST(sgl_master_folder(keys, &folder, &err));
	MUST(sgl_keeper_new_here(engine, &folder, &keeper, &err));
	sgl_plain_close(&folder);
	MUST(sgl_channel_new(fd, &channel, &err));
	MUST(sgl_keeper_server_new(
	    engine, keeper, channel, &door, &server, &err));
	for (;;) {
		MUST(sgl_channel_receive(
		    channel, SGL_CHANNEL_MESSAGE, &type, &body, &ended, &err));
		if (ended)
			_exit(0);
		MUST(sgl_keeper_serve(server, type, body, &err));
	}
}

static void
start_keyholder(world *w)
{
	uint8_t secret[SGL_TICKET_SECRET];
	const sgl_slice bytes = sgl_slice_of(secret, sizeof secret);
	sgl_ticket_gate gate = {0};
	char keys[128];
	int ends[2];

	(void)snprintf(keys, sizeof keys, "%s/" SGL_HOME_KEYS, w->path);
	MUST(sgl_random(w->engine, secret, sizeof secret, &err));
	w->mint.holder = 1;
	MUST(sgl_secret_set(&w->mint.secret, bytes, &err));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		bench_die("socketpair");
	w->keyholder = fork();
	if (w->keyholder < 0)
		bench_die("fork");
	if (w->keyholder == 0) {
		(void)close(ends[0]);
		MUST(sgl_secret_set(&gate.secret, bytes, &err));
		serve(w->engine, keys, ends[1], &gate);
	}
	(void)close(ends[1]);
	MUST(sgl_channel_new(ends[0], &w->channel, &err));
	MUST(sgl_keeper_new_far(w->engine, w->channel,
	    sgl_ticket_source_of(&w->mint), &w->far, &err));
}

/* Of this process and the keyholder's. */
static double
cpu_of_both(const world *w)
{
	clockid_t theirs;

	if (clock_getcpuclockid(w->keyholder, &theirs) != 0)
		bench_die("the keyholder's clock");
	return bench_cpu() + bench_clock(theirs);
}

/* --- the home, people and keys --- */

static void
make_home(world *w)
{
	char domain[] = "example.org", name[] = "Example", kind[] = "p256",
	     url[] = "http://pki.example.org";
	const sgl_organisation o = {.domain = domain,
	    .name = name,
	    .algorithm = kind,
	    .public_url = url};
	const char *place = getenv("TMPDIR");

	(void)snprintf(w->folder, sizeof w->folder, "%s/bench-issue-XXXXXX",
	    place == NULL ? "/tmp" : place);
	if (mkdtemp(w->folder) == NULL)
		bench_die("no temporary folder");
	(void)snprintf(w->path, sizeof w->path, "%s/home", w->folder);
	MUST(sgl_home_create(w->engine, w->path, &o, NULL, &w->home, &err));
	MUST(sgl_ca_found(w->home, &err));
	MUST(sgl_home_commit(w->home, &err));
	sgl_home_free(w->home);
	/* As it is met by those who come later. */
	MUST(sgl_home_open(w->engine, w->path, true, &w->home, &err));
	sgl_home_rollback(w->home);
}

static void
make_key(world *w, unsigned i)
{
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_slice spki;

	MUST(sgl_key_generate(w->others, SGL_KEY_P256, 0, &key, &err));
	spki = sgl_key_get_spki(key);
	if (spki.len > SPKI_MAX)
		bench_die("a public key is too long");
	memcpy(w->spki[i], spki.data, spki.len);
	w->spki_len[i] = spki.len;
}

static void
make_people(world *w)
{
	MUST(sgl_home_begin(w->home, &err));
	for (unsigned i = 0; i < w->num; i++) {
		SGL_AUTO_CLEAR(sgl_person) p = {0};
		(void)snprintf(w->address[i], sizeof w->address[i],
		    "p%lu@example.org", w->count++);
		MUST(sgl_people_add(w->home, w->address[i], NULL, &p, &err));
		make_key(w, i);
	}
	MUST(sgl_home_commit(w->home, &err));
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void
open_copy(world *w)
{
	char text[256];

	(void)snprintf(text, sizeof text, "%s/copy.db", w->folder);
	MUST(sgl_store_create(text, &w->copy, &err));
	(void)snprintf(
	    text, sizeof text, "ATTACH '%s/sigill.db' AS s", w->path);
	MUST(sgl_store_run(w->copy, text, &err));
}

static void
make_world(world *w, bool quick)
{
	w->num = quick ? 10 : MANY;
	MUST(sgl_engine_new(NULL, &w->engine, &err));
	MUST(sgl_engine_new(NULL, &w->others, &err));
	w->bare = bench_bare_new();
	make_home(w);
	start_keyholder(w);
	open_copy(w);
}

static void
clear_world(world *w)
{
	sgl_store_free(w->copy);
	sgl_home_free(w->home);
	sgl_keeper_free(w->far);
	sgl_channel_free(w->channel);
	(void)waitpid(w->keyholder, NULL, 0);
	sgl_ticket_mint_clear(&w->mint);
	EVP_PKEY_CTX_free(w->bare);
	sgl_engine_free(w->others);
	sgl_engine_free(w->engine);
	(void)nftw(w->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* --- what is measured --- */

static sgl_slice
spki_of(const world *w, unsigned i)
{
	return sgl_slice_of(w->spki[i], w->spki_len[i]);
}

static cost
cost_of(const world *w, double cpu, double wall)
{
	return (cost){.cpu = (cpu_of_both(w) - cpu) / w->num,
	    .wall = (bench_wall() - wall) / w->num};
}

static cost
sign_bare(world *w)
{
	const double cpu = cpu_of_both(w), wall = bench_wall();

	for (unsigned i = 0; i < w->num; i++)
		bench_bare_sign(w->bare, i);
	return cost_of(w, cpu, wall);
}

static void
issue_all(world *w)
{
	SGL_AUTO(sgl_ca_many)
	many = NULL;

	MUST(sgl_ca_many_new(w->home, &many, &err));
	for (unsigned i = 0; i < w->num; i++) {
		SGL_AUTO_CLEAR(sgl_person) p = {0};
		MUST(sgl_people_get(w->home, w->address[i], &p, &err));
		MUST(sgl_ca_many_issue_for_key(
		    many, &p, SGL_CERT_SIGNING, spki_of(w, i), &err));
	}
	MUST(sgl_ca_many_end(many, &err));
}

static cost
issue(world *w, sgl_keeper *keeper)
{
	double cpu, wall, middle;
	sgl_vault *vault;
	cost c;

	make_people(w);
	sgl_home_set_keeper(w->home, keeper);
	MUST(sgl_home_vault(w->home, &vault, &err));
	cpu = cpu_of_both(w);
	wall = bench_wall();
	MUST(sgl_home_begin(w->home, &err));
	issue_all(w);
	middle = cpu_of_both(w);
	MUST(sgl_home_commit(w->home, &err));
	c = cost_of(w, cpu, wall);
	c.commit = (cpu_of_both(w) - middle) / w->num;
	return c;
}

/* --- the same rows, copied --- */

static void
run_copy(world *w, const char *sql)
{
	MUST(sgl_store_begin(w->copy, &err));
	MUST(sgl_store_run(w->copy, sql, &err));
	MUST(sgl_store_commit(w->copy, &err));
}

static int64_t
number_of(world *w, const char *sql)
{
	int64_t n;

	MUST(sgl_store_number(w->copy, sql, &n, &err));
	return n;
}

/* The newest; what they refer to is copied before, and not measured. */
static cost
copy_rows(world *w)
{
	const long long after =
			    number_of(w, "SELECT max(id) FROM s.certificate") -
	    w->num,
			record =
			    number_of(w, "SELECT max(sequence) FROM s.audit") -
	    w->num;
	char sql[1024];
	double cpu, wall;

	run_copy(w,
	    "INSERT OR IGNORE INTO key SELECT * FROM s.key"
	    " WHERE person IS NULL;"
	    "INSERT OR IGNORE INTO authority SELECT * FROM s.authority;"
	    "INSERT OR IGNORE INTO person SELECT * FROM s.person");
	(void)snprintf(sql, sizeof sql,
	    "INSERT INTO serial SELECT serial FROM s.certificate"
	    " WHERE id > %lld;"
	    "INSERT INTO key SELECT * FROM s.key WHERE id IN"
	    " (SELECT key FROM s.certificate WHERE id > %lld);"
	    "INSERT INTO certificate SELECT * FROM s.certificate"
	    " WHERE id > %lld;"
	    "INSERT INTO recipient SELECT r.* FROM s.certificate c"
	    " JOIN s.recipient r ON r.serial = c.serial AND r.issuer ="
	    " (SELECT issuer FROM s.recipient LIMIT 1) WHERE c.id > %lld;"
	    "INSERT INTO audit SELECT * FROM s.audit WHERE sequence > %lld",
	    after, after, after, after, record);
	cpu = cpu_of_both(w);
	wall = bench_wall();
	run_copy(w, sql);
	return cost_of(w, cpu, wall);
}

/* --- the parts --- */

static void
open_signer(world *w, sgl_ca_signer *out)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	MUST(sgl_store_list_authorities(sgl_home_store(w->home), &list, &err));
	for (size_t i = 0; i < list.num; i++)
		if (list.items[i].kind == SGL_AUTHORITY_ISSUING) {
			MUST(sgl_ca_signer_open(
			    w->home, &list.items[i], out, &err));
			return;
		}
	bench_die("no issuing authority");
}

/* Once for all that come. */
static double
time_open(world *w)
{
	double start = bench_cpu();

	for (unsigned i = 0; i < w->num; i++) {
		SGL_AUTO_CLEAR(sgl_ca_signer) signer = {0};
		open_signer(w, &signer);
	}
	return (bench_cpu() - start) / w->num / w->num;
}

static double
time_sign(world *w, sgl_ca_signer *signer)
{
	static const uint8_t tbs[600] = {0};
	const sgl_key_request request = {.op = SGL_KEY_SIGN,
	    .input = {tbs, sizeof tbs},
	    .sig = {SGL_SIG_ECDSA, SGL_DIGEST_SHA256, 0, 0}};
	double start = bench_cpu();
	sgl_key_answer answer;

	for (unsigned i = 0; i < w->num; i++)
		MUST(sgl_key_ask(
		    w->engine, signer->key, &request, &answer, &err));
	return (bench_cpu() - start) / w->num;
}

static sgl_status
never(void *ctx, const sgl_key_request *request, sgl_key_answer *answer,
    sgl_err *why)
{
	(void)ctx;
	(void)request;
	(void)answer;
	return sgl_fail(why, SGL_E_NOKEY, "bench", SGL_NO_OFFSET, "not here");
}

/* A certificate of which nothing is stored. */
static void
draft(world *w, unsigned i, const sgl_ca_signer *signer, sgl_ca_made *out)
{
	static const sgl_key_ops ops = {.ask = never};
	SGL_AUTO_CLEAR(sgl_buf) subject = sgl_buf_init(4096);
	SGL_AUTO(sgl_key)
	key = NULL;
	sgl_person p = {.address = w->address[i], .name = w->address[i]};
	const sgl_slice address = sgl_slice_str(w->address[i]);
	sgl_ca_order order = {.profile = SGL_PROFILE_SIGNING,
	    .addresses = &address,
	    .num_addresses = 1,
	    .is_draft = true};

	MUST(sgl_key_new_remote(
	    w->engine, spki_of(w, i), &ops, NULL, &key, &err));
	MUST(sgl_ca_person_name(
	    sgl_home_organisation(w->home), &p, &subject, &err));
	order.subject = sgl_buf_slice(&subject);
	order.key = key;
	MUST(sgl_ca_make(w->home, &order, signer, out, &err));
}

static double
time_draft(world *w, const sgl_ca_signer *signer)
{
	double start = bench_cpu();

	for (unsigned i = 0; i < w->num; i++) {
		SGL_AUTO_CLEAR(sgl_ca_made) made = {0};
		draft(w, i, signer, &made);
	}
	return (bench_cpu() - start) / w->num;
}

static double
time_lint(world *w, const sgl_ca_signer *signer)
{
	SGL_AUTO_CLEAR(sgl_ca_made) made = {0};
	double start;

	draft(w, 0, signer, &made);
	start = bench_cpu();
	for (unsigned i = 0; i < w->num; i++)
		MUST(sgl_lint_refuse(made.cert, &err));
	return (bench_cpu() - start) / w->num;
}

static double
time_audit(world *w)
{
	double start = bench_cpu();

	for (unsigned i = 0; i < w->num; i++)
		MUST(sgl_audit_add(w->home, "cert.issue", w->address[i], "",
		    "420123456789abcdef0123456789abcd signing until 2028",
		    &err));
	return (bench_cpu() - start) / w->num;
}

/* `part` has `all` and `commit`. */
static void
take_apart(world *w, double part[NUM_PARTS])
{
	SGL_AUTO_CLEAR(sgl_ca_signer) signer = {0};

	sgl_home_set_keeper(w->home, NULL);
	MUST(sgl_home_begin(w->home, &err));
	/* New keys, as those were that certificates were issued for. */
	for (unsigned i = 0; i < w->num; i++)
		make_key(w, i);
	open_signer(w, &signer);
	part[SIGN] = time_sign(w, &signer);
	part[LINT] = time_lint(w, &signer);
	part[BUILD] = time_draft(w, &signer) - part[SIGN] - part[LINT];
	part[OPEN] = time_open(w);
	part[AUDIT] = time_audit(w);
	sgl_home_rollback(w->home);
	part[REST] = part[ALL];
	for (unsigned i = 0; i < REST; i++)
		part[REST] -= part[i];
}

typedef struct results {
	double cpu[NUM_WAYS][MAX_ROUNDS], wall[NUM_WAYS][MAX_ROUNDS],
	    ratio[NUM_WAYS][MAX_ROUNDS], part[NUM_PARTS][MAX_ROUNDS];
} results;

static void
print(results *s, unsigned rounds)
{
	(void)printf("%-26s %14s %9s %14s\n", "", "per cpu second", "of bare",
	    "on the clock");
	for (unsigned i = 0; i < NUM_WAYS; i++)
		(void)printf("%-26s %14.0f %8.1f%% %14.0f\n", ways[i],
		    1 / bench_median(s->cpu[i], rounds),
		    100 * bench_median(s->ratio[i], rounds),
		    1 / bench_median(s->wall[i], rounds));
	(void)printf("%-36s %6s\n", "of this, key here", "us");
	for (unsigned i = 0; i < NUM_PARTS; i++)
		(void)printf("  %-34s %6.1f\n", parts[i],
		    1e6 * bench_median(s->part[i], rounds));
}

static void
run_round(world *w, results *s, unsigned r)
{
	cost of[NUM_WAYS];
	double part[NUM_PARTS];

	of[BARE] = sign_bare(w);
	of[HERE] = issue(w, NULL);
	of[COPY] = copy_rows(w);
	of[FAR] = issue(w, w->far);
	part[ALL] = of[HERE].cpu;
	part[COMMIT] = of[HERE].commit;
	take_apart(w, part);
	for (unsigned i = 0; i < NUM_WAYS; i++) {
		s->cpu[i][r] = of[i].cpu;
		s->wall[i][r] = of[i].wall;
		s->ratio[i][r] = of[BARE].cpu / of[i].cpu;
	}
	for (unsigned i = 0; i < NUM_PARTS; i++)
		s->part[i][r] = part[i];
}

static void
compete(world *w, unsigned rounds)
{
	static results s;

	for (unsigned r = 0; r < rounds; r++)
		run_round(w, &s, r);
	print(&s, rounds);
}

int
main(int argc, char **argv)
{
	static world w;
	unsigned long rounds = 7;
	bool quick = argc == 2 && strcmp(argv[1], "--quick") == 0;

	if (argc == 3 && strcmp(argv[1], "--rounds") == 0)
		rounds = strtoul(argv[2], NULL, 10);
	if ((argc > 1 && !quick && argc != 3) || rounds < 1 ||
	    rounds > MAX_ROUNDS) {
		(void)fputs(
		    "usage: bench-issue [--quick] [--rounds N]\n", stderr);
		return 2;
	}
	make_world(&w, quick);
	compete(&w, quick ? 1 : (unsigned)rounds);
	clear_world(&w);
	return 0;
}
