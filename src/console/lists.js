// SPDX-License-Identifier: EUPL-1.2
// Lists read over HTTP: devices, history, colleagues, reports. Loaded when opened.
import { get, problemText } from './api.js';
import { changed, state } from './state.js';
import { isoDate, now, osloMidnight } from './time.js';

const DAY = 86400000;

async function load(name, path, pick) {
	const old = state.lists[name];
	state.lists[name] = { loading: true, error: '', rows: old?.rows ?? null };
	changed();
	const r = await get(path);
	state.lists[name] = r.ok
		? { loading: false, error: '', rows: pick(r.body) ?? [], at: now() }
		: { loading: false, error: problemText(r), rows: old?.rows ?? null, at: old?.at };
	changed();
}

export const loadDevices = (filter) =>
	load(filter, `/api/v1/devices?filter=${filter}`, (b) => b.devices);
export const loadStaff = () => load('staff', '/api/v1/staff', (b) => b.staff);
export const loadReports = () => load('reports', '/api/v1/reports', (b) => b.editions);

/** Closed alarms of whole Oslo days, both ends included. */
export function loadHistory(from = isoDate(now() - DAY), to = isoDate(now())) {
	const a = new Date(osloMidnight(from)).toISOString();
	const b = new Date(osloMidnight(isoDate(osloMidnight(to) + 1.5 * DAY))).toISOString();
	state.historyRange = { from, to };
	return load('history', `/api/v1/alarms?closed=1&from=${a}&to=${b}&limit=500`, (x) => x.alarms);
}
