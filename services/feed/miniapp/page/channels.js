// The person's channels: add, mute, use for training, take away; and those that the feed proposes.
import {api} from './api.js';
import {button, element, say, show} from './dom.js';
import {telegram} from './telegram.js';
import {ageText, texts} from './texts.js';

export class Channels {
  async open() {
    const [own, proposed] = await Promise.all([
      api.channels(),
      api.propose().catch(() => ({proposals: []})),
    ]);
    const input = element('input', {
      type: 'text', name: 'channel', autocapitalize: 'none', spellcheck: false,
      placeholder: '@channel', 'aria-label': texts.channelName, required: true, maxLength: 512,
    });
    show(
      element('h1', {}, texts.channels),
      element('form', {
        className: 'line',
        onsubmit: (event) => {
          event.preventDefault();
          this.#change(() => api.follow({channel_username: input.value}), texts.added);
        },
      }, input, element('button', {type: 'submit', className: 'main'}, texts.add)),
      element('ul', {className: 'list'}, ...(own.channels ?? []).map((one) => this.#row(one))),
      (own.channels ?? []).length === 0 && element('p', {}, texts.noChannels),
      ...this.#proposals(proposed.proposals ?? []));
  }

  close() {}

  async #change(action, done) {
    try {
      await action();
      telegram.notify('success');
      say(done);
      await this.open();
    } catch (error) {
      telegram.notify('error');
      say(error.status === 0 ? texts.offline : error.message);
    }
  }

  #row({channel, is_muted: isMuted, is_bonus: isBonus, is_for_training: isForTraining}) {
    const name = channel.title || channel.username;
    const facts = [
      isBonus && texts.bonus,
      isForTraining && texts.forTraining,
      channel.newest_posted_at
        ? texts.newest(ageText((Date.now() - Date.parse(channel.newest_posted_at)) / 1000))
        : texts.unread,
    ].filter(Boolean);
    return element('li', {},
      element('span', {className: 'name'}, element('strong', {}, name), element('br'),
        element('span', {className: 'hint'}, facts.join(' · '))),
      button(isMuted ? texts.unmute : texts.mute,
        () => this.#change(() => api.follow({channel_id: channel.id, is_muted: !isMuted}), texts.changed),
        {'aria-label': `${isMuted ? texts.unmute : texts.mute}: ${name}`}),
      button('✕', () => this.#change(() => api.unfollow(channel.id), texts.removed),
        {'aria-label': `${texts.remove}: ${name}`}));
  }

  #proposals(proposals) {
    if (proposals.length === 0) return [];
    return [
      element('h2', {}, texts.proposed),
      element('ul', {className: 'list'}, ...proposals.map(({channel, relevance_score: score}) => {
        const name = channel.title || channel.username;
        return element('li', {},
          element('span', {className: 'name'}, element('strong', {}, name), element('br'),
            element('span', {className: 'hint'}, texts.fits(Math.round(score * 100)))),
          button(texts.add, () => this.#change(() => api.follow({channel_id: channel.id}), texts.added),
            {'aria-label': `${texts.add}: ${name}`}));
      })),
    ];
  }
}
