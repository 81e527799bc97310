// What others wrote to the accounts, newest first, with a box to answer each.
import {api, newKey} from './api.js';
import {button, check, element, field, heading, link, say, show} from './dom.js';
import {fail} from './planning.js';
import {NAMES} from './previews.js';
import {momentText} from './times.js';
import {texts} from './texts.js';

export class Inbox {
  #unanswered = true;

  async open(parts, parameters, isOpen) {
    const [{comments = [], next_page_token: next = ''}, accounts] = await Promise.all([
      api.comments(this.#unanswered), api.accounts()]);
    if (!isOpen()) return;
    this.isOpen = isOpen;
    this.again = () => this.open(parts, parameters, isOpen);
    this.names = new Map(accounts.map((account) => [account.account_id, account.name || NAMES[account.platform]]));
    this.list = element('div', {}, comments.map((comment) => this.#card(comment)));
    show(heading(texts.tabs.inbox),
      check(texts.onlyUnanswered, {
        checked: this.#unanswered, 'data-key': 'unanswered',
        onchange: (event) => {
          this.#unanswered = event.target.checked;
          this.again().catch(fail);
        },
      }),
      comments.length === 0 && element('p', {}, texts.nobodyWrote),
      this.list, this.#more(next));
  }

  #more(token) {
    if (!token) return null;
    const more = button(texts.showMore, async () => {
      try {
        const {comments = [], next_page_token: next = ''} = await api.comments(this.#unanswered, token);
        this.list.append(...comments.map((comment) => this.#card(comment)));
        const following = this.#more(next);
        if (following) more.replaceWith(following);
        else more.remove();
      } catch (error) {
        fail(error);
      }
    });
    return more;
  }

  #card(comment) {
    const {answer} = comment;
    const who = comment.author || texts.somebody;
    const isOpen = !answer || answer.state === 'refused';
    return element('article', {className: 'card', 'aria-label': `${who}: ${NAMES[comment.platform]}`},
      element('h2', {}, who),
      element('p', {className: 'hint'},
        texts.commentKinds[comment.kind] ?? '', ' · ', this.names.get(comment.account_id) ?? '', ' · ',
        link(comment.url, NAMES[comment.platform]), ' · ', momentText(comment.written_at), ' ',
        comment.post_id ? element('a', {href: `#compose/${comment.post_id}`}, texts.toThePost) : null),
      element('div', {className: 'text'}, comment.text ?? ''),
      answer && element('div', {className: `answer ${answer.state}`},
        element('strong', {}, texts.answerStates[answer.state] ?? answer.state), ' ',
        link(answer.url, answer.text ?? ''),
        answer.reason && element('span', {className: 'bad'}, answer.reason)),
      isOpen && this.#form(comment, who));
  }

  #form(comment, who) {
    const box = element('textarea', {name: `answer ${comment.comment_id}`, rows: 2, required: true, 'data-key': `answer ${comment.comment_id}`});
    // The same words sent twice are one answer.
    let key = newKey();
    box.addEventListener('input', () => { key = newKey(); });
    return element('form', {
      onsubmit: async (event) => {
        event.preventDefault();
        if (!box.value.trim()) return;
        try {
          await api.answer(comment.comment_id, box.value.trim(), key);
          say(texts.answerSent);
          if (this.isOpen()) await this.again();
        } catch (error) {
          fail(error);
        }
      },
    }, field(texts.yourAnswer, box),
    element('button', {type: 'submit', className: 'main', 'aria-label': `${texts.sendAnswer}: ${who}`}, texts.sendAnswer));
  }
}
