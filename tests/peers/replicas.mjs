// Ten replicas of the integration service, each a process of its own on the database of one mesh, are asked to renew one token
// at once, by grpcurl: npm's oauth2-mock-server is asked once, and all ten have the new token.
//
//   node tests/peers/replicas.mjs REST_BASE PROVIDER_PORT GATE_PORT DATABASE_URL REDIS_URL PROGRAM...
//
// PROGRAM: how to start `selfology`. The mesh must know the provider, as --setting PROVIDER_PORT GATE_PORT prints it, in
// SELFOLOGY_INTEGRATION_PROVIDERS. At the gate questions for tokens wait until the test lets them through.
import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {createServer, request as ask} from 'node:http';
import {createRequire} from 'node:module';
import {connect, createServer as createWire} from 'node:net';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {promisify} from 'node:util';
import {report} from './journey.mjs';

const REPLICAS = 10;
const PATIENCE_MS = 60_000;
const setting = (port, gate) => JSON.stringify([{
  id: 'gated', display: 'Gated', client_id: 'selfology', client_secret: 'a secret of ours',
  redirect_uris: [`http://127.0.0.1:${port}/back`], authorization_url: `http://127.0.0.1:${port}/authorize`,
  token_url: `http://127.0.0.1:${gate}/token`, revocation_url: `http://127.0.0.1:${port}/revoke`,
  api_url: `http://127.0.0.1:${port}`, account_url: `http://127.0.0.1:${port}/userinfo`, account_id: 'sub',
  account_name: 'sub', default_scopes: ['read'],
}]);
if (process.argv[2] === '--setting') {
  console.log(setting(...process.argv.slice(3)));
  process.exit(0);
}
const [rest, port, gatePort, database, redis, ...program] = process.argv.slice(2);
const {OAuth2Server} = createRequire(join(process.env.PEERS_MODULES, 'x.js'))('oauth2-mock-server');
const user = 610_000_000 + Number.parseInt(randomBytes(3).toString('hex'), 16);

const refreshes = [];  // The refresh tokens that the provider was given.
const provider = new OAuth2Server();
await provider.issuer.keys.generate('RS256');
provider.service.on('beforeResponse', (response, {body}) => {
  response.body.expires_in = 3600;
  if (body.grant_type === 'refresh_token') refreshes.push(body.refresh_token);
});
await provider.start(Number(port), '127.0.0.1');

const gate = {closed: false, waiting: []};
const gateServer = createServer(async (incoming, outgoing) => {
  const parts = [];
  for await (const part of incoming) parts.push(part);
  if (gate.closed) await new Promise((go) => gate.waiting.push(go));
  const onwards = ask({port, path: incoming.url, method: incoming.method, headers: incoming.headers}, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  onwards.on('error', () => outgoing.destroy());
  onwards.end(Buffer.concat(parts));
});
await new Promise((done) => gateServer.listen(Number(gatePort), '127.0.0.1', done));
function open() {
  gate.closed = false;
  for (const go of gate.waiting.splice(0)) go();
}

async function until(what, look) {
  for (const end = Date.now() + PATIENCE_MS; ;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < end, `${typeof what === 'function' ? what() : what} never came`);
    await pause(50);
  }
}

async function call(method, path, body) {
  const response = await fetch(rest + path + (method === 'POST' ? '' : `?user_id=${user}`), {
    method,
    headers: {'Content-Type': 'application/json'},
    body: method === 'POST' ? JSON.stringify({user_id: user, ...body}) : undefined,
  });
  const answer = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

class Replica {
  constructor() {
    this.output = '';
    this.asked = 0;
    this.process = spawn(program[0], [...program.slice(1), '--modules=integration', '--grpc_address=127.0.0.1:0',
      '--http_address=127.0.0.1:0'], {
      env: {...process.env, DATABASE_URL: database, REDIS_URL: redis, SELFOLOGY_INTEGRATION_PROVIDERS: setting(port, gatePort)},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on('data', (said) => { this.output += said; });
  }
  async start() {
    const serving = await until(() => `a replica: ${this.output.slice(-500)}`, () => {
      assert.equal(this.process.exitCode, null, this.output.slice(-2000));
      return this.output.split('\n').find((line) => line.includes('"serving"'));
    });
    const {grpc} = JSON.parse(serving);
    // What is asked comes this way, so that it is known when it was.
    this.wire = createWire((client) => {
      const upstream = connect(Number(grpc.split(':').at(-1)), '127.0.0.1');
      for (const socket of [client, upstream]) socket.on('error', () => {});
      client.on('data', (bytes) => { if (id && bytes.includes(id)) ++this.asked; });
      client.pipe(upstream).pipe(client);
    });
    await new Promise((done) => this.wire.listen(0, '127.0.0.1', done));
    this.address = `127.0.0.1:${this.wire.address().port}`;
    return this;
  }
  refresh(generation) {
    const body = JSON.stringify({user_id: user, connection_id: id, generation});
    return promisify(execFile)('grpcurl', ['-plaintext', '-max-time', '30', '-d', body, this.address,
      'selfology.integration.v1.ConnectionService/RefreshConnection']).then(({stdout}) => JSON.parse(stdout).connection);
  }
}

let id;
const replicas = [];
const now = async () => (await call('GET', `/api/integrations/connections/${id}`)).connection;
const passed = await report('replicas', [
  ['ten processes serve one database', async () => {
    for (let i = 0; i < REPLICAS; ++i) replicas.push(await new Replica().start());
    assert.equal(new Set(replicas.map(({address}) => address)).size, REPLICAS);
  }],
  ['a person connects', async () => {
    const begun = await call('POST', '/api/integrations/oauth/gated/start', {provider: 'gated', idempotency_key: randomBytes(8).toString('hex')});
    const back = new URL((await fetch(begun.authorization_url, {redirect: 'manual'})).headers.get('location'));
    const {connection} = await call('POST', '/api/integrations/oauth/finish', {state: begun.state, code: back.searchParams.get('code')});
    id = connection.connection_id;
  }],
  ['ten replicas renew one token at once, and the provider is asked once', async () => {
    for (let round = 1; round <= 3; ++round) {
      const {generation} = await now();
      gate.closed = true;
      const all = replicas.map((replica) => replica.refresh(generation));
      // All have been asked before the first question is let through.
      await until('all ten', () => gate.waiting.length > 0 && replicas.every(({asked}) => asked === round));
      assert.equal(gate.waiting.length, 1, 'others ask as well');
      open();
      for (const connection of await Promise.all(all)) {
        assert.equal(Number(connection.generation), Number(generation) + 1);
        assert.match(connection.state, /active$/i);
      }
      assert.equal(refreshes.length, round);
    }
  }],
  ['no refresh token was used twice', async () => {
    assert.equal(new Set(refreshes).size, refreshes.length);
  }],
]);
open();
for (const {process: replica, wire} of replicas) {
  replica.kill('SIGKILL');
  wire.close();
}
await Promise.all(replicas.map(({process: replica}) => replica.exitCode === null && replica.signalCode === null && once(replica, 'exit')));
await provider.stop();
gateServer.close();
process.exit(passed ? 0 : 1);
