/* SPDX-License-Identifier: Apache-2.0 */
/* In sigill, which hands over before anybody asks. */
#include "base/mem.h"
#include "cmd/resolve.h"

static sgl_status
refuse(sgl_err *err)
{
	return sgl_fail(err, SGL_E_UNSUPPORTED, "cmd.resolve", SGL_NO_OFFSET,
	    "only sigill-org knows the organisation");
}

void
sgl_identity_clear(sgl_identity *identity)
{
	*identity = (sgl_identity){0};
}

sgl_status
sgl_resolver_open(
    sgl_engine *engine, const char *home, sgl_resolver **out, sgl_err *err)
{
	(void)engine;
	(void)home;
	(void)out;
	return refuse(err);
}

void
sgl_resolver_free(sgl_resolver *resolver)
{
	(void)resolver;
}

sgl_status
sgl_resolver_identity(sgl_resolver *resolver, const char *address,
    sgl_identity *out, sgl_err *err)
{
	(void)resolver;
	(void)address;
	(void)out;
	return refuse(err);
}

sgl_status
sgl_resolver_recipient(
    sgl_resolver *resolver, const char *address, sgl_cert **out, sgl_err *err)
{
	(void)resolver;
	(void)address;
	(void)out;
	return refuse(err);
}

sgl_status
sgl_resolver_trust(sgl_resolver *resolver, sgl_certs *anchors,
    sgl_certs *intermediates, sgl_err *err)
{
	(void)resolver;
	(void)anchors;
	(void)intermediates;
	return refuse(err);
}
