/* SPDX-License-Identifier: EUPL-1.2 */
/* Every ceiling in varde, each with its reason. A peer can make nothing grow past these. */
#pragma once

/* -- frames ------------------------------------------------------------------------------- */
#define VD_MAX_FRAME_BYTES   (256 * 1024) /* a Zigbee2MQTT bridge/devices of ~200 devices is ~150 KB */
#define VD_MAX_TOPIC_BYTES   512          /* longest seen in the field is under 200 */
#define VD_MAX_EVENTS_FRAME  64           /* readings one message may yield; Tuya radars give ~30 */
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

/* -- queues ------------------------------------------------------------------------------- */
#define VD_MAX_STORE_BATCHES 20000 /* batches waiting for the writer; above: BUSY */
#define VD_MAX_STORE_BYTES   (64 * 1024 * 1024) /* and their bytes */
#define VD_ALARM_LANE_RESERVE 2000 /* of the batches: only alarm kinds may use the last ones */
#define VD_MAX_BATCH_OPS     256
#define VD_MAX_STATES_DEVICE 48    /* (kind, zone) cells remembered per device */
#define VD_MAX_ADAPTER_MEMORY (4 * 1024 * 1024) /* remembered frames per gateway */
#define VD_MAX_QUARANTINE_BYTES 4096 /* kept of an unreadable message */
#define VD_MAX_QUARANTINE_ROWS  10000 /* oldest are dropped; the count is kept */

/* -- alarms ------------------------------------------------------------------------------- */
#define VD_MAX_OPEN_ALARMS   100000
#define VD_MAX_NOTE_BYTES    2000
#define VD_MAX_AFFECTED_SHOWN 500 /* persons of an outage with names; those in most need come first */
#define VD_FEED_RING         4096  /* changes a reconnecting console can catch up without a snapshot */

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
