// SPDX-License-Identifier: EUPL-1.2
// HTTP to the hub (docs/api.md). Every call answers { ok, status, body } or { ok: false, ... } with
// a problem; nothing is ever queued or repeated behind the person's back.
import { state } from './state.js';
import { has, t } from './i18n.js';

const TIMEOUT_MS = 8000;

async function call(method, path, body) {
	const headers = { accept: 'application/json' };
	if (body !== undefined) headers['content-type'] = 'application/json';
	if (method !== 'GET' && state.session) headers['x-varde-csrf'] = state.session.csrf;
	const abort = new AbortController();
	const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
	try {
		const r = await fetch(path, {
			method,
			headers,
			body: body === undefined ? undefined : JSON.stringify(body),
			credentials: 'same-origin',
			cache: 'no-store',
			redirect: 'error',
			signal: abort.signal,
		});
		const text = await r.text();
		let json = null;
		try {
			json = text ? JSON.parse(text) : null;
		} catch {
			json = null; // a proxy's own error page
		}
		return { ok: r.ok, status: r.status, body: json, retryAfter: Number(r.headers.get('retry-after')) };
	} catch {
		return { ok: false, status: 0, body: null, retryAfter: 0 };
	} finally {
		clearTimeout(timer);
	}
}

export const get = (path) => call('GET', path);
export const post = (path, body) => call('POST', path, body);
export const patch = (path, body) => call('PATCH', path, body);
export const del = (path) => call('DELETE', path);

/** What went wrong, in the reader's language. The hub's own detail is used when we have no words. */
export function problemText(r) {
	if (r.status === 0) return t('err.network');
	const code = r.body?.code ?? '';
	if (code && has(`err.${code}`)) return t(`err.${code}`, { n: r.retryAfter || 1 });
	if (r.status === 429) return t('err.limit', { n: r.retryAfter || 1 });
	return r.body?.detail || t('err.other', { status: r.status });
}
