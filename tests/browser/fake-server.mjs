// SPDX-License-Identifier: EUPL-1.2
// A stand-in for `varde serve` that keeps docs/api.md: sessions, alarms with the handling table,
// lists and the live stream. It serves a built console with the real content security policy, and
// can be frozen, killed, started again or made to lock, which a real hub will not do on request.
// All people in it are invented.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { randomBytes } from 'node:crypto';
import { WebSocketServer } from 'ws';

export const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types lit-html varde";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml',
	'.json': 'application/json', '.woff2': 'font/woff2' };
const MUNIS = [[3431, 'Dovre'], [3432, 'Lesja'], [3433, 'Skjåk'], [3434, 'Lom'], [3435, 'Vågå'], [3437, 'Sel']]
	.map(([number, name]) => ({ number, name }));
const PRIORITY = { sos: 40, fall: 40, smoke: 40, 'gateway.storm': 30, 'duty.nobody': 40, water_leak: 30, medication: 30,
	inactivity: 20, door: 20, 'device.connectivity': 30, 'device.battery_low': 20, 'bridge.connectivity': 30 };
const OWNED = ['acknowledged', 'en_route', 'on_site', 'transferred'];
/* step -> [states it may be taken in, state after or null, name it is recorded under] */
const MOVES = {
	acknowledge: [['new', 'test', 'shelved'], 'acknowledged', 'acknowledged'],
	en_route: [['acknowledged'], 'en_route', 'en_route'],
	on_site: [['acknowledged', 'en_route'], 'on_site', 'on_site'],
	release: [OWNED, 'new', 'released'],
	transfer: [['acknowledged', 'en_route', 'on_site'], 'transferred', 'transferred'],
	receive: [['transferred'], 'acknowledged', 'received'],
	note: [null, null, 'note'],
	call: [['new', 'shelved', 'test', ...OWNED], null, 'call'],
	shelve: [['new', ...OWNED], 'shelved', 'shelved'],
	unshelve: [['shelved'], 'new', 'unshelved'],
	close: [OWNED, 'closed', 'closed'],
	reopen: [['closed'], 'new', 'reopened'],
};
const STAFF = [
	{ id: 1, user: 'anne', password: 'varde-anne-1', name: 'Anne Bøverdal', phone: '+47 000 00 101', language: 'nb', roles: ['care', 'leader'] },
	{ id: 2, user: 'ola', password: 'varde-ola-1', name: 'Ola Skogum', phone: '+47 000 00 102', language: 'nn', roles: ['care'] },
	{ id: 3, user: 'siri', password: 'varde-siri-1', name: 'Siri Nyhus', phone: '+47 000 00 103', language: 'nb', roles: ['care'] },
	{ id: 4, user: 'per', password: 'varde-per-1', name: 'Per Teknisk', phone: '+47 000 00 104', language: 'en', roles: ['technician'] },
];
const RECIPIENTS = [
	{ id: 11, muni: 3434, name: 'Kari Eksempel Brua', address: 'Fossvegen 4, Fossbergom', floor: '2. etasje', key_note: 'E-lås, kode i nøkkelsafen ved bod', phone: '+47 000 00 011' },
	{ id: 12, muni: 3435, name: 'Arne Prøvesen', address: 'Klonesvegen 12, Vågåmo', floor: '1. etasje', key_note: 'Nøkkel på hovednøkkel H3', phone: '+47 000 00 012' },
	{ id: 13, muni: 3437, name: 'Gudrun Testad', address: 'Skansen 7, Otta', floor: '3. etasje, heis', key_note: '', phone: '+47 000 00 013' },
	{ id: 14, muni: 3431, name: 'Magnhild Oppdiktet', address: 'Kyrkjevegen 21, Dombås', floor: '', key_note: 'Ring på, datteren bor ved siden av', phone: '+47 000 00 014' },
	{ id: 15, muni: 3433, name: 'Torleif Paahitt', address: 'Moavegen 3, Bismo', floor: '1. etasje', key_note: 'Hund i huset', phone: '+47 000 00 015' },
	{ id: 16, muni: 3434, name: 'Olaug Eksempel Brua', address: 'Fossvegen 4, Fossbergom', floor: '2. etasje', key_note: 'E-lås, kode i nøkkelsafen ved bod', phone: '+47 000 00 016' },
];
const resident = ({ id, name, address, floor, key_note, phone }) => ({ id, name, address, floor, key_note, phone });
const iso = (at) => (at ? new Date(at).toISOString() : null);

