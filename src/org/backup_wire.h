/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is inside of a backup: messages (sys/wire.h) in this order,
 *
 *	HEAD		what it is
 *	FILE ...	of the home: settings and what opens the keys
 *	TABLE, ROW ...	all records (store/dump.h)
 *	END		how many there were
 *
 * This form is never changed, only added to: old backups stay readable.
 */
#ifndef SGL_ORG_BACKUP_WIRE_H
#define SGL_ORG_BACKUP_WIRE_H

#include "store/dump.h"
#include "sys/wire.h"

typedef enum sgl_backup_type {
	SGL_BACKUP_HEAD = 1,
	SGL_BACKUP_FILE,
	SGL_BACKUP_TABLE,
	SGL_BACKUP_ROW,
	SGL_BACKUP_END
} sgl_backup_type;

#define SGL_BACKUP_FORMAT 1
#define SGL_BACKUP_MESSAGE_MAX (SGL_STORE_BLOB + ((size_t)1 << 20))
#define SGL_BACKUP_FILE_MAX ((size_t)1 << 20)

typedef struct sgl_backup_head {
	int format;
	char release[32];
	int version; /* of the tables */
	sgl_time when;
	char domain[512];
	int64_t generation;
} sgl_backup_head;
void sgl_backup_add_head(sgl_wire *w, const sgl_backup_head *h);
void sgl_backup_read_head(sgl_unwire *u, sgl_backup_head *out);

/* `name` is a path in the home, of our own kind: folders of one level, no dot
 * in front. The bytes are borrowed. */
typedef struct sgl_backup_file {
	char name[256];
	sgl_slice bytes;
} sgl_backup_file;
void sgl_backup_add_file(sgl_wire *w, const sgl_backup_file *f);
void sgl_backup_read_file(sgl_unwire *u, sgl_backup_file *out);

void sgl_backup_add_table(sgl_wire *w, const sgl_dump_table *t);
void sgl_backup_read_table(sgl_unwire *u, sgl_dump_table *out);

/* A row says what its values are; whether they fit is for the loader. */
void sgl_backup_add_row(sgl_wire *w, const sgl_value *values, size_t num);
void sgl_backup_read_row(sgl_unwire *u, sgl_value *values, size_t *num);

typedef struct sgl_backup_end {
	uint64_t files, tables, rows;
} sgl_backup_end;
void sgl_backup_add_end(sgl_wire *w, const sgl_backup_end *e);
void sgl_backup_read_end(sgl_unwire *u, sgl_backup_end *out);

#endif
