// SPDX-License-Identifier: EUPL-1.2
// The sign-in page, and the same form in place on a locked console.
import { html, nothing } from 'lit';
import { changed, state } from './state.js';
import { chooseLanguage, signIn } from './session.js';
import { language, languages, t } from './i18n.js';

const form = { error: '', busy: false };

export const languageChooser = () => html`<div class="languages" role="group" aria-label=${t('language')}>
	${languages.map((l) => html`<button type="button" class="ds-button" data-variant=${l === language() ? 'primary' : 'secondary'}
		lang=${l} aria-pressed=${l === language() ? 'true' : 'false'} @click=${() => chooseLanguage(l)}>${NAMES[l]}</button>`)}</div>`;
const NAMES = { nb: 'Bokmål', nn: 'Nynorsk', en: 'English' };

export function signInPage() {
	return html`<main class="plain signin" id="main">
		<div class="signin-box">
			<p class="brand"><img src="/icon.svg" alt="" width="40" height="40"><span>varde</span></p>
			<h1 class="ds-heading" data-size="md">${t('signin.title')}</h1>
			${state.signedOutWhy ? html`<p class="ds-alert" data-color="warning" role="status">${t(state.signedOutWhy)}</p>` : nothing}
			<p class="ds-paragraph">${t('signin.text')}</p>
			${signInForm(false)}
			${languageChooser()}
		</div>
	</main>`;
}

export function signInForm(inPlace) {
	return html`<form class=${inPlace ? 'signin-inline' : 'signin-form'} @submit=${submit} novalidate>
		<div class="ds-field"><label class="ds-label" for="user">${t('signin.user')}</label>
			<input class="ds-input" id="user" name="user" autocomplete="username" autocapitalize="none" spellcheck="false" required
				.value=${inPlace ? (state.session?.staff.user ?? '') : ''}
				aria-describedby=${form.error ? 'signin-error' : nothing}></div>
		<div class="ds-field"><label class="ds-label" for="password">${t('signin.password')}</label>
			<input class="ds-input" id="password" name="password" type="password" autocomplete="current-password" required
				aria-invalid=${form.error ? 'true' : nothing} aria-describedby=${form.error ? 'signin-error' : nothing}></div>
		${form.error ? html`<p class="ds-validation-message" id="signin-error" role="status">${form.error}</p>` : nothing}
		<button class="ds-button" type="submit" aria-busy=${form.busy ? 'true' : nothing}>${t(inPlace ? 'locked.unlock' : 'signin.do')}</button>
	</form>`;
}

async function submit(e) {
	e.preventDefault();
	if (form.busy) return;
	const { user, password } = e.target.elements;
	if (!user.value.trim() || !password.value) {
		form.error = t(user.value.trim() ? 'signin.needpassword' : 'signin.needuser');
		changed();
		return (user.value.trim() ? password : user).focus();
	}
	form.busy = true;
	form.error = '';
	changed();
	form.error = await signIn(user.value.trim(), password.value);
	form.busy = false;
	if (form.error) password.focus();
	password.value = '';
	changed();
}
