// npm's standardwebhooks and svix verify what we send; @octokit/webhooks-methods, stripe and standardwebhooks sign what
// we take, among it all example payloads of @octokit/webhooks-examples.
//
//   node tests/peers/webhooks.mjs REST_BASE DOOR_BASE
//
// The product must allow endpoints on this machine: SELFOLOGY_WEBHOOK_ALLOWED_NETWORKS=127.0.0.0/8.
import {randomBytes} from 'node:crypto';
import {createServer} from 'node:http';
import {createRequire} from 'node:module';
import {join} from 'node:path';

const require = createRequire(join(process.env.PEERS_MODULES, 'x.js'));
const {Webhook: Standard} = require('standardwebhooks');
const {Webhook: Svix} = require('svix');
const Stripe = require('stripe');
// Which has no entry for require.
const modules = require.resolve('standardwebhooks').split('/standardwebhooks/')[0];
const {sign} = await import(join(modules, '@octokit/webhooks-methods/dist-node/index.js'));

const [rest, door] = process.argv.slice(2);
const user = 777000780;
const patience = 30_000;
const key = () => randomBytes(8).toString('hex');

function check(name, holds, said) {
  console.log(`${holds ? 'ok' : 'not ok'} webhooks: ${name}`);
  if (!holds) console.error(name, said);
}

