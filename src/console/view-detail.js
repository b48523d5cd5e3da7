// SPDX-License-Identifier: EUPL-1.2
// One alarm: what to do, everything known, and the steps taken with time and person.
import { html, nothing } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { blocked, may } from './actions.js';
import { handling, isMine, keyNote, residents, what, where, who } from './alarms.js';
import { stepForm } from './view-form.js';
import { name, progress } from './commands.js';
import { commandPart } from './view-command.js';
import { openDetail } from './detail.js';
import { age, button, flags, nextStep, phone, priority, stepButton, tag, time } from './view-bits.js';
import { state } from './state.js';
import { has, num, t, word } from './i18n.js';
import { about, ago, hm, ms, now, span } from './time.js';

/* In the order a shift uses them; the next one is the filled button. */
const STEPS = ['receive', 'acknowledge', 'en_route', 'on_site', 'call', 'note', 'transfer', 'release', 'unshelve',
	'shelve', 'close', 'reopen'];

export function alarmDetail() {
	const a = state.alarms.get(state.route.id);
	if (!a)
		return html`<h2 class="ds-heading" data-size="xs" tabindex="-1">${state.detail.error ? t('detail.none') : t('detail.loading')}</h2>
			${state.detail.error ? html`<p class="problem">${state.detail.error}</p>` : nothing}`;
	const next = nextStep(a);
	return html`<article class="detail" data-alarm=${a.id}>
		<div class="detail-top">${priority(a)} <span class="muni">${a.municipality?.name ?? ''}</span>
			<span class="c-time">${age(ms(a.received_at))}</span></div>
		<h2 class="ds-heading" data-size="sm" tabindex="-1">${who(a)}<span class="what">${what(a)}</span></h2>
		<p class="where">${where(a).join(' · ')}</p>
		${keyNote(a) ? html`<p class="key"><span class="label">${t('key')}</span> ${keyNote(a)}</p>` : nothing}
		<p class="handling">${handling(a)}${isMine(a) ? html` <b class="you">${t('you')}</b>` : nothing}</p>
		${deadline(a)}
		${advice(a)}
		${state.problems.has(a.id) ? html`<p class="problem">${state.problems.get(a.id)}</p>` : nothing}
		${blocked() ? html`<p class="why">${blocked()}</p>` : nothing}
		<div class="steps-bar">${STEPS.filter((s) => may(a, s)).map((s) => stepButton(a, s, s === next ? 'primary' : 'secondary'))}</div>
		${state.form?.id === a.id ? keyed(`${a.id} ${state.form.step}`, stepForm(a)) : nothing}
		${commandPart(a)}
		${facts(first(a))}
		${affected(a)}
		<h3 class="ds-heading" data-size="2xs">${t('detail.timeline')}</h3>
		${timeline()}
		<h3 class="ds-heading" data-size="2xs">${t('detail.more')}</h3>
		${facts(rest(a))}
	</article>`;
}

/** What happens by itself next, and when. */
function deadline(a) {
	if (!a.deadline || a.handling === 'closed') return nothing;
	const left = ms(a.deadline) - now();
	const key = a.handling === 'new' ? (a.level >= 3 ? '' : 'deadline.new') : a.handling === 'shelved' ? 'deadline.shelved'
		: a.handling === 'test' ? 'deadline.test' : ['acknowledged', 'transferred'].includes(a.handling) ? 'deadline.owned' : 'deadline.travel';
	return key && left > 0 ? html`<p class="deadline">${t(key, { left: span(left) })}</p>` : nothing;
}

const facts = (rows) => html`<dl class="facts">${rows.filter(([, v]) => v).map(([k, v]) => html`<div><dt>${k}</dt><dd>${v}</dd></div>`)}</dl>`;

const several = (a) => residents(a).length > 1;

/** What a person on the way out of the door needs. */
function first(a) {
	const d = a.device;
	return [
		[t('fact.residents'), several(a) && html`<ul class="people">${residents(a).map((p) => html`<li>${p.name} ${p.phone ? phone(p.phone) : nothing}</li>`)}</ul>`],
		[t('fact.phone'), !several(a) && a.recipient?.phone && phone(a.recipient.phone)],
		[t('fact.condition'), a.condition === 'active' ? t('cond.active.long')
			: html`${t('cond.returned')} ${time(ms(a.returned_at))}`],
		[t('fact.repeat'), a.recipient && t('repeat', { n: a.repeat_24h })],
		[t('fact.health'), d && `${d.battery == null ? t('battery.unknown') : t('battery', { n: Math.round(d.battery) })}, ${d.last_heard ? t('heard', { ago: ago(ms(d.last_heard)) }) : t('heard.never')}`],
		[t('fact.level'), t(`escalated.${Math.min(3, Math.max(1, a.level))}`)],
		[t('fact.receivers'), a.receivers?.length && html`<ul class="people">${a.receivers.map((p) => html`<li>${p.name} ${phone(p.phone)}</li>`)}</ul>`],
		[t('fact.flags'), a.flags?.length ? html`<span class="chips">${flags(a)}</span>` : null],
		[t('fact.outcome'), a.outcome && word('outcome', a.outcome)],
	];
}

