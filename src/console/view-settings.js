// SPDX-License-Identifier: EUPL-1.2
// Settings of this person at this screen, and help.
import { html, nothing } from 'lit';
import { languageChooser } from './view-signin.js';
import { button } from './view-bits.js';
import { changed, state } from './state.js';
import { testTone, turnOn } from './sound.js';
import { signOut } from './session.js';
import { t } from './i18n.js';

const title = (text) => html`<h2 class="ds-heading" data-size="xs" tabindex="-1">${text}</h2>`;

function setKeys(on) {
	state.prefs.keys = on;
	localStorage.setItem('varde.keys', on ? 'on' : 'off');
	changed();
}
function setScheme(s) {
	state.prefs.scheme = s;
	localStorage.setItem('varde.scheme', s);
	changed();
}

export function settingsPage() {
	const on = state.sound.state === 'on' || state.sound.state === 'paused';
	return html`${title(t('nav.settings'))}
		<h3 class="ds-heading" data-size="2xs">${t('set.sound')}</h3>
		<p>${t('set.sound.text')}</p>
		<div class="form-bar">${on ? html`${button(t('sound.test'), () => testTone())}
			${['high', 'medium', 'low'].map((l) => button(t('sound.play', { level: t(`level.${l}`) }), () => testTone(l), { variant: 'tertiary' }))}
			${button(t('sound.play.lost'), () => testTone('lost'), { variant: 'tertiary' })}` : button(t('sound.turnon'), turnOn, { variant: 'primary' })}</div>
		<h3 class="ds-heading" data-size="2xs">${t('set.keys')}</h3>
		<div class="ds-field"><input class="ds-input" type="checkbox" role="switch" id="keys" .checked=${state.prefs.keys} @change=${(e) => setKeys(e.target.checked)}>
			<label class="ds-label" for="keys">${t('set.keys.label')}</label></div>
		<h3 class="ds-heading" data-size="2xs">${t('language')}</h3>
		${languageChooser()}
		<fieldset class="ds-fieldset"><legend class="ds-heading" data-size="2xs">${t('set.scheme')}</legend>
			<div class="radios">${['auto', 'light', 'dark'].map((s) => html`<div class="ds-field"><input class="ds-input" type="radio" name="scheme" id="scheme-${s}" .checked=${state.prefs.scheme === s} @change=${() => setScheme(s)}>
			<label class="ds-label" for="scheme-${s}" data-weight="regular">${t(`scheme.${s}`)}</label></div>`)}</div></fieldset>
		<p class="form-bar signed-in"><span>${t('set.signedin', { who: state.session.staff.name })}</span> ${button(t('signout'), () => signOut())}</p>
		<p class="sub">varde ${state.session.version}</p>`;
}

export function helpPage() {
	const key = (k, text) => html`<div><dt><kbd>${k}</kbd></dt><dd>${text}</dd></div>`;
	return html`${title(t('nav.help'))}
		<h3 class="ds-heading" data-size="2xs">${t('help.keys')}</h3>
		${state.prefs.keys ? nothing : html`<p class="why">${t('help.keys.off')}</p>`}
		<dl class="facts keys">${key('J', t('help.j'))}${key('K', t('help.k'))}${key('Enter', t('help.enter'))}${key('M', t('help.m'))}${key('V', t('help.v'))}${key('F', t('help.f'))}${key('Esc', t('help.esc'))}${key('?', t('help.q'))}</dl>
		<h3 class="ds-heading" data-size="2xs">${t('help.levels')}</h3>
		<ul>${['high', 'medium', 'low'].map((l) => html`<li>${t(`help.level.${l}`)}</li>`)}</ul>
		<h3 class="ds-heading" data-size="2xs">${t('help.lost')}</h3><p>${t('help.lost.text')}</p>
		<h3 class="ds-heading" data-size="2xs">${t('help.repeat')}</h3><p>${t('help.repeat.text')}</p>
		<h3 class="ds-heading" data-size="2xs">${t('help.shelve')}</h3><p>${t('help.shelve.text')}</p>`;
}
