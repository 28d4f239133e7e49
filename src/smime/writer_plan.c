/* SPDX-License-Identifier: Apache-2.0 */
/* From what is wished to the layers that do it. */
#include "cms/ess.h"
#include "smime/writer_inside.h"

#define ROOM "smime.writer"
#define DEFAULT_CIPHER SGL_CIPHER_AES256_CBC

static bool
signs(const sgl_writer *w)
{
	return w->options.what != SGL_PROTECT_ENCRYPT;
}

static sgl_status
take_signers(sgl_writer *w, sgl_err *err)
{
	size_t num = w->options.num_signers;

	if (!signs(w))
		return SGL_OK;
	if (num == 0)
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "there is nobody to sign");
	w->signers = sgl_mem_zeroed(num, sizeof *w->signers);
	if (w->signers == NULL)
		return sgl_oom(err, ROOM);
	for (size_t i = 0; i < num; i++) {
		const sgl_sign_with *from = &w->options.signers[i];
		w->signers[i] = (sgl_signer){.cert = from->cert,
		    .key = from->key,
		    .digest = from->digest,
		    .pss = from->pss};
	}
	return SGL_OK;
}

static sgl_status
take_cipher(sgl_writer *w, sgl_err *err)
{
	const char *name = w->options.cipher;

	w->cipher = name == NULL ? DEFAULT_CIPHER
				 : sgl_cipher_find(sgl_slice_str(name));
	if (w->cipher == SGL_CIPHER_NONE)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "there is no cipher of this name", "%s", name);
	return SGL_OK;
}

#define ESS_MAX 4096

/* RFC 2634 2.2 and 3.1.1: the same in all signatures of that layer. */
static sgl_status
make_ess(sgl_writer *w, sgl_err *err)
{
	const sgl_protect_options *o = &w->options;

	w->ess = sgl_buf_init(ESS_MAX);
	if (!signs(w) && (o->receipt_request || o->label != NULL))
		return sgl_fail(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    "receipt requests and labels want a signature");
	if (o->receipt_request)
		TRY(sgl_receipt_request_add(w->engine, o->signers[0].cert,
		    o->signing_time, &w->ess, err));
	return o->label == NULL ? SGL_OK
				: sgl_label_add(o->label, &w->ess, err);
}

/* --- the seals, made from the outermost to the innermost --- */

typedef enum seal_kind { SEAL_OPAQUE, SEAL_CLEAR, SEAL_ENVELOPE } seal_kind;

static sgl_status
make_signed(sgl_writer *w, bool clear, sgl_slice attributes, sgl_sink *next,
    sgl_seal **out, sgl_err *err)
{
	sgl_signed_options options = {.signers = w->signers,
	    .num_signers = w->options.num_signers,
	    .certs = w->options.include,
	    .no_certs = w->options.no_certs,
	    .detached = clear,
	    .signing_time = w->options.signing_time,
	    .encryption_cert = w->options.encryption_cert,
	    .extra_attributes = attributes};

	return sgl_seal_new_signed(
	    w->engine, &options, &w->asker, next, out, err);
}

static sgl_status
make_enveloped(sgl_writer *w, sgl_sink *next, sgl_seal **out, sgl_err *err)
{
	sgl_enveloped_options options = {.recipients = w->options.recipients,
	    .cipher = w->cipher,
	    .oaep = w->options.oaep,
	    .use_ski = w->options.use_ski,
	    .password = w->options.password,
	    .kek = w->options.kek,
	    .kek_id = w->options.kek_id};

	return sgl_seal_new_enveloped(w->engine, &options, next, out, err);
}

/* Innermost first; returns how many. */
static size_t
plan_seals(const sgl_writer *w, seal_kind kinds[SGL_SEALS_MAX])
{
	seal_kind outer = w->options.opaque ? SEAL_OPAQUE : SEAL_CLEAR;

	switch (w->options.what) {
	case SGL_PROTECT_SIGN:
		kinds[0] = outer;
		return 1;
	case SGL_PROTECT_ENCRYPT:
		kinds[0] = SEAL_ENVELOPE;
		return 1;
	case SGL_PROTECT_SIGN_ENCRYPT:
		kinds[0] = SEAL_OPAQUE;
		kinds[1] = SEAL_ENVELOPE;
		return 2;
	case SGL_PROTECT_TRIPLE:
		kinds[0] = SEAL_OPAQUE;
		kinds[1] = SEAL_ENVELOPE;
		kinds[2] = outer;
		return 3;
	}
	return 0;
}

static sgl_status
make_seals(sgl_writer *w, sgl_err *err)
{
	seal_kind kinds[SGL_SEALS_MAX];
	sgl_sink *next = w->out;

	w->num_seals = plan_seals(w, kinds);
	for (size_t i = w->num_seals; i-- > 0;) {
		if (kinds[i] == SEAL_ENVELOPE)
			TRY(make_enveloped(w, next, &w->seals[i], err));
		else
			TRY(make_signed(w, kinds[i] == SEAL_CLEAR,
			    i == 0 ? sgl_buf_slice(&w->ess) : (sgl_slice){0},
			    next, &w->seals[i], err));
		next = sgl_seal_sink(w->seals[i]);
	}
	return SGL_OK;
}

sgl_status
sgl_writer_plan(sgl_writer *w, sgl_err *err)
{
	TRY(take_signers(w, err));
	TRY(take_cipher(w, err));
	TRY(make_ess(w, err));
	return make_seals(w, err);
}
