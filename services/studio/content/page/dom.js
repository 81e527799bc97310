// Elements, and what the page tells people.

// element('button', {type: 'button', onclick: f}, 'Text', other): properties that begin with "on" are listeners, those
// with a dash or "role" are attributes. Texts are texts, never HTML.
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (key.includes('-') || key === 'role') made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export function button(text, onclick, properties = {}) {
  return element('button', {type: 'button', onclick, ...properties}, text);
}

// A control with its label; the label is a line of its own.
export function field(label, control, hint) {
  return element('label', {}, label, control, hint && element('span', {className: 'hint'}, hint));
}

export function check(label, properties) {
  return element('label', {className: 'row'}, element('input', {type: 'checkbox', ...properties}), label);
}

// Options: [[value, text]].
export function select(options, chosen, properties = {}) {
  return element('select', properties, options.map(([value, text]) =>
    element('option', {value, selected: String(value) === String(chosen)}, text)));
}

// Only http and https: addresses come from other people's servers.
export function link(url, text) {
  if (!/^https?:\/\//i.test(url ?? '')) return element('span', {}, text);
  return element('a', {href: url, target: '_blank', rel: 'noopener noreferrer'}, text);
}

let isDirty = false;  // Somebody has typed into what is shown.
document.getElementById('view').addEventListener('input', () => { isDirty = true; });
export const hasInput = () => isDirty;

// Shows a view. Who was at an element with a data-key, and finds it again, stays there; otherwise it begins at its heading.
export function show(...children) {
  const view = document.getElementById('view');
  const wasInside = view.contains(document.activeElement);
  const key = wasInside ? document.activeElement.dataset.key : undefined;
  view.replaceChildren(...children.flat(Infinity).filter(Boolean));
  view.removeAttribute('aria-busy');
  isDirty = false;
  if (key) [...view.querySelectorAll('[data-key]')].find((one) => one.dataset.key === key)?.focus();
  if (wasInside && !view.contains(document.activeElement)) view.querySelector('h1')?.focus({preventScroll: true});
}

export function heading(text) {
  return element('h1', {tabIndex: -1}, text);
}

let hiding = 0;
let calming = 0;

// Says it aloud, too: the line is a live region.
export function say(text, milliseconds = 5000) {
  const line = document.getElementById('status');
  line.textContent = text;
  clearTimeout(hiding);
  hiding = setTimeout(() => { line.textContent = ''; }, milliseconds);
}

// Interrupts whoever listens: something did not work.
export function alarm(text, milliseconds = 10_000) {
  const line = document.getElementById('alarm');
  line.textContent = text;
  clearTimeout(calming);
  calming = setTimeout(() => { line.textContent = ''; }, milliseconds);
}

// A button whose first press asks; only the second one, within five seconds, does it. about: what it is done to.
export function sureButton(text, question, onclick, about) {
  const call = (words) => {
    made.textContent = words;
    made.setAttribute('aria-label', `${words} ${about}`);
  };
  const made = button(text, () => {
    if (made.dataset.asked) return onclick();
    made.dataset.asked = 'yes';
    call(question);
    say(`${question} ${about}`);
    setTimeout(() => {
      delete made.dataset.asked;
      call(text);
    }, 5000);
  }, {className: 'danger', 'aria-label': `${text} ${about}`});
  return made;
}
