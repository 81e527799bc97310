// A bot made with grammY; see journey.py for what it does: node grammy_bot.mjs BASE polling|webhook
// Needs grammy in $PEERS_MODULES.
import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {createRequire} from 'node:module';
import {join} from 'node:path';

const {Bot, GrammyError, InlineKeyboard, InputFile, InputMediaBuilder, webhookCallback} =
    createRequire(join(process.env.PEERS_MODULES, 'x.js'))('grammy');

const [base, mode] = process.argv.slice(2);
const SECRET = 'only-between-us';
const UPDATES = ['message', 'edited_message', 'callback_query', 'message_reaction'];
const bot = new Bot('42:grammy', {client: {apiRoot: base}});
let latestPhoto;

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

bot.command('start', (ctx) => ctx.reply(`Hello, <b>${escaped(ctx.from.first_name)}</b>! I am @${ctx.me.username}.`, {
  parse_mode: 'HTML',
  reply_markup: new InlineKeyboard().text('Yes', 'yes').text('No', 'no'),
}));

bot.callbackQuery('yes', async (ctx) => {
  await ctx.answerCallbackQuery('Noted');
  await ctx.editMessageText('You said yes.');
});

bot.callbackQuery('no', async (ctx) => {
  await ctx.answerCallbackQuery('Gone');
  await ctx.deleteMessage();
});

bot.command('menu', async (ctx) => {
  const commands = [{command: 'same', description: 'Change nothing'}];
  await ctx.api.setMyCommands(commands, {scope: {type: 'chat', chat_id: ctx.chat.id}});
  await ctx.reply('This menu is yours alone.');
});

bot.command('same', async (ctx) => {
  const sent = await ctx.reply('As it was');
  try {
    await ctx.api.editMessageText(ctx.chat.id, sent.message_id, 'As it was');
  } catch (error) {
    if (!(error instanceof GrammyError)) throw error;
    await ctx.reply(error.description);
  }
});

bot.command('album', async (ctx) => {
  const known = await ctx.replyWithPhoto(new InputFile(latestPhoto, 'photo.png'));
  await ctx.api.deleteMessage(ctx.chat.id, known.message_id);
  await ctx.replyWithMediaGroup([
    InputMediaBuilder.photo(new InputFile(latestPhoto, 'photo.png'), {caption: 'first'}),
    InputMediaBuilder.photo(new InputFile(latestPhoto, 'photo.png'), {caption: 'second'}),
    InputMediaBuilder.photo(known.photo.at(-1).file_id, {caption: 'third'}),
  ]);
});

bot.on(['message:photo', 'message:document', 'message:voice', 'message:sticker'], async (ctx) => {
  const {file_path} = await ctx.getFile();
  const data = new Uint8Array(await (await fetch(`${base}/file/bot${bot.token}/${file_path}`)).arrayBuffer());
  const {photo, document, voice, caption, media_group_id} = ctx.message;
  const copy = new InputFile(data, document?.file_name ?? 'file');
  const options = {caption: `${data.length} bytes of "${caption}", album ${media_group_id ?? 'no'}`};
  if (photo) {
    latestPhoto = data;
    await ctx.replyWithPhoto(copy, options);
  } else if (document) {
    await ctx.replyWithDocument(copy, options);
  } else if (voice) {
    await ctx.replyWithVoice(copy, options);
  } else {
    await ctx.replyWithSticker(copy);
  }
});

bot.on('message:text', async (ctx) => {
  await ctx.react('👍');
  await ctx.reply(`You said: ${ctx.message.text}`, {reply_parameters: {message_id: ctx.message.message_id}});
});

bot.on('edited_message:text', (ctx) => ctx.reply(`You corrected: ${ctx.editedMessage.text}`));

bot.on('message_reaction', (ctx) => ctx.reply(`You reacted: ${ctx.messageReaction.new_reaction[0].emoji}`));

bot.catch(({error}) => console.error(error));

await bot.init();
const menu = [{command: 'start', description: 'Begin'}, {command: 'album', description: 'See an album'}];
await bot.api.setMyCommands(menu);
await bot.api.setMyCommands([{command: 'start', description: 'Начать'}], {
  scope: {type: 'all_private_chats'},
  language_code: 'ru',
});
assert.deepEqual(await bot.api.getMyCommands(), menu);
if (mode === 'webhook') {
  const server = createServer(webhookCallback(bot, 'http', {secretToken: SECRET}));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/hook`;
  await bot.api.setWebhook(url, {secret_token: SECRET, allowed_updates: UPDATES});
  assert.equal((await bot.api.getWebhookInfo()).url, url);
  console.log('ready');
} else {
  bot.start({allowed_updates: UPDATES, onStart: () => console.log('ready')});
}
