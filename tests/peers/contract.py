"""The contract of dialogs (proto/selfology/telegram/v1), for dialogs in Python that know the mesh by nothing else.

grpcio-tools compiles it as it is imported. A dialog's program takes NAME PORT (0: a free one) and ends with
`serve(Dialog())`, which says the port and serves until it is killed.
"""

import sys
from concurrent import futures
from pathlib import Path

import grpc

sys.path.append(str(Path(__file__).resolve().parents[2] / "proto"))
dialog = grpc.protos("selfology/telegram/v1/dialog.proto")
telegram = grpc.protos("selfology/telegram/v1/telegram.proto")
messages, services = grpc.protos_and_services("selfology/telegram/v1/dialog_service.proto")

NAME, PORT = sys.argv[1:]


class Texts:
    """What a dialog says, in English and Russian."""

    def __init__(self, **texts):
        self.texts = texts

    def say(self, text, language):
        return self.texts[text][language.startswith("ru")]

    def localized(self, text):
        return [dialog.LocalizedText(language=language, text=self.say(text, language)) for language in ("en", "ru")]


def reaction(text, **more):
    return dialog.DialogReaction(messages=[dialog.DialogMessage(message_text=text, kind="peer")], **more)


class DialogOfOthers(services.DialogServiceServicer):
    """A dialog has describe() -> DialogDescription, without the name, and react(update, language) -> ReactResponse. It
    keeps nothing, so an update that comes again gets the same answer."""

    def DescribeDialog(self, request, context):
        if request.dialog != NAME:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"this is {NAME}")
        description = self.describe()
        description.dialog = NAME
        return messages.DescribeDialogResponse(description=description)

    def React(self, request, context):
        return self.react(request.update, request.language)

    def GetDialogState(self, request, context):
        return messages.GetDialogStateResponse(conversation=telegram.Conversation(user_id=request.user_id))


def serve(service):
    server = grpc.server(futures.ThreadPoolExecutor())
    services.add_DialogServiceServicer_to_server(service, server)
    print(server.add_insecure_port(f"127.0.0.1:{PORT}"), flush=True)
    server.start()
    server.wait_for_termination()
