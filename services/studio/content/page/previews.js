// How a text looks at each account or platform, how long it is there, and what is wrong with it. The counts are the social
// service's: the page has no rules of its own.
import {api} from './api.js';
import {element, link} from './dom.js';
import {texts} from './texts.js';

const PAUSE_MS = 250;

// What is shown before an account is chosen.
export const PREVIEWED = ['telegram', 'mastodon', 'bluesky', 'wordpress', 'x', 'linkedin'];
export const NAMES = {
  telegram: 'Telegram', mastodon: 'Mastodon', bluesky: 'Bluesky', wordpress: 'WordPress', x: 'X', linkedin: 'LinkedIn',
  facebook: 'Facebook', instagram: 'Instagram', threads: 'Threads',
};

const MARKED = /(https?:\/\/\S+|[@#][\p{L}\p{N}_]+)/gu;

// Links, hashtags and mentions stand out, as they do there.
function marked(text) {
  return text.split(MARKED).map((part, i) => (i % 2 === 1 ? element('span', {className: 'marked'}, part) : part));
}

// WordPress takes the first of several lines as the title.
function body(platform, text) {
  const line = text.indexOf('\n');
  if (platform !== 'wordpress' || line < 0) return element('div', {className: 'text'}, marked(text));
  return element('div', {className: 'text'},
    element('strong', {className: 'headline'}, text.slice(0, line)), marked(text.slice(line).trim()));
}

export class Previews {
  #limits;
  #cards = [];  // {target, figure, bar, length, issues}
  #timer = 0;
  #asked = 0;
  #said = '';
  #textAt = null;
  #following = () => ({});

  // limits: the social service's table.
  constructor(limits) {
    this.#limits = new Map(limits.map((limit) => [limit.platform, limit]));
    this.root = element('div', {className: 'previews'});
    // Only what is wrong is read out, and only when it has changed.
    this.verdict = element('p', {className: 'verdict', role: 'status', 'aria-live': 'polite'});
  }

  // targets: [{account_id, platform, name}]; textAt(platform) is what is published there; following() what belongs to it:
  // {thread, first_comment, media}.
  aim(targets, textAt, following = () => ({})) {
    this.#textAt = textAt;
    this.#following = following;
    this.#cards = targets.map((target) => this.#card(target));
    this.root.replaceChildren(...this.#cards.map((card) => card.figure));
    this.update();
  }

  // After each change of a text: shows it at once, and asks for the counts when the typing pauses.
  update() {
    for (const card of this.#cards) {
      const {thread = [], first_comment: comment = '', media = []} = this.#following();
      card.text.replaceChildren(body(card.target.platform, this.#textAt(card.target.platform)),
        ...(media.length > 0 ? [element('p', {className: 'hint'}, texts.images(media.length))] : []),
        ...[...thread, comment].filter(Boolean).map((part) => element('div', {className: 'text part'}, marked(part))));
      card.figure.setAttribute('aria-busy', 'true');
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), PAUSE_MS);
  }

  close() {
    clearTimeout(this.#timer);
    this.#asked += 1;
  }

  async #ask() {
    if (this.#cards.length === 0) return;
    this.#asked += 1;
    const mine = this.#asked;
    const cards = this.#cards;
    const {thread = [], first_comment: comment = '', media = []} = this.#following();
    let checks;
    try {
      checks = await api.check(cards.map(({target}) => ({
        ...(target.account_id ? {account_id: target.account_id} : {platform: target.platform}),
        text: this.#textAt(target.platform), thread, first_comment: comment, images: media.length,
      })));
    } catch (error) {
      if (mine === this.#asked) this.#tell(error.isOffline ? texts.notChecked : error.message);
      return;
    }
    if (mine !== this.#asked) return;  // An answer to an older text.
    cards.forEach((card, i) => this.#showCheck(card, checks[i] ?? {}));
    const wrong = cards.filter((card) => card.issues.childElementCount > 0).map((card) => card.target.name);
    this.#tell(wrong.length > 0 ? texts.doesNotFit(wrong) : texts.fits);
  }

  #tell(words) {
    if (words === this.#said) return;
    this.#said = words;
    this.verdict.textContent = words;
  }

  #showCheck(card, check) {
    const {length = 0, max_length: most = 0, issues = [], cost_micro_usd: cost = 0} = check;
    card.cost.textContent = cost > 0 ? texts.costs(`$${(cost / 1e6).toFixed(3)}`) : '';
    card.figure.removeAttribute('aria-busy');
    card.figure.classList.toggle('wrong', issues.length > 0);
    card.length.textContent = texts.lengthOf(length, most, texts.units[this.#limits.get(card.target.platform)?.unit] ?? '');
    card.bar.max = Math.max(most, 1);
    card.bar.value = Math.min(length, most);
    card.bar.setAttribute('aria-valuetext', card.length.textContent);
    card.issues.replaceChildren(...issues.map((issue) => element('li', {}, issue)));
  }

  #card(target) {
    const limit = this.#limits.get(target.platform);
    const card = {
      target,
      text: element('div'),
      length: element('span', {className: 'hint'}, '…'),
      bar: element('progress', {max: limit?.max_text ?? 1, value: 0, 'aria-label': texts.lengthAt(target.name)}),
      issues: element('ul', {className: 'issues'}),
      cost: element('p', {className: 'hint cost'}),
    };
    card.figure = element('figure', {className: `preview ${target.platform}`, 'data-account': String(target.account_id ?? '')},
      element('figcaption', {},
        element('strong', {}, target.name), ' ',
        target.name !== NAMES[target.platform] && element('span', {className: 'hint'}, NAMES[target.platform])),
      card.text,
      element('div', {className: 'count'}, card.bar, card.length),
      card.issues, card.cost,
      limit && element('details', {},
        element('summary', {}, texts.limits),
        element('p', {className: 'hint'},
          [texts.atMost(limit.max_text, texts.units[limit.unit] ?? ''), limit.max_bytes ? texts.bytes(limit.max_bytes) : '',
            limit.link_length ? texts.linksCount(limit.link_length) : '', limit.max_images ? texts.images(limit.max_images) : '']
            .filter(Boolean).join('; '), '. ',
          limit.publishes ? '' : `${texts.limitsOnly} `,
          link(limit.source, texts.source), ` (${limit.checked_on})`)));
    return card;
  }
}
