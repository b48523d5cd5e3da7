// SPDX-License-Identifier: EUPL-1.2
// What a device of this home can be asked to do, and how it goes. Asked at once or refused, never kept
// for later: a door that opens when nobody stands before it is worse than one that stays shut.
import { blocked } from './actions.js';
import { get, post, problemText } from './api.js';
import { isMine } from './alarms.js';
import { changed, state } from './state.js';
import { has, t, word } from './i18n.js';
import { sayStatus } from './say.js';
import { takeCommands } from './detail.js';

/* The same key until the hub has answered: a press that got no answer and one more are one command. */
const keys = new Map();
export const slot = (device, verb) => `${device.id} ${verb}`;

function keyFor(name) {
	if (!keys.has(name)) keys.set(name, crypto.randomUUID());
	return keys.get(name);
}

const DOORS = ['unlock', 'lock'];

/** Why this cannot be asked now, as text, or "". The hub decides again. */
export function whyNot(a, verb) {
	if (blocked()) return blocked();
	if (DOORS.includes(verb) && !isMine(a) && !state.session.roles.includes('leader')) return t('cmd.why.mine');
	return '';
}

/** What happens to it, as a sentence. */
export function progress(c) {
	const why = c.result ?? '';
	const text = t(`cmd.state.${c.state}`);
	if (!why) return text;
	const http = /^http_(\d+)$/.exec(why);
	return `${text}. ${http ? t('cmd.result.http', { n: http[1] }) : word('cmd.result', why)}`;
}
export const name = (c) => `${t(`cmd.${c.verb}`)}: ${c.device.name}`;

/** Asks. Answers true when the hub has taken it. */
export async function ask(a, device, verb, extra = {}) {
	const at = slot(device, verb);
	const why = whyNot(a, verb);
	if (why) return tell(a, why);
	if (state.busy.has(at)) return false;
	state.busy.add(at);
	state.commandProblem = null;
	changed();
	const r = await post(`/api/v1/devices/${device.id}/commands`, { verb, alarm: a.id, key: keyFor(at), ...extra });
	state.busy.delete(at);
	if (r.status !== 0 && r.status !== 503) keys.delete(at);
	if (r.ok) {
		takeCommand(r.body);
		sayStatus(`${name(r.body)}: ${progress(r.body)}`);
		changed();
		return true;
	}
	if (r.status === 401) state.locked = r.body?.code === 'locked' || state.locked;
	if (r.status === 0) {
		look(a);
		return tell(a, t('cmd.err.unsure'));
	}
	return tell(a, has(`cmd.err.${r.body?.code}`) ? t(`cmd.err.${r.body.code}`) : problemText(r));
}

function tell(a, text) {
	state.commandProblem = { id: a.id, text };
	sayStatus(text);
	changed();
	return false;
}

/** No answer: it may have been taken. Look, do not guess. */
async function look(a) {
	const r = await get(`/api/v1/alarms/${encodeURIComponent(a.id)}`);
	if (r.ok) takeCommands(r.body);
	changed();
}

/** One command as it is now, from an answer or the stream; of this alarm or this home's devices. */
export function takeCommand(c) {
	const all = state.detail.commands;
	const here = all && (c.alarm === state.detail.id || all.devices.some((d) => d.id === c.device.id));
	if (!here) return;
	const old = all.list.find((x) => x.id === c.id);
	if (old?.ended_at && !c.ended_at) return; // an older word, come late
	const ended = !!c.ended_at && !old?.ended_at;
	all.list = [{ ...old, ...c }, ...all.list.filter((x) => x.id !== c.id)].sort((x, y) => (x.asked_at < y.asked_at ? 1 : -1));
	if (ended) sayStatus(`${name(c)}: ${progress(c)}`);
}
