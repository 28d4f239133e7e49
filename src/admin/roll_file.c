/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "admin/csv.h"
#include "admin/roll.h"
#include "sys/input.h"
#include "sys/log.h"

#define ROOM "admin.roll"
#define FILE_MAX ((size_t)64 << 20)
#define ROWS_MAX ((size_t)64 << 20)

void
sgl_roll_file_clear(sgl_roll_file *f)
{
	sgl_buf_clear(&f->rows);
	sgl_mem_free(f->ends);
	*f = (sgl_roll_file){0};
}

sgl_slice
sgl_roll_file_part(const sgl_roll_file *f, size_t from, size_t num)
{
	size_t begin = from == 0 ? 0 : f->ends[from - 1];

	return sgl_slice_of(
	    f->rows.data + begin, f->ends[from + num - 1] - begin);
}

/* Where the columns are; SGL_CSV_FIELDS: there is none. */
typedef struct columns {
	size_t address, name, purpose, custody;
	bool alias[SGL_CSV_FIELDS]; /* alias, alias2, "alias address"... */
} columns;

static bool
is_alias(const char *name)
{
	return strncasecmp(name, "alias", 5) == 0;
}

static void
find_columns(const sgl_csv_row *header, columns *c)
{
	c->address = sgl_csv_find(header, "address");
	c->name = sgl_csv_find(header, "name");
	c->purpose = sgl_csv_find(header, "purpose");
	c->custody = sgl_csv_find(header, "custody");
	for (size_t i = 0; i < header->num; i++)
		c->alias[i] = is_alias(header->fields[i]);
}

/* Not of a file that is no table: it may hold what must not be shown. */
static void
tell_others(const sgl_csv_row *header, const columns *c)
{
	for (size_t i = 0; i < header->num; i++)
		if (!c->alias[i] && i != c->address && i != c->name &&
		    i != c->purpose && i != c->custody)
			sgl_log_note(_("the column \"%s\" is not one that is "
				       "looked at"),
			    header->fields[i]);
}

/* A column that a short row lacks is empty. */
static const char *
field(const sgl_csv_row *row, size_t column)
{
	return column < row->num ? row->fields[column] : "";
}

/* Several in one field stand apart by blanks, commas or semicolons. */
static const char *
add_aliases(sgl_roll_row *row, const char *text)
{
	while (*(text += strspn(text, " ,;\t\n\r")) != '\0') {
		size_t len = strcspn(text, " ,;\t\n\r");
		if (row->num_aliases == SGL_ROLL_ALIASES)
			return N_("has too many aliases");
		if (len >= SGL_ROLL_ADDRESS)
			return N_("is too long for an address");
		memcpy(row->aliases[row->num_aliases], text, len);
		row->aliases[row->num_aliases++][len] = '\0';
		text += len;
	}
	return NULL;
}

static const char *
set_purpose(sgl_roll_row *row, const char *text)
{
	bool both;

	row->dual = strcasecmp(text, "dual") == 0;
	both = text[0] == '\0' || strcasecmp(text, "both") == 0 || row->dual;
	row->signing = both || strcasecmp(text, "signing") == 0;
	row->encryption = both || strcasecmp(text, "encryption") == 0;
	return row->signing || row->encryption
	    ? NULL
	    : N_("the purpose is signing, encryption, both or dual");
}

static const char *
set_custody(sgl_roll_row *row, const char *text)
{
	row->has_custody = text[0] != '\0';
	return !row->has_custody ||
		sgl_custody_find(sgl_slice_str(text), &row->custody)
	    ? NULL
	    : N_("the custody is user, server or sealed");
}

static const char *
set_texts(sgl_roll_row *row, const char *address, const char *name)
{
	if (address[0] == '\0')
		return N_("the address is missing");
	if (strlen(address) >= sizeof row->address)
		return N_("is too long for an address");
	if (strlen(name) >= sizeof row->name)
		return N_("is too long for a name");
	(void)snprintf(row->address, sizeof row->address, "%s", address);
	(void)snprintf(row->name, sizeof row->name, "%s", name);
	return NULL;
}

