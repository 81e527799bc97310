// Pushes to Apple's and Google's devices and SMS: stand-ins of the services, first proven with clients that others wrote
// (npm's @parse/node-apn, @googleapis/fcm and twilio, PyPI's aioapns), then used by the product.
//
//   node tests/peers/sending.mjs FOLDER
//
// Starts a mesh with tools/up in FOLDER/sending, whose push service and SMS API are here.
import {execFile, execFileSync} from 'node:child_process';
import {generateKeyPairSync, randomBytes} from 'node:crypto';
import {mkdirSync, readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {createSecureServer} from 'node:http2';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';

import {Apple, Google, listen, Twilio} from './sending_stand_ins.mjs';

const require = createRequire(join(process.env.PEERS_MODULES, 'x.js'));
const apn = require('@parse/node-apn');
const twilio = require('twilio');
const {auth: googleAuth, fcm: firebase} = require('@googleapis/fcm');

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
const googleKeys = generateKeyPairSync('rsa', {modulusLength: 2048});
const googlePem = googleKeys.privateKey.export({type: 'pkcs8', format: 'pem'});
const project = 'selfology-peers';
const google = new Google({publicKey: googleKeys.publicKey, email: 'sender@selfology-peers.iam.example.org', project});
const registration = () => randomBytes(60).toString('base64url');
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
  return {secure, ca: join(folder, 'cert.pem')};
}

// The same stand-in, by a client in Python.
async function provenWithAioapns({secure, ca}) {
  const [here, gone] = [device(), device()];
  apple.gone.add(gone);
  const before = apple.taken.length;
  const script = join(dirname(fileURLToPath(import.meta.url)), 'sending_aioapns.py');
  const {stdout} = await promisify(execFile)(process.env.PEERS_PYTHON, [
    script, String(secure.port), ca, pem, account.keyId, account.teamId, account.topic, here, gone]);
  const [sent, refused] = stdout.trim().split('\n');
  check('aioapns sends to the stand-in', sent === '200 ' && apple.taken[before]?.token === here, stdout);
  check('aioapns hears that a device is gone', refused === '410 Unregistered', stdout);
  secure.close();
}

