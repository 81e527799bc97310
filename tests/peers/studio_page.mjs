// The studio's page in jsdom, with a gateway that answers as the contracts say: login, a post written with live counts,
// saved, planned, moved in the calendar by keys and by drag, approved, published; queue, inbox, accounts, results; two persons
// at one post; no network; Russian. Needs jsdom in $PEERS_MODULES.
import assert from 'node:assert/strict';
import {copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const source = new URL('../../services/studio/content/page/', import.meta.url).pathname;
const {JSDOM} = createRequire(join(process.env.PEERS_MODULES ?? '.', 'x.js'))('jsdom');
const scratch = mkdtempSync(join(tmpdir(), 'studio-'));
process.on('exit', () => rmSync(scratch, {recursive: true}));
let run = 0;
let window;
let fake;  // The gateway of now: (method, path, parameters, body) => answer, or {status, ...}.
const calls = [];

// Until it holds; what never does fails by its name.
async function until(what, holds) {
  for (let i = 0; i < 3000; ++i) {
    if (holds()) return;
    await new Promise((resolve) => { setTimeout(resolve, 1); });
  }
  assert.fail(`never: ${what}\n${window.document.body.textContent.slice(0, 2000)}`);
}

// Each time new modules: they keep what they know.
async function load({hash = '', lang = 'en-US', store = {}}) {
  run += 1;
  const dir = join(scratch, `${run}`);
  mkdirSync(dir);
  for (const name of readdirSync(source)) if (name.endsWith('.js')) copyFileSync(join(source, name), join(dir, name));
  writeFileSync(join(dir, 'package.json'), '{"type": "module"}');
  const html = readFileSync(join(source, 'index.html'), 'utf8').replace('{{api_base}}', '').replace(/<script.*<\/script>/, '');
  window?.close();
  window = new JSDOM(html, {url: `https://app.example/studio/${hash}`, pretendToBeVisual: true}).window;
  for (const [key, value] of Object.entries(store)) window.sessionStorage.setItem(key, JSON.stringify(value));
  Object.defineProperty(window.navigator, 'language', {value: lang});
  for (const key of ['window', 'document', 'location', 'history', 'sessionStorage', 'navigator']) {
    Object.defineProperty(globalThis, key, {value: key === 'window' ? window : window[key], configurable: true, writable: true});
  }
  globalThis.fetch = async (url, options) => {
    const {pathname: path, searchParams} = new URL(url, 'https://app.example');
    const body = options.body ? JSON.parse(options.body) : undefined;
    if (path === '/api/realtime/events') {
      return {ok: true, status: 200, json: async () => await fake.events(Object.fromEntries(searchParams), options.signal)};
    }
    calls.push({method: options.method, path, parameters: Object.fromEntries(searchParams), body, token: options.headers.Authorization});
    const answer = await fake.answer(options.method, path, Object.fromEntries(searchParams), body);
    const status = answer.status ?? 200;
    return {ok: status < 400, status, json: async () => structuredClone(answer)};
  };
  await import(join(dir, 'main.js'));
}
const view = () => window.document.getElementById('view');
const text = () => view().textContent;
const at = (selector) => {
  const found = window.document.querySelector(selector);
  assert.ok(found, `${selector} is there`);
  return found;
};
const named = (name) => {
  const found = [...window.document.querySelectorAll('button')].find((one) => one.textContent === name);
  assert.ok(found, `the button ${name} is there`);
  return found;
};
const type = (selector, value) => {
  const control = at(selector);
  control.value = value;
  control.dispatchEvent(new window.Event('input', {bubbles: true}));
};
const submit = (form) => form.dispatchEvent(new window.Event('submit', {cancelable: true, bubbles: true}));
const key = (target, name) => target.dispatchEvent(new window.KeyboardEvent('keydown', {key: name, bubbles: true, cancelable: true}));
const said = () => at('#status').textContent;
const last = (method, path) => calls.findLast((call) => call.method === method && call.path === path);
const tomorrowAt = (hours, days = 1) => {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hours, 0);
};

