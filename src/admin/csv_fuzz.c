/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that are right, written with every field in quotes, read the same. */
#include <stdlib.h>

#include "base/utf8.h"
#include "admin/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
write_row(const sgl_csv_row *row, char separator, sgl_buf *out)
{
	for (size_t i = 0; i < row->num; i++) {
		if (i > 0)
			check(sgl_buf_add(out, sgl_slice_of(&separator, 1),
				  NULL) == SGL_OK);
		check(sgl_buf_add_str(out, "\"", NULL) == SGL_OK);
		for (const char *c = row->fields[i]; *c != '\0'; c++)
			check(sgl_buf_add(out, sgl_slice_of(c, 1), NULL) ==
				SGL_OK &&
			    (*c != '"' ||
				sgl_buf_add_str(out, "\"", NULL) == SGL_OK));
		check(sgl_buf_add_str(out, "\"", NULL) == SGL_OK);
	}
	check(sgl_buf_add_str(out, "\r\n", NULL) == SGL_OK);
}

static void
check_again(const sgl_csv_row *row, char separator)
{
	SGL_AUTO_CLEAR(sgl_buf) text = sgl_buf_init((size_t)1 << 20);
	SGL_AUTO_CLEAR(sgl_csv_row) again = {0};
	sgl_csv csv;
	bool found;

	write_row(row, separator, &text);
	csv = sgl_csv_over(sgl_buf_slice(&text));
	csv.separator = (uint8_t)separator;
	check(sgl_csv_next(&csv, &again, &found, NULL) == SGL_OK);
	check(found && again.fault == NULL && again.num == row->num);
	for (size_t i = 0; i < row->num; i++)
		check(strcmp(row->fields[i], again.fields[i]) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SGL_AUTO_CLEAR(sgl_csv_row) row = {0};
	sgl_csv csv = sgl_csv_over(sgl_slice_of(data, size));
	size_t line = 0;
	bool found = true;

	while (found) {
		check(sgl_csv_next(&csv, &row, &found, NULL) == SGL_OK);
		if (!found)
			break;
		check(row.line > line && row.num > 0);
		line = row.line;
		for (size_t i = 0; row.fault == NULL && i < row.num; i++)
			check(sgl_utf8_is(sgl_slice_str(row.fields[i])));
		if (row.fault == NULL)
			check_again(&row, (char)csv.separator);
	}
	return 0;
}
