// SPDX-License-Identifier: EUPL-1.2
// The hub's clock as this page knows it, and times written for people: always Europe/Oslo, whatever
// the PC is set to. Names of days and months come from the catalogue.
import { language, num, t } from './i18n.js';

let base = Date.now();
let perf = performance.now();

/** Every message from the hub carries its `now`; ages count from that, not from the PC's clock. */
export function syncClock(iso) {
	const at = Date.parse(iso);
	if (Number.isNaN(at)) return;
	base = at;
	perf = performance.now();
}
export const now = () => base + (performance.now() - perf);

export const ms = (iso) => (iso ? Date.parse(iso) : 0);

const parts = new Intl.DateTimeFormat('en-GB', {
	timeZone: 'Europe/Oslo',
	hourCycle: 'h23',
	year: 'numeric',
	month: 'numeric',
	day: 'numeric',
	hour: '2-digit',
	minute: '2-digit',
	second: '2-digit',
});

/** Wall clock in Oslo, as numbers; weekday 0 = Sunday. */
export function oslo(at) {
	const o = {};
	for (const p of parts.formatToParts(new Date(at)))
		if (p.type !== 'literal') o[p.type] = Number(p.value);
	o.weekday = new Date(Date.UTC(o.year, o.month - 1, o.day)).getUTCDay();
	o.dayNumber = Math.floor(Date.UTC(o.year, o.month - 1, o.day) / 86400000);
	return o;
}

const two = (n) => String(n).padStart(2, '0');
const HOUR = 3600000;

const wall = (o) => Date.UTC(o.year, o.month - 1, o.day, o.hour, o.minute, o.second);

/** In the autumn night 02.00-03.00 comes twice; say which one is meant. */
function season(at) {
	const here = wall(oslo(at));
	if (wall(oslo(at + HOUR)) === here) return ' ' + t('time.summer');
	if (wall(oslo(at - HOUR)) === here) return ' ' + t('time.winter');
	return '';
}

const sep = () => (language() === 'en' ? ':' : '.');

/** "02.14", with "(sommertid)" in the doubled hour. */
export function hm(at) {
	const o = oslo(at);
	return `${two(o.hour)}${sep()}${two(o.minute)}${season(at)}`;
}
/** "02.14.07" */
export function hms(at) {
	const o = oslo(at);
	return [o.hour, o.minute, o.second].map(two).join(sep()) + season(at);
}
/** "laurdag 21. november" */
export function day(at) {
	const o = oslo(at);
	return t('time.date', { weekday: t(`weekday.${o.weekday}`), day: o.day, month: t(`month.${o.month}`) });
}
/** "kl. 02.14" today, "i går kl. 23.12", else with the date. */
export function when(at, exact = false) {
	const clock = t('time.clock', { time: exact ? hms(at) : hm(at) });
	const back = oslo(now()).dayNumber - oslo(at).dayNumber;
	if (back === 0) return clock;
	if (back === 1) return t('time.yesterday', { clock });
	return t('time.on', { day: day(at), clock });
}

/** A counting age or a span: "12 s", "2 min 14 s", "1 t 05 min", "3 d 4 t". */
/** A length in one unit, as one says it: 55 min, 3 h, 2 d. */
export function about(seconds) {
	const [unit, size] = seconds < 7200 ? ['min', 60] : seconds < 172800 ? ['h', 3600] : ['d', 86400];
	return t(`about.${unit}`, { n: num(Math.round(seconds / size)) });
}

export function span(millis) {
	const s = Math.max(0, Math.floor(millis / 1000));
	if (s < 60) return t('span.s', { s });
	if (s < 3600) return t('span.ms', { m: Math.floor(s / 60), s: two(s % 60) });
	if (s < 86400) return t('span.hm', { h: Math.floor(s / 3600), m: two(Math.floor((s % 3600) / 60)) });
	return t('span.dh', { d: Math.floor(s / 86400), h: Math.floor((s % 86400) / 3600) });
}

/** "for 12 sekund sidan" */
export function ago(at) {
	const s = Math.max(0, Math.floor((now() - at) / 1000));
	if (s < 60) return t('ago.seconds', { n: s });
	if (s < 3600) return t('ago.minutes', { n: Math.floor(s / 60) });
	if (s < 2 * 86400) return t('ago.hours', { n: Math.floor(s / 3600) });
	return t('ago.days', { n: Math.floor(s / 86400) });
}

/** Midnight in Oslo that begins a day written 2026-11-24, as UTC ms. */
export function osloMidnight(date) {
	const [y, m, d] = date.split('-').map(Number);
	let at = Date.UTC(y, m - 1, d);
	for (let i = 0; i < 2; i++) at -= wall(oslo(at)) - Date.UTC(y, m - 1, d);
	return at;
}
/** "24.11.2026", for people, and read back; "" when it is no date. The browser's own date field is
 * not used: it writes dates in the PC's language. */
export const writeDate = (iso) => iso.split('-').reverse().map((n, i) => (i < 2 ? String(Number(n)) : n)).join('.');
export function readDate(text) {
	const m = /^\s*(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\s*$/.exec(text);
	if (!m) return '';
	const d = new Date(Date.UTC(Number(m[3]), Number(m[2]) - 1, Number(m[1])));
	return d.getUTCMonth() === Number(m[2]) - 1 ? d.toISOString().slice(0, 10) : '';
}
/** The Oslo date of a moment as 2026-11-24. */
export function isoDate(at) {
	const o = oslo(at);
	return `${o.year}-${two(o.month)}-${two(o.day)}`;
}