export class FakeServer {
	constructor({ dist, port = 0, beatMs = 5000 }) {
		this.dist = dist;
		this.port = port;
		this.beatMs = beatMs;
		this.skewMs = 0; // what the hub's clock is ahead of this machine's
		this.clear();
		this.sessions = new Map();
		this.requests = [];
		this.failures = new Map();
	}
	clear() {
		this.epoch = randomBytes(6).toString('hex');
		this.seq = 0;
		this.ring = [];
		this.alarms = new Map();
		this.steps = new Map();
		this.affected = new Map(); // alarm id -> who is behind what is gone
		this.n = 0;
		this.storage = 'ok';
		this.locked = false;
		this.frozen = false;
		this.onTest = 1;
		this.commands = [];
		this.homes = new Map(); // recipient -> devices that take commands
		this.nobody = [];
		this.editions = [{ date: '2026-11-23', files: MUNIS.map((m) => ({ name: `${m.number}.html`, municipality: m.number }))
			.concat({ name: '3434.csv', municipality: 3434 }, { name: 'region.html', municipality: null }) }];
	}
	now() {
		return Date.now() + this.skewMs;
	}

	/* -- control ------------------------------------------------------------------------------ */

	async start() {
		this.sockets = new Set();
		this.clients = new Set();
		this.http = createServer((q, r) => this.request(q, r).catch((e) => { console.error(e); r.destroy(); }));
		this.http.on('connection', (s) => { this.sockets.add(s); s.on('close', () => this.sockets.delete(s)); });
		this.wss = new WebSocketServer({ noServer: true, handleProtocols: (p) => (p.has('varde.live.1') ? 'varde.live.1' : false) });
		this.http.on('upgrade', (q, s, head) => {
			const session = this.session(q);
			const origin = q.headers.origin && new URL(q.headers.origin).host;
			if (this.frozen) return;
			if (!session || origin !== q.headers.host) return s.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
			this.wss.handleUpgrade(q, s, head, (ws) => this.live(ws, session));
		});
		await new Promise((done, fail) => this.http.once('error', fail).listen(this.port, '127.0.0.1', done));
		this.port = this.http.address().port;
		this.url = `http://127.0.0.1:${this.port}`;
		this.beats = setInterval(() => this.beat(), this.beatMs);
		return this;
	}
	/** Gone: every connection cut, nothing listens. */
	async stop() {
		clearInterval(this.beats);
		for (const s of this.sockets) s.destroy();
		await new Promise((done) => this.http.close(done));
	}
	/** Connections stay open and nothing comes: a dead line that looks alive. */
	freeze(on = true) {
		this.frozen = on;
		for (const s of this.sockets) on ? s.pause() : s.resume();
	}
	lock(on = true) {
		this.locked = on;
		this.beat();
	}
	/** Answers the next call of a step with this instead. */
	failNext(step, status, body) {
		this.failures.set(step, { status, body });
	}
	endSessions() {
		this.sessions.clear();
		for (const c of this.clients) {
			this.send(c, { type: 'bye', reason: 'signed_out' });
			c.ws.close();
		}
	}

	/* -- alarms ------------------------------------------------------------------------------- */

