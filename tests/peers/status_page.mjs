// The status page of a running mesh in Chromium: node status_page.mjs URL SERVICES
// SERVICES: how many services the mesh has. Leaves status_page.png and status_page_dark.png in $PEERS_OUTPUT; needs
// playwright-core in $PEERS_MODULES.
import {join} from 'node:path';
import {until, withPage} from './browser.mjs';
import {report} from './journey.mjs';

const [, , address, services] = process.argv;

await withPage('status_page.png', async (page, errors) => {
  const rows = (name) => page.locator(`[data-testid=${name}] tbody tr`);
  const charts = page.getByTestId('chart');
  const elsewhere = [];
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(address).origin) elsewhere.push(request.url());
  });
  const passed = await report('status page', [
    ['shows every service and its state', async () => {
      await page.goto(address);
      await until(`${services} services`, async () => await rows('services').count() === Number(services));
      for (const text of await rows('services').locator('td:nth-child(2)').allTextContents()) {
        if (!['healthy', 'degraded'].includes(text)) throw new Error(`a service is "${text}"`);
      }
    }],
    ['says in one sentence how the mesh is', async () => {
      const said = await page.getByTestId('state').textContent();
      if (!/services (is|are) (not )?healthy/.test(said)) throw new Error(said);
    }],
    ['shows processes, consumer groups and queues', async () => {
      await until('a process with its memory', async () => /MiB/.test(await rows('processes').first().textContent()));
      await until('consumer groups', async () => await rows('streams').count() > 5);
      await until('the outbox', async () => (await rows('queues').allTextContents()).some((text) => text.includes('pending events')));
    }],
    ['draws charts that move', async () => {
      const line = () => charts.first().locator('path.series0').getAttribute('d').catch(() => null);
      await until('a line', async () => /L/.test(await line() ?? ''));
      const before = await line();
      await until('the line to go on', async () => await line() !== before);
      if (await charts.count() < 6) throw new Error(`${await charts.count()} charts`);
    }],
    ['tells a screen reader what a chart shows, and the keyboard its values', async () => {
      const chart = charts.filter({hasText: 'Memory'}).getByRole('img');
      const label = await chart.getAttribute('aria-label');
      if (!/Memory, chart: now [\d.]+ .iB/.test(label)) throw new Error(label);
      await chart.focus();
      await page.keyboard.press('ArrowLeft');
      await until('a value', async () => /:\d\d.*iB/.test(await charts.filter({hasText: 'Memory'}).locator('p').textContent()));
    }],
    ['stands still when told to', async () => {
      const pause = page.getByRole('button', {name: 'Pause'});
      await pause.focus();
      await page.keyboard.press('Enter');
      await until('pause', async () => await page.locator('#pause').getAttribute('aria-pressed') === 'true');
    }],
    ['is readable in the dark', async () => {
      const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      const light = await background();
      await page.emulateMedia({colorScheme: 'dark'});
      if (await background() === light) throw new Error(`${light} in the dark, too`);
      await page.screenshot({path: join(process.env.PEERS_OUTPUT, 'status_page_dark.png')});
      await page.emulateMedia({colorScheme: 'light'});
    }],
    ['loads nothing from elsewhere and has no errors', async () => {
      if (elsewhere.length) throw new Error(elsewhere[0]);
      if (errors.length) throw errors[0];
    }],
  ]);
  process.exitCode = passed ? 0 : 1;
});
