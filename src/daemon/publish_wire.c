/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/crl.h"
#include "daemon/publish_wire.h"

static void
add_hash(sgl_wire *w, const uint8_t *bytes, size_t len)
{
	sgl_wire_add_bytes(w, sgl_slice_of(bytes, len));
}

/* Of exactly this length. */
static void
read_hash(sgl_unwire *u, uint8_t *out, size_t len)
{
	sgl_slice bytes = sgl_unwire_bytes(u, len);

	if (bytes.len == len)
		memcpy(out, bytes.data, len);
	else
		u->failed = true;
}

static void
add_published(sgl_wire *w, const sgl_published *p)
{
	sgl_wire_add_int(w, p->id);
	sgl_wire_add_int(w, p->num_shards);
	sgl_wire_add_int(w, p->answers);
	add_hash(w, p->names.name_sha1, sizeof p->names.name_sha1);
	add_hash(w, p->names.key_sha1, sizeof p->names.key_sha1);
	add_hash(w, p->names.name_sha256, sizeof p->names.name_sha256);
	add_hash(w, p->names.key_sha256, sizeof p->names.key_sha256);
}

static void
read_published(sgl_unwire *u, sgl_published *p)
{
	p->id = sgl_unwire_int(u, 1, INT64_MAX);
	p->num_shards = sgl_unwire_int(u, 1, SGL_CA_SHARDS);
	p->answers = sgl_unwire_bool(u);
	read_hash(u, p->names.name_sha1, sizeof p->names.name_sha1);
	read_hash(u, p->names.key_sha1, sizeof p->names.key_sha1);
	read_hash(u, p->names.name_sha256, sizeof p->names.name_sha256);
	read_hash(u, p->names.key_sha256, sizeof p->names.key_sha256);
}

void
sgl_publish_add_state(sgl_wire *w, const sgl_publish_state *s)
{
	sgl_wire_add_text(w, s->prefix);
	sgl_wire_add_int(w, (int64_t)s->num);
	for (size_t i = 0; i < s->num; i++)
		add_published(w, &s->authorities[i]);
}

void
sgl_publish_read_state(sgl_unwire *u, sgl_publish_state *out)
{
	sgl_unwire_text(u, out->prefix, sizeof out->prefix);
	out->num = (size_t)sgl_unwire_int(u, 0, SGL_PUBLISH_AUTHORITIES);
	for (size_t i = 0; i < out->num; i++)
		read_published(u, &out->authorities[i]);
}

void
sgl_publish_add_file(sgl_wire *w, int64_t number, const sgl_publish_file *f)
{
	sgl_wire_add_int(w, number);
	sgl_wire_add_int(w, f->is_crl);
	sgl_wire_add_int(w, f->authority);
	sgl_wire_add_int(w, f->shard);
}

int64_t
sgl_publish_read_file(sgl_unwire *u, sgl_publish_file *out)
{
	int64_t number = sgl_unwire_int(u, 0, INT64_MAX);

	out->is_crl = sgl_unwire_bool(u);
	out->authority = sgl_unwire_int(u, 1, INT64_MAX);
	out->shard = sgl_unwire_int(u, 0, SGL_CA_SHARDS - 1);
	return number;
}

static void
add_id(sgl_wire *w, const sgl_ca_ocsp_id *id)
{
	sgl_wire_add_int(w, id->authority);
	sgl_wire_add_int(w, id->digest == SGL_DIGEST_SHA256);
	sgl_wire_add_bytes(w, sgl_slice_of(id->serial, id->serial_len));
}

static void
read_id(sgl_unwire *u, sgl_ca_ocsp_id *out)
{
	sgl_slice serial;

	out->authority = sgl_unwire_int(u, 1, INT64_MAX);
	out->digest = sgl_unwire_bool(u) ? SGL_DIGEST_SHA256 : SGL_DIGEST_SHA1;
	serial = sgl_unwire_bytes(u, sizeof out->serial);
	out->serial_len = serial.len;
	if (serial.len > 0)
		memcpy(out->serial, serial.data, serial.len);
	else
		u->failed = true;
}

void
sgl_publish_add_ocsp(sgl_wire *w, int64_t number, const sgl_ca_ocsp_question *q)
{
	sgl_wire_add_int(w, number);
	sgl_wire_add_int(w, (int64_t)q->num_ids);
	for (size_t i = 0; i < q->num_ids; i++)
		add_id(w, &q->ids[i]);
	sgl_wire_add_bytes(w, sgl_slice_of(q->nonce, q->nonce_len));
}

int64_t
sgl_publish_read_ocsp(sgl_unwire *u, sgl_ca_ocsp_question *out)
{
	int64_t number = sgl_unwire_int(u, 0, INT64_MAX);
	sgl_slice nonce;

	out->num_ids = (size_t)sgl_unwire_int(u, 1, SGL_OCSP_IDS);
	for (size_t i = 0; i < out->num_ids && !u->failed; i++)
		read_id(u, &out->ids[i]);
	nonce = sgl_unwire_bytes(u, sizeof out->nonce);
	out->nonce_len = nonce.len;
	if (nonce.len > 0)
		memcpy(out->nonce, nonce.data, nonce.len);
	return number;
}

void
sgl_publish_add_answer(sgl_wire *w, int64_t number, const sgl_publish_answer *a)
{
	sgl_wire_add_int(w, number);
	sgl_wire_add_int(w, a->outcome);
	sgl_wire_add_int(w, a->error);
	sgl_wire_add_int(w, a->is_shared);
	add_hash(w, a->tag, sizeof a->tag);
	sgl_wire_add_int(w, a->this_update);
	sgl_wire_add_int(w, a->next_update);
	sgl_wire_add_bytes(w, a->bytes);
}

int64_t
sgl_publish_read_answer(sgl_unwire *u, sgl_publish_answer *out)
{
	int64_t number = sgl_unwire_int(u, 0, INT64_MAX);

	out->outcome = (sgl_publish_outcome)sgl_unwire_int(
	    u, SGL_PUBLISH_FOUND, SGL_PUBLISH_LATER);
	out->error = (sgl_ocsp_error)sgl_unwire_int(
	    u, SGL_OCSP_SUCCESSFUL, SGL_OCSP_UNAUTHORIZED);
	out->is_shared = sgl_unwire_bool(u);
	read_hash(u, out->tag, sizeof out->tag);
	out->this_update = sgl_unwire_int(u, INT64_MIN, INT64_MAX);
	out->next_update = sgl_unwire_int(u, INT64_MIN, INT64_MAX);
	out->bytes = sgl_unwire_bytes(u, SGL_PUBLISH_ANSWER_MAX);
	return number;
}

void
sgl_publish_add_metrics(sgl_wire *w, int64_t number, sgl_slice text)
{
	sgl_wire_add_int(w, number);
	sgl_wire_add_bytes(w, text);
}

int64_t
sgl_publish_read_metrics(sgl_unwire *u, sgl_slice *text)
{
	int64_t number = sgl_unwire_int(u, 0, INT64_MAX);

	*text = sgl_unwire_bytes(u, SGL_PUBLISH_ANSWER_MAX);
	return number;
}
