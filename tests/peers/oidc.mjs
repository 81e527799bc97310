// npm's openid-client against our OAuth and OpenID Connect provider, and our login against npm's oidc-provider.
//
//   node tests/peers/oidc.mjs REST_BASE FOREIGN_PORT
//
// The product must know the foreign provider: SELFOLOGY_USER_OIDC_PROVIDERS with the id "foreign", the client "selfology",
// its secret "a secret of ours" and the redirect URI http://127.0.0.1:FOREIGN_PORT/back.
import {once} from 'node:events';
import {randomBytes} from 'node:crypto';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';

const modules = join(process.env.PEERS_MODULES, 'node_modules');
const resolved = createRequire(join(process.env.PEERS_MODULES, 'x.js')).resolve('openid-client/package.json');
const oidc = await import(join(dirname(resolved), 'build/index.js'));
const {Provider} = await import(join(modules, 'oidc-provider/lib/index.js'));

const [rest, port] = process.argv.slice(2);
const back = 'https://diary.example/back';

function check(name, holds, said) {
  console.log(`${holds ? 'ok' : 'not ok'} oidc: ${name}`);
  if (!holds) console.error(name, said);
}
// A step that throws counts as one failure, and the others are tried.
async function step(name, run) {
  try {
    const [holds, said] = await run();
    check(name, holds, said);
  } catch (error) {
    check(name, false, error.cause === undefined ? error : [error, error.cause]);
  }
}

async function post(path, body) {
  const response = await fetch(rest + path, {
    method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

const email = `ann-${randomBytes(4).toString('hex')}@example.org`;
const password = randomBytes(12).toString('hex');
const {user_id: user} = await post('/api/auth/register', {email, password, first_name: 'Ann', language: 'ru'});

// Where the browser is sent, without going there.
async function location(url, options = {}) {
  const response = await fetch(url, {redirect: 'manual', ...options});
  const to = response.headers.get('location');
  if (to === null) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return new URL(to, url);
}
// Ann says yes on the consent page.
async function consent(authorization) {
  const page = await location(authorization);
  if (page.searchParams.has('error')) return page;
  const {tokens} = await post('/api/auth/login', {email, password});
  const form = new URLSearchParams({
    request: page.searchParams.get('request'), decision: 'allow', access_token: tokens.access_token});
  return location(`${rest}/oauth/consent`, {method: 'POST', body: form});
}

const scope = 'openid profile email offline_access coaching.answers.read';
let config;
await step('an app registers and is known by discovery', async () => {
  config = await oidc.dynamicClientRegistration(
    new URL(rest),
    {client_name: 'Diary', redirect_uris: [back], scope,
     grant_types: ['authorization_code', 'refresh_token', 'client_credentials',
                   'urn:ietf:params:oauth:grant-type:device_code']},
    undefined, {execute: [oidc.allowInsecureRequests]});
  const metadata = config.clientMetadata();
  return [metadata.client_id && metadata.client_secret && config.serverMetadata().issuer === rest, metadata];
});

let tokens;
const verifier = oidc.randomPKCECodeVerifier();
const asked = {redirect_uri: back, scope, state: oidc.randomState(), nonce: oidc.randomNonce(),
               code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256'};
await step('a code with PKCE gives tokens, and an id_token that openid-client takes', async () => {
  const answer = await consent(oidc.buildAuthorizationUrl(config, asked));
  tokens = await oidc.authorizationCodeGrant(config, answer, {
    pkceCodeVerifier: verifier, expectedState: asked.state, expectedNonce: asked.nonce, idTokenExpected: true});
  return [tokens.claims().sub === String(user), tokens.claims()];
});
await step('userinfo has the claims of the scopes', async () => {
  const info = await oidc.fetchUserInfo(config, tokens.access_token, String(user));
  return [info.email === email && info.email_verified === false && info.name === 'Ann' && info.locale === 'ru', info];
});
await step('without a page it says that a login is required', async () => {
  const answer = await consent(oidc.buildAuthorizationUrl(config, {...asked, prompt: 'none'}));
  return [answer.searchParams.get('error') === 'login_required' && answer.searchParams.get('state') === asked.state,
          String(answer)];
});
await step('an access token is by the issuer of the metadata', async () => {
  const token = await oidc.tokenIntrospection(config, tokens.access_token);
  return [token.active && token.iss === config.serverMetadata().issuer && token.scope === scope, token];
});
await step('a refresh narrows the scope and does not widen it', async () => {
  const narrow = await oidc.refreshTokenGrant(config, tokens.refresh_token, {scope: 'openid email'});
  let widened;
  try {
    await oidc.refreshTokenGrant(config, narrow.refresh_token, {scope: 'openid feed.posts.read'});
  } catch (error) {
    widened = error.error;
  }
  tokens = await oidc.refreshTokenGrant(config, narrow.refresh_token);
  return [narrow.scope === 'openid email' && widened === 'invalid_scope' && tokens.scope === scope,
          [narrow.scope, widened, tokens.scope]];
});
await step('client credentials give a token of the app', async () => {
  const own = await oidc.clientCredentialsGrant(config, {scope: 'coaching.answers.read'});
  return [own.token_type === 'bearer' && own.scope === 'coaching.answers.read', own];
});
await step('a device gets its tokens once the person has typed the code', async () => {
  const begun = await oidc.initiateDeviceAuthorization(config, {scope: 'openid'});
  const {tokens: own} = await post('/api/auth/login', {email, password});
  const form = new URLSearchParams({user_code: begun.user_code, decision: 'allow', access_token: own.access_token});
  const page = await fetch(`${rest}/oauth/device`, {method: 'POST', body: form});
  const given = await oidc.pollDeviceAuthorizationGrant(config, {...begun, interval: 0.2});
  return [page.status === 200 && given.claims().sub === String(user), given];
});
await step('a revoked token is good no more', async () => {
  await oidc.tokenRevocation(config, tokens.refresh_token);
  const token = await oidc.tokenIntrospection(config, tokens.access_token);
  return [token.active === false, token];
});
await step('a body that cannot be read is refused as RFC 6749 says', async () => {
  const response = await fetch(`${rest}/oauth/token`, {
    method: 'POST', headers: {'Content-Type': 'application/x-www-form-urlencoded'}, body: 'grant_type=%zz'});
  const answer = await response.json();
  return [response.status === 400 && answer.error === 'invalid_request', answer];
});

// The other way round: whom oidc-provider knows signs in with us.
const foreign = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{client_id: 'selfology', client_secret: 'a secret of ours', id_token_signed_response_alg: 'ES256',
             redirect_uris: [`http://127.0.0.1:${port}/back`]}],
  claims: {openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'given_name', 'locale']},
  conformIdTokenClaims: false,
  cookies: {keys: [randomBytes(16).toString('hex')]},
  jwks: {keys: [{...(await crypto.subtle.exportKey('jwk', (await crypto.subtle.generateKey(
    {name: 'ECDSA', namedCurve: 'P-256'}, true, ['sign', 'verify'])).privateKey)), alg: 'ES256', use: 'sig', kid: 'k1'}]},
  findAccount: (_, id) => ({accountId: id, claims: () => ({
    sub: id, email: `${id}@foreign.example`, email_verified: true, name: 'Bob Lee', given_name: 'Bob', locale: 'en'})}),
});
const server = foreign.listen(Number(port), '127.0.0.1');
await once(server, 'listening');

