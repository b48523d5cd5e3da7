// SPDX-License-Identifier: EUPL-1.2
// The lists behind the counts, the history and the reports.
import { html, nothing } from 'lit';
import { handling, openAlarms, shelved, together, what, who } from './alarms.js';
import { button, municipality, priority, time } from './view-bits.js';
import { rhythm } from './view-detail.js';
import { row } from './view-list.js';
import { loadDevices, loadHistory, loadReports } from './lists.js';
import { changed, state } from './state.js';
import { num, t, word } from './i18n.js';
import { day, isoDate, ms, now, osloMidnight, readDate, span, writeDate } from './time.js';

const title = (text, n) => html`<h2 class="ds-heading" data-size="xs" tabindex="-1">${text}${n == null ? nothing : html` <span class="sub">(${num(n)})</span>`}</h2>`;

function listed(name, again, view) {
	const l = state.lists[name];
	return html`
		<p class="list-meta">${l?.at ? html`<span class="sub">${t('list.fetched')} ${time(l.at, true)}</span>` : nothing} ${button(t('list.again'), again, { variant: 'tertiary', busy: l?.loading })}</p>
		${l?.error ? html`<p class="problem" role="status">${l.error}</p>` : nothing}
		${!l?.rows ? (l?.loading ? html`<p role="status">${t('list.loading')}</p>` : nothing) : l.rows.length ? view(l.rows) : html`<p class="empty">${t('list.none')}</p>`}`;
}

const named = (x) => (x && typeof x === 'object' ? (x.name ?? [x.room, x.purpose && word('purpose', x.purpose)].filter(Boolean).join(', ')) : (x ?? ''));
const number = (x) => (x && typeof x === 'object' ? x.number : x);

function device(d) {
	const bits = [
		[t('fact.place'), [together(d.residents ?? []), named(d.place)].filter(Boolean).join(' · ')],
		[t('fact.heard'), d.last_heard ? html`${time(ms(d.last_heard))} <span class="sub">(${span(now() - ms(d.last_heard))})</span>` : t('heard.never')],
		[t('fact.rhythm'), rhythm(d)],
		[t('fact.tested'), d.tested && time(ms(d.tested))],
		[t('fact.trouble'), d.troubles?.map((x) => word('trouble', x)).join(', ')],
		[t('fact.battery'), d.battery == null ? t('unknown') : `${Math.round(d.battery)} %`],
		[t('fact.gateway'), named(d.gateway)],
		[t('fact.identity'), [d.vendor, d.model, d.serial || d.identity].filter(Boolean).join(' · ')],
		[t('fact.features'), d.features?.split(' ').filter(Boolean).map((k) => word('kind', k)).join(', ')],
		[t('fact.lifecycle'), word('lifecycle', d.lifecycle)],
		[t('fact.unknown'), d.unknown_keys > 0 && html`${num(d.unknown_keys)} <span class="sub">(${t('fact.unknown.names', { id: d.id })})</span>`],
	];
	return html`<li class="device"><h3>${d.name || d.identity} <span class="muni">${municipality(number(d.municipality))}</span></h3>
		<dl class="facts">${bits.filter(([, v]) => v).map(([k, v]) => html`<div><dt>${k}</dt><dd>${v}</dd></div>`)}</dl></li>`;
}
const devices = (rows) => html`<ul class="devices">${rows.map(device)}</ul>`;

export const silentPage = () => html`${title(t('page.silent'), state.status?.silent_devices)}<p>${t('page.silent.text')}</p>
	${listed('silent', () => loadDevices('silent'), (r) => devices([...r].sort((a, b) => ms(a.last_heard) - ms(b.last_heard))))}`;
export const waitingPage = () => html`${title(t('page.waiting'), state.status?.waiting_devices)}<p>${t('page.waiting.text')}</p>
	${listed('waiting', () => loadDevices('waiting'), devices)}`;

export function shelvedPage() {
	const list = shelved();
	return html`${title(t('page.shelved'), list.length)}<p>${t('page.shelved.text')}</p>
		${list.length ? html`<ol class="alarms narrow">${list.map((a) => html`<li>${row(a)}</li>`)}</ol>` : html`<p class="empty">${t('list.none')}</p>`}`;
}

