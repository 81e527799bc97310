// How long texts are as platforms count: the social service beside npm's twitter-text, the browser's own segmenter (ICU,
// UAX #29) and unicode-segmenter, which Bluesky's own server counts by, over random texts of many scripts, emoji, links and
// domains: studio_lengths.mjs REST [SEED]
// Needs twitter-text and unicode-segmenter in $PEERS_MODULES.
import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {report} from './journey.mjs';

const [rest, seed = '1'] = process.argv.slice(2);
const require = createRequire(join(process.env.PEERS_MODULES, 'x.js'));
const {countGraphemes} = require('unicode-segmenter/grapheme');
const module = require('twitter-text');
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
// Where ICU's Unicode is newer than the one that Bluesky's server counts by: conjuncts of more scripts.
const NEWER = ['ស្ត្រី', 'မြန်မာ', 'မ္ဘာ', 'ᬓ᭄ᬓ', 'ক্ষ', 'ક્ષ', 'ക്ഷ', 'ක්ෂ', 'ᥐ', '\u200d', 'a\u200d', '\u{1f3fb}'];
const others = Array.from({length: COUNT / 4}, () =>
  Array.from({length: 1 + next(8)}, () => pick(next(2) ? NEWER : PIECES)).join(pick(['', ' ']))).filter((one) => one.trim() !== '');

let token, userId;
const measured = async (platform, all) => {
  const lengths = [];
  for (let i = 0; i < all.length; i += 50) {
    const {checks} = await ask('POST', '/api/social/check',
      {user_id: userId, texts: all.slice(i, i + 50).map((one) => ({platform, text: one}))}, token);
    lengths.push(...checks.map(({length = 0}) => length));
  }
  return lengths;
};
const YOUNG = ['🫠', '🧑🏿‍🚀'];
const agree = async (platform, oracle, isJudged = () => true, all = texts) => {
  const lengths = await measured(platform, all);
  const different = all.flatMap((one, i) => (!isJudged(one) || lengths[i] === oracle(one) ? [] :
    [`${JSON.stringify(one)}: ours ${lengths[i]}, theirs ${oracle(one)}`]));
  assert.deepEqual(different.slice(0, 10), [], `${different.length} of ${all.length} differ`);
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
  ["Bluesky: as many as its own server's segmenter finds", async () => {
    for (const all of [texts, others]) await agree('bluesky', countGraphemes, undefined, all);
  }],
  // It does not know the youngest emoji, which X counts as the others.
  ['X: as twitter-text weighs them', () => agree('x', (one) => twitter.parseTweet(one).weightedLength,
    (one) => !YOUNG.some((emoji) => one.includes(emoji)))],
  ['Telegram: UTF-16 units', () => agree('telegram', (one) => one.length)],
  ['LinkedIn: code points', () => agree('linkedin', (one) => [...one].length)],
]);
