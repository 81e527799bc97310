"""A person's way with the coach, by the Python client: journey.py HOST:PORT USER_ID"""

import sys
import time

from selfology.client import Connection, SelfologyError
from selfology.coach.v1.coach_service_client import CoachServiceClient
from selfology.coach.v1.coach_service_pb2 import SendMessageRequest, StreamReplyRequest
from selfology.mesh.v1.error_pb2 import ERROR_CODE_INVALID_ARGUMENT, ERROR_CODE_NO_QUESTION_PENDING
from selfology.session.v1.session_pb2 import ONBOARDING_STAGE_STARTING
from selfology.session.v1.session_service_client import SessionServiceClient
from selfology.session.v1.session_service_pb2 import (
    GetOnboardingRequest,
    ListAnswersRequest,
    RecordConsentRequest,
    StartOnboardingRequest,
    SubmitAnswerRequest,
)

ANSWERS = ("I love to paint and to learn new things.", "My friends and I play music together.")


def start(sessions: SessionServiceClient, user_id: int) -> None:
    policy = sessions.get_onboarding(GetOnboardingRequest(user_id=user_id)).onboarding.current_policy_version
    sessions.record_consent(RecordConsentRequest(user_id=user_id, granted=True, policy_version=policy))
    # The idempotency key is the client's to make.
    stage = sessions.start_onboarding(StartOnboardingRequest(user_id=user_id, language="en")).onboarding.stage
    while stage == ONBOARDING_STAGE_STARTING:
        time.sleep(0.05)
        stage = sessions.get_onboarding(GetOnboardingRequest(user_id=user_id)).onboarding.stage


def answer(sessions: SessionServiceClient, user_id: int, text: str) -> int:
    while True:
        try:
            return sessions.submit_answer(SubmitAnswerRequest(user_id=user_id, answer_text=text)).answer.answer_id
        except SelfologyError as error:
            # The next question may be on its way; then the mesh says when to come back.
            if error.reason != ERROR_CODE_NO_QUESTION_PENDING or error.retry_after is None:
                raise
            time.sleep(error.retry_after)


def main(address: str, user_id: int) -> None:
    with Connection(address) as connection:
        sessions = SessionServiceClient(connection)
        start(sessions, user_id)
        given = [answer(sessions, user_id, text) for text in ANSWERS]

        # Two pages of one answer each.
        pages = sessions.iterate_answers(ListAnswersRequest(user_id=user_id, page_size=1))
        assert [stored.answer_id for stored in pages] == given

        coach = CoachServiceClient(connection)
        message = coach.send_message(
            SendMessageRequest(user_id=user_id, message_text="I am tired of my job.", language="en")
        ).message
        text = ""
        for part in coach.stream_reply(StreamReplyRequest(user_id=user_id, message_id=message.message_id)):
            text = part.text_delta if part.restart else text + part.text_delta
            if part.HasField("reply"):
                assert part.reply.content == text != ""
                print("coach:", text)

        try:
            sessions.submit_answer(SubmitAnswerRequest(user_id=user_id, answer_text="x"))
        except SelfologyError as error:
            assert error.reason == ERROR_CODE_INVALID_ARGUMENT
            assert [violation.field for violation in error.violations] == ["answer_text"]
            print("refused:", error, error.violations[0].description)
        else:
            raise AssertionError("an answer of one character was taken")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
