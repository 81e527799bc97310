// What is planned, in the order of its time, and the times of the week for what is queued.
import {api} from './api.js';
import {suggestionsFor} from './assistant.js';
import {button, element, field, heading, say, select, show} from './dom.js';
import {fail, titleOf} from './planning.js';
import {momentText, timeZone, weekdayText} from './times.js';
import {texts} from './texts.js';

const two = (number) => String(number).padStart(2, '0');
const minuteText = (minute) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;

export class Queue {
  #isOpen = () => false;

  async open(parts, parameters, isOpen) {
    this.#isOpen = isOpen;
    const [posts, slots, accounts] = await Promise.all([api.allPosts({state: 'scheduled'}), api.slots(), api.accounts()]);
    if (!isOpen()) return;
    posts.sort((a, b) => new Date(a.publish_at) - new Date(b.publish_at));
    this.slots = slots.slots ?? [];
    this.zone = slots.time_zone || timeZone;
    this.editor = element('div');
    show(heading(texts.tabs.queue),
      posts.length === 0 ? element('p', {}, texts.nothingPlanned)
        : element('ol', {className: 'list'}, posts.map((post) => this.#row(post))),
      (slots.next ?? []).length > 0 && element('p', {className: 'hint'},
        texts.freeNext(slots.next.map((at) => momentText(at)))),
      element('h2', {}, texts.slots), this.editor, accounts.length > 0 && suggestionsFor(accounts));
    this.#showSlots();
  }

  #row(post) {
    const row = element('li', {},
      element('time', {dateTime: post.publish_at}, momentText(post.publish_at)),
      element('a', {className: 'name', href: `#compose/${post.post_id}`, 'data-key': `post ${post.post_id}`}, titleOf(post)),
      button(texts.unschedule, async () => {
        try {
          await api.unschedule(post.post_id);
          row.remove();
          say(texts.unscheduled);
        } catch (error) {
          fail(error);
        }
      }, {'aria-label': `${texts.unschedule}: ${titleOf(post)}`}));
    return row;
  }

  #showSlots() {
    const weekday = select([1, 2, 3, 4, 5, 6, 7].map((day) => [day, weekdayText(day)]), 1, {name: 'weekday'});
    const time = element('input', {type: 'time', name: 'time', value: '09:00', required: true});
    const zone = element('input', {name: 'time_zone', value: this.zone});
    const zones = element('datalist', {id: 'zones'}, (Intl.supportedValuesOf?.('timeZone') ?? []).map((name) =>
      element('option', {value: name})));
    zone.setAttribute('list', 'zones');
    this.editor.replaceChildren(
      this.slots.length === 0 ? element('p', {}, texts.noSlots)
        : element('ul', {className: 'slots'}, this.slots.map((slot) => {
          const name = `${weekdayText(slot.weekday)} ${minuteText(slot.minute)}`;
          return element('li', {}, name, ' ', button('×', () => this.#set(this.slots.filter((one) => one !== slot), this.zone),
            {'aria-label': texts.removeSlot(name)}));
        })),
      element('form', {
        className: 'line',
        onsubmit: (event) => {
          event.preventDefault();
          const [hours, minutes] = time.value.split(':').map(Number);
          this.#set([...this.slots, {weekday: Number(weekday.value), minute: hours * 60 + minutes}], this.zone);
        },
      }, field(texts.weekday, weekday), field(texts.time, time), element('button', {type: 'submit'}, texts.addSlot)),
      element('form', {
        className: 'line',
        onsubmit: (event) => { event.preventDefault(); this.#set(this.slots, zone.value.trim()); },
      }, field(texts.timeZone, zone), zones, element('button', {type: 'submit'}, texts.save)));
  }

  async #set(slots, zone) {
    try {
      const answer = await api.setSlots(slots, zone);
      if (!this.#isOpen()) return;
      this.slots = answer.slots ?? [];
      this.zone = zone;
      this.#showSlots();
      this.editor.querySelector('select').focus();
      say(texts.saved);
    } catch (error) {
      fail(error);
    }
  }
}
