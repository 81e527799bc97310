// The posts by their state, newest first; and many at once, out of a table.
import {api, newKey} from './api.js';
import {button, element, field, heading, say, select, show} from './dom.js';
import {fail, mayPlan, plan, stateBadge, titleOf} from './planning.js';
import {momentText, timeZone} from './times.js';
import {texts} from './texts.js';

const LONGEST_CSV = 1_000_000;

export class Drafts {
  #state = 'draft';

  async open(parts, parameters, isOpen) {
    if (parts[0] !== undefined) this.#state = parts[0];
    const {posts = [], next_page_token: token = ''} = await api.posts(this.#state === 'all' ? '' : this.#state);
    if (!isOpen()) return;
    const list = element('ul', {className: 'list'}, posts.map((post) => this.#row(post)));
    show(heading(texts.tabs.drafts),
      field(texts.state, select([['all', texts.allStates], ...Object.entries(texts.states)], this.#state,
        {'data-key': 'state', onchange: (event) => { location.hash = `#drafts/${event.target.value}`; }})),
      posts.length === 0 ? element('p', {}, texts.noPosts, ' ', element('a', {href: '#compose'}, texts.write)) : list,
      this.#more(list, token),
      this.#importing());
  }

  #more(list, token) {
    if (!token) return null;
    let next = token;
    const more = button(texts.more, async () => {
      try {
        const answer = await api.posts(this.#state === 'all' ? '' : this.#state, next);
        const rows = (answer.posts ?? []).map((post) => this.#row(post));
        list.append(...rows);
        rows[0]?.querySelector('a')?.focus();
        next = answer.next_page_token ?? '';
        more.hidden = !next;
      } catch (error) {
        fail(error);
      }
    });
    return more;
  }

  #row(post) {
    const row = element('li', {},
      element('span', {className: 'name'},
        element('a', {href: `#compose/${post.post_id}`, 'data-key': `post ${post.post_id}`}, titleOf(post)),
        element('span', {className: 'hint'}, ' ', momentText(post.publish_at ?? post.updated_at),
          (post.tags ?? []).map((tag) => ` #${tag}`)),
        post.review_note && element('span', {className: 'note'}, texts.reviewerSays(post.review_note))),
      stateBadge(post),
      mayPlan(post) && post.state !== 'scheduled' && (post.account_ids ?? []).length > 0 && button(texts.nextSlot, async () => {
        try {
          row.replaceWith(this.#row(await plan(post, {next_slot: true})));
        } catch (error) {
          fail(error);
        }
      }, {'aria-label': `${texts.nextSlot}: ${titleOf(post)}`}));
    return row;
  }

  #importing() {
    const file = element('input', {type: 'file', name: 'csv', accept: '.csv,text/csv', required: true});
    const issues = element('ul', {className: 'issues', 'aria-live': 'polite'});
    let key = newKey();
    return element('details', {},
      element('summary', {}, texts.importing),
      element('p', {className: 'hint'}, texts.importHint),
      element('form', {
        className: 'narrow',
        onsubmit: async (event) => {
          event.preventDefault();
          const chosen = file.files[0];
          if (!chosen) return;
          if (chosen.size > LONGEST_CSV) return issues.replaceChildren(element('li', {}, texts.tooLarge));
          try {
            const answer = await api.importCsv(await chosen.text(), timeZone, key);
            key = newKey();
            issues.replaceChildren(...(answer.issues ?? []).map(({row, issue}) => element('li', {}, texts.inRow(row, issue))));
            if ((answer.issues ?? []).length === 0) say(texts.imported((answer.post_ids ?? []).length));
          } catch (error) {
            fail(error);
          }
        },
      }, field(texts.csvFile, file), element('button', {type: 'submit'}, texts.import)), issues);
  }
}
