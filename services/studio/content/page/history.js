// What is below a post: its earlier versions, its use as a template, its end.
import {api} from './api.js';
import {button, element, say, sureButton} from './dom.js';
import {kept} from './kept.js';
import {fail, titleOf} from './planning.js';
import {momentText} from './times.js';
import {texts} from './texts.js';

// bringBack({title, text, versions}) takes an earlier version into the composer; fields() is what stands there now.
export function historyOf(post, fields, bringBack) {
  const list = element('ul', {className: 'list'});
  const loading = async (event) => {
    if (!event.target.open) return;
    const revisions = await api.revisions(post.post_id).catch((error) => { fail(error); return []; });
    list.replaceChildren(...revisions.map((revision) => element('li', {},
      element('span', {className: 'name'},
        `${revision.revision} · ${momentText(revision.saved_at)} · ${[...revision.text ?? ''].slice(0, 80).join('')}`),
      button(texts.bringBack, () => {
        bringBack(structuredClone({
          title: revision.title ?? '', text: revision.text ?? '', versions: revision.versions ?? [],
          thread: revision.thread ?? [], first_comment: revision.first_comment ?? '', media: revision.media ?? [],
        }));
        say(texts.broughtBack);
      }, {'aria-label': `${texts.bringBack} ${revision.revision}`}))));
  };
  return element('div', {},
    element('details', {ontoggle: loading}, element('summary', {}, texts.revisions), list),
    element('div', {className: 'actions'},
      button(texts.keepAsTemplate, async () => {
        try {
          await api.saveTemplate(fields().title || texts.untitled, fields().text);
          say(texts.saved);
        } catch (error) {
          fail(error);
        }
      }),
      sureButton(texts.remove, texts.reallyRemove, async () => {
        try {
          await api.remove(post.post_id);
          kept.forget();
          say(texts.removed);
          location.hash = '#drafts';
        } catch (error) {
          fail(error);
        }
      }, titleOf(post))));
}
