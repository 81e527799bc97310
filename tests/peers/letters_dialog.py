#!/usr/bin/env python3
"""A dialog by somebody else, which counts the letters of what people write: letters_dialog.py NAME PORT"""

from contract import DialogOfOthers, Texts, dialog, messages, reaction, serve

TEXTS = Texts(
    title=("Letters", "Буквы"),
    menu=("Count letters", "Посчитать буквы"),
    hello=("I count your letters.", "Считаю ваши буквы."),
    counted=("{} letters", "букв: {}"),
)


class LettersDialog(DialogOfOthers):
    def describe(self):
        description = dialog.DialogDescription(titles=TEXTS.localized("title"))
        description.commands.add(name="letters", descriptions=TEXTS.localized("menu"))
        return description

    def react(self, update, language):
        words = update.words or update.command.argument
        text = TEXTS.say("counted", language).format(len(words)) if words else TEXTS.say("hello", language)
        return messages.ReactResponse(reaction=reaction(text))


serve(LettersDialog())
