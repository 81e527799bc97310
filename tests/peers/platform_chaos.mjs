// Files, numbers and connections while the product is killed, frozen and its Redis emptied again and again: people upload
// with npm's tus-js-client, what they do is tracked, and their tokens at npm's oauth2-mock-server are renewed. Afterwards
// every file is whole, no object is left of people who were erased, nothing is counted twice, and no connection is lost.
//
//   node tests/peers/platform_chaos.mjs STATE_FOLDER PORT [SECONDS]
//
// The state folder of a mesh of tools/up that keeps files in it and knows the provider of connections.mjs at PORT.
import assert from 'node:assert/strict';
import {createHash, randomBytes, randomInt} from 'node:crypto';
import {readdirSync, readFileSync, statSync} from 'node:fs';
import {connect} from 'node:net';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {report} from './journey.mjs';

const [state, port, seconds = '40'] = process.argv.slice(2);
const require = createRequire(join(process.env.PEERS_MODULES, 'x.js'));
const tus = require('tus-js-client');
const {OAuth2Server} = require('oauth2-mock-server');
const addresses = Object.fromEntries(JSON.parse(readFileSync(join(state, 'addresses.json'))));
const rest = addresses['REST, all services'].replace(/\/docs$/, '');
const files = addresses['Files, tus'];
const redis = new URL(addresses.Redis);
const MIB = 1 << 20;
const base = 400_000_000 + randomInt(100_000_000);
const people = Array.from({length: 4}, (_, i) => base + i);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

// A refresh token is good until one that came after it was used: whoever lost an answer may ask again.
const grants = new Map();  // By token: {grant, nth}.
const used = new Map();    // By grant: the newest nth that was used.
let issued = 0;
const server = new OAuth2Server();
await server.issuer.keys.generate('RS256');
server.service.on('beforeResponse', (response, request) => {
  const old = grants.get(request.body.refresh_token);
  if (request.body.grant_type === 'refresh_token') {
    if (old === undefined || old.nth < (used.get(old.grant) ?? 0)) {
      return Object.assign(response, {statusCode: 400, body: {error: 'invalid_grant'}});
    }
    used.set(old.grant, old.nth);
  }
  grants.set(response.body.refresh_token, {grant: old?.grant ?? response.body.refresh_token, nth: ++issued});
  response.body.expires_in = 20;
});
// Whose account it is: each code is of another.
server.service.on('beforeUserinfo', (response, request) => {
  response.body.sub = 'somebody';
});
await server.start(Number(port), '127.0.0.1');

