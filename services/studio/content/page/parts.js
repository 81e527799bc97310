// What belongs to a post besides its text: pictures, the parts of a thread, the first comment.
import {api, newKey} from './api.js';
import {button, element, field, say} from './dom.js';
import {fail} from './planning.js';
import {texts} from './texts.js';

const MOST_PARTS = 24;
const MOST_PICTURES = 10;
const MOST_BYTES = 3 * 1024 * 1024;

const area = (label, value, name, onchange) => element('textarea', {
  name, rows: 3, value, maxLength: 15_000, 'aria-label': label, oninput: (event) => onchange(event.target.value),
});

// fields: {media, thread, first_comment}, which are changed; edited() is called afterwards.
export class Parts {
  #fields;
  #edited;

  constructor(fields, edited) {
    this.#fields = fields;
    this.#edited = edited;
    this.pictures = element('ul', {className: 'list pictures'});
    this.thread = element('ol', {className: 'list thread'});
    this.file = element('input', {
      type: 'file', name: 'picture', accept: 'image/*', multiple: true, onchange: () => this.#bring([...this.file.files]),
    });
    this.add = button(texts.addPart, () => {
      this.#fields.thread.push('');
      this.#show();
      this.thread.querySelector('li:last-child textarea').focus();
    }, {'data-key': 'add part'});
    this.root = element('details', {open: fields.media.length + fields.thread.length > 0 || fields.first_comment !== ''},
      element('summary', {}, texts.morePieces),
      field(texts.pictures, this.file, texts.picturesHint), this.pictures,
      this.thread, this.add,
      field(texts.firstComment, area(texts.firstComment, fields.first_comment, 'first_comment', (value) => {
        this.#fields.first_comment = value;
        this.#edited();
      }), texts.firstCommentHint));
    this.#show();
  }

  #changed() {
    this.#show();
    this.#edited();
  }

  #show() {
    const {media, thread} = this.#fields;
    this.add.disabled = thread.length >= MOST_PARTS;
    this.file.disabled = media.length >= MOST_PICTURES;
    this.pictures.replaceChildren(...media.map((picture, i) => element('li', {},
      field(texts.altOf(i + 1), element('input', {
        name: `alt ${i}`, value: picture.alt ?? '', maxLength: 1000,
        oninput: (event) => { picture.alt = event.target.value; this.#edited(); },
      }), texts.altHint),
      button(texts.removePicture, () => {
        media.splice(i, 1);
        this.#changed();
        this.file.focus();
      }, {'aria-label': `${texts.removePicture} ${i + 1}`}))));
    this.thread.replaceChildren(...thread.map((part, i) => element('li', {},
      area(texts.partOf(i + 2), part, `part ${i}`, (value) => { thread[i] = value; this.#edited(); }),
      button(texts.removePart, () => {
        thread.splice(i, 1);
        this.#changed();
        this.add.focus();
      }, {'aria-label': `${texts.removePart} ${i + 2}`}))));
  }

  async #bring(files) {
    for (const file of files.slice(0, MOST_PICTURES - this.#fields.media.length)) {
      try {
        if (file.size > MOST_BYTES) throw new Error(texts.pictureTooLarge(file.name));
        say(texts.bringing(file.name));
        const kept = await api.store(file.name, new Uint8Array(await file.arrayBuffer()), newKey());
        if (!(kept.media_type ?? '').startsWith('image/')) throw new Error(texts.noPicture(file.name));
        this.#fields.media.push({file_id: kept.file_id, alt: ''});
        say(texts.brought(file.name));
      } catch (error) {
        fail(error);
      }
    }
    this.file.value = '';
    this.#changed();
  }
}
