// The person: numbers and charts, what is saved, settings, and the address for feed readers.
import {api, apiBase, session} from './api.js';
import {barChart, dayChart} from './charts.js';
import {button, element, say, show} from './dom.js';
import {feedPost} from './feed.js';
import {telegram} from './telegram.js';
import {texts} from './texts.js';

const percent = (share) => `${Math.round(share * 100)} %`;

export class Profile {
  async open() {
    const [numbers, {settings = {}}] = await Promise.all([api.statistics(), api.settings()]);
    const days = (numbers.days ?? []).map((day) => ({day: day.day, likes: day.likes, dislikes: day.dislikes + day.skips}));
    const channels = (numbers.channels ?? []).map((one) => ({name: one.channel_title, value: one.likes}));
    show(
      element('h1', {}, texts.profile),
      element('dl', {className: 'figures'},
        ...[[numbers.rated_count, texts.rated], [numbers.rated_count ? percent(numbers.like_share_now) : '–', texts.likedNow],
          [numbers.saved_count, texts.savedCount]].map(([value, name]) =>
          element('div', {}, element('dt', {}, name), element('dd', {}, `${value}`)))),
      element('h2', {}, texts.byDay),
      days.length > 0 && element('p', {className: 'hint'}, texts.chartKey),
      days.length ? dayChart(days, texts.dayChart(days)) : element('p', {className: 'hint'}, texts.nothingYet),
      element('h2', {}, texts.byChannel),
      channels.length
        ? barChart(channels, channels.map((row) => `${row.name}: ${row.value}`).join('; '))
        : element('p', {className: 'hint'}, texts.nothingYet),
      ...this.#tastes(numbers.tastes ?? []),
      element('h2', {}, texts.savedPosts),
      numbers.saved_count > 0
        ? button(texts.showSaved, () => this.#showSaved())
        : element('p', {className: 'hint'}, texts.nothingYet),
      element('h2', {}, texts.settings),
      this.#settings(settings),
      element('h2', {}, texts.rss),
      element('p', {className: 'hint'}, texts.rssHint),
      button(texts.makeLink, (event) => this.#makeLink(event.target)),
      !telegram.isInside && element('p', {}, element('br'), button(texts.logOut, () => {
        session.close();
        location.reload();
      })));
  }

  close() { telegram.setBack(null); }

  #tastes(tastes) {
    const words = tastes.flatMap((reason) => reason.words ?? []);
    if (words.length === 0) return [];
    return [element('h2', {}, texts.tastes), element('p', {}, words.join(' · '))];
  }

  async #showSaved(token = '') {
    const page = await api.saved(token).catch(() => null);
    if (page === null) return say(texts.offline);
    const back = () => {
      telegram.setBack(null);
      this.open();
    };
    telegram.setBack(back);
    show(
      element('h1', {}, texts.savedPosts),
      button(`← ${texts.back}`, back),
      element('p'),
      ...((page.posts ?? []).length ? page.posts.map((post) => feedPost(post)) : [element('p', {}, texts.nothingYet)]),
      page.next_page_token && button(texts.more, () => this.#showSaved(page.next_page_token)));
  }

  #settings(settings) {
    const field = (name, properties) => element('input', {name, ...properties});
    const words = field('words', {type: 'text', value: (settings.muted_words ?? []).join(', ')});
    const hour = element('select', {name: 'hour'},
      element('option', {value: '0'}, texts.noDigest),
      ...Array.from({length: 24}, (_, i) => element('option', {value: `${i + 1}`},
        `${String((i + 1) % 24).padStart(2, '0')}:00`)));
    hour.value = `${settings.digest_hour ?? 0}`;
    const nudges = field('nudges', {type: 'checkbox', checked: !settings.nudges_off});
    const exploration = field('exploration', {
      type: 'range', min: 0, max: 30, step: 1, value: settings.exploration_percent ?? 10,
      oninput: () => { said.textContent = texts.exploration(exploration.value); },
    });
    const said = element('span', {}, texts.exploration(exploration.value));
    return element('form', {
      onsubmit: async (event) => {
        event.preventDefault();
        try {
          await api.saveSettings({
            language: texts.language,
            time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
            nudges_off: !nudges.checked,
            digest_hour: Number(hour.value),
            muted_words: words.value.split(',').map((word) => word.trim()).filter(Boolean),
            exploration_percent: Number(exploration.value),
          });
          telegram.notify('success');
          say(texts.changed);
        } catch (error) {
          telegram.notify('error');
          say(error.status === 0 ? texts.offline : error.message);
        }
      },
    },
    element('label', {}, texts.mutedWords, words),
    element('label', {}, texts.digestHour, hour),
    element('label', {className: 'row'}, nudges, texts.nudges),
    element('label', {}, said, exploration),
    element('button', {type: 'submit', className: 'main'}, texts.store));
  }

  async #makeLink(pressed) {
    try {
      const {path} = await api.link();
      pressed.replaceWith(element('input', {
        type: 'text', readOnly: true, value: apiBase + path, 'aria-label': texts.rss,
        onfocus: (event) => event.target.select(),
      }));
    } catch {
      say(texts.offline);
    }
  }
}
