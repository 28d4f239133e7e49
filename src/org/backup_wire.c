/* SPDX-License-Identifier: Apache-2.0 */
#include "org/backup_wire.h"

void
sgl_backup_add_head(sgl_wire *w, const sgl_backup_head *h)
{
	sgl_wire_add_text(w, "sigill backup");
	sgl_wire_add_int(w, h->format);
	sgl_wire_add_text(w, h->release);
	sgl_wire_add_int(w, h->version);
	sgl_wire_add_int(w, h->when);
	sgl_wire_add_text(w, h->domain);
	sgl_wire_add_int(w, h->generation);
}

void
sgl_backup_read_head(sgl_unwire *u, sgl_backup_head *out)
{
	char magic[16];

	sgl_unwire_text(u, magic, sizeof magic);
	if (strcmp(magic, "sigill backup") != 0)
		u->failed = true;
	out->format = (int)sgl_unwire_int(u, 1, SGL_BACKUP_FORMAT);
	sgl_unwire_text(u, out->release, sizeof out->release);
	out->version = (int)sgl_unwire_int(u, 1, 10000);
	out->when = sgl_unwire_int(u, INT64_MIN, INT64_MAX);
	sgl_unwire_text(u, out->domain, sizeof out->domain);
	out->generation = sgl_unwire_int(u, 0, INT64_MAX);
}

void
sgl_backup_add_file(sgl_wire *w, const sgl_backup_file *f)
{
	sgl_wire_add_text(w, f->name);
	sgl_wire_add_bytes(w, f->bytes);
}

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/* It becomes a path: nothing that leads out of the home. */
static bool
is_file_name(const char *name)
{
	size_t slashes = 0;

	if (*name == '\0')
		return false;
	for (const char *at = name; *at != '\0'; at++) {
		bool begins = at == name || at[-1] == '/';
		if (*at == '/' ? begins || at[1] == '\0' || ++slashes > 1
			       : !is_plain(*at) || (begins && *at == '.'))
			return false;
	}
	return true;
}

void
sgl_backup_read_file(sgl_unwire *u, sgl_backup_file *out)
{
	sgl_unwire_text(u, out->name, sizeof out->name);
	out->bytes = sgl_unwire_bytes(u, SGL_BACKUP_FILE_MAX);
	if (!is_file_name(out->name))
		u->failed = true;
}

void
sgl_backup_add_table(sgl_wire *w, const sgl_dump_table *t)
{
	sgl_wire_add_text(w, t->name);
	sgl_wire_add_int(w, (int64_t)t->num);
	for (size_t i = 0; i < t->num; i++) {
		sgl_wire_add_text(w, t->columns[i].name);
		sgl_wire_add_int(w, t->columns[i].kind);
	}
}

void
sgl_backup_read_table(sgl_unwire *u, sgl_dump_table *out)
{
	sgl_unwire_text(u, out->name, sizeof out->name);
	out->num = (size_t)sgl_unwire_int(u, 1, SGL_QUERY_VALUES);
	for (size_t i = 0; i < out->num; i++) {
		sgl_unwire_text(
		    u, out->columns[i].name, sizeof out->columns[i].name);
		out->columns[i].kind = (sgl_value_kind)sgl_unwire_int(
		    u, SGL_VALUE_INT, SGL_VALUE_BLOB);
	}
}

void
sgl_backup_add_row(sgl_wire *w, const sgl_value *values, size_t num)
{
	sgl_wire_add_int(w, (int64_t)num);
	for (size_t i = 0; i < num; i++) {
		const sgl_value *v = &values[i];
		sgl_wire_add_int(
		    w, v->is_null ? -1 - (int)v->kind : (int)v->kind);
		if (v->is_null)
			continue;
		if (v->kind == SGL_VALUE_INT)
			sgl_wire_add_int(w, v->number);
		else
			sgl_wire_add_bytes(w, v->bytes);
	}
}

static void
read_value(sgl_unwire *u, sgl_value *v)
{
	int64_t kind = sgl_unwire_int(u, -1 - SGL_VALUE_BLOB, SGL_VALUE_BLOB);

	*v = (sgl_value){.is_null = kind < 0,
	    .kind = (sgl_value_kind)(kind < 0 ? -1 - kind : kind)};
	if (v->is_null)
		return;
	if (v->kind == SGL_VALUE_INT)
		v->number = sgl_unwire_int(u, INT64_MIN, INT64_MAX);
	else
		v->bytes = sgl_unwire_bytes(u, SGL_STORE_BLOB);
}

void
sgl_backup_read_row(sgl_unwire *u, sgl_value *values, size_t *num)
{
	*num = (size_t)sgl_unwire_int(u, 1, SGL_QUERY_VALUES);
	for (size_t i = 0; i < *num; i++)
		read_value(u, &values[i]);
}

void
sgl_backup_add_end(sgl_wire *w, const sgl_backup_end *e)
{
	sgl_wire_add_int(w, (int64_t)e->files);
	sgl_wire_add_int(w, (int64_t)e->tables);
	sgl_wire_add_int(w, (int64_t)e->rows);
}

void
sgl_backup_read_end(sgl_unwire *u, sgl_backup_end *out)
{
	out->files = (uint64_t)sgl_unwire_int(u, 0, INT64_MAX);
	out->tables = (uint64_t)sgl_unwire_int(u, 0, INT64_MAX);
	out->rows = (uint64_t)sgl_unwire_int(u, 0, INT64_MAX);
}