function rest(a) {
	const r = a.recipient;
	const d = a.device;
	return [
		[t('fact.address'), r?.address],
		[t('fact.floor'), r?.floor],
		[t('fact.room'), a.place?.room && `${a.place.room}${a.place.purpose ? ` (${word('purpose', a.place.purpose)})` : ''}`],
		[t('fact.raised'), html`${time(ms(a.raised_at), true)}${late(a)}`],
		[t('fact.received'), time(ms(a.received_at), true)],
		[t('fact.last'), a.count > 1 && !a.members && time(ms(a.last_at), true)],
		[t('fact.count'), a.count > 1 && !a.members && t('count', { n: num(a.count) })],
		[t('fact.realerts'), a.realerts > 0 && num(a.realerts)],
		[t('fact.rhythm'), d && rhythm(d)],
		[t('fact.tested'), d?.tested && time(ms(d.tested))],
		[t('fact.device'), d && html`${d.name || d.model}${d.name && d.model ? html` <span class="sub">${d.model}</span>` : nothing}`],
		[t('fact.gateway'), a.gateway?.name],
		[t('fact.members'), a.members > 0 && num(a.members)],
		[t('fact.shelved'), a.shelved_until && a.handling === 'shelved' && hm(ms(a.shelved_until))],
	];
}
/** "Heard about every 55 min; silent after 3 h (learned from its own rhythm)." */
export function rhythm(d) {
	if (!d.silent_after_s) return '';
	const p = { every: about(d.heard_every_s), limit: about(d.silent_after_s) };
	return html`${t(d.heard_every_s ? 'rhythm' : 'rhythm.unknown', p)} <span class="sub">(${t(`rhythm.${d.limit_from}`)})</span>`;
}

/** What to do about a technical trouble, in plain words; a device may have several at once. */
function advice(a) {
	const more = (a.device?.troubles ?? []).map((x) => `advice.device.fault.${x}`);
	const keys = [...new Set([`advice.${a.kind}.${a.state}`, ...(a.kind.startsWith('device.') ? more : [])])].filter(has);
	return keys.map((k) => html`<p class="advice">${t(k)}</p>`);
}

/** Who is behind what is gone, those without another way to call for help first. Each name is a logged look. */
function affected(a) {
	const x = state.detail.id === a.id && state.detail.affected;
	if (!x) return nothing;
	const over = a.condition === 'returned';
	return html`<section class="affected" aria-label=${t('affected.title')}>
		<h3 class="ds-heading" data-size="2xs">${t('affected.title')}</h3>
		${over ? html`<p>${t('affected.back', { span: span(ms(a.returned_at) - ms(a.raised_at)), n: x.missing })}</p>` : nothing}
		<p>${t('affected.count', { n: x.persons })}${x.only_way ? html` <b>${t('affected.only', { n: x.only_way })}</b>` : nothing}</p>
		<ol>${x.list.map(person)}</ol>
		${x.list.length < x.total ? html`<p class="sub">${t('affected.more', { n: x.total - x.list.length })}</p>` : nothing}
		${button(t('affected.again'), () => openDetail(a.id), { variant: 'tertiary' })}
	</section>`;
}
function person(r) {
	const p = r.recipient;
	return html`<li class=${r.only_way ? 'only-way' : ''}>
		<b>${p ? who(r) : r.device}</b> ${p ? html`<span class="sub">${[p.address, p.floor, r.place?.room].filter(Boolean).join(' · ')}</span> ${phone(p.phone)}` : nothing}
		<span class="chips">${r.only_way ? tag(t('affected.tag.only'), 'danger') : r.calls ? tag(t('affected.tag.calls'), 'warning') : nothing}
		${r.back ? tag(t('affected.tag.back'), 'success') : tag(t('affected.tag.missing'), 'neutral')}</span></li>`;
}

const late = (a) => {
	const by = ms(a.received_at) - ms(a.raised_at);
	return by > 60000 ? html` <span class="late">${t('late', { span: span(by) })}</span>` : nothing;
};

/* Who asked is the first of its two steps, the hub's own the second: how it ended. */
function command(s) {
	const c = state.detail.commands?.list.find((x) => x.id === s.command);
	return c ? html`: ${name(c)}${s.staff ? nothing : html`, ${progress(c)}`}` : nothing;
}

function timeline() {
	const { steps, error } = state.detail;
	if (error) return html`<p class="problem">${error}</p>`;
	if (!steps) return html`<p class="sub" role="status">${t('detail.loading')}</p>`;
	return html`<ol class="timeline">${steps.map((s) => html`<li class="s-${s.step}">
		${time(ms(s.at), true)}
		<span><b>${word('step', s.step)}</b>${s.step === 'escalated' && s.level ? html`: ${t(`escalated.${Math.min(3, s.level)}`)}` : nothing}
			${s.step === 'command' ? command(s) : nothing}${s.target ? t('step.to', { who: s.target.name }) : nothing}${s.outcome ? html`: ${word('outcome', s.outcome)}` : nothing}
			<span class="by">${s.staff ? s.staff.name : t('step.hub')}</span>
			${s.note ? html`<span class="note">${s.note}</span>` : nothing}</span></li>`)}</ol>`;
}
