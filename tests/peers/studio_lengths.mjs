// How long texts are as platforms count: the social service beside npm's twitter-text and the browser's own segmenter
// (ICU, UAX #29), over random texts of many scripts, emoji, links and domains: studio_lengths.mjs REST [SEED]
// Needs twitter-text in $PEERS_MODULES.
import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {report} from './journey.mjs';

const [rest, seed = '1'] = process.argv.slice(2);
const module = createRequire(join(process.env.PEERS_MODULES, 'x.js'))('twitter-text');
const twitter = module.default ?? module;
const graphemes = new Intl.Segmenter('en', {granularity: 'grapheme'});

// A small generator of our own, so that a seed gives the same texts everywhere.
let state = BigInt(seed) | 1n;
const next = (below) => {
  state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
  return Number((state >> 33n) % BigInt(below));
};
const pick = (list) => list[next(list.length)];
const PIECES = [
  'word', 'Слово', 'écrit', 'e\u0301crit', 'ﬁ', '漢字', 'かな', '한국어', '각', 'हिन्दी', 'தமிழ்', 'ไทย', 'עברית', 'العربية', 'Ǆ',
  '👍', '👍🏽', '👩‍🌾', '👨‍👩‍👧‍👦', '🏳️‍🌈', '🇩🇪', '🇩🇪🇫🇷', '1️⃣', '❤️', '☀', '☀️', '⌚', '©', '™', '😀😀', '🫠', '🧑🏿‍🚀',
  'https://a.example/b?c=1', 'http://a.com', '(https://a.com/x_(y))', 'https://a.com.', 'a.com', 'sub.domain.co.uk', 'a.b', 'x.de/y',
  '@name', '#tag', '#сад', '$TICK', '&', '<b>', '…', '–', '“so”', '\n', '\t', '.', ',', '!', '-', '\u00a0',
];
const text = () => Array.from({length: 1 + next(12)}, () => pick(PIECES)).join(pick(['', ' ', ' ', ' ']));
const COUNT = 2000;
const texts = Array.from({length: COUNT}, () => text()).filter((one) => one.trim() !== '');

const ask = async (method, path, body, token) => {
  const answer = await fetch(rest + path, {
    method, headers: {'Content-Type': 'application/json', ...(token ? {Authorization: `Bearer ${token}`} : {})},
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  assert.ok(answer.ok, JSON.stringify(said));
  return said;
};
let token, userId;
const measured = async (platform) => {
  const lengths = [];
  for (let i = 0; i < texts.length; i += 50) {
    const {checks} = await ask('POST', '/api/social/check',
      {user_id: userId, texts: texts.slice(i, i + 50).map((one) => ({platform, text: one}))}, token);
    lengths.push(...checks.map(({length = 0}) => length));
  }
  return lengths;
};
const YOUNG = ['🫠', '🧑🏿‍🚀'];
const agree = async (platform, oracle, isJudged = () => true) => {
  const lengths = await measured(platform);
  const different = texts.flatMap((one, i) => (!isJudged(one) || lengths[i] === oracle(one) ? [] :
    [`${JSON.stringify(one)}: ours ${lengths[i]}, theirs ${oracle(one)}`]));
  assert.deepEqual(different.slice(0, 10), [], `${different.length} of ${texts.length} differ`);
};

await report('studio lengths', [
  ['a person logs in', async () => {
    const email = `${randomBytes(8).toString('hex')}@lengths.example`;
    const password = randomBytes(18).toString('base64url');
    await ask('POST', '/api/users/register', {email, password, first_name: 'Ann'});
    const login = await ask('POST', '/api/auth/login', {email, password});
    [token, userId] = [login.tokens.access_token, Number(login.user_id)];
  }],
  ['Bluesky: as many graphemes as ICU finds', () => agree('bluesky', (one) => [...graphemes.segment(one)].length)],
  // It does not know the youngest emoji, which X counts as the others.
  ['X: as twitter-text weighs them', () => agree('x', (one) => twitter.parseTweet(one).weightedLength,
    (one) => !YOUNG.some((emoji) => one.includes(emoji)))],
  ['Telegram: UTF-16 units', () => agree('telegram', (one) => one.length)],
  ['LinkedIn: code points', () => agree('linkedin', (one) => [...one].length)],
]);
