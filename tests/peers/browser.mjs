// Chromium on the chat page, for tests: needs playwright-core in $PEERS_MODULES.
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {PATIENCE_MS} from './journey.mjs';

const {chromium} = createRequire(join(process.env.PEERS_MODULES, 'x.js'))('playwright-core');
const LOOK_MS = 100;

// Looks until there is something. The page's security policy forbids what Playwright's own waitForFunction does.
export async function until(what, look) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} never appeared`);
    await pause(LOOK_MS);
  }
}

// Runs use(page, errors) with an empty page; errors: what went wrong in it so far. The screenshot of its end goes to
// $PEERS_OUTPUT.
export async function withPage(screenshot, use) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],  // Root has no sandbox, a container little shared memory.
  });
  try {
    const page = await browser.newPage({viewport: {width: 1100, height: 800}, locale: 'en'});
    page.setDefaultTimeout(PATIENCE_MS);
    const errors = [];
    page.on('pageerror', (error) => errors.push(error));
    page.on('requestfailed', (request) => {
      // Leaving the page ends its streams.
      if (!request.url().includes('/stream')) errors.push(new Error(`${request.url()} failed`));
    });
    await use(page, errors);
    await page.screenshot({path: join(process.env.PEERS_OUTPUT, screenshot)});
  } finally {
    await browser.close();
  }
}

export async function openChats(page, address) {
  await page.goto(address);
  await page.locator('[data-testid=connection-state][data-state=open]').waitFor({state: 'attached'});
}
