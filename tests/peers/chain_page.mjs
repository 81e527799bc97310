// The product's page in Chromium for chain.py: node chain_page.mjs http://127.0.0.1:8000
// Takes a line of JSON for each thing to do ({"do": "open", ...}) and answers with what the page shows after it. Leaves
// chain_page.png and chain_page_dark.png in $PEERS_OUTPUT.
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {until, withPage} from './browser.mjs';

const [, , base] = process.argv;

await withPage('chain_page_end.png', async (page, errors) => {
  const unread = async () => Number(await page.locator('#count').innerText());
  const shown = async () => ({unread: await unread(), titles: await page.locator('#notes strong').allInnerTexts()});
  const see = async (colorScheme, name) => {
    await page.emulateMedia({colorScheme});
    await page.screenshot({path: join(process.env.PEERS_OUTPUT, name)});
  };
  const doings = {
    async open({email, password}) {
      await page.goto(`${base}/me`);
      await page.locator('input[name=email]').fill(email);
      await page.locator('input[name=password]').fill(password);
      await page.locator('#enter-button').click();
      await page.locator('#live[data-state=open]').waitFor();
      const now = await shown();
      await page.locator('#bell').click();
      await page.locator('#inbox').waitFor();
      return now;
    },
    // The page is not loaded again: it is told.
    async see({title}) {
      await page.locator('#notes li[data-unread]', {hasText: title}).waitFor();
      await see('dark', 'chain_page_dark.png');
      await see('light', 'chain_page.png');
      return shown();
    },
    async read({title}) {
      await page.getByRole('button', {name: `Mark as read: ${title}`}).click();
      await until('it to be read', async () => (await page.locator('#notes li[data-unread]', {hasText: title}).count()) === 0);
      return shown();
    },
    async none() {
      await until('nothing to be unread', async () =>
        (await unread()) === 0 && (await page.locator('#notes li[data-unread]').count()) === 0);
      return shown();
    },
  };
  for await (const line of createInterface({input: process.stdin})) {
    const {do: what, ...more} = JSON.parse(line);
    console.log(JSON.stringify(await doings[what](more)));
  }
  if (errors.length) throw errors[0];
});
