// Moving a planned post in the calendar: by drag, and by keys. M takes it up; the arrows move it by days (and by weeks in
// the month), page up and page down by hours; Enter puts it down, Escape leaves it where it was.
import {alarm, say} from './dom.js';
import {addDays, clockOf, clockText, dateOf, dayOf, longDayText} from './times.js';
import {texts} from './texts.js';

const DATA = 'text/x-studio-post';

// The same time of the day on another day.
export const movedTo = (post, day) => dateOf(day, clockOf(new Date(post.publish_at)));

function mayGoTo(date) {
  if (date.getTime() > Date.now()) return true;
  alarm(texts.inThePast);  // It would be published at once.
  return false;
}

// The part of a day that takes posts. move(postId, day) is called for what is dropped.
export function takesDrops(cell, day, move) {
  cell.addEventListener('dragover', (event) => {
    if (![...event.dataTransfer.types].includes(DATA)) return;
    event.preventDefault();
    cell.classList.add('target');
  });
  cell.addEventListener('dragleave', () => cell.classList.remove('target'));
  cell.addEventListener('drop', (event) => {
    event.preventDefault();
    cell.classList.remove('target');
    move(Number(event.dataTransfer.getData(DATA)), day);
  });
}

// item: the element of a planned post. move(date) plans it for then; cellOf(day) is the element of a day, or nothing.
export function canMove(item, post, {weekStep, move, cellOf}) {
  item.draggable = true;
  item.setAttribute('aria-keyshortcuts', 'M');
  item.addEventListener('dragstart', (event) => {
    event.dataTransfer.setData(DATA, String(post.post_id));
    event.dataTransfer.effectAllowed = 'move';
  });
  let target = null;  // While it is taken up.
  const end = (words) => {
    target = null;
    item.classList.remove('held');
    document.querySelector('.target')?.classList.remove('target');
    if (words) say(words);
  };
  const show = () => {
    document.querySelector('.target')?.classList.remove('target');
    cellOf(dayOf(target))?.classList.add('target');
    say(`${longDayText(target)}, ${clockText(target)}`, 60_000);
  };
  item.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target === null) {
      if (event.key.toLowerCase() !== 'm' && event.code !== 'KeyM') return;
      event.preventDefault();
      target = new Date(post.publish_at);
      item.classList.add('held');
      say(texts.takenUp, 60_000);
      return;
    }
    const days = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -weekStep, ArrowDown: weekStep}[event.key];
    const hours = {PageUp: -1, PageDown: 1}[event.key];
    if (days) target = dateOf(addDays(dayOf(target), days), clockOf(target));
    else if (hours) target = new Date(target.getTime() + hours * 3600_000);
    else if (event.key === 'Escape') end(texts.leftThere);
    else if (event.key === 'Enter') {
      if (mayGoTo(target)) {
        const date = target;
        end('');
        move(date);
      }
    } else return;
    event.preventDefault();
    if (days || hours) show();
  });
  item.addEventListener('blur', () => { if (target !== null) end(texts.leftThere); });
}

export {mayGoTo};
