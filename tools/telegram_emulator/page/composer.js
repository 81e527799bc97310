// Where a person writes: the text field, the menu of commands, the bot's keyboard, and what stands in their place
// before the first message and while the bot is blocked.
import {make} from './messages.js';

const $ = (id) => document.getElementById(id);

// actions: {send(text), sendFiles(files, caption), edit(message, text), start(), unblock(), lastOwn()}; the first three
// give promises of success.
export class Composer {
  #actions;
  #commands = [];
  #selected = -1;
  #editing = null;
  #drafts = new Map();  // user id -> what was begun and not sent
  #user = null;

  constructor(actions) {
    this.#actions = actions;
    const input = $('input');
    input.addEventListener('input', () => this.#changed());
    input.addEventListener('keydown', (event) => this.#key(event));
    input.addEventListener('blur', () => setTimeout(() => this.#showMenu([]), 150));
    $('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    $('commands').addEventListener('click', () => {
      const isOpen = !$('commands-menu').hidden;
      this.#showMenu(isOpen ? [] : this.#commands);
      input.focus();
    });
    $('attach').addEventListener('click', () => $('files').click());
    $('files').addEventListener('change', () => this.#sendFiles());
    $('cancel-edit').addEventListener('click', () => this.edit(null));
    $('start').addEventListener('click', () => actions.start());
    $('unblock').addEventListener('click', () => actions.unblock());
  }

  // What depends on whose chat is shown and how it stands.
  show(user, commands, keyboard) {
    if (user.id !== this.#user) {
      if (this.#user !== null && !this.#editing) this.#drafts.set(this.#user, $('input').value);
      this.#user = user.id;
      this.edit(null);
      $('input').value = this.#drafts.get(user.id) ?? '';
      this.#changed();
    }
    this.#commands = commands;
    $('start').hidden = user.started || user.blocked;
    $('unblock').hidden = !user.blocked;
    $('composer').hidden = user.blocked || !user.started;
    $('commands').hidden = commands.length === 0;
    this.#showKeyboard(user.blocked ? null : keyboard);
  }

  edit(message) {
    this.#editing = message;
    $('editing').hidden = !message;
    $('input').value = message ? message.text : '';
    this.#changed();
    if (message) $('input').focus();
  }

  focus() {
    // A phone's keyboard would cover the chat.
    if (!matchMedia('(hover: none)').matches) $('input').focus();
  }

  // With what is written as the caption.
  async #sendFiles() {
    const files = [...$('files').files];
    $('files').value = '';
    if (files.length === 0 || !await this.#actions.sendFiles(files, $('input').value.trim())) return;
    this.#drafts.delete(this.#user);
    this.edit(null);
  }

  async #submit() {
    const text = $('input').value.trim();
    if (!text) return;
    const editing = this.#editing;
    const done = editing ? await this.#actions.edit(editing, text) : await this.#actions.send(text);
    if (!done) return;
    this.#drafts.delete(this.#user);
    this.edit(null);
  }

  #changed() {
    const input = $('input');
    $('send').disabled = input.value.trim() === '';
    input.style.height = 'auto';
    input.style.height = `${input.scrollHeight}px`;
    const typed = /^\/(\w*)$/.exec(input.value);
    this.#showMenu(typed ? this.#commands.filter((entry) => entry.command.startsWith(typed[1])) : []);
  }

  #key(event) {
    const isOpen = !$('commands-menu').hidden;
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      const item = isOpen && $('commands-menu').children[this.#selected];
      if (item) item.click();
      else this.#submit();
    } else if (isOpen && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const count = $('commands-menu').children.length;
      this.#select((this.#selected + (event.key === 'ArrowDown' ? 1 : count - 1) + count) % count);
    } else if (event.key === 'Escape') {
      if (isOpen) this.#showMenu([]);
      else if (this.#editing) this.edit(null);
    } else if (event.key === 'ArrowUp' && $('input').value === '') {
      const last = this.#actions.lastOwn();
      if (last) {
        event.preventDefault();
        this.edit(last);
      }
    }
  }

  #showMenu(commands) {
    const menu = $('commands-menu');
    menu.hidden = commands.length === 0;
    $('commands').setAttribute('aria-expanded', String(!menu.hidden));
    menu.replaceChildren(...commands.map((entry, index) => {
      const item = make('li');
      item.id = `command-${index}`;
      item.setAttribute('role', 'option');
      item.dataset.testid = 'command-item';
      item.append(make('b', '', `/${entry.command}`), make('span', '', entry.description));
      // Before the field loses focus, which closes the menu.
      item.addEventListener('mousedown', (event) => event.preventDefault());
      item.addEventListener('click', async () => {
        this.#showMenu([]);
        if (await this.#actions.send(`/${entry.command}`)) this.edit(null);
      });
      return item;
    }));
    this.#select(commands.length ? 0 : -1);
  }

  #select(index) {
    this.#selected = index;
    [...$('commands-menu').children].forEach((item, i) => {
      item.setAttribute('aria-selected', String(i === index));
      if (i === index) item.scrollIntoView({block: 'nearest'});
    });
    if (index < 0) $('input').removeAttribute('aria-activedescendant');
    else $('input').setAttribute('aria-activedescendant', `command-${index}`);
  }

  #showKeyboard(markup) {
    const board = $('reply-keyboard');
    board.hidden = !markup;
    board.replaceChildren(...(markup?.keyboard ?? []).map((buttons) => {
      const row = make('div', 'row');
      for (const button of buttons) {
        const key = row.appendChild(make('button', 'key', button.text));
        key.type = 'button';
        key.dataset.testid = 'reply-button';
        key.addEventListener('click', () => this.#actions.send(button.text));
      }
      return row;
    }));
  }
}
