// npm's megalodon at our stand-in of Mastodon: it posts, reads, edits and deletes there, and what comes back has every field
// that its declarations promise, with their types: studio_mastodon.mjs STAND_IN
// Needs megalodon in $PEERS_MODULES.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {report} from './journey.mjs';

const [standIn] = process.argv.slice(2);
const require = createRequire(join(process.env.PEERS_MODULES, 'x.js'));
const megalodon = require('megalodon');
const declarations = join(dirname(require.resolve('megalodon')), 'mastodon/entities');

// "export type Name = { a: string; b?: number | null; c: { d: ... }; };" of its .d.ts as {a: {type, optional}, c: {...}}.
const declared = new Map();
function fieldsOf(file, name) {
  const key = `${file} ${name}`;
  if (declared.has(key)) return declared.get(key);
  const source = readFileSync(join(declarations, `${file}.d.ts`), 'utf8');
  const begin = source.indexOf(`export type ${name} = {`);
  assert.ok(begin >= 0, `${name} is declared`);
  const lines = source.slice(begin).split('\n').slice(1);
  const block = () => {
    const fields = {};
    for (let line; (line = lines.shift().trim()) !== '};';) {
      const [, field, optional, type] = line.match(/^(\w+)(\??): (.*?);?$/);
      fields[field] = {optional: optional === '?', type, inner: type === '{' ? block() : null};
    }
    return fields;
  };
  const fields = block();
  declared.set(key, fields);
  return fields;
}

const FILES = {Status: 'status', Account: 'account', Attachment: 'attachment', AsyncAttachment: 'async_attachment',
  Instance: 'instance', URLs: 'urls', Stats: 'stats', Application: 'application', StatusSource: 'status_source'};
function wrong(value, type, path) {
  const kinds = type.split('|').map((one) => one.trim());
  if (value === null) return kinds.includes('null') ? [] : [`${path} is null, not ${type}`];
  for (const kind of kinds) {
    if (/^'.*'$/.test(kind) ? value === kind.slice(1, -1) : typeof value === kind) return [];
    const list = kind.match(/^Array<(\w+)>$/)?.[1] ?? kind.match(/^(\w+)\[\]$/)?.[1];
    if (list && Array.isArray(value)) return value.flatMap((one, i) => wrong(one, list, `${path}[${i}]`));
    if (kind === 'StatusVisibility') return wrong(value, "'public' | 'unlisted' | 'private' | 'direct'", path);
    if (typeof value === 'object' && !Array.isArray(value)) {
      if (FILES[kind]) return missing(value, fieldsOf(FILES[kind], kind), path);
      if (kind === 'Meta') return [];  // Whatever the file says.
    }
  }
  return [`${path} is ${JSON.stringify(value)}, not ${type}`];
}
function missing(value, fields, path) {
  return Object.entries(fields).flatMap(([name, {optional, type, inner}]) => {
    if (name === 'quote') return [];  // Its own: whether there is one, for servers of another kind.
    if (value[name] === undefined) return optional ? [] : [`${path}.${name} is not there`];
    return inner ? missing(value[name], inner, `${path}.${name}`) : wrong(value[name], type, `${path}.${name}`);
  });
}
const isA = (kind, value) => assert.deepEqual(wrong(value, kind, kind.toLowerCase()), []);

const author = new megalodon.Mastodon(standIn, 'good');
const stranger = new megalodon.Mastodon(standIn, 'bad');
const fails = async (status, words, call) => {
  const error = await call.then(() => null, (one) => one);
  assert.equal(error?.response?.status, status, String(error));
  assert.match(error.response.data.error, words);
};
let me, first;

await report('megalodon at our stand-in of Mastodon', [
  ['finds the account and the server', async () => {
    me = (await author.verifyAccountCredentials()).data;
    isA('Account', me);
    isA('Instance', (await author.getInstance()).data);
  }],
  ['posts, with an answer below', async () => {
    first = (await author.postStatus('By megalodon & "others"')).data;
    isA('Status', first);
    assert.equal(first.account.id, me.id);
    assert.equal(first.edited_at, null);
    const answer = (await author.postStatus('Below', {in_reply_to_id: first.id})).data;
    isA('Status', answer);
    assert.deepEqual([answer.in_reply_to_id, answer.in_reply_to_account_id], [first.id, me.id]);
    assert.ok(!Number.isNaN(Date.parse(answer.created_at)), answer.created_at);
  }],
  ['reads it alone, as source, and page by page', async () => {
    isA('Status', (await author.getStatus(first.id)).data);
    const source = (await author.getStatusSource(first.id)).data;
    isA('StatusSource', source);
    assert.equal(source.text, 'By megalodon & "others"');
    const newest = (await author.getAccountStatuses(me.id, {limit: 1})).data;
    assert.equal(newest.length, 1);
    isA('Status', newest[0]);
    assert.equal(newest[0].in_reply_to_id, first.id);
    const older = (await author.getAccountStatuses(me.id, {limit: 1, max_id: newest[0].id})).data;
    assert.deepEqual(older.map(({id}) => id), [first.id]);
  }],
  ['posts a picture', async () => {
    const picture = (await author.uploadMedia(Buffer.from('a picture'))).data;
    isA('AsyncAttachment', picture);
    const status = (await author.postStatus('With a picture', {media_ids: [picture.id]})).data;
    assert.equal(status.media_attachments.length, 1);
    isA('Status', status);
    assert.equal((await author.deleteStatus(status.id)).status, 200);
  }],
  ['edits it', async () => {
    const edited = (await author.editStatus(first.id, {status: 'Other words'})).data;
    isA('Status', edited);
    assert.ok(edited.edited_at);
    assert.equal((await author.getStatusSource(first.id)).data.text, 'Other words');
  }],
  ['deletes what it posted, and sees that it is gone', async () => {
    for (const {id} of (await author.getAccountStatuses(me.id)).data) isA('Status', (await author.deleteStatus(id)).data);
    assert.deepEqual((await author.getAccountStatuses(me.id)).data, []);
    await fails(404, /not found/i, author.getStatus(first.id));
    await fails(404, /not found/i, author.deleteStatus(first.id));
  }],
  ['is refused with another token', () => fails(401, /token is invalid/, stranger.postStatus('x'))],
]);
