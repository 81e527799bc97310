// The REST gateway, as the page calls it: who we are, and requests that say what went wrong.

const BASE = document.querySelector('meta[name="api-base"]').content;
const STORED = 'session';
const TIMEOUT_MS = 30_000;
const EARLY_MS = 30_000;  // A token is renewed so long before its end.

export class ApiError extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
  // The other side cannot be reached, or has trouble: the same again may succeed.
  get isTemporary() { return this.status === 0 || this.status === 429 || this.status >= 500; }
}

async function send(method, path, body, token) {
  let response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers: {
        ...(body === undefined ? {} : {'Content-Type': 'application/json'}),
        ...(token ? {Authorization: `Bearer ${token}`} : {}),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new ApiError(0, 'offline');
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(response.status, answer.detail ?? response.statusText);
  return answer;
}

class Session {
  #kept = null;  // {userId, token, refresh, until}

  constructor() {
    try {
      this.#kept = JSON.parse(sessionStorage.getItem(STORED) ?? 'null');
    } catch {
      // A frame without storage, or something else's.
    }
  }

  get userId() { return this.#kept?.userId ?? 0; }
  get isOpen() {
    return this.#kept !== null && (Boolean(this.#kept.refresh) || this.#kept.until > Date.now());
  }

  async openWithTelegram(initData, platform) {
    const answer = await send('POST', '/api/miniapp/sessions', {init_data: initData, platform});
    this.#keep(answer.user_id, answer.access_token, '', answer.expires_in);
  }

  async logIn(email, password, code) {
    const answer = await send('POST', '/api/auth/login', {email, password, code});
    const tokens = answer.tokens;
    this.#keep(Number(answer.user_id), tokens.access_token, tokens.refresh_token, Number(tokens.expires_in));
  }

  close() {
    this.#kept = null;
    try {
      sessionStorage.removeItem(STORED);
    } catch {
      // Nothing was kept, then.
    }
  }

  // Fails with 401 when nothing but opening the page anew helps.
  async token() {
    if (this.#kept === null) throw new ApiError(401, 'no session');
    if (this.#kept.until - EARLY_MS > Date.now()) return this.#kept.token;
    if (!this.#kept.refresh) {
      if (this.#kept.until > Date.now()) return this.#kept.token;
      throw new ApiError(401, 'expired');
    }
    this.renewing ??= send('POST', '/api/auth/token/refresh', {refresh_token: this.#kept.refresh})
      .then(({tokens}) => {
        this.#keep(this.#kept.userId, tokens.access_token, tokens.refresh_token, Number(tokens.expires_in));
      })
      .finally(() => { this.renewing = null; });
    await this.renewing;
    return this.#kept.token;
  }

  #keep(userId, token, refresh, seconds) {
    this.#kept = {userId, token, refresh, until: Date.now() + seconds * 1000};
    try {
      sessionStorage.setItem(STORED, JSON.stringify(this.#kept));
    } catch {
      // It lasts as long as the page.
    }
  }
}

export const session = new Session();

async function call(method, path, body) {
  return send(method, path, body, await session.token());
}

const own = (rest) => `/api/v1/users/${session.userId}/feed${rest}`;

export const api = {
  user: () => call('GET', own('/user')),
  start: () => call('POST', own(':start'), {}),
  training: (names) => call('POST', '/api/v1/posts/training',
    {user_telegram_id: session.userId, channel_usernames: names, posts_per_channel: 7}),
  react: (reaction) => call('POST', '/api/v1/posts/interactions',
    {user_telegram_id: session.userId, ...reaction}),
  train: () => call('POST', '/api/v1/ml/train', {user_telegram_id: session.userId}),
  page: (sessionKey, size) => call('POST', own('/pages'), {session_key: sessionKey, page_size: size}),
  explain: (postId) => call('GET', own(`/posts/${postId}/reasons`)),
  saved: (token) => call('GET', own(`/saved?page_token=${encodeURIComponent(token)}`)),
  channels: () => call('GET', own('/channels?page_size=100')),
  follow: (wish) => call('POST', own('/channels'), wish),
  unfollow: (id) => call('DELETE', own(`/channels/${id}`)),
  propose: () => call('POST', own('/channels:propose'), {}),
  settings: () => call('GET', own('/settings')),
  saveSettings: (settings) => call('PUT', own('/settings'), settings),
  statistics: () => call('GET', own('/statistics')),
  link: () => call('POST', own('/link'), {}),
};

export const apiBase = BASE || location.origin;
