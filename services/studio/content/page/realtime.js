// The person's events as they happen, by long polling. What happened before the page was opened is passed over.
import {api} from './api.js';
import {session} from './session.js';

const WAIT_SECONDS = 25;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

const listeners = new Set();
let stopping = null;

// heard(events): [{type: 'social.post.published', data: {post_id: '12', ...}}]; an empty list when some are missing.
export function onEvents(heard) {
  listeners.add(heard);
}

function tell(events) {
  for (const heard of listeners) heard(events);
}

export function stopEvents() {
  stopping?.abort();
  stopping = null;
}

export function startEvents() {
  stopEvents();
  stopping = new AbortController();
  follow(stopping.signal);
}

async function follow(signal) {
  let position = '0';
  let isCurrent = false;  // Whether all that was kept from before has been passed over.
  let pause = FIRST_PAUSE_MS;
  while (!signal.aborted && session.isOpen) {
    try {
      const answer = await api.events(position, isCurrent ? WAIT_SECONDS : 0, signal);
      if (signal.aborted) return;
      const events = answer.events ?? [];
      position = answer.position ?? position;
      if (isCurrent && (answer.gap || events.length > 0)) tell(answer.gap ? [] : events);
      if (events.length === 0) isCurrent = true;
      pause = FIRST_PAUSE_MS;
    } catch (error) {
      if (signal.aborted || error.status === 401 || error.status === 403) return;
      const waited = pause * (0.5 + Math.random() / 2);
      await new Promise((resolve) => { setTimeout(resolve, waited); });
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
}
