#!/usr/bin/env python3
"""A dialog by somebody else, which says what people say: echo_dialog.py NAME PORT"""

import grpc

from contract import DialogOfOthers, Texts, dialog, messages, reaction, serve, telegram

onboarding = grpc.protos("selfology/events/v1/onboarding.proto")

TEXTS = Texts(
    title=("Echo", "Эхо"),
    menu=("Hear yourself", "Услышать себя"),
    help=("I say what you say. /echo calls me.", "Я повторяю за вами. Позвать меня: /echo."),
    hello=("Echo here. Say something.", "Эхо на связи. Скажите что-нибудь."),
    heard=("You said: {}", "Вы сказали: {}"),
    again=("Again", "Ещё раз"),
    enough=("Enough", "Хватит"),
    bye=("The echo falls silent.", "Эхо умолкает."),
    paused=("I hear that session {} is paused.", "Слышу, что сеанс {} на паузе."),
)
say = TEXTS.say


def hello(language):
    labels = [telegram.Button(text=say(text, language), callback_data=f"echo:{text}") for text in ("again", "enough")]
    answer = reaction(say("hello", language), focus=dialog.FOCUS_CHANGE_TAKE)
    answer.messages[0].button_rows.add(buttons=labels)
    answer.messages[0].keep_buttons = True  # People may want it again and again.
    return answer


def react(update, language):
    what = update.WhichOneof("what")
    if what == "command" and not update.command.argument:  # /echo, or /start of who has chosen this dialog.
        return hello(language)
    if what == "command":
        return reaction(say("heard", language).format(update.command.argument))
    if what in ("words", "edited_words"):
        return reaction(say("heard", language).format(getattr(update, what)))
    if what == "button" and update.button.argument == "again":
        return reaction(say("hello", language), notice=say("again", language))
    if what == "button":
        return dialog.DialogReaction(replacement=say("bye", language), focus=dialog.FOCUS_CHANGE_GIVE_BACK)
    return dialog.DialogReaction()


class EchoDialog(DialogOfOthers):
    def describe(self):
        description = dialog.DialogDescription(titles=TEXTS.localized("title"), help=TEXTS.localized("help"))
        description.commands.add(name="echo", descriptions=TEXTS.localized("menu"))
        description.button_actions.append("echo")
        description.event_types.append("session.paused")
        return description

    def react(self, update, language):
        return messages.ReactResponse(reaction=react(update, language))

    def RenderEvent(self, request, context):
        event = onboarding.SessionPaused.FromString(request.payload)
        return messages.RenderEventResponse(reaction=reaction(say("paused", event.language).format(event.session_id)))


serve(EchoDialog())
