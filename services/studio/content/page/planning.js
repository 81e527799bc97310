// A post's way to its time: the buttons and fields that plan it, and what each state is called.
import {api} from './api.js';
import {alarm, button, element, field, say} from './dom.js';
import {fromLocal, localText, momentText} from './times.js';
import {texts} from './texts.js';

export const CHANGEABLE = new Set(['draft', 'in_review', 'approved', 'scheduled', 'failed', 'partly_published']);

export function stateBadge(post) {
  return element('span', {className: `badge ${post.state}`}, texts.states[post.state] ?? post.state);
}

export function titleOf(post) {
  return post.title || [...(post.text ?? '')].slice(0, 60).join('').split('\n')[0] || texts.untitled;
}

export function mayPlan(post) {
  return ['approved', 'scheduled', 'failed'].includes(post.state) || (post.state === 'draft' && !post.needs_approval);
}

export async function plan(post, when) {
  const planned = await api.schedule(post.post_id, post.revision, when);
  say(planned.publish_at && !when.now ? texts.scheduledFor(momentText(planned.publish_at)) : texts.onItsWay);
  return planned;
}

// Says what went wrong, in words; true when somebody else changed it.
export function fail(error) {
  if (error.status === 401) return false;  // The login is asked for already.
  alarm(error.isOffline ? texts.offline : error.status === 403 ? texts.notAllowed : error.message);
  return error.isConflict;
}

// Where a post is planned from. saved(): the post as it is kept, saved first where it has changes; done(post) is called with
// what became of it.
export function planControls(saved, done, post) {
  const at = element('input', {
    type: 'datetime-local', name: 'publish_at', 'data-key': 'publish_at',
    value: localText(post?.publish_at ? new Date(post.publish_at) : new Date(Date.now() + 3600_000)),
  });
  const act = (what) => async () => {
    try {
      const current = await saved();
      if (current) done(await what(current));
    } catch (error) {
      fail(error);
    }
  };
  return element('fieldset', {},
    element('legend', {}, texts.plan),
    field(texts.publishAt, at),
    element('div', {className: 'actions'},
      button(texts.schedule, act(async (current) => {
        if (!at.value) throw new Error(texts.chooseTime);
        const date = fromLocal(at.value);
        // A time that has passed would publish at once.
        if (date.getTime() <= Date.now()) throw new Error(texts.inThePast);
        return plan(current, {publish_at: date.toISOString()});
      }), {'data-key': 'schedule'}),
      button(texts.nextSlot, act((current) => plan(current, {next_slot: true})), {'data-key': 'next_slot'}),
      button(texts.publishNow, act((current) => plan(current, {now: true})), {'data-key': 'now'}),
      post?.state === 'scheduled' && button(texts.unschedule, act(async (current) => {
        const taken = await api.unschedule(current.post_id);
        say(texts.unscheduled);
        return taken;
      }), {'data-key': 'unschedule'}),
      button(texts.submit, act(async (current) => {
        const waiting = await api.submit(current.post_id);
        say(texts.submitted);
        return waiting;
      }), {'data-key': 'submit'})));
}
