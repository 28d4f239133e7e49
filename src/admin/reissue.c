/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sigill ca reissue: new certificates for everybody who has some of an
 * authority that issues no more. One job for each person, so that it can be
 * interrupted and begun again, and nobody waits for it.
 */
#include <stdlib.h>

#include "admin/authority.h"
#include "admin/table.h"
#include "sys/progress.h"

#define ROOM "admin.ca"
#define ADDRESS_MAX 1024

/* Certificates to renew: an address and a purpose each. */
typedef struct task {
	char *address;
	sgl_cert_purpose purpose;
} task;

typedef struct tasks {
	task *items;
	size_t num, room;
	uint8_t serial[SGL_SERIAL_MAX]; /* of the last one */
	size_t serial_len;
	const sgl_authorities *authorities;
	int64_t only; /* issued by this one; 0: by any that issues no more */
} tasks;

static void
tasks_clear(tasks *t)
{
	for (size_t i = 0; i < t->num; i++)
		sgl_mem_free(t->items[i].address);
	sgl_mem_free(t->items);
}
SGL_AUTO_CLEAR_TYPE(tasks, tasks_clear)

static bool
is_concerned(const tasks *t, const sgl_cert_record *c)
{
	if (c->status != SGL_CERT_CURRENT)
		return false;
	if (t->only != 0)
		return c->issuer == t->only;
	for (size_t i = 0; i < t->authorities->num; i++)
		if (t->authorities->items[i].id == c->issuer)
			return t->authorities->items[i].state !=
			    SGL_AUTHORITY_ACTIVE;
	return false;
}

/* The two records of one for both purposes come together. */
static bool
is_the_last(tasks *t, const sgl_cert_record *c)
{
	sgl_slice serial = sgl_buf_slice(&c->serial);
	bool is = sgl_slice_eq(serial, sgl_slice_of(t->serial, t->serial_len));

	t->serial_len =
	    serial.len > sizeof t->serial ? sizeof t->serial : serial.len;
	memcpy(t->serial, serial.data, t->serial_len);
	return is;
}

static sgl_status
add_task(void *ctx, const sgl_cert_record *c, sgl_err *err)
{
	tasks *t = ctx;

	if (!is_concerned(t, c))
		return SGL_OK;
	if (is_the_last(t, c)) {
		t->items[t->num - 1].purpose = SGL_CERT_DUAL;
		return SGL_OK;
	}
	if (t->num == t->room) {
		size_t room = t->room == 0 ? 64 : 2 * t->room;
		task *more = sgl_mem_resize(t->items, room * sizeof *more);
		if (more == NULL)
			return sgl_oom(err, ROOM);
		t->items = more;
		t->room = room;
	}
	t->items[t->num] = (task){.purpose = c->purpose};
	TRY(sgl_slice_copy(sgl_slice_str(c->address),
	    (uint8_t **)&t->items[t->num].address, ROOM, err));
	t->num++;
	return SGL_OK;
}

static sgl_status
read_only(const sgl_call *call, int64_t *out, sgl_err *err)
{
	const char *text = sgl_call_get(call, "issued-by");
	char *end;

	if (text == NULL)
		return SGL_OK;
	*out = strtoll(text, &end, 10);
	if (end != text && *end == '\0' && *out > 0)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("is no number of an authority; sigill ca list has them"), "%s",
	    text);
}

static sgl_status
check_only(const sgl_authorities *list, int64_t only, sgl_err *err)
{
	for (size_t i = 0; i < list->num; i++)
		if (list->items[i].id == only)
			return SGL_OK;
	return only == 0 ? SGL_OK
			 : sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
			       N_("there is no such authority; sigill ca list "
				  "has them"),
			       "%lld", (long long)only);
}

static sgl_status
find_tasks(const sgl_call *call, tasks *t, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_session) s = {0};
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};
	sgl_status status;

	TRY(read_only(call, &t->only, err));
	TRY(sgl_session_open(call, false, &s, err));
	TRY(sgl_store_list_authorities(sgl_home_store(s.home), &list, err));
	TRY(check_only(&list, t->only, err));
	t->authorities = &list;
	status = sgl_store_each_cert(sgl_home_store(s.home), add_task, t, err);
	t->authorities = NULL;
	return status;
}

/* The words of another command, with our --home. */
static sgl_status
renew(const sgl_call *call, const task *one, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	const sgl_command *command = sgl_org_find_command("cert renew");
	sgl_call own = {
	    .command = command, .args = {one->address}, .num_args = 1};

	for (const sgl_option *o = command->options; o->name != NULL; o++) {
		const char *value = strcmp(o->name, "purpose") == 0
		    ? sgl_cert_purpose_name(one->purpose)
		    : strcmp(o->name, "home") == 0 ? sgl_call_get(call, "home")
						   : NULL;
		if (value == NULL)
			continue;
		own.given[own.num_given].option = o;
		own.given[own.num_given++].value = value;
	}
	sgl_reply_init(&r, &own);
	return sgl_org_perform(&own, &r, err);
}

static sgl_status
renew_all(const sgl_call *call, const tasks *t, sgl_err *err)
{
	sgl_status status = SGL_OK;

	sgl_progress_start(_("new certificates"), t->num);
	for (size_t i = 0; i < t->num && status == SGL_OK; i++) {
		status = renew(call, &t->items[i], err);
		sgl_progress_at(i + 1);
	}
	sgl_progress_end();
	return status;
}

sgl_status
sgl_reissue(const sgl_call *call, size_t *num, sgl_err *err)
{
	SGL_AUTO_CLEAR(tasks) t = {0};

	TRY(find_tasks(call, &t, err));
	TRY(renew_all(call, &t, err));
	*num = t.num;
	return SGL_OK;
}

static sgl_status
run(const sgl_call *call, sgl_reply *r, sgl_err *err)
{
	size_t num;

	TRY(sgl_reissue(call, &num, err));
	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_uint(&r->json, "renewed", num);
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	if (num == 0)
		return sgl_buf_printf(&r->text, err, "%s",
		    sgl_call_has(call, "issued-by")
			? _("Nobody has a current certificate of this "
			    "authority: nothing was done.\n")
			: _("Nobody has a current certificate of an authority "
			    "that issues no more: nothing was done.\n"));
	return sgl_buf_printf(
	    &r->text, err, _("Certificates made anew: %zu\n"), num);
}

int
sgl_org_ca_reissue(sgl_call *call)
{
	SGL_AUTO_CLEAR(sgl_reply) r = {0};
	sgl_err err = {0};

	sgl_reply_init(&r, call);
	return sgl_org_end(call, run(call, &r, &err), &r, &err);
}
