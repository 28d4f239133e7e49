/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/certwire.h"
#include "pki/cert.h"

#define CERTS_MAX 10000
#define CERT_MAX ((size_t)1 << 20)

void
sgl_wire_add_certs(sgl_wire *w, const sgl_certs *certs)
{
	sgl_wire_add_int(w, (int64_t)certs->num);
	for (size_t i = 0; i < certs->num; i++)
		sgl_wire_add_cert(w, certs->items[i]);
}

sgl_status
sgl_unwire_certs(
    sgl_unwire *u, sgl_engine *engine, sgl_certs *out, sgl_err *err)
{
	int64_t num = sgl_unwire_int(u, 0, CERTS_MAX);

	for (int64_t i = 0; i < num && !u->failed; i++) {
		SGL_AUTO(sgl_cert)
		cert = NULL;

		TRY(sgl_unwire_cert(u, engine, &cert, err));
		if (cert == NULL)
			u->failed = true;
		else
			TRY(sgl_certs_add(out, cert, err));
	}
	return SGL_OK;
}

void
sgl_wire_add_cert(sgl_wire *w, const sgl_cert *cert)
{
	sgl_wire_add_bytes(
	    w, cert == NULL ? (sgl_slice){NULL, 0} : sgl_cert_get_der(cert));
}

sgl_status
sgl_unwire_cert(sgl_unwire *u, sgl_engine *engine, sgl_cert **out, sgl_err *err)
{
	sgl_slice der = sgl_unwire_bytes(u, CERT_MAX);

	*out = NULL;
	return der.len == 0 ? SGL_OK : sgl_cert_read(engine, der, out, err);
}