async function call(method, path, user, body) {
  const response = await fetch(rest + path + (method === 'POST' ? '' : `?user_id=${user}`), {
    method,
    headers: {'Content-Type': 'application/json'},
    body: method === 'POST' ? JSON.stringify({user_id: user, ...body}) : undefined,
    signal: AbortSignal.timeout(30_000),
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`), {status: response.status});
  return answer;
}
// As a client does while the product is away: again, with the same keys.
async function surely(what, attempt, patience = 120_000) {
  for (const end = Date.now() + patience; ;) {
    try {
      const found = await attempt();
      if (found) return found;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    if (Date.now() > end) throw new Error(`${what} never came`);
    await pause(200);
  }
}

// The product's process, by the file in which it says where it listens.
function productOf() {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    let line = '';
    try { line = readFileSync(`/proc/${pid}/cmdline`, 'latin1'); } catch { continue; }
    if (line.includes(`${state}/`) && line.includes('/services/selfology\0')) return Number(pid);
  }
  return 0;
}
const FAULTS = {
  kill: () => { const pid = productOf(); if (pid) process.kill(pid, 'SIGKILL'); },
  freeze: async () => {
    const pid = productOf();
    if (!pid) return;
    process.kill(pid, 'SIGSTOP');
    await pause(3000);
    try { process.kill(pid, 'SIGCONT'); } catch { /* It was started anew. */ }
  },
  empty_redis: () => new Promise((done) => {
    const socket = connect(Number(redis.port), redis.hostname, () => socket.write('FLUSHALL\r\n'));
    socket.on('data', () => socket.destroy());
    socket.on('error', done).on('close', done);
  }),
};
const happened = [];
let over = false;
async function attack() {
  const names = Object.keys(FAULTS);
  while (!over) {
    await pause(3000 + randomInt(3000));
    const name = names[happened.length % names.length];
    happened.push(name);
    await FAULTS[name]();
  }
}

const uploads = [];
async function uploadOn(user) {
  while (!over) {
    const content = randomBytes(randomInt(MIB / 2, 9 * MIB));
    const one = await new Promise((done, failed) => {
      const upload = new tus.Upload(content, {
        endpoint: files, chunkSize: 2 * MIB, retryDelays: Array(200).fill(300), headers: {'X-User-Id': String(user)},
        onShouldRetry: () => true, onError: failed, onSuccess: () => done(upload)});
      upload.start();
    });
    uploads.push({user, id: one.url.split('/').at(-1), digest: sha256(content)});
    await pause(300);
  }
}

const tracked = new Map(people.map((user) => [user, 0]));
async function trackOn(user) {
  for (let batch = 0; !over; ++batch) {
    const events = Array.from({length: 20}, (_, i) => ({event: 'chaos', idempotency_key: `${batch}-${i}`}));
    const send = () => call('POST', '/api/analytics/track-events', user, {events});
    await surely('tracking', send);
    if (batch % 3 === 0) await send().catch(() => {});
    tracked.set(user, tracked.get(user) + events.length);
  }
}

const connections = new Map();
async function connectOne(user) {
  const begun = await call('POST', '/api/integrations/oauth/mock/start', user, {provider: 'mock', idempotency_key: randomBytes(8).toString('hex')});
  const sent = await fetch(begun.authorization_url, {redirect: 'manual'});
  const code = new URL(sent.headers.get('location')).searchParams.get('code');
  const {connection} = await call('POST', '/api/integrations/oauth/finish', user, {state: begun.state, code});
  connections.set(user, connection.connection_id);
}
const connectionOf = async (user) =>
  (await call('GET', `/api/integrations/connections/${connections.get(user)}`, user)).connection;
async function renewOn(user) {
  while (!over) {
    await pause(1000);
    try {
      const {generation} = await connectionOf(user);
      await call('POST', `/api/integrations/connections/${connections.get(user)}:refresh`, user, {
        connection_id: connections.get(user), generation});
    } catch { /* It is away. */ }
  }
}

function objects(folder) {
  let count = 0;
  try {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      count += statSync(path).isDirectory() ? objects(path) : 1;
    }
  } catch { /* Not there, or gone meanwhile. */ }
  return count;
}

const passed = await report('platform chaos', [
  ['people are connected', async () => {
    for (const user of people) await connectOne(user);
  }],
  [`they go on for ${seconds} s of kills, freezes and emptied Redis`, async () => {
    const work = people.flatMap((user) => [uploadOn(user), trackOn(user), renewOn(user)]);
    const attacks = attack();
    await Promise.race([pause(Number(seconds) * 1000), Promise.all(work)]);
    over = true;
    await attacks;
    await Promise.all(work);
    await surely('health', async () => (await call('GET', '/api/files/usage', people[0])).used_bytes);
    console.error(`${happened.length} faults (${happened}), ${uploads.length} uploads,` +
      ` ${[...tracked.values()].reduce((a, b) => a + b)} events, ${issued} tokens`);
    assert.ok(happened.length >= 3 && uploads.length >= people.length);
  }],
  ['every file is whole', async () => {
    for (const {user, id, digest} of uploads) {
      const file = await surely(`file ${id}`, async () => {
        const {file: one} = await call('GET', `/api/files/${id}`, user);
        return /ready$/i.test(one.state) && one;
      });
      assert.equal(file.sha256, digest, id);
      const {url} = await call('POST', `/api/files/${id}/links`, user, {file_id: id});
      assert.equal(sha256(Buffer.from(await (await fetch(url)).arrayBuffer())), digest, id);
    }
  }],
  ['nothing is counted twice, and nothing is missing', async () => {
    for (const user of people) {
      const counts = async (metric) => {
        const {days = []} = await (await fetch(`${rest}/api/analytics/time-series/${user}?metric=${metric}`)).json();
        return days.reduce((sum, {events}) => sum + Number(events), 0);
      };
      const ready = uploads.filter((one) => one.user === user).length;
      // Those of the log come as soon as the relay has caught up.
      await surely(`the numbers of ${user}`, async () => await counts('track.chaos') >= tracked.get(user) && await counts('file.ready') >= ready);
      await pause(2000);
      assert.equal(await counts('track.chaos'), tracked.get(user));
      assert.equal(await counts('file.ready'), ready);
    }
  }],
  ['no connection is lost', async () => {
    for (const user of people) {
      const connection = await surely('the connection', async () => {
        const one = await connectionOf(user);
        return /active$/i.test(one.state) && one;
      });
      assert.ok(Number(connection.generation) > 1, JSON.stringify(connection));
      const answer = await call('POST', `/api/integrations/connections/${connection.connection_id}:call`, user, {
        connection_id: connection.connection_id, method: 'GET', path: '/userinfo'});
      assert.equal(Number(answer.status), 200);
    }
  }],
  ['of people who are erased no object is left', async () => {
    const folder = join(state, 'files');
    const before = objects(folder);
    assert.ok(before >= uploads.length, `${before} objects`);
    for (const user of people) await surely('the erasure', () => call('DELETE', '/api/files/cleanup-user', user));
    await surely('the objects to go', () => objects(folder) === 0);
  }],
]);
over = true;
await server.stop();
process.exit(passed ? 0 : 1);
