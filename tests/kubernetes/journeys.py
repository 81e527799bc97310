"""People who go through the coaching journey in a mesh that runs in a cluster.

    journeys.py BASE one                  one journey, step by step
    journeys.py BASE until FILE           journeys, four at a time, until the file is there

BASE is the Telegram emulator's address. Writes "ok ..." and "not ok ..." lines. A journey that meets a restart waits as a person
would: what the bot owes them comes, or the journey fails.
"""

import concurrent.futures
import os
import sys
import time
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers"))
from people import Person, report  # noqa: E402

ANSWERS = [
    "I prefer routine and do everything the usual way. New ideas bore me.",
    "I often worry about work and money, and I feel nervous before every meeting.",
    "Lately I love to paint and imagine new worlds; I am curious and creative.",
    "I help my neighbours and listen to my family; I am grateful for their love and trust.",
    "I feel calm and hopeful. I explore ideas, learn languages and dream of travelling.",
]
AT_ONCE = 4


class Journey:
    """The steps of one person."""

    def __init__(self, base, name):
        self.base, self.name = base, name

    def starts(self):
        self.person = Person(self.base, self.name, "en")
        self.person.says("/start")
        self.consent = self.person.hears("Welcome to Selfology")

    def agrees(self):
        self.person.presses(self.consent, "✅ I agree")
        self.person.hears("Question 1 of 10")

    def answer(self, number):
        self.person.says(ANSWERS[number])
        self.person.hears("✨")
        self.person.hears("Question %d of 10" % (number + 2))

    def steps(self):
        yield "the bot asks for consent", self.starts
        yield "the button takes consent", self.agrees
        for number in range(len(ANSWERS)):
            yield "answer %d gets feedback and another question" % (number + 1), lambda number=number: self.answer(number)


def whole(base, number):
    try:
        for _, step in Journey(base, "Ann%d" % number).steps():
            step()
        return True
    except Exception:
        print("journey %d: %s" % (number, traceback.format_exc()), file=sys.stderr)
        return False


def until(base, stop):
    number, failed = 0, 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as people:
        running = set()
        while running or not os.path.exists(stop):
            while len(running) < AT_ONCE and not os.path.exists(stop):
                running.add(people.submit(whole, base, number))
                number += 1
            done, running = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            failed += sum(not future.result() for future in done)
    return number, failed


def main():
    base, how = sys.argv[1:3]
    if how == "one":
        sys.exit(0 if report("kubernetes", list(Journey(base, "Ann").steps())) else 1)
    begin = time.monotonic()
    number, failed = until(base, sys.argv[3])
    print("%d journeys in %d s, %d failed" % (number, time.monotonic() - begin, failed), file=sys.stderr)
    print("%sok kubernetes: all %d journeys meanwhile went through" % ("not " if failed or number < AT_ONCE else "", number))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
