// What a mini app is told about who opened it, beside npm's @tma.js/init-data-node: what it signs the product takes, what our
// Telegram signs it takes, and what one of them refuses the other refuses: init_data.mjs REST CHAT_PAGE TOKEN
// TOKEN is that of the mesh's bot.
import assert from 'node:assert/strict';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {report} from './journey.mjs';

const [rest, page, token] = process.argv.slice(2);
const found = createRequire(join(process.env.PEERS_MODULES, 'x.js')).resolve('@tma.js/init-data-node');
const {isValid, isValid3rd, sign} = await import(pathToFileURL(found.replace(/\.cjs$/, '.js')));
const HOUR_MS = 3_600_000;

const ask = async (url, body) => {
  const answer = await fetch(url, {
    method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body),
  });
  return {status: answer.status, ...await answer.json()};
};
const open = (text) => ask(`${rest}/api/miniapp/sessions`, {init_data: text, platform: 'web'});
const refused = async (text, why) => {
  const answer = await open(text);
  assert.deepEqual([answer.status, answer.access_token], [401, undefined], `${why}: ${JSON.stringify(answer)}`);
};

// Ids of nobody's, so that no other part of the tests is met.
let nextId = 880_000_000 + Date.now() % 1_000_000 * 10;
const NAMES = ['Ann', 'Ann & Bo = 1 + 1', 'Анна', '李', '👩‍🌾', '"quoted" \\ back', '100 %', 'line\nline', 'a+b c', '<b>;#?/'];
const signed = (name, more = {}, at = new Date(), key = token) =>
  sign({user: {id: ++nextId, first_name: name, language_code: 'en'}, ...more}, key, at);

// Published with Telegram's own signature, of 2024, in the documentation of @tma.js/init-data-node (MIT).
const PUBLISHED = 'user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F%22%2C%22last_name%22' +
  '%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%2C%22' +
  'allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22https%3A%5C%2F%5C%2Ft.me%5C%2Fi%5C%2Fuserpic%5C%2F320%5C%2F4FPEE4tmP3' +
  'ATHa57u6MqTDih13LTOiMoKoLDRG4PnSA.svg%22%7D&chat_instance=8134722200314281151&chat_type=private&auth_date=1733584787' +
  '&hash=2174df5b000556d044f3f020384e879c8efcab55ddea2ced4eb752e93e7080d6&signature=zL-ucjNyREiHDE8aihFwpfR9aggP2xiAo3NSpfe-' +
  'p7IbCisNlDKlo7Kb6G4D0Ao2mBrSgEk4maLSdv6MLIlADQ';
const PUBLISHED_BOT = 7342037359;

await report('init data', [
  ['what @tma.js/init-data-node signs opens the mini app, once', async () => {
    let text;
    for (const name of NAMES) {
      text = signed(name);
      const answer = await open(text);
      assert.equal(answer.status, 200, `${name}: ${JSON.stringify(answer)}`);
      assert.equal(answer.user_id, nextId, name);
    }
    await refused(text, 'it was used before');
  }],
  ['fields that Telegram has are signed along', async () => {
    const answer = await open(signed('Ann', {
      start_param: 'post_7', chat_type: 'private', chat_instance: '8134722200314281151', query_id: 'AAE1',
      signature: 'zL-ucjNyREiHDE8aihFwpfR9aggP2xiAo3NSpfe', can_send_after: 10,
    }));
    assert.equal(answer.start_parameter, 'post_7', JSON.stringify(answer));
  }],
  ['what it does not call valid the product refuses', async () => {
    const good = signed('Ann', {start_param: 'a'});
    const options = {expiresIn: HOUR_MS / 1000};
    assert.ok(isValid(good, token, options));
    const changed = {
      'another person': good.replace(String(nextId), String(nextId + 1)),
      'another parameter': good.replace('start_param=a', 'start_param=b'),
      'a field less': good.replace(/&?start_param=a/, ''),
      'a field more': `${good}&more=1`,
      'another hash': good.replace(/hash=(.)/, (_, digit) => `hash=${digit === '0' ? '1' : '0'}`),
      'no hash': good.replace(/&?hash=[0-9a-f]+/, ''),
      'another bot': signed('Ann', {}, new Date(), '2:other'),
      'too old': signed('Ann', {}, new Date(Date.now() - HOUR_MS - 60_000)),
    };
    for (const [why, text] of Object.entries(changed)) {
      assert.notEqual(text, good, why);
      assert.ok(!isValid(text, token, options), why);
      await refused(text, why);
    }
    assert.equal((await open(good)).status, 200, 'and the one that was not changed is still good');
  }],
  ['what our Telegram signs is valid for it', async () => {
    for (const name of NAMES) {
      const person = await ask(`${page}/api/users`, {first_name: name});
      const {init_data: text} = await ask(`${page}/api/web-apps?bot=${token.split(':')[0]}`,
        {user_id: (person.user ?? person).id, start_parameter: 'x_1'});
      assert.ok(isValid(text, token), `${name}: ${text}`);
      assert.ok(!isValid(text, '2:other'), name);
      assert.equal(JSON.parse(new URLSearchParams(text).get('user')).first_name, name);
    }
  }],
  ['both know what Telegram signed for third parties', async () => {
    const verify = (text, bot = PUBLISHED_BOT, test = false) =>
      ask(`${rest}/api/miniapp/init-data:verify`, {init_data: text, bot_id: bot, is_test_environment: test});
    const always = {expiresIn: 0};
    assert.ok(await isValid3rd(PUBLISHED, PUBLISHED_BOT, always));
    const answer = await verify(PUBLISHED);
    assert.equal(answer.user_id, 279058397, JSON.stringify(answer));
    for (const [text, bot, test] of [[PUBLISHED.replace('ru%22', 'en%22')], [PUBLISHED, PUBLISHED_BOT + 1],
      [PUBLISHED, PUBLISHED_BOT, true], [PUBLISHED.replace('zL-u', 'zL-v')], [`${PUBLISHED}&more=1`]]) {
      assert.ok(!await isValid3rd(text, bot ?? PUBLISHED_BOT, {...always, test: test ?? false}), text);
      assert.equal((await verify(text, bot, test)).status, 401, text);
    }
    await refused(PUBLISHED, 'it is of another bot, and old');
  }],
]);
