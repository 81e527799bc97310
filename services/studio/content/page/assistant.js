// Help with writing: a draft of a few words, shorter or better ones, hashtags, and the hour at which posts do best.
import {api} from './api.js';
import {button, element, field, say, select} from './dom.js';
import {fail} from './planning.js';
import {localText, momentText} from './times.js';
import {texts} from './texts.js';
import {NAMES} from './previews.js';

// post: {text(), setText(text), setVersion(platform, text), append(text), platforms(), account()}: what the composer has.
export function assistantFor(post) {
  const brief = element('textarea', {name: 'brief', rows: 2, maxLength: 2000});
  const tone = select(Object.entries(texts.tones), 'unspecified', {name: 'tone'});
  const by = element('p', {className: 'hint', role: 'status'});
  const working = (what) => async (event) => {
    const pressed = event.target;
    pressed.disabled = true;
    by.textContent = texts.writing;
    try {
      await what();
    } catch (error) {
      by.textContent = '';
      fail(error);
    } finally {
      pressed.disabled = false;
    }
  };
  const tell = (answer) => {
    by.textContent = texts.writtenBy(answer.model_used === 'rules' ? texts.rules : answer.model_used,
      answer.cost_usd ? ` · $${answer.cost_usd.toFixed(4)}` : '');
  };
  const rewrite = (rewriting) => working(async () => {
    const [platform] = post.platforms();
    const answer = await api.rewrite({text: post.text(), rewriting, tone: tone.value, platform});
    post.setText(answer.draft.text);
    tell(answer);
  });
  return element('details', {className: 'assistant'},
    element('summary', {}, texts.assistant),
    field(texts.brief, brief, texts.briefHint),
    field(texts.tone, tone),
    element('div', {className: 'actions'},
      button(texts.generate, working(async () => {
        const answer = await api.generate({brief: brief.value, tone: tone.value, platforms: post.platforms()});
        const [first, ...others] = answer.drafts ?? [];
        if (!first) throw new Error(texts.nothingWritten);
        post.setText(first.text);
        for (const draft of others) if (draft.text !== first.text) post.setVersion(draft.platform, draft.text);
        tell(answer);
      }), {'data-key': 'generate'}),
      button(texts.shorten, rewrite('shorten'), {'data-key': 'shorten'}),
      button(texts.rephrase, rewrite('rephrase'), {'data-key': 'rephrase'}),
      button(texts.findHashtags, working(async () => {
        const answer = await api.optimizeHashtags({text: post.text(), account_id: post.account()});
        const tags = (answer.hashtags ?? []).map(({hashtag}) => `#${hashtag}`);
        if (tags.length > 0) post.append(tags.join(' '));
        by.textContent = answer.known ? texts.hashtagsKnown : texts.hashtagsUnknown;
      }), {'data-key': 'hashtags'}),
      button(texts.bestTime, working(async () => {
        const account = post.account();
        if (!account) throw new Error(texts.chooseAccount);
        const answer = await api.insights(account);
        if (!answer.known) {
          by.textContent = answer.reason;
          return;
        }
        const at = document.querySelector('[name=publish_at]');
        if (at) at.value = localText(new Date(answer.next_best_at));
        by.textContent = texts.bestAt(momentText(answer.next_best_at));
        say(by.textContent);
      }), {'data-key': 'best time'})),
    by);
}

// What an account could publish on days on which nothing is planned: [{account_id, platform, name}].
export function suggestionsFor(accounts) {
  const list = element('ul', {className: 'list'});
  const chosen = select([['', texts.choose], ...accounts.map((one) => [one.account_id, `${one.name} · ${NAMES[one.platform]}`])], '', {
    name: 'suggest for',
    onchange: async () => {
      if (!chosen.value) return list.replaceChildren();
      try {
        const answer = await api.suggestions(Number(chosen.value));
        list.replaceChildren(...(answer.suggestions ?? []).map((one) => element('li', {},
          element('span', {className: 'name'}, `${momentText(one.publish_at)} · ${one.idea}`),
          element('span', {className: 'hint'}, one.reason))));
      } catch (error) {
        fail(error);
      }
    },
  });
  return element('section', {}, element('h2', {}, texts.suggestions), field(texts.suggestFor, chosen), list);
}
