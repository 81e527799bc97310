// The feed as a list that goes on, with reactions on each post and the reasons for its place.
import {api} from './api.js';
import {button, element, say, show} from './dom.js';
import {icon} from './icons.js';
import {outbox} from './outbox.js';
import {hasMedia, postElement, reasonText, reasonsElement} from './post.js';
import {telegram} from './telegram.js';
import {ageText, texts} from './texts.js';

const PAGE = 10;
const OLD_SECONDS = 6 * 3600;

export class Feed {
  #list = element('div');
  #more = button('', () => this.#load());
  #sessionKey = '';

  async open() {
    this.#sessionKey = `feed ${Date.now()}`;
    this.#list = element('div');
    this.#more = button(texts.more, () => this.#load());
    const first = await api.page(this.#sessionKey, PAGE);
    show(
      element('h1', {}, texts.feed),
      first.newest_age_seconds > OLD_SECONDS
        && element('p', {className: 'hint'}, texts.nothingNewSince(ageText(first.newest_age_seconds))),
      this.#list,
      this.#more);
    this.#add(first.posts ?? []);
    if (!first.posts?.length) this.#list.append(element('p', {}, texts.noPosts));
  }

  close() {}

  async #load() {
    this.#more.disabled = true;
    try {
      this.#add((await api.page(this.#sessionKey, PAGE)).posts ?? []);
    } catch {
      say(texts.offline);
    }
    this.#more.disabled = false;
  }

  #add(posts) {
    this.#more.hidden = posts.length < PAGE;
    this.#list.append(...posts.map((post) => feedPost(post)));
  }
}

// With its buttons; also for what is saved.
export function feedPost(post) {
  const state = {own: post.own_interaction ?? '', isSaved: Boolean(post.is_saved)};
  const toggles = {};
  const update = () => {
    toggles.like.setAttribute('aria-pressed', state.own === 'like');
    toggles.dislike.setAttribute('aria-pressed', state.own === 'dislike');
    toggles.save.setAttribute('aria-pressed', state.isSaved);
  };
  const react = async (type) => {
    telegram.impact('light');
    const isTakenBack = state.own === type;
    state.own = isTakenBack ? '' : type;
    update();
    await outbox.add(post.id, isTakenBack ? 'undo' : type);
    if (outbox.size > 0) say(texts.keptOffline(outbox.size));
  };
  toggles.like = button(icon('like'), () => react('like'), {'aria-label': texts.like});
  toggles.dislike = button(icon('dislike'), () => react('dislike'), {'aria-label': texts.dislike});
  toggles.save = button(icon('save'), async () => {
    if (state.isSaved) return say(texts.savedAlready);
    state.isSaved = true;
    update();
    await outbox.add(post.id, 'save');
  }, {'aria-label': texts.save});
  const short = reasonsElement(post);
  const why = button(texts.why, async () => {
    why.disabled = true;
    try {
      const explained = await api.explain(post.id);
      const lines = (explained.post.reasons ?? []).map((reason, i) =>
        `${reasonText(reason, hasMedia(post))} — ${texts.placeWithout(explained.place, explained.place_without[i])}`);
      const reasons = element('ul', {className: 'reasons', tabIndex: -1, 'aria-label': texts.why},
        ...(lines.length ? lines : [texts.noReason]).map((text) => element('li', {}, `• ${text}`)));
      if (short) short.replaceWith(reasons);
      else made.querySelector('.actions').before(reasons);
      why.remove();
      // Where the button was is nothing any more.
      reasons.focus();
    } catch {
      why.disabled = false;
      say(texts.offline);
    }
  });
  const made = postElement(post, short,
    element('div', {className: 'actions'}, toggles.like, toggles.dislike, toggles.save, why));
  update();
  return made;
}
