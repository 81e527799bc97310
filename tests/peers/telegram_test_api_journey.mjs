// A journey with telegram-test-api as Telegram: node telegram_test_api_journey.mjs BASE TOKEN
// Uses its HTTP interface for clients.
import {setTimeout as pause} from 'node:timers/promises';
import {journeyOf, PATIENCE_MS, report} from './journey.mjs';

const [base, token] = process.argv.slice(2);
const USER = 4711;
const POLL_MS = 100;

async function post(path, body) {
  const response = await fetch(`${base}/${path}`, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer.result;
}

class Client {
  seesPictures = false;
  chat = [];  // What the bot said since the person last spoke.

  envelope() {
    return {
      botToken: token,
      date: Math.floor(Date.now() / 1000),
      from: {id: USER, is_bot: false, first_name: 'Ann', language_code: 'en'},
      chat: {id: USER, type: 'private', first_name: 'Ann'},
    };
  }

  async says(text) {
    this.chat = [];
    const command = text.startsWith('/');
    const entities = [{type: 'bot_command', offset: 0, length: text.length}];
    await post(command ? 'sendCommand' : 'sendMessage', {...this.envelope(), text, ...(command ? {entities} : {})});
  }

  async hears(words) {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      this.chat.push(...await post('getUpdates', {token, chatId: USER}));
      const found = this.chat.find((each) => each.message.text.includes(words));
      if (found) return found;
      if (Date.now() > end) {
        throw new Error(`"${words}" was never said, but ${JSON.stringify(this.chat.map((each) => each.message.text))}`);
      }
      await pause(POLL_MS);
    }
  }

  async presses({messageId, message}, label) {
    this.chat = [];
    const button = message.reply_markup.inline_keyboard.flat().find((each) => each.text.includes(label));
    const {botToken, date, from, chat} = this.envelope();
    await post('sendCallback', {
      botToken, date, from,
      message: {message_id: messageId, date, from, chat, text: message.text},
      data: button.callback_data,
    });
  }
}

const passed = await report('telegram-test-api', journeyOf(new Client()));
process.exitCode = passed ? 0 : 1;
