// A report of the running product as a person sees it: what they did is tracked, the report is made as files, its page opens
// in Chromium in light and dark where the notification's link leads, and page, CSV, JSON and API have the same numbers.
//
//   node tests/peers/reports.mjs REST_BASE
//
// Leaves report_light.png and report_dark.png in $PEERS_OUTPUT; needs playwright-core in $PEERS_MODULES.
import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {until} from './browser.mjs';
import {PATIENCE_MS, report} from './journey.mjs';

const [rest] = process.argv.slice(2);
const {chromium} = createRequire(join(process.env.PEERS_MODULES, 'x.js'))('playwright-core');
const output = process.env.PEERS_OUTPUT ?? '.';
const ZONE = 'Europe/Berlin';
const DAY_MS = 86_400_000;
const PLACES = ['phone', 'web', 'desk'];
const user = 700_000_000 + Number.parseInt(randomBytes(3).toString('hex'), 16);

async function call(method, path, body) {
  const response = await fetch(rest + path, {
    method,
    headers: {'Content-Type': 'application/json'},
    body: body === undefined ? undefined : JSON.stringify({user_id: user, ...body}),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

const civil = (time) => new Intl.DateTimeFormat('sv-SE', {timeZone: ZONE, dateStyle: 'short', timeStyle: 'short'}).format(time);
const dayOf = (time) => civil(time).slice(0, 10);

// 45 days of somebody who reads more and more, and rests on Sundays; each day's events at odd minutes of theirs.
const happened = [];
for (let day = 1; day <= 45; ++day) {
  const noon = Date.now() - day * DAY_MS;
  const count = new Date(noon).getUTCDay() === 0 ? 1 : 2 + ((45 - day) % 9) + Math.floor((45 - day) / 8);
  for (let i = 0; i < count; ++i) {
    happened.push({at: new Date(noon - i * 397_000), place: PLACES[(day + i * i) % 3], minutes: 5 + ((day * 7 + i) % 20)});
  }
}
const begin = dayOf(Date.now() - 30 * DAY_MS);  // Of the report's 30 whole days.
const today = dayOf(Date.now());
const inTime = happened.filter(({at}) => dayOf(at) >= begin && dayOf(at) < today);
const count = (events, key) => {
  const counts = new Map();
  for (const one of events) counts.set(key(one), (counts.get(key(one)) ?? 0) + 1);
  return counts;
};

const SECTIONS = [
  {title: 'What I read', metric: 'track.read', step: 'day'},
  {title: 'Where', metric: 'track.read', step: 'day', split_by: 'place'},
  {title: 'Minutes by week', metric: 'track.read', measure: 'sum', number: 'minutes', step: 'week', steps: 6},
  {title: 'What I never do', metric: 'track.sing', step: 'day'},
];
const SCHEDULE = {recurrence: 'weekly', weekday: 1, minute_of_day: 540};
let made, run, page, browser;
const files = {};
const elsewhere = [];

// Contrast of all texts with what is behind them, and of the lines of charts.
const faults = () => page.evaluate(() => {
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\d.]+/g).map(Number).map((c) => c / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const back = getComputedStyle(document.body).backgroundColor;
  const contrast = (colour) => {
    const [a, b] = [luminance(colour), luminance(back)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const found = [];
  for (const element of document.querySelectorAll('h1, h2, p, th, td, small, summary')) {
    if (!element.textContent.trim() || !element.checkVisibility()) continue;
    if (contrast(getComputedStyle(element).color) < 4.5) found.push(`hard to read: ${element.textContent}`);
  }
  for (const text of document.querySelectorAll('svg text')) {
    if (contrast(getComputedStyle(text).fill) < 4.5) found.push(`hard to read: ${text.textContent}`);
    const box = text.getBoundingClientRect();
    const chart = text.closest('svg').getBoundingClientRect();
    if (box.left < chart.left - 1 || box.right > chart.right + 1) found.push(`cut off: ${text.textContent}`);
  }
  for (const line of document.querySelectorAll('svg .line')) {
    if (contrast(getComputedStyle(line).stroke) < 3) found.push(`hard to see: ${getComputedStyle(line).stroke}`);
  }
  for (const chart of document.querySelectorAll('svg')) if (!chart.getAttribute('aria-label')) found.push('a chart without a name');
  if (document.documentElement.scrollWidth > innerWidth) found.push('wider than the screen');
  return found;
});

async function open(colorScheme, viewport) {
  page = await browser.newPage({colorScheme, viewport, locale: 'en'});
  page.setDefaultTimeout(PATIENCE_MS);
  page.on('request', (request) => {
    if (request.url() !== files.html.url && !request.url().endsWith('/favicon.ico')) elsewhere.push(request.url());
  });
  await page.goto(files.html.url);
  await page.locator('h1').waitFor();
}

const rows = (text) => text.trimEnd().split('\r\n').slice(1).map((line) => {
  const [section, series, step, value] = line.split(',');
  return {section, series, step, value: Number(value)};
});

const passed = await report('reports', [
  ['what somebody did is tracked at once, and once', async () => {
    const events = happened.map(({at, place, minutes}, i) => ({
      event: 'read', properties: {place, minutes}, occurred_at: at.toISOString(), idempotency_key: `r${i}`}));
    assert.equal((await call('POST', '/api/analytics/track-events', {events})).counted, events.length);
    assert.equal((await call('POST', '/api/analytics/track-events', {events})).counted ?? 0, 0);
  }],
  ['a dashboard shows it', async () => {
    const dashboard = await until('the dashboard', async () => {
      const {content} = await call('GET', `/api/analytics/dashboard?user_id=${user}&time_zone=${ZONE}`);
      return content.sections?.length > 0 && content;
    });
    const [section] = dashboard.sections;
    assert.equal(section.section.title, 'Read');
    assert.equal(section.series[0].points.length, 30);
    assert.equal(section.series[0].total, inTime.length);
  }],
  ['a report is made, and again each Monday at nine of its owner', async () => {
    const answer = await call('POST', '/api/analytics/reports', {
      report: {title: 'My reading & me', sections: SECTIONS, time_zone: ZONE, schedule: SCHEDULE}, idempotency_key: 'r'});
    made = answer.report;
    const next = new Date(made.next_run_at);
    assert.match(civil(next), / 09:00$/);
    assert.equal(new Intl.DateTimeFormat('en', {timeZone: ZONE, weekday: 'long'}).format(next), 'Monday');
    assert.ok(next > Date.now() && next - Date.now() <= 7 * DAY_MS + 3_600_000, made.next_run_at);
  }],
  ['it is kept as a page, as CSV and as JSON, behind links that end', async () => {
    run = await until('the run', async () => {
      const {runs} = await call('GET', `/api/analytics/reports/${made.report_id}/runs?user_id=${user}`);
      return runs?.[0]?.state === 'done' && runs[0];
    });
    assert.deepEqual(run.files.map(({format}) => format), ['html', 'csv', 'json']);
    for (const file of run.files) {
      files[file.format] = file;
      const lasts = new Date(file.url_expires_at) - Date.now();
      assert.ok(lasts > 6.9 * DAY_MS && lasts < 7.1 * DAY_MS, file.url_expires_at);
      const response = await fetch(file.url);
      assert.equal(response.status, 200);
      file.text = await response.text();
      const forged = new URL(file.url);
      forged.searchParams.set('expires', String(Number(forged.searchParams.get('expires')) + 1));
      assert.equal((await fetch(forged)).status, 403, 'a link is signed');
    }
  }],
  ['its owner is told, with the numbers in a few words', async () => {
    const told = await until('the notification', async () => {
      const answer = await call('GET', `/api/notifications/user/${user}`);
      return answer.notifications?.find((one) => /What I read: /.test(JSON.stringify(one)));
    });
    assert.match(JSON.stringify(told), new RegExp(`What I read: ${inTime.length}\\b`));
  }],
  ['CSV, JSON and what was done are the same numbers', async () => {
    const byDay = count(inTime, ({at}) => dayOf(at));
    const csv = rows(files.csv.text);
    const first = csv.filter(({section}) => section === 'What I read');
    assert.equal(first.length, 30);
    for (const {step, value} of first) assert.equal(value, byDay.get(step) ?? 0, step);
    const byPlace = count(inTime, ({place}) => place);
    const json = JSON.parse(files.json.text);
    assert.equal(json.title, 'My reading & me');
    assert.deepEqual(new Map(json.sections[1].series.map(({dimension, total}) => [dimension, total])), byPlace);
    const fromJson = json.sections.flatMap(({series = []}) => series.flatMap(({points}) => points.map(({value}) => value ?? 0)));
    assert.deepEqual(csv.map(({value}) => value), fromJson);
    const weeks = csv.filter(({section}) => section === 'Minutes by week');
    assert.equal(weeks.length, 6);
    const until_ = Date.parse(json.sections[2].series[0].points.at(-1).at) + 7 * DAY_MS;
    const since = Date.parse(json.sections[2].series[0].points[0].at);
    const minutes = happened.filter(({at}) => at >= since && dayOf(at) < dayOf(until_)).reduce((sum, one) => sum + one.minutes, 0);
    assert.equal(weeks.reduce((sum, {value}) => sum + value, 0), minutes);
  }],
  ['its page opens where the link leads, in light', async () => {
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage']});
    await open('light', {width: 900, height: 1000});
    assert.equal(await page.title(), 'My reading & me');
    assert.equal(await page.locator('svg').count(), 3);
    assert.match(await page.locator('section').last().textContent(), /Nothing happened/);
    assert.match(await page.locator('.total').first().textContent(), new RegExp(`^${inTime.length} in all`));
    const keys = await page.locator('section').nth(1).locator('table').first().locator('tr').allTextContents();
    assert.equal(keys.length, 4, keys);
    assert.deepEqual(await faults(), []);
    await page.screenshot({path: join(output, 'report_light.png'), fullPage: true});
  }],
  ['a chart is as high as its numbers', async () => {
    const heights = await page.locator('section').first().locator('circle').evaluateAll(
      (dots) => dots.map((dot) => [Number(dot.getAttribute('cy')), Number(dot.textContent.split(': ').at(-1))]));
    assert.equal(heights.length, 30);
    const [[y0, v0], [y1, v1]] = [heights.reduce((a, b) => (a[1] < b[1] ? a : b)), heights.reduce((a, b) => (a[1] > b[1] ? a : b))];
    for (const [y, v] of heights) assert.ok(Math.abs(y - (y0 + ((y1 - y0) * (v - v0)) / (v1 - v0))) < 0.2, `${y} for ${v}`);
  }],
  ['all numbers can be unfolded', async () => {
    await page.locator('summary').first().click();
    const numbers = await page.locator('section').first().locator('details td.number').allTextContents();
    assert.equal(numbers.reduce((sum, text) => sum + Number(text), 0), inTime.length);
  }],
  ['in dark, and on a phone', async () => {
    await open('dark', {width: 900, height: 1000});
    const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(back, 'rgb(22, 23, 27)');
    assert.deepEqual(await faults(), []);
    await page.screenshot({path: join(output, 'report_dark.png'), fullPage: true});
    await open('dark', {width: 360, height: 740});
    assert.deepEqual(await faults(), []);
    await page.screenshot({path: join(output, 'report_phone.png')});
  }],
  ['it asks for nothing from elsewhere', async () => assert.deepEqual(elsewhere, [])],
]);
await browser?.close();
process.exit(passed ? 0 : 1);
