// A journey in the chat page, by clicking and typing in Chromium: node chat_page.mjs URL
// Leaves chat_page.png in $PEERS_OUTPUT; needs playwright-core in $PEERS_MODULES.
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {journeyOf, PATIENCE_MS, report} from './journey.mjs';

const {chromium} = createRequire(join(process.env.PEERS_MODULES, 'x.js'))('playwright-core');
const LOOK_MS = 100;

// Looks until there is something. The page's security policy forbids what Playwright's own waitForFunction does.
async function until(what, look) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} never appeared`);
    await pause(LOOK_MS);
  }
}

class Visitor {
  constructor(page) {
    this.page = page;
    this.spokeAt = 0;
  }

  // A new person, who sees the bot's Start button.
  async arrives() {
    await this.page.getByTestId('new-person-button').click();
    await this.page.getByTestId('new-person-name').fill('Ann');
    await this.page.getByTestId('new-person-language').selectOption('en');
    await this.page.getByTestId('new-person-create').click();
    await this.page.getByTestId('start-button').waitFor();
  }

  async says(text) {
    if (await this.page.getByTestId('start-button').isVisible()) {
      await this.page.getByTestId('start-button').click();  // Writes /start.
    } else {
      await this.page.getByTestId('composer-input').fill(text);
      await this.page.getByTestId('send-button').click();
    }
    this.spokeAt = await this.find('user', text);
  }

  // The first message after the person last spoke with these words; its id.
  async find(from, words) {
    const look = ([from, words, after]) => {
      const messages = [...document.querySelectorAll(`[data-testid=message][data-from=${from}]`)];
      const message = messages.find((each) => Number(each.dataset.messageId) > after &&
          each.querySelector('[data-testid=message-text]').textContent.includes(words));
      return message && Number(message.dataset.messageId);
    };
    return until(`"${words}" of the ${from}`, () => this.page.evaluate(look, [from, words, this.spokeAt]));
  }

  hears(words) {
    return this.find('bot', words);
  }

  async presses(message, label) {
    await this.page.locator(`[data-message-id="${message}"]`).getByTestId('inline-button').filter({hasText: label}).click();
    this.spokeAt = message;
  }
}

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
  const visitor = new Visitor(page);
  const passed = await report('chat page', [
    ['opens', async () => {
      await page.goto(process.argv[2]);
      await page.locator('[data-testid=connection-state][data-state=open]').waitFor({state: 'attached'});
    }],
    ['makes a person', () => visitor.arrives()],
    ...journeyOf(visitor),
    ['shows it all again when reloaded', async () => {
      const before = await page.getByTestId('message').count();
      await page.reload();
      await page.getByRole('button', {name: 'Ann'}).first().click();
      await until(`${before} messages`, async () => await page.getByTestId('message').count() === before);
    }],
    ['has no errors', async () => {
      if (errors.length) throw errors[0];
    }],
  ]);
  await page.screenshot({path: join(process.env.PEERS_OUTPUT, 'chat_page.png')});
  process.exitCode = passed ? 0 : 1;
} finally {
  await browser.close();
}
