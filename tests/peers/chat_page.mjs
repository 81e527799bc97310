// A journey in the chat page, by clicking and typing in Chromium: node chat_page.mjs URL
// Leaves chat_page.png in $PEERS_OUTPUT; needs playwright-core in $PEERS_MODULES.
import {openChats, until, withPage} from './browser.mjs';
import {journeyOf, report} from './journey.mjs';

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

await withPage('chat_page.png', async (page, errors) => {
  const visitor = new Visitor(page);
  const passed = await report('chat page', [
    ['opens', () => openChats(page, process.argv[2])],
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
  process.exitCode = passed ? 0 : 1;
});
