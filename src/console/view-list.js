// SPDX-License-Identifier: EUPL-1.2
// The live list: rows, groups in a flood, storms that unfold, and what was closed within the hour.
import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { acknowledgeAll, blocked, may } from './actions.js';
import {
	groupedView, groups, handling, isMine, keyNote, level, liveList, members, offeredToMe, recentCount, recentlyClosed,
	shelved, unacknowledged, what, where, who,
} from './alarms.js';
import { age, button, flags, municipality, nextStep, priority, stepButton, tag, time } from './view-bits.js';
import { changed, state } from './state.js';
import { num, t, word } from './i18n.js';
import { ago, hm, ms } from './time.js';

export function alarmList() {
	const list = liveList();
	const grouped = groupedView();
	return html`
		<div class="list-head">
			<h2>${t('list.title')} <span class="sub">${t('list.count', { n: list.length })}${list.length ? html`, ${t('list.unack', { n: unacknowledged().length })}` : nothing}</span></h2>
			<div class="list-tools">
				${list.length > 1 ? html`${button(t(grouped ? 'flood.each' : 'flood.group'), () => { state.flood.choice = !grouped; changed(); }, { variant: 'tertiary' })}
				${button(t(state.frozen ? 'list.thaw' : 'list.freeze'), freeze, { variant: 'tertiary' })}` : nothing}
			</div>
		</div>
		${blocked() ? html`<p class="why" id="why-blocked">${blocked()}</p>` : nothing}
		${state.frozen ? html`<p class="why">${t('list.frozen')}</p>` : nothing}
		${state.flood.on ? html`<p class="flood" id="flood">${t('flood.text', { n: recentCount() })}</p>` : nothing}
		${!list.length ? empty() : grouped ? groupList() : html`<ol class="alarms">${repeat(list, (a) => a.id, (a) => html`<li>${row(a)}</li>`)}</ol>`}
		${closedList()}`;
}

function freeze() {
	state.frozen = state.frozen ? null : new Map(liveList().map((a, i) => [a.id, i]));
	changed();
}

function empty() {
	if (!state.epoch) return html`<div class="empty"><p>${t('list.loading')}</p></div>`;
	const hidden = shelved().length;
	return html`<div class="empty"><p class="empty-title">${t('list.empty')}</p>
		${hidden ? html`<p><a class="ds-link" href="#/shelved">${t('list.empty.shelved', { n: hidden })}</a></p>` : nothing}
		<p class="sub">${t('list.empty.since', { time: state.conn.lastNow ? hm(state.conn.lastNow) : '–' })}</p></div>`;
}

function rowClass(a) {
	return ['row', `lvl-${level(a)}`, `h-${a.handling}`, a.handling === 'new' || offeredToMe(a) ? 'waits' : 'held',
		a.condition, isMine(a) ? 'mine' : '', state.attention.has(a.id) ? 'again' : '',
		state.detail.id === a.id ? 'chosen' : ''].filter(Boolean).join(' ');
}

export function row(a) {
	const step = nextStep(a);
	const storm = a.kind === 'gateway.storm';
	return html`<article class=${rowClass(a)} data-alarm=${a.id} aria-labelledby="who-${a.id}">
		<div class="c-prio">${priority(a)}${a.municipality?.number ? html`<span class="muni">${a.municipality.name}</span>` : nothing}</div>
		<div class="c-who">
			<h3 id="who-${a.id}"><a data-open href="#/alarm/${a.id}"><b>${who(a)}</b> <span class="what">${what(a)}</span></a></h3>
			<p class="where">${where(a).map((w, i) => html`${i ? ' · ' : ''}${w}`)}</p>
			${keyNote(a) ? html`<p class="key"><span class="label">${t('key')}</span> ${keyNote(a)}</p>` : nothing}
		</div>
		<div class="c-state">
			<p class="handling">${handling(a)}${isMine(a) ? html` <b class="you">${t('you')}</b>` : nothing}</p>
			<p class="chips">${chips(a)}</p>
			${health(a.device)}
		</div>
		<div class="c-time">${age(ms(a.received_at))}<span class="sub">${time(ms(a.received_at))}</span></div>
		<div class="c-act">${step ? stepButton(a, step, 'primary') : nothing}
			${storm ? button(state.expanded.has(a.id) ? t('storm.hide') : t('storm.show', { n: a.members }), () => toggle(a.id)) : nothing}</div>
		${again(a)}
		${state.problems.has(a.id) ? html`<p class="problem">${state.problems.get(a.id)}</p>` : nothing}
		${storm && state.expanded.has(a.id) ? stormMembers(a) : nothing}
	</article>`;
}

