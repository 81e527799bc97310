// Pictures, files, voice notes, stickers and reactions, as elements.
import {fileUrl} from './server.js';

// Telegram has more; these are within reach on the page.
export const REACTIONS = ['👍', '❤', '🔥', '👏', '🤔', '😢'];

function element(tag, testid, className) {
  const made = document.createElement(tag);
  made.dataset.testid = testid;
  if (className) made.className = className;
  return made;
}

function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function picture(media, testid, strings) {
  const image = element('img', testid, media.kind);
  image.src = fileUrl(media.file_id);
  image.alt = strings[media.kind];
  image.loading = 'lazy';
  // So that nothing moves once it is there.
  if (media.width && media.height) {
    image.width = media.width;
    image.height = media.height;
  }
  return image;
}

export function renderMedia(media, strings) {
  switch (media.kind) {
    case 'photo':
      return picture(media, 'message-photo', strings);
    case 'sticker':
      // Only pictures can be shown; a film or an animation is its emoji.
      if (media.mime_type === 'image/webp') return picture(media, 'message-sticker', strings);
      return Object.assign(element('span', 'message-sticker', 'emoji'), {textContent: media.emoji ?? '🖼'});
    case 'voice': {
      const player = element('audio', 'message-voice', 'voice');
      player.src = fileUrl(media.file_id);
      player.controls = true;
      player.preload = 'none';
      return player;
    }
    default: {
      const file = element('a', 'message-file', 'file');
      file.href = fileUrl(media.file_id);
      file.download = media.name ?? '';
      file.append(Object.assign(document.createElement('b'), {textContent: media.name || strings.document}));
      file.append(Object.assign(document.createElement('small'), {textContent: sizeOf(media.size)}));
      return file;
    }
  }
}

// What a message is in one line: its words, or what it has instead.
export function summary(message, strings) {
  if (!message) return '';
  return message.text || (message.media ? strings[message.media.kind] : '');
}

// Emojis with their numbers, the person's own marked; pressing one takes it away or adds one's own.
export function renderReactions(message, own, react) {
  const counts = new Map();
  for (const [who, emojis] of Object.entries(message.reactions ?? {})) {
    for (const emoji of emojis) {
      const entry = counts.get(emoji) ?? {count: 0, mine: false};
      counts.set(emoji, {count: entry.count + 1, mine: entry.mine || Number(who) === own});
    }
  }
  const row = element('span', 'reactions', 'reactions');
  for (const [emoji, {count, mine}] of counts) {
    const chip = element('button', 'reaction', 'reaction');
    chip.type = 'button';
    chip.dataset.emoji = emoji;
    chip.setAttribute('aria-pressed', String(mine));
    chip.textContent = count > 1 ? `${emoji} ${count}` : emoji;
    chip.addEventListener('click', () => react(mine ? [] : [emoji]));
    row.append(chip);
  }
  return row;
}

// What can be said with one press, shown beside the message one points at.
export function renderReactionChoice(strings, react) {
  const choice = element('span', 'reaction-choice', 'reaction-choice');
  choice.setAttribute('role', 'group');
  choice.setAttribute('aria-label', strings.react);
  for (const emoji of REACTIONS) {
    const button = element('button', 'react-button');
    button.type = 'button';
    button.dataset.emoji = emoji;
    button.textContent = emoji;
    button.addEventListener('click', () => react([emoji]));
    choice.append(button);
  }
  return choice;
}
