// SPDX-License-Identifier: EUPL-1.2
// The alarm's voice, synthesised, in the manner of IEC 60601-1-8 (no conformity is claimed): high is
// ten pulses, medium three, low one, repeated every 10, 25 and 30 s. Bursts are put on the audio
// clock well ahead, so that a slowed page still sounds. Lost contact has a voice of its own.
import { changed, state } from './state.js';
import { now } from './time.js';

const REPEAT_S = { high: 10, medium: 25, low: 30, lost: 15 };
const AHEAD_S = 40; // a hidden page may be woken only once a minute, a worker's tick more often
export const PAUSE_MS = 120000; // "sound on pause" is never longer (WCAG 1.4.2 asks for a way)

/* [start, length] of each pulse in seconds, and its fundamental in Hz; 150-1000 Hz carries far. */
function pulses(level) {
	if (level === 'medium') return [[0, 0.2, 440], [0.42, 0.2, 554], [0.84, 0.2, 440]];
	if (level === 'low') return [[0, 0.25, 392]];
	if (level === 'lost') return [[0, 0.7, 330], [0.85, 0.7, 247]];
	if (level === 'test') return [[0, 0.2, 440], [0.3, 0.2, 554], [0.6, 0.35, 659]];
	const half = [0, 0.24, 0.48, 0.94, 1.18];
	return [...half, ...half.map((s) => s + 2.1)].map((s, i) => [s, 0.15, i % 5 < 3 ? 523 : 659]);
}

let ctx = null;
let wave = null;
let master = null;
let scheduled = []; // { at, nodes } not yet over
let next = 0; // audio time of the next burst
let playing = ''; // level the schedule is made for
let said = { at: -9, level: '' }; // last sayNow

function context() {
	if (ctx || typeof AudioContext === 'undefined') return ctx;
	ctx = new AudioContext({ latencyHint: 'interactive' });
	// Five harmonics within 15 dB of each other, so that worn ears and cheap speakers both hear it.
	wave = ctx.createPeriodicWave(new Float32Array(6), new Float32Array([0, 1, 0.8, 0.65, 0.5, 0.4]));
	master = ctx.createGain();
	master.gain.value = 0.5;
	master.connect(ctx.destination);
	ctx.onstatechange = refresh;
	return ctx;
}

function burst(level, at) {
	const nodes = [];
	for (const [start, length, hz] of pulses(level)) {
		const osc = ctx.createOscillator();
		const env = ctx.createGain();
		const t0 = at + start;
		osc.setPeriodicWave(wave);
		osc.frequency.value = hz;
		env.gain.setValueAtTime(0, t0);
		env.gain.linearRampToValueAtTime(1, t0 + 0.02);
		env.gain.setValueAtTime(1, t0 + length - 0.03);
		env.gain.linearRampToValueAtTime(0, t0 + length);
		osc.connect(env).connect(master);
		osc.start(t0);
		osc.stop(t0 + length + 0.02);
		osc.onended = () => env.disconnect();
		nodes.push(osc, env);
	}
	return { at, nodes };
}

function silence() {
	for (const b of scheduled) for (const n of b.nodes) n.disconnect();
	scheduled = [];
}

/** Sound state for the screen: off (never asked for), suspended (the browser holds it), paused, on. */
function refresh() {
	const s = state.sound;
	let is = 'off';
	if (typeof AudioContext === 'undefined') is = 'none';
	else if (ctx && ctx.state !== 'running') is = s.wanted ? 'suspended' : 'off';
	else if (ctx && ctx.state === 'running') is = now() < s.pausedUntil ? 'paused' : 'on';
	if (is !== s.state) {
		s.state = is;
		changed();
	}
}

/** Called when the page starts: where the browser allows sound by itself, it is on at once. */
export function prepareSound() {
	context();
	refresh();
}

/** From the person's own click. Sounds the test tone and asks whether it was heard. */
export async function turnOn() {
	state.sound.wanted = true;
	const c = context();
	if (!c) return refresh();
	await Promise.race([c.resume(), new Promise((done) => setTimeout(done, 1500))]);
	refresh();
	testTone();
}
export function testTone(level = 'test') {
	if (!ctx || ctx.state !== 'running') return;
	burst(level, ctx.currentTime + 0.05);
	if (level === 'test') state.sound.asking = true;
	changed();
}
export function heardTone(yes) {
	state.sound.asking = false;
	state.sound.confirmed = yes ? now() : 0;
	state.sound.unheard = !yes;
	changed();
}

export function pauseSound() {
	state.sound.pausedUntil = now() + PAUSE_MS;
	refresh();
	pump(playing);
}
export function resumeSound() {
	state.sound.pausedUntil = 0;
	refresh();
	changed();
}

/** Keeps the schedule filled for a level ('' = quiet). Called at every tick and every change. */
export function pump(level) {
	refresh();
	if (state.sound.sounding !== level) {
		state.sound.sounding = level;
		changed();
	}
	const want = state.sound.state === 'on' ? level : '';
	if (want !== playing) {
		silence();
		playing = want;
		next = 0;
	}
	if (!want || !ctx) return;
	const t = ctx.currentTime;
	scheduled = scheduled.filter((b) => b.at > t - 6);
	if (next < t) next = t + 0.05;
	while (next < t + AHEAD_S) {
		scheduled.push(burst(want, next));
		next += REPEAT_S[want];
	}
}
/** Something new of this level: sound it now, not when the running interval is over. `loop` is what
 * goes on sounding after it. In a flood the first burst is let finish. */
export function sayNow(level, loop) {
	if (state.sound.state !== 'on' || !ctx) return;
	const order = ['', 'low', 'medium', 'high'];
	const top = order.indexOf(loop) > order.indexOf(level) ? loop : level;
	const t = ctx.currentTime;
	if (t - said.at < 5 && order.indexOf(said.level) >= order.indexOf(top)) return pump(loop);
	said = { at: t, level: top };
	silence();
	playing = loop;
	scheduled.push(burst(top, t + 0.05));
	next = t + 0.05 + REPEAT_S[loop || top];
	pump(loop);
}
