// Charts as SVG. Each has a table with the same numbers, for whoever reads it otherwise.
import {element} from './dom.js';
import {texts} from './texts.js';

const SVG = 'http://www.w3.org/2000/svg';
// As wide as it is shown, so that its words have the size of others.
const WIDTH = Math.max(280, Math.min(720, globalThis.innerWidth - 32 || 720));
const ROW = 44;

function node(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// rows: [{name, values: [numbers of 0 or more]}]; series: what each of the values is. One bar for each row, its values
// behind one another.
export function barChart(title, rows, series) {
  const sum = (row) => row.values.reduce((all, value) => all + value, 0);
  const most = Math.max(1, ...rows.map(sum));
  const chart = node('svg', {
    class: 'chart', viewBox: `0 0 ${WIDTH} ${rows.length * ROW}`, role: 'img', 'aria-label': title,
  });
  rows.forEach((row, i) => {
    const y = i * ROW;
    chart.append(node('text', {x: 0, y: y + 14}, `${row.name}: ${sum(row)}`));
    let x = 0;
    row.values.forEach((value, at) => {
      const width = (value / most) * WIDTH;
      if (value > 0) {
        const bar = node('rect', {class: `series${at}`, x, y: y + 20, width: Math.max(width, 1), height: 14});
        bar.append(node('title', {}, `${series[at]}: ${value}`));
        chart.append(bar);
      }
      x += width;
    });
  });
  const table = element('table', {className: 'numbers'},
    element('caption', {className: 'unseen'}, title),
    element('thead', {}, element('tr', {}, element('td'), series.map((name) => element('th', {scope: 'col'}, name)))),
    element('tbody', {}, rows.map((row) => element('tr', {},
      element('th', {scope: 'row'}, row.name), row.values.map((value) => element('td', {}, String(value)))))));
  return element('figure', {className: 'chart'},
    element('figcaption', {}, element('h2', {}, title)),
    series.length > 1 && element('p', {className: 'legend', 'aria-hidden': 'true'}, series.map((name, at) =>
      element('span', {}, element('span', {className: `key series${at}`}), name))),
    chart,
    element('details', {}, element('summary', {}, texts.asTable), table));
}
