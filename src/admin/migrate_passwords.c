/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "admin/csv.h"
#include "admin/migrate.h"
#include "sys/input.h"

#define ROOM "admin.migrate"
#define FILE_MAX ((size_t)16 << 20)

void
sgl_migrate_passwords_clear(sgl_migrate_passwords *p)
{
	for (size_t i = 0; i < p->num; i++) {
		sgl_mem_free(p->items[i].file);
		sgl_mem_free(p->items[i].address);
		sgl_secret_clear(&p->items[i].password);
	}
	sgl_mem_free(p->items);
	*p = (sgl_migrate_passwords){0};
}

typedef struct columns {
	size_t file, address, password;
} columns;

static sgl_status
fail_line(size_t line, const char *path, const char *text, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET, text,
	    _("%s, line %zu"), path, line);
}

static sgl_status
fail_fault(const sgl_csv_row *row, const char *path, sgl_err *err)
{
	return sgl_fail_at(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
	    N_("a line of the table cannot be read"), _("%s, line %zu: %s"),
	    path, row->line, _(row->fault));
}

static const char *
field(const sgl_csv_row *row, size_t column)
{
	return column < row->num ? row->fields[column] : "";
}

static sgl_status
take_row(const sgl_csv_row *row, const columns *c, sgl_migrate_passwords *p,
    sgl_err *err)
{
	sgl_migrate_password *more = sgl_mem_resize(
				 p->items, (p->num + 1) * sizeof *more),
			     *item;

	if (more == NULL)
		return sgl_oom(err, ROOM);
	p->items = more;
	item = &more[p->num++];
	*item = (sgl_migrate_password){0};
	TRY(sgl_slice_copy(sgl_slice_str(field(row, c->file)),
	    (uint8_t **)&item->file, ROOM, err));
	TRY(sgl_slice_copy(sgl_slice_str(field(row, c->address)),
	    (uint8_t **)&item->address, ROOM, err));
	return sgl_secret_set(
	    &item->password, sgl_slice_str(field(row, c->password)), err);
}

static sgl_status
read_header(sgl_csv *csv, const char *path, columns *c, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_csv_row) header = {0};
	bool found;

	TRY(sgl_csv_next(csv, &header, &found, err));
	c->file = sgl_csv_find(&header, "file");
	c->address = sgl_csv_find(&header, "address");
	c->password = sgl_csv_find(&header, "password");
	if (found && header.fault == NULL && c->password != SGL_CSV_FIELDS &&
	    (c->file != SGL_CSV_FIELDS || c->address != SGL_CSV_FIELDS))
		return SGL_OK;
	return fail_line(1, path,
	    N_("the first line must name the columns \"password\" and "
	       "\"file\" or \"address\""),
	    err);
}

static sgl_status
read_table(
    sgl_slice text, const char *path, sgl_migrate_passwords *p, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_csv_row) row = {0};
	sgl_csv csv = sgl_csv_over(text);
	columns c;
	bool found = true;

	TRY(read_header(&csv, path, &c, err));
	for (;;) {
		TRY(sgl_csv_next(&csv, &row, &found, err));
		if (!found)
			return SGL_OK;
		if (row.fault != NULL)
			return fail_fault(&row, path, err);
		if (field(&row, c.file)[0] == '\0' &&
		    field(&row, c.address)[0] == '\0')
			return fail_line(row.line, path,
			    N_("neither a file nor an address is given"), err);
		TRY(take_row(&row, &c, p, err));
	}
}

sgl_status
sgl_migrate_passwords_read(
    const char *path, sgl_migrate_passwords *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_migrate_passwords) p = {0};
	sgl_buf text = {.max = FILE_MAX, .secret = true};
	sgl_status status = sgl_file_read(path, &text, err);

	if (status == SGL_OK)
		status = read_table(sgl_buf_slice(&text), path, &p, err);
	sgl_buf_wipe(&text);
	if (status != SGL_OK)
		return status;
	*out = p;
	p = (sgl_migrate_passwords){0};
	return SGL_OK;
}

bool
sgl_migrate_password_fits(const sgl_migrate_password *p, const char *file)
{
	if (p->file[0] != '\0')
		return strcmp(p->file, file) == 0;
	return strncasecmp(p->address, file, strlen(p->address)) == 0;
}

const sgl_migrate_password *
sgl_migrate_password_of(const sgl_migrate_passwords *p, const char *file)
{
	const sgl_migrate_password *found = NULL;

	for (size_t i = 0; i < p->num; i++) {
		const sgl_migrate_password *item = &p->items[i];
		if (!sgl_migrate_password_fits(item, file))
			continue;
		if (item->file[0] != '\0')
			return item;
		if (found == NULL)
			found = item;
	}
	return found;
}
