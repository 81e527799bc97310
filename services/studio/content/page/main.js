// The page: who is here, which of its views is open, and what happens meanwhile.
import {Accounts} from './accounts.js';
import {Approvals} from './approvals.js';
import {Calendar} from './calendar.js';
import {Composer} from './composer.js';
import {alarm, button, element, field, hasInput, heading, link, say, show} from './dom.js';
import {Drafts} from './drafts.js';
import {Inbox} from './inbox.js';
import {kept} from './kept.js';
import {Queue} from './queue.js';
import {onEvents, startEvents, stopEvents} from './realtime.js';
import {Results} from './results.js';
import {accountPage, session} from './session.js';
import {texts} from './texts.js';

const views = {
  compose: new Composer(), drafts: new Drafts(), calendar: new Calendar(), queue: new Queue(), approvals: new Approvals(),
  inbox: new Inbox(), accounts: new Accounts(), results: new Results(),
};
const GATHER_MS = 300;
let current = '';
let opened = 0;

// "#calendar/week/2026-11-30?a=b" as ['calendar', 'week', '2026-11-30'] and the rest.
function place() {
  const [path, rest = ''] = location.hash.slice(1).split('?');
  const [name, ...parts] = path.split('/').map(decodeURIComponent);
  return {name: Object.hasOwn(views, name) ? name : 'compose', parts, parameters: new URLSearchParams(rest)};
}

// isRefresh: something happened elsewhere; what is shown stays where it cannot be shown anew.
async function open(isRefresh = false) {
  if (!session.isOpen) return showLogin();
  const {name, parts, parameters} = place();
  if (current) views[current].close?.();
  const isOther = current !== name;
  current = name;
  opened += 1;
  const mine = opened;
  for (const tab of document.querySelectorAll('#tabs a')) {
    if (tab.dataset.view === name) tab.setAttribute('aria-current', 'page');
    else tab.removeAttribute('aria-current');
  }
  document.title = `${texts.tabs[name]} · ${texts.title}`;
  document.getElementById('view').setAttribute('aria-busy', 'true');
  try {
    // A view shows nothing once another one was opened.
    await views[name].open(parts, parameters, () => mine === opened);
    const view = document.getElementById('view');
    // Who turned a page, or chose another state, stays at what they turned it with.
    if (mine === opened && !isRefresh && (isOther || !view.contains(document.activeElement))) {
      view.querySelector('h1')?.focus({preventScroll: true});
    }
  } catch (error) {
    if (mine !== opened) return;
    if (isRefresh) document.getElementById('view').removeAttribute('aria-busy');
    else showFailure(error);
  }
}

function showFailure(error) {
  show(heading(texts.title),
    element('p', {role: 'alert'}, error.isOffline ? texts.offline : error.status === 403 ? texts.notAllowed : error.message),
    button(texts.retry, () => open(), {className: 'main'}));
}

function showTabs() {
  const tabs = document.getElementById('tabs');
  tabs.setAttribute('aria-label', texts.title);
  tabs.replaceChildren(
    element('ul', {}, Object.keys(views).map((name) =>
      element('li', {}, element('a', {href: `#${name}`, 'data-view': name}, texts.tabs[name])))),
    button(texts.logOut, () => {
      kept.forget();  // Whoever comes next is somebody else.
      session.logOut();
      leave();
    }));
  tabs.hidden = false;
}

function leave() {
  stopEvents();
  if (current) views[current].close?.();
  current = '';
  opened += 1;
  session.close();
  showLogin();
}

function showLogin() {
  document.getElementById('tabs').hidden = true;
  const input = (name, type, autocomplete, required = true) => element('input', {name, type, autocomplete, required});
  const email = input('email', 'email', 'username');
  const password = input('password', 'password', 'current-password');
  const code = input('code', 'text', 'one-time-code', false);
  code.inputMode = 'numeric';
  show(
    heading(texts.logIn),
    element('form', {
      className: 'narrow',
      onsubmit: async (event) => {
        event.preventDefault();
        try {
          await session.logIn(email.value, password.value, code.value);
          enter();
        } catch (error) {
          alarm(error.isOffline ? texts.offline : error.message);
        }
      },
    },
    field(texts.email, email), field(texts.password, password), field(texts.code, code),
    element('button', {type: 'submit', className: 'main'}, texts.logIn)),
    element('p', {}, link(accountPage, texts.noAccount)));
  email.focus();
}

function enter() {
  showTabs();
  startEvents();
  open();
}

// Things that happen together are shown together.
let gathered = [];
let gathering = 0;
function heard(events) {
  const ours = events.filter(({type}) => /^(content|social)\./.test(type));
  if (ours.length === 0 && events.length > 0) return;
  gathered.push(...ours);
  clearTimeout(gathering);
  gathering = setTimeout(() => {
    const all = gathered;
    gathered = [];
    for (const {type} of all) if (texts.events[type]) say(texts.events[type]);
    if (!current) return;
    if (views[current].changed) views[current].changed(all);
    // What somebody has begun to fill in stays.
    else if (!hasInput()) open(true);
  }, GATHER_MS);
}

document.documentElement.lang = texts.language;
document.title = texts.title;
const skip = document.querySelector('.skip');
skip.textContent = texts.skipToContent;
skip.addEventListener('click', (event) => {
  event.preventDefault();  // The address says which view is open.
  document.getElementById('view').focus();
});
session.ended = () => {
  alarm(texts.expired);
  leave();
};
onEvents(heard);
window.addEventListener('hashchange', () => open());
if (session.isOpen) enter();
else showLogin();
