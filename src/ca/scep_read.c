/* SPDX-License-Identifier: Apache-2.0 */
/* The outer part of a SCEP message (RFC 8894 3.2): who signed, and the
 * protocol's attributes. */
#include "ca/scep_inside.h"
#include "sys/text.h"

#define ROOM "ca.scep"

typedef struct outer {
	sgl_cms_reader *reader;
	sgl_asker asker; /* no key is needed for it */
	sgl_bufsink sink;
} outer;

static void
outer_clear(outer *o)
{
	sgl_cms_reader_free(o->reader);
}
SGL_AUTO_CLEAR_TYPE(outer, outer_clear)

static sgl_status
malformed(sgl_err *err)
{
	return sgl_fail(err, SGL_E_ENCODING, ROOM, SGL_NO_OFFSET,
	    N_("this is no message of SCEP (RFC 8894 3.2)"));
}

static sgl_status
on_content(
    void *ctx, const sgl_cms_report *so_far, sgl_sink **sink, sgl_err *err)
{
	outer *o = ctx;

	if (so_far->type != SGL_CMS_SIGNED)
		return malformed(err);
	*sink = &o->sink.sink;
	return SGL_OK;
}

static sgl_status
feed(sgl_cms_reader *reader, sgl_slice in, sgl_err *err)
{
	sgl_sink *sink = sgl_cms_reader_sink(reader);
	sgl_status status = sgl_sink_write(sink, in, err);

	if (status == SGL_OK)
		status = sgl_sink_finish(sink, err);
	if (status != SGL_OK)
		sgl_sink_abort(sink);
	return status;
}

static sgl_status
read_signed(sgl_scep *s, sgl_slice message, outer *o, sgl_err *err)
{
	const sgl_cms_read_options options = {
	    .asker = &o->asker, .on_content = on_content, .ctx = o};

	sgl_bufsink_init(&o->sink, &s->enveloped);
	TRY(sgl_cms_reader_new(s->engine, &options, &o->reader, err));
	return feed(o->reader, message, err);
}

/* --------------------------------------------------------- attributes --- */

static bool
find_text(const sgl_signer_info *info, sgl_oid type, sgl_tag tag, size_t max,
    sgl_slice *out)
{
	sgl_der value;

	return sgl_signer_find_attribute(info, type, &value) &&
	    sgl_der_read_bytes(&value, tag, out) && sgl_der_done(&value) &&
	    out->len > 0 && out->len <= max;
}

static bool
kind_of(sgl_slice text, sgl_scep_kind *out)
{
	static const sgl_scep_kind kinds[] = {SGL_SCEP_RENEW, SGL_SCEP_ENROL,
	    SGL_SCEP_POLL, SGL_SCEP_GET_CERT, SGL_SCEP_GET_CRL};
	unsigned number;

	if (text.len != 2 || text.data[0] < '0' || text.data[0] > '9' ||
	    text.data[1] < '0' || text.data[1] > '9')
		return false;
	number = (unsigned)(text.data[0] - '0') * 10 +
	    (unsigned)(text.data[1] - '0');
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if ((unsigned)kinds[i] == number) {
			*out = kinds[i];
			return true;
		}
	return false;
}

/* Without a transactionID there is no way to answer; all else can be told. */
static bool
read_attributes(sgl_scep *s, const sgl_signer_info *info)
{
	sgl_slice transaction, kind, nonce;

	if (!find_text(info, SGL_OID_SCEP_TRANSACTION_ID, SGL_PRINTABLE_STRING,
		sizeof s->transaction, &transaction))
		return false;
	memcpy(s->transaction, transaction.data, transaction.len);
	s->transaction_len = transaction.len;
	if (!find_text(info, SGL_OID_SCEP_MESSAGE_TYPE, SGL_PRINTABLE_STRING, 2,
		&kind) ||
	    !kind_of(kind, &s->wish.kind))
		sgl_scep_refuse(s, SGL_SCEP_BAD_REQUEST);
	if (find_text(info, SGL_OID_SCEP_SENDER_NONCE, SGL_OCTET_STRING,
		sizeof s->nonce, &nonce)) {
		memcpy(s->nonce, nonce.data, nonce.len);
		s->nonce_len = nonce.len;
	} else {
		sgl_scep_refuse(s, SGL_SCEP_BAD_REQUEST);
	}
	return true;
}

/* ---------------------------------------------------------- signature --- */

static sgl_cert *
find_client(const sgl_cms_report *report)
{
	for (size_t i = 0; i < report->certs.num; i++)
		if (sgl_signer_is_named(
			&report->signers[0], report->certs.items[i]))
			return report->certs.items[i];
	return NULL;
}

static bool
is_weak(sgl_digest_alg digest)
{
	return digest == SGL_DIGEST_NONE || digest == SGL_DIGEST_MD5 ||
	    digest == SGL_DIGEST_SHA1;
}

/* The signature says that the message is whole, and from whoever has the key
 * of the certificate that came along; no more. */
static sgl_status
check_signature(sgl_scep *s, const sgl_cms_report *report, sgl_err *err)
{
	const sgl_signer_info *info = &report->signers[0];
	bool good = false;
	sgl_status status =
	    sgl_signer_proves(s->engine, report, info, s->client, &good, err);

	if (status == SGL_E_NOMEM)
		return status;
	if (info->fault == SGL_SIGNER_UNSUPPORTED || is_weak(info->digest))
		sgl_scep_refuse(s, SGL_SCEP_BAD_ALG);
	else if (status != SGL_OK || !good)
		sgl_scep_refuse(s, SGL_SCEP_BAD_MESSAGE_CHECK);
	return SGL_OK;
}

sgl_status
sgl_scep_read_outer(sgl_scep *s, sgl_slice message, sgl_err *err)
{
	SGL_AUTO_CLEAR(outer) o = {.reader = NULL};
	const sgl_cms_report *report;
	sgl_cert *client;

	TRY(read_signed(s, message, &o, err));
	report = sgl_cms_reader_report(o.reader);
	if (report->type != SGL_CMS_SIGNED || report->num_signers != 1)
		return malformed(err);
	client = find_client(report);
	if (client == NULL || !read_attributes(s, &report->signers[0]))
		return malformed(err);
	s->client = sgl_cert_ref(client);
	s->wish.client = sgl_cert_get_der(client);
	return check_signature(s, report, err);
}
