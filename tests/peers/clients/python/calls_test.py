"""How the Python client makes calls, against a server of grpcio."""

import concurrent.futures
import dataclasses
import math
import threading
import unittest
from collections.abc import Callable, Iterator
from typing import NoReturn

import grpc
from google.protobuf import any_pb2, message
from google.rpc import error_details_pb2, status_pb2

from selfology.client import Connection, FieldViolation, Method, Retries, SelfologyError
from selfology.coach.v1 import coach_pb2, coach_service_pb2, coach_service_pb2_grpc
from selfology.coach.v1.coach_service_client import CoachServiceClient
from selfology.mesh.v1 import error_pb2
from selfology.session.v1 import session_pb2, session_service_pb2, session_service_pb2_grpc
from selfology.session.v1.session_service_client import SessionServiceClient

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


def fail(context: grpc.ServicerContext, code: grpc.StatusCode, *details: message.Message) -> NoReturn:
    """Ends the call as the mesh does."""
    status = status_pb2.Status(code=code.value[0], message="told so")
    for detail in details:
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, "told so")


class Sessions(session_service_pb2_grpc.SessionServiceServicer):
    """Does with the n-th call what the n-th of `script` does, and answers those after it."""

    def __init__(self) -> None:
        self.script: list[Callable[[grpc.ServicerContext], None]] = []
        self.calls = 0
        self.keys: list[str] = []
        self.tokens: list[str] = []
        self.remaining: list[float] = []

    def begin(self, context: grpc.ServicerContext, key: str) -> None:
        self.calls += 1
        self.keys.append(key)
        self.remaining.append(context.time_remaining() or math.inf)
        self.tokens.extend(str(value) for name, value in context.invocation_metadata() if name == "authorization")
        if self.calls <= len(self.script):
            self.script[self.calls - 1](context)

    def SubmitAnswer(
        self, request: session_service_pb2.SubmitAnswerRequest, context: grpc.ServicerContext
    ) -> session_service_pb2.SubmitAnswerResponse:
        self.begin(context, request.idempotency_key)
        return session_service_pb2.SubmitAnswerResponse(answer=session_pb2.Answer(answer_id=7))

    def GetAnswer(
        self, request: session_service_pb2.GetAnswerRequest, context: grpc.ServicerContext
    ) -> session_service_pb2.GetAnswerResponse:
        self.begin(context, request.idempotency_key)
        return session_service_pb2.GetAnswerResponse()

    def ListSessions(
        self, request: session_service_pb2.ListSessionsRequest, context: grpc.ServicerContext
    ) -> session_service_pb2.ListSessionsResponse:
        self.begin(context, "")
        page = int(request.page_token or "0")
        sessions = [session_pb2.Session(session_id=page * 10 + i) for i in range(page, 2)]
        return session_service_pb2.ListSessionsResponse(
            sessions=sessions, next_page_token=str(page + 1) if page < 2 else ""
        )


class Coach(coach_service_pb2_grpc.CoachServiceServicer):
    """Fails before the responses that `fails_before` names, once each; -1: never."""

    def __init__(self) -> None:
        self.calls = 0
        self.fails_before = [-1]
        self.ended = threading.Event()

    def StreamReply(
        self, request: coach_service_pb2.StreamReplyRequest, context: grpc.ServicerContext
    ) -> Iterator[coach_service_pb2.StreamReplyResponse]:
        self.calls += 1
        context.add_callback(self.ended.set)
        fails_before = self.fails_before.pop(0) if self.fails_before else -1
        for i in range(2):
            if i == fails_before:
                fail(context, UNAVAILABLE)
            yield coach_service_pb2.StreamReplyResponse(text_delta="ab"[i])
        yield coach_service_pb2.StreamReplyResponse(reply=coach_pb2.Message(content="ab"))


class CallsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.fake = Sessions()
        self.coach = Coach()
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
        session_service_pb2_grpc.add_SessionServiceServicer_to_server(self.fake, server)
        coach_service_pb2_grpc.add_CoachServiceServicer_to_server(self.coach, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self.addCleanup(lambda: server.stop(None).wait())
        self.waits: list[float] = []
        self.now = 0.0

        def sleep(seconds: float) -> None:
            self.waits.append(seconds)
            self.now += seconds

        retries = Retries(sleep=sleep, random=lambda: 0.0, clock=lambda: self.now)
        self.connection = Connection("127.0.0.1:%d" % port, retries=retries, token=lambda: "token")
        self.addCleanup(self.connection.close)
        self.sessions = SessionServiceClient(self.connection)

    def submit(self, timeout: float | None = None) -> session_service_pb2.SubmitAnswerResponse:
        return self.sessions.submit_answer(session_service_pb2.SubmitAnswerRequest(user_id=1), timeout=timeout)

    def test_unavailable_is_called_again_with_the_same_key(self) -> None:
        self.fake.script = [lambda context: fail(context, UNAVAILABLE)] * 3
        request = session_service_pb2.SubmitAnswerRequest(user_id=1)
        self.assertEqual(self.sessions.submit_answer(request).answer.answer_id, 7)
        self.assertEqual(self.fake.calls, 4)
        self.assertEqual(len(set(self.fake.keys)), 1)
        self.assertRegex(self.fake.keys[0], "^[ -~]{1,128}$")
        self.assertEqual(request.idempotency_key, "", "the caller's request stays as it is")
        self.assertEqual(self.waits, [0.05, 0.1, 0.2])
        self.assertEqual(self.fake.tokens, ["Bearer token"] * 4)

    def test_two_calls_have_different_keys(self) -> None:
        self.submit()
        self.submit()
        self.assertEqual(len(set(self.fake.keys)), 2)

    def test_keys_of_the_caller_and_of_reads_stay(self) -> None:
        self.sessions.submit_answer(session_service_pb2.SubmitAnswerRequest(user_id=1, idempotency_key="mine"))
        self.sessions.get_answer(session_service_pb2.GetAnswerRequest(user_id=1))
        self.assertEqual(self.fake.keys, ["mine", ""])

    def test_the_last_error_is_raised_when_tries_run_out(self) -> None:
        self.fake.script = [lambda context: fail(context, UNAVAILABLE)] * 9
        with self.assertRaises(SelfologyError) as raised:
            self.submit()
        self.assertEqual(raised.exception.code, UNAVAILABLE)
        self.assertEqual(self.fake.calls, 5)

    def test_a_wait_beyond_the_deadline_is_not_begun(self) -> None:
        asked = error_details_pb2.RetryInfo()
        asked.retry_delay.seconds = 6
        self.fake.script = [lambda context: fail(context, UNAVAILABLE, asked)]
        with self.assertRaises(SelfologyError) as raised:
            self.submit()
        self.assertEqual(raised.exception.retry_after, 6.0)
        self.assertEqual(self.waits, [])
        self.fake.script *= 2
        self.submit(timeout=60.0)
        self.assertEqual(self.waits, [6.0])

    def test_what_may_not_be_repeated_is_not(self) -> None:
        self.fake.script = [lambda context: fail(context, UNAVAILABLE)]
        once = dataclasses.replace(SessionServiceClient.SUBMIT_ANSWER, repeatable=False)
        stub = session_service_pb2_grpc.SessionServiceStub(self.connection.channel)
        with self.assertRaises(SelfologyError):
            self.connection.call(once, stub.SubmitAnswer, session_service_pb2.SubmitAnswerRequest())
        self.assertEqual(self.fake.calls, 1)

    def test_other_errors_are_not_called_again_and_have_their_details(self) -> None:
        violation = error_details_pb2.BadRequest.FieldViolation(field="answer_text", description="2 at least")
        details = [
            error_details_pb2.ErrorInfo(reason="INVALID_ARGUMENT", domain="selfology", metadata={"a": "b"}),
            error_details_pb2.BadRequest(field_violations=[violation]),
        ]
        self.fake.script = [lambda context: fail(context, grpc.StatusCode.INVALID_ARGUMENT, *details)]
        with self.assertRaises(SelfologyError) as raised:
            self.submit()
        error = raised.exception
        self.assertEqual(self.fake.calls, 1)
        self.assertEqual(error.code, grpc.StatusCode.INVALID_ARGUMENT)
        self.assertEqual(error.reason, error_pb2.ERROR_CODE_INVALID_ARGUMENT)
        self.assertEqual(error.metadata, {"a": "b"})
        self.assertEqual(error.violations, (FieldViolation("answer_text", "2 at least"),))
        self.assertEqual(str(error), "INVALID_ARGUMENT: told so")

    def test_a_reason_newer_than_the_package_keeps_its_name(self) -> None:
        info = error_details_pb2.ErrorInfo(reason="NEW_REASON", domain="selfology")
        self.fake.script = [lambda context: fail(context, grpc.StatusCode.NOT_FOUND, info)]
        with self.assertRaises(SelfologyError) as raised:
            self.submit()
        self.assertEqual(raised.exception.reason, error_pb2.ERROR_CODE_UNSPECIFIED)
        self.assertEqual(raised.exception.reason_name, "NEW_REASON")

    def test_the_deadline_is_the_contracts_unless_the_caller_has_one(self) -> None:
        self.assertEqual(SessionServiceClient.SUBMIT_ANSWER.timeout, 5.0)
        self.submit()
        self.submit(timeout=100.0)
        self.submit(timeout=math.inf)
        # On the wire a deadline is rounded up.
        self.assertLess(self.fake.remaining[0], 5.5)
        self.assertGreater(self.fake.remaining[1], 5.5)
        self.assertLess(self.fake.remaining[1], 110.0)
        self.assertGreater(self.fake.remaining[2], 110.0)

    def test_tries_share_the_deadline(self) -> None:
        asked = error_details_pb2.RetryInfo()
        asked.retry_delay.seconds = 3
        self.fake.script = [lambda context: fail(context, UNAVAILABLE, asked)]
        self.submit()
        self.assertLess(self.fake.remaining[1], 2.5)

    def test_pages_are_read_to_the_last(self) -> None:
        request = session_service_pb2.ListSessionsRequest(user_id=1)
        listed = [session.session_id for session in self.sessions.iterate_sessions(request)]
        self.assertEqual(listed, [0, 1, 11])
        self.assertEqual(self.fake.calls, 3)
        self.assertEqual(request.page_token, "")

    def reply(self) -> list[str]:
        client = CoachServiceClient(self.connection)
        return [part.text_delta for part in client.stream_reply(coach_service_pb2.StreamReplyRequest(user_id=1))]

    def test_a_stream_is_called_again_before_its_first_response(self) -> None:
        self.coach.fails_before = [0, 0]
        self.assertEqual(self.reply(), ["a", "b", ""])
        self.assertEqual(self.coach.calls, 3)

    def test_a_stream_is_not_called_again_after_its_first_response(self) -> None:
        self.coach.fails_before = [1]
        with self.assertRaises(SelfologyError):
            self.reply()
        self.assertEqual(self.coach.calls, 1)

    def test_leaving_a_stream_ends_the_call(self) -> None:
        parts = CoachServiceClient(self.connection).stream_reply(coach_service_pb2.StreamReplyRequest(user_id=1))
        self.assertEqual(next(parts).text_delta, "a")
        del parts
        self.coach.ended.wait()

    def test_what_the_contract_says_is_known(self) -> None:
        said: Method[coach_service_pb2.StreamReplyRequest, coach_service_pb2.StreamReplyResponse]
        said = CoachServiceClient.STREAM_REPLY
        self.assertEqual(said.permission, "coaching.messages.read")
        self.assertEqual(said.subject, "user_id")
        self.assertFalse(said.exported)
        self.assertFalse(SessionServiceClient.GET_ANSWER.has_key)

    def test_waits_double_up_to_the_longest_and_vary_by_half(self) -> None:
        low = Retries(random=lambda: 0.0)
        high = Retries(random=lambda: 1.0 - 2**-53)
        self.assertEqual([low.wait(n, None) for n in (1, 2, 5, 6, 60)], [0.05, 0.1, 0.8, 1.0, 1.0])
        self.assertAlmostEqual(high.wait(1, None), 0.1)
        self.assertAlmostEqual(high.wait(60, None), 2.0)
        self.assertEqual(low.wait(1, 0.3), 0.3)


if __name__ == "__main__":
    unittest.main()