export function testPage() {
	const list = openAlarms().filter((a) => a.handling === 'test');
	return html`${title(t('page.test'), state.status?.on_test)}<p>${t('page.test.text')}</p>
		${list.length ? html`<ol class="alarms narrow">${list.map((a) => html`<li>${row(a)}</li>`)}</ol>` : nothing}
		${listed('all', () => loadDevices('all'), (rows) => {
			const on = rows.filter((d) => d.on_test);
			return on.length ? devices(on) : html`<p class="empty">${t('page.test.none')}</p>`;
		})}`;
}

const range = { wrong: '' };
export function historyPage() {
	const r = state.historyRange ?? { from: isoDate(now() - 86400000), to: isoDate(now()) };
	const ask = (e) => {
		e.preventDefault();
		const f = e.target.elements;
		const [from, to] = [readDate(f.from.value), readDate(f.to.value)];
		range.wrong = !from ? 'from' : !to || to < from ? 'to' : '';
		changed();
		if (range.wrong) f[range.wrong].focus();
		else loadHistory(from, to);
	};
	const field = (name, value) => html`<div class="ds-field"><label class="ds-label" for=${name}>${t(name)}</label>
		<input class="ds-input" id=${name} name=${name} inputmode="decimal" autocomplete="off" .value=${writeDate(value)}
			aria-invalid=${range.wrong === name ? 'true' : nothing} aria-describedby=${range.wrong === name ? 'range-error' : nothing}></div>`;
	return html`${title(t('page.history'), state.lists.history?.rows?.length)}
		<form class="range" @submit=${ask}>
			${field('from', r.from)}${field('to', r.to)}
			<button class="ds-button" type="submit" data-variant="secondary">${t('show')}</button>
			${range.wrong ? html`<p class="ds-validation-message" id="range-error" role="status">${t('range.error')}</p>` : nothing}</form>
		${listed('history', () => loadHistory(r.from, r.to), history)}`;
}

function history(rows) {
	const byDay = new Map();
	for (const a of rows) {
		const d = isoDate(ms(a.closed_at ?? a.received_at));
		if (!byDay.has(d)) byDay.set(d, []);
		byDay.get(d).push(a);
	}
	return html`${[...byDay].map(([d, list]) => html`<h3 class="ds-heading day" data-size="2xs">${day(osloMidnight(d) + 43200000)}</h3>
		<ul class="history">${list.map((a) => html`<li>
			<div>${priority(a)} <span class="muni">${a.municipality?.name ?? ''}</span></div>
			<div><a class="ds-link" href="#/alarm/${a.id}">${who(a)}</a>, ${what(a)}</div>
			<div class="sub">${time(ms(a.received_at))}. ${a.acked_at ? t('history.acked', { span: span(ms(a.acked_at) - ms(a.received_at)) }) : t('history.unacked')}
				${handling(a)}.${a.repeat_24h >= 2 ? ` ${t('repeat', { n: a.repeat_24h })}.` : ''}</div></li>`)}</ul>`)}
		${rows.length >= 500 ? html`<p class="sub">${t('history.more')}</p>` : nothing}`;
}

export const reportsPage = () => html`${title(t('page.reports'))}<p>${t('page.reports.text')}</p>
	${listed('reports', loadReports, (rows) => html`<ul class="editions">${rows.map((e) => html`<li><h3>${day(osloMidnight(e.date) + 43200000)}</h3>
		<ul>${e.files.map((f) => html`<li><a class="ds-link" href="/reports/${e.date}/${f.name}" target="_blank" rel="noopener">${report(f)}</a></li>`)}</ul></li>`)}</ul>`)}`;
/** "Lom, nettside" for 3434.html; the region's file has no municipality. */
function report(f) {
	const ext = f.name.split('.').pop();
	return `${f.municipality ? municipality(f.municipality) : t('report.region')}, ${word('filetype', ext)}${/-(data|\w+)\./.test(f.name) ? ` (${f.name})` : ''}`;
}
