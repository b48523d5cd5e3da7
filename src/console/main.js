// SPDX-License-Identifier: EUPL-1.2
// Starts the console: one state, one render function, one tick.
import { render } from 'lit';
import { closeDetail, openDetail } from './detail.js';
import { loadDevices, loadHistory, loadReports, loadStaff } from './lists.js';
import { judgeFlood, soundLevel, unacknowledged } from './alarms.js';
import { nudge, tick } from './live.js';
import { boot, personHere, watchIdle } from './session.js';
import { changed, onChange, state } from './state.js';
import { onKey } from './keys.js';
import { prepareSound, pump } from './sound.js';
import { page } from './view-page.js';
import { t } from './i18n.js';

const LOADERS = {
	silent: () => loadDevices('silent'),
	waiting: () => loadDevices('waiting'),
	test: () => loadDevices('all'),
	history: () => loadHistory(),
	reports: loadReports,
};

function route() {
	const [name, id] = location.hash.replace(/^#\/?/, '').split('/');
	state.route = { name: name || 'home', id: id ? decodeURIComponent(id) : '' };
	if (state.route.name !== 'alarm') closeDetail();
	if (!state.session) return changed();
	state.form = null;
	if (state.route.name === 'alarm') {
		state.attention.delete(state.route.id);
		openDetail(state.route.id);
		if (!state.lists.staff) loadStaff();
	} else LOADERS[state.route.name]?.();
	changed();
	queueMicrotask(() => queueMicrotask(focusPanel));
}
/** A page that was asked for takes the focus, so that keyboard and screen reader follow. */
function focusPanel() {
	if (state.route.name === 'home') {
		document.querySelector(`[data-alarm="${CSS.escape(lastAlarm)}"] [data-open]`)?.focus();
	} else document.querySelector('#panel h2')?.focus();
	lastAlarm = state.route.id;
}
let lastAlarm = '';
let enteredAs = 0;

function draw() {
	document.documentElement.dataset.colorScheme = state.prefs.scheme;
	const n = state.session ? unacknowledged().length : 0;
	document.title = !state.session
		? t('title.signin')
		: state.conn.phase === 'red'
			? t('title.red')
			: n
				? t('title.waiting', { n })
				: t('title.calm');
	if (navigator.setAppBadge) (n ? navigator.setAppBadge(n) : navigator.clearAppBadge()).catch(() => {});
	render(page(), document.getElementById('app'));
	const as = state.session?.staff.id ?? 0;
	if (as !== enteredAs) {
		enteredAs = as;
		if (as) route(); // a link to an alarm survives the sign-in
	}
}

function onTick() {
	tick();
	watchIdle();
	judgeFlood();
	pump(!state.session ? '' : state.conn.phase === 'red' ? 'lost' : soundLevel());
	const second = Math.floor(Date.now() / 1000);
	if (second !== onTick.second) {
		onTick.second = second;
		changed(); // ages count
	}
}

/** The ticker lives in a worker; where that is refused, a timer must do. */
function startTicks() {
	const url = document.querySelector('meta[name=varde-ticker]').content;
	try {
		const policy = globalThis.trustedTypes?.createPolicy('varde', { createScriptURL: (u) => u });
		const worker = new Worker(policy ? policy.createScriptURL(url) : url);
		worker.onmessage = onTick;
		worker.onerror = () => setInterval(onTick, 500);
	} catch {
		setInterval(onTick, 500);
	}
}

onChange(draw);
addEventListener('hashchange', route);
addEventListener('keydown', onKey);
for (const e of ['pointerdown', 'keydown', 'wheel', 'touchstart'])
	addEventListener(e, personHere, { passive: true, capture: true });
for (const e of ['online', 'focus', 'pageshow']) addEventListener(e, nudge);
document.addEventListener('visibilitychange', () => document.hidden || nudge());
prepareSound();
startTicks();
boot();
