/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages between front, which speaks with strangers, and control, which
 * knows what there is to tell: what is published at all, then questions and
 * answers, each with the number that its question had.
 *
 * What front was told stays true until it is told anew; then all it keeps of it
 * is to be forgotten.
 */
#ifndef SGL_DAEMON_PUBLISH_WIRE_H
#define SGL_DAEMON_PUBLISH_WIRE_H

#include "ca/ocsp.h"
#include "sys/farkey.h"

typedef enum sgl_publish_message {
	SGL_PUBLISH_STATE = SGL_MESSAGE_OTHERS,
	SGL_PUBLISH_FILE, /* a question */
	SGL_PUBLISH_OCSP, /* a question */
	SGL_PUBLISH_ANSWER,
	SGL_PUBLISH_METRICS, /* a question, whose text is empty */
	SGL_PUBLISH_METRICS_ARE
} sgl_publish_message;

/* What there is. */
#define SGL_PUBLISH_AUTHORITIES 64
#define SGL_PUBLISH_PREFIX 1024
typedef struct sgl_published {
	int64_t id, num_shards;
	bool answers; /* by OCSP, for certificates of people */
	sgl_ocsp_issuer names;
} sgl_published;
typedef struct sgl_publish_state {
	/* Of the public URL, the path in front of ours; "" if none. */
	char prefix[SGL_PUBLISH_PREFIX];
	sgl_published authorities[SGL_PUBLISH_AUTHORITIES];
	size_t num;
} sgl_publish_state;
void sgl_publish_add_state(sgl_wire *w, const sgl_publish_state *s);
void sgl_publish_read_state(sgl_unwire *u, sgl_publish_state *out);

typedef struct sgl_publish_file {
	bool is_crl; /* else the certificate */
	int64_t authority, shard;
} sgl_publish_file;
void
sgl_publish_add_file(sgl_wire *w, int64_t number, const sgl_publish_file *f);
int64_t sgl_publish_read_file(sgl_unwire *u, sgl_publish_file *out);

void sgl_publish_add_ocsp(
    sgl_wire *w, int64_t number, const sgl_ca_ocsp_question *q);
int64_t sgl_publish_read_ocsp(sgl_unwire *u, sgl_ca_ocsp_question *out);

typedef enum sgl_publish_outcome {
	SGL_PUBLISH_FOUND,
	SGL_PUBLISH_NONE, /* there is no such thing; `error` says it for OCSP */
	SGL_PUBLISH_LATER /* it cannot be had now */
} sgl_publish_outcome;

#define SGL_PUBLISH_TAG 20
typedef struct sgl_publish_answer {
	sgl_publish_outcome outcome;
	sgl_ocsp_error error;
	bool is_shared;			   /* to be kept and given to all */
	uint8_t tag[SGL_PUBLISH_TAG];	   /* SHA-1 of the bytes, for ETag */
	sgl_time this_update, next_update; /* next 0: it stays as it is */
	sgl_slice bytes;		   /* borrowed */
} sgl_publish_answer;
void sgl_publish_add_answer(
    sgl_wire *w, int64_t number, const sgl_publish_answer *a);
int64_t sgl_publish_read_answer(sgl_unwire *u, sgl_publish_answer *out);

/* Numbers for monitoring, as they are told (metrics.h). */
void sgl_publish_add_metrics(sgl_wire *w, int64_t number, sgl_slice text);
int64_t sgl_publish_read_metrics(sgl_unwire *u, sgl_slice *text);

/* The longest messages. */
#define SGL_PUBLISH_QUESTION_MAX ((size_t)4096)
#define SGL_PUBLISH_ANSWER_MAX SGL_CHANNEL_MESSAGE

#endif
