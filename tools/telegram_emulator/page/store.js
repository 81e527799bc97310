// What the page knows, without any of how it looks.

const TYPING_MS = 5000;  // https://core.telegram.org/bots/api#sendchataction

export class Store {
  bot = {first_name: 'Bot', username: ''};
  users = new Map();
  chats = new Map();      // user id -> Map of message id -> message, in order
  commands = [];          // [{scope, language_code, commands}]
  typingUntil = new Map();
  waiting = new Map();    // callback id -> {user_id, message_id, data}
  lastRead = new Map();   // user id -> message id

  load(state) {
    const firstTime = this.users.size === 0;
    this.bot = state.bot;
    this.users = new Map(state.users.map((user) => [user.id, user]));
    this.chats = new Map();
    this.commands = state.commands;
    this.typingUntil.clear();
    this.waiting.clear();
    for (const message of state.messages) this.chat(message.user_id).set(message.message_id, message);
    if (firstTime) {
      for (const user of this.users.keys()) this.read(user);
    }
  }

  // Returns whose chat changed; undefined: something else.
  apply(kind, value) {
    switch (kind) {
      case 'user':
        this.users.set(value.id, value);
        return value.id;
      case 'message':
        if (value.deleted) {
          this.chat(value.user_id).delete(value.message_id);
        } else {
          if (value.from_bot && !this.chat(value.user_id).has(value.message_id)) {
            this.typingUntil.delete(value.user_id);
          }
          this.chat(value.user_id).set(value.message_id, value);
        }
        return value.user_id;
      case 'callback':
        if (value.answered) this.waiting.delete(value.id);
        else this.waiting.set(value.id, value);
        return value.user_id;
      case 'commands':
        this.commands = value;
        return undefined;
      default:
        return undefined;
    }
  }

  typing(user, now = Date.now()) {
    this.typingUntil.set(user, now + TYPING_MS);
    return TYPING_MS;
  }

  isTyping(user, now = Date.now()) {
    return (this.typingUntil.get(user) ?? 0) > now;
  }

  chat(user) {
    if (!this.chats.has(user)) this.chats.set(user, new Map());
    return this.chats.get(user);
  }

  messages(user) {
    return [...this.chat(user).values()];
  }

  last(user) {
    return this.messages(user).at(-1);
  }

  read(user) {
    this.lastRead.set(user, this.last(user)?.message_id ?? 0);
  }

  unread(user) {
    const read = this.lastRead.get(user) ?? 0;
    return this.messages(user).filter((message) => message.from_bot && message.message_id > read).length;
  }

  allUnread() {
    return [...this.users.keys()].reduce((sum, user) => sum + this.unread(user), 0);
  }

  // The pressed buttons of a message that the bot has not answered.
  waitingIn(message) {
    return [...this.waiting.values()]
        .filter((query) => query.message_id === message.message_id)
        .map((query) => query.data);
  }

  isWaiting(message, button) {
    return this.waitingIn(message).includes(button.callback_data);
  }

  // The keyboard the bot last asked for and did not put away; a used one-time keyboard is away too.
  replyKeyboard(user) {
    const messages = this.messages(user);
    for (let i = messages.length - 1; i >= 0; --i) {
      const markup = messages[i].reply_markup;
      if (!messages[i].from_bot || !markup || markup.inline_keyboard) continue;
      const used = messages.slice(i + 1).some((later) => !later.from_bot);
      if (markup.keyboard && !(markup.one_time_keyboard && used)) return markup;
      return null;
    }
    return null;
  }

  // The narrowest scope with commands, in the person's language first.
  commandsFor(user) {
    const language = (this.users.get(user)?.language_code ?? '').slice(0, 2);
    for (const scope of [`chat:${user}`, 'all_private_chats', 'default']) {
      for (const tongue of [language, '']) {
        const found = this.commands.find((entry) => entry.scope === scope && entry.language_code === tongue);
        if (found) return found.commands;
      }
    }
    return [];
  }
}
