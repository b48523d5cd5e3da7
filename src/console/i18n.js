// SPDX-License-Identifier: EUPL-1.2
// Words in bokmål, nynorsk and English. All text comes from our own catalogues, also names of days
// and months and plurals: Chromium carries no nynorsk data and would answer in bokmål.
import nb from './i18n/nb.json';
import nn from './i18n/nn.json';
import en from './i18n/en.json';

const catalogues = { nb, nn, en };
export const languages = ['nb', 'nn', 'en'];
let lang = 'nb';

export const language = () => lang;

export function setLanguage(l) {
	lang = languages.includes(l) ? l : 'nb';
	document.documentElement.lang = lang;
}

/** The stored choice, else what the browser asks for ("no" is bokmål), else bokmål. */
export function firstLanguage() {
	const stored = localStorage.getItem('varde.language');
	for (const l of [stored, ...navigator.languages]) {
		const two = (l ?? '').slice(0, 2).toLowerCase();
		if (languages.includes(two)) return two;
		if (two === 'no') return 'nb';
	}
	return 'nb';
}

export const has = (key) => key in catalogues[lang];

/** Text of a key. {name} is replaced; a plural entry is chosen by params.n. A missing key shows as
 * itself: ugly, visible, and never an empty alarm row. */
export function t(key, params = {}) {
	let text = catalogues[lang][key] ?? catalogues.nb[key] ?? key;
	if (typeof text === 'object') text = params.n === 1 ? text.one : text.other;
	return text.replace(/\{(\w+)\}/g, (all, name) => params[name] ?? all);
}

/** Text of a key built from data (kind.x, state.y); the raw word when we have none. */
export const word = (prefix, name) => (has(`${prefix}.${name}`) ? t(`${prefix}.${name}`) : name);

const number = new Intl.NumberFormat('nb-NO', { maximumFractionDigits: 0 });
const numberEn = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
export const num = (n) => (lang === 'en' ? numberEn : number).format(n);
