/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"
#include "org/organisation.h"
#include "sys/text.h"

#define ROOM "org.organisation"
#define VALUE_MAX (256 * SGL_DOMAINS_MAX)

void
sgl_organisation_clear(sgl_organisation *o)
{
	sgl_mem_free(o->domain);
	sgl_mem_free(o->name);
	sgl_mem_free(o->algorithm);
	sgl_mem_free(o->public_url);
	sgl_mem_free(o->more_domains);
	sgl_mem_free(o->policies);
	sgl_mem_free(o->cps_url);
	sgl_mem_free(o->country);
	*o = (sgl_organisation){0};
}

/* The i-th of several with a blank between two. */
static bool
get_word(const char *list, size_t i, sgl_slice *out)
{
	sgl_slice rest = list == NULL ? SGL_LIT("") : sgl_slice_str(list);

	while (rest.len > 0) {
		const uint8_t *blank = memchr(rest.data, ' ', rest.len);
		size_t n =
		    blank == NULL ? rest.len : (size_t)(blank - rest.data);
		*out = sgl_slice_first(rest, n);
		if (i-- == 0)
			return true;
		rest = sgl_slice_from(rest, blank == NULL ? n : n + 1);
	}
	return false;
}

bool
sgl_organisation_get_domain(const sgl_organisation *o, size_t i, sgl_slice *out)
{
	*out = sgl_slice_str(o->domain);
	return i == 0 || get_word(o->more_domains, i - 1, out);
}

bool
sgl_organisation_get_policy(const sgl_organisation *o, size_t i, sgl_slice *out)
{
	return get_word(o->policies, i, out);
}

bool
sgl_organisation_has_domain(const sgl_organisation *o, sgl_slice domain)
{
	sgl_slice ours;

	for (size_t i = 0; sgl_organisation_get_domain(o, i, &ours); i++)
		if (sgl_domain_same(domain, ours))
			return true;
	return false;
}

static sgl_status
add_domain(sgl_buf *list, sgl_slice domain, sgl_err *err)
{
	if (list->len > 0)
		TRY(sgl_buf_add_str(list, " ", err));
	return sgl_buf_add(list, domain, err);
}

/* All but the first, and but one. */
static sgl_status
add_others(
    const sgl_organisation *o, sgl_slice but, sgl_buf *list, sgl_err *err)
{
	sgl_slice one;

	for (size_t i = 1; sgl_organisation_get_domain(o, i, &one); i++)
		if (!sgl_domain_same(one, but))
			TRY(add_domain(list, one, err));
	return SGL_OK;
}

sgl_status
sgl_organisation_with(
    const sgl_organisation *o, sgl_slice domain, char **more, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) list = sgl_buf_init(256 * SGL_DOMAINS_MAX);

	TRY(add_others(o, SGL_LIT(""), &list, err));
	TRY(add_domain(&list, domain, err));
	return sgl_slice_copy(
	    sgl_buf_slice(&list), (uint8_t **)more, ROOM, err);
}

sgl_status
sgl_organisation_without(
    const sgl_organisation *o, sgl_slice domain, char **more, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) list = sgl_buf_init(256 * SGL_DOMAINS_MAX);

	TRY(add_others(o, domain, &list, err));
	return sgl_slice_copy(
	    sgl_buf_slice(&list), (uint8_t **)more, ROOM, err);
}

static sgl_status
check_domain(sgl_slice domain, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) ascii = sgl_buf_init(1024);

	/* With room enough, only what is no domain is refused. */
	TRY(sgl_buf_reserve(&ascii, ascii.max, err));
	if (sgl_domain_to_ascii(domain, &ascii) &&
	    memchr(ascii.data, '.', ascii.len) != NULL)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("is not a mail domain like example.org"), "%.*s",
	    (int)domain.len, (const char *)domain.data);
}

sgl_status
sgl_organisation_check(const sgl_organisation *o, sgl_err *err)
{
	sgl_slice domain;

	for (size_t i = 0; sgl_organisation_get_domain(o, i, &domain); i++)
		TRY(check_domain(domain, err));
	if (!sgl_name_is_fit(sgl_slice_str(o->name), SGL_ORGANISATION_NAME_MAX))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("cannot be the organisation's name in certificates (1 "
		       "to 43 characters; give --name)"),
		    "%s", o->name);
	return SGL_OK;
}