	raise({ kind = 'fall', state = 'confirmed', recipient = 11, also = [], ageS = 0, late = 0, ...more } = {}) {
		const at = this.now() - ageS * 1000;
		const r = RECIPIENTS.find((x) => x.id === recipient);
		const muni = MUNIS.find((m) => m.number === (r?.muni ?? more.muni ?? 3434));
		const id = `01JFAKE${String(++this.n).padStart(19, '0')}`;
		const a = {
			id, municipality: muni, kind, state, priority: PRIORITY[kind] ?? 20, condition: 'active', handling: 'new', parent: null,
			raised_at: iso(at - late * 1000), received_at: iso(at), last_at: iso(at), returned_at: null, acked_at: null,
			on_site_at: null, closed_at: null, handled_at: iso(at), deadline: iso(at + 60000), shelved_until: null,
			owner: null, target: null, count: 1, repeat_24h: 1, level: 1, realerts: 0, outcome: null, flags: [], version: 1,
			recipient: r ? resident(r) : null,
			residents: [recipient, ...also].map((i) => RECIPIENTS.find((x) => x.id === i)).filter(Boolean).map(resident),
			place: r ? { id: 100 + r.id, room: 'Soverom', purpose: kind === 'medication' ? 'medication' : kind === 'sos' ? 'sos' : 'fall' } : null,
			device: { id: 200 + this.n, name: `Føler ${this.n}`, model: 'VX-1', battery: 87, last_heard: iso(at), on_test: false },
			gateway: { id: 2, name: `Sentral ${muni.name}` },
			receivers: [{ id: 1, name: STAFF[0].name, phone: STAFF[0].phone }],
			members: 0, ...more,
		};
		delete a.muni;
		this.alarms.set(id, a);
		this.steps.set(id, []);
		this.record(a, 'raised', null, {}, at);
		return a;
	}
	record(a, step, staff, extra = {}, at = this.now()) {
		const list = this.steps.get(a.id);
		a.version = list.length + 1;
		const by = staff ? { id: staff.id, name: staff.name } : null;
		list.push({ n: a.version, step, at: iso(at), staff: by, target: extra.target ?? null, level: extra.level ?? 0,
			outcome: extra.outcome ?? null, note: extra.note ?? '', command: extra.command });
		this.ring.push({ seq: ++this.seq, now: iso(this.now()), id: a.id, alarm: structuredClone(a), step: { step, at: iso(at), staff: by } });
		for (const c of this.clients) if (c.said) this.send(c, this.change(this.ring.at(-1), c.session));
	}
	change(c, session) {
		return { type: 'change', seq: c.seq, now: c.now, alarm: this.seen(c.alarm, session), step: c.step };
	}
	repeat(a) {
		a.count++;
		a.repeat_24h++;
		a.realerts++;
		a.priority = 40;
		a.last_at = iso(this.now());
		this.record(a, 'repeated');
	}
	escalate(a) {
		a.level = Math.min(3, a.level + 1);
		this.record(a, 'escalated', null, { level: a.level });
	}
	returned(a) {
		a.condition = 'returned';
		a.returned_at = iso(this.now());
		this.record(a, 'returned');
	}
	storm(n, muni = 3435) {
		const top = this.raise({ kind: 'gateway.storm', state: 'on', recipient: 0, muni, device: null, place: null, members: n });
		for (let i = 0; i < n; i++)
			this.raise({ kind: 'device.connectivity', state: 'offline', recipient: RECIPIENTS[i % RECIPIENTS.length].id, parent: top.id });
		return top;
	}
	act(a, user, body) {
		const staff = STAFF.find((s) => s.user === user);
		return this.step(a, staff, { version: a.version, ...body });
	}

	/** What this person may do with it now. */
	allowed(a, session) {
		if (!session.staff.roles.includes('care')) return a.handling === 'closed' ? [] : ['note'];
		const mine = a.owner?.id === session.staff.id;
		return Object.keys(MOVES).filter((s) => {
			const [from] = MOVES[s];
			if (from && !from.includes(a.handling)) return false;
			if (s === 'receive') return a.target?.id === session.staff.id;
			return !['en_route', 'on_site', 'release', 'transfer', 'close'].includes(s) || mine;
		});
	}
	seen(a, session) {
		return { ...structuredClone(a), allowed: this.allowed(a, session) };
	}
	/** [status, problem code or null] */
	step(a, staff, b) {
		const move = MOVES[b.step];
		if (!move || typeof b.step !== 'string') return [400, 'parse'];
		if (!this.allowed(a, { staff }).includes(b.step)) return [move[0] && !move[0].includes(a.handling) ? 409 : 403, move[0] && !move[0].includes(a.handling) ? 'state' : 'denied'];
		if (b.version !== a.version) return [409, 'conflict'];
		if (b.step === 'close' && !b.outcome) return [409, 'state'];
		if (b.step === 'close' && a.repeat_24h >= 2 && !b.note) return [409, 'state'];
		const t = iso(this.now());
		if (move[1]) {
			a.handling = move[1];
			a.handled_at = t;
			a.deadline = iso(this.now() + 600000);
		}
		if (['acknowledge', 'receive'].includes(b.step)) {
			a.owner = { id: staff.id, name: staff.name };
			a.target = null;
			a.acked_at ??= t;
		}
		if (['release', 'unshelve', 'reopen', 'shelve'].includes(b.step)) a.owner = a.target = null;
		if (b.step === 'on_site') a.on_site_at = t;
		if (b.step === 'transfer') {
			const to = STAFF.find((s) => s.id === b.target);
			a.target = { id: to.id, name: to.name };
		}
		if (b.step === 'shelve') a.shelved_until = iso(this.now() + b.shelve_minutes * 60000);
		if (b.step === 'close') {
			a.closed_at = t;
			a.outcome = b.outcome;
			a.deadline = null;
		}
		this.record(a, move[2], staff, { target: a.target, outcome: b.outcome, note: b.note });
		return [200, null];
	}

