/* SPDX-License-Identifier: EUPL-1.2 */
/* The MQTT codec by tables of bytes: every packet a client may send, every way to get it wrong with
 * the reason code the standard gives it, and the bytes of every packet we send. Rows are named
 * after the statement they check: [MQTT-x.y.z-n] of 5.0, or of 3.1.1 where said. */
#include "vdtest.h"
#include "base/limits.h"
#include "io/mqtt_codec.h"
#include <stdio.h>
#include <string.h>

#define OK   0
#define MORE (-1)
#define SIZE 1000

struct row {
	const char *name;
	int version; /* of the connection; 0 = before CONNECT */
	const char *hex;
	int want;
};

static size_t unhex(const char *s, unsigned char *out)
{
	size_t n = 0;
	for (; *s; s++) {
		unsigned v;
		if (*s == ' ')
			continue;
		assert_int_equal(sscanf(s, "%2x", &v), 1);
		out[n++] = (unsigned char)v;
		s++;
	}
	return n;
}

static int read_bytes(const unsigned char *b, size_t n, int version, struct mqtt_packet *k)
{
	struct mqtt_head h;
	struct vd_span in = vd_span((const char *)b, n);
	int r = mqtt_read_head(in, SIZE, SIZE, &h);
	if (r)
		return r;
	if (h.size > n)
		return MORE;
	assert_int_equal(h.size, n);
	/* An exact copy on the heap, so that a sanitizer sees any step past its end. */
	char *copy = test_malloc(n);
	memcpy(copy, b, n);
	r = mqtt_read_packet(vd_span(copy, n), &h, version, k);
	test_free(copy);
	return r;
}

