// What Telegram refuses (tools/telegram_emulator/refusals.json), asked of npm's telegram-test-api: node refusals.mjs BASE.
// Where that refuses as well, it has to be with the same code. What it takes, or has no answer of Telegram's form to, says
// nothing of the table: these are listed as not judged, on standard error, and counted.
import {readFileSync} from 'node:fs';

const [base] = process.argv.slice(2);
const TOKEN = '43:refusals';
const ANN = 4712;
const TABLE = new URL('../../tools/telegram_emulator/refusals.json', import.meta.url);

async function post(path, body) {
  const response = await fetch(`${base}/${path}`, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify(body),
  });
  return response.json();
}

// What the table leaves to a run, as far as telegram-test-api knows of such things.
async function makeNames() {
  await post('sendMessage', {
    botToken: TOKEN,
    date: Math.floor(Date.now() / 1000),
    from: {id: ANN, is_bot: false, first_name: 'Ann'},
    chat: {id: ANN, type: 'private', first_name: 'Ann'},
    text: 'Hi',
  });
  const [update] = (await post(`bot${TOKEN}/getUpdates`, {})).result;
  const hello = (await post(`bot${TOKEN}/sendMessage`, {chat_id: ANN, text: 'Hello'})).result;
  return {$ann: ANN, $theirs: update.message.message_id, $hello: hello.message_id};
}

// The parameters with these names filled in; undefined where one is missing.
function filled(value, names) {
  if (typeof value === 'string') return value.startsWith('$') ? names[value] : value;
  if (value === null || typeof value !== 'object') return value;
  if ('repeat' in value) return value.repeat.repeat(value.times);
  if ('list_of' in value) value = Array(value.times).fill(value.list_of);
  const parts = Object.entries(value).map(([key, part]) => [key, filled(part, names)]);
  if (parts.some(([, part]) => part === undefined)) return undefined;
  return Array.isArray(value) ? parts.map(([, part]) => part) : Object.fromEntries(parts);
}

// Telegram's refusal of this row; or why there is none.
async function ask(row, names) {
  if (row.file) return {unjudged: 'takes no files'};
  const parameters = filled(row.with, names);
  if (parameters === undefined) return {unjudged: 'knows no such chat or message'};
  const answer = await post(`bot${TOKEN}/${row.method}`, parameters);
  if (answer.ok === true) return {unjudged: 'takes it'};
  if (answer.ok === undefined) {
    return {unjudged: `has no answer of Telegram's form (${answer.message.split('.')[0]})`};
  }
  return {answer};
}

const table = JSON.parse(readFileSync(TABLE, 'utf8'));
const names = await makeNames();
const kind = (description) => description.split(':')[0];  // "Bad Request"
let compared = 0;
const unjudged = [];
for (const row of table) {
  const {answer, unjudged: why} = await ask(row, names);
  if (why) {
    unjudged.push(`${row.about}: ${why}`);
    continue;
  }
  ++compared;
  const same = answer.error_code === row.code && kind(answer.description) === kind(row.says);
  if (!same) console.error(`${row.about}: ${JSON.stringify(answer)} instead of ${row.code} ${row.says}`);
  console.log(`${same ? 'ok' : 'not ok'} refusals: ${row.about} (${row.code} ${kind(row.says)})`);
}
for (const each of unjudged) console.error(`not judged: ${each}`);
const enough = compared > 0;
const counts = `${compared} of ${table.length}; ${unjudged.length} not judged`;
console.log(`${enough ? 'ok' : 'not ok'} refusals: telegram-test-api refuses ${counts}`);
process.exitCode = enough ? 0 : 1;
