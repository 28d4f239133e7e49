/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/roll.h"

void
sgl_roll_add(sgl_wire *w, const sgl_roll_row *row)
{
	sgl_wire_add_int(w, (int64_t)row->line);
	sgl_wire_add_text(w, row->address);
	sgl_wire_add_text(w, row->name);
	sgl_wire_add_int(w, (int64_t)row->num_aliases);
	for (size_t i = 0; i < row->num_aliases; i++)
		sgl_wire_add_text(w, row->aliases[i]);
	sgl_wire_add_int(w, row->signing);
	sgl_wire_add_int(w, row->encryption);
	sgl_wire_add_int(w, row->dual);
	sgl_wire_add_int(w, row->has_custody);
	sgl_wire_add_int(w, row->custody);
}

void
sgl_roll_read(sgl_unwire *u, sgl_roll_row *out)
{
	out->line = (size_t)sgl_unwire_int(u, 0, INT64_MAX);
	sgl_unwire_text(u, out->address, sizeof out->address);
	sgl_unwire_text(u, out->name, sizeof out->name);
	out->num_aliases = (size_t)sgl_unwire_int(u, 0, SGL_ROLL_ALIASES);
	for (size_t i = 0; i < out->num_aliases; i++)
		sgl_unwire_text(u, out->aliases[i], sizeof out->aliases[i]);
	out->signing = sgl_unwire_bool(u);
	out->encryption = sgl_unwire_bool(u);
	out->dual = sgl_unwire_bool(u);
	out->has_custody = sgl_unwire_bool(u);
	out->custody = (sgl_custody)sgl_unwire_int(
	    u, SGL_CUSTODY_USER, SGL_CUSTODY_SEALED);
}

void
sgl_roll_add_result(sgl_wire *w, const sgl_roll_result *r)
{
	sgl_wire_add_int(w, (int64_t)r->line);
	sgl_wire_add_int(w, r->outcome);
	sgl_wire_add_text(w, r->text);
	sgl_wire_add_text(w, r->detail);
}

void
sgl_roll_read_result(sgl_unwire *u, sgl_roll_result *out)
{
	out->line = (size_t)sgl_unwire_int(u, 0, INT64_MAX);
	out->outcome =
	    (sgl_roll_outcome)sgl_unwire_int(u, SGL_ROLL_NEW, SGL_ROLL_WRONG);
	sgl_unwire_text(u, out->text, sizeof out->text);
	sgl_unwire_text(u, out->detail, sizeof out->detail);
}

void
sgl_roll_add_head(sgl_wire *w, const sgl_roll_head *head)
{
	sgl_wire_add_int(w, head->only_check);
	sgl_wire_add_int(w, (int64_t)head->num);
}

void
sgl_roll_read_head(sgl_unwire *u, sgl_roll_head *out)
{
	out->only_check = sgl_unwire_bool(u);
	out->num = (size_t)sgl_unwire_int(u, 0, SGL_ROLL_MAX);
}
