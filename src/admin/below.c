/* SPDX-License-Identifier: Apache-2.0 */
/* sigill ca request, sigill ca install: an organisation below another */
#include "asn1/pem.h"
#include "ca/below.h"
#include "admin/bundle.h"
#include "admin/authority.h"
#include "admin/ceremony.h"
#include "pki/csr.h"

sgl_status
sgl_below_add_pem(sgl_home *home, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) der = sgl_buf_init(SGL_CSR_MAX);

	TRY(sgl_below_request(home, &der, err));
	return sgl_pem_add(
	    out, "CERTIFICATE REQUEST", sgl_buf_slice(&der), err);
}

sgl_status
sgl_org_ca_request(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	sgl_reply_tell_file(r, order->call, "pem");
	r->has_file = true;
	return sgl_below_add_pem(s->home, &r->file, err);
}

sgl_status
sgl_org_ca_install(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_bundle) b = {0};
	SGL_AUTO_CLEAR(sgl_authority) a = {0};
	int64_t id;

	TRY(sgl_bundle_read(s->engine, sgl_buf_slice(&order->input), &b, err));
	TRY(sgl_below_install(s->home, &b.ring.certs, &id, err));
	TRY(sgl_ceremony_publish(s, err));
	TRY(sgl_ca_find_authority(s->home, id, &a, err));
	return sgl_authority_tell(s, &a, r, err);
}
