// Bluesky's own server, npm's @atproto/pds, with one account and a directory of identities (PLC) of our own:
// server.mjs HANDLE PASSWORD FOLDER. The handle ends with ".test". Needs @atproto/pds in $STUDIO_PDS_MODULES. Prints
// "base URL, the account's DID", and serves until it is killed.
import {randomBytes} from 'node:crypto';
import {createServer} from 'node:http';
import {createRequire} from 'node:module';
import {join} from 'node:path';

const [handle, password, folder] = process.argv.slice(2);
const {PDS, envToCfg, envToSecrets, readEnv} =
  createRequire(join(process.env.STUDIO_PDS_MODULES, 'x.js'))('@atproto/pds');

// The directory takes what the server says of its accounts, and gives it back.
const operations = new Map();
const body = async (request) => {
  let text = '';
  for await (const part of request) text += part;
  return JSON.parse(text);
};
const directory = createServer(async (request, response) => {
  const [did, what] = decodeURIComponent(request.url).slice(1).split('/');
  if (request.method === 'POST') {
    operations.set(did, await body(request));
    return response.end();
  }
  const kept = operations.get(did);
  if (!kept) {
    response.statusCode = 404;
    return response.end('{}');
  }
  const {alsoKnownAs, verificationMethods, rotationKeys, services} = kept;
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(what === 'data' ? {did, alsoKnownAs, verificationMethods, rotationKeys, services} : {
    '@context': ['https://www.w3.org/ns/did/v1'], id: did, alsoKnownAs,
    verificationMethod: Object.entries(verificationMethods).map(([name, key]) => ({
      id: `${did}#${name}`, type: 'Multikey', controller: did, publicKeyMultibase: key.replace('did:key:', ''),
    })),
    service: Object.entries(services).map(([name, {type, endpoint}]) => ({id: `#${name}`, type, serviceEndpoint: endpoint})),
  }));
});
const listen = (server) => new Promise((resolve) => { server.listen(0, '127.0.0.1', () => resolve(server.address().port)); });
const directoryPort = await listen(directory);
// A port that was free a moment ago.
const reserved = createServer();
const port = await listen(reserved);
await new Promise((resolve) => { reserved.close(resolve); });

Object.assign(process.env, {
  PDS_HOSTNAME: 'localhost', PDS_PORT: String(port), PDS_DEV_MODE: 'true', PDS_INVITE_REQUIRED: 'false',
  PDS_DATA_DIRECTORY: folder, PDS_BLOBSTORE_DISK_LOCATION: join(folder, 'blobs'), PDS_SERVICE_HANDLE_DOMAINS: '.test',
  PDS_DID_PLC_URL: `http://127.0.0.1:${directoryPort}`, PDS_JWT_SECRET: randomBytes(32).toString('hex'),
  PDS_ADMIN_PASSWORD: randomBytes(16).toString('hex'), PDS_DISABLE_SSRF_PROTECTION: 'true', LOG_ENABLED: 'false',
  PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: randomBytes(32).toString('hex'),
});
const env = readEnv();
const server = await PDS.create(envToCfg(env), envToSecrets(env));
await server.start();
const base = `http://127.0.0.1:${port}`;
const made = await fetch(`${base}/xrpc/com.atproto.server.createAccount`, {
  method: 'POST', headers: {'Content-Type': 'application/json'},
  body: JSON.stringify({handle, password, email: 'author@studio.example'}),
});
const account = await made.json();
if (!made.ok) throw new Error(JSON.stringify(account));
console.log(base, account.did);
