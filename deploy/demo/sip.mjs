// SPDX-License-Identifier: EUPL-1.2
// A social alarm unit for the demo: SIP over TLS, signed in with digest, kept registered. What it has
// to say goes out as a MESSAGE (SS 91100); it is said when the receiver's own MESSAGE, with the same
// reference, tells what became of it. A receiver that says "hold" (4) is asked again.
import { createHash, randomBytes } from 'node:crypto';
import tls from 'node:tls';
import { sleep } from './lib.mjs';

const md5 = (text) => createHash('md5').update(text).digest('hex');
const hex = (n) => randomBytes(n).toString('hex');
const header = (head, name) => new RegExp(`^${name}\\s*:\\s*(.*)$`, 'im').exec(head)?.[1].trim() ?? '';
const word = (xml, name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

const EXPIRES_S = 3600;
const HOLD_MS = 10000; // SS 91100: asked again after 5 to 20 s

export class Unit {
	constructor({ port, ca, user, password, cid }) {
		Object.assign(this, { port, ca, user, password, cid, cseq: 0, waiting: new Map(), rest: Buffer.alloc(0) });
	}

	get address() {
		return `sip:${this.cid}@alarm.example`;
	}

	async connect() {
		const s = tls.connect({ host: '127.0.0.1', port: this.port, servername: 'localhost', ca: this.ca });
		this.socket = s;
		this.rest = Buffer.alloc(0);
		s.on('data', (data) => this.socket === s && this.hear(data));
		s.on('close', () => this.lost(s, new Error('the connection was closed')));
		s.on('error', (e) => this.lost(s, e));
		await new Promise((done, failed) => {
			s.once('secureConnect', done);
			s.once('error', failed);
			s.once('close', () => failed(new Error('the connection was closed')));
		});
		const contact = `Contact: <sip:${this.cid}@127.0.0.1:${s.localPort};transport=tls>\r\n`;
		await this.ask('REGISTER', `${contact}Expires: ${EXPIRES_S}\r\n`);
		this.registered_at = Date.now();
	}

	// Signed in, on a connection that stands; who comes while that is being made waits for it.
	async ready() {
		const old = Date.now() - this.registered_at > (EXPIRES_S * 1000) / 2;
		if (this.socket && !this.connecting && old) this.lost(this.socket, new Error('registering anew'));
		if (!this.socket) this.connecting = this.connect().finally(() => (this.connecting = undefined));
		try {
			await this.connecting;
		} catch (e) {
			this.lost(this.socket, e); // half a beginning is none
			throw e;
		}
	}

	lost(socket, e) {
		if (this.socket !== socket) return; // an earlier one: nobody waits on it
		socket?.destroy();
		this.socket = undefined;
		for (const w of this.waiting.values()) w.failed(e);
		this.waiting.clear();
	}

	// Resolves when somebody has said what this key stands for.
	wait(key, what, limit_ms = 8000) {
		return new Promise((done, failed) => {
			const timer = setTimeout(() => {
				this.waiting.delete(key);
				failed(new Error(`no ${what} in ${limit_ms / 1000} s`));
			}, limit_ms);
			const end = (f) => (x) => {
				clearTimeout(timer);
				f(x);
			};
			this.waiting.set(key, { done: end(done), failed: end(failed) });
		});
	}

	say(key, value) {
		this.waiting.get(key)?.done(value);
		this.waiting.delete(key);
	}

	hear(data) {
		this.rest = Buffer.concat([this.rest, data]);
		for (;;) {
			const end = this.rest.indexOf('\r\n\r\n');
			if (end < 0) return;
			const head = this.rest.subarray(0, end).toString(), n = Number(header(head, 'Content-Length')) || 0;
			if (this.rest.length < end + 4 + n) return;
			const body = this.rest.subarray(end + 4, end + 4 + n).toString();
			this.rest = this.rest.subarray(end + 4 + n);
			if (head.startsWith('SIP/2.0 ')) this.say(header(head, 'CSeq'), head);
			else this.told(head, body);
		}
	}

	// A request of the receiver's: said to have come, and read when it is an answer to ours.
	told(head, body) {
		const same = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((n) => `${n}: ${header(head, n)}\r\n`).join('');
		this.socket.write(`SIP/2.0 200 OK\r\n${same}Content-Length: 0\r\n\r\n`);
		if (word(body, 'ref')) this.say(`ref ${word(body, 'ref')}`, body);
	}

	request(method, more, body) {
		const cseq = `${++this.cseq} ${method}`, to = method === 'REGISTER' ? this.address : 'sip:varde@localhost';
		const answer = this.wait(cseq, `answer to ${method}`);
		this.socket.write(
			`${method} sip:varde@localhost SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:${this.socket.localPort};branch=z9hG4bK${hex(8)}\r\n` +
			`Max-Forwards: 70\r\nFrom: <${this.address}>;tag=${hex(4)}\r\nTo: <${to}>\r\nCall-ID: ${hex(8)}\r\nCSeq: ${cseq}\r\n${more}` +
			`${body ? 'Content-Type: application/scaip+xml\r\n' : ''}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
		return answer;
	}

	// RFC 7616 with qop=auth.
	signature(method, challenge) {
		const of = (name) => new RegExp(`${name}="?([^",]*)`).exec(challenge)?.[1] ?? '';
		const [realm, nonce, uri, cnonce] = [of('realm'), of('nonce'), 'sip:varde@localhost', hex(4)];
		const secret = md5(`${this.user}:${realm}:${this.password}`);
		const response = md5(`${secret}:${nonce}:00000001:${cnonce}:auth:${md5(`${method}:${uri}`)}`);
		return `Authorization: Digest username="${this.user}", realm="${realm}", nonce="${nonce}", uri="${uri}", ` +
			`response="${response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="${cnonce}"\r\n`;
	}

	async ask(method, more = '', body = '') {
		let head = await this.request(method, more, body);
		const challenge = header(head, 'WWW-Authenticate');
		if (/^SIP\/2.0 401/.test(head) && challenge)
			head = await this.request(method, more + this.signature(method, challenge), body);
		if (!/^SIP\/2.0 200/.test(head)) throw new Error(`${method}: ${head.split('\r\n')[0]}`);
	}

	// Sends a document; the receiver has it when this returns.
	async send(xml) {
		for (;;) {
			await this.ready();
			const answer = this.wait(`ref ${word(xml, 'ref')}`, 'answer of the receiver');
			answer.catch(() => {}); // told by the line below, also when that one fails first
			await this.ask('MESSAGE', '', xml);
			const snu = Number(word(await answer, 'snu'));
			if (snu === 0) return;
			if (snu !== 4) throw new Error(`the receiver says ${snu}`);
			await sleep(HOLD_MS);
		}
	}

	close() {
		this.socket?.end();
	}
}
