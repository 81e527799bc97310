#!/usr/bin/env python3
"""People talk with a bot that somebody else's library runs, in our Telegram: journey.py NAME BASE PROGRAM ARGUMENT...

NAME says which bot, BASE is the emulator's address, and the rest starts the bot, which gets BASE and then "polling" or
"webhook" behind it. It writes a line once it is ready, and then
    /start                  says hello by its name, with the buttons Yes and No
    Yes                     shows the notice "Noted" and edits the message, whose buttons go
    No                      shows the notice "Gone" and deletes it
    words                   reacts with 👍 and replies with them
    corrected words         says them
    a reaction              says it
    photos and other files  downloads each and sends it back, with the size and the album it was in
    /album                  sends the latest photo as an album, twice uploaded and once by its file_id
    /menu                   gives the chat commands of its own; all others have two, private chats in Russian one
    /same                   edits a message to what it is already, and says how Telegram refuses that
"""

import random
import signal
import struct
import subprocess
import sys
import zlib
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from people import Person, check, get, labels, report

NAME, BASE, *BOT = sys.argv[1:]
noise = random.Random(1).randbytes


def png(side):
    """A picture that is as large as it looks, for noise cannot be compressed."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + noise(3 * side) for _ in range(side))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


FILES = [
    ("photo", "", png(58)),  # 10 kB
    ("document", "отчёт 1.pdf", noise(20_000_000)),
    ("voice", "", b"OggS" + noise(5_000)),
    ("sticker", "", b"RIFF" + struct.pack("<I", 3_016) + b"WEBPVP8 " + noise(3_000)),
]


class Journey:
    def __init__(self, mode):
        self.mode = mode
        self.bot = None

    def starts(self):
        self.bot = subprocess.Popen([*BOT, BASE, self.mode], stdout=subprocess.PIPE, text=True)
        check(self.bot.stdout.readline(), "the bot never was ready")
        self.ann = Person(BASE, "Ann & <b>", "en")
        self.boris = Person(BASE, "Boris", "ru")

    def says_hello(self):
        self.ann.says("/start")
        self.card = self.ann.hears("Hello, Ann & <b>! I am @selfology_bot.")
        check(labels(self.card) == ["Yes", "No"], f"the buttons are {labels(self.card)}")
        check([entity["type"] for entity in self.card["entities"]][:1] == ["bold"], "the name is not bold")

    def edits(self):
        check(self.ann.presses(self.card, "Yes") == "Noted", "the notice is another")
        self.ann.sees(self.card, lambda card: card["text"] == "You said yes." and not labels(card), "edited")

    def deletes(self):
        self.boris.says("/start")
        card = self.boris.hears("Hello, Boris!")
        check(self.boris.presses(card, "No") == "Gone", "the notice is another")
        self.boris.sees(card, lambda card: card is None, "deleted")

    def replies(self):
        said = self.ann.says("Good morning\nand good night 👋")
        answer = self.ann.hears("You said: Good morning\nand good night 👋")
        check(answer["reply_to_message_id"] == said["message_id"], f"{answer} is no reply")
        self.ann.sees(said, lambda m: ["👍"] in list(m.get("reactions", {}).values()), "reacted to")
        self.said = said

    def hears_corrections(self):
        self.ann.corrects(self.said, "Good evening")
        self.ann.hears("You corrected: Good evening")

    def hears_reactions(self):
        self.ann.reacts(self.card, "🔥")
        self.ann.hears("You reacted: 🔥")

    def sends_back(self, file):
        kind, name, data = file
        self.ann.sends(file, caption="Look")
        answer = self.ann.hears("", lambda m: m.get("media", {}).get("kind") == kind)
        self.check_file(answer, data)
        if kind == "document":
            check(answer["media"]["name"] == name, f"its name is {answer['media']['name']}")
        if kind != "sticker":
            check(answer["text"] == f'{len(data)} bytes of "Look", album no', f"it says {answer['text']}")

    def gets_an_album(self):
        photos = [("photo", "", png(side)) for side in (10, 20, 30)]
        self.ann.sends(*photos, caption="Look")
        albums = []
        for _, _, data in photos:
            answer = self.ann.hears(f'{len(data)} bytes of "Look"')
            self.check_file(answer, data)
            albums.append(answer["text"].split()[-1])
        check(len(set(albums)) == 1 and albums[0] != "no", f"the albums are {albums}")

    def sends_an_album(self):
        photo = png(40)
        self.ann.sends(("photo", "", photo))
        self.ann.hears(f"{len(photo)} bytes")
        self.ann.says("/album")
        self.ann.hears("third")
        sent = self.ann.heard()
        check([message["text"] for message in sent] == ["first", "second", "third"], f"it sent {sent}")
        check(len({message["album"] for message in sent}) == 1, "they are no album")
        for message in sent:
            self.check_file(message, photo)

    def has_menus(self):
        everybodys = {"start": "Begin", "album": "See an album"}
        check(self.ann.commands() == everybodys, f"Ann's are {self.ann.commands()}")
        check(self.boris.commands() == {"start": "Начать"}, f"Boris' are {self.boris.commands()}")
        self.boris.says("/menu")
        self.boris.hears("This menu is yours alone.")
        check(self.boris.commands() == {"same": "Change nothing"}, f"Boris' are {self.boris.commands()}")
        check(self.ann.commands() == everybodys, "Ann's have changed")

    def understands_refusals(self):
        self.ann.says("/same")
        self.ann.hears("Bad Request: message is not modified")

    def check_file(self, message, data):
        check(get(f"{BASE}/api/files/{message['media']['file_id']}") == data, "the bytes are not the same")

    def steps(self):
        return [
            ("starts", self.starts),
            ("says hello with buttons", self.says_hello),
            ("answers a press and edits", self.edits),
            ("deletes", self.deletes),
            ("replies and reacts", self.replies),
            ("hears corrections", self.hears_corrections),
            ("understands refusals", self.understands_refusals),
            ("has menus for some", self.has_menus),
            ("hears reactions", self.hears_reactions),
            *((f"gets and sends a {file[0]}", lambda file=file: self.sends_back(file)) for file in FILES),
            ("gets an album", self.gets_an_album),
            ("sends an album", self.sends_an_album),
        ]

    def end(self):
        if self.bot is not None:
            self.bot.terminate()
            self.bot.wait()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # Whoever has no patience any more: the bot is ended, too.
passed = []
for mode in ("polling", "webhook"):
    journey = Journey(mode)
    try:
        passed.append(report(f"{NAME} by {mode}", journey.steps()))
    finally:
        journey.end()
sys.exit(0 if all(passed) else 1)
