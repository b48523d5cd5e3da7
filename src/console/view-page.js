// SPDX-License-Identifier: EUPL-1.2
// The whole screen: head, banners, the live list, the panel beside it, the edge.
import { html, nothing } from 'lit';
import { signInPage, signInForm } from './view-signin.js';
import { alarmList } from './view-list.js';
import { panel } from './view-panel.js';
import { edge } from './view-edge.js';
import { button } from './view-bits.js';
import { dropNotice, changed, state } from './state.js';
import { receiversPhones } from './view-edge.js';
import { silence } from './live.js';
import { hasRole, signOut, stay } from './session.js';
import { pauseSound, resumeSound, turnOn, heardTone, testTone } from './sound.js';
import { unacknowledged } from './alarms.js';
import { t } from './i18n.js';
import { hms, now, span } from './time.js';

export function page() {
	if (!state.booted) return html`<main class="plain"><p role="status">${t('boot')}</p></main>`;
	if (!state.session) return signInPage();
	const red = state.conn.phase === 'red';
	return html`
		<a class="ds-skip-link" href="#/" @click=${skip}>${t('skip')}</a>
		<div class="screen ${red ? 'lost' : ''} ${state.route.name === 'home' ? 'at-home' : 'at-panel'}">
			${head()}
			<div class="banners">${banners(red)}</div>
			<main id="main" tabindex="-1">
				<h1 class="ds-sr-only">${t('app.title')}</h1>
				<section class="list-pane" aria-label=${t('list.title')}>${alarmList()}</section>
				<section class="panel-pane" id="panel" aria-label=${t('panel.title')}>${panel()}</section>
			</main>
			${edge()}
		</div>`;
}

function skip(e) {
	e.preventDefault();
	document.getElementById('main').focus();
}

function head() {
	const link = (name, text) =>
		html`<a href="#/${name}" aria-current=${(state.route.name === 'home' ? '' : state.route.name) === name ? 'page' : nothing}>${text}</a>`;
	const waiting = unacknowledged().length;
	return html`<header>
		<a class="brand" href="#/" aria-label=${t('app.title')}><img src="/icon.svg" alt="" width="28" height="28"><span>varde</span></a>
		<nav aria-label=${t('nav.title')}>
			${link('', html`${t('nav.alarms')}${waiting ? html` <span class="badge">${waiting}<span class="ds-sr-only"> ${t('nav.waiting')}</span></span>` : nothing}`)}
			${link('history', t('nav.history'))}
			${hasRole('controller', 'leader', 'admin') ? link('reports', t('nav.reports')) : nothing}
			${link('settings', t('nav.settings'))}
			${link('help', t('nav.help'))}
		</nav>
		<div class="vitals">${connection()}${sound()}
			<span class="me"><span class="my-name">${state.session.staff.name}</span>
			${button(t('signout'), () => signOut(), { variant: 'tertiary' })}</span>
		</div>
	</header>`;
}

/** Contact, the time of the last heartbeat, and a clock that visibly stands still if the page does. */
function connection() {
	const { phase, lastNow } = state.conn;
	return html`<span class="vital conn conn-${phase}"><span class="dot" aria-hidden="true"></span>
		<span class="conn-text"><b>${t(`conn.${phase}`)}</b>
		<span class="sub">${lastNow ? t('conn.heard', { time: hms(lastNow) }) : t('conn.never')}</span></span>
		<span class="clock"><span class="ds-sr-only">${t('clock')}</span> ${hms(now())}</span></span>`;
}

function sound() {
	const s = state.sound;
	if (s.state === 'on')
		return html`<span class="vital sound sound-on"><span class="dot" aria-hidden="true"></span><span><b>${t('sound.on')}</b>
			<span class="sub">${s.confirmed ? t('sound.confirmed', { time: hms(s.confirmed) }) : t('sound.unconfirmed')}</span></span>
			${s.sounding ? button(t('sound.pause'), pauseSound) : nothing}</span>`;
	if (s.state === 'paused')
		return html`<span class="vital sound sound-paused"><span class="dot" aria-hidden="true"></span>
			<b>${t('sound.paused', { left: span(s.pausedUntil - now()) })}</b>${button(t('sound.resume'), resumeSound)}</span>`;
	return html`<span class="vital sound sound-off"><span class="dot" aria-hidden="true"></span>
		<b>${t(s.state === 'none' ? 'sound.none' : 'sound.off')}</b>
		${s.state === 'none' ? nothing : button(t('sound.turnon'), turnOn, { variant: 'primary', colour: 'danger', id: 'sound-on' })}</span>`;
}

function banners(red) {
	const st = state.status;
	return html`
		${red ? redBanner() : nothing}
		${state.conn.phase === 'amber' ? html`<div class="banner amber" role="status">
			<b>${t('amber')}</b> ${t('amber.updated', { time: state.conn.lastNow ? hms(state.conn.lastNow) : '–' })}</div>` : nothing}
		${state.locked ? html`<div class="banner locked"><div><b>${t('locked.title')}</b> ${t('locked.text')}</div>${signInForm(true)}</div>` : nothing}
		${st && st.storage !== 'ok' ? html`<div class="banner red" role="status"><b>${t('storage.title')}</b> ${t(st.storage === 'full' ? 'storage.full' : 'storage.error')}</div>` : nothing}
		${state.idleWarning ? html`<div class="banner amber"><span>${t('idle.warning', { n: Math.max(0, Math.round((state.idleWarning - now()) / 1000)) })}</span>
			${button(t('idle.stay'), stay, { variant: 'primary' })}</div>` : nothing}
		${state.leaving ? html`<div class="banner amber"><span>${t('signout.holding')}</span>
			${button(t('signout.anyway'), () => signOut(true), { colour: 'danger' })}
			${button(t('cancel'), () => { state.leaving = false; changed(); })}</div>` : nothing}
		${state.sound.asking ? html`<div class="banner info"><span>${t('sound.heard?')}</span>
			${button(t('yes'), () => heardTone(true), { variant: 'primary' })}${button(t('no'), () => heardTone(false))}
			${button(t('sound.again'), () => testTone(), { variant: 'tertiary' })}</div>` : nothing}
		${state.sound.unheard ? html`<div class="banner amber" role="status"><span>${t('sound.unheard')}</span>
			${button(t('sound.again'), () => { state.sound.unheard = false; testTone(); })}</div>` : nothing}
		${state.notices.map((n) => html`<div class="banner ${n.kind}"><span>${n.text}</span>
			${button(t('dismiss'), () => dropNotice(n.id), { variant: 'tertiary' })}</div>`)}`;
}

/** Over 20 s of silence: what is shown is old, nothing can be done here, and whom to phone. */
function redBanner() {
	const phones = receiversPhones();
	return html`<div class="banner red lostline" id="lost-banner">
		<div role="status"><b>${t('red.title')}</b>
			<span>${t('red.text', { time: state.conn.lastNow ? hms(state.conn.lastNow) : '–' })}</span></div>
		<div class="red-more"><span class="count">${t('red.for', { span: span(silence()) })}</span>
		${phones.length ? html`<span>${t('red.phones')}</span><ul>${phones.map((p) => html`<li>${p.name}${p.where ? html` (${p.where})` : nothing}:
			<a href="tel:${p.phone.replace(/[^+\d]/g, '')}">${p.phone}</a></li>`)}</ul>` : html`<span>${t('red.nophones')}</span>`}</div>
	</div>`;
}
