#!/usr/bin/env python3
"""A bot made with aiogram; see journey.py for what it does: aiogram_bot.py BASE polling|webhook"""

import asyncio
import html
import sys

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandStart
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    ReactionTypeEmoji,
)
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

SECRET = "only-between-us"
dispatcher = Dispatcher()
latest_photo = b""


@dispatcher.message(CommandStart())
async def say_hello(message, bot):
    name = html.escape(message.from_user.first_name)
    buttons = [InlineKeyboardButton(text=label, callback_data=label.lower()) for label in ("Yes", "No")]
    await message.answer(
        f"Hello, <b>{name}</b>! I am @{(await bot.me()).username}.",
        parse_mode="HTML",
        reply_markup=InlineKeyboardMarkup(inline_keyboard=[buttons]),
    )


@dispatcher.callback_query(F.data == "yes")
async def edit(press):
    await press.answer("Noted")
    await press.message.edit_text("You said yes.")


@dispatcher.callback_query(F.data == "no")
async def delete(press):
    await press.answer("Gone")
    await press.message.delete()


@dispatcher.message(Command("menu"))
async def make_menu(message, bot):
    commands = [BotCommand(command="same", description="Change nothing")]
    await bot.set_my_commands(commands, scope=BotCommandScopeChat(chat_id=message.chat.id))
    await message.answer("This menu is yours alone.")


@dispatcher.message(Command("same"))
async def change_nothing(message):
    sent = await message.answer("As it was")
    try:
        await sent.edit_text("As it was")
    except TelegramBadRequest as refused:
        await message.answer(refused.message)


@dispatcher.message(Command("album"))
async def send_album(message):
    known = await message.answer_photo(BufferedInputFile(latest_photo, "photo.png"))
    await known.delete()
    photos = [
        ("first", BufferedInputFile(latest_photo, "photo.png")),
        ("second", BufferedInputFile(latest_photo, "photo.png")),
        ("third", known.photo[-1].file_id),
    ]
    await message.answer_media_group([InputMediaPhoto(media=photo, caption=caption) for caption, photo in photos])


@dispatcher.message(F.photo | F.document | F.voice | F.sticker)
async def send_back(message, bot):
    global latest_photo
    file = message.photo[-1] if message.photo else message.document or message.voice or message.sticker
    data = (await bot.download(file)).read()
    copy = BufferedInputFile(data, getattr(file, "file_name", None) or "file")
    caption = f'{len(data)} bytes of "{message.caption}", album {message.media_group_id or "no"}'
    if message.photo:
        latest_photo = data
        await message.answer_photo(copy, caption=caption)
    elif message.document:
        await message.answer_document(copy, caption=caption)
    elif message.voice:
        await message.answer_voice(copy, caption=caption)
    else:
        await message.answer_sticker(copy)


@dispatcher.message(F.text)
async def reply(message):
    await message.react([ReactionTypeEmoji(emoji="👍")])
    await message.reply(f"You said: {message.text}")


@dispatcher.edited_message()
async def notice_correction(message):
    await message.answer(f"You corrected: {message.text}")


@dispatcher.message_reaction()
async def notice_reaction(update, bot):
    await bot.send_message(update.chat.id, f"You reacted: {update.new_reaction[0].emoji}")


async def serve_webhook(bot, updates):
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, secret_token=SECRET).register(app, path="/hook")
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await bot.set_webhook(url, secret_token=SECRET, allowed_updates=updates)
    assert (await bot.get_webhook_info()).url == url
    print("ready", flush=True)
    await asyncio.Event().wait()


async def main(base, mode):
    bot = Bot("42:aiogram", session=AiohttpSession(api=TelegramAPIServer.from_base(base)))
    menu = {"start": "Begin", "album": "See an album"}
    await bot.set_my_commands([BotCommand(command=name, description=effect) for name, effect in menu.items()])
    russian = [BotCommand(command="start", description="Начать")]
    await bot.set_my_commands(russian, scope=BotCommandScopeAllPrivateChats(), language_code="ru")
    assert {command.command: command.description for command in await bot.get_my_commands()} == menu
    updates = dispatcher.resolve_used_update_types()
    if mode == "webhook":
        await serve_webhook(bot, updates)
    await bot.delete_webhook()
    print("ready", flush=True)
    await dispatcher.start_polling(bot, allowed_updates=updates)


asyncio.run(main(*sys.argv[1:]))