function toggle(key) {
	if (!state.expanded.delete(key)) state.expanded.add(key);
	changed();
}

/** It sounded again although somebody has it: said in the row until a person steps or looks. */
function again(a) {
	const step = state.attention.get(a.id);
	if (!step) return nothing;
	return html`<p class="again-text"><b>${t(`again.${step}`)}</b>
		${button(t('again.seen'), () => { state.attention.delete(a.id); changed(); }, { variant: 'tertiary' })}</p>`;
}

export function chips(a) {
	const out = [a.condition === 'active' ? tag(t('cond.active'), 'neutral') : tag(t('cond.returned'), 'success')];
	if (a.repeat_24h >= 2) out.push(tag(t('repeat', { n: a.repeat_24h }), 'danger'));
	if (a.count >= 2 && !a.members) out.push(tag(t('count', { n: num(a.count) }), 'warning'));
	if (a.level >= 2 && a.handling === 'new') out.push(tag(t(`escalated.${Math.min(3, a.level)}`), 'warning'));
	out.push(...flags(a));
	if (a.device?.battery != null && a.device.battery <= LOW_BATTERY) out.push(tag(t('battery', { n: Math.round(a.device.battery) }), 'warning'));
	if (a.device?.on_test) out.push(tag(t('handling.test'), 'info'));
	return out;
}
const LOW_BATTERY = 15; // per cent; under this it is a mark, else quiet text

/** Battery and last heard, always there, quiet while all is well. */
export function health(d) {
	if (!d) return nothing;
	return html`<p class="sub health">${d.battery == null ? t('battery.unknown') : t('battery', { n: Math.round(d.battery) })} ·
		${d.last_heard ? t('heard', { ago: ago(ms(d.last_heard)) }) : t('heard.never')}</p>`;
}

function stormMembers(a) {
	const list = members(a);
	return html`<ul class="storm-members" aria-label=${t('storm.members')}>${repeat(list, (m) => m.id, (m) => html`
		<li><span class="prio-mini">${t(`level.${level(m)}`)}</span> <a class="ds-link" href="#/alarm/${m.id}">${who(m)}</a>, ${what(m)}
			<span class="sub">${time(ms(m.received_at))}</span></li>`)}
		${list.length < a.members ? html`<li class="sub">${t('storm.more', { n: a.members - list.length })}</li>` : nothing}</ul>`;
}

function groupList() {
	return html`<ol class="alarms groups">${repeat(groups(), (g) => g.key, group)}</ol>`;
}
function group(g) {
	if (g.list.length === 1) return html`<li>${row(g.list[0])}</li>`;
	const top = g.list[0];
	const fresh = g.list.filter((a) => a.handling === 'new' && may(a, 'acknowledge'));
	const open = state.expanded.has(g.key);
	const names = [...new Set(g.list.map(who))];
	return html`<li class="group lvl-${level(top)}">
		<div class="group-head">
			${priority(top)}
			<div class="group-who"><b>${names.join(', ')}</b> <span class="sub">${where(top)[0] ?? municipality(top.municipality?.number)}</span>
				<p>${[...new Set(g.list.map(what))].slice(0, 4).join(' · ')}</p></div>
			<span class="group-count">${t('group.count', { n: g.list.length })}</span>
			${age(Math.min(...g.list.map((a) => ms(a.received_at))))}
			<div class="c-act">
				${fresh.length ? button(t('group.ack', { n: fresh.length }), () => acknowledgeAll(fresh), { variant: 'primary', why: blocked(), colour: level(top) === 'high' ? 'danger' : 'accent' }) : nothing}
				<button type="button" class="ds-button" data-variant="secondary" aria-expanded=${open ? 'true' : 'false'} @click=${() => toggle(g.key)}>${t(open ? 'group.hide' : 'group.show')}</button>
			</div>
		</div>
		${open ? html`<ol class="alarms">${repeat(g.list, (a) => a.id, (a) => html`<li>${row(a)}</li>`)}</ol>` : nothing}
	</li>`;
}

function closedList() {
	const list = recentlyClosed();
	if (!list.length) return nothing;
	return html`<details class="closed-hour ds-details"><summary>${t('closed.hour', { n: list.length })}</summary>
		<ul>${repeat(list, (a) => a.id, (a) => html`<li><a class="ds-link" href="#/alarm/${a.id}">${who(a)}</a>, ${what(a)}:
			${word('outcome', a.outcome ?? '')} <span class="sub">${time(ms(a.closed_at))}${a.owner ? html`, ${a.owner.name}` : nothing}</span></li>`)}</ul></details>`;
}