// A gateway that keeps posts as content does.
class Gateway {
  posts = new Map();
  accounts = [
    {account_id: 1, platform: 'mastodon', name: '@me@m.example', server: 'https://m.example', state: 'connected', connected_at: '2026-01-01T00:00:00Z'},
    {account_id: 2, platform: 'bluesky', name: 'me.example', server: 'https://b.example', state: 'refused', reason: 'The token is revoked: connect it again.'},
  ];
  publications = [{publication_id: 7, account_id: 1, platform: 'mastodon', text: 'lost', state: 'unknown', reason: ''}];
  comments = [
    {comment_id: 9, account_id: 1, platform: 'mastodon', kind: 'mention', author: '@bob@b.example', text: 'see this', url: 'https://b.example/9'},
    {comment_id: 8, account_id: 1, platform: 'mastodon', kind: 'comment', author: '@ann@b.example', text: 'well <i>said</i>', url: 'javascript:alert(1)'},
  ];
  slots = [{weekday: 1, minute: 540}];
  #waiting = null;
  online = true;
  owner = 42;
  checks = 0;

  // The first answer is from before the page was opened; afterwards as they come.
  events({after}, signal) {
    if (after === '0') return {events: [{position: '5', type: 'content.post.scheduled', data: {post_id: '9'}}], position: '5'};
    if (!this.asked) { this.asked = true; return {events: [], position: '5'}; }
    return new Promise((resolve, reject) => {
      this.#waiting = resolve;
      signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  }
  async happen(type, data) {
    await until('the page waits for events', () => this.#waiting !== null);
    const resolve = this.#waiting;
    this.#waiting = null;
    resolve({events: [{position: '6', type, data}], position: '6'});
  }

  answer(method, path, parameters, body) {
    if (!this.online) throw new TypeError('offline');
    if (path === '/api/auth/login') return {user_id: '42', tokens: {access_token: 'tok', refresh_token: 'r', expires_in: '900'}};
    if (path === '/api/auth/logout') return {};
    if (path === '/api/auth/token/refresh') return {status: 401, detail: 'over', error: {code: 'UNAUTHENTICATED'}};
    if (path !== '/api/social/platform-limits') {
      assert.equal(Number(parameters.user_id ?? body.user_id), this.owner, 'whose it is, is said');
    }
    if (path === '/api/social/accounts') return {accounts: this.accounts};
    if (path === '/api/social/platform-limits') {
      return {limits: [
        {platform: 'mastodon', max_text: 500, unit: 'code_points', link_length: 23, publishes: true, source: 'https://docs.example', checked_on: '2026-11-30'},
        {platform: 'bluesky', max_text: 300, unit: 'graphemes', max_bytes: 3000, publishes: true, source: 'javascript:alert(1)', checked_on: '2026-11-30'}]};
    }
    if (path === '/api/social/check') {
      this.checks += 1;
      return {checks: body.texts.map(({account_id: id, text: words}) => ({account_id: id, length: words.length, max_length: id === 2 ? 30 : 500,
        issues: id === 2 && words.length > 30 ? ['It is too long for Bluesky: 30 at most.'] : []}))};
    }
    if (path === '/api/social/publications') return {publications: this.publications};
    if (path.endsWith('/settle')) { this.publications = []; return {publication: {}}; }
    if (path === '/api/social/connect') {
      if (body.secret === 'bad') return {status: 400, detail: 'Telegram refuses the token', error: {code: 'FAILED_PRECONDITION'}};
      this.accounts.push({account_id: 3, platform: body.platform, name: 'My channel', state: 'connected'});
      return {account: this.accounts.at(-1)};
    }
    if (path === '/api/social/comments') {
      const open = this.comments.filter((comment) => parameters.unanswered !== 'true' || !comment.answer);
      return {comments: open.slice(0, 2), next_page_token: open.length > 2 && !parameters.page_token ? 'next' : ''};
    }
    if (/^\/api\/social\/comments\/\d+\/answer$/.test(path)) {
      const comment = this.comments.find((one) => one.comment_id === body.comment_id);
      comment.answer = {state: 'pending', text: body.text};
      return {publication: comment.answer};
    }
    if (path === '/api/social/metrics') return {accounts: [{account_id: 1, platform: 'mastodon', publications: 1, metrics: {likes: 5, reposts: 2, replies: 1}}]};
    if (path === '/api/content/analytics') {
      return {states: [{state: 'published', posts: 3}], platforms: [{platform: 'mastodon', published: 3, refused: 1, metrics: {likes: 5, reposts: 2}}],
        best: [{post_id: 1, text: 'The best', results: [{platform: 'mastodon', url: 'https://m.example/1', metrics: {likes: 5}}]}]};
    }
    if (path === '/api/content/templates') return {templates: [{name: 'Weekly', text: 'Every week {{word}}'}]};
    if (path === '/api/content/hashtag-sets') return {sets: [{name: 'Sport', hashtags: ['run', 'swim']}]};
    if (path === '/api/content/slots') {
      if (method === 'PUT') this.slots = body.slots;
      return {slots: this.slots, time_zone: 'Europe/Berlin', next: []};
    }
    if (path === '/api/content/calendar') {
      assert.match(parameters.from_day, /^\d{4}-\d\d-\d\d$/);
      const days = {};
      for (const post of this.posts.values()) if (post.publish_at) {
        const date = new Date(post.publish_at);
        const day = `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
        (days[day] ??= []).push(post);
      }
      return {days: Object.keys(days).sort().map((day) => ({day, posts: days[day]})), ics: 'BEGIN:VCALENDAR'};
    }
    if (path === '/api/content/posts' && method === 'GET') {
      return {posts: [...this.posts.values()].filter((post) => !parameters.state || post.state === parameters.state), next_page_token: ''};
    }
    if (path === '/api/content/posts') {
      const {idempotency_key: _, ...fields} = body;
      const post = {...fields, post_id: this.posts.size + 1, state: 'draft', revision: 1, results: [], updated_at: new Date().toISOString()};
      this.posts.set(post.post_id, post);
      return {post};
    }
    if (path === '/api/files/media-upload') {
      assert.equal(atob(body.content), 'bytes of a picture');
      return {file: {file_id: 'f1', media_type: body.name.endsWith('.png') ? 'image/png' : 'text/plain'}};
    }
    if (path === '/api/ai/generate/content') {
      return {model_used: 'rules', drafts: body.platforms.map((platform) => ({platform, text: `For ${platform}: ${body.brief}`}))};
    }
    if (path === '/api/ai/rewrite/content') return {model_used: 'gpt-4o', cost_usd: 0.0123, draft: {text: `Shorter (${body.platform})`}};
    if (path === '/api/ai/optimize/hashtags') return {known: true, hashtags: [{hashtag: 'garden'}, {hashtag: 'may'}]};
    if (path === '/api/social/accounts/1/insights') return {known: true, next_best_at: tomorrowAt(21).toISOString()};
    if (path === '/api/ai/content-suggestions') return {suggestions: [{publish_at: tomorrowAt(9).toISOString(), idea: 'Go on', reason: 'it did well'}]};
    if (/^\/api\/social\/publications\/\d+$/.test(path)) {
      if (method === 'DELETE') this.posts.get(1).results[0] = {account_id: 1, platform: 'mastodon', published: false, reason: 'it was removed'};
      return {publication: {}};
    }
    const [, id, , action = ''] = /^\/api\/content\/posts\/(\d+)(\/(\w+))?$/.exec(path) ?? [];
    const post = this.posts.get(Number(id));
    if (!post) return {status: 404, detail: 'no such post', error: {code: 'NOT_FOUND'}};
    if (body?.expected_revision && body.expected_revision !== post.revision) {
      return {status: 409, detail: 'the post was changed meanwhile', error: {code: 'VERSION_CONFLICT'}};
    }
    if (method === 'PUT') {
      const {post_id: a, expected_revision: b, user_id: c, ...fields} = body;
      Object.assign(post, fields, {revision: post.revision + 1, state: 'draft'});
    }
    if (method === 'DELETE') this.posts.delete(post.post_id);
    if (action === 'schedule') Object.assign(post, {state: 'scheduled', publish_at: body.publish_at ?? tomorrowAt(9).toISOString()});
    if (action === 'unschedule') Object.assign(post, {state: 'draft', publish_at: undefined});
    if (action === 'submit') post.state = 'in_review';
    if (action === 'review') {
      if (this.isReader) return {status: 403, detail: 'needs studio.reviews.write', error: {code: 'PERMISSION_DENIED'}};
      Object.assign(post, {state: body.approved ? 'approved' : 'draft', review_note: body.note});
    }
    return {post};
  }
}

// 1. The whole way of a post.
{
  const gateway = new Gateway();
  fake = gateway;
  await load({});
  await until('login is asked for', () => window.document.activeElement?.name === 'email');
  type('[name=email]', 'a@b.c');
  type('[name=password]', 'secret');
  submit(at('form'));
  await until('the composer is there', () => text().includes('New post'));
  assert.deepEqual(last('POST', '/api/auth/login').body, {email: 'a@b.c', password: 'secret'});
  assert.equal(JSON.parse(window.sessionStorage.getItem('studio session')).token, 'tok');
  assert.equal(window.localStorage.length, 0);
  assert.equal(window.document.activeElement.tagName, 'H1', 'the focus is where the view begins');
  assert.equal(at('#tabs [data-view=compose]').getAttribute('aria-current'), 'page');
  for (const control of view().querySelectorAll('input, textarea, select, progress')) {
    assert.ok(control.closest('label') || control.getAttribute('aria-label'), `${control.outerHTML} has a label`);
  }
  await until('the first counts', () => gateway.checks === 1);

  const words = 'Hello #world, see https://a.example <b>now</b>';
  for (const part of ['H', 'Hello', words]) type('[data-key=text]', part);
  at('[name="account 1"]').click();
  at('[name="account 2"]').click();
  assert.match(text(), /connect it again/, 'the health of an account shows where it is chosen');
  const before = gateway.checks;
  await until('the counts', () => /46 of 500 characters/.test(text()));
  assert.equal(gateway.checks, before + 1, 'one question for many keys');
  assert.deepEqual(last('POST', '/api/social/check').body.texts.map((one) => one.account_id), [1, 2]);
  assert.equal(at('[data-account="1"] .text').textContent, words, 'a text is a text');
  assert.deepEqual([...at('[data-account="1"] .text').querySelectorAll('.marked')].map((one) => one.textContent), ['#world', 'https://a.example']);
  assert.match(at('[data-account="2"] .issues').textContent, /too long for Bluesky/);
  assert.match(at('.verdict').textContent, /does not fit: me\.example/);
  assert.equal(at('.verdict').getAttribute('aria-live'), 'polite');
  assert.equal(at('[data-account="2"] details').querySelector('a'), null, 'an address that is none is no link');

  at('[name="own bluesky"]').click();
  type('[name="text bluesky"]', 'Short');
  await until('it fits', () => /fits everywhere/.test(at('.verdict').textContent));
  assert.equal(at('[data-account="2"] .text').textContent, 'Short');
  assert.equal(at('[data-account="1"] .text').textContent, words);
  type('[data-key=title]', 'Launch');
  type('[data-key=tags]', 'news, , news,sport');

  // Planned for a time: saved first.
  const when = tomorrowAt(18);
  const local = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}T18:00`;
  at('[name=publish_at]').value = '2020-01-01T10:00';
  named('Plan').click();
  await until('the past is refused', () => /has passed/.test(at('#alarm').textContent));
  assert.equal(last('POST', '/api/content/posts/1/schedule'), undefined);
  at('[name=publish_at]').value = local(when);
  named('Plan').click();
  await until('it is planned', () => gateway.posts.get(1)?.state === 'scheduled' && /Planned: /.test(said()));
  const made = last('POST', '/api/content/posts');
  assert.match(made.body.idempotency_key, /^[0-9a-f]{32}$/);
  assert.equal(made.token, 'Bearer tok');
  assert.deepEqual([made.body.title, made.body.text, made.body.account_ids, made.body.tags, made.body.versions],
    ['Launch', words, [1, 2], ['news', 'sport'], [{platform: 'bluesky', text: 'Short'}]]);
  assert.deepEqual(last('POST', '/api/content/posts/1/schedule').body,
    {user_id: 42, post_id: 1, expected_revision: 1, publish_at: when.toISOString()});
  assert.equal(window.location.hash, '#compose/1');
  assert.equal(window.sessionStorage.getItem('studio draft'), null);

  // The calendar: by keys.
  window.location.hash = '#calendar';
  await until('the calendar', () => window.document.querySelector('[data-key="post 1"]') !== null);
  const item = () => at('[data-key="post 1"]');
  assert.equal(view().querySelectorAll('td').length, 42);
  item().focus();
  key(item(), 'ArrowRight');
  assert.doesNotMatch(said(), /18/, 'arrows alone move nothing');
  key(item(), 'm');
  key(item(), 'ArrowDown');
  key(item(), 'PageDown');
  assert.match(said(), /(19:00|07:00.PM)/);
  key(item(), 'Escape');
  assert.match(said(), /stays/);
  assert.equal(gateway.posts.get(1).publish_at, when.toISOString());
  key(item(), 'm');
  key(item(), 'ArrowRight');
  key(item(), 'Enter');
  await until('it is moved', () => gateway.posts.get(1).publish_at === tomorrowAt(18, 2).toISOString());
  await until('the focus is with it', () => window.document.activeElement?.dataset.key === 'post 1' && /Launch: /.test(said()));
  key(item(), 'm');
  for (let i = 0; i < 9; ++i) key(item(), 'ArrowLeft');
  const schedules = calls.filter((call) => call.path.endsWith('/schedule')).length;
  key(item(), 'Enter');
  assert.match(at('#alarm').textContent, /has passed/, 'what would publish at once is refused');
  assert.equal(calls.filter((call) => call.path.endsWith('/schedule')).length, schedules);
  key(item(), 'Escape');

  // By drag.
  const dragged = {};
  const drag = (target, name) => {
    const event = new window.Event(name, {bubbles: true, cancelable: true});
    event.dataTransfer = {setData: (kind, data) => { dragged[kind] = data; }, getData: (kind) => dragged[kind], get types() { return Object.keys(dragged); }};
    target.dispatchEvent(event);
    return event;
  };
  const goal = tomorrowAt(18, 4);
  if (!view().querySelector(`[data-day="${local(goal).slice(0, 10)}"]`)) {
    named('›').click();
    await until('the next month', () => view().querySelector(`[data-day="${local(goal).slice(0, 10)}"]`) !== null);
  }
  const cell = at(`[data-day="${local(goal).slice(0, 10)}"]`);
  assert.equal(item().draggable, true);
  drag(item(), 'dragstart');
  assert.equal(drag(cell, 'dragover').defaultPrevented, true);
  drag(cell, 'drop');
  await until('it is dropped', () => gateway.posts.get(1).publish_at === goal.toISOString());
  window.location.hash = '#calendar/week/2026-03-30';
  await until('the week', () => view().querySelectorAll('td').length === 7);
  assert.equal(last('GET', '/api/content/calendar').parameters.from_day, '2026-03-30');
  assert.equal(last('GET', '/api/content/calendar').parameters.days, '7');

  // Queue and slots.
  window.location.hash = '#queue';
  await until('the queue', () => text().includes('Launch') && text().includes('Monday 09:00'));
  at('[name=weekday]').value = '5';
  at('[name=time]').value = '00:00';
  submit(at('[name=weekday]').form);
  await until('the slot', () => text().includes('Friday 00:00'));
  assert.deepEqual(last('PUT', '/api/content/slots').body,
    {user_id: 42, slots: [{weekday: 1, minute: 540}, {weekday: 5, minute: 0}], time_zone: 'Europe/Berlin'});
  window.document.querySelector('[aria-label="Take out of the plan: Launch"]').click();
  await until('it is out of the plan', () => gateway.posts.get(1).state === 'draft');

  // What happens elsewhere shows, and does not take away what is being written.
  window.location.hash = '#compose/1';
  await until('the post', () => window.document.querySelector('[data-key=text]')?.value === words);
  named('Publish now').click();
  await until('published', () => last('POST', '/api/content/posts/1/schedule').body.now === true);
  Object.assign(gateway.posts.get(1), {state: 'partly_published', results: [
    {account_id: 1, platform: 'mastodon', published: true, url: 'https://m.example/1'},
    {account_id: 2, platform: 'bluesky', published: false, reason: 'The token is revoked: connect it again.'}]});
  type('[data-key=title]', 'Launch, changed');
  await gateway.happen('social.post.published', {post_id: '1'});
  await until('the results', () => view().querySelector('.state a')?.href === 'https://m.example/1');
  assert.match(at('.state').textContent, /token is revoked/);
  assert.equal(said(), 'A post was published.');
  assert.equal(at('[data-key=title]').value, 'Launch, changed');

  // Somebody else was faster.
  Object.assign(gateway.posts.get(1), {revision: 7, title: 'Theirs'});
  submit(at('form'));
  await until('the choice', () => /changed elsewhere/.test(text()));
  named('Keep mine').click();
  await until('mine is kept', () => gateway.posts.get(1).title === 'Launch, changed');
  assert.equal(last('PUT', '/api/content/posts/1').body.expected_revision, 7);

  Object.assign(gateway.posts.get(1), {revision: 9, title: 'Launch, changed'});
  type('[data-key=title]', 'Another title');
  submit(at('form'));
  await until('the choice again', () => /changed elsewhere/.test(text()));
  named('Show that one').click();
  await until('theirs', () => at('[data-key=title]').value === 'Launch, changed');

  // Saved twice at once, and typed into between: one draft, with all of it.
  window.location.hash = '#compose';
  await until('a new post', () => text().includes('New post'));
  type('[data-key=text]', 'First');
  submit(at('form'));
  type('[data-key=text]', 'First and second');
  submit(at('form'));
  await until('both are saved', () => gateway.posts.get(2)?.text === 'First and second');
  assert.equal(gateway.posts.size, 2);
  gateway.posts.delete(2);
  window.location.hash = '#compose/1';
  await until('the first post', () => window.document.querySelector('[data-key=title]')?.value === 'Launch, changed');

  // Approval.
  named('Ask for approval').click();
  await until('it waits', () => gateway.posts.get(1).state === 'in_review');
  window.location.hash = '#approvals';
  await until('approvals', () => text().includes('Send back') && text().includes('Short'));
  gateway.isReader = true;
  named('Approve').click();
  await until('another role', () => /another role/.test(at('#alarm').textContent));
  gateway.isReader = false;
  type('[name="note 1"]', 'Well done');
  named('Approve').click();
  await until('approved', () => /Nothing waits/.test(text()) && !at('#view p').hidden);
  assert.equal(gateway.posts.get(1).review_note, 'Well done');
  gateway.owner = 77;
  gateway.posts.get(1).state = 'in_review';
  at('[name=author]').value = '77';
  submit(at('[name=author]').form);
  await until('a colleague’s posts', () => window.document.querySelector('[name=author]').value === '77' && text().includes('Short'));
  assert.equal(at('article h2').querySelector('a'), null);
  named('Send back').click();
  await until('sent back', () => gateway.posts.get(1).state === 'draft');
  assert.equal(last('POST', '/api/content/posts/1/review').body.user_id, 77);
  gateway.owner = 42;
  gateway.posts.get(1).state = 'approved';
  gateway.posts.get(1).review_note = 'Well done';

  // Accounts.
  window.location.hash = '#accounts';
  await until('accounts', () => /token is revoked/.test(text()) && /not known whether/.test(text()));
  named('It is not there, send it again').click();
  await until('settled', () => !/not known whether/.test(text()));
  assert.equal(last('POST', '/api/social/publications/7/settle').body.published, false);
  type('[name=target]', '@mine');
  type('[name=secret]', 'bad');
  submit(at('[name=target]').form);
  await until('why', () => /Telegram refuses/.test(at('#alarm').textContent));
  assert.equal(at('[name=target]').value, '@mine');
  type('[name=secret]', 'good');
  submit(at('[name=target]').form);
  await until('connected', () => /My channel/.test(text()));
  assert.deepEqual(last('POST', '/api/social/connect').body, {user_id: 42, platform: 'telegram', target: '@mine', secret: 'good'});
  window.document.querySelector('.danger').click();
  assert.equal(calls.some((call) => call.method === 'DELETE'), false, 'the first press asks');

  // The inbox: what others wrote, and an answer.
  window.location.hash = '#inbox';
  await until('the inbox', () => /well <i>said<\/i>/.test(text()) && /@bob/.test(text()));
  assert.equal(view().querySelectorAll('article a[href^="javascript:"]').length, 0);
  type('[name="answer 8"]', 'Thank you');
  submit(at('[name="answer 8"]').form);
  await until('it is gone from what waits', () => !/well <i>said/.test(text()));
  const {idempotency_key: intent, ...answered} = last('POST', '/api/social/comments/8/answer').body;
  assert.deepEqual(answered, {user_id: 42, comment_id: 8, text: 'Thank you'});
  assert.match(intent, /^[0-9a-f]{32}$/);
  at('[data-key=unanswered]').click();
  await until('the answered one, too', () => /Answer on its way: Thank you/.test(text()));
  gateway.comments.unshift({comment_id: 10, account_id: 2, platform: 'bluesky', kind: 'mention', author: '@eve', text: 'look here'});
  await gateway.happen('social.comment.received', {comment_id: '10'});
  await until('a new one, without reloading', () => /look here/.test(text()));
  [...view().querySelectorAll('button')].find((one) => one.textContent === 'Show more').click();
  await until('the next page', () => view().querySelectorAll('article').length === 4);

  // Results.
  window.location.hash = '#results';
  await until('charts', () => view().querySelectorAll('svg.chart').length === 4);
  for (const chart of view().querySelectorAll('svg.chart')) assert.ok(chart.getAttribute('aria-label') && chart.getAttribute('role') === 'img');
  assert.match(at('table.numbers').textContent, /Mastodon520/, 'the numbers as a table');
  const [likes, reposts] = view().querySelectorAll('svg.chart rect');
  assert.ok(Math.abs(likes.getAttribute('width') / reposts.getAttribute('width') - 2.5) < 0.01, 'bars are as long as their numbers');
  window.location.hash = '#drafts/approved';
  await until('the list', () => /Launch, changed/.test(text()) && /Well done/.test(text()));

  // What happens elsewhere shows in a list, too, and whoever is in it stays where they are.
  at('[data-key="post 1"]').focus();
  gateway.posts.set(2, {...gateway.posts.get(1), post_id: 2, title: 'From elsewhere'});
  await gateway.happen('content.post.reviewed', {post_id: '2'});
  await until('the new one', () => /From elsewhere/.test(text()));
  assert.equal(window.document.activeElement.dataset.key, 'post 1');
  gateway.online = false;
  const asked = calls.length;
  await gateway.happen('content.post.reviewed', {post_id: '2'});
  await until('it has asked in vain', () => calls.length > asked && !view().hasAttribute('aria-busy'));
  assert.match(text(), /From elsewhere/, 'without a network it stays as it is');
  gateway.online = true;

  // Somebody else may be next at this browser.
  window.sessionStorage.setItem('studio draft', '{"id":0,"revision":0,"fields":{"text":"secret"}}');
  named('Log out').click();
  await until('the login', () => window.document.activeElement?.name === 'email');
  assert.equal(window.sessionStorage.length, 0);
  assert.equal(at('#tabs').hidden, true);
  await until('the session is ended there, too', () => last('POST', '/api/auth/logout')?.body.refresh_token === 'r');
  console.log('ok studio page: a post from its first word to its numbers');
}

// Help with writing, a thread, a comment and a picture; what is published is changed and removed.
{
  const gateway = new Gateway();
  fake = gateway;
  await load({store: {'studio session': {userId: 42, token: 'tok', refresh: 'r', until: Date.now() + 3600_000}}});
  await until('the composer', () => text().includes('New post'));
  at('[name="account 1"]').click();
  at('[name="account 2"]').click();
  type('[name=brief]', 'the garden');
  named('Write a draft').click();
  await until('a draft', () => at('[data-key=text]').value === 'For mastodon: the garden');
  assert.deepEqual(last('POST', '/api/ai/generate/content').body.platforms, ['mastodon', 'bluesky']);
  assert.equal(at('[name="text bluesky"]').value, 'For bluesky: the garden', 'another text where it differs');
  assert.match(at('.assistant [role=status]').textContent, /rules, without a model/);
  named('Shorten').click();
  await until('a shorter one', () => at('[data-key=text]').value === 'Shorter (mastodon)');
  assert.match(at('.assistant [role=status]').textContent, /gpt-4o · \$0\.0123/);
  named('Hashtags').click();
  await until('hashtags', () => at('[data-key=text]').value.endsWith('#garden #may'));
  named('Best time').click();
  await until('the best time', () => at('[name=publish_at]').value.endsWith('T21:00'));

  named('Add a part of the thread').click();
  assert.equal(window.document.activeElement.name, 'part 0', 'the focus is where one writes on');
  type('[name="part 0"]', 'The second part');
  named('Add a part of the thread').click();
  type('[name=first_comment]', 'And a comment');
  const picture = {name: 'cat.png', size: 18, arrayBuffer: async () => new TextEncoder().encode('bytes of a picture').buffer};
  const choose = (files) => {
    Object.defineProperty(at('[name=picture]'), 'files', {value: files, configurable: true});
    at('[name=picture]').dispatchEvent(new window.Event('change'));
  };
  choose([picture, {...picture, name: 'large.png', size: 4e6}]);
  await until('the picture', () => window.document.querySelector('[name="alt 0"]') !== null);
  assert.match(at('#alarm').textContent, /large\.png is larger/);
  type('[name="alt 0"]', 'A cat');
  await until('it is checked whole', () => last('POST', '/api/social/check').body.texts[0].images === 1);
  const checked = last('POST', '/api/social/check').body.texts[0];
  assert.deepEqual([checked.thread, checked.first_comment], [['The second part', ''], 'And a comment']);
  submit(at('form'));
  await until('it is saved', () => gateway.posts.size === 1);
  const made = last('POST', '/api/content/posts').body;
  assert.deepEqual([made.thread, made.first_comment, made.media], [['The second part'], 'And a comment', [{file_id: 'f1', alt: 'A cat'}]]);

  Object.assign(gateway.posts.get(1), {state: 'partly_published', results: [
    {account_id: 1, platform: 'mastodon', publication_id: 7, published: true, url: 'https://m.example/7', reason: 'part 2 is missing: refused'}]});
  window.location.hash = '#drafts/all';
  await until('the list', () => window.document.querySelector('[data-key="post 1"]') !== null);
  window.location.hash = '#compose/1';
  await until('what became of it', () => /part 2 is missing/.test(text()) && window.document.querySelector('[name="words 7"]') !== null);
  assert.equal(at('[name="part 0"]').value, 'The second part', 'a thread is there again');
  type('[name="words 7"]', 'Other words');
  named('Change the words there').click();
  await until('it is changed', () => last('PUT', '/api/social/publications/7')?.body.text === 'Other words');
  const away = named('Remove there');
  away.click();
  away.click();
  await until('it is gone', () => last('DELETE', '/api/social/publications/7') !== undefined && /it was removed/.test(text()));

  window.location.hash = '#queue';
  await until('suggestions', () => window.document.querySelector('[name="suggest for"]') !== null);
  at('[name="suggest for"]').value = '1';
  at('[name="suggest for"]').dispatchEvent(new window.Event('change'));
  await until('an idea', () => /Go on/.test(text()));
  console.log('ok studio page: help, a thread with a picture, and changes to what is published');
}

// 2. Russian, without a network, through a reload; then a session that has ended.
{
  const gateway = new Gateway();
  fake = gateway;
  const open = {userId: 42, token: 'tok', refresh: 'r', until: Date.now() + 900_000};
  await load({lang: 'ru-RU', hash: '#compose?text=%D0%9F%D1%80%D0%B8%D0%B2%D0%B5%D1%82&url=https%3A%2F%2Ft.me%2Fc%2F1', store: {'studio session': open}});
  await until('the shared text', () => window.document.querySelector('[data-key=text]')?.value === 'Привет\nhttps://t.me/c/1');
  assert.equal(window.document.documentElement.lang, 'ru');
  assert.match(text(), /Новый пост/);
  gateway.online = false;
  type('[data-key=text]', 'Привет всем');
  submit(at('form'));
  await until('no network', () => /Нет связи/.test(at('#alarm').textContent));
  await until('not checked', () => /длина не проверена/.test(at('.verdict').textContent));
  const draft = JSON.parse(window.sessionStorage.getItem('studio draft'));
  gateway.online = true;
  await load({lang: 'ru-RU', store: {'studio session': open, 'studio draft': draft}});
  await until('what was written is back', () => window.document.querySelector('[data-key=text]')?.value === 'Привет всем');
  await load({lang: 'ru-RU', store: {'studio session': {...open, until: Date.now() - 1}, 'studio draft': draft}});
  await until('the login', () => /Войти/.test(text()) && window.document.activeElement?.name === 'email');
  assert.equal(window.sessionStorage.getItem('studio session'), null);
  assert.match(at('#alarm').textContent, /Сеанс закончился/);
  type('[name=email]', 'a@b.c');
  type('[name=password]', 'secret');
  submit(at('form'));
  await until('what was written is back after the login', () => window.document.querySelector('[data-key=text]')?.value === 'Привет всем');
  const [{en}, {ru}] = await Promise.all(['en', 'ru'].map((name) => import(join(scratch, '1', `${name}.js`))));
  const shape = (value) => (typeof value === 'object' ? Object.fromEntries(Object.keys(value).sort().map((one) => [one, shape(value[one])]))
    : typeof value === 'function' ? `of ${value.length}` : typeof value);
  assert.deepEqual(shape(ru), shape(en), 'both languages say the same things');
  console.log('ok studio page in Russian, without a network, and after the session');
}
process.exit(0);
