// All that the page says, in English and Russian.
import {telegram} from './telegram.js';

const plural = (language, count, forms) => forms[new Intl.PluralRules(language).select(count)] ?? forms.other;

const en = {
  language: 'en',
  title: 'Feed', about: 'The channels that you read, in the order of what you like.',
  skipToContent: 'Skip to content',
  tabs: {cards: 'Cards', feed: 'Feed', channels: 'Channels', profile: 'Profile'},
  cards: 'Cards', feed: 'Feed', channels: 'Channels', profile: 'Profile',
  like: 'Like', dislike: 'Dislike', skip: 'Skip', save: 'Save', undo: 'Undo', judge: 'What do you think of it?',
  keys: 'Keys: → like, ← dislike, ↓ skip, S save, Z undo',
  saved: 'Saved', savedAlready: 'It is among the saved posts',
  training: 'Training', finishTraining: 'Finish the training', trained: 'Your feed has learned your taste.',
  trainingDone: 'That is enough to know your taste.',
  noTrainingPosts: 'There are no more posts to rate. Add a channel, and come back when its posts were read.',
  stillReading: (names) => `Still reading: ${names.join(', ')}. Try again in a few seconds.`,
  progress: (done, of) => `${done} of ${of} rated`,
  noMore: 'That was all for now.', noPosts: 'Nothing to show yet. Add channels first.', more: 'Show more',
  nothingNewSince: (age) => `The newest post is from ${age}: nothing was read since.`,
  original: 'Original', noText: '(no text)', why: 'Why this?', noReason: 'Nothing in particular speaks for it.',
  duplicates: (count) => `${count} more ${count === 1 ? 'channel says' : 'channels say'} the same`,
  placeWithout: (place, without) => `place ${place}, without it ${without}`,
  reasons: {
    channel: 'You like this channel', words: 'You like what it is about', media: 'You like this kind of media', textOnly: 'You like posts without pictures',
    length: 'You like posts of this length', time: 'You like posts of this time', alike: 'People who like what you like enjoy it',
    popular: 'Others like it',
    fresh: 'It is new', exploration: 'To learn whether you like such posts',
  },
  channelName: 'Name or link of a channel', add: 'Add', added: 'Added', mute: 'Mute', unmute: 'Unmute',
  remove: 'Remove', removed: 'Removed', changed: 'Saved', bonus: 'proposed by the feed', forTraining: 'for training',
  newest: (age) => `newest post: ${age}`, unread: 'not read yet', noChannels: 'No channels yet.',
  proposed: 'You may like', fits: (percent) => `fits your taste by ${percent} %`,
  rated: 'rated', likedNow: 'of the last 21 liked', savedCount: 'saved', byDay: 'By day', byChannel: 'Likes by channel',
  chartKey: 'Up: liked. Down: not liked or skipped.',
  nothingYet: 'Nothing yet.', tastes: 'You like to read about', savedPosts: 'Saved posts', showSaved: 'Show', back: 'Back',
  dayChart: (days) => days.map((day) => `${day.day}: ${day.likes} liked, ${day.dislikes} not`).join('; '),
  settings: 'Settings', mutedWords: 'Leave out posts with these words (with commas between)', digestHour: 'A digest each day at',
  noDigest: 'Never', nudges: 'Tell me of a very good post when I have been away', store: 'Save',
  exploration: (percent) => `Unfamiliar posts, to learn: ${percent} %`,
  rss: 'For feed readers', rssHint: 'A secret address of your feed as RSS. A new one ends the one before.',
  makeLink: 'Make an address', logOut: 'Log out', logIn: 'Log in', email: 'E-mail', password: 'Password',
  code: 'Code of your authenticator, if you have one', logInHint: 'Or open this page from the bot in Telegram.',
  expired: 'The session has ended. Close this page and open it from the bot again.',
  failed: 'It could not be loaded.', retry: 'Try again', offline: 'No connection. Try again later.',
  keptOffline: (count) => `No connection: ${count} ${count === 1 ? 'reaction waits' : 'reactions wait'} here`,
  ages: {
    now: 'just now',
    minutes: (n) => `${n} min ago`, hours: (n) => `${n} h ago`, days: (n) => `${n} ${n === 1 ? 'day' : 'days'} ago`,
  },
};

