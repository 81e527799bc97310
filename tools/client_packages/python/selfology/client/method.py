"""What a contract says of a method, besides its types."""

import dataclasses
from typing import Generic, TypeVar

from google.protobuf.message import Message

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)


@dataclasses.dataclass(frozen=True)
class Method(Generic[Request, Response]):
    """A method of a service. The clients have one for each, named as the method: SUBMIT_ANSWER."""

    # "/selfology.session.v1.SessionService/SubmitAnswer".
    path: str
    request: type[Request]
    response: type[Response]
    # Seconds that a call without a timeout of its own may take, repeats included; None: as long as it takes.
    timeout: float | None
    # Whether a call may be made again that failed with UNAVAILABLE.
    repeatable: bool
    # Whether the request's `idempotency_key`, where empty, is filled.
    has_key: bool
    # The permission that it needs; None: everybody may call it.
    permission: str | None
    # The request's field that names the person; empty: none does.
    subject: str
    # Whether what it gives is part of a person's export.
    exported: bool
