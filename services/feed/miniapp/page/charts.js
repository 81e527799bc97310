// Charts as SVG. Each has a text that says the same, for who cannot see it.

const SVG = 'http://www.w3.org/2000/svg';

function node(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

const shortened = (name) => (name.length > 40 ? `${name.slice(0, 39)}…` : name);

// days: [{day: '2026-03-01', likes, dislikes}], the first first. Likes grow upwards, dislikes downwards.
export function dayChart(days, label) {
  const width = 360;
  const half = 48;
  const step = width / Math.max(days.length, 7);
  const most = Math.max(1, ...days.map((day) => Math.max(day.likes, day.dislikes)));
  const chart = node('svg', {class: 'chart', viewBox: `0 0 ${width} ${half * 2 + 20}`, role: 'img', 'aria-label': label});
  days.forEach((day, i) => {
    const up = (day.likes / most) * half;
    const down = (day.dislikes / most) * half;
    const x = i * step + step * 0.15;
    chart.append(
      node('rect', {class: 'like', x, y: half - up, width: step * 0.7, height: up, rx: 3}),
      node('rect', {class: 'dislike', x, y: half, width: step * 0.7, height: down, rx: 3}));
    if (i === 0 || i === days.length - 1) {
      chart.append(node('text', {
        x: i === 0 ? 0 : width, y: half * 2 + 15, 'text-anchor': i === 0 ? 'start' : 'end',
      }, day.day.slice(5)));
    }
  });
  chart.append(node('line', {class: 'line', x1: 0, x2: width, y1: half, y2: half}));
  return chart;
}

// rows: [{name, value}], value 0 or more.
export function barChart(rows, label) {
  const width = 360;
  const height = 34;
  const most = Math.max(1, ...rows.map((row) => row.value));
  const chart = node('svg', {
    class: 'chart', viewBox: `0 0 ${width} ${rows.length * height}`, role: 'img', 'aria-label': label,
  });
  rows.forEach((row, i) => {
    const y = i * height;
    chart.append(
      node('text', {x: 0, y: y + 12}, `${shortened(row.name)}: ${row.value}`),
      node('rect', {class: 'like', x: 0, y: y + 17, width: (row.value / most) * width, height: 9, rx: 3}));
  });
  return chart;
}