const ru = {
  language: 'ru',
  title: 'Лента', about: 'Каналы, которые вы читаете: сначала то, что вам по душе.',
  skipToContent: 'К содержанию',
  tabs: {cards: 'Карточки', feed: 'Лента', channels: 'Каналы', profile: 'Профиль'},
  cards: 'Карточки', feed: 'Лента', channels: 'Каналы', profile: 'Профиль',
  like: 'Нравится', dislike: 'Не нравится', skip: 'Пропустить', save: 'Сохранить', undo: 'Отменить', judge: 'Как вам этот пост?',
  keys: 'Клавиши: → нравится, ← не нравится, ↓ пропустить, S сохранить, Z отменить',
  saved: 'Сохранено', savedAlready: 'Пост уже сохранён',
  training: 'Обучение', finishTraining: 'Закончить обучение', trained: 'Лента узнала ваш вкус.',
  trainingDone: 'Этого достаточно, чтобы узнать ваш вкус.',
  noTrainingPosts: 'Постов для оценки больше нет. Добавьте канал и вернитесь, когда его посты будут прочитаны.',
  stillReading: (names) => `Ещё читаю: ${names.join(', ')}. Попробуйте через несколько секунд.`,
  progress: (done, of) => `Оценено ${done} из ${of}`,
  noMore: 'Пока это всё.', noPosts: 'Пока нечего показать. Сначала добавьте каналы.', more: 'Показать ещё',
  nothingNewSince: (age) => `Самый новый пост: ${age}. С тех пор ничего не прочитано.`,
  original: 'Оригинал', noText: '(без текста)', why: 'Почему это?', noReason: 'Ничего особенного за него не говорит.',
  duplicates: (count) => plural('ru', count, {
    one: `ещё ${count} канал пишет то же`, few: `ещё ${count} канала пишут то же`, other: `ещё ${count} каналов пишут то же`,
  }),
  placeWithout: (place, without) => `место ${place}, без этого ${without}`,
  reasons: {
    channel: 'Вам нравится этот канал', words: 'Вам нравится эта тема', media: 'Вам нравятся такие медиа', textOnly: 'Вам нравятся посты без картинок',
    length: 'Вам нравятся посты такой длины', time: 'Вам нравятся посты этого времени', alike: 'Это нравится тем, у кого вкусы как у вас',
    popular: 'Нравится другим',
    fresh: 'Это новое', exploration: 'Чтобы узнать, нравятся ли вам такие посты',
  },
  channelName: 'Имя канала или ссылка', add: 'Добавить', added: 'Добавлено', mute: 'Заглушить', unmute: 'Включить',
  remove: 'Удалить', removed: 'Удалено', changed: 'Сохранено', bonus: 'по совету ленты', forTraining: 'для обучения',
  newest: (age) => `новый пост: ${age}`, unread: 'ещё не прочитан', noChannels: 'Каналов пока нет.',
  proposed: 'Вам может понравиться', fits: (percent) => `подходит вам на ${percent} %`,
  rated: 'оценено', likedNow: 'из последних 21 нравится', savedCount: 'сохранено', byDay: 'По дням', byChannel: 'Нравится по каналам',
  chartKey: 'Вверх: нравится. Вниз: не нравится или пропущено.',
  nothingYet: 'Пока ничего.', tastes: 'Вам интересно', savedPosts: 'Сохранённые посты', showSaved: 'Показать', back: 'Назад',
  dayChart: (days) => days.map((day) => `${day.day}: нравится ${day.likes}, нет ${day.dislikes}`).join('; '),
  settings: 'Настройки', mutedWords: 'Не показывать посты с этими словами (через запятую)', digestHour: 'Дайджест каждый день в',
  noDigest: 'Никогда', nudges: 'Сообщать об очень хорошем посте, когда меня давно не было', store: 'Сохранить',
  exploration: (percent) => `Незнакомые посты, чтобы узнать вас: ${percent} %`,
  rss: 'Для программ чтения', rssHint: 'Секретный адрес вашей ленты в формате RSS. Новый отменяет прежний.',
  makeLink: 'Создать адрес', logOut: 'Выйти', logIn: 'Войти', email: 'Электронная почта', password: 'Пароль',
  code: 'Код из приложения, если он у вас есть', logInHint: 'Или откройте эту страницу из бота в Telegram.',
  expired: 'Сеанс закончился. Закройте страницу и откройте её из бота снова.',
  failed: 'Не удалось загрузить.', retry: 'Ещё раз', offline: 'Нет связи. Попробуйте позже.',
  keptOffline: (count) => `Нет связи: ${plural('ru', count, {
    one: `${count} реакция ждёт здесь`, few: `${count} реакции ждут здесь`, other: `${count} реакций ждут здесь`,
  })}`,
  ages: {
    now: 'только что',
    minutes: (n) => `${n} мин назад`, hours: (n) => `${n} ч назад`,
    days: (n) => plural('ru', n, {one: `${n} день назад`, few: `${n} дня назад`, other: `${n} дней назад`}),
  },
};

export const texts = (telegram.language || navigator.language).startsWith('ru') ? ru : en;

export function ageText(seconds) {
  if (seconds < 60) return texts.ages.now;
  if (seconds < 3600) return texts.ages.minutes(Math.floor(seconds / 60));
  if (seconds < 86400) return texts.ages.hours(Math.floor(seconds / 3600));
  return texts.ages.days(Math.floor(seconds / 86400));
}
