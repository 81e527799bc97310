// Reactions on their way: each is kept on the device until the server has it, and has a key of its own, so that it
// takes effect once however often it is sent.
import {ApiError, api, session} from './api.js';
import {telegram} from './telegram.js';

const AGAIN_MS = 5_000;
const LONGEST_MS = 120_000;

class Outbox {
  #waiting = [];  // The oldest first.
  #sending = null;
  #pause = AGAIN_MS;
  #timer = 0;
  #inMemory = [];

  // Those of an earlier visit, too.
  start() {
    this.#waiting = this.#read();
    window.addEventListener('online', () => this.flush());
    this.flush();
  }

  get size() { return this.#waiting.length; }

  // Gives the server's answer, or null when it comes later.
  async add(postId, type, more = {}) {
    const reaction = {
      post_id: postId,
      interaction_type: type,
      idempotency_key: crypto.randomUUID(),
      happened_at: new Date().toISOString(),
      ...more,
    };
    this.#waiting.push(reaction);
    this.#write();
    return this.flush(reaction);
  }

  // One after the other, in their order: an undo must not overtake what it undoes.
  async flush(asked = null) {
    while (this.#sending) await this.#sending;
    this.#sending = this.#flush(asked);
    try {
      return await this.#sending;
    } finally {
      this.#sending = null;
    }
  }

  async #flush(asked) {
    let answer = null;
    while (this.#waiting.length > 0) {
      const next = this.#waiting[0];
      try {
        const got = await api.react(next);
        if (next === asked) answer = got;
      } catch (error) {
        if (!(error instanceof ApiError) || error.isTemporary || error.status === 401) {
          this.#later();
          return answer;
        }
        // The server will never take it: its post is gone, say.
      }
      this.#waiting.shift();
      this.#write();
      this.#pause = AGAIN_MS;
    }
    return answer;
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_MS);
  }

  get #name() { return `outbox ${session.userId}`; }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.#name) ?? '[]');
    } catch {
      return this.#inMemory;
    }
  }

  #write() {
    this.#inMemory = this.#waiting;
    try {
      localStorage.setItem(this.#name, JSON.stringify(this.#waiting));
    } catch {
      // A frame without storage: they last as long as the page.
    }
    telegram.confirmClosing(this.#waiting.length > 0);
  }
}

export const outbox = new Outbox();
