// What waits for approval, of oneself or, for whoever's role allows it, of another person: as it will be published, approved
// or sent back with a word.
import {api} from './api.js';
import {button, element, field, heading, say, show} from './dom.js';
import {fail, titleOf} from './planning.js';
import {NAMES} from './previews.js';
import {session} from './session.js';
import {momentText} from './times.js';
import {texts} from './texts.js';

export class Approvals {
  async open(parts, parameters, isOpen) {
    const author = /^[1-9]\d{0,15}$/.test(parts[0] ?? '') ? Number(parts[0]) : session.userId;
    const [posts, accounts] = await Promise.all([
      api.allPosts({user_id: author, state: 'in_review'}), api.accounts(author)]);
    if (!isOpen()) return;
    this.author = author;
    const names = new Map(accounts.map((account) => [account.account_id, account.name || NAMES[account.platform]]));
    this.list = element('div', {}, posts.map((post) => this.#card(post, names)));
    this.empty = element('p', {hidden: posts.length > 0}, texts.nothingWaits);
    const whose = element('input', {
      name: 'author', inputMode: 'numeric', pattern: '[1-9][0-9]*', maxLength: 16, 'data-key': 'author',
      value: author === session.userId ? '' : String(author),
    });
    show(heading(texts.tabs.approvals),
      element('form', {
        className: 'line',
        onsubmit: (event) => {
          event.preventDefault();
          location.hash = `#approvals/${whose.value.trim()}`;
        },
      }, field(texts.whosePosts, whose, texts.whoseHint), element('button', {type: 'submit'}, texts.showThem)),
      this.empty, this.list);
  }

  #card(post, names) {
    const note = element('textarea', {name: `note ${post.post_id}`, rows: 2, maxLength: 1000});
    const decide = (approved) => async () => {
      try {
        await api.review(this.author, post.post_id, post.revision, approved, note.value.trim());
        card.remove();
        this.empty.hidden = this.list.childElementCount > 0;
        (this.list.querySelector('button.main') ?? document.querySelector('#view h1')).focus();
        say(approved ? texts.approved : texts.sentBack);
      } catch (error) {
        fail(error);
      }
    };
    const card = element('article', {className: 'card', 'aria-label': titleOf(post)},
      element('h2', {}, this.author === session.userId
        ? element('a', {href: `#compose/${post.post_id}`, 'data-key': `post ${post.post_id}`}, titleOf(post)) : titleOf(post)),
      element('p', {className: 'hint'}, texts.changedAt(momentText(post.updated_at)), ' ',
        (post.account_ids ?? []).map((id) => names.get(id) ?? id).join(', ')),
      element('div', {className: 'text'}, post.text ?? ''),
      (post.versions ?? []).map((version) => [
        element('h3', {}, NAMES[version.platform]), element('div', {className: 'text'}, version.text)]),
      field(texts.note, note),
      element('div', {className: 'actions'},
        button(texts.approve, decide(true), {className: 'main', 'aria-label': `${texts.approve}: ${titleOf(post)}`}),
        button(texts.sendBack, decide(false), {'aria-label': `${texts.sendBack}: ${titleOf(post)}`})));
    return card;
  }
}