// A browser that fills in the provider's pages: signs in, then consents.
async function signIn(url, login) {
  const cookies = new Map();
  const visit = async (target, options = {}) => {
    const response = await fetch(target, {
      redirect: 'manual', ...options, headers: {Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')}});
    for (const cookie of response.headers.getSetCookie()) {
      const [name, ...value] = cookie.split(';')[0].split('=');
      cookies.set(name, value.join('='));
    }
    return response;
  };
  let target = url;
  for (let hop = 0; hop < 12; ++hop) {
    let response = await visit(target);
    if (response.status === 200) {
      const page = await response.text();
      const prompt = page.includes('name="password"') ? {prompt: 'login', login, password: 'x'} : {prompt: 'consent'};
      response = await visit(target, {method: 'POST', body: new URLSearchParams(prompt)});
    }
    const to = response.headers.get('location');
    if (to === null) throw new Error(`${target}: ${response.status}`);
    target = String(new URL(to, target));
    if (new URL(target).pathname === '/back') return new URL(target);
  }
  throw new Error('the provider goes round in circles');
}
const login = `bob-${randomBytes(4).toString('hex')}`;
let first;
for (const again of [false, true]) {
  await step(`a person of oidc-provider signs in${again ? ' again, and is the same' : ''}`, async () => {
    const begun = await post('/api/auth/providers/foreign/begin', {redirect_uri: `http://127.0.0.1:${port}/back`});
    const answer = await signIn(begun.authorization_url, login);
    const finished = await post('/api/auth/providers/finish', {
      state: answer.searchParams.get('state'), provider_code: answer.searchParams.get('code')});
    const same = again ? finished.user_id === first && !finished.registered : finished.registered;
    first = finished.user_id;
    return [same && answer.searchParams.get('state') === begun.state && finished.tokens.access_token, finished];
  });
}
server.close();
server.closeAllConnections();
