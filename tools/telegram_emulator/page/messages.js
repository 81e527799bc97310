// Messages as elements. Texts come with entities, not as HTML, so nothing anybody wrote is ever parsed as markup:
// each entity becomes one of a few elements made here.
import {renderMedia, renderReactionChoice, renderReactions, summary} from './media.js';

const TAGS = {
  bold: 'b', italic: 'i', underline: 'u', strikethrough: 's', code: 'code', pre: 'pre',
  blockquote: 'blockquote', expandable_blockquote: 'blockquote',
};
const SAFE_LINK = /^(https?|tg|mailto):/i;

export function make(tag, className = '', text = '') {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

function icon(path) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(document.createElementNS('http://www.w3.org/2000/svg', 'path'));
  svg.firstChild.setAttribute('d', path);
  return svg;
}

function link(address) {
  const element = make('a');
  const href = address.includes(':') ? address : `https://${address}`;
  if (SAFE_LINK.test(href)) {
    element.href = href;
    element.target = '_blank';
    element.rel = 'noopener noreferrer';
  }
  return element;
}

function entityElement(entity, text, actions) {
  if (TAGS[entity.type]) return make(TAGS[entity.type]);
  switch (entity.type) {
    case 'text_link':
      return link(entity.url);
    case 'url':
      return link(text);
    case 'bot_command': {
      const button = make('button', 'command');
      button.type = 'button';
      button.addEventListener('click', () => actions.send(text));
      return button;
    }
    case 'spoiler': {
      const spoiler = make('span', 'spoiler');
      spoiler.addEventListener('click', () => spoiler.classList.add('shown'));
      return spoiler;
    }
    default:
      return make('span', 'tag');
  }
}

// Offsets count UTF-16 units, as JavaScript's strings do. An entity that begins in another one lies inside it.
export function renderText(text, entities, actions) {
  const sorted = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  let next = 0;
  function fill(parent, from, to) {
    let at = from;
    while (next < sorted.length && sorted[next].offset < to) {
      const entity = sorted[next++];
      const begin = Math.max(entity.offset, at);
      const end = Math.min(entity.offset + entity.length, to);
      if (end <= begin) continue;
      parent.append(text.slice(at, begin));
      const element = entityElement(entity, text.slice(begin, end), actions);
      fill(element, begin, end);
      parent.append(element);
      at = end;
    }
    parent.append(text.slice(at, to));
    return parent;
  }
  return fill(document.createDocumentFragment(), 0, text.length);
}

export function timeOf(message, language) {
  return new Date(message.date * 1000).toLocaleTimeString(language, {hour: '2-digit', minute: '2-digit'});
}

function inlineRows(message, actions) {
  const rows = make('div', 'rows');
  for (const buttons of message.reply_markup.inline_keyboard) {
    const row = rows.appendChild(make('div', 'row'));
    for (const button of buttons) {
      const key = button.url ? link(button.url) : make('button');
      key.className = 'key';
      key.textContent = button.text;
      key.dataset.testid = 'inline-button';
      if (!button.url) {
        key.type = 'button';
        key.dataset.callbackData = button.callback_data ?? '';
        key.setAttribute('aria-busy', String(actions.isWaiting(message, button)));
        key.disabled = !button.callback_data && !button.web_app;
        key.addEventListener('click', () =>
          button.web_app ? actions.openWebApp(button.web_app.url) : actions.press(message, button));
      }
      row.append(key);
    }
  }
  return rows;
}

function metaOf(message, strings) {
  const meta = make('span', 'meta');
  if (message.edit_date) {
    const mark = meta.appendChild(make('span', 'edited', `${strings.edited} `));
    mark.dataset.testid = 'edited-mark';
  }
  const time = meta.appendChild(make('time', '', timeOf(message, strings.locale)));
  time.dateTime = new Date(message.date * 1000).toISOString();
  return meta;
}

function textOf(message, actions) {
  const text = make('span', 'text');
  text.dataset.testid = 'message-text';
  text.append(renderText(message.text, message.entities, actions));
  return text;
}

// actions: {send(text), edit(message), press(message, button), openWebApp(url), isWaiting(message, button), find(id),
// react(message, emojis), own()};
// strings: the page's words in the person's language.
export function renderMessage(message, isFirst, actions, strings) {
  const item = make('li', `message ${message.from_bot ? 'theirs' : 'mine'}${isFirst ? ' first' : ''}`);
  item.dataset.testid = 'message';
  item.dataset.messageId = message.message_id;
  item.dataset.from = message.from_bot ? 'bot' : 'user';
  const bubble = item.appendChild(make('div', 'bubble'));
  const replied = message.reply_to_message_id && actions.find(message.reply_to_message_id);
  if (replied) bubble.append(make('span', 'quote', message.quote ?? summary(replied, strings)));
  if (message.media) {
    item.classList.add('with-media');
    bubble.append(renderMedia(message.media, strings));
  }
  if (message.text || !message.media) bubble.append(textOf(message, actions));
  bubble.append(metaOf(message, strings));
  const react = (emojis) => actions.react(message, emojis);
  if (message.reactions) item.append(renderReactions(message, actions.own(), react));
  if (message.from_bot) bubble.append(renderReactionChoice(strings, react));
  if (!message.from_bot) {
    const edit = bubble.appendChild(make('button', 'icon-button edit'));
    edit.type = 'button';
    edit.dataset.testid = 'edit-button';
    edit.setAttribute('aria-label', strings.edit);
    edit.append(icon('M4 20l4-1L19 8l-3-3L5 16zM14 7l3 3'));
    edit.addEventListener('click', () => actions.edit(message));
  }
  if (message.reply_markup?.inline_keyboard) item.append(inlineRows(message, actions));
  return item;
}

// The messages of one album: their files side by side, then what is said about them.
export function renderAlbum(messages, isFirst, actions, strings) {
  const [first] = messages;
  const item = make('li', `message album ${first.from_bot ? 'theirs' : 'mine'}${isFirst ? ' first' : ''}`);
  item.dataset.testid = 'album';
  item.dataset.from = first.from_bot ? 'bot' : 'user';
  const bubble = item.appendChild(make('div', 'bubble'));
  const grid = bubble.appendChild(make('div', 'grid'));
  for (const message of messages) {
    const part = grid.appendChild(make('div', 'part'));
    part.dataset.testid = 'message';
    part.dataset.messageId = message.message_id;
    part.append(renderMedia(message.media, strings));
    if (message.reactions) {
      part.append(renderReactions(message, actions.own(), (emojis) => actions.react(message, emojis)));
    }
  }
  for (const message of messages) if (message.text) bubble.append(textOf(message, actions));
  bubble.append(metaOf(messages.at(-1), strings));
  return item;
}

export function renderDay(message, strings) {
  const date = new Date(message.date * 1000);
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  let words = date.toLocaleDateString(strings.locale, {day: 'numeric', month: 'long', year: 'numeric'});
  if (date.toDateString() === today.toDateString()) words = strings.today;
  if (date.toDateString() === yesterday.toDateString()) words = strings.yesterday;
  return make('li', 'day', words);
}

export function dayOf(message) {
  return new Date(message.date * 1000).toDateString();
}
