// A post as an element: channel, age, picture, text, and why it is here.
import {element} from './dom.js';
import {telegram} from './telegram.js';
import {ageText, texts} from './texts.js';

export const hasMedia = (post) => ![undefined, '', 'unspecified'].includes(post.media_type);

// `isMedia`: whether the post that it is a reason for has any.
export function reasonText(reason, isMedia = true) {
  const text = texts.reasons[reason.kind === 'media' && !isMedia ? 'textOnly' : reason.kind] ?? '';
  return reason.words?.length ? `${text}: ${reason.words.join(', ')}` : text;
}

function linkTo(url) {
  if (!/^https?:\/\//.test(url ?? '')) return null;
  return element('a', {
    href: url,
    target: '_blank',
    rel: 'noopener noreferrer',
    onclick: (event) => { if (telegram.open(url)) event.preventDefault(); },
  }, texts.original);
}

export function postElement(post, ...more) {
  const picture = (post.media_urls ?? []).find((url) => url.startsWith('https://'));
  return element('article', {className: 'post', 'aria-label': post.channel_title},
    element('header', {},
      element('strong', {}, post.channel_title),
      element('span', {className: 'hint'}, ageText(post.age_seconds))),
    picture && element('img', {src: picture, alt: '', loading: 'lazy', onerror: (event) => event.target.remove()}),
    element('p', {className: 'text'}, post.text || texts.noText),
    element('p', {className: 'hint'},
      linkTo(post.url) ?? '',
      post.duplicate_count ? ` · ${texts.duplicates(post.duplicate_count)}` : ''),
    ...more);
}

export function reasonsElement(post) {
  const reasons = (post.reasons ?? []).map((reason) => reasonText(reason, hasMedia(post))).filter(Boolean);
  if (reasons.length === 0) return null;
  return element('ul', {className: 'reasons', 'aria-label': texts.why},
    ...reasons.map((text) => element('li', {}, `• ${text}`)));
}
