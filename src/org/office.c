/* SPDX-License-Identifier: Apache-2.0 */
#include "org/office.h"

static const char *const names[SGL_NUM_OFFICES] = {
    [SGL_OFFICE_ADMINISTRATOR] = "administrator",
    [SGL_OFFICE_OPERATOR] = "operator",
    [SGL_OFFICE_READER] = "reader",
    [SGL_OFFICE_RECOVERY_OFFICER] = "recovery-officer",
};

/* Who does the work of an office. */
#define ADMINISTRATOR SGL_OFFICE_BIT(SGL_OFFICE_ADMINISTRATOR)
#define OPERATOR SGL_OFFICE_BIT(SGL_OFFICE_OPERATOR)
#define READER SGL_OFFICE_BIT(SGL_OFFICE_READER)
#define RECOVERY_OFFICER SGL_OFFICE_BIT(SGL_OFFICE_RECOVERY_OFFICER)
static const sgl_offices done_by[SGL_NUM_OFFICES] = {
    [SGL_OFFICE_ADMINISTRATOR] = ADMINISTRATOR,
    [SGL_OFFICE_OPERATOR] = ADMINISTRATOR | OPERATOR,
    [SGL_OFFICE_READER] = ADMINISTRATOR | OPERATOR | READER,
    [SGL_OFFICE_RECOVERY_OFFICER] = RECOVERY_OFFICER,
};

const char *
sgl_office_name(sgl_office office)
{
	return names[office];
}

bool
sgl_office_find(sgl_slice name, sgl_office *out)
{
	for (unsigned i = 0; i < SGL_NUM_OFFICES; i++)
		if (sgl_slice_eq(name, sgl_slice_str(names[i]))) {
			*out = (sgl_office)i;
			return true;
		}
	return false;
}

bool
sgl_office_is_born(const sgl_home *home, unsigned uid)
{
	return uid == 0 || uid == sgl_home_owner(home);
}

sgl_status
sgl_offices_of(sgl_home *home, unsigned uid, sgl_offices *out, sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_administrators) list = {0};
	sgl_offices held = sgl_office_is_born(home, uid) ? ADMINISTRATOR : 0;
	sgl_office office;

	TRY(sgl_store_list_administrators(sgl_home_store(home), &list, err));
	for (size_t i = 0; i < list.num; i++)
		if (list.items[i].uid == uid &&
		    sgl_office_find(
			sgl_slice_str(list.items[i].office), &office))
			held |= SGL_OFFICE_BIT(office);
	*out = held;
	return SGL_OK;
}

bool
sgl_offices_allow(sgl_offices held, sgl_office office)
{
	return (held & done_by[office]) != 0;
}
