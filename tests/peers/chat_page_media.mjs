// What a bot does to its messages, seen in the chat page: a picture, a card that is edited, a keyboard that is taken
// away: node chat_page_media.mjs BASE, an emulator of Telegram. Leaves chat_page_media.png in $PEERS_OUTPUT; needs
// playwright-core in $PEERS_MODULES.
import {deflateSync} from 'node:zlib';
import {openChats, until, withPage} from './browser.mjs';
import {report} from './journey.mjs';

const [base] = process.argv.slice(2);
const BOT = `${base}/bot42:page`;
const WIDTH = 320;
const HEIGHT = 200;

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

// A picture of a dawn.
function png() {
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    crc.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, crc]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([8, 2], 8);  // Eight bits each of red, green and blue.
  const rows = Buffer.alloc(HEIGHT * (1 + 3 * WIDTH));
  for (let y = 0; y < HEIGHT; ++y) {
    for (let x = 0; x < WIDTH; ++x) {
      rows.set([80 + y * 0.85, 90 + y * 0.4 + x * 0.1, 190 - y * 0.6], y * (1 + 3 * WIDTH) + 1 + 3 * x);
    }
  }
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...parts]);
}

async function post(url, body) {
  const form = body instanceof FormData;
  const response = await fetch(url, {
    method: 'POST',
    headers: form ? {} : {'content-type': 'application/json'},
    body: form ? body : JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

const keyboard = {inline_keyboard: [[{text: 'Yes', callback_data: 'yes'}, {text: 'No', callback_data: 'no'}]]};

class Bot {
  async call(method, parameters) {
    return (await post(`${BOT}/${method}`, parameters)).result;
  }

  // A person who has written to it.
  async meets(name) {
    await this.call('getMe', {});  // From now on the emulator knows it.
    this.chat_id = (await post(`${base}/api/users`, {first_name: name, language_code: 'en'})).id;
    await post(`${base}/api/users/${this.chat_id}/messages`, {text: '/start'});
  }

  async sendsPicture(caption) {
    const form = new FormData();
    form.set('chat_id', String(this.chat_id));
    form.set('caption', caption);
    form.set('photo', new Blob([png()], {type: 'image/png'}), 'dawn.png');
    return (await this.call('sendPhoto', form)).message_id;
  }

  async asks(text) {
    return (await this.call('sendMessage', {chat_id: this.chat_id, text, reply_markup: keyboard})).message_id;
  }
}

await withPage('chat_page_media.png', async (page, errors) => {
  const bot = new Bot();
  const message = (id) => page.locator(`[data-message-id="${id}"]`);
  const buttons = (id) => message(id).getByTestId('inline-button');
  const has = (id, count) => until(`${count} buttons`, async () => await buttons(id).count() === count);
  let picture, card, question;
  const passed = await report('chat page of messages', [
    ['opens with a person', async () => {
      await bot.meets('Ann');
      await openChats(page, base);
      await page.getByRole('button', {name: 'Ann'}).first().click();
    }],
    ['shows a picture', async () => {
      picture = message(await bot.sendsPicture('This morning')).getByTestId('message-photo');
      await picture.waitFor();
      await until('the picture', () => picture.evaluate((img) => img.complete && img.naturalWidth > 0));
      const size = await picture.evaluate((img) => [img.naturalWidth, img.naturalHeight]);
      if (`${size}` !== `${[WIDTH, HEIGHT]}`) throw new Error(`it is ${size} large`);
    }],
    ['shows buttons', async () => {
      card = await bot.asks('Did you sleep well?');
      question = await bot.asks('Shall we begin?');
      await has(card, 2);
      await has(question, 2);
    }],
    ['shows that a card was edited, and no buttons any more', async () => {
      await bot.call('editMessageText', {chat_id: bot.chat_id, message_id: card, text: 'You slept well.'});
      await message(card).getByText('You slept well.').waitFor();
      await message(card).getByTestId('edited-mark').getByText('edited').waitFor();
      await has(card, 0);
    }],
    ['takes a keyboard away', async () => {
      await bot.call('editMessageReplyMarkup', {chat_id: bot.chat_id, message_id: question});
      await has(question, 0);
      await message(question).getByText('Shall we begin?').waitFor();
    }],
    ['shows the same when reloaded', async () => {
      await page.reload();
      await page.getByRole('button', {name: 'Ann'}).first().click();
      await message(card).getByText('You slept well.').waitFor();
      await until('the picture', () => picture.evaluate((img) => img.complete && img.naturalWidth > 0));
      await has(card, 0);
      await has(question, 0);
    }],
    ['has no errors', async () => {
      if (errors.length) throw errors[0];
    }],
  ]);
  process.exitCode = passed ? 0 : 1;
});
