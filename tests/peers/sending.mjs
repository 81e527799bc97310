// Pushes to Apple's devices and SMS: stand-ins of both services, first proven with clients that others wrote (npm's
// @parse/node-apn and twilio), then used by the product.
//
//   node tests/peers/sending.mjs FOLDER
//
// Starts a mesh with tools/up in FOLDER/sending, whose push service and SMS API are here.
import {execFileSync} from 'node:child_process';
import {generateKeyPairSync, randomBytes} from 'node:crypto';
import {mkdirSync, readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {createSecureServer} from 'node:http2';
import {createRequire} from 'node:module';
import {join} from 'node:path';

import {Apple, listen, Twilio} from './sending_stand_ins.mjs';

const require = createRequire(join(process.env.PEERS_MODULES, 'x.js'));
const apn = require('@parse/node-apn');
const twilio = require('twilio');

const folder = join(process.argv[2], 'sending');
const user = 777000781;
const patience = 30_000;

function check(name, holds, said) {
  console.log(`${holds ? 'ok' : 'not ok'} sending: ${name}`);
  if (!holds) console.error(name, said);
}
async function until(look) {
  for (const end = Date.now() + patience; Date.now() < end;) {
    const found = await look();
    if (found) return found;
    await new Promise((done) => { setTimeout(done, 100); });
  }
  return undefined;
}

const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'prime256v1'});
const pem = privateKey.export({type: 'pkcs8', format: 'pem'});
const account = {publicKey, keyId: 'ABC123DEFG', teamId: 'DEF123GHIJ', topic: 'org.example.app'};
const device = () => randomBytes(32).toString('hex');
const apple = new Apple(account);
const sms = new Twilio({sid: `AC${randomBytes(16).toString('hex')}`, secret: 'a secret'});
const number = '+491701234567';

// What a browser would be shown: node-apn speaks HTTP/2 by TLS only.
function certificate() {
  mkdirSync(folder, {recursive: true});
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1',
    '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], {stdio: 'ignore'});
  return {key: readFileSync(key), cert: readFileSync(cert)};
}

async function provenWithNodeApn() {
  const tls = certificate();
  const secure = await listen(createSecureServer(tls), apple);
  const sender = (keyId) => new apn.Provider({
    token: {key: pem, keyId, teamId: account.teamId}, address: '127.0.0.1', port: secure.port, ca: [tls.cert],
    production: false});
  const note = (topic) => new apn.Notification({
    alert: {title: 'Due', body: 'Tea'}, badge: 3, topic, pushType: 'alert', priority: 10,
    expiry: Math.floor(Date.now() / 1000) + 3600, collapseId: 'a'});
  const provider = sender(account.keyId);
  const [here, gone] = [device(), device()];
  apple.gone.add(gone);
  const sent = await provider.send(note(account.topic), [here, gone]);
  check('node-apn sends to the stand-in', sent.sent.length === 1 && sent.sent[0].device === here, sent);
  check('node-apn hears that a device is gone',
    sent.failed[0]?.status === 410 && sent.failed[0]?.response?.reason === 'Unregistered', sent.failed);
  check('the stand-in reads what node-apn sent', apple.taken[0]?.payload.aps.badge === 3, apple.taken);
  const wrong = await provider.send(note('org.example.other'), here);
  check('node-apn hears that the topic is wrong', wrong.failed[0]?.response?.reason === 'BadTopic', wrong.failed);
  const stranger = sender('ZZZ123ZZZZ');
  const refused = await stranger.send(note(account.topic), here);
  check('node-apn with another key is refused', refused.failed[0]?.response?.reason === 'InvalidProviderToken',
    refused.failed);
  await Promise.all([provider.shutdown(), stranger.shutdown()]);
  secure.close();
}

// Twilio's own client, but for the address.
function twilioAt(port, secret) {
  const own = new twilio.RequestClient();
  return twilio(sms.sid, secret, {httpClient: {request: (options) =>
    own.request({...options, uri: options.uri.replace('https://api.twilio.com', `http://127.0.0.1:${port}`)})}});
}

