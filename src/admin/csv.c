/* SPDX-License-Identifier: Apache-2.0 */
#include <strings.h>

#include "base/utf8.h"
#include "admin/csv.h"
#include "sys/text.h"

#define ROOM "admin.csv"
#define BOM "\xef\xbb\xbf"

static uint8_t
find_separator(sgl_slice text)
{
	for (size_t i = 0; i < text.len && text.data[i] != '\n'; i++)
		if (text.data[i] == ',' || text.data[i] == ';' ||
		    text.data[i] == '\t')
			return text.data[i];
	return ',';
}

sgl_csv
sgl_csv_over(sgl_slice text)
{
	sgl_csv csv = {.rest = text, .line = 1};

	if (text.len >= 3 &&
	    sgl_slice_eq(sgl_slice_first(text, 3), SGL_LIT(BOM)))
		csv.rest = sgl_slice_from(text, 3);
	csv.separator = find_separator(csv.rest);
	return csv;
}

void
sgl_csv_row_clear(sgl_csv_row *row)
{
	sgl_buf_wipe(&row->store);
	*row = (sgl_csv_row){0};
}

/* The first byte that is left, or -1. */
static int
peek(const sgl_csv *csv)
{
	return csv->rest.len > 0 ? csv->rest.data[0] : -1;
}

static int
take(sgl_csv *csv)
{
	int c = peek(csv);

	if (c >= 0)
		csv->rest = sgl_slice_from(csv->rest, 1);
	csv->line += c == '\n';
	return c;
}

static bool
ends_field(const sgl_csv *csv, int c)
{
	return c < 0 || c == '\n' || c == csv->separator;
}

static void
fault(sgl_csv_row *row, const char *text)
{
	if (row->fault == NULL)
		row->fault = text;
}

static sgl_status
keep(sgl_csv_row *row, size_t from, int c, sgl_err *err)
{
	uint8_t byte = (uint8_t)c;

	if (row->store.len - from >= SGL_CSV_FIELD_MAX) {
		fault(row, N_("a field is too long"));
		return SGL_OK;
	}
	return sgl_buf_add(&row->store, sgl_slice_of(&byte, 1), err);
}

/* Behind the opening quote, to behind the closing one. */
static sgl_status
read_quoted(sgl_csv *csv, sgl_csv_row *row, size_t from, sgl_err *err)
{
	for (;;) {
		int c = take(csv);
		if (c < 0) {
			fault(row, N_("a quote is not closed"));
			return SGL_OK;
		}
		if (c == '"' && peek(csv) != '"')
			return SGL_OK;
		if (c == '"')
			(void)take(csv);
		TRY(keep(row, from, c, err));
	}
}

static sgl_status
read_plain(sgl_csv *csv, sgl_csv_row *row, size_t from, sgl_err *err)
{
	while (!ends_field(csv, peek(csv))) {
		int c = take(csv);
		if (c == '"')
			fault(row, N_("a quote stands inside of a field"));
		TRY(keep(row, from, c, err));
	}
	while (row->store.len > from &&
	    strchr(" \t\r", row->store.data[row->store.len - 1]) != NULL)
		row->store.len--;
	return SGL_OK;
}

static void
skip_blanks(sgl_csv *csv)
{
	while (
	    peek(csv) == ' ' || (peek(csv) == '\t' && csv->separator != '\t'))
		(void)take(csv);
}

/* Line ends may stand in quotes, in columns that nobody looks at. */
static bool
is_harmful(uint32_t cp)
{
	return cp != '\n' && cp != '\r' && cp != '\t' &&
	    sgl_utf8_is_harmful(cp);
}

static void
check_text(sgl_csv_row *row, sgl_slice text)
{
	while (text.len > 0) {
		uint32_t cp = 0;
		size_t n = sgl_utf8_read(text, &cp);
		if (n == 0) {
			fault(row, N_("is not UTF-8"));
			return;
		}
		if (is_harmful(cp)) {
			fault(row, N_("holds control characters"));
			return;
		}
		text = sgl_slice_from(text, n);
	}
}

static sgl_status
read_field(sgl_csv *csv, sgl_csv_row *row, size_t *from, sgl_err *err)
{
	*from = row->store.len;
	skip_blanks(csv);
	if (peek(csv) == '"') {
		(void)take(csv);
		TRY(read_quoted(csv, row, *from, err));
		while (peek(csv) == ' ' || peek(csv) == '\r')
			(void)take(csv);
		if (!ends_field(csv, peek(csv)))
			fault(row, N_("text follows a closing quote"));
		while (!ends_field(csv, peek(csv)))
			(void)take(csv);
	} else {
		TRY(read_plain(csv, row, *from, err));
	}
	check_text(row, sgl_slice_from(sgl_buf_slice(&row->store), *from));
	return sgl_buf_add(&row->store, sgl_slice_of("", 1), err);
}

static sgl_status
read_row(sgl_csv *csv, sgl_csv_row *row, sgl_err *err)
{
	size_t from[SGL_CSV_FIELDS], ignored;
	int end;

	row->line = csv->line;
	row->num = 0;
	row->fault = NULL;
	row->store.len = 0;
	do {
		bool fits = row->num < SGL_CSV_FIELDS;

		if (!fits)
			fault(row, N_("has too many fields"));
		TRY(read_field(
		    csv, row, fits ? &from[row->num++] : &ignored, err));
		end = take(csv);
	} while (end == csv->separator);
	for (size_t i = 0; i < row->num; i++)
		row->fields[i] = (const char *)row->store.data + from[i];
	return SGL_OK;
}

static bool
is_empty(const sgl_csv_row *row)
{
	return row->fault == NULL && row->num == 1 && row->fields[0][0] == '\0';
}

sgl_status
sgl_csv_next(sgl_csv *csv, sgl_csv_row *row, bool *found, sgl_err *err)
{
	row->store.max = (SGL_CSV_FIELDS + 1) * (SGL_CSV_FIELD_MAX + 1);
	row->store.secret = true;
	for (*found = false; !*found && csv->rest.len > 0;) {
		TRY(read_row(csv, row, err));
		*found = !is_empty(row);
	}
	return SGL_OK;
}

size_t
sgl_csv_find(const sgl_csv_row *header, const char *name)
{
	for (size_t i = 0; i < header->num; i++)
		if (strcasecmp(header->fields[i], name) == 0)
			return i;
	return SGL_CSV_FIELDS;
}
