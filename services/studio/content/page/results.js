// How posts do: by platform, by account, by state, and the best of them.
import {api} from './api.js';
import {barChart} from './charts.js';
import {element, field, heading, link, select, show} from './dom.js';
import {titleOf} from './planning.js';
import {NAMES} from './previews.js';
import {momentText} from './times.js';
import {texts} from './texts.js';

const figures = (metrics) => [metrics?.likes ?? 0, metrics?.reposts ?? 0, metrics?.replies ?? 0];

export class Results {
  #days = 30;

  async open([days], parameters, isOpen) {
    if (/^\d{1,3}$/.test(days ?? '')) this.#days = Math.min(Math.max(Number(days), 1), 365);
    const [analytics, metrics, accounts] = await Promise.all([api.analytics(this.#days), api.metrics(), api.accounts()]);
    if (!isOpen()) return;
    const {platforms = [], states = [], best = []} = analytics;
    const names = new Map(accounts.map((account) => [account.account_id, account.name || NAMES[account.platform]]));
    const people = [texts.likes, texts.reposts, texts.replies];
    show(heading(texts.tabs.results),
      field(texts.period, select([7, 30, 90, 365].map((count) => [count, texts.lastDays(count)]), this.#days,
        {'data-key': 'days', onchange: (event) => { location.hash = `#results/${event.target.value}`; }})),
      platforms.length === 0 && metrics.length === 0 && states.length === 0 && element('p', {}, texts.noResults),
      platforms.length > 0 && barChart(texts.reactionsByPlatform,
        platforms.map((one) => ({name: NAMES[one.platform], values: figures(one.metrics)})), people),
      platforms.length > 0 && barChart(texts.postsByPlatform,
        platforms.map((one) => ({name: NAMES[one.platform], values: [one.published ?? 0, one.refused ?? 0]})),
        [texts.published, texts.refused]),
      metrics.length > 0 && barChart(texts.reactionsByAccount,
        metrics.map((one) => ({name: names.get(one.account_id) ?? NAMES[one.platform], values: figures(one.metrics)})), people),
      states.length > 0 && barChart(texts.postsByState,
        states.map(({state, posts = 0}) => ({name: texts.states[state] ?? state, values: [posts]})), [texts.posts]),
      best.length > 0 && [element('h2', {}, texts.best),
        element('ol', {className: 'list'}, best.map((post) => this.#best(post)))]);
  }

  #best(post) {
    return element('li', {},
      element('a', {className: 'name', href: `#compose/${post.post_id}`, 'data-key': `post ${post.post_id}`}, titleOf(post)),
      element('span', {}, (post.results ?? []).map((result) => {
        const [likes, reposts, replies] = figures(result.metrics);
        const read = result.metrics?.measured_at ? ` (${momentText(result.metrics.measured_at)})` : '';
        return element('span', {className: 'result'},
          link(result.url, NAMES[result.platform]), ` ${texts.numbersOf(likes, reposts, replies)}${read} `);
      })));
  }
}
