// SPDX-License-Identifier: EUPL-1.2
// The forms of the steps that need words: close, transfer, shelve, note, call. They open inside the
// panel, so the list and its alarms stay in view; errors stand beside the field they are about.
import { html, nothing } from 'lit';
import { act, blocked } from './actions.js';
import { button } from './view-bits.js';
import { changed, state } from './state.js';
import { t } from './i18n.js';
import { hm, now } from './time.js';

const OUTCOMES = ['helped', 'false_alarm', 'no_action', 'technical', 'test', 'hospital', 'emergency', 'other'];
const SHELVE_MIN = [15, 30, 60, 120, 240, 480]; // the hub allows eight hours at most
const NOTE_MAX = 2000; // bytes, as the hub counts

/** A note is required when the person has called before within 24 h: no one-tap closing then. */
export const needsNote = (a) => a.repeat_24h >= 2;

export function stepForm(a) {
	const f = state.form;
	const fields = { close: closeFields, transfer: transferFields, shelve: shelveFields, note: noteFields, call: noteFields }[f.step];
	return html`<form id="step-form" class="step-form" @submit=${(e) => submit(e, a)} novalidate>
		<h3 class="ds-heading" data-size="2xs" tabindex="-1">${t(`form.${f.step}`)}</h3>
		${fields(a, f)}
		<div class="form-bar"><button class="ds-button" type="submit" aria-disabled=${blocked() ? 'true' : nothing}
			aria-busy=${state.busy.has(a.id) ? 'true' : nothing}>${t(`form.${f.step}.do`)}</button>
			${button(t('cancel'), cancel, { variant: 'tertiary' })}</div>
	</form>`;
}

function cancel() {
	state.form = null;
	changed();
	document.querySelector('#panel h2')?.focus();
}

const error = (f, field) =>
	f.error && f.field === field ? html`<p class="ds-validation-message" id="err-${field}" role="status">${f.error}</p>` : nothing;
const invalid = (f, field) => (f.error && f.field === field ? 'true' : nothing);
const describedBy = (f, field) => (f.error && f.field === field ? `err-${field}` : nothing);

function note(f, label, hint = '') {
	return html`<div class="ds-field"><label class="ds-label" for="note">${label}</label>
		${hint ? html`<p class="sub" id="note-hint">${hint}</p>` : nothing}
		<textarea class="ds-input" id="note" name="note" rows="3" aria-invalid=${invalid(f, 'note')}
			aria-describedby=${f.error && f.field === 'note' ? 'err-note' : hint ? 'note-hint' : nothing}></textarea>${error(f, 'note')}</div>`;
}

const radios = (f, name, legend, options) => html`<fieldset class="ds-fieldset" aria-describedby=${describedBy(f, name)}><legend class="ds-label">${legend}</legend>
	<div class="radios">${options.map(([value, text, checked]) => html`<div class="ds-field"><input class="ds-input" type="radio" name=${name} id="${name}-${value}" value=${value} ?checked=${checked}
		aria-invalid=${invalid(f, name)}><label class="ds-label" for="${name}-${value}" data-weight="regular">${text}</label></div>`)}</div>${error(f, name)}</fieldset>`;

const closeFields = (a, f) => html`
	${radios(f, 'outcome', t('form.outcome'), OUTCOMES.map((o) => [o, t(`outcome.${o}`)]))}
	${note(f, t(needsNote(a) ? 'form.note.required' : 'form.note.optional'), needsNote(a) ? t('form.close.repeat', { n: a.repeat_24h }) : '')}`;

function transferFields(a, f) {
	const list = state.lists.staff;
	const rows = (list?.rows ?? []).filter((s) => s.id !== state.session.staff.id)
		.sort((x, y) => y.on_duty - x.on_duty || x.name.localeCompare(y.name, 'nb'));
	return html`<div class="ds-field"><label class="ds-label" for="target">${t('form.target')}</label>
		<select class="ds-input" id="target" name="target" aria-invalid=${invalid(f, 'target')} aria-describedby=${describedBy(f, 'target')}>
			<option value="">${list?.loading ? t('list.loading') : t('form.target.pick')}</option>
			${rows.map((s) => html`<option value=${s.id}>${s.name}${s.on_duty ? ` (${t('duty.on')})` : ''}</option>`)}</select>${error(f, 'target')}</div>
		<p class="sub">${t('form.transfer.text')}</p>${note(f, t('form.note.optional'))}`;
}

const shelveFields = (a, f) => html`
	${radios(f, 'minutes', t('form.minutes'), SHELVE_MIN.map((m) => [m, t('form.until', { span: m < 60 ? t('form.min', { n: m }) : t('form.hours', { n: m / 60 }), time: hm(now() + m * 60000) }), m === 30]))}
	${note(f, t('form.reason'), t('form.shelve.text'))}`;

const noteFields = (a, f) => note(f, t(f.step === 'call' ? 'form.call.label' : 'form.note.label'));

/** What is wrong, where; or null. */
function check(a, step, v) {
	if (step === 'close' && !v.outcome) return ['outcome', t('form.err.outcome')];
	if (step === 'close' && needsNote(a) && !v.note) return ['note', t('form.err.repeat', { n: a.repeat_24h })];
	if (step === 'transfer' && !v.target) return ['target', t('form.err.target')];
	if (step === 'shelve' && !v.note) return ['note', t('form.err.reason')];
	if (step === 'note' && !v.note) return ['note', t('form.err.note')];
	const bytes = new TextEncoder().encode(v.note).length;
	if (bytes > NOTE_MAX) return ['note', t('form.err.long', { n: bytes - NOTE_MAX })];
	return null;
}

async function submit(e, a) {
	e.preventDefault();
	const step = state.form.step;
	const data = new FormData(e.target);
	const v = { outcome: data.get('outcome'), target: data.get('target'), note: (data.get('note') ?? '').trim(), minutes: data.get('minutes') };
	const wrong = check(a, step, v);
	if (wrong) {
		[state.form.field, state.form.error] = wrong;
		changed();
		const field = e.target.elements[wrong[0]];
		setTimeout(() => (field instanceof RadioNodeList ? field[0] : field)?.focus());
		return;
	}
	state.form.error = '';
	const extra = {};
	if (v.note) extra.note = v.note;
	if (step === 'close') extra.outcome = v.outcome;
	if (step === 'transfer') extra.target = Number(v.target);
	if (step === 'shelve') extra.shelve_minutes = Number(v.minutes);
	const now_ = state.alarms.get(a.id) ?? a;
	if (await act(now_, step, extra)) cancel();
}
