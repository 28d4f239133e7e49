/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/pem.h"
#include "ca/ca.h"
#include "ca/urls.h"
#include "org/choose.h"
#include "sys/input.h"
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

/* Most lists are as they were, and a file that is written waits for the disk.
 */
static bool
is_written(const char *path, sgl_slice bytes)
{
	SGL_AUTO_CLEAR(sgl_buf) there = sgl_buf_init(bytes.len + 1);

	return sgl_file_read(path, &there, NULL) == SGL_OK &&
	    sgl_slice_eq(sgl_buf_slice(&there), bytes);
}

static sgl_status
write_file(sgl_home *home, sgl_buf *name, sgl_slice bytes, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) path = {0};
	const char *text;

	TRY(sgl_buf_add(name, sgl_slice_of("", 1), err));
	TRY(sgl_home_join(home, (const char *)name->data, &path, err));
	text = (const char *)path.data;
	return is_written(text, bytes)
	    ? SGL_OK
	    : sgl_file_write(sgl_home_engine(home), text, false, bytes, err);
}

static sgl_status
write_cert(sgl_home *home, const sgl_authority *a, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) name = sgl_buf_init(64);

	TRY(sgl_buf_add_str(&name, SGL_HOME_CA "/", err));
	TRY(sgl_ca_cert_file(a->id, &name, err));
	return write_file(home, &name, sgl_buf_slice(&a->der), err);
}

static sgl_status
write_crl(sgl_home *home, const sgl_authority *a, int64_t shard, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_crl_record) c = {0};
	SGL_AUTO_CLEAR(sgl_buf) name = sgl_buf_init(64);
	bool found;

	TRY(sgl_store_find_crl(
	    sgl_home_store(home), a->id, shard, &c, &found, err));
	if (!found)
		return SGL_OK;
	TRY(sgl_buf_add_str(&name, SGL_HOME_CA "/", err));
	TRY(sgl_ca_crl_file(a->id, shard, &name, err));
	return write_file(home, &name, sgl_buf_slice(&c.der), err);
}

sgl_status
sgl_ca_publish_lists(sgl_home *home, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_authorities) list = {0};

	TRY(sgl_store_list_authorities(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++) {
		const sgl_authority *a = &list.items[i];
		TRY(write_cert(home, a, err));
		for (int64_t n = 0; n < a->num_shards; n++)
			TRY(write_crl(home, a, n, err));
	}
	return SGL_OK;
}
