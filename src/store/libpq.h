/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL's client library, loaded when it is first needed: linked, it and
 * the score of libraries behind it would slow down every start of a program
 * whose database is a file.
 */
#ifndef SGL_STORE_LIBPQ_H
#define SGL_STORE_LIBPQ_H

#include <libpq-fe.h>

#include "base/mem.h"

#define SGL_LIBPQ_CALLS(X)                                                     \
	X(PQconnectdbParams)                                                   \
	X(PQpingParams)                                                        \
	X(PQconninfoParse)                                                     \
	X(PQconninfoFree)                                                      \
	X(PQfreemem)                                                           \
	X(PQfinish)                                                            \
	X(PQstatus)                                                            \
	X(PQtransactionStatus)                                                 \
	X(PQparameterStatus)                                                   \
	X(PQerrorMessage)                                                      \
	X(PQconnectionNeedsPassword)                                           \
	X(PQconnectionUsedPassword)                                            \
	X(PQsetNoticeProcessor)                                                \
	X(PQexec)                                                              \
	X(PQprepare)                                                           \
	X(PQexecPrepared)                                                      \
	X(PQexecParams)                                                        \
	X(PQresultStatus)                                                      \
	X(PQresultErrorField)                                                  \
	X(PQcmdStatus)                                                         \
	X(PQcmdTuples)                                                         \
	X(PQntuples)                                                           \
	X(PQgetisnull)                                                         \
	X(PQgetlength)                                                         \
	X(PQgetvalue)                                                          \
	X(PQclear)

/* Its calls by their own names: pq.PQexec(...). */
typedef struct sgl_libpq {
#define SGL_LIBPQ_MEMBER(name) __typeof__(name) *name;
	SGL_LIBPQ_CALLS(SGL_LIBPQ_MEMBER)
} sgl_libpq;

/* SGL_E_UNSUPPORTED: the library is not installed, or is too old. */
SGL_MUST sgl_status sgl_libpq_load(sgl_libpq *pq, sgl_err *err);

#endif
