/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/front_metrics.h"

#include <stdio.h>
#include <time.h>

#include "daemon/publish_wire.h"
#include "sys/journal.h"
#include "sys/text.h"

#define ROOM "daemon.metrics"
#define TEXT_MAX ((size_t)1 << 20)
#define WAITING_MAX 16 /* as many as may be connected */
#define PATIENCE 5     /* seconds that control may take */

/* What strangers ask for, and every status that they are told. */
static const char *const services[] = {
    "ca", "crl", "ocsp", "est", "scep", "other"};
#define NUM_SERVICES (sizeof services / sizeof *services)
static const int codes[] = {
    200, 202, 204, 304, 400, 401, 403, 404, 405, 415, 503};
#define NUM_CODES (sizeof codes / sizeof *codes)

/* Number 0: not in use. */
typedef struct waiting {
	int64_t number;
	time_t asked;
	sgl_http_exchange *exchange;
} waiting;

struct sgl_front_metrics {
	sgl_loop *loop;
	const sgl_outlet *outlet;
	sgl_http *http; /* NULL: nobody watches */
	sgl_wait *tick;
	sgl_peer *control;
	sgl_processes processes;
	uint64_t answers[NUM_SERVICES][NUM_CODES];
	waiting waiting[WAITING_MAX];
	int64_t last_number;
};

static time_t
seconds_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* --------------------------------------------------------------- counting ---
 */

static bool
begins(const char *path, const char *with)
{
	return strncmp(path, with, strlen(with)) == 0;
}

static const char *
service_of(const sgl_front_metrics *f, const char *path)
{
	if (begins(path, "/.well-known/est/"))
		return "est";
	if (begins(path, "/scep"))
		return "scep";
	return sgl_outlet_service(f->outlet, path);
}

void
sgl_front_metrics_note(void *ctx, const char *path, int status)
{
	sgl_front_metrics *f = ctx;
	const char *service = service_of(f, path);

	for (size_t s = 0; s < NUM_SERVICES; s++)
		for (size_t c = 0; c < NUM_CODES; c++)
			if (strcmp(service, services[s]) == 0 &&
			    codes[c] == status)
				f->answers[s][c]++;
}

/* ---------------------------------------------------------------- telling ---
 */

/* A status that a service never told is left out. */
static void
tell_requests(const sgl_front_metrics *f, sgl_metrics *m)
{
	char code[16];

	sgl_metrics_counter(m, "sigill_http_requests_total",
	    "Requests of strangers by what for, and the status of the answer.");
	for (size_t s = 0; s < NUM_SERVICES; s++)
		for (size_t c = 0; c < NUM_CODES; c++) {
			if (f->answers[s][c] == 0 && codes[c] != 200)
				continue;
			(void)snprintf(code, sizeof code, "%d", codes[c]);
			sgl_metrics_add(m,
			    SGL_LABELS(
				{"service", services[s]}, {"code", code}),
			    (int64_t)f->answers[s][c]);
		}
}

static void
tell_ocsp(const sgl_outlet_counts *c, sgl_metrics *m)
{
	static const struct {
		sgl_ocsp_error error;
		const char *name;
	} errors[] = {{SGL_OCSP_MALFORMED, "malformed"},
	    {SGL_OCSP_INTERNAL, "internal_error"},
	    {SGL_OCSP_TRY_LATER, "try_later"},
	    {SGL_OCSP_UNAUTHORIZED, "unauthorized"}};

	sgl_metrics_counter(m, "sigill_ocsp_answers_total",
	    "OCSP answers by their status; stored: one for everybody, live: "
	    "signed for this request, unsigned: an error.");
	sgl_metrics_add(m,
	    SGL_LABELS({"status", "successful"}, {"kind", "stored"}),
	    (int64_t)c->stored);
	sgl_metrics_add(m,
	    SGL_LABELS({"status", "successful"}, {"kind", "live"}),
	    (int64_t)c->live);
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		sgl_metrics_add(m,
		    SGL_LABELS(
			{"status", errors[i].name}, {"kind", "unsigned"}),
		    (int64_t)c->errors[errors[i].error]);
}

