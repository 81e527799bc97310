#!/usr/bin/env python3
"""Dialogs of others beside the product's own: dialogs.py FOLDER

Starts the product in the folder with echo_dialog.py as a second dialog, talks with both as people do, kills the second
in mid-conversation; again with letters_dialog.py as a third one and guard_dialog.py, which is killed as well; and lets
two dialogs claim the same command.
"""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from people import Person, check, get, labels, report, until

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# What the gateway says while a dialog is away.
WAIT = "Ничего из отправленного не пропадёт"
COACH = "Questions and coach"


class Dialog:
    """A process of this program that stays at its port when it is started again."""

    def __init__(self, name, program="echo_dialog.py"):
        self.name = name
        self.program = program
        self.port = 0
        self.start()

    def start(self):
        command = [sys.executable, str(HERE / self.program), self.name, str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def kill(self):
        self.process.kill()
        self.process.wait()


class Product:
    """The product, with these dialogs besides its own, from its first use until `down`."""

    def __init__(self, folder, dialogs):
        self.folder = folder
        self.dialogs = dialogs

    def up(self):
        peers = ",".join(f"{dialog.name}=127.0.0.1:{dialog.port}" for dialog in self.dialogs)
        names = ",".join(dialog.name for dialog in self.dialogs)
        self._run("tools/up", "--detach", SELFOLOGY_TELEGRAM_DIALOGS=names, SELFOLOGY_PEERS=peers).check_returncode()
        self.addresses = dict(json.loads((self.folder / "addresses.json").read_text()))

    def down(self):
        self._run("tools/down")

    def log(self):
        return (self.folder / "logs/selfology.log").read_text().splitlines()

    def gateway(self):
        """How it is, for those who look at its health."""
        health = json.loads(get(f"{self.addresses['Health and metrics']}/detailed"))
        return health["services"]["telegram_gateway"]

    def metric(self, name):
        text = get(self.addresses["Health and metrics"].removesuffix("/health") + "/metrics").decode()
        return next((float(line.split()[-1]) for line in text.splitlines() if line.startswith(f"{name} ")), 0)

    def _run(self, *command, **variables):
        state = f"--state={self.folder}"
        return subprocess.run([*command, state], cwd=ROOT, env=os.environ | variables, stdout=sys.stderr)


class Talk:
    """The steps, in order."""

    def __init__(self, product, echo):
        self.product = product
        self.echo = echo

    def starts(self):
        self.product.up()
        chat = self.product.addresses["Chat page"]
        self.ann = Person(chat, "Ann", "en")
        self.boris = Person(chat, "Boris", "ru")

    def shows_a_menu(self):
        self.ann.says("/start")
        self.menu = self.ann.hears("What would you like to talk about?")
        check(labels(self.menu) == [COACH, "Echo"], f"the menu has {labels(self.menu)}")

    def shows_it_in_russian(self):
        self.boris.says("/start")
        self.russian_menu = self.boris.hears("О чём поговорим?")
        check(labels(self.russian_menu) == ["Вопросы и коуч", "Эхо"], f"the menu has {labels(self.russian_menu)}")

    def lists_commands_of_both(self):
        until("the menu of commands has not both", lambda: {"echo", "pause", "help"} <= self.ann.commands().keys())
        until("it is not in Russian", lambda: self.boris.commands().get("echo") == "Услышать себя")

    def opens_the_chosen_one(self):
        self.ann.presses(self.menu, "Echo")
        self.ann.hears("Echo here")
        self.ann.sees(self.menu, lambda menu: not labels(menu), "the menu's buttons are gone")

    def gives_it_the_words(self):
        self.ann.says("a first word")
        self.ann.hears("You said: a first word")

    def gives_it_what_is_corrected(self):
        self.ann.corrects(self.ann.says("a scond word"), "a second word")
        self.ann.hears("You said: a second word")

    def goes_back_to_it(self):
        self.ann.says("/start")
        self.ann.hears("Echo here")

    def takes_the_name_of_another(self):
        self.ann.says("/start coaching_dialog")
        self.ann.presses(self.ann.hears("Welcome to Selfology"), "✅ I agree")
        self.ann.hears("Question 1 of 10")
        self.ann.says("x")
        self.ann.hears("a little short")

    def gives_commands_to_their_owner(self):
        self.ann.says("/echo in between")
        self.ann.hears("You said: in between")
        self.ann.says("x")
        self.ann.hears("a little short")

    def offers_what_was_misspelt(self):
        self.ann.says("/ehco")
        self.ann.hears("/echo")

    def lets_a_dialog_take_the_words(self):
        self.ann.says("/echo")
        self.card = self.ann.hears("Echo here")
        self.ann.says("x")
        self.ann.hears("You said: x")

    def has_an_event_rendered(self):
        self.ann.says("/pause")  # Not the echo's, which hears of it all the same.
        self.ann.hears("Paused.")
        self.ann.hears("I hear that session")
        self.ann.says("y")
        self.ann.hears("You said: y")

    def takes_buttons_to_their_owner(self):
        notice = self.ann.presses(self.card, "Again")
        check(notice == "Again", f'the notice is "{notice}"')
        self.ann.hears("Echo here")

    def takes_the_words_back(self):
        self.ann.presses(self.card, "Enough")
        silent = "The echo falls silent."
        self.ann.sees(self.card, lambda card: card["text"] == silent and not labels(card), "the card is replaced")
        self.ann.says("x")
        self.ann.hears("We are paused")

    def helps_with_both(self):
        self.ann.says("/help")
        self.ann.hears(COACH, lambda help: "/pause" in help["text"] and "I say what you say." in help["text"])

    def loses_nothing_of_a_killed_dialog(self):
        self.boris.presses(self.russian_menu, "Эхо")
        self.boris.hears("Эхо на связи")
        first = self.boris.says("0")
        self.boris.hears("Вы сказали: 0")
        # The first is with the dialog when it dies, and nobody knows what became of it.
        self.echo.freeze()
        number = self.boris.says("1")["message_id"]
        self.boris.says("2")
        taken = re.compile(rb'message_id\\*":\s*%d\b' % number)
        until("the gateway never took it", lambda: taken.search(get(f"{self.boris.base}/api/log?method=getUpdates")))
        self.echo.kill()
        for number in (3, 4, 5):
            self.boris.says(str(number))
        self.boris.spoke_at = first["message_id"]
        self.boris.hears(WAIT)
        self.echo.start()
        # Whatever came twice would come before this.
        self.boris.says("6")
        self.boris.hears("Вы сказали: 6")
        self.boris.spoke_at = first["message_id"]
        heard = [message["text"] for message in self.boris.heard() if WAIT not in message["text"]]
        check(heard == [f"Вы сказали: {number}" for number in range(7)], f"it said {heard}")

    def is_well(self):
        health = until("it never was well", lambda: (h := self.product.gateway())["status"] == "healthy" and h)
        check(health["dependencies"]["dialogs"]["status"] == "healthy", health)

    def steps(self):
        return [
            ("the product starts with a dialog of others", self.starts),
            ("/start shows a menu of both", self.shows_a_menu),
            ("and in Russian", self.shows_it_in_russian),
            ("the menu of commands has both dialogs'", self.lists_commands_of_both),
            ("choosing one opens it", self.opens_the_chosen_one),
            ("which gets the words", self.gives_it_the_words),
            ("and corrections of them", self.gives_it_what_is_corrected),
            ("/start goes back to it", self.goes_back_to_it),
            ("a payload names the other, which gets the words from then on", self.takes_the_name_of_another),
            ("a command goes to its owner, the words do not", self.gives_commands_to_their_owner),
            ("a misspelt command is told from the nearest", self.offers_what_was_misspelt),
            ("a dialog takes the words", self.lets_a_dialog_take_the_words),
            ("an event is rendered", self.has_an_event_rendered),
            ("a button goes to its owner", self.takes_buttons_to_their_owner),
            ("which gives the words back", self.takes_the_words_back),
            ("/help shows both", self.helps_with_both),
            ("a dialog that is killed answers everything once, in order", self.loses_nothing_of_a_killed_dialog),
            ("the gateway is well", self.is_well),
        ]


class Guarded:
    """Three dialogs and a guard: the steps, in order."""

    MENU = "What would you like to talk about?"
    CARD = "The guard is away"
    TAKEN = "I am with you. Call 112."
    LETTERS = "I count your letters."

    def __init__(self, product, guard):
        self.product = product
        self.guard = guard

    def starts(self):
        self.product.up()
        self.cleo = Person(self.product.addresses["Chat page"], "Cleo", "en")

    def shows_a_menu(self):
        self.cleo.says("/start")
        self.menu = self.cleo.hears(self.MENU)
        check(labels(self.menu) == [COACH, "Echo", "Letters"], f"the menu has {labels(self.menu)}")

    def guards_who_has_no_dialog(self):
        self.says_only("danger", self.TAKEN)

    def takes_the_name_of_one(self):
        self.says_only("/start letters", self.LETTERS)
        self.says_only("four", "4 letters")

    def gives_it_the_rest_of_the_payload(self):
        self.says_only("/start letters_spring", "6 letters")

    def goes_back_to_it(self):
        self.says_only("/start", self.LETTERS)

    def opens_another(self):
        self.cleo.presses(self.menu, "Echo")
        self.cleo.hears("Echo here")
        self.says_only("aloud", "You said: aloud")
        self.cleo.says("/start")
        self.cleo.hears("Echo here")
        self.says_only("/start letters", self.LETTERS)

    def guards_who_has_one(self):
        self.says_only("this is danger", self.TAKEN)
        self.says_only("again", "5 letters")

    def guards_corrections(self):
        message = self.cleo.says("all well")
        self.cleo.hears("8 letters")
        self.cleo.corrects(message, "all danger")
        self.cleo.hears(self.TAKEN)
        self.hears_only(self.TAKEN, after="five!", answer="5 letters")

    def shows_the_card_once(self):
        # The first words are with the guard when it dies.
        self.guard.freeze()
        self.held_at = self.cleo.says("1")["message_id"]
        self.cleo.hears(self.CARD)
        self.guard.kill()
        for words in ("22", "danger", "333"):
            self.cleo.says(words)

    def gives_commands_no_way_round(self):
        self.cleo.says("/letters")  # Stays behind the words.
        until("not all of it is held", lambda: self.product.metric('telegram_updates_held{bot="1",state="waiting"}') == 5)
        self.cleo.spoke_at = self.held_at
        heard = [message["text"] for message in self.cleo.heard()]
        check(len(heard) == 1 and self.CARD in heard[0], f"it said {heard}")

    def handles_all_that_was_held(self):
        self.guard.start()
        self.cleo.spoke_at = self.held_at
        self.cleo.hears(self.LETTERS)
        # Whatever came twice would come before this.
        self.cleo.says("55555")
        self.cleo.hears("5 letters")
        self.cleo.spoke_at = self.held_at
        heard = [message["text"] for message in self.cleo.heard()]
        check(self.CARD in heard[0], f"it said {heard}")
        answers = ["1 letters", "2 letters", self.TAKEN, "3 letters", self.LETTERS, "5 letters"]
        check(heard[1:] == answers, f"it said {heard}")

    def says_only(self, words, answer):
        self.cleo.says(words)
        self.cleo.hears(answer)
        heard = [message["text"] for message in self.cleo.heard()]
        check(heard == [answer], f"it said {heard}")

    def hears_only(self, heard_before, after, answer):
        """Nothing but that has been heard since the person did something, and then this answer to these words."""
        spoke_at = self.cleo.spoke_at
        self.cleo.says(after)
        self.cleo.hears(answer)
        self.cleo.spoke_at = spoke_at
        heard = [message["text"] for message in self.cleo.heard()]
        check(heard == [heard_before, answer], f"it said {heard}")

    def steps(self):
        return [
            ("the product starts with three dialogs and a guard", self.starts),
            ("/start shows a menu of the three", self.shows_a_menu),
            ("the guard hears who has chosen none", self.guards_who_has_no_dialog),
            ("a payload names one of them", self.takes_the_name_of_one),
            ("which gets what stands behind its name", self.gives_it_the_rest_of_the_payload),
            ("/start goes back to the open one", self.goes_back_to_it),
            ("the menu still opens another", self.opens_another),
            ("the guard takes words before the open one", self.guards_who_has_one),
            ("and corrections", self.guards_corrections),
            ("a guard that is killed has its card shown", self.shows_the_card_once),
            ("meanwhile nothing else is said", self.gives_commands_no_way_round),
            ("all that was held is answered once, in order, and no second card shown", self.handles_all_that_was_held),
        ]


class Rivals:
    """Two dialogs claim the same command."""

    def __init__(self, product):
        self.product = product

    def names_both_in_the_log(self):
        self.product.up()
        until(
            "no line names both",
            lambda: any('"ERROR"' in line and "echo" in line and "parrot" in line for line in self.product.log()),
        )

    def names_both_in_its_health(self):
        def problem():
            return self.product.gateway()["dependencies"]["dialogs"].get("problem", "")

        until("the problem is not named", lambda: all(word in problem() for word in ('"echo"', '"parrot"', "command")))
        check(self.product.gateway()["status"] == "unhealthy", "it is called well")

    def steps(self):
        return [
            ("dialogs that claim the same command are named in the log", self.names_both_in_the_log),
            ("and in the gateway's health", self.names_both_in_its_health),
        ]


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # Whoever has no patience any more: put things away.
    folder = Path(sys.argv[1]).resolve()
    echo, parrot = Dialog("echo"), Dialog("parrot")
    letters, sentinel = Dialog("letters", "letters_dialog.py"), Dialog("sentinel", "guard_dialog.py")
    product = Product(folder / "dialogs", [echo])
    guarded = Product(folder / "guarded", [echo, letters, sentinel])
    rivals = Product(folder / "rivals", [echo, parrot])
    passed = []
    try:
        passed.append(report("dialogs", Talk(product, echo).steps()))
        product.down()
        passed.append(report("dialogs", Guarded(guarded, sentinel).steps()))
        guarded.down()
        passed.append(report("dialogs", Rivals(rivals).steps()))
    finally:
        for each in (product, guarded, rivals):
            each.down()
        for dialog in (echo, parrot, letters, sentinel):
            dialog.kill()
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
