// A month or a week with what is due, and was published. Planned posts are moved by drag or by keys (moving.js).
import {api} from './api.js';
import {button, element, heading, say, show} from './dom.js';
import {canMove, mayGoTo, movedTo, takesDrops} from './moving.js';
import {fail, stateBadge, titleOf} from './planning.js';
import {
  addDays, addMonths, clockText, dateOf, dayOf, longDayText, momentText, monthText, shortWeekdayText, shownDays, timeZone,
  weekStart,
} from './times.js';
import {texts} from './texts.js';

export class Calendar {
  #mode = 'month';
  #day = dayOf(new Date());
  #posts = new Map();
  #isOpen = () => false;

  async open([mode, day], parameters, isOpen) {
    if (mode === 'week' || mode === 'month') this.#mode = mode;
    if (/^\d{4}-\d{2}-\d{2}$/.test(day ?? '')) this.#day = day;
    this.#isOpen = isOpen;
    await this.#load('');
  }

  async changed() {
    // While a post is held nothing moves under the fingers.
    if (!document.querySelector('#view .held')) await this.#load('').catch(() => {});
  }

  // Afterwards the post of focusId has the focus.
  async #load(focusId) {
    const days = shownDays(this.#mode, this.#day);
    const answer = await api.calendar(days[0], days.length, timeZone);
    if (!this.#isOpen()) return;
    const byDay = new Map((answer.days ?? []).map((one) => [one.day, one.posts ?? []]));
    this.#posts = new Map([...byDay.values()].flat().map((post) => [post.post_id, post]));
    this.#show(days, byDay, answer.ics ?? '');
    if (focusId) document.querySelector(`#view [data-key="post ${focusId}"]`)?.focus();
  }

  #go(mode, day) {
    location.hash = `#calendar/${mode}/${day}`;
  }

  #show(days, byDay, ics) {
    const isWeek = this.#mode === 'week';
    const today = dayOf(new Date());
    const step = (count) => (isWeek ? addDays(this.#day, 7 * count) : addMonths(this.#day, count));
    this.cells = new Map();
    const rows = [];
    for (let i = 0; i < days.length; i += 7) {
      rows.push(element('tr', {}, days.slice(i, i + 7).map((day) => this.#cell(day, byDay.get(day) ?? [], today))));
    }
    const label = isWeek ? texts.weekOf(longDayText(dateOf(weekStart(this.#day)))) : monthText(dateOf(this.#day));
    show(heading(texts.tabs.calendar),
      element('div', {className: 'actions', role: 'group', 'aria-label': texts.shownTime},
        button('‹', () => this.#go(this.#mode, step(-1)), {'aria-label': texts.earlier, 'data-key': 'earlier'}),
        button(texts.today, () => this.#go(this.#mode, today), {'data-key': 'today'}),
        button('›', () => this.#go(this.#mode, step(1)), {'aria-label': texts.later, 'data-key': 'later'}),
        button(texts.month, () => this.#go('month', this.#day), {'aria-pressed': String(!isWeek), 'data-key': 'month'}),
        button(texts.week, () => this.#go('week', this.#day), {'aria-pressed': String(isWeek), 'data-key': 'week'}),
        button(texts.ics, () => {
          const href = URL.createObjectURL(new Blob([ics], {type: 'text/calendar;charset=utf-8'}));
          element('a', {href, download: 'studio.ics'}).click();
          setTimeout(() => URL.revokeObjectURL(href), 60_000);
        }, {'data-key': 'ics'})),
      element('p', {className: 'hint', id: 'moving'}, texts.movingHint),
      element('table', {className: `calendar ${this.#mode}`, 'aria-describedby': 'moving'},
        element('caption', {}, label),
        element('thead', {}, element('tr', {}, [1, 2, 3, 4, 5, 6, 7].map((weekday) =>
          element('th', {scope: 'col'}, shortWeekdayText(weekday))))),
        element('tbody', {}, rows)));
  }

  #cell(day, posts, today) {
    const isOther = this.#mode === 'month' && day.slice(0, 7) !== this.#day.slice(0, 7);
    const cell = element('td', {
      className: `${isOther ? 'other' : ''}${day === today ? ' today' : ''}`, 'data-day': day,
      'aria-current': day === today ? 'date' : undefined,
    },
    element('span', {className: 'date', 'aria-hidden': 'true'}, String(Number(day.slice(8)))),
    element('span', {className: 'unseen'}, longDayText(dateOf(day))),
    posts.length > 0 && element('ul', {}, posts.map((post) => element('li', {}, this.#item(post)))));
    this.cells.set(day, cell);
    takesDrops(cell, day, (id, target) => {
      const post = this.#posts.get(id);
      if (post) this.#move(post, movedTo(post, target));
    });
    return cell;
  }

  #item(post) {
    const item = element('button', {
      type: 'button', className: `item ${post.state}`, 'data-key': `post ${post.post_id}`,
      onclick: () => { if (!item.classList.contains('held')) location.hash = `#compose/${post.post_id}`; },
    },
    element('time', {dateTime: post.publish_at}, clockText(post.publish_at)), ' ', titleOf(post), ' ',
    this.#mode === 'week' ? stateBadge(post) : element('span', {className: 'unseen'}, texts.states[post.state] ?? post.state));
    if (post.state === 'scheduled') {
      canMove(item, post, {
        weekStep: 7, move: (date) => this.#move(post, date), cellOf: (day) => this.cells.get(day),
      });
    }
    return item;
  }

  async #move(post, date) {
    if (date.getTime() === new Date(post.publish_at).getTime() || !mayGoTo(date)) return;
    try {
      const planned = await api.schedule(post.post_id, post.revision, {publish_at: date.toISOString()});
      await this.#load(post.post_id);
      say(texts.movedTo(titleOf(post), momentText(planned.publish_at)));
    } catch (error) {
      if (fail(error)) await this.#load(post.post_id).catch(() => {});
    }
  }
}
