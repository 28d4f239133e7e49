/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "ca/names.h"
#include "ca/policy.h"
#include "pki/build.h"

#define TEXT_MAX 1024

static sgl_status
build_in(const sgl_organisation *o, const char *country, const sgl_buf *cn,
    sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) org = sgl_buf_init(TEXT_MAX);
	sgl_rdn rdns[3];
	size_t num = 0;

	TRY(sgl_buf_printf(
	    &org, err, "%s%s", o->is_demo ? "DEMO " : "", o->name));
	if (country != NULL && country[0] != '\0')
		rdns[num++] = (sgl_rdn){SGL_OID_AT_C, sgl_slice_str(country)};
	rdns[num++] = (sgl_rdn){SGL_OID_AT_O, sgl_buf_slice(&org)};
	rdns[num++] = (sgl_rdn){SGL_OID_AT_CN, sgl_buf_slice(cn)};
	return sgl_name_build(rdns, num, out, err);
}

static sgl_status
build(const sgl_organisation *o, const sgl_buf *cn, sgl_buf *out, sgl_err *err)
{
	return build_in(o, NULL, cn, out, err);
}

sgl_status
sgl_ca_authority_name(const sgl_organisation *o, sgl_authority_kind kind,
    sgl_time now, unsigned number, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) cn = sgl_buf_init(TEXT_MAX);

	TRY(sgl_buf_printf(&cn, err, "%s%s %s CA %d", o->is_demo ? "DEMO " : "",
	    o->name, kind == SGL_AUTHORITY_ROOT ? "Root" : "Issuing",
	    sgl_time_to_civil(now).year));
	if (number > 1)
		TRY(sgl_buf_printf(&cn, err, "-%u", number));
	return build_in(o, o->country, &cn, out, err);
}

sgl_status
sgl_ca_person_name(
    const sgl_organisation *o, const sgl_person *p, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) cn = sgl_buf_init(TEXT_MAX);

	if (sgl_policy_has_reserved(o)) {
		sgl_rdn rdn = {SGL_OID_AT_CN, sgl_slice_str(p->address)};
		return sgl_name_build(&rdn, 1, out, err);
	}
	TRY(sgl_buf_printf(&cn, err, "%s%s", o->is_demo ? "DEMO " : "",
	    p->is_protected ? p->address : p->name));
	return build(o, &cn, out, err);
}

sgl_status
sgl_ca_responder_name(const sgl_organisation *o, const char *protocol,
    sgl_time now, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) cn = sgl_buf_init(TEXT_MAX);

	TRY(sgl_buf_printf(&cn, err, "%s%s %s %d", o->is_demo ? "DEMO " : "",
	    o->name, protocol, sgl_time_to_civil(now).year));
	return build(o, &cn, out, err);
}

sgl_status
sgl_ca_branch_name(
    const sgl_organisation *o, const char *name, sgl_buf *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) cn = sgl_buf_init(TEXT_MAX);

	TRY(sgl_buf_printf(
	    &cn, err, "%s%s CA", o->is_demo ? "DEMO " : "", name));
	return build_in(o, o->country, &cn, out, err);
}
