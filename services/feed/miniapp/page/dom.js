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
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

// `content`: a text, or several texts and elements.
export function button(content, onclick, properties = {}) {
  return element('button', {type: 'button', onclick, ...properties}, ...[content].flat());
}

// What is false or null is left out.
export function show(...children) {
  const view = document.getElementById('view');
  view.replaceChildren(...children.filter(Boolean));
  view.removeAttribute('aria-busy');
}

let hiding = 0;

// Says it aloud, too: the line is a live region.
export function say(text, milliseconds = 4000) {
  const line = document.getElementById('status');
  line.textContent = text;
  clearTimeout(hiding);
  hiding = setTimeout(() => { line.textContent = ''; }, milliseconds);
}
