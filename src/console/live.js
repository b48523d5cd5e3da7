// SPDX-License-Identifier: EUPL-1.2
// The live stream: connect, resume by epoch and sequence, and above all notice silence. The page
// counts its own silence (a worker's ticks and the clock), never the socket's events: a socket can
// look open for minutes over a dead line.
import { get } from './api.js';
import { changed, state } from './state.js';
import { now, syncClock } from './time.js';
import { applyAlarm, applySnapshot, welcomeBack } from './apply.js';
import { takeCommand } from './commands.js';
import { signedOut } from './session.js';

const AMBER_MS = 8000; // a beat comes every 5 s
const RED_MS = 20000;
const DEAD_MS = 12000; // drop a socket that has said nothing for two beats
const OPEN_MS = 5000; // and one that will not open
const BACKOFF_MS = [300, 1000, 2000, 4000, 8000];

let socket = null;
let wanted = false;
let tries = 0;
let openedAt = 0;
let retryAt = 0;
let lastTick = 0;
let heardPerf = 0;
let heardWall = 0;
let fromScratch = false;

/** How long the hub has been silent; the longer of two clocks, for one of them may have slept. */
export const silence = () => Math.max(performance.now() - heardPerf, Date.now() - heardWall);

function heard(nowIso) {
	heardPerf = performance.now();
	heardWall = Date.now();
	if (nowIso) {
		syncClock(nowIso);
		state.conn.lastNow = Date.parse(nowIso);
	}
}

export function startLive() {
	wanted = true;
	tries = 0;
	heard();
	setPhase('connecting');
	connect();
}
export function stopLive() {
	wanted = false;
	drop();
	setPhase('connecting');
}
/** After a new sign-in: the cookie is another one, so the stream must be too. */
export function renewLive(everything) {
	fromScratch ||= everything;
	drop();
	tries = 0;
	connect();
}

function drop() {
	const s = socket;
	socket = null;
	if (!s) return;
	s.onopen = s.onmessage = s.onclose = s.onerror = null;
	s.close();
}

function connect() {
	if (!wanted || socket) return;
	const url = new URL('/api/v1/live', location.href);
	url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
	retryAt = 0;
	openedAt = performance.now();
	const s = new WebSocket(url, 'varde.live.1');
	socket = s;
	s.onopen = () => {
		const again = fromScratch || !state.epoch;
		s.send(JSON.stringify({ type: 'hello', epoch: again ? '' : state.epoch, seq: again ? 0 : state.seq }));
	};
	s.onmessage = (e) => receive(s, e.data);
	s.onclose = () => lost(s);
}

function lost(s) {
	if (socket !== s) return;
	const opened = s.spoke;
	drop();
	const wait = BACKOFF_MS[Math.min(tries, BACKOFF_MS.length - 1)];
	retryAt = performance.now() + wait * (0.75 + Math.random() / 2); // a spread, so that many do not come at once
	tries++;
	judge();
	if (!opened) askWhy();
}

/** A refused upgrade tells the page nothing; the session does. */
async function askWhy() {
	const r = await get('/api/v1/session');
	if (!wanted) return;
	if (r.ok) {
		state.session = r.body;
		state.locked = !!r.body.locked;
		changed();
	} else if (r.status === 401 && r.body?.code === 'locked') {
		state.locked = true;
		changed();
	} else if (r.status === 401) signedOut('signin.ended');
}

function receive(s, data) {
	let m;
	try {
		m = JSON.parse(data);
	} catch {
		return; // not heard: an unreadable hub must not look alive
	}
	s.spoke = true;
	tries = 0;
	if (m.now) heard(m.now);
	switch (m.type) {
	case 'snapshot': {
		fromScratch = false;
		applySnapshot(m);
		break;
	}
	case 'changes':
		for (const c of m.list) one(c);
		break;
	case 'change':
		one(m);
		break;
	case 'beat':
		s.send('{"type":"here"}');
		state.status = m.status;
		state.locked = !!m.locked;
		if (m.seq > state.seq) state.seq = m.seq;
		break;
	case 'command':
		takeCommand(m.command);
		break;
	case 'bye':
		if (m.reason === 'signed_out') signedOut('signin.ended');
		return;
	}
	judge();
	changed();
}

function one(c) {
	if (c.now) heard(c.now);
	if (c.seq <= state.seq) return; // told twice around a reconnect
	state.seq = c.seq;
	applyAlarm(c.alarm, c.step);
}

function setPhase(p) {
	if (state.conn.phase === p) return;
	const before = state.conn.phase;
	state.conn.phase = p;
	if (p === 'red') {
		state.conn.sinceRed = state.conn.lastNow || now();
		fromScratch = true; // after so long, fetch everything
	}
	if (p === 'ok' && before === 'red') welcomeBack(state.conn.sinceRed);
	changed();
}

function judge() {
	const quiet = silence();
	const up = socket?.readyState === WebSocket.OPEN && socket.spoke && !fromScratch;
	if (quiet > RED_MS) setPhase('red');
	else if (up && quiet <= AMBER_MS) setPhase('ok');
	else if (state.conn.phase === 'red') return; // red until the hub has told everything anew
	else if (state.conn.phase !== 'connecting' || quiet > OPEN_MS) setPhase('amber');
}

/** Twice a second. A gap between ticks is sleep or a frozen tab: the same as a lost line. */
export function tick() {
	if (!wanted) return;
	const t = performance.now();
	const slept = lastTick && Date.now() - lastTick > 10000;
	lastTick = Date.now();
	if (slept && silence() > AMBER_MS) {
		drop();
		retryAt = 0;
	}
	if (socket) {
		const opening = socket.readyState === WebSocket.CONNECTING;
		if (opening && t - openedAt > OPEN_MS) lost(socket);
		else if (!opening && silence() > DEAD_MS && t - openedAt > DEAD_MS) lost(socket);
	} else if (t >= retryAt) connect();
	judge();
}
/** The network or the page came back: try at once. */
export function nudge() {
	if (!wanted) return;
	tries = 0;
	retryAt = 0;
	tick();
}
