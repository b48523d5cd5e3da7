/* SPDX-License-Identifier: EUPL-1.2 */
/* Every ceiling in varde, each with its reason. A peer can make nothing grow past these. */
#pragma once

/* -- frames ------------------------------------------------------------------------------- */
#define VD_MAX_FRAME_BYTES   (256 * 1024) /* a Zigbee2MQTT bridge/devices of ~200 devices is ~150 KB */
#define VD_MAX_TOPIC_BYTES   512          /* longest seen in the field is under 200 */
#define VD_MAX_EVENTS_FRAME  64           /* readings one message may yield; Tuya radars give ~30 */
#define VD_MAX_UNKNOWN_FRAME 16           /* fields of one message told by name; the rest by number */
#define VD_MAX_JSON_DEPTH    16           /* ChirpStack's rxInfo nests 6 deep */
#define VD_MAX_ATTRS_BYTES   256          /* extra attributes of one event, as JSON */

/* -- peers -------------------------------------------------------------------------------- */
#define VD_MAX_GATEWAYS      4096  /* 1 000 municipalities with a few each */
#define VD_MAX_DEVICES       200000 /* national scale; about 512 bytes each */
#define VD_MAX_HEARD_GATEWAY 500   /* unplaced devices one gateway may add to the waiting list */
#define VD_MAX_MQTT_CONNS    5000  /* TLS connection is ~30 KiB: 150 MB at the ceiling */
#define VD_MAX_MQTT_INFLIGHT 64    /* QoS>0 messages a client may have waiting for a commit */
#define VD_MAX_MQTT_PACKET   (VD_MAX_FRAME_BYTES + VD_MAX_TOPIC_BYTES + 1024)
#define VD_MAX_HTTP_CONNS    2000
#define VD_MAX_LOOKS         20000 /* looks at persons that wait for a full disk: 3 MB */
#define VD_MAX_HTTP_BODY     VD_MAX_FRAME_BYTES
#define VD_MAX_WS_CLIENTS    4000  /* consoles; 17 KiB each over TLS */
#define VD_MAX_WS_QUEUE      (512 * 1024) /* bytes waiting for one slow console; then it resyncs */
#define VD_MAX_SESSIONS      8000  /* signed-in staff */
#define VD_MAX_PENDING_LOGIN 16    /* argon2 at 19 MiB each, two at a time, the rest waits */

/* -- the MQTT door ------------------------------------------------------------------------- */
#define VD_MAX_MQTT_CONTROL  (16 * 1024) /* any packet but PUBLISH; CONNECT's will is the largest */
#define VD_MAX_MQTT_CLIENT_ID 128  /* the standard demands 23; clients make up to about 70 */
#define VD_MAX_MQTT_SESSIONS (2 * VD_MAX_MQTT_CONNS) /* connected, and kept for who comes back */
#define VD_MAX_MQTT_OFFLINE  32    /* of one gateway: sessions kept while nobody is connected */
#define VD_MAX_MQTT_SUBS     64    /* filters of one session; Home Assistant makes about 40 */
#define VD_MAX_MQTT_COMMANDS 64    /* commands waiting for one client */
#define VD_MAX_MQTT_COMMAND_BYTES (128 * 1024) /* and their bytes */
#define VD_MAX_MQTT_INFLIGHT_BYTES (1024 * 1024) /* of one client, waiting for the disk */
#define VD_MAX_MQTT_OUT      (256 * 1024) /* bytes for one client; we read no more from it at 1/4 */
#define VD_MAX_MQTT_READ     (64 * 1024)  /* bytes of one client at a time */
#define VD_MAX_MQTT_PACKETS_TURN 64 /* packets of one client at a time, then the others */
#define VD_MAX_MQTT_PREAUTH  512   /* connections that have not signed in yet */
#define VD_MAX_TLS_TURN      4     /* handshake steps in one loop turn: about 5 ms with certificates */

