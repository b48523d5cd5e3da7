// SPDX-License-Identifier: EUPL-1.2
// ready.mjs --state DIR --port N --pid P : returns when the hub is ready, fails when it ends first.
// ready.mjs --state DIR --people : prints the demo sign-ins.
import { credentials, Door, options, until } from './lib.mjs';

const o = options();

function alive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

if (o.people) {
	const { staff } = credentials(o.state);
	const notes = {
		nattevakt1: 'night shift, all six municipalities, bokmål',
		nattevakt2: 'night shift, all six municipalities, nynorsk',
		english: 'night shift in English',
		'leder-lom': 'leader in Lom: alarms and reports, nynorsk',
		tekniker: 'technician: devices',
		kontroller: 'controller: reports',
		admin: 'everything',
	};
	for (const p of staff.filter((s) => notes[s.user]))
		console.log(`               ${p.user.padEnd(12)} ${p.password.padEnd(18)} ${notes[p.user]}`);
	console.log(`               (and pleier1-, pleier2-, leder- for dovre lesja skjaak lom vaagaa sel)`);
	process.exit(0);
}

try {
	await until('the hub to be ready', 60000, async () => {
		if (o.pid && !alive(Number(o.pid))) throw new Error('the hub ended at its start');
		try {
			return (await new Door(o.state, o.port).ask('GET', '/readyz', { timeout_ms: 2000 })).status === 200;
		} catch {
			return false; // not listening yet, or its certificate is not there yet
		}
	});
} catch (e) {
	console.error(e.message);
	process.exit(1);
}
