// Stand-ins for Apple's push service, Firebase Cloud Messaging with Google's tokens, and Twilio's messages, as far as their
// own clients ask: who is let in, what they refuse and in which words.
//
//   const apple = new Apple({publicKey, keyId, teamId, topic});
//   const {port} = await listen(http.createServer(), apple);            // or http2.createSecureServer(...)
//   apple.taken                                                         // [{token, headers, payload}]
//   apple.gone.add('<device token>')                                    // 410 from now on
import {randomBytes, verify} from 'node:crypto';

const json = (status, body, headers = {}) => ({status, body: body === undefined ? '' : JSON.stringify(body), headers});

// Sources: Apple, "Sending notification requests to APNs", "Handling notification responses from APNs" and "Establishing a
// token-based connection to APNs".
export class Apple {
  constructor(account) {
    this.account = account;
    this.taken = [];
    this.gone = new Set();
  }

  letsIn(authorization) {
    const [header, claims, signature] = (authorization ?? '').replace(/^bearer /i, '').split('.');
    if (!signature) return false;
    const {publicKey, keyId, teamId} = this.account;
    const said = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());
    const {alg, kid} = said(header);
    const {iss, iat} = said(claims);
    const age = Date.now() / 1000 - iat;
    return alg === 'ES256' && kid === keyId && iss === teamId && age > -60 && age < 3600 &&
      verify('sha256', Buffer.from(`${header}.${claims}`), {key: publicKey, dsaEncoding: 'ieee-p1363'},
        Buffer.from(signature, 'base64url'));
  }

  answer({method, path, headers, body}) {
    const id = {'apns-id': headers['apns-id'] ?? '00000000-0000-4000-8000-000000000000'};
    const refuse = (status, reason, more = {}) => json(status, {reason, ...more}, id);
    const token = /^\/3\/device\/([^/]+)$/.exec(path)?.[1];
    if (!token) return refuse(404, 'BadPath');
    if (method !== 'POST') return refuse(405, 'MethodNotAllowed');
    if (!headers.authorization) return refuse(403, 'MissingProviderToken');
    if (!this.letsIn(headers.authorization)) return refuse(403, 'InvalidProviderToken');
    if (!/^[0-9a-fA-F]{64,200}$/.test(token)) return refuse(400, 'BadDeviceToken');
    if (headers['apns-topic'] !== this.account.topic) return refuse(400, 'BadTopic');
    if (headers['apns-id'] && !/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(headers['apns-id'])) {
      return refuse(400, 'BadMessageId');
    }
    if (!['alert', 'background', undefined].includes(headers['apns-push-type'])) return refuse(400, 'InvalidPushType');
    if (!['1', '5', '10', undefined].includes(headers['apns-priority'])) return refuse(400, 'BadPriority');
    if (!/^[0-9]*$/.test(headers['apns-expiration'] ?? '')) return refuse(400, 'BadExpirationDate');
    if (Buffer.byteLength(headers['apns-collapse-id'] ?? '') > 64) return refuse(400, 'BadCollapseId');
    if (body.length === 0) return refuse(400, 'PayloadEmpty');
    if (body.length > 4096) return refuse(413, 'PayloadTooLarge');
    if (this.gone.has(token)) return refuse(410, 'Unregistered', {timestamp: Date.now()});
    this.taken.push({token, headers, payload: JSON.parse(body.toString())});
    return json(200, undefined, id);
  }
}

// Sources: Google, "Using OAuth 2.0 for server to server applications"; Firebase, "Method: projects.messages.send",
// "ErrorCode" and "REST Resource: projects.messages".
export class Google {
  constructor({publicKey, email, project}) {
    this.account = {publicKey, email, project};
    this.taken = [];
    this.tokens = new Set(); // Given out.
    this.gone = new Set(); // Registration tokens.
  }

