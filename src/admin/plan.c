/* SPDX-License-Identifier: Apache-2.0 */
/* sigill cert renew --plan */
#include <stdlib.h>

#include "ca/renew.h"
#include "admin/work.h"

#define ROOM "admin.cert"
#define DAY ((sgl_time)24 * 60 * 60)

typedef struct planned {
	sgl_time at, until;
	char *address;
	sgl_cert_purpose purpose;
	sgl_buf serial;
} planned;

typedef struct plan {
	planned *items;
	size_t num;
	sgl_time now;
} plan;

static void
plan_clear(plan *p)
{
	for (size_t i = 0; i < p->num; i++) {
		sgl_mem_free(p->items[i].address);
		sgl_buf_clear(&p->items[i].serial);
	}
	sgl_mem_free(p->items);
}
SGL_AUTO_CLEAR_TYPE(plan, plan_clear)

/* By doubling: room is wanted only where num is a power of two. */
static sgl_status
grow(plan *p, sgl_err *err)
{
	planned *more;

	if ((p->num & (p->num - 1)) != 0)
		return SGL_OK;
	more = sgl_mem_resize(
	    p->items, (p->num == 0 ? 1 : p->num * 2) * sizeof *more);
	if (more == NULL)
		return sgl_oom(err, ROOM);
	p->items = more;
	return SGL_OK;
}

static sgl_status
add(void *ctx, const sgl_cert_record *c, sgl_err *err)
{
	plan *p = ctx;
	planned *one;
	sgl_time at = sgl_renew_time(c);

	TRY(grow(p, err));
	one = &p->items[p->num++];
	*one = (planned){.at = at > p->now ? at : p->now,
	    .until = c->not_after,
	    .purpose = c->purpose,
	    .serial = sgl_buf_init(c->serial.len)};
	TRY(sgl_buf_add(&one->serial, sgl_buf_slice(&c->serial), err));
	return sgl_slice_copy(
	    sgl_slice_str(c->address), (uint8_t **)&one->address, ROOM, err);
}

static int
compare(const void *a, const void *b)
{
	const planned *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (strcmp(x->address, y->address) != 0)
		return strcmp(x->address, y->address);
	return (int)x->purpose - (int)y->purpose;
}

/* How many there are on the day of the one at `from`. */
static size_t
count_day(const plan *p, size_t from)
{
	size_t n = 0;

	while (from + n < p->num &&
	    p->items[from + n].at / DAY == p->items[from].at / DAY)
		n++;
	return n;
}

static sgl_status
tell_one(sgl_buf *out, const planned *one, sgl_err *err)
{
	char at[SGL_DATE_TEXT], until[SGL_DATE_TEXT];

	TRY(sgl_cell_add(out, sgl_date_text(one->at, at), 11, err));
	TRY(sgl_cell_add(out, one->address, 32, err));
	TRY(sgl_cell_add(out, _(sgl_cert_purpose_name(one->purpose)), 11, err));
	return sgl_buf_printf(
	    out, err, "%s\n", sgl_date_text(one->until, until));
}

static sgl_status
tell(sgl_buf *out, const plan *p, sgl_err *err)
{
	char day[SGL_DATE_TEXT];

	if (p->num == 0)
		return sgl_buf_printf(
		    out, err, "%s", _("There is nothing to renew.\n"));
	TRY(sgl_cell_add(out, _("RENEWAL"), 11, err));
	TRY(sgl_cell_add(out, _("ADDRESS"), 32, err));
	TRY(sgl_cell_add(out, _("PURPOSE"), 11, err));
	TRY(sgl_buf_printf(out, err, "%s\n", _("UNTIL")));
	for (size_t i = 0; i < p->num; i++)
		TRY(tell_one(out, &p->items[i], err));
	for (size_t i = 0; i < p->num; i += count_day(p, i))
		TRY(sgl_buf_printf(out, err, _("%s: certificates %zu\n"),
		    sgl_date_text(p->items[i].at, day), count_day(p, i)));
	return SGL_OK;
}

static sgl_status
json_one(sgl_json *json, const planned *one, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) serial = sgl_buf_init(128);

	TRY(sgl_hex_add(&serial, sgl_buf_slice(&one->serial), err));
	sgl_json_object(json, NULL);
	sgl_json_str(json, "address", one->address);
	sgl_json_str(json, "purpose", sgl_cert_purpose_name(one->purpose));
	sgl_json_string(json, "serial", sgl_buf_slice(&serial));
	sgl_json_time(json, "not_after", one->until);
	sgl_json_time(json, "renewal", one->at);
	sgl_json_close_object(json);
	return SGL_OK;
}

static sgl_status
tell_json(sgl_json *json, const plan *p, sgl_err *err)
{
	char day[SGL_DATE_TEXT];

	sgl_json_object(json, NULL);
	sgl_json_array(json, "certificates");
	for (size_t i = 0; i < p->num; i++)
		TRY(json_one(json, &p->items[i], err));
	sgl_json_close_array(json);
	sgl_json_array(json, "days");
	for (size_t i = 0; i < p->num; i += count_day(p, i)) {
		sgl_json_object(json, NULL);
		sgl_json_str(json, "day", sgl_date_text(p->items[i].at, day));
		sgl_json_uint(json, "certificates", count_day(p, i));
		sgl_json_close_object(json);
	}
	sgl_json_close_array(json);
	sgl_json_close_object(json);
	return SGL_OK;
}

sgl_status
sgl_org_renew_plan(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(plan) p = {.now = sgl_engine_now(s->engine)};

	TRY(sgl_renew_check_alone(order->call, err));
	TRY(sgl_renew_each(s->home, add, &p, err));
	if (p.num > 1)
		qsort(p.items, p.num, sizeof *p.items, compare);
	return r->as_json ? tell_json(&r->json, &p, err)
			  : tell(&r->text, &p, err);
}
