/* SPDX-License-Identifier: EUPL-1.2 */
/* One adapter with the devices behind it, as the hub would keep them, for tests. One thread. */
#pragma once
#include "adapters/common/table.h"
#include "core/devstate.h"
#include <jansson.h>

#define RUNNER_DEVICES 64

struct runner {
	const struct vd_adapter *adapter;            /* borrowed */
	void *state;                                 /* owned */
	struct vd_decoded *d;                        /* owned; the last frame's readings */
	enum vd_verdict verdict;                     /* of the last frame */
	int64_t at_ms;                               /* when the next frame is received */
	enum vd_carrier carrier;                     /* of the next frame */
	struct vd_event events[VD_MAX_EVENTS_FRAME]; /* as judged, one per reading */
	struct {
		char identity[96];
		struct vd_devstate state;
	} devices[RUNNER_DEVICES];
	size_t n_devices;
};

void runner_open(struct runner *r, const char *family, const struct vd_tables *tables);
void runner_close(struct runner *r);
/* Decodes; when that went well judges every reading. The adapter's answer. */
int runner_frame(struct runner *r, struct vd_span topic, struct vd_span body, bool retained);

/* A family's samples: every line of adapters/<family>/samples/<family>.jsonl. Fails the test when
 * the file is missing or a line is not JSON. Free with json_decref. */
json_t *runner_samples(const char *family);
struct vd_span runner_text(const json_t *line, const char *key); /* "" when absent */
/* NULL, or what differs from line.expect (static text until the next call). */
const char *runner_differs(const struct runner *r, const json_t *expect);