async function provenWithTwilio(port) {
  const client = twilioAt(port, sms.secret);
  const made = await client.messages.create({to: number, from: '+15005550006', body: 'Tea is ready'});
  check('twilio sends to the stand-in', made.sid.startsWith('SM') && made.body === 'Tea is ready', made);
  const listed = await client.messages.list({to: number, limit: 5});
  check('twilio finds the message there', listed.length === 1 && listed[0].sid === made.sid, listed);
  const codeOf = (promise) => promise.then(() => 0, (error) => error.code);
  check('twilio hears that a number is none',
    await codeOf(client.messages.create({to: '123', from: '+15005550006', body: 'x'})) === 21211);
  check('twilio with another secret is refused',
    await codeOf(twilioAt(port, 'another').messages.create({to: number, from: '+15005550006', body: 'x'})) === 20003);
}

let rest;
async function call(method, path, body) {
  const response = await fetch(rest + path, {
    method, headers: {'Content-Type': 'application/json'}, body: body && JSON.stringify({user_id: user, ...body})});
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}
const send = (key, channel) => call('POST', '/api/notifications/send', {
  kind: 'generic', channels: [channel], priority: 'URGENT', deduplication_key: key,
  parameters: {title: 'Tea & <cake>', text: 'Now.'}});
const deliveries = async () => (await call('GET', `/api/notifications/user/${user}/deliveries`)).deliveries ?? [];
const devices = async () => (await call('GET', `/api/notifications/user/${user}/devices`)).devices ?? [];

async function usedByTheProduct() {
  const before = {apple: apple.taken.length, sms: sms.taken.length};
  const [here, gone] = [device(), device()];
  apple.gone.add(gone);
  for (const token of [here, gone]) {
    await call('POST', '/api/notifications/devices', {device: {user_id: user, kind: 'APNS', token}});
  }
  await send('peers-1', 'PUSH');
  const pushed = await until(() => apple.taken[before.apple]);
  check('the product pushes as the stand-in wants it',
    pushed?.token === here && pushed.payload.aps.alert.title === 'Tea & <cake>' && pushed.payload.aps.badge === 1, pushed);
  check('a device that is gone is dropped', await until(async () => (await devices()).length === 1), await devices());
  await call('PUT', `/api/notifications/user/${user}/phone`, {phone: number});
  await send('peers-2', 'SMS');
  const text = await until(() => sms.taken[before.sms]);
  check('the product sends SMS as the stand-in wants it', text?.to === number && text.body.startsWith('Tea & <cake>'), text);
  sms.stopped.add(number);
  await send('peers-3', 'SMS');
  check('a number that said STOP bounces', await until(async () =>
    (await deliveries()).some((one) => one.channel.includes('SMS') && one.status.includes('BOUNCED'))), await deliveries());
}

const plain = {apple: await listen(createServer(), apple), sms: await listen(createServer(), sms)};
await provenWithNodeApn().catch((error) => check('with node-apn', false, error));
await provenWithTwilio(plain.sms.port).catch((error) => check('with twilio', false, error));
try {
  execFileSync('tools/up', ['--detach', `--state=${folder}`], {stdio: ['ignore', 2, 2], env: {
    ...process.env,
    SELFOLOGY_NOTIFICATION_APNS_KEY: pem,
    SELFOLOGY_NOTIFICATION_APNS_KEY_ID: account.keyId,
    SELFOLOGY_NOTIFICATION_APNS_TEAM_ID: account.teamId,
    SELFOLOGY_NOTIFICATION_APNS_TOPIC: account.topic,
    SELFOLOGY_NOTIFICATION_APNS_URL: `http://127.0.0.1:${plain.apple.port}`,
    SELFOLOGY_NOTIFICATION_SMS_URL: `http://${sms.sid}:${encodeURIComponent(sms.secret)}@127.0.0.1:${plain.sms.port}`,
    SELFOLOGY_NOTIFICATION_SMS_FROM: '+15005550006'}});
  const addresses = new Map(JSON.parse(readFileSync(join(folder, 'addresses.json'), 'utf8')));
  rest = addresses.get('REST, all services').replace(/\/docs$/, '');
  await usedByTheProduct();
} catch (error) {
  check('by the product', false, error);
} finally {
  execFileSync('tools/down', [`--state=${folder}`], {stdio: ['ignore', 2, 2]});
}
process.exit();