/* -- the SIP door -------------------------------------------------------------------------- */
#define VD_MAX_SIP_HEAD      (64 * 1024) /* start line and headers; an alarm unit's are under 2 KiB */
#define VD_MAX_SIP_BODY      (16 * 1024) /* as sent; SS 91100 splits what is over 1 300 bytes */
#define VD_MAX_SIP_PLAIN     (64 * 1024) /* decompressed: 50 times an honest one, no bomb */
#define VD_MAX_SIP_HEADERS   128         /* header lines; a message through five proxies has about 40 */
#define VD_MAX_SIP_MARKS     512 /* commas, semicolons ... of a head: the parser's lists are linear */
#define VD_MAX_SIP_CONNS     5000 /* TLS connection is ~30 KiB: 150 MB at the ceiling */
#define VD_MAX_SIP_CONNS_SOURCE 2000 /* of those, from one address: a region behind one NAT */
#define VD_MAX_SIP_PREAUTH   512  /* connections nobody has signed in on */
#define VD_MAX_SIP_PREAUTH_SOURCE 64 /* of those, from one address: a mobile operator's NAT */
#define VD_MAX_SIP_OUT       (128 * 1024) /* bytes waiting for one connection; then it is closed */
#define VD_MAX_SIP_TURN      32    /* messages of one connection at a time, then the others */
#define VD_MAX_SIP_SERVERS   40000 /* requests remembered for 32 s: 1 250 a second */
#define VD_MAX_SIP_STORED    (64 * 1024 * 1024) /* and the bytes of their answers */
#define VD_MAX_SIP_CLIENTS   20000 /* answers on their way to units, 32 s each at the longest */
#define VD_MAX_SIP_CLIENTS_UNIT 16 /* to one unit: it resends at most every 5 s (SS 91100 4.2) */
#define VD_MAX_SIP_BINDINGS  50000 /* contacts; about 500 bytes each */
#define VD_MAX_SIP_BINDINGS_ACCOUNT 20000 /* of one account: a region's units behind one proxy */
#define VD_MAX_SIP_BINDINGS_UNIT 8 /* of one unit: two radios, and what an old address left behind */
#define VD_MAX_SIP_NONCES    20000 /* challenges in use: one a unit and five minutes */
#define VD_MAX_SIP_SOURCES   4096  /* addresses whose rate and mistakes are remembered */
#define VD_MAX_SIP_LATE      1024  /* refusals held back */

/* -- queues ------------------------------------------------------------------------------- */
#define VD_MAX_STORE_BATCHES 20000 /* batches waiting for the writer; above: BUSY */
#define VD_MAX_STORE_BYTES   (64 * 1024 * 1024) /* and their bytes */
#define VD_ALARM_LANE_RESERVE 2000 /* of the batches: only alarm kinds may use the last ones */
#define VD_MAX_BATCH_OPS     256
#define VD_MAX_STATES_DEVICE 48    /* (kind, zone) cells remembered per device */
#define VD_MAX_COUNTERS_DEVICE 64 /* names a device's unknown fields are counted by in a day; the rest
				   * share one. The richest radar has about 40 fields */
#define VD_MAX_ADAPTER_MEMORY (4 * 1024 * 1024) /* remembered frames per gateway */
#define VD_MAX_REMEMBERED     20000 /* of them: a topic for each device of a large bridge, several for some */
#define VD_MAX_QUARANTINE_BYTES 4096 /* kept of an unreadable message */
#define VD_MAX_QUARANTINE_ROWS  10000 /* oldest are dropped; the count is kept */

/* -- alarms ------------------------------------------------------------------------------- */
#define VD_MAX_OPEN_ALARMS   100000
#define VD_MAX_NOTE_BYTES    2000
#define VD_MAX_SAID_BYTES    1024  /* SCAIP: four texts of up to 128 characters, and a position */
#define VD_MAX_AFFECTED_SHOWN 500 /* persons of an outage with names; those in most need come first */
#define VD_FEED_RING         4096  /* changes a reconnecting console can catch up without a snapshot */

/* -- homes ----------------------------------------------------------------------------- */
#define VD_MAX_ALSO          4    /* people a device is for beside the first: a shared flat has five */
/* -- commands to devices ------------------------------------------------------------------ */
#define VD_MAX_COMMANDS      2000 /* remembered: waiting, and those of the last hour; 400 bytes each */
#define VD_MAX_COMMANDS_STAFF 20  /* one person's in a minute; a hand does not press faster */
#define VD_MAX_COMMANDS_DEVICE 6  /* one device's in a minute */
#define VD_MAX_DOWNLINK_BYTES 4096 /* what one command becomes; JSON of a few fields */
#define VD_MAX_FETCHES       32   /* requests to platforms at a time; more wait their turn */
#define VD_MAX_FETCH_WAITING 256  /* and this many wait */
#define VD_MAX_FETCH_BODY    16384 /* read of an answer; the rest is a fault */

/* -- onboarding --------------------------------------------------------------------------- */
#define VD_MAX_CSV_ROWS      10000 /* a region's whole stock is under 2 000; more is a wrong file */
#define VD_MAX_CSV_RECORD    16384 /* bytes of one row; an honest one is under 500 */
#define VD_MAX_CSV_FIELDS    64    /* columns; exports from asset registers have up to 40 */
#define VD_MAX_PASSWORD_BYTES 512  /* argon2 reads all of it; a long passphrase is under 100 */
#define VD_MAX_LISTED_SHIFTS 100000 /* shifts one listing shows: years of a region's rosters */

/* -- the nightly report ------------------------------------------------------------------- */
#define VD_MAX_REPORT_ROWS   4000000 /* one list of facts: 13 months of 10 000 user-days a night */
#define VD_MAX_REPORT_BYTES  (16 * 1024 * 1024) /* one file; a busy region's page is under 200 KB */
#define VD_MAX_REPORT_MUNIS  1000 /* pages of one edition; Norway has under 400 municipalities */
