/* SPDX-License-Identifier: Apache-2.0 */
/* Records out of rows: one, all, or page by page. */
#include "store/query.h"

void
sgl_rows_clear(const sgl_record_type *type, sgl_rows rows)
{
	for (size_t i = 0; i < rows.num; i++)
		type->clear((uint8_t *)rows.items + i * type->size);
	sgl_mem_free(rows.items);
}

sgl_status
sgl_query_one(sgl_query *q, const sgl_record_type *type, void *record,
    bool *found, sgl_err *err)
{
	sgl_status status;
	bool row;

	TRY(sgl_query_step(q, &row, err));
	if (row) {
		memset(record, 0, type->size);
		status = type->read(q, record, err);
		if (status != SGL_OK) {
			type->clear(record);
			return status;
		}
	}
	*found = row;
	return SGL_OK;
}

/* By doubling: room is wanted only where num is a power of two. */
static sgl_status
grow(sgl_rows *rows, size_t size, sgl_err *err)
{
	size_t num = rows->num, bytes;
	void *grown;

	if ((num & (num - 1)) != 0)
		return SGL_OK;
	if (__builtin_mul_overflow(num == 0 ? 1 : num * 2, size, &bytes))
		return sgl_oom(err, SGL_STORE_ROOM);
	grown = sgl_mem_resize(rows->items, bytes);
	if (grown == NULL)
		return sgl_oom(err, SGL_STORE_ROOM);
	rows->items = grown;
	return SGL_OK;
}

static sgl_status
read_rows(
    sgl_query *q, const sgl_record_type *type, sgl_rows *rows, sgl_err *err)
{
	bool row;

	TRY(sgl_query_step(q, &row, err));
	while (row) {
		uint8_t *at;
		TRY(grow(rows, type->size, err));
		at = (uint8_t *)rows->items + rows->num * type->size;
		memset(at, 0, type->size);
		rows->num++;
		TRY(type->read(q, at, err));
		TRY(sgl_query_step(q, &row, err));
	}
	return SGL_OK;
}

sgl_status
sgl_query_rows(
    sgl_query *q, const sgl_record_type *type, sgl_rows *out, sgl_err *err)
{
	sgl_rows rows = {0};
	sgl_status status = read_rows(q, type, &rows, err);

	if (status == SGL_OK)
		*out = rows;
	else
		sgl_rows_clear(type, rows);
	return status;
}

static sgl_status
read_page(sgl_store *store, const sgl_pages *p, const void *last, sgl_rows *out,
    sgl_err *err)
{
	SGL_QUERY(q, store, p->sql);

	p->bind(&q, last, p->ctx);
	return sgl_query_rows(&q, p->type, out, err);
}

static sgl_status
visit_page(const sgl_pages *p, sgl_rows page, sgl_err *err)
{
	for (size_t i = 0; i < page.num; i++)
		TRY(p->visit(p->ctx,
		    (const uint8_t *)page.items + i * p->type->size, err));
	return SGL_OK;
}

/* The last record of a page lives until the next page is read. */
sgl_status
sgl_store_pages(sgl_store *store, const sgl_pages *p, sgl_err *err)
{
	sgl_rows page = {0}, next = {0};
	sgl_status status = read_page(store, p, NULL, &page, err);

	while (status == SGL_OK && page.num > 0) {
		const uint8_t *last = (const uint8_t *)page.items +
		    (page.num - 1) * p->type->size;
		status = visit_page(p, page, err);
		if (status != SGL_OK || page.num < SGL_PAGE)
			break;
		status = read_page(store, p, last, &next, err);
		sgl_rows_clear(p->type, page);
		page = next;
		next = (sgl_rows){0};
	}
	sgl_rows_clear(p->type, page);
	return status;
}
