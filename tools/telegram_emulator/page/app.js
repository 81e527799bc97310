// The page: people on the left, the chosen one's chat with the bot on the right.
import {Composer} from './composer.js';
import {summary} from './media.js';
import {dayOf, make, renderAlbum, renderDay, renderMessage, timeOf} from './messages.js';
import {follow, server} from './server.js';
import {Store} from './store.js';
import {stringsFor, translate} from './strings.js';
import {openWebApp} from './web_app.js';

const PAGE_OF_MESSAGES = 200;
const NEAR_END_PX = 80;
const TOAST_MS = 4000;
const HUES = [222, 8, 150, 268, 28, 190, 322];  // Dark enough for white letters.
const PRESS_MS = 10_000;  // A button looks busy no longer, answered or not.

const $ = (id) => document.getElementById(id);
const store = new Store();
const view = {
  user: null,
  shown: PAGE_OF_MESSAGES,
  atEnd: true,
  below: 0,  // New messages out of sight.
  strings: stringsFor(navigator.language),
  connection: 'connecting',
};

// Runs what a person does; false and a word about it when it failed.
async function attempt(promise) {
  try {
    await promise;
    return true;
  } catch (error) {
    // fetch has no better words than these for a server that is away.
    toast(error instanceof TypeError ? view.strings.closed : error.message);
    return false;
  }
}

const actions = {
  send: (text) => attempt(server.send(view.user, text)),
  sendFiles: (files, caption) => attempt(server.sendFiles(view.user, files, caption)),
  react: (message, emojis) => attempt(server.react(view.user, message.message_id, emojis)),
  own: () => view.user,
  edit: (message) => composer.edit(message),
  press: (message, button) => attempt(server.press(view.user, message.message_id, button.callback_data)),
  openWebApp: (url) => attempt(server.openWebApp(view.user).then((opened) => openWebApp(url, opened.init_data))),
  isWaiting: (message, button) => store.isWaiting(message, button),
  find: (id) => store.chat(view.user).get(id),
};

const composer = new Composer({
  send: actions.send,
  sendFiles: actions.sendFiles,
  edit: (message, text) => attempt(server.edit(view.user, message.message_id, text)),
  start: () => actions.send('/start'),
  unblock: () => attempt(server.block(view.user, false)),
  lastOwn: () => store.messages(view.user).findLast((message) => !message.from_bot),
});

function toast(text) {
  $('toast').textContent = text;
  $('toast').hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => ($('toast').hidden = true), TOAST_MS);
}

function avatar(user) {
  const element = make('span', 'avatar', [...user.first_name][0]?.toUpperCase() ?? '?');
  element.style.setProperty('--hue', String(HUES[user.id % HUES.length]));
  element.setAttribute('aria-hidden', 'true');
  return element;
}

// ---- People ----

function lastTime(user) {
  return store.last(user.id)?.date ?? 0;
}

function renderPeople() {
  const users = [...store.users.values()].sort((a, b) => lastTime(b) - lastTime(a) || a.id - b.id);
  const focused = document.activeElement?.dataset?.userId;
  $('people-list').replaceChildren(...users.map((user) => {
    const item = make('li');
    const button = item.appendChild(make('button', 'person'));
    button.type = 'button';
    button.dataset.testid = `person-${user.id}`;
    button.dataset.userId = user.id;
    button.setAttribute('aria-current', String(user.id === view.user));
    const name = make('span', 'name', user.first_name);
    name.append(make('small', '', user.language_code ?? ''));
    const last = store.last(user.id);
    const typing = store.isTyping(user.id);
    button.append(avatar(user), name, last ? make('time', '', timeOf(last, view.strings.locale)) : make('span'));
    button.append(make('span', 'last', typing ? view.strings.typing : last ? summary(last, view.strings) : view.strings.silent));
    const unread = store.unread(user.id);
    if (unread > 0) {
      const badge = button.appendChild(make('span', 'badge', String(unread)));
      badge.dataset.testid = 'unread-badge';
      badge.setAttribute('aria-label', `${unread} ${view.strings.unread}`);
    }
    button.addEventListener('click', () => choose(user.id));
    return item;
  }));
  if (focused) $('people-list').querySelector(`[data-user-id="${focused}"]`)?.focus();
  const unread = store.allUnread();
  document.title = `${unread > 0 ? `(${unread}) ` : ''}${store.bot.first_name}`;
}