async function provenWithGoogle(port) {
  const base = `http://127.0.0.1:${port}`;
  // Google's client asks for tokens at Google's address only, so the assertion that it signs is sent on from here.
  const jwt = new googleAuth.JWT({email: google.account.email, key: googlePem, subject: undefined,
    scopes: ['https://www.googleapis.com/auth/firebase.messaging'], additionalClaims: {aud: `${base}/token`}});
  let asked = 0;
  jwt.transporter = {request: async ({method, data}) => {
    ++asked;
    const form = data instanceof URLSearchParams ? data : new URLSearchParams(data);
    const response = await fetch(`${base}/token`, {method, body: form});
    const answer = await response.json();
    if (!response.ok) throw Object.assign(new Error(JSON.stringify(answer)), {response: {data: answer, status: response.status}});
    return {data: answer, status: response.status, headers: response.headers};
  }, defaults: {}};
  const {access_token: token} = await jwt.authorize();
  check('google-auth-library gets a token of the stand-in', asked > 0 && google.tokens.has(token), asked);
  const oauth = new googleAuth.OAuth2();
  oauth.setCredentials({access_token: token});
  const client = firebase({version: 'v1', auth: oauth, rootUrl: `${base}/`});
  const [here, gone] = [registration(), registration()];
  google.gone.add(gone);
  const send = (message, auth = oauth) => client.projects.messages.send({
    auth, parent: `projects/${project}`, requestBody: {message}}).then(({data}) => data, (error) => error);
  const message = (to) => ({token: to, notification: {title: 'Due', body: 'Tea'}, data: {unread: '3'},
    android: {ttl: '3600s', priority: 'HIGH', notification: {tag: 'a', notification_count: 3}}});
  const sent = await send(message(here));
  check('@googleapis/fcm sends to the stand-in', sent.name?.startsWith(`projects/${project}/messages/`), sent);
  check('the stand-in reads what @googleapis/fcm sent', google.taken[0]?.android.notification.tag === 'a', google.taken);
  const codeOf = (error) => error?.response?.data?.error?.details?.[0]?.errorCode ?? error?.response?.data?.error?.status;
  check('@googleapis/fcm hears that a device is gone', codeOf(await send(message(gone))) === 'UNREGISTERED');
  check('@googleapis/fcm hears that a name is none',
    codeOf(await send({...message(here), titel: 'x'})) === 'INVALID_ARGUMENT');
  const stranger = new googleAuth.OAuth2();
  stranger.setCredentials({access_token: 'another'});
  check('@googleapis/fcm with another token is refused', codeOf(await send(message(here), stranger)) === 'UNAUTHENTICATED');
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
  const before = {apple: apple.taken.length, google: google.taken.length, sms: sms.taken.length};
  const [here, gone] = [device(), device()];
  apple.gone.add(gone);
  for (const token of [here, gone]) {
    await call('POST', '/api/notifications/devices', {device: {user_id: user, kind: 'APNS', token}});
  }
  await send('peers-1', 'PUSH');
  const pushed = await until(() => apple.taken[before.apple]);
  check('the product pushes as the stand-in wants it',
    pushed?.token === here && pushed.payload.aps.alert.title === 'Tea & <cake>' && pushed.payload.aps.badge === 1, pushed);
  const [android, lost] = [registration(), registration()];
  google.gone.add(lost);
  for (const token of [android, lost]) {
    await call('POST', '/api/notifications/devices', {device: {user_id: user, kind: 'FCM', token}});
  }
  await send('peers-fcm', 'PUSH');
  const shown = await until(() => google.taken.slice(before.google).find(({notification}) => notification));
  check('the product sends to FCM as the stand-in wants it',
    shown?.token === android && shown.notification.title === 'Tea & <cake>' && shown.data.unread === '2', google.taken);
  check('devices that are gone are dropped', await until(async () => (await devices()).length === 2), await devices());
  await call('PUT', `/api/notifications/user/${user}/phone`, {phone: number});
  await send('peers-2', 'SMS');
  const text = await until(() => sms.taken[before.sms]);
  check('the product sends SMS as the stand-in wants it', text?.to === number && text.body.startsWith('Tea & <cake>'), text);
  sms.stopped.add(number);
  await send('peers-3', 'SMS');
  check('a number that said STOP bounces', await until(async () =>
    (await deliveries()).some((one) => one.channel.includes('SMS') && one.status.includes('BOUNCED'))), await deliveries());
}

const plain = {apple: await listen(createServer(), apple), google: await listen(createServer(), google),
  sms: await listen(createServer(), sms)};
try {
  const door = await provenWithNodeApn();
  await provenWithAioapns(door);
} catch (error) {
  check('with node-apn and aioapns', false, error);
}
await provenWithGoogle(plain.google.port).catch((error) => check('with @googleapis/fcm', false, error));
await provenWithTwilio(plain.sms.port).catch((error) => check('with twilio', false, error));
try {
  execFileSync('tools/up', ['--detach', `--state=${folder}`], {stdio: ['ignore', 2, 2], env: {
    ...process.env,
    SELFOLOGY_NOTIFICATION_APNS_KEY: pem,
    SELFOLOGY_NOTIFICATION_APNS_KEY_ID: account.keyId,
    SELFOLOGY_NOTIFICATION_APNS_TEAM_ID: account.teamId,
    SELFOLOGY_NOTIFICATION_APNS_TOPIC: account.topic,
    SELFOLOGY_NOTIFICATION_APNS_URL: `http://127.0.0.1:${plain.apple.port}`,
    SELFOLOGY_NOTIFICATION_FCM_ACCOUNT: JSON.stringify({
      type: 'service_account', project_id: project, private_key_id: 'one', private_key: googlePem,
      client_email: google.account.email, token_uri: `http://127.0.0.1:${plain.google.port}/token`}),
    SELFOLOGY_NOTIFICATION_FCM_URL: `http://127.0.0.1:${plain.google.port}`,
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
