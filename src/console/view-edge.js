// SPDX-License-Identifier: EUPL-1.2
// The edge of the screen: who is on duty where, and the counts of everything that is not in the
// list: shelved, on test, silent, waiting. Shown always, also at zero; each opens its list.
import { html, nothing } from 'lit';
import { municipality, phone } from './view-bits.js';
import { shelved } from './alarms.js';
import { state } from './state.js';
import { num, t } from './i18n.js';

export function edge() {
	const st = state.status;
	const count = (name, n, colour) => html`<a class="count count-${name} ${n > 0 ? colour : ''}" href="#/${name}"
		aria-current=${state.route.name === name ? 'page' : nothing}><span class="n">${n == null ? '–' : num(n)}</span> ${t(`edge.${name}`)}</a>`;
	return html`<footer aria-label=${t('edge.title')}>
		<div class="counts">
			${count('shelved', st ? Math.max(st.shelved, shelved().length) : null, 'warn')}
			${count('test', st?.on_test, 'warn')}
			${count('silent', st?.silent_devices, 'warn')}
			${count('waiting', st?.waiting_devices, '')}
		</div>
		<dl class="duty" aria-label=${t('duty.title')}>${(st?.duty ?? []).map((d) => html`<div class=${d.first ? '' : 'nobody'}>
			<dt>${municipality(d.municipality)}</dt>
			<dd>${d.first ? d.first.name : t('duty.nobody')}${d.next ? html` <span class="sub">${t('duty.next', { who: d.next.name })}</span>` : nothing}</dd></div>`)}</dl>
	</footer>`;
}

/** Whom to phone when the hub is out of reach: those on duty and everybody an open alarm went to. */
export function receiversPhones() {
	const by = new Map();
	for (const d of state.status?.duty ?? [])
		for (const p of [d.first, d.next])
			if (p?.phone) {
				const known = by.get(p.id);
				const where = municipality(d.municipality);
				by.set(p.id, { ...p, where: known ? `${known.where}, ${where}` : where });
			}
	for (const a of state.alarms.values())
		for (const p of a.receivers ?? [])
			if (p.phone && !by.has(p.id)) by.set(p.id, { ...p, where: a.municipality?.name ?? '' });
	return [...by.values()].filter((p) => p.id !== state.session?.staff.id);
}

/** Duty as a table with phones, in the panel when nothing else is open. */
export function dutyTable() {
	const rows = state.status?.duty ?? [];
	const person = (p) => (p ? html`${p.name}${p.phone ? html`<br>${phone(p.phone)}` : nothing}` : '–');
	return html`<table class="ds-table" data-color="neutral" data-border><caption>${t('duty.title')}</caption>
		<thead><tr><th scope="col">${t('muni')}</th><th scope="col">${t('duty.first')}</th><th scope="col">${t('duty.second')}</th></tr></thead>
		<tbody>${rows.map((d) => html`<tr class=${d.first ? '' : 'nobody'}><th scope="row">${municipality(d.municipality)}</th>
			<td>${d.first ? person(d.first) : html`<b>${t('duty.nobody')}</b>`}</td><td>${person(d.next)}</td></tr>`)}</tbody></table>`;
}