  // Of a signed assertion (RFC 7523); `audience`: where it was sent to.
  grants(form, audience) {
    if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') return false;
    const [header, claims, signature] = (form.get('assertion') ?? '').split('.');
    if (!signature) return false;
    const said = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());
    const {iss, scope, aud, iat, exp} = said(claims);
    const now = Date.now() / 1000;
    return said(header).alg === 'RS256' && iss === this.account.email && aud === audience &&
      scope.split(' ').some((one) => one.endsWith('/auth/firebase.messaging') || one.endsWith('/auth/cloud-platform')) &&
      iat < now + 60 && exp > now && exp - iat <= 3600 &&
      verify('RSA-SHA256', Buffer.from(`${header}.${claims}`), this.account.publicKey, Buffer.from(signature, 'base64url'));
  }

  answer({method, path, headers, body}) {
    const refuse = (code, status, message, details) => json(code, {error: {code, message, status, details}});
    if (method === 'POST' && path === '/token') {
      const audience = `http://${headers.host}/token`;
      if (!this.grants(new URLSearchParams(body.toString()), audience)) {
        return json(400, {error: 'invalid_grant', error_description: 'Invalid JWT Signature.'});
      }
      const token = `ya29.${randomBytes(12).toString('hex')}`;
      this.tokens.add(token);
      return json(200, {access_token: token, expires_in: 3599, token_type: 'Bearer'});
    }
    if (method !== 'POST' || path !== `/v1/projects/${this.account.project}/messages:send`) {
      return refuse(404, 'NOT_FOUND', 'Requested entity was not found.');
    }
    if (!this.tokens.has((headers.authorization ?? '').replace(/^Bearer /, ''))) {
      return refuse(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
    }
    const {message, validate_only: onlyTry} = JSON.parse(body.toString());
    const bad = this.violation(message);
    if (bad) {
      return refuse(400, 'INVALID_ARGUMENT', bad, [{
        '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode: 'INVALID_ARGUMENT'}]);
    }
    if (this.gone.has(message.token)) {
      return refuse(404, 'NOT_FOUND', 'Requested entity was not found.', [{
        '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode: 'UNREGISTERED'}]);
    }
    if (!onlyTry) this.taken.push(message);
    return json(200, {name: `projects/${this.account.project}/messages/${this.taken.length}`});
  }

  // What is wrong with a message, as far as it is known; unknown names are.
  violation(message) {
    const known = {
      '': ['token', 'notification', 'data', 'android', 'apns', 'webpush', 'fcm_options'],
      notification: ['title', 'body', 'image'],
      android: ['collapse_key', 'priority', 'ttl', 'data', 'notification', 'restricted_package_name', 'fcm_options'],
      'android.notification': ['title', 'body', 'tag', 'notification_count', 'icon', 'color', 'sound', 'channel_id']};
    for (const [path, names] of Object.entries(known)) {
      const part = path.split('.').filter(Boolean).reduce((object, name) => object?.[name], message) ?? {};
      const unknown = Object.keys(part).find((name) => !names.includes(name));
      if (unknown) return `Invalid JSON payload received. Unknown name "${unknown}" at 'message.${path}': Cannot find field.`;
    }
    if (!message?.token || message.token.length < 32) return 'The registration token is not a valid FCM registration token';
    if (Object.values(message.data ?? {}).some((value) => typeof value !== 'string')) return 'Invalid value at message.data';
    if (!/^([0-9]+(\.[0-9]+)?s)?$/.test(message.android?.ttl ?? '')) return 'Invalid value at message.android.ttl';
    if (!['NORMAL', 'HIGH', undefined].includes(message.android?.priority)) return 'Invalid value at message.android.priority';
    return Buffer.byteLength(JSON.stringify(message)) > 4096 ? 'Message too big' : '';
  }
}

// Source: Twilio, "Messages resource" and "Error and warning dictionary".
export class Twilio {
  constructor({sid, secret}) {
    this.sid = sid;
    this.secret = secret;
    this.taken = [];
    this.stopped = new Set(); // Numbers that said STOP.
  }

  answer({method, path, query, headers, body}) {
    const refuse = (status, code, message) =>
      json(status, {code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status});
    const login = Buffer.from((headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
    if (login !== `${this.sid}:${this.secret}`) return refuse(401, 20003, 'Authenticate');
    if (path !== `/2010-04-01/Accounts/${this.sid}/Messages.json`) return refuse(404, 20404, 'The requested resource was not found');
    if (method === 'GET') {
      const messages = this.taken.filter(({to}) => !query.get('To') || to === query.get('To')).reverse();
      return json(200, {messages, page: 0, page_size: 50, first_page_uri: path, next_page_uri: null, uri: path});
    }
    const form = new URLSearchParams(body.toString());
    const [to, from, text] = ['To', 'From', 'Body'].map((name) => form.get(name) ?? '');
    if (!text) return refuse(400, 21602, 'Message body is required');
    if (!/^\+[1-9][0-9]{7,14}$/.test(to)) return refuse(400, 21211, "The 'To' number is not a valid phone number");
    if (this.stopped.has(to)) return refuse(400, 21610, 'Attempt to send to unsubscribed recipient');
    const sid = `SM${String(this.taken.length).padStart(32, '0')}`;
    const now = new Date().toUTCString().replace('GMT', '+0000');
    const message = {sid, account_sid: this.sid, to, from, body: text, status: 'queued', direction: 'outbound-api',
      num_segments: '1', num_media: '0', date_created: now, date_updated: now, date_sent: null, price: null,
      price_unit: 'USD', error_code: null, error_message: null, api_version: '2010-04-01',
      uri: `/2010-04-01/Accounts/${this.sid}/Messages/${sid}.json`, subresource_uris: {}};
    this.taken.push(message);
    return json(201, message);
  }
}

// Serves a stand-in on this machine, by whichever server; gives its port and what closes it.
export async function listen(server, standIn) {
  server.on('request', (request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      const url = new URL(request.url, 'http://stand-in');
      const {status, body, headers} = standIn.answer({
        method: request.method, path: url.pathname, query: url.searchParams, headers: request.headers,
        body: Buffer.concat(pieces)});
      response.writeHead(status, {'content-type': 'application/json', ...headers});
      response.end(body);
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {port: server.address().port, close: () => server.close()};
}
