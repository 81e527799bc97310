// Talks to the emulator: one call for all there is, one stream for all that happens, and what people do.

// The bot whose chats are shown; null: the first.
let bot = null;

function address(path, parameters = {}) {
  const query = String(new URLSearchParams(bot === null ? parameters : {...parameters, bot}));
  return query ? `${path}?${query}` : path;
}

export const fileUrl = (fileId) => address(`api/files/${encodeURIComponent(fileId)}`);

async function request(method, path, body, parameters = {}) {
  const options = {method, headers: {}};
  if (body instanceof Blob) {
    options.headers['Content-Type'] = 'application/octet-stream';
    options.body = body;
  } else if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  const response = await fetch(address(path, parameters), options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error?.message ?? `HTTP ${response.status}`);
  return answer;
}

export const server = {
  state: () => request('GET', 'api/state'),
  bots: async () => (await request('GET', 'api/bots')).bots,
  choose: (id) => (bot = id),
  addUser: (firstName, language) =>
      request('POST', 'api/users', {first_name: firstName, language_code: language}),
  send: (user, text) => request('POST', `api/users/${user}/messages`, {text}),
  // Pictures alone are photos; files of more than one kind go as documents.
  sendFiles: async (user, files, caption) => {
    const kind = files.every((file) => /^image\/(png|jpeg|gif|webp)$/.test(file.type)) ? 'photo' : 'document';
    const media = [];
    for (const file of files) {
      const brought = await request('POST', 'api/files', file.slice(), {kind, name: file.name});
      media.push({file_id: brought.file_id});
    }
    if (caption) media[0].caption = caption;
    return request('POST', `api/users/${user}/messages`, {media});
  },
  react: (user, message, reactions) =>
      request('POST', `api/users/${user}/reactions`, {message_id: message, reactions}),
  edit: (user, message, text) => request('PATCH', `api/users/${user}/messages/${message}`, {text}),
  press: (user, message, button) =>
      request('POST', `api/users/${user}/callbacks`, {message_id: message, button}),
  // What a mini app is told about who opens it, signed as Telegram does.
  openWebApp: (user) => request('POST', 'api/web-apps', {user_id: user}),
  block: (user, blocked) => request('POST', `api/users/${user}/block`, {blocked}),
};

const KINDS = ['user', 'message', 'callback', 'action', 'commands', 'reset'];
const RETRY_MS = 1000;

// Keeps a store up to date for as long as the page lives; gives a function that begins anew, for another bot.
// tell: {state(open), loaded(state), changed(kind, value)}.
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
    source = new EventSource(address('api/stream', {after: cursor}));
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
  return begin;
}
