// Asks this process every two seconds for what it knows of the mesh, and shows it.

import {LineChart, roundUp} from './charts.js';

const PERIOD = 2000;           // Milliseconds between two looks.
const PATIENCE = 5000;         // For an answer.
const SPAN = 5 * 60 * 1000;    // Of the charts.
const WORST = ['healthy', 'degraded', 'unhealthy', 'away'];

const byId = (id) => document.getElementById(id);
const sum = (values) => values.reduce((total, value) => total + value, 0);
const short = (value) => (value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toPrecision(2));
const percent = ({used, limit}) => (limit > 0 ? `${Math.round((100 * used) / limit)} %` : '');

function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; ++unit) value /= 1024;
  return `${short(value)} ${units[unit]}`;
}

function roundBytes(value) {
  const unit = 1024 ** Math.floor(Math.log2(value) / 10);
  return roundUp(value / unit) * unit;
}

function duration(seconds) {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86400)} days`;
}

// A row's cells: texts, or {text, state} for what has a colour, or {text, number: true}. Only what changed is touched, so
// that a selection or a screen reader's place in the table stays.
function fill(name, rows, none) {
  const body = document.querySelector(`[data-testid=${name}] tbody`);
  const all = rows.length ? rows : [[none]];
  while (body.rows.length > all.length) body.deleteRow(-1);
  all.forEach((cells, r) => {
    const row = body.rows[r] ?? body.insertRow();
    while (row.cells.length > cells.length) row.deleteCell(-1);
    cells.forEach((cell, c) => {
      const {text, state = '', number = false} = typeof cell === 'object' ? cell : {text: cell};
      const at = row.cells[c] ?? row.insertCell();
      const classes = [state, number ? 'number' : ''].filter(Boolean).join(' ');
      if (at.className !== classes) at.className = classes;
      if (at.textContent !== text) at.textContent = text;
      at.colSpan = rows.length ? 1 : 10;
    });
  });
}
const stated = (word) => ({text: word.replace('_', ' '), state: word});
const count = (value, more = '') => ({text: `${value}${more}`, number: true});

// Counters of processes to rates: what each did between its last two reports.
const seen = new Map();
function rates(replicas) {
  for (const one of replicas) {
    const time = Date.parse(one.timestamp);
    const before = seen.get(one.replica);
    if (before && time <= before.time) continue;
    const now = {time, ...one.metrics};
    if (before && one.metrics.requests_total >= before.requests_total) {
      const seconds = (time - before.time) / 1000;
      const requests = now.requests_total - before.requests_total;
      now.rate = {
        requests: requests / seconds,
        errors: (now.errors_total - before.errors_total) / seconds,
        busy: (now.seconds_total - before.seconds_total) / seconds,
      };
    }
    seen.set(one.replica, now);
  }
  const known = replicas.filter((one) => !one.away).map((one) => seen.get(one.replica).rate).filter(Boolean);
  if (!known.length) return null;
  const of = (name) => sum(known.map((rate) => rate[name]));
  return {requests: of('requests'), errors: of('errors'), busy: of('busy')};
}

const charts = {
  requests: new LineChart({title: 'Requests a second', series: ['all', 'failed or refused'], format: short, span: SPAN}),
  busy: new LineChart({title: 'Requests in progress', series: ['on average'], format: short, span: SPAN}),
  events: new LineChart({title: 'Events waiting', series: ['consumer groups', 'outbox'], format: short, span: SPAN, least: 10}),
  outgoing: new LineChart({title: 'Outgoing messages waiting', series: ['unsent messages', 'updates held'], format: short, span: SPAN, least: 10}),
  cpu: new LineChart({title: 'CPU', series: ['cores'], format: (value) => `${short(value)} cores`, axis: short, span: SPAN, least: 0.1}),
  memory: new LineChart({title: 'Memory', series: ['resident'], format: bytes, span: SPAN, least: 1 << 20, bound: roundBytes}),
};
byId('charts').append(...Object.values(charts).map((chart) => chart.figure));

function draw(replicas, groups) {
  const alive = replicas.filter((one) => !one.away);
  const waiting = (name) => sum(alive.map((one) => one.queues[name]?.waiting ?? 0));
  const used = (name) => sum(alive.map((one) => one.resources[name]?.used ?? 0));
  const rate = rates(replicas);
  const now = Date.now();
  charts.requests.add(now, [rate && rate.requests, rate && rate.errors]);
  charts.busy.add(now, [rate && rate.busy]);
  charts.events.add(now, [groups && sum(groups.map((group) => group.waiting)), waiting('pending_events')]);
  charts.outgoing.add(now, [waiting('unsent_messages'), waiting('held_updates')]);
  charts.cpu.add(now, [used('cpu_cores')]);
  charts.memory.add(now, [used('memory_bytes')]);
}

function list(replicas, groups) {
  const state = (one, word) => (one.away ? 'away' : one.serving ? word : 'unhealthy');
  const services = replicas.flatMap((one) => Object.entries(one.services).map(([name, service]) => {
    const why = Object.entries(service.dependencies ?? {}).filter(([, dependency]) => dependency.status !== 'healthy')
      .map(([dependency, {problem}]) => `${dependency}: ${problem ?? 'not healthy'}`);
    return {name, word: state(one, service.status), why: why.join('; '), replica: one.replica};
  }));
  services.sort((a, b) => WORST.indexOf(b.word) - WORST.indexOf(a.word) || a.name.localeCompare(b.name));
  fill('services', services.map(({name, word, why, replica}) => [name, stated(word), why, replica]), 'None.');

  fill('processes', replicas.map((one) => {
    const {memory_bytes: memory, cpu_cores: cpu, disk_bytes: disk, open_files: files} = one.resources;
    return [one.replica, stated(state(one, one.status)), duration(one.uptime),
      memory ? {text: `${bytes(memory.used)} (${percent(memory)})`, number: true} : '',
      cpu ? {text: `${short(cpu.used)} of ${short(cpu.limit)}`, number: true} : '',
      disk ? {text: percent(disk), number: true} : '',
      files ? {text: `${files.used} (${percent(files)})`, number: true} : ''];
  }), 'None.');

  const behind = [...(groups ?? [])].sort((a, b) => b.waiting - a.waiting || a.group.localeCompare(b.group));
  fill('streams', behind.map((group) => [group.group, count(group.waiting, group.at_least ? ' or more' : ''), count(group.partitions)]),
    groups ? 'No group has read anything yet.' : 'Redis does not answer.');

  // What consumer groups have in hand is in their table.
  const names = new Set(behind.map((group) => group.group));
  const queues = replicas.filter((one) => !one.away).flatMap((one) => Object.entries(one.queues))
    .filter(([name]) => !names.has(name));
  fill('queues', queues.map(([name, queue]) => [name.replaceAll('_', ' '), count(queue.waiting), stated(queue.status)]), 'None.');

  const breakers = replicas.flatMap((one) => Object.entries(one.circuit_breakers).map(([to, word]) => [to, stated(word), one.replica]));
  fill('breakers', breakers, 'None has been needed yet.');

  const errors = replicas.flatMap((one) => one.last_errors.map((error) => ({...error, replica: one.replica})));
  errors.sort((a, b) => b.last.localeCompare(a.last));
  fill('errors', errors.slice(0, 50).map((error) => [new Date(error.last).toLocaleTimeString(),
    {text: error.severity, state: error.severity}, error.message, error.code, count(error.count), error.replica,
    error.trace_id.slice(0, 8)]), 'None.');
  return services;
}

// One word for all, and for whom it does not hold.
function summary(replicas, services) {
  const bad = services.filter((service) => service.word !== 'healthy');
  const strained = replicas.filter((one) => one.problems.length && !one.away);
  const words = [...bad.map((service) => service.word), ...strained.map((one) => one.status)];
  const worst = words.reduce((a, b) => (WORST.indexOf(b) > WORST.indexOf(a) ? b : a), 'healthy');
  let text = `all ${services.length} services are healthy`;
  if (bad.length) text = `${bad.length} of ${services.length} services ${bad.length === 1 ? 'is' : 'are'} not healthy`;
  if (strained.length) text += `; ${strained.flatMap((one) => one.problems).slice(0, 3).join('; ')}`;
  return {worst: worst === 'away' ? 'unhealthy' : worst, text};
}

async function ask(path) {
  const answer = await fetch(path, {signal: AbortSignal.timeout(PATIENCE), cache: 'no-store'});
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

function say(id, text) {
  const at = byId(id);
  if (at.textContent !== text) at.textContent = text;
}

async function look() {
  const [mesh, streams] = await Promise.allSettled([ask('status/mesh'), ask('status/streams')]);
  const trouble = [];
  if (mesh.status === 'fulfilled') {
    const {replicas, redis} = mesh.value;
    const groups = streams.status === 'fulfilled' ? streams.value.groups : null;
    draw(replicas, groups);
    const services = list(replicas, groups);
    const {worst, text} = summary(replicas, services);
    say('state', text);
    byId('state').className = `pill ${worst}`;
    say('updated', `${new Date().toLocaleTimeString()}, every ${PERIOD / 1000} s`);
    if (redis !== 'healthy') trouble.push(`Redis does not answer (${redis}): only this process is shown.`);
  } else {
    trouble.push(`This process does not answer: ${mesh.reason.message}. What is below was true before.`);
    byId('state').className = 'pill unhealthy';
    say('state', 'no answer');
  }
  say('trouble', trouble.join(' '));
  byId('trouble').hidden = !trouble.length;
}

let paused = false;
byId('pause').addEventListener('click', ({currentTarget}) => {
  paused = !paused;
  currentTarget.setAttribute('aria-pressed', String(paused));
  say('pause', paused ? 'Go on' : 'Pause');
  if (paused) say('updated', 'paused');
});

async function run() {
  if (!paused) await look();
  setTimeout(run, PERIOD);
}
run();
