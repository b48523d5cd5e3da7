// SPDX-License-Identifier: EUPL-1.2
// The steps a person takes. Refused while there is no contact, never queued: a step that might be
// written an hour later is worse than one the person knows was not.
import { get, post, problemText } from './api.js';
import { changed, state } from './state.js';
import { headline } from './alarms.js';
import { t, word } from './i18n.js';
import { hms, ms } from './time.js';
import { takeAnswer } from './detail.js';
import { sayStatus } from './say.js';

/** Why no step can be taken now, as text, or "". */
export function blocked() {
	if (state.conn.phase === 'red') return t('blocked.red');
	if (state.locked) return t('blocked.locked');
	return '';
}

/** May the step be offered on this alarm? The hub decides again. */
export const may = (a, step) => a.allowed?.includes(step) ?? false;

/* A conflict only because the hub itself counted on (escalation, repeat) is not worth a person's
 * second tap: same handling, same owner, then the step goes again, once, with the new version. */
const unchangedForPeople = (seen, is) =>
	seen.handling === is.handling && (seen.owner?.id ?? 0) === (is.owner?.id ?? 0) &&
	(seen.target?.id ?? 0) === (is.target?.id ?? 0);

const PLAIN = ['acknowledge', 'en_route', 'on_site', 'receive', 'note', 'call'];

/** Takes a step. Answers true when the hub has written it. */
export async function act(seen, step, extra = {}) {
	const why = blocked();
	if (why) return fail(seen, why);
	if (state.busy.has(seen.id)) return false;
	state.busy.add(seen.id);
	state.problems.delete(seen.id);
	changed();
	let r = await send(seen, step, extra);
	const is = r.body?.alarm;
	if (r.status === 409 && is && PLAIN.includes(step) && unchangedForPeople(seen, is) && is.version !== seen.version)
		r = await send(is, step, extra);
	state.busy.delete(seen.id);
	if (r.ok) {
		state.attention.delete(seen.id);
		if (r.body?.id) takeAnswer(r.body);
		sayStatus(t('say.done', { step: word('do', step), what: headline(seen) }));
		changed();
		return true;
	}
	if (r.body?.alarm) takeAnswer(r.body.alarm);
	if (r.status === 401) state.locked = r.body?.code === 'locked' || state.locked;
	if (r.status === 0) {
		unsure(seen);
		return fail(seen, t('err.unsure'));
	}
	return fail(seen, r.status === 409 ? first(r.body?.alarm) : problemText(r));
}

const send = (a, step, extra) =>
	post(`/api/v1/alarms/${encodeURIComponent(a.id)}/steps`, { step, version: a.version, ...extra });

function fail(a, text) {
	state.problems.set(a.id, text);
	sayStatus(text);
	changed();
	return false;
}

/** Somebody was first: who, what and when. */
function first(is) {
	if (!is) return t('err.state');
	if (is.handling === 'closed')
		return t('conflict.closed', { outcome: word('outcome', is.outcome ?? ''), time: hms(ms(is.closed_at)) });
	if (is.owner)
		return t('conflict.owner', { who: is.owner.name, state: t(`handling.short.${is.handling}`),
			time: hms(ms(is.handled_at ?? is.acked_at)) });
	return t('conflict.other', { state: t(`handling.short.${is.handling}`) });
}

/** No answer: it may or may not have been written. Look, do not guess. */
async function unsure(a) {
	const r = await get(`/api/v1/alarms/${encodeURIComponent(a.id)}`);
	if (r.ok) {
		takeAnswer(r.body);
		changed();
	}
}

/** Acknowledges what nobody has in a group, one by one, each with its own answer. */
export async function acknowledgeAll(list) {
	for (const a of list) if (may(a, 'acknowledge') && a.handling === 'new') await act(a, 'acknowledge');
}