sgl_status
sgl_organisation_write(
    sgl_store *store, const sgl_organisation *o, sgl_err *err)
{
	TRY(sgl_store_set_setting(
	    store, SGL_SETTING_DOMAIN, sgl_slice_str(o->domain), err));
	TRY(sgl_store_set_setting(
	    store, "organisation.name", sgl_slice_str(o->name), err));
	TRY(sgl_store_set_setting(
	    store, "organisation.algorithm", sgl_slice_str(o->algorithm), err));
	if (o->public_url != NULL)
		TRY(sgl_store_set_setting(store, SGL_SETTING_PUBLIC_URL,
		    sgl_slice_str(o->public_url), err));
	if (o->more_domains != NULL)
		TRY(sgl_store_set_setting(store, "organisation.more_domains",
		    sgl_slice_str(o->more_domains), err));
	TRY(sgl_store_set_setting(store, "organisation.policies",
	    sgl_slice_str(o->policies == NULL ? "" : o->policies), err));
	TRY(sgl_store_set_setting(store, "organisation.cps_url",
	    sgl_slice_str(o->cps_url == NULL ? "" : o->cps_url), err));
	TRY(sgl_store_set_setting(store, "organisation.country",
	    sgl_slice_str(o->country == NULL ? "" : o->country), err));
	TRY(sgl_store_set_setting(store, "organisation.profile",
	    o->is_dual ? SGL_LIT("dual") : SGL_LIT("separate"), err));
	TRY(sgl_store_set_setting(store, "organisation.dual_keys",
	    o->keeps_dual ? SGL_LIT("kept") : SGL_LIT("wiped"), err));
	return sgl_store_set_setting(store, "organisation.demo",
	    o->is_demo ? SGL_LIT("yes") : SGL_LIT("no"), err);
}

/* *out stays NULL where there is none. */
static sgl_status
read_optional(sgl_store *store, const char *setting, char **out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) value = sgl_buf_init(VALUE_MAX);
	bool found;

	TRY(sgl_store_get_setting(store, setting, &value, &found, err));
	if (!found)
		return SGL_OK;
	return sgl_slice_copy(
	    sgl_buf_slice(&value), (uint8_t **)out, ROOM, err);
}

/* Of two words, whether it is this one. */
static sgl_status
read_choice(sgl_store *store, const char *setting, const char *word, bool *out,
    sgl_err *err)
{
	SGL_AUTO_MEM char *value = NULL;

	TRY(read_optional(store, setting, &value, err));
	*out = value != NULL && strcmp(value, word) == 0;
	return SGL_OK;
}

static sgl_status
read_one(sgl_store *store, const char *setting, const char *home, char **out,
    sgl_err *err)
{
	TRY(read_optional(store, setting, out, err));
	if (*out != NULL)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_IO, ROOM, SGL_NO_OFFSET,
	    N_("the making of this organisation was interrupted: run sigill "
	       "init again"),
	    "%s", home);
}

sgl_status
sgl_organisation_read(
    sgl_store *store, const char *home, sgl_organisation *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_organisation) o = {0};
	SGL_AUTO_MEM char *demo = NULL;

	TRY(read_one(store, SGL_SETTING_DOMAIN, home, &o.domain, err));
	TRY(read_one(store, "organisation.name", home, &o.name, err));
	TRY(read_one(store, "organisation.algorithm", home, &o.algorithm, err));
	TRY(read_one(store, "organisation.demo", home, &demo, err));
	TRY(read_optional(store, SGL_SETTING_PUBLIC_URL, &o.public_url, err));
	TRY(read_optional(
	    store, "organisation.more_domains", &o.more_domains, err));
	TRY(read_optional(store, "organisation.policies", &o.policies, err));
	TRY(read_optional(store, "organisation.cps_url", &o.cps_url, err));
	TRY(read_optional(store, "organisation.country", &o.country, err));
	TRY(read_choice(
	    store, "organisation.profile", "dual", &o.is_dual, err));
	TRY(read_choice(
	    store, "organisation.dual_keys", "kept", &o.keeps_dual, err));
	/* Whatever is not plainly "no" is a trial. */
	o.is_demo = strcmp(demo, "no") != 0;
	*out = o;
	o = (sgl_organisation){0};
	return SGL_OK;
}