	/* -- commands ----------------------------------------------------------------------------- */

	/** This home has a device that takes these. */
	gives(recipient, id, name, room, verbs) {
		this.homes.set(recipient, [...(this.homes.get(recipient) ?? []), { id, name, room, verbs }]);
	}
	takes(a, session) {
		const care = session.staff.roles.includes('care');
		return (this.homes.get(a.recipient?.id) ?? []).map((d) => ({ ...d,
			verbs: d.verbs.filter((v) => (v === 'interval') !== care) })).filter((d) => d.verbs.length);
	}
	/** [status, command or problem code] */
	command(device, b, session) {
		const d = [...this.homes.values()].flat().find((x) => x.id === device);
		const a = this.alarms.get(b.alarm);
		const old = this.commands.find((c) => c.key === b.key && c.staff.id === session.staff.id);
		if (old) return [202, old];
		if (!d || !b.key) return [d ? 400 : 404, d ? 'parse' : 'notfound'];
		if (!d.verbs.includes(b.verb) || (b.verb === 'unlock' && !b.reason)) return [400, 'parse'];
		if (b.verb === 'unlock' && a?.owner?.id !== session.staff.id && !session.staff.roles.includes('leader')) return [403, 'denied'];
		const at = this.now();
		const c = { id: `01JFAKEC${String(this.commands.length + 1).padStart(18, '0')}`, municipality: a?.municipality.number ?? 3434,
			device: { id: d.id, name: d.name }, verb: b.verb, alarm: b.alarm, staff: { id: session.staff.id, name: session.staff.name },
			state: 'queued', attempts: 0, asked_at: iso(at), expires_at: iso(at + 60000), sent_at: null, ended_at: null,
			reason: b.reason, key: b.key };
		if (b.minutes) c.minutes = b.minutes;
		this.commands.push(c);
		if (a) this.record(a, 'command', session.staff, { command: c.id });
		this.goes(c, 'sent');
		return [202, structuredClone(c)];
	}
	/** A command gets on; an end also becomes a step of its alarm. */
	goes(c, to, result) {
		Object.assign(c, { state: to, result, attempts: 1, sent_at: c.sent_at ?? iso(this.now()) });
		if (['done', 'failed', 'expired'].includes(to)) {
			c.ended_at = iso(this.now());
			if (this.alarms.has(c.alarm)) this.record(this.alarms.get(c.alarm), 'command', null, { command: c.id });
		}
		for (const x of this.clients)
			if (x.said) this.send(x, { type: 'command', seq: this.seq, now: iso(this.now()), command: { ...structuredClone(c), reason: undefined } });
	}

	/* -- live --------------------------------------------------------------------------------- */

	status() {
		const list = [...this.alarms.values()].filter((a) => a.handling !== 'closed');
		const staff = ({ id, name, phone }) => ({ id, name, phone });
		return {
			open: list.length, unacknowledged: list.filter((a) => a.handling === 'new').length,
			shelved: list.filter((a) => a.handling === 'shelved').length, on_test: this.onTest,
			silent_devices: this.devices('silent').length, waiting_devices: this.devices('waiting').length, storage: this.storage,
			duty: MUNIS.map((m, i) => ({ municipality: m.number, first: this.nobody.includes(m.number) ? null : staff(STAFF[i % 3]),
				next: i % 2 || this.nobody.includes(m.number) ? null : staff(STAFF[(i + 1) % 3]) })),
		};
	}
	send(c, m) {
		if (!this.frozen && c.ws.readyState === 1) c.ws.send(JSON.stringify(m));
	}
	live(ws, session) {
		const c = { ws, session, said: false, here: 0 };
		this.clients.add(c);
		ws.on('close', () => this.clients.delete(c));
		ws.on('message', (raw) => {
			const m = JSON.parse(raw);
			if (m.type === 'here') return void c.here++;
			if (m.type !== 'hello') return;
			c.said = true;
			const missed = this.ring.filter((x) => x.seq > m.seq);
			if (m.epoch !== this.epoch || missed.length > 100)
				this.send(c, { type: 'snapshot', epoch: this.epoch, seq: this.seq, now: iso(this.now()), alarms: this.list(session), status: this.status() });
			else if (missed.length) this.send(c, { type: 'changes', list: missed.map((x) => this.change(x, session)) });
			this.beatTo(c);
		});
	}
	list(session) {
		return [...this.alarms.values()].map((a) => this.seen(a, session));
	}
	beatTo(c) {
		this.send(c, { type: 'beat', seq: this.seq, now: iso(this.now()), status: this.status(), locked: this.locked });
	}
	beat() {
		for (const c of this.clients) if (c.said) this.beatTo(c);
	}

