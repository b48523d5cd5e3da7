/* SPDX-License-Identifier: EUPL-1.2 */
/* Medicine dispensers and pill boxes: VKP's FHIR resources, the clouds that publish what they send,
 * and text messages that a receiver of them hands on. Which it is, the message itself tells. Facts
 * and addresses: README.md. Loop thread. */
#include "adapters/medicine/medicine_int.h"
#include "base/err.h"
#include "base/map.h"

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct vd_fhir *h = state;
	(void)prefix;
	h->tables = tables;
	return vd_pseudonyms_init(&h->people, config);
}

int medicine_wrong(struct vd_decoded *d, const char *what)
{
	snprintf(d->error, sizeof(d->error), "%s", what);
	return VD_EINVAL;
}

enum vd_field medicine_field(const struct vd_fhir *h, struct vd_decoded *d, const char *platform,
			     struct vd_span vendor, const struct vd_reading *like,
			     struct vd_span key, const struct vd_json_val *value)
{
	struct vd_field_of who = {.platform = vd_span_cstr(platform),
				  .vendor = vendor,
				  .identity = like->identity,
				  .like = like};
	enum vd_field f = vd_table_read(h->tables, &who, key, value, d);
	if (f == VD_FIELD_UNKNOWN)
		vd_unknown_field(d, key);
	return f;
}

/* -- which form ----------------------------------------------------------------------------- */

enum {
	F_FHIR,
	F_GILLIE,
	F_TENOVI,
	F_TUYA,
	F_TUYA_BIZ,
	F_IMPILO,
	F_IMPILO_HOOK,
	F_TEXT,
	F_MESSAGE,
	F_BODY,
	F_FROM,
	F_FROM_BIG,
	F_DATA,
	F_N
};

static const char *const form_names[F_N] = {
	"resourceType", "measurement", "metric",  "devId", "bizData", "readingTimestamp",
	"payload",      "text",        "message", "Body",  "from",    "From",
	"data"};

/* {"from":"+47...","text":"a2240#b80"}: one way receivers of text messages hand them on. */
static bool is_text(const struct vd_json_val *m, struct vd_span *ret_text, struct vd_span *ret_from)
{
	for (size_t i = F_TEXT; i <= F_BODY; i++) {
		if (m[i].type != VD_JSON_STRING)
			continue;
		*ret_text = m[i].raw;
		*ret_from = m[F_FROM].type == VD_JSON_STRING       ? m[F_FROM].raw
			    : m[F_FROM_BIG].type == VD_JSON_STRING ? m[F_FROM_BIG].raw
								   : vd_span("", 0);
		return true;
	}
	return false;
}

/* A member only one form has; the first that is there decides. */
static int read_object(const struct vd_fhir *h, struct vd_span object, bool in_list,
		       struct vd_decoded *d)
{
	struct vd_json_val m[F_N] = {{0}};
	struct vd_span text, from;
	int err = vd_members_read(d, object, "a message of a medicine dispenser",
				  &(struct vd_members){.names = form_names, .vals = m, .n = F_N});
	if (err)
		return err;
	if (m[F_FHIR].type && in_list)
		return medicine_wrong(d, "several FHIR resources are sent as one Bundle");
	if (m[F_FHIR].type)
		return vd_fhir_read(h, object, d);
	if (m[F_GILLIE].type)
		return medicine_gillie(h, object, d);
	if (m[F_TENOVI].type)
		return medicine_tenovi(h, object, d);
	if (m[F_TUYA].type || m[F_TUYA_BIZ].type)
		return medicine_tuya(h, object, d);
	if (m[F_IMPILO].type || m[F_IMPILO_HOOK].type)
		return medicine_impilo(h, object, d);
	if (is_text(m, &text, &from))
		return medicine_sms(h, text, from, d);
	if (m[F_DATA].type)
		return medicine_wrong(d, "this looks encrypted (Tuya's message queue): decrypt "
					 "\"data\" before it is sent here");
	return medicine_wrong(d, "no known form: FHIR, Gillie, Tenovi, Tuya and Impilo are read");
}

