// SPDX-License-Identifier: EUPL-1.2
// Speaks to a hub that keeps dying: mqtt.js (3.1.1 and 5.0, persistent sessions) and HTTPS webhooks.
// Every message has an id of its own; those the hub acknowledged are appended to a file, one a line,
// before the next step. Unacknowledged ones are sent again until they are. Ends on SIGTERM after
// everything sent has been acknowledged.
//
//   load.mjs ACKED_FILE MQTTS_PORT HTTPS_PORT
import fs from 'node:fs';
import https from 'node:https';
import mqtt from 'mqtt';

const [ackedFile, mqttsPort, httpsPort] = process.argv.slice(2);
const acked = fs.openSync(ackedFile, 'a');
const gateways = [['gw-lom', 'secret-lom'], ['gw-lesja', 'secret-lesja']];
let stopping = false, open = 0, number = 0;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// Each sender has ten devices of its own. The first is a call button, the others measure something that
// is never the same, so that in whatever order messages arrive after a kill each is news and must be
// found in the journal by its `seq`.
function sender(first) {
  let n = 0;
  return () => {
    const k = n % 10, seq = n++;
    number++;
    const device = `sos-${first + k}`;
    return k ? { id: `${device}-${seq}`, device, seq, kind: 'measure.temperature', value: seq }
             : { id: `${device}-${seq}`, device, seq, kind: 'sos', state: 'on' };
  };
}
const settled = (m) => { fs.writeSync(acked, `${m.gateway} ${m.device} ${m.seq} ${m.kind}\n`); open--; };
const text = ({ gateway, ...event }) => JSON.stringify(event);

function mqttClient([user, password], version, name, first) {
  const next = sender(first);
  const client = mqtt.connect(`mqtts://127.0.0.1:${mqttsPort}`, {
    username: user, password, clientId: name, clean: false, protocolVersion: version,
    reconnectPeriod: 40, connectTimeout: 2000, rejectUnauthorized: false,
    properties: version === 5 ? { sessionExpiryInterval: 3600 } : undefined });
  client.on('error', () => {});
  let inflight = 0;
  const qos = first % 20 ? 1 : 2; // one quality a sender: the two are not ordered between each other
  const more = () => {
    while (!stopping && client.connected && inflight < 20) {
      const m = { ...next(), gateway: user };
      inflight++; open++;
      client.publish(`varde/${m.device}`, text(m), { qos }, (err, packet) => {
        inflight--;
        if (err || (packet && packet.reasonCode >= 0x80)) open--; // never told "yes": no promise
        else settled(m);
      });
    }
  };
  setInterval(more, 5).unref();
  return client;
}

const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 4 });
function post(m, password) {
  const body = text(m);
  return new Promise((done) => {
    const req = https.request({ host: '127.0.0.1', port: httpsPort, method: 'POST', path: '/hook/varde', agent,
      timeout: 3000, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body),
        authorization: `Bearer ${m.gateway}:${password}` } }, (res) => { res.resume(); res.on('end', () => done(res.statusCode)); res.on('error', () => done(0)); });
    req.on('error', () => done(0));
    req.on('timeout', () => req.destroy());
    req.end(body);
  });
}
async function poster([user, password], first) {
  const next = sender(first);
  while (!stopping) {
    const m = { ...next(), gateway: user };
    open++;
    for (;;) {
      const status = await post(m, password);
      if (status >= 200 && status < 300) { settled(m); break; }
      await wait(status ? 50 : 20);
    }
    await wait(5);
  }
}

const [lom, lesja] = gateways;
const clients = [mqttClient(lom, 4, 'k4', 0), mqttClient(lom, 5, 'k5', 10), mqttClient(lesja, 5, 'l5', 20)];
poster(lom, 20);
poster(lom, 30);
poster(lesja, 30);
process.on('SIGTERM', async () => {
  stopping = true;
  for (let i = 0; i < 300 && open > 0; i++) await wait(100);
  for (const c of clients) c.end(true);
  console.log(JSON.stringify({ messages: number, unsettled: open }));
  process.exit(open ? 1 : 0);
});
