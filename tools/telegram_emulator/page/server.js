// Talks to the emulator: one call for all there is, one stream for all that happens, and what people do.

async function request(method, path, body) {
  const options = {method, headers: {}};
  if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error?.message ?? `HTTP ${response.status}`);
  return answer;
}

export const server = {
  state: () => request('GET', 'api/state'),
  addUser: (firstName, language) =>
      request('POST', 'api/users', {first_name: firstName, language_code: language}),
  send: (user, text) => request('POST', `api/users/${user}/messages`, {text}),
  edit: (user, message, text) => request('PATCH', `api/users/${user}/messages/${message}`, {text}),
  press: (user, message, button) =>
      request('POST', `api/users/${user}/callbacks`, {message_id: message, button}),
  block: (user, blocked) => request('POST', `api/users/${user}/block`, {blocked}),
};

const KINDS = ['user', 'message', 'callback', 'action', 'commands', 'reset'];
const RETRY_MS = 1000;

// Keeps a store up to date for as long as the page lives. tell: {state(open), loaded(state), changed(kind, value)}.
export function follow(tell) {
  let source = null;

  async function begin() {
    source?.close();
    source = null;
    try {
      const state = await server.state();
      tell.loaded(state);
      listen(state.cursor);
    } catch {
      tell.state(false);
      setTimeout(begin, RETRY_MS);
    }
  }

  function listen(cursor) {
    source = new EventSource(`api/stream?after=${encodeURIComponent(cursor)}`);
    const mine = source;
    source.onopen = () => tell.state(true);
    source.onerror = () => {
      tell.state(false);
      // A browser tries again by itself unless it was refused.
      if (mine.readyState === EventSource.CLOSED && mine === source) setTimeout(begin, RETRY_MS);
    };
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        if (mine !== source) return;
        if (kind === 'reset') return begin();
        tell.changed(kind, JSON.parse(event.data));
      });
    }
  }

  begin();
}