static void check_rows(const struct row *rows, size_t n)
{
	int bad = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char b[SIZE];
		struct mqtt_packet k;
		size_t len = unhex(rows[i].hex, b);
		int r = read_bytes(b, len, rows[i].version, &k);
		if (r != rows[i].want) {
			print_error("%s: got 0x%02x, want 0x%02x\n", rows[i].name, r, rows[i].want);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}
#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

/* -- fixed header --------------------------------------------------------------------------- */

static void test_fixed_header(void **state)
{
	static const struct row rows[] = {
		{"2.1.2 type 0 is reserved", 5, "00 00", 0x81},
		{"2.1.2 CONNACK is for servers", 5, "20 02 00 00", 0x82},
		{"2.1.2 SUBACK is for servers", 5, "90 03 00 01 00", 0x82},
		{"2.1.2 UNSUBACK is for servers", 5, "B0 02 00 01", 0x82},
		{"2.1.2 PINGRESP is for servers", 5, "D0 00", 0x82},
		{"2.1.3-1 CONNECT flags", 0, "11 00", 0x81},
		{"2.1.3-1 PUBACK flags", 4, "41 02 00 01", 0x81},
		{"2.1.3-1 PUBREC flags", 4, "52 02 00 01", 0x81},
		{"3.6.1-1 PUBREL flags must be 2", 4, "60 02 00 01", 0x81},
		{"2.1.3-1 PUBCOMP flags", 4, "74 02 00 01", 0x81},
		{"3.8.1-1 SUBSCRIBE flags must be 2", 4, "80 06 00 01 00 01 61 00", 0x81},
		{"3.10.1-1 UNSUBSCRIBE flags must be 2", 4, "A0 05 00 01 00 01 61", 0x81},
		{"2.1.3-1 PINGREQ flags", 4, "C8 00", 0x81},
		{"3.14.1-1 DISCONNECT flags", 5, "E1 00", 0x81},
		{"3.15.1-1 AUTH flags", 5, "F2 00", 0x81},
		{"3.3.1-4 QoS 3", 5, "36 05 00 01 61 00 01", 0x81},
		{"3.3.1-2 DUP at QoS 0", 5, "38 04 00 01 61 00", 0x81},
		{"2.1.4 five length bytes", 5, "30 80 80 80 80 01", 0x81},
		{"1.5.5-1 length longer than needed", 5, "C0 80 00", 0x81},
		{"3.1.1 does not ask for the shortest length", 4, "C0 80 00", OK},
		{"length not here yet", 5, "30 80", MORE},
		{"nothing here yet", 5, "", MORE},
		{"body not here yet", 5, "C0 01", MORE},
		{"longer than the limit", 5, "30 FF FF 03", 0x95},
		{"a bare PINGREQ", 5, "C0 00", OK},
		{"PINGREQ with a body", 5, "C0 01 00", 0x81},
	};
	CHECK(rows);
}

static void test_limits_by_type(void **state)
{
	struct mqtt_head h;
	/* 200 bytes of PUBLISH pass where 200 bytes of SUBSCRIBE do not. */
	assert_int_equal(mqtt_read_head(vd_span("\x30\xC8\x01", 3), 300, 100, &h), 0);
	assert_int_equal(h.size, 203);
	assert_int_equal(h.start, 3);
	assert_int_equal(mqtt_read_head(vd_span("\x82\xC8\x01", 3), 300, 100, &h), 0x95);
	assert_int_equal(mqtt_read_head(vd_span("\x30\xFF\xFF\xFF\x7F", 5), 300, 100, &h), 0x95);
}

/* -- CONNECT -------------------------------------------------------------------------------- */

static void test_connect_rules(void **state)
{
	static const struct row rows[] = {
		{"3.1.1 the smallest", 0, "10 0D 0004 4D515454 04 02 003C 0001 61", OK},
		{"5.0 the smallest", 0, "10 0D 0004 4D515454 05 02 003C 00 0000", OK},
		{"Mosquitto's bridge level", 0, "10 0D 0004 4D515454 84 02 003C 0001 61", OK},
		{"level 3 is read no further", 0, "10 10 0006 4D5149736470 03 02 003C 0002 6161",
		 OK},
		{"level 6 is read no further", 0, "10 0D 0004 4D515454 06 FF FFFF FF FFFF", OK},
		{"3.1.2-1 another protocol name", 0, "10 0D 0004 4D515455 04 02 003C 0001 61",
		 0x84},
		{"3.1.2-3 reserved flag", 0, "10 0D 0004 4D515454 04 03 003C 0001 61", 0x81},
		{"3.1.2-11 will QoS without will", 0, "10 0D 0004 4D515454 04 0A 003C 0001 61",
		 0x81},
		{"3.1.2-13 will retain without will", 0, "10 0D 0004 4D515454 04 22 003C 0001 61",
		 0x81},
		{"3.1.2-12 will QoS 3", 0,
		 "10 14 0004 4D515454 04 1E 003C 0001 61 0001 74 0002 6869", 0x81},
		{"3.1.1 3.1.2-22 password without user", 0,
		 "10 10 0004 4D515454 04 42 003C 0001 61 0001 70", 0x81},
		{"5.0 password without user is allowed", 0,
		 "10 11 0004 4D515454 05 42 003C 00 0001 61 0001 70", OK},
		{"3.1.3 cut in the client id", 0, "10 0D 0004 4D515454 04 02 003C 0002 61", 0x81},
		{"3.1.3 bytes after the end", 0, "10 0E 0004 4D515454 04 02 003C 0001 61 00", 0x81},
		{"1.5.4-2 NUL in the client id", 0, "10 0D 0004 4D515454 04 02 003C 0001 00", 0x81},
		{"1.5.4-1 client id is not UTF-8", 0, "10 0D 0004 4D515454 04 02 003C 0001 FF",
		 0x81},
		{"1.5.4-1 surrogate in the client id", 0,
		 "10 0F 0004 4D515454 04 02 003C 0003 EDA080", 0x81},
		{"will with a wildcard topic", 0,
		 "10 13 0004 4D515454 04 06 003C 0001 61 0001 23 0001 78", 0x81},
		{"will with an empty topic", 0,
		 "10 12 0004 4D515454 04 06 003C 0001 61 0000 0001 78", 0x81},
		{"user flag, no user", 0, "10 0D 0004 4D515454 04 82 003C 0001 61", 0x81},
		{"3.1.2-1 empty packet", 0, "10 00", 0x81},
		{"3.1.2.11.3 receive maximum 0", 0, "10 10 0004 4D515454 05 02 003C 03 210000 0000",
		 0x82},
		{"3.1.2.11.4 maximum packet size 0", 0,
		 "10 12 0004 4D515454 05 02 003C 05 2700000000 0000", 0x82},
		{"3.1.2.11.2 session expiry twice", 0,
		 "10 17 0004 4D515454 05 02 003C 0A 1100000001 1100000001 0000", 0x82},
		{"3.1.2.11.7 problem information 2", 0,
		 "10 0F 0004 4D515454 05 02 003C 02 1702 0000", 0x82},
		{"3.1.2.11.6 response information 2", 0,
		 "10 0F 0004 4D515454 05 02 003C 02 1902 0000", 0x82},
		{"3.1.2.11.10 auth data without a method", 0,
		 "10 11 0004 4D515454 05 02 003C 04 16000161 0000", 0x82},
		{"2.2.2.2 property of another packet (topic alias)", 0,
		 "10 10 0004 4D515454 05 02 003C 03 230001 0000", 0x81},
		{"2.2.2.2 unknown property 0x7F", 0, "10 0F 0004 4D515454 05 02 003C 02 7F00 0000",
		 0x81},
		{"2.2.2.2 server's property (assigned client id)", 0,
		 "10 11 0004 4D515454 05 02 003C 04 12000161 0000", 0x81},
		{"will delay outside the will", 0,
		 "10 12 0004 4D515454 05 02 003C 05 1800000001 0000", 0x81},
		{"user property twice is fine", 0,
		 "10 1B 0004 4D515454 05 02 003C 0E 26000161000162 26000161000163 0000", OK},
		{"property length beyond the packet", 0, "10 0D 0004 4D515454 05 02 003C 05 0000",
		 0x81},
		{"property cut by its length", 0, "10 0F 0004 4D515454 05 02 003C 02 2100 0000",
		 0x81},
		{"property length longer than needed", 0,
		 "10 0E 0004 4D515454 05 02 003C 8000 0000", 0x81},
	};
	CHECK(rows);
}

static void test_connect_fields(void **state)
{
	unsigned char b[SIZE];
	struct mqtt_packet k;
	size_t n =
		unhex("10 4E 0004 4D515454 05 EE 012C"
		      "14 11 0000000A 21 0005 27 00010000 17 00 26 0001 61 0001 62" /* 22 bytes */,
		      b);
	/* Property length is patched here: the list above is 22 bytes long. */
	b[12] = 0x16;
	n += unhex("0003 677731"
		   "0E 18 00000007 03 0004 6A736F6E 01 01"
		   "0001 77 0002 6869"
		   "0002 7531 0003 000102",
		   b + n);
	b[1] = (unsigned char)(n - 2);
	assert_int_equal(read_bytes(b, n, 0, &k), 0);
	const struct mqtt_connect *c = &k.connect;
	assert_int_equal(k.type, MQTT_CONNECT);
	assert_int_equal(c->version, 5);
	assert_true(c->clean_start && c->has_will && c->has_user && c->has_password);
	assert_int_equal(c->keep_alive_s, 300);
	assert_int_equal(c->session_expiry_s, 10);
	assert_int_equal(c->receive_max, 5);
	assert_int_equal(c->max_packet, 65536);
	assert_false(c->problem_info);
	assert_int_equal(c->will.qos, 1);
	assert_true(c->will.retain);
	assert_int_equal(c->will.delay_s, 7);
	assert_int_equal(c->password.n, 3); /* binary */
	assert_true(c->will.topic.n == 1 && c->will.payload.n == 2 && c->user.n == 2);
	assert_int_equal(c->client_id.n, 3);
	assert_int_equal(c->will.content_type.n, 4);
}

static void test_expiry_of_old_clients(void **state)
{
	unsigned char b[SIZE];
	struct mqtt_packet k;
	size_t n = unhex("10 0D 0004 4D515454 04 00 003C 0001 61", b);
	assert_int_equal(read_bytes(b, n, 0, &k), 0);
	assert_int_equal(k.connect.session_expiry_s, MQTT_FOREVER); /* clean session 0 */
	b[9] = 2;
	assert_int_equal(read_bytes(b, n, 0, &k), 0);
	assert_int_equal(k.connect.session_expiry_s, 0);
}

/* -- PUBLISH -------------------------------------------------------------------------------- */

static void test_publish_rules(void **state)
{
	static const struct row rows[] = {
		{"3.1.1 QoS 0", 4, "30 05 0003 612F62", OK},
		{"5.0 QoS 0", 5, "30 06 0003 612F62 00", OK},
		{"5.0 QoS 1 retained duplicate", 5, "3B 08 0003 612F62 0001 00", OK},
		{"2.2.1-3 packet id 0", 4, "32 07 0003 612F62 0000", 0x82},
		{"cut before the packet id", 4, "32 05 0003 612F62", 0x81},
		{"3.3.2-2 wildcard + in a name", 4, "30 05 0003 612F2B", 0x81},
		{"3.3.2-2 wildcard # in a name", 5, "30 06 0003 612F23 00", 0x81},
		{"4.7.3-1 empty topic, 3.1.1", 4, "30 02 0000", 0x81},
		{"3.3.2.1 empty topic without alias", 5, "30 03 0000 00", 0x82},
		{"1.5.4-2 NUL in the topic", 4, "30 05 0003 610062", 0x81},
		{"1.5.4-1 topic is not UTF-8", 4, "30 04 0002 C328", 0x81},
		{"topic longer than the packet", 4, "30 05 0004 612F62", 0x81},
		{"3.3.2.3.4 topic alias though none is offered", 5, "30 09 0003 612F62 03 230001",
		 0x94},
		{"3.3.2-8 topic alias 0", 5, "30 09 0003 612F62 03 230000", 0x94},
		{"3.3.4-6 subscription id from a client", 5, "30 08 0003 612F62 02 0B01", 0x82},
		{"3.3.2.3.8 subscription id 0", 5, "30 08 0003 612F62 02 0B00", 0x82},
		{"3.3.2.3.2 payload format 2", 5, "30 08 0003 612F62 02 0102", 0x82},
		{"payload format twice", 5, "30 0A 0003 612F62 04 01010101", 0x82},
		{"3.3.2-14 wildcard in the response topic", 5, "30 0A 0003 612F62 04 08000123",
		 0x82},
		{"session expiry does not belong here", 5, "30 0B 0003 612F62 05 1100000000", 0x81},
		{"all of its properties", 5,
		 "30 20 0003 612F62 1A 0101 0200000001 03000161 08000162 09000163 26000164000165",
		 OK},
		{"content type is not UTF-8", 5, "30 0A 0003 612F62 04 030001FF", 0x81},
	};
	CHECK(rows);
}

static void test_publish_fields(void **state)
{
	unsigned char b[SIZE];
	struct mqtt_packet k;
	size_t n = unhex("3D 0F 0003 612F62 0102 04 03000161 FF00FF", b);
	b[1] = (unsigned char)(n - 2);
	assert_int_equal(read_bytes(b, n, 5, &k), 0);
	assert_true(k.publish.dup && k.publish.retain);
	assert_int_equal(k.publish.qos, 2);
	assert_int_equal(k.publish.id, 0x0102);
	assert_int_equal(k.publish.payload.n, 3); /* binary payloads pass */
	assert_int_equal(k.publish.content_type.n, 1);
}

/* -- acknowledgements ------------------------------------------------------------------------- */

static void test_ack_rules(void **state)
{
	static const struct row rows[] = {
		{"PUBACK", 4, "40 02 0001", OK},
		{"PUBREL", 4, "62 02 0001", OK},
		{"5.0 PUBACK with a reason", 5, "40 03 0001 10", OK},
		{"5.0 PUBACK with reason and empty properties", 5, "40 04 0001 00 00", OK},
		{"5.0 PUBACK with a reason string", 5, "40 08 0001 80 04 1F000161", OK},
		{"packet id 0", 4, "40 02 0000", 0x82},
		{"3.1.1 has no reason", 4, "40 03 0001 00", 0x81},
		{"cut", 5, "50 01 00", 0x81},
		{"unknown reason in PUBACK", 5, "40 03 0001 01", 0x81},
		{"PUBREC's reason in PUBREL", 5, "62 03 0001 10", 0x81},
		{"PUBCOMP with 0x92", 5, "70 03 0001 92", OK},
		{"reason string twice", 5, "40 0C 0001 00 08 1F000161 1F000161", 0x82},
		{"a property of PUBLISH", 5, "40 06 0001 00 02 0101", 0x81},
	};
	CHECK(rows);
}

/* -- SUBSCRIBE, UNSUBSCRIBE ------------------------------------------------------------------- */

static void test_subscribe_rules(void **state)
{
	static const struct row rows[] = {
		{"3.1.1", 4, "82 06 0001 0001 61 01", OK},
		{"5.0", 5, "82 07 0001 00 0001 61 2E", OK},
		{"3.8.3-2 no filter", 4, "82 02 0001", 0x82},
		{"3.8.3-2 no filter, 5.0", 5, "82 03 0001 00", 0x82},
		{"2.2.1-3 packet id 0", 4, "82 06 0000 0001 61 01", 0x82},
		{"3.1.1 3-8.3-4 reserved option bits", 4, "82 06 0001 0001 61 04", 0x81},
		{"3.1.1 3-8.3-4 QoS 3", 4, "82 06 0001 0001 61 03", 0x81},
		{"3.8.3-5 reserved option bits", 5, "82 07 0001 00 0001 61 40", 0x81},
		{"3.8.3.1 QoS 3", 5, "82 07 0001 00 0001 61 03", 0x82},
		{"3.8.3.1 retain handling 3", 5, "82 07 0001 00 0001 61 30", 0x82},
		{"3.8.3-4 no-local on a shared subscription", 5,
		 "82 0F 0001 00 0009 2473686172652F6761 04", 0x82},
		{"options missing", 4, "82 05 0001 0001 61", 0x81},
		{"4.7.3-1 empty filter", 4, "82 05 0001 0000 01", 0x81},
		{"4.7.1-1 # not last", 4, "82 08 0001 0003 232F61 00", 0x81},
		{"4.7.1-1 # not alone in its level", 4, "82 07 0001 0002 6123 00", 0x81},
		{"4.7.1-2 + not alone in its level", 4, "82 07 0001 0002 612B 00", 0x81},
		{"1.5.4-1 filter is not UTF-8", 4, "82 06 0001 0001 FF 00", 0x81},
		{"subscription id though we said no", 5, "82 09 0001 02 0B01 0001 61 00", 0xA1},
		{"subscription id 0", 5, "82 09 0001 02 0B00 0001 61 00", 0x82},
		{"UNSUBSCRIBE", 4, "A2 05 0001 0001 61", OK},
		{"UNSUBSCRIBE, 5.0, two filters", 5, "A2 09 0001 00 0001 61 0001 62", OK},
		{"3.10.3-2 UNSUBSCRIBE without a filter", 4, "A2 02 0001", 0x82},
		{"UNSUBSCRIBE with a broken filter", 4, "A2 06 0001 0002 6123", 0x81},
		{"reason string does not belong here", 5, "A2 0A 0001 04 1F000161 0001 61", 0x81},
	};
	CHECK(rows);
}

static void test_subscribe_fields(void **state)
{
	unsigned char b[SIZE];
	struct mqtt_packet k;
	struct vd_span f;
	unsigned char o;
	size_t n = unhex("82 0A 0007 0001 61 01 0001 62 02", b);
	assert_int_equal(read_bytes(b, n, 4, &k), 0);
	assert_int_equal(k.filters.n, 2);
	assert_int_equal(k.filters.id, 7);
	/* read_bytes freed its copy: look again in the original */
	k.filters.rest = vd_span((const char *)b + 4, n - 4);
	assert_true(mqtt_next_filter(&k.filters, &f, &o));
	assert_true(vd_span_is(f, "a") && o == 1);
	assert_true(mqtt_next_filter(&k.filters, &f, &o));
	assert_true(vd_span_is(f, "b") && o == 2);
	assert_false(mqtt_next_filter(&k.filters, &f, &o));
}

/* -- DISCONNECT, AUTH ---------------------------------------------------------------------------
 */

static void test_disconnect_rules(void **state)
{
	static const struct row rows[] = {
		{"3.1.1", 4, "E0 00", OK},
		{"3.1.1 with a body", 4, "E0 01 00", 0x81},
		{"5.0 empty", 5, "E0 00", OK},
		{"5.0 with will", 5, "E0 01 04", OK},
		{"5.0 session expiry", 5, "E0 07 00 05 1100000005", OK},
		{"5.0 a server's reason", 5, "E0 01 8B", 0x81},
		{"5.0 unknown reason", 5, "E0 01 01", 0x81},
		{"5.0 expiry twice", 5, "E0 0C 00 0A 1100000005 1100000005", 0x82},
		{"4.12.0-6 AUTH without a method", 5, "F0 00", 0x82},
		{"AUTH in 3.1.1", 4, "F0 00", 0x82},
	};
	CHECK(rows);
}

/* -- any cut, any bit ----------------------------------------------------------------------------
 */

static const char *const whole[] = {
	"10 38 0004 4D515454 05 C6 003C 05 1100000005 0003 677731 05 1800000001 0001 74 0002 6869"
	"0003 677731 0006 736563726574",
	"10 1C 0004 4D515454 04 C2 003C 0003 677731 0003 677731 0006 736563726574",
	"34 11 0003 612F62 0001 04 03000161 7B7D7B7D7D",
	"82 0C 0001 00 0003 612F23 01 0001 2B 00",
	"A2 09 0001 00 0001 61 0001 62",
	"40 08 0001 80 04 1F000161",
	"E0 07 00 05 1100000005",
};

static size_t whole_packet(size_t i, unsigned char *b)
{
	size_t n = unhex(whole[i], b);
	b[1] = (unsigned char)(n - 2);
	return n;
}

static void test_every_cut_asks_for_more(void **state)
{
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		unsigned char b[SIZE];
		struct mqtt_packet k;
		size_t n = whole_packet(i, b);
		assert_int_equal(read_bytes(b, n, 5, &k), 0);
		for (size_t cut = 0; cut < n; cut++)
			assert_int_equal(read_bytes(b, cut, 5, &k), MORE);
	}
}

