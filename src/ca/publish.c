/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/pem.h"
#include "ca/ca.h"
#include "org/choose.h"
#include "sys/output.h"

#define PEM_MAX ((size_t)1 << 20)

sgl_status
sgl_certs_add_pem(const sgl_certs *set, sgl_buf *out, sgl_err *err)
{
	for (size_t i = 0; i < set->num; i++)
		TRY(sgl_pem_add(
		    out, "CERTIFICATE", sgl_cert_get_der(set->items[i]), err));
	return SGL_OK;
}

static sgl_status
write_copy(sgl_home *home, const char *name, const sgl_certs *set, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};
	SGL_AUTO_CLEAR(sgl_buf) pem = sgl_buf_init(PEM_MAX);

	TRY(sgl_home_join(home, name, &path, err));
	TRY(sgl_certs_add_pem(set, &pem, err));
	return sgl_file_write(sgl_home_engine(home), (const char *)path.data,
	    false, sgl_buf_slice(&pem), err);
}

sgl_status
sgl_ca_publish(sgl_home *home, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_certs) roots = {0};
	SGL_AUTO_CLEAR(sgl_certs) issuing = {0};

	TRY(sgl_home_add_authorities(home, &roots, &issuing, err));
	TRY(write_copy(home, SGL_HOME_CA "/" SGL_HOME_ROOT_PEM, &roots, err));
	return write_copy(
	    home, SGL_HOME_CA "/" SGL_HOME_ISSUING_PEM, &issuing, err);
}
