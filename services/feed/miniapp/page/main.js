// The page: who is here, and which of its views is open.
import {session} from './api.js';
import {Cards} from './cards.js';
import {Channels} from './channels.js';
import {button, element, say, show} from './dom.js';
import {Feed} from './feed.js';
import {icon} from './icons.js';
import {outbox} from './outbox.js';
import {Profile} from './profile.js';
import {telegram} from './telegram.js';
import {texts} from './texts.js';

const views = {cards: new Cards(), feed: new Feed(), channels: new Channels(), profile: new Profile()};
let current = '';

async function open(name) {
  if (current) views[current].close();
  current = name;
  say('');  // What was said belongs to the view before.
  for (const tab of document.querySelectorAll('#tabs button')) {
    if (tab.dataset.view === name) tab.setAttribute('aria-current', 'page');
    else tab.removeAttribute('aria-current');
  }
  document.getElementById('view').setAttribute('aria-busy', 'true');
  // From any other view back leads to the cards.
  telegram.setBack(name === 'cards' ? null : () => open('cards'));
  try {
    await views[name].open();
    document.getElementById('view').focus({preventScroll: true});
    scrollTo(0, 0);
  } catch (error) {
    if (current === name) showFailure(name, error);
  }
}

function showFailure(name, error) {
  if (error.status === 401) {
    session.close();
    return telegram.isInside ? show(element('h1', {}, texts.title), element('p', {}, texts.expired)) : showLogin();
  }
  show(element('h1', {}, texts.title), element('p', {}, error.status === 0 ? texts.offline : texts.failed),
    button(texts.retry, () => open(name), {className: 'main'}));
}

function showTabs() {
  const tabs = document.getElementById('tabs');
  tabs.setAttribute('aria-label', texts.title);
  tabs.replaceChildren(...Object.keys(views).map((name) =>
    element('button', {type: 'button', 'data-view': name, onclick: () => open(name)}, icon(name), texts.tabs[name])));
  tabs.hidden = false;
}

function showLogin() {
  document.getElementById('tabs').hidden = true;
  const field = (name, type, autocomplete, isRequired = true) =>
    element('input', {name, type, autocomplete, required: isRequired});
  const email = field('email', 'email', 'username');
  const password = field('password', 'password', 'current-password');
  const code = field('code', 'text', 'one-time-code', false);
  code.inputMode = 'numeric';
  const wrong = element('p', {className: 'error', role: 'alert'});
  show(
    element('h1', {}, texts.title),
    element('p', {}, texts.about),
    element('form', {
      onsubmit: async (event) => {
        event.preventDefault();
        wrong.textContent = '';
        try {
          await session.logIn(email.value, password.value, code.value);
          enter();
        } catch (error) {
          wrong.textContent = error.status === 0 ? texts.offline : error.message;
          password.focus();
        }
      },
    },
    element('label', {}, texts.email, email),
    element('label', {}, texts.password, password),
    element('label', {}, texts.code, code),
    wrong,
    element('button', {type: 'submit', className: 'main'}, texts.logIn)),
    element('p', {className: 'hint'}, texts.logInHint));
}

function enter() {
  outbox.start();
  showTabs();
  const wanted = telegram.startParameter.split('_')[0];
  open(Object.hasOwn(views, wanted) ? wanted : 'cards');
}

function begin() {
  document.documentElement.lang = texts.language;
  document.title = texts.title;
  document.querySelector('.skip').textContent = texts.skipToContent;
  telegram.start();
  telegram.on('main_button_pressed', () => {
    if (current === 'cards') views.cards.finishTraining().catch(() => say(texts.offline));
  });
  // In one tab several persons may open the page one after the other, as in our chat page.
  if (telegram.isInside && telegram.userId !== session.userId) session.close();
  arrive();
}

async function arrive() {
  if (session.isOpen) return enter();
  if (!telegram.isInside) return showLogin();
  try {
    await session.openWithTelegram(telegram.initData, telegram.platform);
    enter();
  } catch (error) {
    if (error.status === 401) show(element('h1', {}, texts.title), element('p', {}, texts.expired));
    else show(element('h1', {}, texts.title), element('p', {}, error.status === 0 ? texts.offline : error.message),
      button(texts.retry, arrive, {className: 'main'}));
  }
}

begin();