/* A packet whose length says less than its fields do is malformed at every length, never read past.
 */
static void test_every_shortened_length(void **state)
{
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		unsigned char b[SIZE];
		struct mqtt_packet k;
		size_t n = whole_packet(i, b);
		for (size_t len = 0; len + 3 < n; len++) {
			b[1] = (unsigned char)len;
			int r = read_bytes(b, len + 2, 5, &k);
			assert_true(r == 0 || r >= 0x81);
		}
	}
}

static void test_every_flipped_bit(void **state)
{
	unsigned ok = 0, refused = 0;
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		unsigned char b[SIZE];
		size_t n = whole_packet(i, b);
		for (size_t bit = 0; bit < n * 8; bit++) {
			struct mqtt_packet k;
			struct mqtt_head h;
			b[bit / 8] ^= (unsigned char)(1u << bit % 8);
			struct vd_span in = vd_span((const char *)b, n);
			int r = mqtt_read_head(in, SIZE, SIZE, &h);
			if (!r && h.size <= n)
				r = mqtt_read_packet(vd_span(in.p, h.size), &h, 5, &k);
			assert_true(r == 0 || r == -1 || (r >= 0x81 && r <= 0xA2));
			ok += r == 0;
			refused += r > 0;
			b[bit / 8] ^= (unsigned char)(1u << bit % 8);
		}
	}
	assert_true(ok > 100 && refused > 300); /* both kinds were met */
}