	/* -- http --------------------------------------------------------------------------------- */

	session(q) {
		const id = /(?:^|; )varde=([0-9a-f]+)/.exec(q.headers.cookie ?? '')?.[1];
		return this.sessions.get(id);
	}
	describe(s) {
		const { id, name, user, roles } = s.staff;
		return { staff: { id, name, user }, roles, language: s.language, municipalities: MUNIS, csrf: s.csrf, version: 'fake-1',
			idle_minutes: this.idleMinutes ?? 30, locked: this.locked };
	}
	async request(q, r) {
		if (this.frozen) return;
		const url = new URL(q.url, 'http://x');
		let raw = '';
		for await (const part of q) raw += part;
		const body = raw ? JSON.parse(raw) : null;
		this.requests.push({ method: q.method, path: url.pathname, body });
		r.setHeader('cache-control', 'no-store');
		const json = (status, value) => {
			r.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
			r.end(value === undefined ? '' : JSON.stringify(value));
		};
		const problem = (status, code, more = {}) => json(status, { type: 'about:blank', title: code, status, code, detail: code, ...more });
		const path = url.pathname;
		if (path === '/api/v1/session' && q.method === 'POST') return this.signIn(r, json, problem, body);
		if (path.startsWith('/api/') || path.startsWith('/reports/')) {
			const s = this.session(q);
			if (!s) return problem(401, 'auth');
			if (q.method !== 'GET') {
				if (q.headers['x-varde-csrf'] !== s.csrf) return problem(403, 'denied');
				if (q.headers.origin && new URL(q.headers.origin).host !== q.headers.host) return problem(403, 'denied');
				if (this.locked) return problem(401, 'locked');
			}
			return this.api(q.method, path, url.searchParams, body, s, json, problem, r);
		}
		return this.file(path, r);
	}
	signIn(r, json, problem, b) {
		const staff = STAFF.find((s) => s.user === b?.user && s.password === b?.password);
		if (!staff) return problem(401, 'auth');
		const id = randomBytes(16).toString('hex');
		const s = { staff, language: staff.language, csrf: randomBytes(8).toString('hex') };
		this.sessions.set(id, s);
		this.locked = false;
		r.setHeader('set-cookie', `varde=${id}; HttpOnly; SameSite=Strict; Path=/`);
		json(200, this.describe(s));
	}
	api(method, path, query, body, s, json, problem, r) {
		const [, , , what, id, sub] = path.split('/');
		if (what === 'session') {
			if (method === 'PATCH') s.language = s.staff.language = body.language;
			if (method === 'DELETE') {
				for (const [k, v] of this.sessions) if (v === s) this.sessions.delete(k);
				return json(204);
			}
			return json(200, this.describe(s));
		}
		if (what === 'alarms' && !id) {
			if (!query.get('closed')) return json(200, { epoch: this.epoch, seq: this.seq, alarms: this.list(s) });
			const list = this.list(s).filter((a) => a.handling === 'closed' && a.closed_at >= query.get('from') && a.closed_at < query.get('to'));
			return json(200, { alarms: list.reverse() });
		}
		if (what === 'alarms') {
			const a = this.alarms.get(id);
			if (!a) return problem(404, 'notfound');
			if (sub === 'steps' && method === 'POST') {
				const fail = this.failures.get(body.step);
				this.failures.delete(body.step);
				if (fail) return problem(fail.status, fail.body.code, fail.body);
				const [status, code] = this.step(a, s.staff, body);
				return code ? problem(status, code, { alarm: this.seen(a, s) }) : json(200, this.seen(a, s));
			}
			return json(200, { ...this.seen(a, s), steps: this.steps.get(id), affected: this.affected.get(id), commands: { devices: this.takes(a, s),
				list: this.commands.filter((c) => c.alarm === id).map((c) => structuredClone(c)).reverse() } });
		}
		if (what === 'status') return json(200, this.status());
		if (what === 'devices' && sub === 'commands' && method === 'POST') {
			const fail = this.failures.get(body.verb);
			this.failures.delete(body.verb);
			if (fail?.status === 0) { // taken, and the answer lost on its way
				this.command(Number(id), body, s);
				return; // the page gives up after a while
			}
			if (fail) return problem(fail.status, fail.body.code, fail.body);
			const [status, c] = this.command(Number(id), body, s);
			return status === 202 ? json(202, { ...c, reason: undefined }) : problem(status, c);
		}
		if (what === 'devices') return json(200, { devices: this.devices(query.get('filter')) });
		if (what === 'staff') return json(200, { staff: STAFF.map((x, i) => ({ id: x.id, name: x.name, municipality: MUNIS[i].number, on_duty: i < 3 })) });
		if (what === 'reports') return s.staff.roles.includes('leader') ? json(200, { editions: this.editions }) : problem(403, 'denied');
		if (path.startsWith('/reports/')) {
			r.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
			return r.end('<!doctype html><title>rapport</title><h1>Rapport</h1>');
		}
		return problem(404, 'notfound');
	}
	devices(filter) {
		const at = this.now();
		const one = (id, more) => ({ id, municipality: 3434, gateway: 'Sentral Lom', family: 'zigbee2mqtt', identity: `0x00158d00000000${id}`,
			name: `Føler ${id}`, vendor: 'Eksempel', model: 'VX-1', serial: `A${id}`, lifecycle: 'in_use', features: 'door device.battery', recipient: '', residents: [], place: '',
			last_heard: iso(at - 3600000), battery: 80, link: -70, silent: false, on_test: false, unknown_keys: 0, ...more });
		const all = [
			one(31, { silent: true, recipient: RECIPIENTS[0].name, residents: [RECIPIENTS[0].name, RECIPIENTS[5].name], place: 'Soverom', last_heard: iso(at - 26 * 3600000), battery: 12 }),
			one(32, { silent: true, municipality: 3437, gateway: 'Sentral Sel', recipient: RECIPIENTS[2].name, residents: [RECIPIENTS[2].name], place: 'Bad', last_heard: iso(at - 3 * 86400000), battery: null }),
			one(33, { lifecycle: 'heard', name: '', unknown_keys: 3 }),
			one(34, { lifecycle: 'heard', name: '' }),
			one(35, { on_test: true, lifecycle: 'test', recipient: RECIPIENTS[1].name, residents: [RECIPIENTS[1].name], place: 'Stue' }),
		];
		if (filter === 'silent') return all.filter((d) => d.silent);
		if (filter === 'waiting') return all.filter((d) => d.lifecycle === 'heard');
		return all;
	}
	async file(path, r) {
		const name = path === '/' ? '/index.html' : normalize(path);
		try {
			const data = await readFile(join(this.dist, name));
			r.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream', 'content-security-policy': CSP,
				'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin' });
			r.end(data);
		} catch {
			r.writeHead(404).end();
		}
	}
}

/** Sign-ins of the fake server, as tests want them. */
export const users = { nb: { user: 'anne', password: 'varde-anne-1', name: STAFF[0].name }, nn: { user: 'ola', password: 'varde-ola-1', name: STAFF[1].name } };

// Alone: node fake-server.mjs DIST [PORT], with a few alarms, for looking at by hand.
if (process.argv[1] === new URL(import.meta.url).pathname) {
	const s = await new FakeServer({ dist: process.argv[2], port: Number(process.argv[3] ?? 8099) }).start();
	s.raise({ kind: 'fall', state: 'confirmed', recipient: 11, ageS: 95 });
	s.raise({ kind: 'medication', state: 'not_taken', recipient: 12, ageS: 600 });
	s.storm(6);
	console.log(s.url, 'anne / varde-anne-1, ola / varde-ola-1');
}
