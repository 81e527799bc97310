// Runs npm's telegram-test-api, a Telegram for bots' tests that others wrote, on a free port, until it is killed. Its first
// line of output is where. Needs it in $PEERS_MODULES.
import {createServer} from 'node:net';
import {createRequire} from 'node:module';
import {join} from 'node:path';

const TelegramServer = createRequire(join(process.env.PEERS_MODULES, 'x.js'))('telegram-test-api');

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const {port} = probe.address();
    probe.close(() => resolve(port));
  });
});
// Seconds; what nobody fetched for so long is thrown away.
const server = new TelegramServer({host: '127.0.0.1', port, storeTimeout: 3600});
await server.start();
console.log(server.config.apiURL);