static const sgl_process *
process_at(const sgl_processes *p, size_t i, const char **name)
{
	*name = i == 0 ? "supervisor" : sgl_role_name((sgl_role)(i - 1));
	return i == 0 ? &p->supervisor : &p->of[i - 1];
}

/* One that is not needed is nobody's concern. Front answers, so it is up; that
 * control is, only an answer of its shows. */
static void
tell_processes(const sgl_processes *p, sgl_metrics *m)
{
	const char *name;

	sgl_metrics_gauge(m, "sigill_process_up",
	    "Whether a process of the service is ready.");
	for (size_t i = 0; i <= SGL_NUM_ROLES; i++) {
		const sgl_process *one = process_at(p, i, &name);

		if (one->is_needed)
			sgl_metrics_add(
			    m, SGL_LABELS({"process", name}), one->is_ready);
	}
	sgl_metrics_gauge(m, "sigill_process_start_timestamp_seconds",
	    "When a process was started last.");
	for (size_t i = 0; i <= SGL_NUM_ROLES; i++) {
		const sgl_process *one = process_at(p, i, &name);

		if (one->is_needed)
			sgl_metrics_add(
			    m, SGL_LABELS({"process", name}), one->since);
	}
	sgl_metrics_counter(m, "sigill_process_restarts_total",
	    "How often a process ended by itself and was started again.");
	for (size_t i = 0; i <= SGL_NUM_ROLES; i++) {
		const sgl_process *one = process_at(p, i, &name);

		if (one->is_needed)
			sgl_metrics_add(
			    m, SGL_LABELS({"process", name}), one->restarts);
	}
}

static void
tell_own(const sgl_front_metrics *f, bool up, sgl_metrics *m)
{
	sgl_metrics_gauge(m, "sigill_up",
	    "Whether control answered; without it only the numbers of front "
	    "and of the processes are here.");
	sgl_metrics_add(m, NULL, up);
	sgl_metrics_gauge(m, "sigill_build_info", "Which version it is.");
	sgl_metrics_add(m, SGL_LABELS({"version", SGL_VERSION}), 1);
	tell_processes(&f->processes, m);
	sgl_metrics_gauge(
	    m, "sigill_vault_locked", "Whether the private keys are locked.");
	sgl_metrics_add(m, NULL, f->processes.is_locked);
	if (f->processes.https_until != 0) {
		sgl_metrics_gauge(m,
		    "sigill_https_certificate_not_after_timestamp_seconds",
		    "When the certificate of the HTTPS server ends.");
		sgl_metrics_add(m, NULL, f->processes.https_until);
	}
	tell_requests(f, m);
	tell_ocsp(sgl_outlet_counts_of(f->outlet), m);
}

/* `theirs` is empty where control did not answer. */
static void
answer(
    const sgl_front_metrics *f, sgl_http_exchange *exchange, sgl_slice theirs)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(TEXT_MAX);
	sgl_metrics m = sgl_metrics_over(&text);
	sgl_http_answer a = {.status = 200, .type = SGL_METRICS_TYPE};
	sgl_err err = {0};
	sgl_status status;

	tell_own(f, theirs.len > 0, &m);
	status = sgl_metrics_end(&m, &err);
	if (status == SGL_OK)
		status = sgl_buf_add(&text, theirs, &err);
	if (status != SGL_OK) {
		sgl_journal_err("metrics", &err);
		a = (sgl_http_answer){.status = 503};
	} else {
		a.body = sgl_buf_slice(&text);
	}
	sgl_http_answer_send(exchange, &a);
}

/* ----------------------------------------------------------------- asking ---
 */

static void
go_without(sgl_front_metrics *f, waiting *w)
{
	answer(f, w->exchange, (sgl_slice){NULL, 0});
	*w = (waiting){.number = 0};
}

static void
go_all_without(sgl_front_metrics *f, time_t asked_before)
{
	for (size_t i = 0; i < WAITING_MAX; i++)
		if (f->waiting[i].number != 0 &&
		    f->waiting[i].asked < asked_before)
			go_without(f, &f->waiting[i]);
}