function choose(user) {
  view.user = user;
  view.shown = PAGE_OF_MESSAGES;
  $('app').dataset.view = 'chat';
  history.replaceState(null, '', `#${user}`);
  renderAll();
  scrollToEnd();
  composer.focus();
}

// ---- Chat ----

function isNearEnd() {
  const list = $('messages');
  return list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PX;
}

function scrollToEnd() {
  const list = $('messages');
  list.scrollTop = list.scrollHeight;
  view.atEnd = true;
  view.below = 0;
  markRead();
  renderToEnd();
}

function markRead() {
  if (view.user === null || document.hidden || store.unread(view.user) === 0) return;
  store.read(view.user);
  renderPeople();
}

function renderToEnd() {
  $('to-end').hidden = isNearEnd();
  $('to-end-count').hidden = view.below === 0;
  $('to-end-count').textContent = String(view.below);
}

// Messages of one album together, every other one alone.
function albums(messages) {
  const groups = [];
  for (const message of messages) {
    const last = groups.at(-1);
    if (message.album && last?.[0].album === message.album) last.push(message);
    else groups.push([message]);
  }
  return groups;
}

function renderMessages() {
  const all = store.messages(view.user);
  const shown = all.slice(-view.shown);
  $('earlier').hidden = shown.length === all.length;
  // What did not change stays in the page, so that it neither flickers nor is read out again.
  const list = $('message-items');
  const old = new Map([...list.children].map((item) => [item.key, item]));
  const items = [];
  const add = (key, render) => {
    const item = old.get(key) ?? render();
    item.key = key;
    items.push(item);
  };
  let previous = null;
  for (const together of albums(shown)) {
    const [message] = together;
    const newDay = previous === null || dayOf(previous) !== dayOf(message);
    if (newDay) add(`${view.strings.locale} ${dayOf(message)} ${new Date().toDateString()}`, () => renderDay(message, view.strings));
    const isFirst = newDay || previous.from_bot !== message.from_bot;
    const quoted = summary(actions.find(message.reply_to_message_id), view.strings);
    const key = JSON.stringify([together, isFirst, quoted, view.strings.locale, store.waitingIn(message)]);
    add(key, () => together.length > 1 ? renderAlbum(together, isFirst, actions, view.strings) :
                                         renderMessage(message, isFirst, actions, view.strings));
    previous = message;
  }
  // Nodes that are moved would be animated and announced once more.
  const kept = new Set(items);
  for (const item of old.values()) if (!kept.has(item)) item.remove();
  let at = list.firstChild;
  for (const item of items) {
    if (item === at) at = at.nextSibling;
    else list.insertBefore(item, at);
  }
}

function renderTyping() {
  const typing = view.user !== null && store.isTyping(view.user);
  const blocked = store.users.get(view.user)?.blocked;
  $('typing').hidden = !typing;
  $('bot-state').textContent = typing ? view.strings.typing : blocked ? view.strings.blocked : view.strings.bot;
}

function renderChat() {
  const user = store.users.get(view.user);
  $('chat').dataset.empty = String(!user);
  if (!user) return;
  $('bot-name').textContent = store.bot.first_name;
  $('you').textContent = `${view.strings.you} ${user.first_name}`;
  $('block').textContent = user.blocked ? '' : view.strings.block;
  $('block').hidden = user.blocked || !user.started;
  renderMessages();
  renderTyping();
  composer.show(user, store.commandsFor(user.id), store.replyKeyboard(user.id));
}

function renderAll() {
  view.strings = stringsFor(store.users.get(view.user)?.language_code ?? navigator.language);
  translate(view.strings);
  $('connection-text').textContent = view.strings[view.connection];
  renderPeople();
  renderChat();
}

// ---- What happens ----

