// A line chart as SVG that moves: the last values of one or more series, for eyes, pointer, keyboard and screen reader.

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 340;
const HEIGHT = 96;
const LEFT = 50;
const BOTTOM = 14;

function node(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// The next of 1, 2, 5, 10, ... from `value` on.
export function roundUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((bound) => bound >= value * 0.999);
}

export class LineChart {
  // series: names, at most three. format: a number to its text with unit; axis: the same for the scale, which has less
  // room. span: milliseconds shown. least: the smallest upper end of the scale. bound: a number to the next round one.
  constructor({title, series, format, axis = format, span, least = 1, bound = roundUp}) {
    Object.assign(this, {title, series, format, axis, span, least, bound, points: [], chosen: null});
    this.now = element('strong', {textContent: '…'});
    this.svg = node('svg', {class: 'chart', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', tabindex: 0});
    const legend = element('ul', {className: 'legend'},
      ...(series.length > 1 ? series.map((name) => element('li', {textContent: name})) : []));
    legend.setAttribute('aria-hidden', 'true');
    this.said = element('p', {className: 'hint', textContent: '\u00a0'});
    this.said.setAttribute('aria-live', 'polite');
    this.figure = element('figure', {}, element('figcaption', {}, element('span', {textContent: title}), this.now),
      this.svg, legend, this.said);
    this.figure.dataset.testid = 'chart';
    this.svg.addEventListener('pointermove', (event) => this.choose(this.at(event)));
    this.svg.addEventListener('pointerleave', () => this.choose(null));
    this.svg.addEventListener('blur', () => this.choose(null));
    this.svg.addEventListener('keydown', (event) => this.press(event));
  }

  // values: one a series; null: unknown.
  add(time, values) {
    this.points.push({time, values});
    while (this.points[0].time < time - this.span) {
      this.points.shift();
      if (this.chosen !== null) this.chosen = Math.max(0, this.chosen - 1);
    }
    this.draw();
  }

  x(time) {
    const end = this.points[this.points.length - 1].time;
    return LEFT + (1 - (end - time) / this.span) * (WIDTH - LEFT - 4);
  }

  at(event) {
    if (!this.points.length) return null;
    const box = this.svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * WIDTH;
    const distances = this.points.map((point) => Math.abs(this.x(point.time) - x));
    return distances.indexOf(Math.min(...distances));
  }

  press(event) {
    const last = this.points.length - 1;
    const from = this.chosen ?? last;
    const to = {ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last, Escape: null}[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    this.choose(to === null ? null : Math.min(last, Math.max(0, to)));
  }

  choose(index) {
    this.chosen = index;
    const point = index === null ? undefined : this.points[index];
    this.said.textContent = point ? `${new Date(point.time).toLocaleTimeString()}: ${this.words(point)}` : '\u00a0';
    this.draw();
  }

  words({values}) {
    return values.map((value, i) => {
      const text = value === null ? 'unknown' : this.format(value);
      return this.series.length > 1 ? `${this.series[i]} ${text}` : text;
    }).join(', ');
  }

  draw() {
    const last = this.points[this.points.length - 1];
    if (!last) return;
    const known = this.points.flatMap((point) => point.values).filter((value) => value !== null);
    const highest = Math.max(0, ...known);
    const top = this.bound(Math.max(this.least, highest));
    const y = (value) => 6 + (1 - value / top) * (HEIGHT - BOTTOM - 6);
    this.now.textContent = last.values[0] === null ? '…' : this.format(last.values[0]);
    this.svg.setAttribute('aria-label', `${this.title}, chart: now ${this.words(last)}; at most ${this.format(highest)}`);
    const parts = [0, 0.5, 1].flatMap((share) => [
      node('line', {class: 'grid', x1: LEFT, x2: WIDTH - 4, y1: y(top * share), y2: y(top * share)}),
      node('text', {x: LEFT - 5, y: y(top * share) + 3, 'text-anchor': 'end'}, this.axis(top * share)),
    ]);
    parts.push(node('text', {x: LEFT, y: HEIGHT - 1}, `−${Math.round(this.span / 60000)} min`),
      node('text', {x: WIDTH - 4, y: HEIGHT - 1, 'text-anchor': 'end'}, 'now'));
    this.series.forEach((_, i) => {
      let begun = false;
      const path = this.points.map(({time, values}) => {
        if (values[i] === null) {
          begun = false;
          return '';
        }
        const step = `${begun ? 'L' : 'M'}${this.x(time).toFixed(1)} ${y(values[i]).toFixed(1)}`;
        begun = true;
        return step;
      }).join('');
      if (path) parts.push(node('path', {class: `series${i}`, d: path}));
    });
    if (this.chosen !== null && this.points[this.chosen]) {
      const x = this.x(this.points[this.chosen].time);
      parts.push(node('line', {class: 'cursor', x1: x, x2: x, y1: 4, y2: HEIGHT - BOTTOM}));
    }
    this.svg.replaceChildren(...parts);
  }
}
