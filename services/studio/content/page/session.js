// Who is here: the tokens of a login, kept as long as the browser's tab, and requests to the REST gateway with them.

const BASE = document.querySelector('meta[name="api-base"]').content;
// Where accounts are made.
export const accountPage = new URL('/me', BASE || location.href).href;
const STORED = 'studio session';
const TIMEOUT_MS = 35_000;
const EARLY_MS = 30_000;  // A token is renewed so long before its end.

export class ApiError extends Error {
  // code: the mesh's, such as VERSION_CONFLICT; empty where it did not answer.
  constructor(status, text, code = '') {
    super(text);
    this.status = status;
    this.code = code;
  }
  get isOffline() { return this.status === 0; }
  // Somebody else changed it meanwhile.
  get isConflict() { return this.code === 'VERSION_CONFLICT'; }
}

// Older browsers cannot join two signals; a connection that hangs then lasts as long as the page.
const either = (signal, timeout) => (signal === undefined ? timeout : AbortSignal.any?.([signal, timeout]) ?? signal);

async function send(method, path, body, token, signal) {
  let response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers: {
        ...(body === undefined ? {} : {'Content-Type': 'application/json'}),
        ...(token ? {Authorization: `Bearer ${token}`} : {}),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: either(signal, AbortSignal.timeout(TIMEOUT_MS)),
    });
  } catch {
    throw new ApiError(0, 'offline');
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new ApiError(response.status, answer.detail ?? answer.title ?? `HTTP ${response.status}`, answer.error?.code);
  }
  return answer;
}

class Session {
  #kept = null;  // {userId, token, refresh, until}
  #renewing = null;
  ended = () => {};  // Set by the page.

  constructor() {
    try {
      this.#kept = JSON.parse(sessionStorage.getItem(STORED) ?? 'null');
    } catch {
      // No storage, or something else's.
    }
  }

  get userId() { return this.#kept?.userId ?? 0; }
  get isOpen() { return this.#kept !== null; }

  async logIn(email, password, code) {
    const answer = await send('POST', '/api/auth/login', {email, password, ...(code ? {code} : {})});
    this.#keep(Number(answer.user_id), answer.tokens);
  }

  // Here at once; there as soon as it can be reached.
  logOut() {
    const refresh = this.#kept?.refresh;
    this.close();
    if (refresh) send('POST', '/api/auth/logout', {refresh_token: refresh}).catch(() => {});
  }

  close() {
    this.#kept = null;
    try {
      sessionStorage.removeItem(STORED);
    } catch {
      // Nothing was kept, then.
    }
  }

  // One request as this person. Fails with 401, and calls ended(), when nothing but a new login helps.
  async call(method, path, body, signal) {
    try {
      return await send(method, path, body, await this.#token(), signal);
    } catch (error) {
      if (error.status === 401 && this.isOpen) {
        this.close();
        this.ended();
      }
      throw error;
    }
  }

  async #token() {
    if (this.#kept === null) throw new ApiError(401, 'no session');
    if (this.#kept.until - EARLY_MS > Date.now()) return this.#kept.token;
    const {userId, refresh} = this.#kept;
    this.#renewing ??= send('POST', '/api/auth/token/refresh', {refresh_token: refresh})
      .then(({tokens}) => {
        if (this.#kept?.refresh === refresh) this.#keep(userId, tokens);  // Unless they logged out meanwhile.
      })
      .finally(() => { this.#renewing = null; });
    await this.#renewing;
    if (this.#kept === null) throw new ApiError(401, 'no session');
    return this.#kept.token;
  }

  #keep(userId, tokens) {
    this.#kept = {
      userId, token: tokens.access_token, refresh: tokens.refresh_token,
      until: Date.now() + Number(tokens.expires_in) * 1000,
    };
    try {
      sessionStorage.setItem(STORED, JSON.stringify(this.#kept));
    } catch {
      // It lasts as long as the page.
    }
  }
}

export const session = new Session();
