#!/usr/bin/env python3
"""A guard by somebody else, who takes words of danger for his own: guard_dialog.py NAME PORT"""

from contract import DialogOfOthers, Texts, dialog, messages, reaction, serve

TEXTS = Texts(
    card=("The guard is away. Whom to call: 112.", "Страж отошёл. Куда звонить: 112."),
    taken=("I am with you. Call 112.", "Я с вами. Звоните 112."),
)
DANGER = "danger"


class GuardDialog(DialogOfOthers):
    def describe(self):
        return dialog.DialogDescription(guard=dialog.DialogGuard(card=TEXTS.localized("card")))

    def react(self, update, language):
        if DANGER not in (update.words or update.edited_words or update.content.caption):
            return messages.ReactResponse()
        return messages.ReactResponse(reaction=reaction(TEXTS.say("taken", language)), taken=True)


serve(GuardDialog())
