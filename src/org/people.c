/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"
#include "org/audit.h"
#include "org/organisation.h"
#include "org/people.h"
#include "sys/text.h"

#define ROOM "org.people"
#define ADDRESS_MAX 1024

/* The form by which people are found: all ASCII in lower case, the domain as
 * A-labels. */
static sgl_status
make_key(const char *address, sgl_buf *key, sgl_err *err)
{
	sgl_slice local, domain;

	if (!sgl_addr_is(sgl_slice_str(address)) ||
	    !sgl_addr_split(sgl_slice_str(address), &local, &domain))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not a mail address"), "%s", address);
	TRY(sgl_buf_reserve(key, key->max, err));
	TRY(sgl_buf_add(key, local, err));
	for (size_t i = 0; i < key->len; i++)
		if (key->data[i] >= 'A' && key->data[i] <= 'Z')
			key->data[i] |= 0x20;
	TRY(sgl_buf_add_str(key, "@", err));
	if (!sgl_domain_to_ascii(domain, key))
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is not a mail address"), "%s", address);
	TRY(sgl_buf_add(key, sgl_slice_of("", 1), err));
	key->len--;
	return SGL_OK;
}

/* `status` is what an address elsewhere is to the caller. */
static sgl_status
check_domain(
    const sgl_home *home, const char *address, sgl_status status, sgl_err *err)
{
	const sgl_organisation *ours = sgl_home_organisation(home);
	sgl_slice local, domain;

	if (sgl_addr_split(sgl_slice_str(address), &local, &domain) &&
	    sgl_organisation_has_domain(ours, domain))
		return SGL_OK;
	return sgl_fail_at(err, status, ROOM, SGL_NO_OFFSET,
	    N_("the address is not in the organisation's domain"),
	    _("%s is not in %s"), address, ours->domain);
}

static sgl_status
copy_text(sgl_slice text, char **out, sgl_err *err)
{
	return sgl_slice_copy(text, (uint8_t **)out, ROOM, err);
}

static sgl_status
set_name(sgl_person *p, const char *name, sgl_err *err)
{
	sgl_slice local, domain;

	if (name != NULL)
		TRY(copy_text(sgl_slice_str(name), &p->name, err));
	else if (sgl_addr_split(sgl_slice_str(p->address), &local, &domain))
		TRY(copy_text(local, &p->name, err));
	if (p->name != NULL &&
	    sgl_name_is_fit(sgl_slice_str(p->name), SGL_PERSON_NAME_MAX))
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("cannot be a name in a certificate (1 to 59 characters; give "
	       "--name)"),
	    "%s", p->name);
}

sgl_status
sgl_people_find(sgl_home *home, const char *address, sgl_person *out,
    bool *found, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_buf) key = sgl_buf_init(ADDRESS_MAX);

	TRY(make_key(address, &key, err));
	return sgl_store_find_person(
	    sgl_home_store(home), sgl_buf_slice(&key), out, found, err);
}

sgl_status
sgl_people_get(
    sgl_home *home, const char *address, sgl_person *out, sgl_err *err)
{
	bool found;

	TRY(sgl_people_find(home, address, out, &found, err));
	if (found)
		return SGL_OK;
	TRY(check_domain(home, address, SGL_E_NOKEY, err));
	return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("nobody has this address yet: add the person with "
	       "sigill user add"),
	    "%s", address);
}

static sgl_status
check_absent(sgl_home *home, const char *address_key, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) there = {0};
	bool found;

	TRY(sgl_store_find_person(sgl_home_store(home),
	    sgl_slice_str(address_key), &there, &found, err));
	if (!found)
		return SGL_OK;
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("is there already (new certificates: sigill cert renew)"), "%s",
	    there.address);
}

/* A further address, which may belong to the person already. */
static sgl_status
check_free(
    sgl_home *home, const char *address_key, int64_t person, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) there = {0};
	bool found;

	TRY(sgl_store_find_person(sgl_home_store(home),
	    sgl_slice_str(address_key), &there, &found, err));
	if (!found)
		return SGL_OK;
	if (there.id == person)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is an address of this person already"), "%s",
		    address_key);
	return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
	    N_("is an address of somebody else, who would have to give it up "
	       "first (sigill user show says who it is)"),
	    "%s (%s)", address_key, there.address);
}

sgl_status
sgl_people_new(sgl_home *home, const char *address, const char *name,
    sgl_person *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	SGL_AUTO_CLEAR(sgl_buf) key = sgl_buf_init(ADDRESS_MAX);

	TRY(make_key(address, &key, err));
	TRY(check_domain(home, address, SGL_E_USAGE, err));
	TRY(copy_text(sgl_slice_str(address), &p.address, err));
	TRY(copy_text(sgl_buf_slice(&key), &p.address_key, err));
	TRY(check_absent(home, p.address_key, err));
	TRY(set_name(&p, name, err));
	p.created = sgl_engine_now(sgl_home_engine(home));
	*out = p;
	p = (sgl_person){0};
	return SGL_OK;
}

sgl_status
sgl_people_add(sgl_home *home, const char *address, const char *name,
    sgl_person *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};

	TRY(sgl_people_new(home, address, name, &p, err));
	TRY(sgl_store_add_person(sgl_home_store(home), &p, &p.id, err));
	TRY(sgl_audit_add(home, "user.add", p.address, NULL, p.name, err));
	*out = p;
	p = (sgl_person){0};
	return SGL_OK;
}

sgl_status
sgl_people_new_alias(sgl_home *home, int64_t person, const char *address,
    sgl_alias *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_alias) a = {0};
	SGL_AUTO_CLEAR(sgl_buf) key = sgl_buf_init(ADDRESS_MAX);

	TRY(make_key(address, &key, err));
	TRY(check_domain(home, address, SGL_E_USAGE, err));
	TRY(copy_text(sgl_slice_str(address), &a.address, err));
	TRY(copy_text(sgl_buf_slice(&key), &a.address_key, err));
	TRY(check_free(home, a.address_key, person, err));
	a.person = person;
	a.created = sgl_engine_now(sgl_home_engine(home));
	*out = a;
	a = (sgl_alias){0};
	return SGL_OK;
}

sgl_status
sgl_people_find_alias(sgl_home *home, int64_t person, const char *address,
    sgl_alias *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_aliases) list = {0};
	SGL_AUTO_CLEAR(sgl_buf) key = sgl_buf_init(ADDRESS_MAX);

	TRY(make_key(address, &key, err));
	TRY(sgl_store_list_aliases(sgl_home_store(home), person, &list, err));
	for (size_t i = 0; i < list.num; i++)
		if (sgl_slice_eq(sgl_slice_str(list.items[i].address_key),
			sgl_buf_slice(&key))) {
			*out = list.items[i];
			list.items[i] = (sgl_alias){0};
			return SGL_OK;
		}
	return sgl_fail_at(err, SGL_E_NOKEY, ROOM, SGL_NO_OFFSET,
	    N_("is not a further address of this person"), "%s", address);
}

sgl_status
sgl_people_set_name(sgl_person *p, const char *name, sgl_err *err)
{
	sgl_mem_free(p->name);
	p->name = NULL;
	return set_name(p, name, err);
}
