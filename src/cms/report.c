/* SPDX-License-Identifier: Apache-2.0 */
#include "cms/report.h"

void
sgl_signer_info_clear(sgl_signer_info *s)
{
	sgl_buf_clear(&s->store);
	sgl_buf_clear(&s->attrs);
}

void
sgl_cms_report_clear(sgl_cms_report *r)
{
	sgl_buf_clear(&r->content_type);
	sgl_certs_clear(&r->certs);
	sgl_crls_clear(&r->crls);
	for (size_t i = 0; i < r->num_signers; i++)
		sgl_signer_info_clear(&r->signers[i]);
	sgl_mem_free(r->signers);
	for (size_t i = 0; i < r->num_shown; i++)
		sgl_buf_clear(&r->recipients[i].store);
	if (!r->is_detached)
		sgl_digests_free(r->digests);
	*r = (sgl_cms_report){0};
}
