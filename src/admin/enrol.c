/* SPDX-License-Identifier: Apache-2.0 */
/* sigill user enrol-code */
#include "base/time.h"
#include "ca/enrol.h"
#include "admin/work.h"

#define ROOM "admin.enrol"
#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define VALID_DEFAULT (24 * HOUR)
#define VALID_MAX (30 * DAY)

static unsigned
unit_of(char letter)
{
	switch (letter) {
	case 'm':
		return MINUTE;
	case 'h':
		return HOUR;
	case 'd':
		return DAY;
	default:
		return 0;
	}
}

/* "24h": 0 for what is none, or too long. */
static unsigned
read_duration(const char *text)
{
	unsigned number = 0, unit;

	while (*text >= '0' && *text <= '9' && number < VALID_MAX)
		number = number * 10 + (unsigned)(*text++ - '0');
	unit = text[0] == '\0' || text[1] != '\0' ? 0 : unit_of(text[0]);
	return unit == 0 || number > VALID_MAX / unit ? 0 : number * unit;
}

static sgl_status
find_expiry(
    const sgl_session *s, const sgl_call *call, sgl_time *out, sgl_err *err)
{
	const char *text = sgl_call_get(call, "valid");
	unsigned seconds = text == NULL ? VALID_DEFAULT : read_duration(text);

	if (seconds == 0)
		return sgl_fail_at(err, SGL_E_USAGE, ROOM, SGL_NO_OFFSET,
		    N_("is no time of up to 30 days, like 30m, 24h or 7d"),
		    "%s", text);
	*out = sgl_engine_now(s->engine) + (sgl_time)seconds;
	return SGL_OK;
}

static sgl_status
tell(sgl_reply *r, const sgl_person *p, sgl_cert_purpose purpose,
    sgl_time expires, const char *code, sgl_err *err)
{
	char until[SGL_TIME_TEXT];

	if (r->as_json) {
		sgl_json_object(&r->json, NULL);
		sgl_json_str(&r->json, "address", p->address);
		sgl_json_str(
		    &r->json, "purpose", sgl_cert_purpose_name(purpose));
		sgl_json_time(&r->json, "expires", expires);
		if (!r->has_file)
			sgl_json_str(&r->json, "code", code);
		sgl_json_close_object(&r->json);
		return SGL_OK;
	}
	if (r->has_file)
		return sgl_buf_printf(&r->text, err,
		    _("A code for a device of %s, for one certificate, until "
		      "%s\n"),
		    p->address, sgl_time_text(expires, until));
	return sgl_buf_printf(&r->text, err,
	    _("%s\nFor a device of %s, for one certificate, until %s. It is "
	      "not shown again.\n"),
	    code, p->address, sgl_time_text(expires, until));
}

static sgl_status
fill_file(sgl_reply *r, const char *code, sgl_err *err)
{
	r->has_file = true;
	r->file_is_secret = true;
	TRY(sgl_buf_add_str(&r->file, code, err));
	return sgl_buf_add_str(&r->file, "\n", err);
}

static sgl_status
make_code(sgl_session *s, const sgl_call *call, sgl_reply *r,
    char code[SGL_ENROL_CODE], sgl_err *err)
{
	SGL_AUTO_CLEAR(sgl_person) p = {0};
	sgl_cert_purpose purpose = SGL_CERT_SIGNING;
	sgl_time expires = 0;
	bool given;

	TRY(sgl_call_use(call, &purpose, &given, err));
	TRY(find_expiry(s, call, &expires, err));
	TRY(sgl_people_get(s->home, sgl_call_arg(call, 0), &p, err));
	TRY(sgl_enrol_new_code(s->home, &p, purpose, expires, code, err));
	if (sgl_call_has(call, "output"))
		TRY(fill_file(r, code, err));
	return tell(r, &p, purpose, expires, code, err);
}

sgl_status
sgl_org_user_enrol_code(
    sgl_session *s, const sgl_order *order, sgl_reply *r, sgl_err *err)
{
	char code[SGL_ENROL_CODE] = "";
	sgl_status status;

	r->text.secret = true;
	status = make_code(s, order->call, r, code, err);
	sgl_mem_wipe(code, sizeof code);
	return status;
}
