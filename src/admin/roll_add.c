/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sigill user add --from FILE: all of the table is looked at before anything is
 * done; then its people are added in changes of a second or so each, so that
 * others can work in between, and an interruption loses nothing: the same
 * command goes on.
 */
#include <stdlib.h>
#include <string.h>

#include "admin/batch.h"
#include "admin/roll.h"
#include "admin/wire.h"
#include "sys/log.h"
#include "sys/progress.h"

#define ROOM "admin.roll"
#define BATCH_MAX 512
#define BATCH_MS 700
#define HEAD_ROOM 4096

typedef struct wrong_line {
	size_t line;
	char *text, *detail;
} wrong_line;

typedef struct adding {
	const sgl_call *call;
	const char *path;
	sgl_roll_file file;
	sgl_reply *r;
	size_t added, there;
	wrong_line *wrong;
	size_t num_wrong;
	int64_t began, ended; /* ms */
} adding;

/* ------------------------------------------------------------------ telling
 * ---
 */

/* Rows are found wrong when the table is read, and others when the
 * organisation is asked: all are told in the order of the table. */
static sgl_status
note_wrong(
    void *ctx, size_t line, const char *text, const char *detail, sgl_err *err)
{
	adding *a = ctx;
	wrong_line w = {.line = line};
	wrong_line *more =
	    sgl_mem_resize(a->wrong, (a->num_wrong + 1) * sizeof *more);

	if (more == NULL)
		return sgl_oom(err, ROOM);
	a->wrong = more;
	TRY(sgl_slice_copy(
	    sgl_slice_str(text), (uint8_t **)&w.text, ROOM, err));
	a->wrong[a->num_wrong++] = w;
	return sgl_slice_copy(sgl_slice_str(detail),
	    (uint8_t **)&a->wrong[a->num_wrong - 1].detail, ROOM, err);
}

static int
by_line(const void *a, const void *b)
{
	const wrong_line *x = a, *y = b;

	return x->line < y->line ? -1 : x->line > y->line;
}

static sgl_status
tell_wrong_line(adding *a, const wrong_line *w, sgl_err *err)
{
	sgl_json *json = &a->r->json;

	if (!a->r->as_json)
		return sgl_buf_printf(&a->r->text, err,
		    _("%s: line %zu: %s%s%s\n"), a->path, w->line, _(w->text),
		    w->detail[0] == '\0' ? "" : ": ", w->detail);
	sgl_json_object(json, NULL);
	sgl_json_uint(json, "line", w->line);
	sgl_json_str(json, "why", w->text);
	sgl_json_str(json, "detail", w->detail);
	sgl_json_close_object(json);
	return SGL_OK;
}

static sgl_status
tell_wrong(adding *a, sgl_err *err)
{
	if (a->num_wrong > 0)
		qsort(a->wrong, a->num_wrong, sizeof *a->wrong, by_line);
	for (size_t i = 0; i < a->num_wrong; i++)
		TRY(tell_wrong_line(a, &a->wrong[i], err));
	if (a->num_wrong == 0 || a->r->as_json)
		return SGL_OK;
	return sgl_buf_printf(&a->r->text, err,
	    _("%s: wrong lines: %zu; nothing was done\n"), a->path,
	    a->num_wrong);
}

static void
adding_clear(adding *a)
{
	for (size_t i = 0; i < a->num_wrong; i++) {
		sgl_mem_free(a->wrong[i].text);
		sgl_mem_free(a->wrong[i].detail);
	}
	sgl_mem_free(a->wrong);
	sgl_roll_file_clear(&a->file);
}
SGL_AUTO_CLEAR_TYPE(adding, adding_clear)

static sgl_status
tell_done(adding *a, sgl_err *err)
{
	uint64_t ms = (uint64_t)(a->ended - a->began);
	bool rehearsal = sgl_call_has(a->call, "dry-run");

	if (a->r->as_json) {
		sgl_json_uint(&a->r->json, "added", a->added);
		sgl_json_uint(&a->r->json, "there", a->there);
		sgl_json_bool(&a->r->json, "dry_run", rehearsal);
		sgl_json_uint(&a->r->json, "milliseconds", ms);
		return SGL_OK;
	}
	if (rehearsal)
		return sgl_buf_printf(&a->r->text, err,
		    _("People to be added: %zu; there already: %zu\n"),
		    a->added, a->there);
	return sgl_buf_printf(&a->r->text, err,
	    _("People added: %zu, in %.1f seconds; there already: %zu\n"),
	    a->added, (double)ms / 1000, a->there);
}

/* ------------------------------------------------------------------- orders
 * ---
 */

