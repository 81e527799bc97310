// Pictures of buttons, drawn here: fonts differ, and some have no emoji.

const SVG = 'http://www.w3.org/2000/svg';
const PATHS = {
  like: 'M2 21h4V9H2zM22 10a2 2 0 0 0-2-2h-6.3l1-4.6v-.3c0-.4-.2-.8-.5-1.1L13.2 1 6.6 7.6A2 2 0 0 0 6 9v10a2 2 0 0 0 2 2h9'
    + 'a2 2 0 0 0 1.8-1.2l3-7.1a2 2 0 0 0 .2-.7z',
  dislike: 'M22 3h-4v12h4zM2 14a2 2 0 0 0 2 2h6.3l-1 4.6v.3c0 .4.2.8.5 1.1l1 1 6.6-6.6A2 2 0 0 0 18 15V5a2 2 0 0 0-2-2H7'
    + 'a2 2 0 0 0-1.8 1.2l-3 7.1A2 2 0 0 0 2 12z',
  save: 'M17 3H7a2 2 0 0 0-2 2v16l7-3 7 3V5a2 2 0 0 0-2-2z',
  undo: 'M12.5 8A10 10 0 0 0 6 10.6L2 7v9h9l-3.6-3.6a8 8 0 0 1 12.7 3.5l2.4-.8A10.5 10.5 0 0 0 12.5 8z',
  skip: 'M6 18l8.5-6L6 6zM16 6v12h2V6z',
  cards: 'M4 6H2v14a2 2 0 0 0 2 2h14v-2H4zM20 2H8a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V4a2 2 0 0 0-2-2z',
  feed: 'M3 5h18v3H3zM3 10.5h18v3H3zM3 16h12v3H3z',
  channels: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  profile: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm0 2c-2.7 0-8 1.3-8 4v2h16v-2c0-2.7-5.3-4-8-4z',
};

// icon('like'): says nothing to screen readers; the button beside it has a name.
export function icon(name) {
  const made = document.createElementNS(SVG, 'svg');
  made.setAttribute('viewBox', '0 0 24 24');
  made.setAttribute('class', 'icon');
  made.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  made.append(path);
  return made;
}
