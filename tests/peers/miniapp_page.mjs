// The mini app's page in jsdom, with a gateway that answers as the contracts say: Telegram's bridge, training by keys and
// buttons, reactions without a network, the main and the back button, all views, and the login in a plain browser.
// Needs jsdom in $PEERS_MODULES.
import assert from 'node:assert/strict';
import {copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const source = new URL('../../services/feed/miniapp/page/', import.meta.url).pathname;
const {JSDOM} = createRequire(join(process.env.PEERS_MODULES ?? '.', 'x.js'))('jsdom');
const scratch = mkdtempSync(join(tmpdir(), 'miniapp-'));
process.on('exit', () => rmSync(scratch, {recursive: true}));
let run = 0;

// Each time new modules: they keep what they know.
async function load({hash = '', fetch, lang = 'en-US', store = {}}) {
  run += 1;
  const dir = join(scratch, `${run}`);
  mkdirSync(dir, {recursive: true});
  for (const name of readdirSync(source)) {
    if (name.endsWith('.js')) copyFileSync(join(source, name), join(dir, name));
  }
  writeFileSync(join(dir, 'package.json'), '{"type": "module"}');
  const html = readFileSync(join(source, 'index.html'), 'utf8').replace('{{api_base}}', '').replace(/<script.*<\/script>/, '');
  const dom = new JSDOM(html, {url: `https://app.example/miniapp/${hash}`, pretendToBeVisual: true});
  const w = dom.window;
  const posted = [];
  w.TelegramWebviewProxy = hash ? {postEvent: (t, d) => posted.push([t, JSON.parse(d)])} : undefined;
  w.scrollTo = () => {};
  for (const [k, v] of Object.entries(store)) w.localStorage.setItem(k, v);
  Object.defineProperty(w.navigator, 'language', {value: lang});
  for (const k of ['window', 'document', 'location', 'sessionStorage', 'localStorage', 'HTMLElement']) {
    Object.defineProperty(globalThis, k, {value: k === 'window' ? w : w[k], configurable: true, writable: true});
  }
  Object.defineProperty(globalThis, 'navigator', {value: w.navigator, configurable: true});
  globalThis.scrollTo = () => {};
  globalThis.fetch = fetch;
  await import(join(dir, 'main.js'));
  return {w, doc: w.document, posted};
}
// Until all that was answered has been shown: nothing here takes time.
const settled = async () => {
  for (let i = 0; i < 50; ++i) await new Promise(setImmediate);
};
const json = (o, status = 200) => ({ok: status < 400, status, statusText: 'x', json: async () => o});
const post = (id, text) => ({id, channel_id: 1, channel_title: 'The channel', text, age_seconds: 3700, url: 'https://t.me/c/1', relevance_score: .7, reasons: [{kind: 'words', words: ['goal'], contribution: 1}]});

// 1. In Telegram: token, training, swipe by key and button, offline, undo, finish.
{
  const calls = [];
  let online = true, rated = 6, trained = false;
  const fetch = async (url, o) => {
    if (!online) throw new TypeError('offline');
    const body = o.body ? JSON.parse(o.body) : undefined;
    calls.push([o.method, url, body, o.headers.Authorization]);
    if (url === '/api/miniapp/sessions') return json({access_token: 'tok', expires_in: 900, user_id: 7});
    if (url.endsWith('/feed/user')) return json({user: {is_trained: trained}, rated_count: rated, needed_for_training: 7});
    if (url === '/api/v1/posts/training') return json({posts: [post(1, 'one'), post(2, 'two')]});
    if (url === '/api/v1/posts/interactions') return json({id: 1, next_post: post(50, 'next')});
    if (url === '/api/v1/ml/train') { trained = true; return json({success: true}); }
    if (url.endsWith('/feed/pages')) return json({posts: [post(10, 'ten'), post(11, 'eleven')], newest_age_seconds: 30000});
    if (url.includes('/reasons')) return json({post: post(10, 'ten'), place: 1, place_without: [5]});
    if (url.includes('/feed/channels?')) return json({channels: [{channel: {id: 3, title: 'Chan', username: 'chan', newest_posted_at: new Date().toISOString()}, is_muted: false, is_bonus: true}]});
    if (url.endsWith('/channels:propose')) return json({proposals: [{channel: {id: 4, title: 'Prop'}, relevance_score: .81}]});
    if (url.endsWith('/feed/channels')) return json({channel: {}, is_new: true});
    if (url.endsWith('/feed/statistics')) return json({days: [{day: '2026-03-01', likes: 3, dislikes: 1, skips: 0}], channels: [{channel_title: 'Chan', likes: 3}], rated_count: 21, like_share_now: .5, saved_count: 1, tastes: [{kind: 'words', words: ['goal']}]});
    if (url.endsWith('/feed/settings')) return json({settings: {digest_hour: 9}});
    if (url.endsWith('/feed/link')) return json({path: '/api/feed/rss/abc'});
    if (url.includes('/feed/saved')) return json({posts: [post(10, 'ten')], next_page_token: ''});
    return json({detail: 'no'}, 404);
  };
  const user = encodeURIComponent(JSON.stringify({id: 7, language_code: 'en'}));
  const theme = encodeURIComponent(JSON.stringify({bg_color: '#17212b', text_color: '#f5f5f5'}));
  const {w, doc, posted} = await load({hash: `#tgWebAppData=${encodeURIComponent(`user=${user}&auth_date=1&hash=x`)}&tgWebAppVersion=8.0&tgWebAppPlatform=ios&tgWebAppThemeParams=${theme}`, fetch});
  await settled();
  assert.equal(calls[0][1], '/api/miniapp/sessions');
  assert.equal(calls[0][2].platform, 'ios');
  assert.ok(posted.some(([t]) => t === 'web_app_ready'));
  assert.equal(doc.documentElement.style.getPropertyValue('--background'), '#17212b');
  assert.match(doc.querySelector('#view').textContent, /one/);
  assert.equal(calls.at(-1)[3], 'Bearer tok');
  const key = (k) => { const e = new w.KeyboardEvent('keydown', {key: k, bubbles: true}); doc.querySelector('#view').dispatchEvent(e); };
  key('ArrowRight'); await settled();
  const like = calls.filter((c) => c[1].endsWith('interactions'));
  assert.equal(like.length, 1); assert.equal(like[0][2].interaction_type, 'like'); assert.equal(like[0][2].post_id, 1);
  assert.match(doc.querySelector('#view').textContent, /two/);
  online = false;
  [...doc.querySelectorAll('button')].find((b) => /Dislike/.test(b.textContent)).click(); await settled();
  assert.match(doc.querySelector('#status').textContent, /1 reaction waits/);
  const kept = JSON.parse(w.localStorage.getItem('outbox 7'));
  assert.equal(kept.length, 1);
  assert.ok(posted.some(([t, d]) => t === 'web_app_setup_closing_behavior' && d.need_confirmation));
  online = true; w.dispatchEvent(new w.Event('online')); await settled();
  const sent = calls.filter((c) => c[1].endsWith('interactions'));
  assert.equal(sent.length, 2); assert.equal(sent[1][2].idempotency_key, kept[0].idempotency_key);
  assert.equal(JSON.parse(w.localStorage.getItem('outbox 7')).length, 0);
  assert.ok(posted.some(([t, d]) => t === 'web_app_setup_main_button' && d.is_visible));
  w.Telegram.WebView.receiveEvent('main_button_pressed'); await settled();
  assert.match(doc.querySelector('#status').textContent, /learned your taste/);
  assert.match(doc.querySelector('#view').textContent, /ten/);
  const tab = (name) => doc.querySelector(`#tabs [data-view="${name}"]`).click();
  tab('feed'); await settled();
  assert.doesNotMatch(doc.querySelector('#view').textContent, /false|undefined|null/);
  assert.match(doc.querySelector('#view').textContent, /eleven/); assert.match(doc.querySelector('#view').textContent, /8 h ago/);
  const why = [...doc.querySelectorAll('button')].find((b) => b.textContent === 'Why this?'); why.click(); await settled();
  assert.match(doc.querySelector('#view').textContent, /place 1, without it 5/);
  const pressed = doc.querySelector('[aria-label="Like"]'); pressed.click(); await settled();
  assert.equal(pressed.getAttribute('aria-pressed'), 'true');
  pressed.click(); await settled();
  assert.equal(calls.filter((c) => c[1].endsWith('interactions')).at(-1)[2].interaction_type, 'undo');
  tab('channels'); await settled();
  assert.match(doc.querySelector('#view').textContent, /fits your taste by 81 %/);
  doc.querySelector('input[name=channel]').value = '@new';
  doc.querySelector('form').dispatchEvent(new w.Event('submit', {cancelable: true})); await settled();
  assert.deepEqual(calls.find((c) => c[0] === 'POST' && c[1].endsWith('/feed/channels'))[2], {channel_username: '@new'});
  tab('profile'); await settled();
  assert.equal(doc.querySelectorAll('svg.chart').length, 2);
  assert.match(doc.querySelector('#view').textContent, /50 %/);
  [...doc.querySelectorAll('button')].find((b) => b.textContent === 'Make an address').click(); await settled();
  assert.equal(doc.querySelector('input[readonly]').value, 'https://app.example/api/feed/rss/abc');
  doc.querySelector('form').dispatchEvent(new w.Event('submit', {cancelable: true})); await settled();
  assert.equal(calls.find((c) => c[0] === 'PUT')[2].digest_hour, 9);
  [...doc.querySelectorAll('button')].find((b) => b.textContent === 'Show').click(); await settled();
  assert.match(doc.querySelector('#view').textContent, /ten/);
  w.Telegram.WebView.receiveEvent('back_button_pressed'); await settled();
  assert.match(doc.querySelector('#view').textContent, /Profile/);
  console.log('ok miniapp page inside of Telegram');
}
// 2. plain browser, Russian: login
{
  const calls = [];
  const fetch = async (url, o) => { calls.push([o.method, url, o.body && JSON.parse(o.body)]);
    if (url === '/api/auth/login') return json({user_id: '9', tokens: {access_token: 'a', refresh_token: 'r', expires_in: '900'}});
    if (url.endsWith('/feed/user')) return json({user: {is_trained: true}, rated_count: 21, needed_for_training: 7});
    if (url.endsWith('/feed/pages')) return json({posts: []});
    return json({detail: 'no'}, 404); };
  const {w, doc} = await load({fetch, lang: 'ru-RU'});
  await settled();
  assert.match(doc.querySelector('#view').textContent, /Войти/);
  doc.querySelector('input[name=email]').value = 'a@b.c'; doc.querySelector('input[name=password]').value = 'p';
  doc.querySelector('form').dispatchEvent(new w.Event('submit', {cancelable: true})); await settled();
  assert.match(doc.querySelector('#view').textContent, /Пока это всё/);
  assert.equal(doc.documentElement.lang, 'ru');
  console.log('ok miniapp page in a plain browser');
}
process.exit(0);
