// SPDX-License-Identifier: EUPL-1.2
// The open alarm: its steps, fetched once and then followed from the live stream. Each fetch is
// logged as a look at the person, so it is not done again without need.
import { get, problemText } from './api.js';
import { changed, state } from './state.js';

/* Steps whose change on the stream says all there is; the others carry a note, target or outcome. */
const TELLS_ALL = ['raised', 'repeated', 'returned', 'reactivated', 'acknowledged', 'ack_timeout', 'released',
	'en_route', 'on_site', 'received', 'escalated', 'unshelved', 'merged', 'updated'];

export async function openDetail(id) {
	if (state.detail.id !== id) state.detail = { id, steps: null, affected: null, error: '' };
	const r = await get(`/api/v1/alarms/${encodeURIComponent(id)}`);
	if (state.detail.id !== id) return;
	if (!r.ok) state.detail.error = problemText(r);
	else takeAnswer(r.body);
	changed();
}
export function closeDetail() {
	state.detail = { id: '', steps: null, affected: null, error: '' };
	state.form = state.commandForm = state.commandProblem = null;
}

/** An alarm object from HTTP, with or without its steps. */
export function takeAnswer(a) {
	const old = state.alarms.get(a.id);
	const { steps, commands, affected, ...alarm } = a;
	if (!old || old.version <= alarm.version) state.alarms.set(a.id, alarm);
	if (steps && state.detail.id === a.id) {
		state.detail.steps = steps;
		state.detail.affected = affected ?? null;
		state.detail.error = '';
	}
	if (commands) takeCommands(a);
}
/** What this home's devices take and were asked, as an alarm's own page tells it. */
export function takeCommands(a) {
	if (a.commands && state.detail.id === a.id) state.detail.commands = a.commands;
}

/** The stream told of a step on some alarm; the step's number is the alarm's new version. */
export function stepHappened(a, step) {
	const d = state.detail;
	if (!a || d.id !== a.id || !d.steps) return;
	const last = d.steps.at(-1)?.n ?? 0;
	if (a.version <= last) return;
	if (step && a.version === last + 1 && TELLS_ALL.includes(step.step)) {
		d.steps = [...d.steps, { n: a.version, step: step.step, at: step.at, staff: step.staff, target: null,
			level: step.step === 'escalated' ? a.level : 0, outcome: null, note: '' }];
	} else openDetail(a.id);
}
