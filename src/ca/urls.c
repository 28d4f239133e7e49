/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "ca/urls.h"

#define URL_MAX 4096

void
sgl_ca_urls_clear(sgl_ca_urls *urls)
{
	sgl_buf_clear(&urls->issuer);
	sgl_buf_clear(&urls->crl);
	sgl_buf_clear(&urls->ocsp);
	*urls = (sgl_ca_urls){0};
}

sgl_status
sgl_ca_public_url(sgl_home *home, sgl_buf *out, sgl_err *err)
{
	size_t start = out->len;
	bool found;

	TRY(sgl_store_get_setting(
	    sgl_home_store(home), SGL_SETTING_PUBLIC_URL, out, &found, err));
	while (out->len > start && out->data[out->len - 1] == '/')
		out->len--;
	return SGL_OK;
}

sgl_status
sgl_ca_cert_file(int64_t authority, sgl_buf *out, sgl_err *err)
{
	return sgl_buf_printf(out, err, "%" PRId64 ".cer", authority);
}

sgl_status
sgl_ca_crl_file(int64_t authority, int64_t shard, sgl_buf *out, sgl_err *err)
{
	return sgl_buf_printf(
	    out, err, "%" PRId64 "-%" PRId64 ".crl", authority, shard);
}

static sgl_status
begin(sgl_buf *url, const sgl_buf *public, const char *path, sgl_err *err)
{
	*url = sgl_buf_init(URL_MAX);
	TRY(sgl_buf_add(url, sgl_buf_slice(public), err));
	return sgl_buf_add_str(url, path, err);
}

sgl_status
sgl_ca_urls_get(sgl_home *home, int64_t authority, int64_t shard,
    sgl_ca_urls *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) public = sgl_buf_init(URL_MAX);
	SGL_AUTO_CLEAR(sgl_ca_urls) urls = {{0}, {0}, {0}};

	TRY(sgl_ca_public_url(home, &public, err));
	if (public.len > 0) {
		TRY(begin(&urls.issuer, &public, SGL_PATH_CA, err));
		TRY(sgl_ca_cert_file(authority, &urls.issuer, err));
		TRY(begin(&urls.crl, &public, SGL_PATH_CRL, err));
		TRY(sgl_ca_crl_file(authority, shard, &urls.crl, err));
		TRY(begin(&urls.ocsp, &public, SGL_PATH_OCSP, err));
	}
	*out = urls;
	urls = (sgl_ca_urls){{0}, {0}, {0}};
	return SGL_OK;
}