function changed(kind, value) {
  if (kind === 'action') {
    const wait = store.typing(value.user_id);
    setTimeout(() => {
      renderTyping();
      renderPeople();
    }, wait + 50);
    renderPeople();
    followEnd(renderTyping);
    return;
  }
  const isNew = kind === 'message' && !value.deleted && !store.chat(value.user_id).has(value.message_id);
  const user = store.apply(kind, value);
  if (kind === 'callback') callback(value);
  if (user !== undefined && user !== view.user) return renderPeople();
  followEnd(renderAll, isNew && !value.from_bot);
  if (isNew) $('message-items').lastElementChild?.classList.add('fresh');
  if (isNew && value.from_bot && !isNearEnd()) {
    ++view.below;
    renderToEnd();
  }
}

// Keeps the end in sight for who was there, and shows people what they just sent.
function followEnd(render, always = false) {
  const wasNearEnd = isNearEnd();
  render();
  if (wasNearEnd || always) scrollToEnd();
}

function callback(query) {
  if (!query.answered) {
    setTimeout(() => {
      if (store.waiting.delete(query.id) && query.user_id === view.user) renderChat();
    }, PRESS_MS);
  } else if (query.answer_text && query.user_id === view.user) {
    if (!query.show_alert) return toast(query.answer_text);
    $('alert-text').textContent = query.answer_text;
    $('alert').showModal();
  }
}

function connection(state) {
  view.connection = state;
  $('connection').dataset.state = state;
  $('connection-text').textContent = view.strings[state];
}

// ---- Wiring ----

$('messages').addEventListener('scroll', () => {
  view.atEnd = isNearEnd();
  if (view.atEnd) {
    view.below = 0;
    markRead();
  }
  renderToEnd();
});
// A phone's keyboard, a turned screen or a growing text field must not hide the newest message.
new ResizeObserver(() => view.atEnd && scrollToEnd()).observe($('messages'));
document.addEventListener('visibilitychange', () => isNearEnd() && markRead());
$('to-end').addEventListener('click', scrollToEnd);
$('earlier').addEventListener('click', () => {
  const list = $('messages');
  const fromEnd = list.scrollHeight - list.scrollTop;
  view.shown += PAGE_OF_MESSAGES;
  renderMessages();
  list.scrollTop = list.scrollHeight - fromEnd;
});
$('back').addEventListener('click', () => {
  $('app').dataset.view = 'people';
  $('people-list').querySelector('[aria-current="true"]')?.focus();
});
$('block').addEventListener('click', () => attempt(server.block(view.user, true)));
$('new-person').addEventListener('click', () => {
  $('person-form').reset();
  $('person-dialog').showModal();
});
$('person-cancel').addEventListener('click', () => $('person-dialog').close());
$('person-form').addEventListener('submit', async () => {
  const name = $('person-name').value.trim();
  const language = $('person-language').value;
  await attempt(server.addUser(name, language).then((user) => {
    store.apply('user', user);
    choose(user.id);
  }));
});
$('theme').addEventListener('click', () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
  localStorage.setItem('theme', root.dataset.theme);
});

const theme = localStorage.getItem('theme');
if (theme) document.documentElement.dataset.theme = theme;

// Several bots share the people; the page shows their chats with one of them.
async function offerBots() {
  const bots = await server.bots().catch(() => []);
  $('bot-choice').hidden = bots.length < 2;
  $('bot-choice').replaceChildren(...bots.map((bot) => {
    const option = make('option', '', bot.first_name);
    option.value = String(bot.id);
    option.selected = bot.id === store.bot.id;
    return option;
  }));
}
$('bot-choice').addEventListener('change', () => {
  server.choose(Number($('bot-choice').value));
  beginAnew();
});

translate(view.strings);
const beginAnew = follow({
  state: (open) => connection(open ? 'open' : 'closed'),
  loaded: (state) => {
    store.load(state);
    offerBots();
    const wanted = view.user ?? Number(location.hash.slice(1));
    if (store.users.has(wanted)) choose(wanted);
    else {
      view.user = null;
      $('app').dataset.view = 'people';
      renderAll();
    }
  },
  changed,
});