/* NULL, or what is wrong with it, in the order in which it stands there. */
static const char *
fill(sgl_roll_row *row, const columns *c, const sgl_csv_row *from,
    const char **detail)
{
	const char *fault = from->fault;

	if (fault == NULL)
		fault = set_texts(row, *detail = field(from, c->address),
		    field(from, c->name));
	if (fault == NULL)
		fault = set_purpose(row, *detail = field(from, c->purpose));
	if (fault == NULL)
		fault = set_custody(row, *detail = field(from, c->custody));
	for (size_t i = 0; fault == NULL && i < from->num; i++)
		if (c->alias[i])
			fault = add_aliases(row, *detail = from->fields[i]);
	return fault;
}

/* One file being read. */
typedef struct reading {
	sgl_csv csv;
	columns columns;
	sgl_roll_file *out;
	size_t room, num_wrong;
	sgl_roll_wrong wrong;
	void *ctx;
} reading;

static sgl_status
make_room(reading *r, sgl_err *err)
{
	size_t room = r->room == 0 ? 256 : 2 * r->room, *more;

	if (r->out->num < r->room)
		return SGL_OK;
	more = sgl_mem_resize(r->out->ends, room * sizeof *more);
	if (more == NULL)
		return sgl_oom(err, ROOM);
	r->out->ends = more;
	r->room = room;
	return SGL_OK;
}

static sgl_status
take_row(reading *r, const sgl_csv_row *from, sgl_err *err)
{
	sgl_wire w = sgl_wire_over(&r->out->rows);
	const char *fault, *detail = "";
	sgl_roll_row row = {.line = from->line};

	fault = fill(&row, &r->columns, from, &detail);
	if (fault != NULL) {
		r->num_wrong++;
		return r->wrong(r->ctx, from->line, fault, detail, err);
	}
	TRY(make_room(r, err));
	sgl_roll_add(&w, &row);
	TRY(sgl_wire_end(&w, err));
	r->out->ends[r->out->num++] = r->out->rows.len;
	return SGL_OK;
}

static sgl_status
read_rows(reading *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_csv_row) row = {0};
	bool found = true;

	for (;;) {
		TRY(sgl_csv_next(&r->csv, &row, &found, err));
		if (!found)
			return SGL_OK;
		if (r->out->num + r->num_wrong == SGL_ROLL_MAX)
			return sgl_fail(err, SGL_E_LIMIT, ROOM, SGL_NO_OFFSET,
			    N_("the table has too many rows; divide it"));
		TRY(take_row(r, &row, err));
	}
}

static sgl_status
read_table(reading *r, const char *path, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_csv_row) header = {0};
	bool found;

	TRY(sgl_csv_next(&r->csv, &header, &found, err));
	if (found && header.fault == NULL)
		find_columns(&header, &r->columns);
	if (!found || header.fault != NULL ||
	    r->columns.address == SGL_CSV_FIELDS)
		return sgl_fail_at(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
		    N_("the first line must name the columns, \"address\" "
		       "among them (name, alias, purpose, custody)"),
		    "%s", path);
	tell_others(&header, &r->columns);
	TRY(read_rows(r, err));
	if (r->out->num + r->num_wrong > 0)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
	    N_("nobody is in the table"), "%s", path);
}

sgl_status
sgl_roll_file_read(const char *path, sgl_roll_file *out, sgl_roll_wrong wrong,
    void *ctx, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init(FILE_MAX);
	SGL_AUTO_CLEAR(sgl_roll_file) f = {.rows = sgl_buf_init(ROWS_MAX)};
	reading r = {.out = &f, .wrong = wrong, .ctx = ctx};

	TRY(sgl_file_read(path, &text, err));
	r.csv = sgl_csv_over(sgl_buf_slice(&text));
	TRY(read_table(&r, path, err));
	*out = f;
	f = (sgl_roll_file){0};
	return SGL_OK;
}