static sgl_status
write_order(const adding *a, size_t from, size_t num, bool only_check,
    sgl_buf *out, sgl_err *err)
{
	const sgl_roll_head head = {only_check, num};
	sgl_slice rows = sgl_roll_file_part(&a->file, from, num);
	sgl_wire w = sgl_wire_over(out);

	if (rows.len > SGL_ORG_CALL_MAX - HEAD_ROOM)
		return sgl_fail_at(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
		    N_("the table has too many rows; divide it"), "%s",
		    a->path);
	sgl_roll_add_head(&w, &head);
	TRY(sgl_wire_end(&w, err));
	return sgl_buf_add(out, rows, err);
}

static sgl_status
take_result(adding *a, const sgl_roll_result *r, sgl_err *err)
{
	switch (r->outcome) {
	case SGL_ROLL_NEW:
		a->added++;
		break;
	case SGL_ROLL_THERE:
		a->there++;
		break;
	case SGL_ROLL_WRONG:
		return note_wrong(a, r->line, r->text, r->detail, err);
	}
	return SGL_OK;
}

static sgl_status
take_results(adding *a, sgl_slice results, sgl_err *err)
{
	sgl_unwire u = sgl_unwire_over(results);

	while (!u.failed && u.at < u.end) {
		sgl_roll_result r;

		sgl_roll_read_result(&u, &r);
		if (!u.failed)
			TRY(take_result(a, &r, err));
	}
	return sgl_unwire_end(&u, err);
}

static sgl_status
order(adding *a, size_t from, size_t num, bool only_check, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_order)
	o = {.call = a->call, .input = {.max = SGL_ORG_CALL_MAX}};
	SGL_AUTO_CLEAR(sgl_reply) r = {0};

	sgl_reply_init(&r, a->call);
	TRY(write_order(a, from, num, only_check, &o.input, err));
	TRY(sgl_org_ask(&o, &r, err));
	return take_results(a, sgl_buf_slice(&r.file), err);
}

/* ------------------------------------------------------------------ the work
 * ---
 */

static sgl_status
nothing_done(sgl_err *err)
{
	return sgl_fail(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("a message between our processes is malformed"));
}

/* Fewer than were ordered are done where keys are being made first. */
static sgl_status
add_all(adding *a, sgl_err *err)
{
	sgl_batch batch = {.size = 1, .max = BATCH_MAX, .most = BATCH_MS};

	a->added = a->there = 0;
	sgl_progress_count(a->call->command->name, a->file.num);
	for (size_t done = 0; done < a->file.num;) {
		size_t left = a->file.num - done;
		size_t before = a->added + a->there;

		sgl_batch_begin(&batch);
		TRY(order(a, done, batch.size < left ? batch.size : left, false,
		    err));
		sgl_batch_end(&batch);
		if (a->added + a->there == before)
			return nothing_done(err);
		done += a->added + a->there - before;
		sgl_progress_at(done);
	}
	return SGL_OK;
}

static sgl_status
check_and_add(adding *a, sgl_err *err)
{
	TRY(sgl_roll_file_read(a->path, &a->file, note_wrong, a, err));
	if (a->file.num > 0)
		TRY(order(a, 0, a->file.num, true, err));
	TRY(tell_wrong(a, err));
	if (a->r->as_json)
		sgl_json_close_array(&a->r->json);
	a->began = a->ended = sgl_clock_ms();
	if (a->num_wrong > 0) {
		a->added = 0;
		a->r->exit_status = SGL_EXIT_USAGE;
		return a->r->as_json ? tell_done(a, err) : SGL_OK;
	}
	if (!sgl_call_has(a->call, "dry-run"))
		TRY(add_all(a, err));
	a->ended = sgl_clock_ms();
	return tell_done(a, err);
}

/* Who was added before a failure stays. */
static void
tell_stop(const adding *a, sgl_status status)
{
	if (status != SGL_OK && a->added > 0 && a->began != 0)
		sgl_log_note(_("people who were added before this: %zu; the "
			       "same command goes on"),
		    a->added);
}

static sgl_status
add_from(const sgl_call *call, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(adding)
	a = {.call = call, .path = sgl_call_get(call, "from"), .r = r};
	sgl_status status;

	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_array(&r->json, "wrong");
	}
	status = check_and_add(&a, err);
	sgl_progress_end();
	if (status == SGL_OK && r->as_json)
		sgl_json_close_object(&r->json);
	tell_stop(&a, status);
	return status;
}

int
sgl_org_user_add_any(sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	bool many = sgl_call_has(call, "from");
	sgl_err err = {0};

	if (!many && sgl_call_has(call, "dry-run"))
		return sgl_call_usage(call, _("--dry-run goes with --from"));
	if (!many && call->num_args == 0)
		return sgl_call_usage(
		    call, _("something is missing: %s"), "ADDRESS");
	if (many && (call->num_args > 0 || sgl_call_has(call, "name")))
		return sgl_call_usage(call,
		    _("--from FILE stands alone: the table says who it is"));
	if (!many)
		return sgl_org_run(call);
	sgl_reply_init(&r, call);
	return sgl_org_end(call, add_from(call, &r, &err), &r, &err);
}