async function call(method, path, body) {
  const query = body === undefined || method === 'GET' ? `?user_id=${user}` : '';
  const response = await fetch(rest + path + query, {
    method,
    headers: {'Content-Type': 'application/json', 'Idempotency-Key': key()},
    body: method === 'GET' ? undefined : JSON.stringify({user_id: user, ...body}),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

// What our endpoint is sent, in its order.
const taken = [];
let waiting = null;
const server = createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    taken.push({headers: request.headers, body: Buffer.concat(pieces).toString()});
    response.end('ok');
    if (waiting) waiting();
  });
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
async function message(nth) {
  const until = Date.now() + patience;
  while (taken.length <= nth && Date.now() < until) {
    await new Promise((done) => {
      waiting = done;
      setTimeout(done, until - Date.now()).unref();
    });
  }
  return taken[nth];
}

function verifies(Library, secret, {headers, body}) {
  try {
    new Library(secret).verify(body, headers);
    return true;
  } catch (error) {
    return false;
  }
}

async function outgoing() {
  const made = await call('POST', '/api/webhooks/register', {
    url: `http://127.0.0.1:${server.address().port}/hook`, event_types: []});
  for (const text of ['one', 'two']) {
    await call('POST', '/api/webhooks/trigger', {event_type: 'webhook.test', data: {text}});
  }
  const first = await message(0);
  const second = await message(1);
  check('come in order', first && second && JSON.parse(first.body).data.text === 'one' &&
    JSON.parse(second.body).data.text === 'two', taken);
  if (!first) return;
  check('standardwebhooks verifies', verifies(Standard, made.secret, first), first);
  check('svix verifies', verifies(Svix, made.secret, first), first);
  check('standardwebhooks refuses another body', !verifies(Standard, made.secret, {...first, body: first.body + ' '}));
  const rotated = await call('POST', `/api/webhooks/endpoints/${made.endpoint.endpoint_id}:rotateSecret`,
    {overlap_seconds: 60});
  await call('POST', '/api/webhooks/trigger', {event_type: 'webhook.test', data: {text: 'three'}});
  const third = await message(2);
  check('both secrets hold while one replaces the other',
    third && verifies(Standard, made.secret, third) && verifies(Standard, rotated.secret, third), third);
  const log = await call('GET', '/api/webhooks/logs');
  check('are in the log', log.deliveries?.length >= 3, log);
}

async function send(source, body, headers) {
  const response = await fetch(door + source.path, {
    method: 'POST', headers: {'Content-Type': 'application/json', ...headers}, body});
  return response.status;
}

async function incoming() {
  const secret = 'It is a secret to everybody';
  const github = await call('POST', '/api/webhooks/sources', {provider: 'PROVIDER_GITHUB', secret});
  const push = JSON.stringify({ref: 'refs/heads/main', repository: {full_name: 'a/b'}});
  check('@octokit/webhooks-methods signs for us', await send(github.source, push, {
    'X-GitHub-Event': 'push', 'X-GitHub-Delivery': key(), 'X-Hub-Signature-256': await sign(secret, push)}) === 200);
  check('another secret is refused', await send(github.source, push, {
    'X-GitHub-Event': 'push', 'X-GitHub-Delivery': key(), 'X-Hub-Signature-256': await sign('other', push)}) === 401);

  const stripe = await call('POST', '/api/webhooks/sources',
    {provider: 'PROVIDER_STRIPE', secret: 'whsec_test'});
  const paid = JSON.stringify({id: 'evt_' + key(), type: 'invoice.paid'});
  const header = (timestamp) =>
    new Stripe('sk_test').webhooks.generateTestHeaderString({payload: paid, secret: 'whsec_test', timestamp});
  const now = Math.floor(Date.now() / 1000);
  check('stripe signs for us', await send(stripe.source, paid, {'Stripe-Signature': header(now)}) === 200);
  check('stripe of ten minutes ago is too old',
    await send(stripe.source, paid, {'Stripe-Signature': header(now - 600)}) === 401);

  const standardSecret = 'whsec_' + randomBytes(24).toString('base64');
  const standard = await call('POST', '/api/webhooks/sources',
    {provider: 'PROVIDER_STANDARD', secret: standardSecret});
  for (const [name, Library] of [['standardwebhooks', Standard], ['svix', Svix]]) {
    const id = 'msg_' + key();
    const body = JSON.stringify({type: 'thing.made', from: name});
    const at = new Date();
    const status = await send(standard.source, body, {
      'webhook-id': id, 'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Library(standardSecret).sign(id, at, body)});
    check(`${name} signs for us`, status === 200, status);
  }
  const received = await call('GET', '/api/webhooks/received');
  check('what came is in the list', received.received?.length >= 6, received);
}

// Each payload that GitHub is known to send is taken, signed by octokit, and read as what it is.
async function githubExamples() {
  const secret = 'It is a secret to everybody';
  const {source} = await call('POST', '/api/webhooks/sources', {provider: 'PROVIDER_GITHUB', secret});
  const wanted = new Map();
  const refused = [];
  for (const {name, examples} of require('@octokit/webhooks-examples')) {
    for (const example of examples) {
      const body = JSON.stringify(example);
      const id = key();
      wanted.set(id, example.action ? `${name}.${example.action}` : name);
      const status = await send(source, body, {
        'X-GitHub-Event': name, 'X-GitHub-Delivery': id, 'X-Hub-Signature-256': await sign(secret, body)});
      if (status !== 200) refused.push([name, status]);
    }
  }
  check(`all ${wanted.size} examples of octokit are taken`, wanted.size > 300 && refused.length === 0, refused);
  const kinds = new Map();
  for (let page = ''; page !== undefined;) {
    const answer = await fetch(`${rest}/api/webhooks/received?user_id=${user}&page_size=100&page_token=${page}`);
    const {received, next_page_token: next} = await answer.json();
    for (const one of received ?? []) kinds.set(one.provider_event_id, one.event_kind);
    page = next || undefined;
  }
  const wrong = [...wanted].filter(([id, kind]) => kinds.get(id) !== kind);
  check('each is of its kind', wrong.length === 0, wrong.slice(0, 10).map(([id, kind]) => [kind, kinds.get(id)]));
}

await outgoing().catch((error) => check('go out', false, error));
await incoming().catch((error) => check('come in', false, error));
await githubExamples().catch((error) => check("octokit's examples", false, error));
server.close();
