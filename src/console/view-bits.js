// SPDX-License-Identifier: EUPL-1.2
// Small pieces that several pages use: marks, buttons, times.
import { html, nothing, svg } from 'lit';
import { act, blocked, may } from './actions.js';
import { level } from './alarms.js';
import { t, word } from './i18n.js';
import { now, span, when } from './time.js';
import { changed, state } from './state.js';

/* Priority is told three ways at once: a text mark (IEC 60601-1-8 manner), a shape and a colour. */
const SHAPES = {
	high: svg`<path d="M12 2 23 21H1Z"/><path class="ink" d="M11 9h2v6h-2zm0 7.5h2v2h-2z"/>`,
	medium: svg`<path d="M12 1.5 22.5 12 12 22.5 1.5 12Z"/><path class="ink" d="M11 6.5h2v7h-2zm0 8.5h2v2h-2z"/>`,
	low: svg`<circle cx="12" cy="12" r="9.5"/><path class="ink" d="M11 7h2v6h-2zm0 8h2v2h-2z"/>`,
};
const MARKS = { high: '***', medium: '**', low: '*' };

export const shape = (l) => html`<svg class="shape" viewBox="0 0 24 24" aria-hidden="true">${SHAPES[l]}</svg>`;

export function priority(a) {
	const l = level(a);
	return html`<span class="prio prio-${l}">${shape(l)}<span class="prio-text"><span class="mark" aria-hidden="true">${MARKS[l]}</span>
		${t(`level.${l}`)}</span></span>`;
}

/** A time with the exact moment as its machine-readable value. */
export const time = (at, exact = false) =>
	at ? html`<time datetime=${new Date(at).toISOString()}>${when(at, exact)}</time>` : nothing;

export const age = (at) => html`<span class="age">${span(now() - at)}</span>`;

/* A button that cannot be used keeps its focus and says why, so aria-disabled and not disabled. */
export function button(label, onClick, { variant = 'secondary', colour = 'accent', why = '', whyId = 'why-blocked', busy = false, key = '', id = '' } = {}) {
	return html`<button type="button" class="ds-button" data-variant=${variant} data-color=${colour} id=${id || nothing}
		aria-disabled=${why ? 'true' : nothing} aria-describedby=${why ? whyId : nothing}
		aria-busy=${busy ? 'true' : nothing} aria-keyshortcuts=${key && state.prefs.keys ? key : nothing}
		@click=${(e) => { e.stopPropagation(); if (!why && !busy) onClick(e); }}>${label}</button>`;
}

/** The step a person most likely takes next; what was put off is fetched back before it is taken. */
export const nextStep = (a) =>
	[a.handling === 'shelved' ? 'unshelve' : 'receive', 'acknowledge', 'en_route', 'on_site', 'close', 'unshelve', 'reopen'].find((s) => may(a, s));

const KEYS = { acknowledge: 'M', receive: 'M', en_route: 'V', on_site: 'F' };
/* These need something from the person first: a form in the detail panel. */
const FORMS = ['close', 'transfer', 'shelve', 'note', 'call'];

export function openForm(a, step) {
	state.form = { id: a.id, step, error: '' };
	if (state.route.id !== a.id) location.hash = `#/alarm/${a.id}`;
	setTimeout(() => {
		state.form ??= { id: a.id, step, error: '' };
		changed();
		setTimeout(() => document.querySelector('#step-form h3')?.focus());
	});
}

/* Keyed by the stream of one alarm: the button in the row and the one in the panel do the same. */
export function stepButton(a, step, variant = 'secondary') {
	const strong = variant === 'primary' && (step === 'acknowledge' || step === 'receive');
	return button(t(`do.${step}`), () => (FORMS.includes(step) ? openForm(a, step) : act(a, step)), {
		variant, why: blocked(), busy: state.busy.has(a.id), key: KEYS[step],
		colour: strong && level(a) === 'high' ? 'danger' : 'accent',
	});
}

export const tag = (text, colour = 'neutral') => html`<span class="ds-tag" data-color=${colour}>${text}</span>`;

export const phone = (p) =>
	p ? html`<a class="ds-link tel" href="tel:${p.replace(/[^+\d]/g, '')}">${p}</a>` : nothing;

export const municipality = (n) =>
	state.session?.municipalities.find((m) => m.number === n)?.name ?? (n ? String(n) : t('muni.installation'));

/** Marks of the opening event worth a word: found at start, late, suspect ... */
export const flags = (a) => (a.flags ?? []).filter((f) => f !== 'edge').map((f) => tag(word('flag', f), 'info'));
