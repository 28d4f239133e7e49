/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/table.h"
#include "admin/wire.h"

#define ROOM "admin.org"
#define WORD_MAX ((size_t)64 << 10)
#define PASSWORD_MAX ((size_t)4096)

void
sgl_org_called_clear(sgl_org_called *c)
{
	sgl_order_clear(&c->order);
	sgl_buf_clear(&c->texts);
}

void
sgl_org_add_call(sgl_wire *w, const sgl_order *order)
{
	const sgl_call *call = order->call;

	sgl_wire_add_text(w, sgl_text_language());
	sgl_wire_add_text(w, call->command->name);
	sgl_wire_add_int(w, (int64_t)call->num_given);
	for (size_t i = 0; i < call->num_given; i++) {
		sgl_wire_add_text(w, call->given[i].option->name);
		sgl_wire_add_int(w, call->given[i].value != NULL);
		sgl_wire_add_text(w, call->given[i].value);
	}
	sgl_wire_add_int(w, (int64_t)call->num_args);
	for (size_t i = 0; i < call->num_args; i++)
		sgl_wire_add_text(w, call->args[i]);
	sgl_wire_add_int(w, order->is_settled);
	sgl_wire_add_int(w, order->at);
	sgl_wire_add_int(w, order->done);
	sgl_wire_add_int(w, order->password.data != NULL);
	sgl_wire_add_bytes(w, sgl_secret_slice(&order->password));
	sgl_wire_add_bytes(w, sgl_buf_slice(&order->input));
}

/* Texts are kept one behind the other in memory that does not move. */
static const char *
read_text(sgl_unwire *u, sgl_buf *texts)
{
	sgl_slice text = sgl_unwire_bytes(u, WORD_MAX);
	const char *at = (const char *)texts->data + texts->len;

	if (u->failed || texts->len + text.len + 1 > texts->cap ||
	    (text.len > 0 && memchr(text.data, 0, text.len) != NULL)) {
		u->failed = true;
		return "";
	}
	if (sgl_buf_add(texts, text, NULL) != SGL_OK ||
	    sgl_buf_add(texts, sgl_slice_of("", 1), NULL) != SGL_OK)
		u->failed = true;
	return at;
}

static const sgl_option *
find_option(const sgl_command *c, const char *name)
{
	for (const sgl_option *o = c->options; o != NULL && o->name != NULL;
	     o++)
		if (strcmp(o->name, name) == 0)
			return o;
	return NULL;
}

static sgl_status
refuse(const char *name, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("the service does not know this: is it of another release?"),
	    "%s", name);
}

static sgl_status
read_options(sgl_unwire *u, sgl_org_called *out, sgl_err *err)
{
	sgl_call *call = &out->call;

	call->num_given = (size_t)sgl_unwire_int(u, 0, SGL_CALL_OPTIONS);
	for (size_t i = 0; i < call->num_given; i++) {
		const char *name = read_text(u, &out->texts);
		bool has_value = sgl_unwire_bool(u);
		const char *value = read_text(u, &out->texts);

		if (!has_value && value[0] != '\0')
			u->failed = true;
		if (u->failed)
			break;
		call->given[i].option = find_option(call->command, name);
		if (call->given[i].option == NULL ||
		    has_value != (call->given[i].option->value != NULL))
			return refuse(name, err);
		call->given[i].value = has_value ? value : NULL;
	}
	return SGL_OK;
}

static sgl_status
read_words(sgl_unwire *u, sgl_org_called *out, sgl_err *err)
{
	sgl_call *call = &out->call;
	const char *name;

	sgl_unwire_text(u, out->language, sizeof out->language);
	name = read_text(u, &out->texts);
	call->command = sgl_org_find_command(name);
	if (call->command == NULL)
		return refuse(name, err);
	TRY(read_options(u, out, err));
	call->num_args = (size_t)sgl_unwire_int(u, 0, SGL_CALL_ARGS);
	for (size_t i = 0; i < call->num_args; i++)
		call->args[i] = read_text(u, &out->texts);
	if (call->num_args < call->command->min_args ||
	    call->num_args > call->command->max_args)
		return refuse(name, err);
	return SGL_OK;
}

static sgl_status
keep_input(sgl_slice input, sgl_order *order, sgl_err *err)
{
	order->input = (sgl_buf){.max = SGL_ORG_CALL_MAX, .secret = true};
	return sgl_buf_add(&order->input, input, err);
}

sgl_status
sgl_org_read_call(sgl_unwire *u, sgl_org_called *out, sgl_err *err)
{
	bool has_password;
	sgl_slice password, input;

	out->texts = sgl_buf_init(SGL_ORG_CALL_MAX + 4096);
	TRY(sgl_buf_reserve(&out->texts, (size_t)(u->end - u->at) + 1, err));
	TRY(read_words(u, out, err));
	out->order.call = &out->call;
	out->order.is_settled = sgl_unwire_bool(u);
	out->order.at = sgl_unwire_int(u, 0, INT64_MAX);
	out->order.done = sgl_unwire_int(u, 0, INT64_MAX);
	has_password = sgl_unwire_bool(u);
	password = sgl_unwire_bytes(u, PASSWORD_MAX);
	if (!has_password && password.len > 0)
		u->failed = true;
	input = sgl_unwire_bytes(u, SGL_ORG_CALL_MAX);
	TRY(sgl_unwire_end(u, err));
	TRY(keep_input(input, &out->order, err));
	return has_password
	    ? sgl_secret_set(&out->order.password, password, err)
	    : SGL_OK;
}

void
sgl_org_add_end(sgl_wire *w, const sgl_reply *r)
{
	sgl_wire_add_int(w, r->aside);
	sgl_wire_add_int(w, r->has_file);
	sgl_wire_add_int(w, r->file_is_secret);
	sgl_wire_add_int(w, r->needs_password);
	sgl_wire_add_int(w, r->wants_settling);
	sgl_wire_add_int(w, r->goes_on);
	sgl_wire_add_int(w, r->at);
	sgl_wire_add_int(w, r->done);
	sgl_wire_add_int(w, r->exit_status);
}

void
sgl_org_read_end(sgl_unwire *u, sgl_reply *r)
{
	r->aside = sgl_unwire_bool(u);
	r->has_file = sgl_unwire_bool(u);
	r->file_is_secret = sgl_unwire_bool(u);
	r->needs_password = sgl_unwire_bool(u);
	r->wants_settling = sgl_unwire_bool(u);
	r->goes_on = sgl_unwire_bool(u);
	r->at = sgl_unwire_int(u, 0, INT64_MAX);
	r->done = sgl_unwire_int(u, 0, INT64_MAX);
	r->exit_status = (int)sgl_unwire_int(u, 0, 125);
}

void
sgl_org_add_wait(sgl_wire *w, size_t have, size_t need)
{
	sgl_wire_add_int(w, (int64_t)have);
	sgl_wire_add_int(w, (int64_t)need);
}

void
sgl_org_read_wait(sgl_unwire *u, size_t *have, size_t *need)
{
	*have = (size_t)sgl_unwire_int(u, 0, INT32_MAX);
	*need = (size_t)sgl_unwire_int(u, 0, INT32_MAX);
}