/* A list is one message: known again as a whole only, and none of it is read when a part is bad. */
static int read_list(const struct vd_fhir *h, struct vd_span list, struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_json_val v;
	int err = 0;
	bool keyless = false;
	vd_json_init(&j, list);
	if (!vd_json_enter_array(&j))
		return vd_bad_json(d, &j, "a list of messages");
	while (!err && vd_json_next_elem(&j) && vd_json_value(&j, &v)) {
		uint64_t before = d->dedup;
		if (v.type != VD_JSON_OBJECT)
			err = medicine_wrong(d, "a list here holds messages as objects");
		else
			err = read_object(h, v.raw, true, d);
		if (!err && (d->n == VD_MAX_EVENTS_FRAME || !vd_told_room(d)))
			err = medicine_wrong(d, "more readings than fit in one list: send fewer");
		keyless |= d->dedup == before;
	}
	if (!err && vd_json_finish(&j))
		err = vd_bad_json(d, &j, "a list of messages");
	if (keyless)
		d->dedup = 0;
	return err;
}

/* Receivers of text messages hand them on as a form (From, Body), as JSON or as they are, with the
 * sender's number in the address. */
static int read_form(const struct vd_fhir *h, struct vd_span body, struct vd_span sender,
		     struct vd_decoded *d)
{
	char text[200] = "", from[40] = "";
	struct vd_span id = vd_span("", 0);
	struct vd_span key, value, rest = body;
	while (vd_form_next(&rest, &key, &value)) {
		if (vd_span_is(key, "Body") || vd_span_is(key, "text") ||
		    vd_span_is(key, "message") || vd_span_is(key, "body"))
			vd_form_text(value, text, sizeof(text));
		else if (vd_span_is(key, "From") || vd_span_is(key, "from") ||
			 vd_span_is(key, "sender") || vd_span_is(key, "msisdn"))
			vd_form_text(value, from, sizeof(from));
		else if (vd_span_is(key, "MessageSid") || vd_span_is(key, "messageId"))
			id = value;
	}
	if (id.n)
		vd_told_key(d, vd_hash64(id, 0));
	return medicine_sms(h, vd_span_cstr(text), from[0] ? vd_span_cstr(from) : sender, d);
}

static int read_text(const struct vd_fhir *h, const struct vd_frame *f, struct vd_span body,
		     struct vd_decoded *d)
{
	char from[40];
	vd_form_text(vd_query(f->topic, "from"), from, sizeof(from));
	bool form =
		vd_span_starts(f->content_type, VD_SPAN_LIT("application/x-www-form-urlencoded")) ||
		memchr(body.p, '=', body.n);
	return form ? read_form(h, body, vd_span_cstr(from), d)
		    : medicine_sms(h, body, vd_span_cstr(from), d);
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	const struct vd_fhir *h = state;
	struct vd_span body = vd_span_trim(f->body);
	int err = vd_told_ready(d);
	if (err)
		return err;
	if (!body.n)
		return medicine_wrong(d, "the message is empty");
	if (body.p[0] == '[')
		err = read_list(h, body, d);
	else if (body.p[0] == '<')
		err = medicine_wrong(d, "VKP's resources are read as JSON: send "
					"application/fhir+json, not XML");
	else if (body.p[0] != '{')
		err = read_text(h, f, body, d);
	else
		err = read_object(h, body, false, d);
	if (err) {
		d->n = d->n_heard = 0;
		d->dedup = 0;
		return err;
	}
	vd_told_features(d);
	return 0;
}

const struct vd_adapter vd_adapter_medicine = {
	.family = "medicine",
	.title = "Medicine dispensers",
	.state_size = sizeof(struct vd_fhir),
	.init = init,
	.decode = decode,
};
