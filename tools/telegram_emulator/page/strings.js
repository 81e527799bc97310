// The page's own words, in the language of the person one plays.
const STRINGS = {
  en: {
    locale: 'en-GB', people: 'People', newPerson: 'New person', theme: 'Light or dark', back: 'Back to people',
    messages: 'Messages', earlier: 'Show earlier messages', toEnd: 'To the newest message', editing: 'Editing a message',
    cancel: 'Cancel', commands: 'Commands', start: 'Start', unblock: 'Unblock the bot', block: 'Block', message: 'Message',
    send: 'Send', keyboard: 'Keyboard', nobody: 'Choose a person, or make a new one.', name: 'Name', language: 'Language',
    create: 'Create', edited: 'edited', edit: 'Edit', today: 'Today', yesterday: 'Yesterday', bot: 'bot',
    typing: 'typing…', blocked: 'blocked', you: 'You are', connecting: 'Connecting…', open: 'Connected',
    closed: 'No connection. Trying again…', silent: 'No messages yet', unread: 'unread',
    attach: 'Send a file', photo: 'Photo', document: 'File', voice: 'Voice message', sticker: 'Sticker',
    react: 'React', bots: 'Bot',
  },
  ru: {
    locale: 'ru', people: 'Люди', newPerson: 'Новый человек', theme: 'Светлая или тёмная', back: 'К списку людей',
    messages: 'Сообщения', earlier: 'Показать более ранние', toEnd: 'К последнему сообщению', editing: 'Изменение сообщения',
    cancel: 'Отмена', commands: 'Команды', start: 'Начать', unblock: 'Разблокировать бота', block: 'Заблокировать',
    message: 'Сообщение', send: 'Отправить', keyboard: 'Клавиатура', nobody: 'Выберите человека или создайте нового.',
    name: 'Имя', language: 'Язык', create: 'Создать', edited: 'изменено', edit: 'Изменить', today: 'Сегодня',
    yesterday: 'Вчера', bot: 'бот', typing: 'печатает…', blocked: 'заблокирован', you: 'Вы —', connecting: 'Подключение…',
    open: 'Подключено', closed: 'Нет связи. Пробуем снова…', silent: 'Сообщений пока нет', unread: 'непрочитанных',
    attach: 'Отправить файл', photo: 'Фото', document: 'Файл', voice: 'Голосовое сообщение', sticker: 'Стикер',
    react: 'Реакция', bots: 'Бот',
  },
};

export function stringsFor(language) {
  return STRINGS[(language ?? '').slice(0, 2)] ?? STRINGS.en;
}

// Fills in what the HTML marks with data-string, data-label and data-placeholder.
export function translate(strings) {
  document.documentElement.lang = strings.locale;
  for (const element of document.querySelectorAll('[data-string]')) {
    element.textContent = strings[element.dataset.string];
  }
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', strings[element.dataset.label]);
    if (element.matches('button')) element.title = strings[element.dataset.label];
  }
  for (const element of document.querySelectorAll('[data-placeholder]')) {
    element.placeholder = strings[element.dataset.placeholder];
  }
}
