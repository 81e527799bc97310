// The accounts at platforms, how they are, and what is stuck there.
import {api} from './api.js';
import {button, element, field, heading, link, say, select, show, sureButton} from './dom.js';
import {fail} from './planning.js';
import {NAMES} from './previews.js';
import {momentText} from './times.js';
import {texts} from './texts.js';

// What each platform needs to be connected by.
const NEEDS = {
  telegram: ['target', 'secret'],
  mastodon: ['server', 'secret'],
  bluesky: ['login', 'secret', 'server'],
  wordpress: ['server', 'login', 'secret'],
  x: ['secret', 'refresh_token', 'client_id'],
  linkedin: ['secret', 'target'],
  facebook: ['secret'],
  instagram: ['secret'],
};
const OPTIONAL = {bluesky: ['server'], linkedin: ['target'], x: ['refresh_token', 'client_id']};
const SECRETS = ['secret', 'refresh_token'];

export class Accounts {
  async open(parts, parameters, isOpen) {
    const [accounts, publications] = await Promise.all([api.accounts(), api.publications()]);
    if (!isOpen()) return;
    this.isOpen = isOpen;
    this.again = () => this.open(parts, parameters, isOpen);
    const stuck = publications.filter(({state, reason}) => state === 'unknown' || (state === 'pending' && reason));
    show(heading(texts.tabs.accounts),
      accounts.length === 0 ? element('p', {}, texts.noAccounts)
        : element('ul', {className: 'list'}, accounts.map((account) => this.#row(account))),
      stuck.length > 0 && [element('h2', {}, texts.stuck),
        element('ul', {className: 'list'}, stuck.map((publication) => this.#stuck(publication, accounts)))],
      element('h2', {}, texts.connect), this.#form());
  }

  #row(account) {
    const name = account.name || NAMES[account.platform];
    const isRefused = account.state === 'refused';
    return element('li', {},
      element('span', {className: 'name'},
        element('strong', {}, name), ' ',
        element('span', {className: 'hint'},
          [NAMES[account.platform], account.server, account.target].filter(Boolean).join(' · ')),
        isRefused && element('span', {className: 'bad'}, account.reason || texts.connectAgain)),
      element('span', {className: `badge ${isRefused ? 'failed' : 'published'}`},
        texts.accountStates[account.state] ?? account.state),
      account.connected_at && element('span', {className: 'hint'}, texts.since(momentText(account.connected_at))),
      isRefused && button(texts.connectAgain, () => {
        this.platform.value = account.platform;
        this.#showNeeds(account);
        this.needs.querySelector('input[name=secret]').focus();
      }, {'aria-label': `${texts.connectAgain}: ${name}`}),
      sureButton(texts.disconnect, texts.reallyDisconnect, async () => {
        try {
          await api.disconnect(account.account_id);
          say(texts.disconnected);
          if (this.isOpen()) await this.again();
        } catch (error) {
          fail(error);
        }
      }, name));
  }

  #stuck(publication, accounts) {
    const account = accounts.find((one) => one.account_id === publication.account_id);
    const settle = (published) => async () => {
      try {
        await api.settle(publication.publication_id, published);
        say(texts.saved);
        if (this.isOpen()) await this.again();
      } catch (error) {
        fail(error);
      }
    };
    const short = [...publication.text ?? ''].slice(0, 80).join('');
    return element('li', {},
      element('span', {className: 'name'}, `${account?.name || NAMES[publication.platform]}: ${short}`,
        element('span', {className: 'bad'}, publication.reason || texts.unknownOutcome)),
      account && link(account.server, NAMES[publication.platform]),
      publication.state === 'unknown' && [
        button(texts.itIsThere, settle(true), {'aria-label': `${texts.itIsThere}: ${short}`}),
        button(texts.itIsNot, settle(false), {'aria-label': `${texts.itIsNot}: ${short}`})]);
  }

  #form() {
    this.needs = element('div');
    this.platform = select(Object.keys(NEEDS).map((name) => [name, NAMES[name]]), 'telegram', {
      name: 'platform', onchange: () => this.#showNeeds(),
    });
    this.#showNeeds();
    return element('form', {
      className: 'narrow', autocomplete: 'off',
      onsubmit: async (event) => {
        event.preventDefault();
        const account = {platform: this.platform.value};
        for (const input of this.needs.querySelectorAll('input')) {
          if (input.value.trim()) account[input.name] = input.value.trim();
        }
        try {
          const made = (await api.connect(account)).account;
          say(texts.connected(made?.name || NAMES[account.platform]));
          if (this.isOpen()) await this.again();
        } catch (error) {
          fail(error);
        }
      },
    }, field(texts.platform, this.platform), this.needs, element('button', {type: 'submit', className: 'main'}, texts.connect));
  }

  #showNeeds(known = {}) {
    const platform = this.platform.value;
    this.needs.replaceChildren(...NEEDS[platform].map((name) => field(texts.needs[platform][name], element('input', {
      name, value: known[name] ?? '', type: SECRETS.includes(name) ? 'password' : 'text',
      autocomplete: SECRETS.includes(name) ? 'new-password' : 'off', required: !(OPTIONAL[platform] ?? []).includes(name),
    }))));
  }
}