static sgl_status
send_question(const sgl_front_metrics *f, int64_t number, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) body = sgl_buf_init(64);
	sgl_wire w = sgl_wire_over(&body);

	if (f->control == NULL)
		return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
		    N_("there is nobody to ask"));
	sgl_publish_add_metrics(&w, number, (sgl_slice){NULL, 0});
	TRY(sgl_wire_end(&w, err));
	return sgl_peer_send(
	    f->control, SGL_PUBLISH_METRICS, sgl_buf_slice(&body), err);
}

static void
ask(sgl_front_metrics *f, sgl_http_exchange *exchange)
{
	waiting *w = NULL;

	for (size_t i = 0; i < WAITING_MAX && w == NULL; i++)
		if (f->waiting[i].number == 0)
			w = &f->waiting[i];
	if (w == NULL || send_question(f, f->last_number + 1, NULL) != SGL_OK) {
		answer(f, exchange, (sgl_slice){NULL, 0});
		return;
	}
	*w = (waiting){++f->last_number, seconds_now(), exchange};
}

bool
sgl_front_metrics_hear(sgl_front_metrics *f, unsigned type, sgl_slice body)
{
	sgl_unwire u = sgl_unwire_over(body);
	sgl_slice text;
	int64_t number;
	sgl_err err = {0};

	if (type != SGL_PUBLISH_METRICS_ARE)
		return false;
	number = sgl_publish_read_metrics(&u, &text);
	if (sgl_unwire_end(&u, &err) != SGL_OK) {
		sgl_journal_err("metrics", &err);
		return true;
	}
	for (size_t i = 0; i < WAITING_MAX; i++) {
		waiting *w = &f->waiting[i];
		if (w->number != number || number == 0)
			continue;
		answer(f, w->exchange, text);
		*w = (waiting){.number = 0};
	}
	return true;
}

void
sgl_front_metrics_set_control(sgl_front_metrics *f, sgl_peer *control)
{
	f->control = control;
	go_all_without(f, seconds_now() + 1);
}

void
sgl_front_metrics_set_processes(sgl_front_metrics *f, const sgl_processes *p)
{
	f->processes = *p;
}

/* ---------------------------------------------------------------- serving ---
 */

static void
on_request(
    void *ctx, const sgl_http_request *request, sgl_http_exchange *exchange)
{
	const sgl_http_answer nothing = {.status = 404};
	const sgl_http_answer wrong = {.status = 405, .allow = "GET, HEAD"};

	if (strcmp(request->path, "/metrics") != 0)
		sgl_http_answer_send(exchange, &nothing);
	else if (request->method == SGL_HTTP_POST)
		sgl_http_answer_send(exchange, &wrong);
	else
		ask(ctx, exchange);
}

static void
on_tick(void *ctx)
{
	go_all_without(ctx, seconds_now() - PATIENCE);
}

sgl_status
sgl_front_metrics_listen(sgl_front_metrics *f, int fd, sgl_err *err)
{
	const sgl_http_limits limits = {WAITING_MAX, 10, 10};

	TRY(sgl_http_new(f->loop, fd, 1, on_request, f, &f->http, err));
	sgl_http_limit(f->http, &limits);
	return SGL_OK;
}

sgl_status
sgl_front_metrics_new(sgl_loop *loop, const sgl_outlet *outlet,
    sgl_front_metrics **out, sgl_err *err)
{
	sgl_front_metrics *f = sgl_mem_zeroed(1, sizeof *f);
	sgl_status status;

	if (f == NULL)
		return sgl_oom(err, ROOM);
	f->loop = loop;
	f->outlet = outlet;
	status = sgl_wait_every(loop, 1, on_tick, f, &f->tick, err);
	if (status == SGL_OK)
		*out = f;
	else
		sgl_mem_free(f);
	return status;
}

void
sgl_front_metrics_free(sgl_front_metrics *f)
{
	if (f == NULL)
		return;
	go_all_without(f, seconds_now() + 1);
	sgl_wait_free(f->tick);
	sgl_http_free(f->http);
	sgl_mem_free(f);
}