/* -- topics ---------------------------------------------------------------------------------------
 */

static void test_matching(void **state)
{
	static const struct {
		const char *filter, *topic;
		bool match;
	} rows[] = {
		{"a/b", "a/b", true},     {"a/b", "a/c", false},
		{"a/b", "a/b/c", false},  {"a/b/c", "a/b", false},
		{"a/+", "a/b", true},     {"a/+", "a/b/c", false},
		{"+/+", "/b", true},      {"/+", "/b", true},
		{"+", "/b", false},       {"+", "b", true},
		{"a/#", "a/b/c", true},   {"a/#", "a", true}, /* 4.7.1.2: the parent level too */
		{"a/#", "ab", false},     {"#", "a/b", true},
		{"#", "$SYS/x", false}, /* [MQTT-4.7.2-1] */
		{"+/x", "$SYS/x", false}, {"$SYS/#", "$SYS/x", true},
		{"a/+/c", "a//c", true},  {"A", "a", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (mqtt_matches(vd_span_cstr(rows[i].filter), vd_span_cstr(rows[i].topic)) !=
		    rows[i].match)
			fail_msg("%s / %s", rows[i].filter, rows[i].topic);
}

/* -- our packets
 * ------------------------------------------------------------------------------------ */

static void expect_bytes(struct vd_buf *b, const char *hex)
{
	unsigned char want[SIZE];
	size_t n = unhex(hex, want);
	assert_int_equal(b->err, 0);
	assert_int_equal(b->n, n);
	assert_memory_equal(b->p, want, n);
	vd_buf_clear(b);
}

static void test_encoding(void **state)
{
	struct vd_buf b;
	vd_buf_init(&b, 4096);
	struct mqtt_connack a = {.session_present = true,
				 .keep_alive_s = 600,
				 .receive_max = 64,
				 .max_packet = 0x10000,
				 .session_expiry_s = 86400,
				 .say_expiry = true,
				 .assigned_id = VD_SPAN_LIT("ab")};
	mqtt_put_connack(&b, 5, &a);
	expect_bytes(&b, "20 1C 01 00 19 11 00015180 21 0040 27 00010000 12 0002 6162 13 0258"
			 "29 00 2A 00");
	mqtt_put_connack(&b, 4, &a);
	expect_bytes(&b, "20 02 01 00");
	a.reason = MQTT_BAD_LOGIN; /* [MQTT-3.2.2-6]: no session present beside a refusal */
	mqtt_put_connack(&b, 5, &a);
	expect_bytes(&b, "20 03 00 86 00");
	mqtt_put_connack(&b, 4, &a);
	expect_bytes(&b, "20 02 00 04");
	mqtt_put_ack(&b, 5, MQTT_PUBACK, 0x1234, 0, vd_span("x", 1), 0);
	expect_bytes(&b, "40 02 1234");
	mqtt_put_ack(&b, 5, MQTT_PUBREC, 1, 0x99, vd_span("no", 2), 0);
	expect_bytes(&b, "50 09 0001 99 05 1F 0002 6E6F");
	mqtt_put_ack(&b, 5, MQTT_PUBREC, 1, 0x99, vd_span("no", 2), 10); /* [MQTT-3.5.2-2] */
	expect_bytes(&b, "50 03 0001 99");
	mqtt_put_ack(&b, 4, MQTT_PUBREL, 1, 0x92, vd_span("", 0), 0);
	expect_bytes(&b, "62 02 0001");
	mqtt_put_suback(&b, 5, 1, vd_span("\x01\x87", 2));
	expect_bytes(&b, "90 05 0001 00 01 87");
	mqtt_put_suback(&b, 4, 1, vd_span("\x01\x80", 2));
	expect_bytes(&b, "90 04 0001 01 80");
	mqtt_put_unsuback(&b, 5, 1, vd_span("\x11", 1));
	expect_bytes(&b, "B0 04 0001 00 11");
	mqtt_put_unsuback(&b, 4, 1, vd_span("\x11", 1));
	expect_bytes(&b, "B0 02 0001");
	mqtt_put_publish(&b, 4, vd_span("a/b", 3), vd_span("hi", 2), 1, 7, true);
	assert_int_equal(b.n, mqtt_publish_size(4, 3, 2, 1));
	expect_bytes(&b, "3A 09 0003 612F62 0007 6869");
	mqtt_put_publish(&b, 5, vd_span("a/b", 3), vd_span("hi", 2), 0, 0, false);
	assert_int_equal(b.n, mqtt_publish_size(5, 3, 2, 0));
	expect_bytes(&b, "30 08 0003 612F62 00 6869");
	mqtt_put_pingresp(&b);
	expect_bytes(&b, "D0 00");
	mqtt_put_disconnect(&b, 0x8B);
	expect_bytes(&b, "E0 01 8B");
	vd_buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed_header),
		cmocka_unit_test(test_limits_by_type),
		cmocka_unit_test(test_connect_rules),
		cmocka_unit_test(test_connect_fields),
		cmocka_unit_test(test_expiry_of_old_clients),
		cmocka_unit_test(test_publish_rules),
		cmocka_unit_test(test_publish_fields),
		cmocka_unit_test(test_ack_rules),
		cmocka_unit_test(test_subscribe_rules),
		cmocka_unit_test(test_subscribe_fields),
		cmocka_unit_test(test_disconnect_rules),
		cmocka_unit_test(test_every_cut_asks_for_more),
		cmocka_unit_test(test_every_shortened_length),
		cmocka_unit_test(test_every_flipped_bit),
		cmocka_unit_test(test_matching),
		cmocka_unit_test(test_encoding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
