// A post where it stands: other words, or away with it.
import {api} from './api.js';
import {button, element, say, sureButton} from './dom.js';
import {fail} from './planning.js';
import {texts} from './texts.js';

// result: of a post; name: of its account; text: what it says there; done() is called when something changed.
export function publishedControls(result, name, text, done) {
  const words = element('textarea', {name: `words ${result.publication_id}`, rows: 4, value: text, 'aria-label': texts.wordsAt(name)});
  return element('details', {},
    element('summary', {}, texts.changeThere),
    words,
    element('div', {className: 'actions'},
      button(texts.changeWords, async () => {
        try {
          await api.edit(result.publication_id, words.value);
          say(texts.wordsChanged(name));
          done();
        } catch (error) {
          fail(error);
        }
      }, {'aria-label': `${texts.changeWords} ${name}`}),
      sureButton(texts.removeThere, texts.reallyRemove, async () => {
        try {
          await api.removePublication(result.publication_id);
          say(texts.removedThere(name));
          done();
        } catch (error) {
          fail(error);
        }
      }, name)));
}
