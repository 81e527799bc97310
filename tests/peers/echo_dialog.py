#!/usr/bin/env python3
"""A dialog by somebody else, which says what people say: echo_dialog.py NAME PORT

It knows Telegram and the mesh only by their contracts, which grpcio-tools compiles as it starts. It says which port it
serves on (0: a free one) and keeps nothing, so an update that comes again gets the same answer.
"""

import sys
from concurrent import futures
from pathlib import Path

import grpc

sys.path.append(str(Path(__file__).resolve().parents[2] / "proto"))
dialog = grpc.protos("selfology/telegram/v1/dialog.proto")
telegram = grpc.protos("selfology/telegram/v1/telegram.proto")
onboarding = grpc.protos("selfology/events/v1/onboarding.proto")
messages, services = grpc.protos_and_services("selfology/telegram/v1/dialog_service.proto")

NAME, PORT = sys.argv[1:]
TEXTS = {
    "title": ("Echo", "Эхо"),
    "menu": ("Hear yourself", "Услышать себя"),
    "help": ("I say what you say. /echo calls me.", "Я повторяю за вами. Позвать меня: /echo."),
    "hello": ("Echo here. Say something.", "Эхо на связи. Скажите что-нибудь."),
    "heard": ("You said: {}", "Вы сказали: {}"),
    "again": ("Again", "Ещё раз"),
    "enough": ("Enough", "Хватит"),
    "bye": ("The echo falls silent.", "Эхо умолкает."),
    "paused": ("I hear that session {} is paused.", "Слышу, что сеанс {} на паузе."),
}


def say(text, language):
    return TEXTS[text][language.startswith("ru")]


def localized(text):
    return [dialog.LocalizedText(language=language, text=say(text, language)) for language in ("en", "ru")]


def reaction(text, **more):
    return dialog.DialogReaction(messages=[dialog.DialogMessage(message_text=text, kind="echo")], **more)


def hello(language):
    labels = [telegram.Button(text=say(text, language), callback_data=f"echo:{text}") for text in ("again", "enough")]
    answer = reaction(say("hello", language), focus=dialog.FOCUS_CHANGE_TAKE)
    answer.messages[0].button_rows.add(buttons=labels)
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


class EchoDialog(services.DialogServiceServicer):
    def DescribeDialog(self, request, context):
        if request.dialog != NAME:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"this is {NAME}")
        description = dialog.DialogDescription(dialog=NAME, titles=localized("title"), help=localized("help"))
        description.commands.add(name="echo", descriptions=localized("menu"))
        description.button_actions.append("echo")
        description.event_types.append("session.paused")
        return messages.DescribeDialogResponse(description=description)

    def React(self, request, context):
        return messages.ReactResponse(reaction=react(request.update, request.language))

    def RenderEvent(self, request, context):
        event = onboarding.SessionPaused.FromString(request.payload)
        return messages.RenderEventResponse(reaction=reaction(say("paused", event.language).format(event.session_id)))

    def GetDialogState(self, request, context):
        return messages.GetDialogStateResponse(conversation=telegram.Conversation(user_id=request.user_id))


server = grpc.server(futures.ThreadPoolExecutor())
services.add_DialogServiceServicer_to_server(EchoDialog(), server)
print(server.add_insecure_port(f"127.0.0.1:{PORT}"), flush=True)
server.start()
server.wait_for_termination()
