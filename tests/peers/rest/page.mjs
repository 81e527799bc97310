// Chromium on the gateway's own page: somebody registers, agrees, answers, and sees what is noticed pushed to them; and
// comes back. Screenshots, light and dark, go to $PEERS_OUTPUT.
//
//   node tests/peers/rest/page.mjs http://127.0.0.1:8000
import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import {until, withPage} from '../browser.mjs';

const [base] = process.argv.slice(2);
const email = `page-${randomBytes(4).toString('hex')}@example.org`;
const password = randomBytes(12).toString('hex');
let failed = false;

async function step(name, run) {
  try {
    if (!failed) await run();
  } catch (error) {
    failed = true;
    console.error(name, error);
  }
  console.log(`${failed ? 'not ok' : 'ok'} own page: ${name}`);
}
function check(holds, said) {
  if (!holds) throw new Error(said);
}

await withPage('own_page.png', async (page, errors) => {
  const text = (selector) => page.locator(selector).innerText();
  const see = async (colorScheme) => {
    await page.emulateMedia({colorScheme});
    await page.screenshot({path: join(process.env.PEERS_OUTPUT, `own_page_${colorScheme}.png`), fullPage: true});
  };
  const answer = async (words) => {
    await page.locator('#ask').waitFor();
    const before = await text('#question');
    await page.locator('#answer').fill(words);
    await page.locator('#send').click();
    return before;
  };

  await step('says what is wrong', async () => {
    await page.goto(`${base}/me`);
    await page.locator('input[name=email]').fill(email);
    await page.locator('input[name=password]').fill(password);
    await page.locator('#enter-button').click();
    await page.locator('#bad').waitFor();
    check((await text('#bad')).includes('No such account'), await text('#bad'));
  });
  await step('somebody registers and is signed in', async () => {
    await page.locator('#other').click();
    await page.locator('input[name=first_name]').fill('Ann');
    await page.locator('#enter-button').click();
    await page.locator('#consent').waitFor();
    await page.locator('#live[data-state=open]').waitFor();
  });
  await step('a question is pushed once they agree', async () => {
    await page.locator('#agree').click();
    await page.locator('#ask').waitFor();
    check((await text('#question')).length > 10, await text('#question'));
    check((await text('#place')).startsWith('Question 1 of'), await text('#place'));
  });
  await step('what is noticed in the answer is pushed, and the next question', async () => {
    const first = await answer('I love to paint, and to learn new things with my friends.');
    await until('what was noticed', async () => (await page.locator('#said li p').count()) === 1);
    check((await text('#said li p')).length > 10, await text('#said'));
    await until('the next question', async () => (await text('#question')) !== first && (await page.locator('#ask').isVisible()));
    check((await text('#place')).startsWith('Question 2 of'), await text('#place'));
    await answer('At work I am tired, but on walks by the sea I feel free.');
    await until('the second', async () => (await page.locator('#said li p').count()) === 2);
    await page.locator('#ask').waitFor();
    await see('light');
    await see('dark');
  });
  await step('who comes back finds all of it again', async () => {
    await page.reload();
    await until('both', async () => (await page.locator('#said li p').count()) === 2);
    await page.locator('#ask').waitFor();
    check((await text('#place')).startsWith('Question 3 of'), await text('#place'));
  });
  await step('who signs out is asked again', async () => {
    await page.locator('#leave').click();
    await page.locator('#enter').waitFor();
    check(errors.length === 0, errors.join('; '));
  });
});
process.exit(failed ? 1 : 0);
