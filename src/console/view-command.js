// SPDX-License-Identifier: EUPL-1.2
// The part of an alarm's page that speaks to the home's devices: buttons, the forms of those that need
// words, and what came of it.
import { html, nothing } from 'lit';
import { ask, name, progress, slot, whyNot } from './commands.js';
import { blocked } from './actions.js';
import { button, time } from './view-bits.js';
import { changed, state } from './state.js';
import { t } from './i18n.js';
import { ms } from './time.js';

const SHOWN = 6; // newest first; the rest is in the record
const REASON_MAX = 2000; // bytes, as the hub counts
const NEEDS_WORDS = ['unlock', 'interval'];

export function commandPart(a) {
	const c = state.detail.id === a.id ? state.detail.commands : null;
	if (!c || (!c.devices.length && !c.list.length)) return nothing;
	const f = state.commandForm?.id === a.id ? state.commandForm : null;
	const problem = state.commandProblem?.id === a.id ? state.commandProblem.text : '';
	return html`<section class="commands" aria-labelledby="cmd-title"><h3 class="ds-heading" data-size="2xs" id="cmd-title">${t('cmd.title')}</h3>
		${c.devices.map((d) => device(a, d, f))}
		${problem ? html`<p class="problem">${problem}</p>` : nothing}
		${c.list.length ? html`<ul class="command-list">${c.list.slice(0, SHOWN).map(one)}</ul>` : nothing}</section>`;
}

function device(a, d, f) {
	const why = blocked() ? '' : (d.verbs.map((v) => whyNot(a, v)).find((w) => w) ?? ''); // blocked: said at the top
	const whyId = blocked() ? 'why-blocked' : `why-${d.id}`;
	return html`<div class="command-device" data-device=${d.id}><p class="command-name">${d.name}${d.room ? html` <span class="sub">${d.room}</span>` : nothing}</p>
		<div class="steps-bar">${d.verbs.map((v) => button(t(`cmd.${v}`), () => (NEEDS_WORDS.includes(v) ? open(a, d, v) : ask(a, d, v)),
			{ why: whyNot(a, v), whyId, busy: state.busy.has(slot(d, v)) }))}</div>
		${why ? html`<p class="sub" id=${whyId}>${why}</p>` : nothing}
		${f?.device === d.id ? form(a, d, f) : nothing}</div>`;
}

const one = (c) => html`<li class="command c-${c.state}" data-command=${c.id}><b>${name(c)}</b>
	<span class="command-state">${progress(c)}</span>
	<span class="by">${time(ms(c.asked_at), true)} ${c.staff ? c.staff.name : t('cmd.by.machine')}</span>
	${c.reason ? html`<span class="note">${c.reason}</span>` : nothing}</li>`;

function open(a, d, verb) {
	state.commandForm = { id: a.id, device: d.id, verb, error: '' };
	changed();
	setTimeout(() => document.querySelector('#command-form h4')?.focus());
}
function cancel() {
	state.commandForm = null;
	changed();
	document.querySelector('#panel h2')?.focus();
}

function form(a, d, f) {
	const wrong = f.error ? 'true' : nothing;
	const by = f.error ? 'err-command' : 'command-hint';
	const field = f.verb === 'unlock'
		? html`<textarea class="ds-input" id="command-words" name="words" rows="3" aria-invalid=${wrong} aria-describedby=${by}></textarea>`
		: html`<input class="ds-input" id="command-words" name="words" inputmode="numeric" autocomplete="off" aria-invalid=${wrong} aria-describedby=${by}>`;
	return html`<form id="command-form" class="step-form" @submit=${(e) => submit(e, a, d)} novalidate>
		<h4 class="ds-heading" data-size="2xs" tabindex="-1">${t(`cmd.form.${f.verb}`, { device: d.name })}</h4>
		<div class="ds-field"><label class="ds-label" for="command-words">${t(`cmd.form.${f.verb}.label`)}</label>
			<p class="sub" id="command-hint">${t(`cmd.form.${f.verb}.hint`)}</p>${field}
			${f.error ? html`<p class="ds-validation-message" id="err-command" role="status">${f.error}</p>` : nothing}</div>
		<div class="form-bar"><button class="ds-button" type="submit" aria-disabled=${whyNot(a, f.verb) ? 'true' : nothing}
			aria-busy=${state.busy.has(slot(d, f.verb)) ? 'true' : nothing}>${t(`cmd.form.${f.verb}.do`)}</button>
			${button(t('cancel'), cancel, { variant: 'tertiary' })}</div>
	</form>`;
}

/** What is wrong with the words, or "". */
function check(verb, words) {
	if (verb === 'interval') return /^\d{1,4}$/.test(words) && words >= 1 && words <= 1440 ? '' : t('cmd.err.minutes');
	if (!words) return t('cmd.err.reason');
	const bytes = new TextEncoder().encode(words).length;
	return bytes > REASON_MAX ? t('form.err.long', { n: bytes - REASON_MAX }) : '';
}

async function submit(e, a, d) {
	e.preventDefault();
	const f = state.commandForm;
	const words = (new FormData(e.target).get('words') ?? '').trim();
	f.error = check(f.verb, words);
	if (f.error) {
		changed();
		setTimeout(() => document.getElementById('command-words')?.focus());
		return;
	}
	const seen = state.alarms.get(a.id) ?? a;
	if (await ask(seen, d, f.verb, f.verb === 'unlock' ? { reason: words } : { minutes: Number(words) })) cancel();
}
