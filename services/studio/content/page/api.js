// The calls of the content, social and realtime services that the page makes, by REST.
import {session} from './session.js';
import {timeZone} from './times.js';

const query = (values) => new URLSearchParams(
  Object.entries({user_id: session.userId, ...values}).filter(([, value]) => value !== undefined && value !== '')).toString();
const get = (path, values) => session.call('GET', `${path}?${query(values)}`);
const send = (method, path, body) => session.call(method, path, {user_id: session.userId, ...body});
const post = (path, body = {}) => send('POST', path, body);
const ofPost = (id, rest = '') => `/api/content/posts/${id}${rest}`;

const MOST_PAGES = 10;  // 2,000 posts: more than anyone looks through on one page.

async function allPosts(values) {
  const posts = [];
  let token = '';
  for (let page = 0; page < MOST_PAGES; ++page) {
    const answer = await get('/api/content/posts', {...values, page_size: 200, page_token: token});
    posts.push(...answer.posts ?? []);
    token = answer.next_page_token ?? '';
    if (!token) break;
  }
  return posts;
}

// A key for one intent: the same again has the same effect once. Unlike randomUUID it is there without https, too.
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const api = {
  // Content.
  posts: (state, token) => get('/api/content/posts', {state, page_size: 50, page_token: token}),
  allPosts,
  post: async (id) => (await get(ofPost(id))).post,
  create: async (fields, key) => (await post('/api/content/posts', {...fields, idempotency_key: key})).post,
  update: async (id, fields, revision) =>
    (await send('PUT', ofPost(id), {...fields, post_id: id, expected_revision: revision})).post,
  remove: (id) => session.call('DELETE', `${ofPost(id)}?${query({})}`),
  revisions: async (id) => (await get(ofPost(id, '/revisions'))).revisions ?? [],
  submit: async (id) => (await post(ofPost(id, '/submit'), {post_id: id})).post,
  // userId: whose post it is.
  review: async (userId, id, revision, approved, note) =>
    (await post(ofPost(id, '/review'), {user_id: userId, post_id: id, expected_revision: revision, approved, note})).post,
  // when: {publish_at: '2026-11-30T18:00:00Z'}, {next_slot: true} or {now: true}.
  schedule: async (id, revision, when) =>
    (await post(ofPost(id, '/schedule'), {post_id: id, expected_revision: revision, ...when})).post,
  unschedule: async (id) => (await post(ofPost(id, '/unschedule'), {post_id: id})).post,
  calendar: (fromDay, days, timeZone) => get('/api/content/calendar', {from_day: fromDay, days, time_zone: timeZone}),
  slots: () => get('/api/content/slots'),
  setSlots: (slots, timeZone) => send('PUT', '/api/content/slots', {slots, time_zone: timeZone}),
  templates: async () => (await get('/api/content/templates')).templates ?? [],
  saveTemplate: (name, text) => send('PUT', '/api/content/templates', {template: {name, text}}),
  hashtagSets: async () => (await get('/api/content/hashtag-sets')).sets ?? [],
  importCsv: (csv, timeZone, key) => post('/api/content/import', {csv, time_zone: timeZone, idempotency_key: key}),
  analytics: (days) => get('/api/content/analytics', {days}),
  // Social.
  accounts: async (userId) => (await get('/api/social/accounts', userId ? {user_id: userId} : {})).accounts ?? [],
  connect: (account) => post('/api/social/connect', account),
  disconnect: (id) => session.call('DELETE', `/api/social/accounts/${id}?${query({})}`),
  limits: async () => (await session.call('GET', '/api/social/platform-limits')).limits ?? [],
  check: async (texts) => (await post('/api/social/check', {texts})).checks ?? [],
  publications: async () => (await get('/api/social/publications', {page_size: 100})).publications ?? [],
  settle: (id, published, url) =>
    post(`/api/social/publications/${id}/settle`, {publication_id: id, published, ...(url ? {url} : {})}),
  edit: (id, text) => send('PUT', `/api/social/publications/${id}`, {publication_id: id, text}),
  removePublication: (id) => session.call('DELETE', `/api/social/publications/${id}?${query({})}`),
  insights: (accountId) => get(`/api/social/accounts/${accountId}/insights`, {time_zone: timeZone}),
  metrics: async () => (await get('/api/social/metrics')).accounts ?? [],
  comments: (unanswered, token) => get('/api/social/comments', {unanswered, page_token: token}),
  answer: (id, text, key) => post(`/api/social/comments/${id}/answer`, {comment_id: id, text, idempotency_key: key}),
  // Files: the bytes of a small one.
  store: async (name, bytes, key) => {
    let binary = '';
    for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return (await post('/api/files/media-upload', {name, content: btoa(binary), purpose: 'studio', idempotency_key: key})).file;
  },
  // The assistant.
  generate: (asked) => post('/api/ai/generate/content', asked),
  rewrite: (asked) => post('/api/ai/rewrite/content', asked),
  optimizeHashtags: (asked) => post('/api/ai/optimize/hashtags', asked),
  suggestions: (accountId) => get('/api/ai/content-suggestions', {account_id: accountId, time_zone: timeZone}),
  // Realtime: events after a position; waits for one up to `seconds`.
  events: (after, seconds, signal) => session.call('GET',
    `/api/realtime/events?${query({after, page_size: 500, wait_seconds: seconds})}`, undefined, signal),
};
