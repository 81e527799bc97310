// How fast BullMQ is at what the queue's rows measure: jobs that do nothing are added by this process and worked meanwhile
// by another.
//
//   node bullmq.mjs REDIS_URL JOBS       with BULLMQ_MODULES, a folder with node_modules/bullmq
//
// Prints "total_seconds S", from the first addition to the last completion.
import {fork} from 'node:child_process';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const {Queue, Worker} = createRequire(join(process.env.BULLMQ_MODULES, 'x.js'))('bullmq');
const [url, count] = process.argv.slice(2);
const jobs = Number(count);
const batch = 1000;
const {hostname, port} = new URL(url);
const connection = {host: hostname, port: Number(port), maxRetriesPerRequest: null};

if (process.send) {
  let done = 0;
  const worker = new Worker('bench', async () => {}, {connection, concurrency: 200});
  worker.on('completed', () => {
    if (++done === jobs) process.send('done');
  });
  await worker.waitUntilReady();
  process.send('ready');
} else {
  const queue = new Queue('bench', {connection});
  await queue.obliterate({force: true});
  const worker = fork(fileURLToPath(import.meta.url), [url, count]);
  const heard = (word) => new Promise((told) => {
    worker.on('message', (message) => {
      if (message === word) told();
    });
  });
  const done = heard('done');
  await heard('ready');
  const begun = process.hrtime.bigint();
  for (let i = 0; i < jobs; i += batch) {
    await queue.addBulk(Array.from({length: Math.min(batch, jobs - i)}, (_, n) => ({name: 'number', data: {n: i + n}})));
  }
  await done;
  console.log(`total_seconds ${Number(process.hrtime.bigint() - begun) / 1e9}`);
  worker.kill();
  process.exit();
}
