// Connections of people beside npm's oauth2-mock-server, a provider that knows nothing of ours: connecting by code and PKCE,
// one renewal however many ask, renewal ahead of the token's end, failure and recovery in words, and leaving, which revokes.
//
//   node tests/peers/connections.mjs REST_BASE PORT
//
// The product must know the provider: SELFOLOGY_INTEGRATION_PROVIDERS with the id "mock", as SETTING below says; connections.mjs
// --setting PORT prints it.
import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {report} from './journey.mjs';

const [rest, port] = process.argv.slice(2);
const provider = `http://127.0.0.1:${port}`;
const SETTING = [{
  id: 'mock', display: 'Mock', client_id: 'selfology', client_secret: 'a secret of ours',
  redirect_uris: [`${provider}/back`], authorization_url: `${provider}/authorize`, token_url: `${provider}/token`,
  revocation_url: `${provider}/revoke`, api_url: provider, account_url: `${provider}/userinfo`, account_id: 'sub',
  account_name: 'sub', default_scopes: ['read'],
}];
if (rest === '--setting') {
  console.log(JSON.stringify(SETTING));
  process.exit(0);
}

const {OAuth2Server} = createRequire(join(process.env.PEERS_MODULES, 'x.js'))('oauth2-mock-server');
const user = 600_000_000 + Number.parseInt(randomBytes(3).toString('hex'), 16);
const seen = {refreshes: [], revoked: [], bearers: []};
const mock = {lasts: 3600, answer: null};  // answer: what the token endpoint says instead.

const server = new OAuth2Server();
await server.issuer.keys.generate('RS256');
server.service.on('beforeResponse', (response, request) => {
  const refreshes = request.body.grant_type === 'refresh_token';
  if (refreshes) seen.refreshes.push({token: request.body.refresh_token, at: Date.now()});
  if (mock.answer && refreshes) return Object.assign(response, mock.answer);
  response.body.expires_in = mock.lasts;
  seen.issued = response.body;
});
server.service.on('beforeRevoke', (response, request) => seen.revoked.push(request.headers['content-type']));
server.service.on('beforeUserinfo', (response, request) => seen.bearers.push(request.headers.authorization));
await server.start(Number(port), '127.0.0.1');

async function call(method, path, body) {
  const query = method === 'POST' ? '' : `?user_id=${user}`;
  const response = await fetch(rest + path + query, {
    method,
    headers: {'Content-Type': 'application/json'},
    body: method === 'POST' ? JSON.stringify({user_id: user, ...body}) : undefined,
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}
async function until(what, look, patience = 60_000) {
  for (const end = Date.now() + patience; ;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} never came`);
    await pause(200);
  }
}

// The browser, which is sent there and back.
async function connect() {
  const begun = await call('POST', '/api/integrations/oauth/mock/start', {provider: 'mock', idempotency_key: randomBytes(8).toString('hex')});
  const there = new URL(begun.authorization_url);
  assert.equal(there.searchParams.get('code_challenge_method'), 'S256');
  const sent = await fetch(there, {redirect: 'manual'});
  const back = new URL(sent.headers.get('location'));
  assert.equal(back.searchParams.get('state'), begun.state);
  const {connection} = await call('POST', '/api/integrations/oauth/finish', {state: begun.state, code: back.searchParams.get('code')});
  return connection;
}
const now = async () => (await call('GET', `/api/integrations/connections/${id}`)).connection;
const refresh = (generation) => call('POST', `/api/integrations/connections/${id}:refresh`, {connection_id: id, generation});
const is = (connection, state) => new RegExp(`${state}$`, 'i').test(connection.state);
const told = (words) => until(`the notice "${words}"`, async () => {
  const {notifications = []} = await call('GET', '/api/notifications');
  return notifications.find((one) => JSON.stringify(one).includes(words));
});

let id, connection;
const passed = await report('connections', [
  ['a person connects by code and PKCE', async () => {
    connection = await connect();
    id = connection.connection_id;
    assert.ok(is(connection, 'active'), JSON.stringify(connection));
    assert.equal(connection.account_name, 'johndoe');
    assert.ok(!JSON.stringify(connection).includes(seen.issued.access_token), 'a token left the service');
  }],
  ['a call goes with their token, which nobody sees', async () => {
    const answer = await call('POST', `/api/integrations/connections/${id}:call`, {connection_id: id, method: 'GET', path: '/userinfo'});
    assert.equal(Number(answer.status), 200);
    assert.equal(JSON.parse(Buffer.from(answer.body, 'base64')).sub, 'johndoe');
    assert.equal(seen.bearers.at(-1), `Bearer ${seen.issued.access_token}`);
    assert.ok(!JSON.stringify(answer).includes(seen.issued.access_token));
  }],
  ['twenty ask for a new token at once, and the provider is asked once', async () => {
    const {generation} = await now();
    const all = await Promise.all(Array.from({length: 20}, () => refresh(generation)));
    assert.equal(seen.refreshes.length, 1);
    for (const one of all) assert.equal(Number(one.connection.generation), Number(generation) + 1);
  }],
  ['each refresh token is used once', async () => {
    mock.lasts = 30;
    await refresh((await now()).generation);
    assert.equal(new Set(seen.refreshes.map(({token}) => token)).size, seen.refreshes.length);
  }],
  ['a token is renewed ahead of its end, though nobody asks', async () => {
    const before = await now();
    const end = Date.parse(before.expires_at);
    mock.lasts = 3600;
    const after = await until('the renewal', async () => {
      const one = await now();
      return Number(one.generation) > Number(before.generation) && one;
    });
    assert.ok(seen.refreshes.at(-1).at < end, `at ${seen.refreshes.at(-1).at}, and it ended at ${end}`);
    assert.ok(Date.parse(after.expires_at) > end);
  }],
  ['the provider is away: its owner is told in words', async () => {
    mock.answer = {statusCode: 503, body: {}};
    for (let i = 0; i < 3; ++i) await refresh((await now()).generation).catch(() => {});
    await until('the failure', async () => is(await now(), 'failing'));
    await told('Your connection to Mock fails');
  }],
  ['it is back, and so is the connection', async () => {
    mock.answer = null;
    await refresh((await now()).generation);
    assert.ok(is(await now(), 'active'));
    await told('Your connection to Mock works again');
  }],
  ['a grant that was revoked there ends it, in words', async () => {
    mock.answer = {statusCode: 400, body: {error: 'invalid_grant'}};
    await refresh((await now()).generation).catch(() => {});
    const broken = await until('the end', async () => {
      const one = await now();
      return is(one, 'broken') && one;
    });
    assert.match(broken.failure, /grant_revoked$/i);
    await told('The connection to Mock does not work');
    await assert.rejects(call('POST', `/api/integrations/connections/${id}:call`, {connection_id: id, method: 'GET', path: '/userinfo'}));
  }],
  ['connecting again mends the same connection', async () => {
    mock.answer = null;
    const again = await connect();
    assert.equal(again.connection_id, id);
    assert.ok(is(again, 'active'));
  }],
  ['leaving revokes at the provider', async () => {
    await call('DELETE', `/api/integrations/connections/${id}`);
    await until('the revocation', () => seen.revoked.length > 0);
    const {connections = []} = await call('GET', '/api/integrations/connections');
    assert.deepEqual(connections, []);
  }],
]);
await server.stop();
process.exit(passed ? 0 : 1);
