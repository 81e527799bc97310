"""A connection to a mesh, and how calls are made over it."""

import math
import types
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

import grpc
from google.protobuf.message import Message

from selfology.client.errors import SelfologyError, from_rpc
from selfology.client.method import Method, Request, Response
from selfology.client.retries import Retries

Metadata = Sequence[tuple[str, str | bytes]]
_Result = TypeVar("_Result", covariant=True)
_Argument = TypeVar("_Argument", contravariant=True)


class _Callable(Protocol[_Argument, _Result]):
    """What a generated stub has for a method."""

    def __call__(
        self,
        request: _Argument,
        /,
        timeout: float | None = None,
        metadata: tuple[tuple[str, str | bytes], ...] | None = None,
    ) -> _Result: ...


class Connection:
    """Calls go over it. Thread safe; close it, or use it with `with`.

        Connection("127.0.0.1:50051")
        Connection("mesh:50051", credentials=grpc.ssl_channel_credentials(), token=lambda: access_token)

    Without credentials nothing is encrypted: for one machine only, or where the network does it. `token` goes along
    as "authorization: Bearer ..."; a function is asked before each try, so that it may renew the token.
    """

    def __init__(
        self,
        address: str | grpc.Channel,
        *,
        credentials: grpc.ChannelCredentials | None = None,
        token: str | Callable[[], str] | None = None,
        retries: Retries = Retries(),
    ) -> None:
        self._owned = isinstance(address, str)
        if not isinstance(address, str):
            self.channel = address
        elif credentials is None:
            self.channel = grpc.insecure_channel(address)
        else:
            self.channel = grpc.secure_channel(address, credentials)
        self._token = token
        self._retries = retries

    def close(self) -> None:
        """Ends calls under way, unless the channel was given."""
        if self._owned:
            self.channel.close()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        self.close()

    def call(
        self,
        method: Method[Request, Response],
        stub: _Callable[Request, Response],
        request: Request,
        timeout: float | None = None,
        metadata: Metadata = (),
    ) -> Response:
        """Makes a call, more than once if it may be and must. `timeout`: seconds in all; None: the contract's.

        Raises SelfologyError.
        """
        request = _with_key(method, request)
        tries = _Tries(method, self._retries, timeout)
        while True:
            try:
                return stub(request, timeout=tries.left(), metadata=self._metadata(metadata))
            except grpc.RpcError as failed:
                tries.wait(from_rpc(failed))

    def stream(
        self,
        method: Method[Request, Response],
        stub: _Callable[Request, Iterator[Response]],
        request: Request,
        timeout: float | None = None,
        metadata: Metadata = (),
    ) -> Iterator[Response]:
        """Makes a call whose responses come one by one. It is made again only while none has come.

        Closing the iterator, or leaving a `for` over it for good, ends the call.
        """
        request = _with_key(method, request)
        tries = _Tries(method, self._retries, timeout)
        begun = False
        while True:
            responses = stub(request, timeout=tries.left(), metadata=self._metadata(metadata))
            try:
                for response in responses:
                    begun = True
                    yield response
                return
            except grpc.RpcError as failed:
                error = from_rpc(failed)
                if begun:
                    raise error from failed
                tries.wait(error)
            finally:
                if isinstance(responses, grpc.RpcContext):
                    responses.cancel()

    def pages(
        self,
        method: Method[Request, Response],
        stub: _Callable[Request, Response],
        request: Request,
        timeout: float | None = None,
        metadata: Metadata = (),
    ) -> Iterator[Response]:
        """Every page from `request` on. `timeout` is that of each page."""
        page = method.request()
        page.CopyFrom(request)
        while True:
            response = self.call(method, stub, page, timeout, metadata)
            yield response
            token: str = getattr(response, "next_page_token")
            if not token:
                return
            setattr(page, "page_token", token)

    def _metadata(self, metadata: Metadata) -> tuple[tuple[str, str | bytes], ...]:
        if self._token is None:
            return tuple(metadata)
        token = self._token if isinstance(self._token, str) else self._token()
        return (*metadata, ("authorization", "Bearer " + token))


class _Tries:
    """The tries of one call, within its deadline."""

    def __init__(
        self, method: Method[Request, Response], retries: Retries, timeout: float | None
    ) -> None:
        self._repeatable = method.repeatable
        self._retries = retries
        self._failures = 0
        seconds = method.timeout if timeout is None else timeout
        self._end = math.inf if seconds is None else retries.clock() + seconds

    def left(self) -> float | None:
        """Seconds for the next try."""
        return None if self._end == math.inf else max(0.0, self._end - self._retries.clock())

    def wait(self, error: SelfologyError) -> None:
        """Waits for the next try, or raises the error if there is none."""
        self._failures += 1
        if (
            not self._repeatable
            or error.code != grpc.StatusCode.UNAVAILABLE
            or self._failures >= self._retries.attempts
        ):
            raise error
        seconds = self._retries.wait(self._failures, error.retry_after)
        if self._retries.clock() + seconds >= self._end:
            raise error
        self._retries.sleep(seconds)


def _with_key(method: Method[Request, Response], request: Request) -> Request:
    """The request with an idempotency key: all tries of a call have the same."""
    if not method.has_key or getattr(request, "idempotency_key"):
        return request
    keyed = method.request()
    keyed.CopyFrom(request)
    setattr(keyed, "idempotency_key", str(uuid.uuid4()))
    return keyed
