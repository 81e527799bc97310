// One post after the other, to be swiped to the right (like), to the left (dislike), or judged by buttons and keys.
import {api} from './api.js';
import {button, element, say, show} from './dom.js';
import {icon} from './icons.js';
import {outbox} from './outbox.js';
import {postElement, reasonsElement} from './post.js';
import {telegram} from './telegram.js';
import {texts} from './texts.js';

const DECIDES_PX = 96;
const PAGE = 10;
// Three channels of seven posts each; fewer will do, once the server says so.
const TRAINING_GOAL = 21;

export class Cards {
  #queue = [];
  #done = [];  // For undo: {post, type}, the last at the end.
  #isTraining = false;
  #rated = 0;
  #needed = 7;
  #goal = 0;
  #reading = [];  // Channels that were not read yet.
  #sessionKey = '';

  async open() {
    const {user, rated_count: rated, needed_for_training: needed} = await api.user().catch((error) => {
      if (error.status !== 404) throw error;
      return api.start().then(api.user);
    });
    this.#rated = rated;
    this.#needed = needed;
    this.#isTraining = !user.is_trained;
    this.#sessionKey = `cards ${Date.now()}`;
    this.#done = [];
    this.#queue = [];
    await this.#fill();
    this.#show();
  }

  close() {
    telegram.setMain(null);
    document.onkeydown = null;
  }

  async #fill() {
    if (this.#isTraining) {
      const training = await api.training([]);
      this.#queue = training.posts ?? [];
      this.#reading = training.unread_channel_usernames ?? [];
      this.#goal = Math.max(this.#needed, Math.min(TRAINING_GOAL, this.#rated + this.#queue.length));
    } else {
      this.#queue = (await api.page(this.#sessionKey, PAGE)).posts ?? [];
    }
  }

  #show() {
    const canTrain = this.#isTraining && this.#rated >= this.#needed;
    const post = canTrain && this.#rated >= this.#goal ? undefined : this.#queue[0];
    telegram.setMain(canTrain ? texts.finishTraining : null);
    if (!post) return this.#showEnd(canTrain);
    const card = postElement(post, this.#isTraining ? null : reasonsElement(post));
    const like = element('span', {className: 'verdict like', 'aria-hidden': 'true'}, texts.like);
    const dislike = element('span', {className: 'verdict dislike', 'aria-hidden': 'true'}, texts.dislike);
    card.append(like, dislike);
    this.#dragging(card, like, dislike);
    document.onkeydown = (event) => this.#key(event);
    show(
      element('h1', {}, this.#isTraining ? texts.training : texts.cards),
      this.#isTraining && element('p', {className: 'hint'}, texts.progress(this.#rated, this.#goal)),
      element('div', {className: 'deck'}, card),
      element('div', {className: 'choices', role: 'group', 'aria-label': texts.judge},
        button([icon('dislike'), texts.dislike], () => this.#judge('dislike')),
        button([icon('skip'), texts.skip], () => this.#judge('skip')),
        button([icon('like'), texts.like], () => this.#judge('like'), {className: 'main'}),
        button([icon('save'), texts.save], () => this.#save()),
        button([icon('undo'), texts.undo], () => this.#undo(), {disabled: this.#done.length === 0})),
      // Telegram has its main button for that.
      canTrain && !telegram.isInside
        && button(texts.finishTraining, () => this.finishTraining(), {className: 'main wide'}),
      element('p', {className: 'hint keys'}, texts.keys));
  }

  #showEnd(canTrain) {
    document.onkeydown = null;
    show(
      element('h1', {}, this.#isTraining ? texts.training : texts.cards),
      element('p', {}, canTrain ? texts.trainingDone
        : !this.#isTraining ? texts.noMore
          : this.#reading.length > 0 ? texts.stillReading(this.#reading) : texts.noTrainingPosts),
      canTrain ? button(texts.finishTraining, () => this.finishTraining(), {className: 'main'})
        : button(texts.retry, () => this.open(), {className: 'main'}));
  }

  async finishTraining() {
    await outbox.flush();
    const trained = await api.train();
    if (!trained.success) return say(trained.message);
    telegram.notify('success');
    say(texts.trained);
    return this.open();
  }

  async #judge(type) {
    const post = this.#queue.shift();
    if (!post) return;
    telegram.impact('light');
    this.#done.push({post, type});
    this.#rated += 1;
    this.#show();
    // The server has ranked anew before it answers: what comes next knows this reaction.
    const answer = await outbox.add(post.id, type, {want_next: !this.#isTraining});
    if (outbox.size > 0) say(texts.keptOffline(outbox.size));
    const next = answer?.next_post;
    if (next && !this.#isTraining && !this.#queue.some((one) => one.id === next.id)
        && !this.#done.some((one) => one.post.id === next.id)) {
      this.#queue.splice(1, 0, next);
    }
    if (this.#queue.length === 0 && !this.#isTraining) {
      await this.#fill().catch(() => say(texts.offline));
      this.#show();
    }
  }

  async #save() {
    const post = this.#queue[0];
    if (!post) return;
    telegram.impact('medium');
    say(texts.saved);
    await outbox.add(post.id, 'save');
  }

  async #undo() {
    const last = this.#done.pop();
    if (!last) return;
    this.#queue.unshift(last.post);
    this.#rated -= 1;
    this.#show();
    await outbox.add(last.post.id, 'undo');
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input, select')) return;
    const action = {
      ArrowRight: () => this.#judge('like'),
      ArrowLeft: () => this.#judge('dislike'),
      ArrowDown: () => this.#judge('skip'),
      s: () => this.#save(),
      z: () => this.#undo(),
    }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  #dragging(card, like, dislike) {
    let from = null;
    card.addEventListener('pointerdown', (event) => {
      if (event.target.closest('a, button')) return;
      from = event.clientX;
      card.setPointerCapture(event.pointerId);
      card.classList.add('dragged');
    });
    card.addEventListener('pointermove', (event) => {
      if (from === null) return;
      const by = event.clientX - from;
      card.style.transform = `translateX(${by}px) rotate(${by / 30}deg)`;
      like.style.opacity = Math.min(1, Math.max(0, by / DECIDES_PX));
      dislike.style.opacity = Math.min(1, Math.max(0, -by / DECIDES_PX));
    });
    const end = (event) => {
      if (from === null) return;
      const by = event.type === 'pointerup' ? event.clientX - from : 0;
      from = null;
      card.classList.remove('dragged');
      if (Math.abs(by) >= DECIDES_PX) return this.#judge(by > 0 ? 'like' : 'dislike');
      card.style.transform = '';
      like.style.opacity = dislike.style.opacity = 0;
    };
    card.addEventListener('pointerup', end);
    card.addEventListener('pointercancel', end);
  }
}
