"""Errors of the mesh as exceptions."""

import dataclasses
from collections.abc import Mapping

import grpc
from google.rpc import error_details_pb2, status_pb2

from selfology.mesh.v1 import error_pb2

_DOMAIN = "selfology"
_DETAILS = "grpc-status-details-bin"


@dataclasses.dataclass(frozen=True)
class FieldViolation:
    """What is wrong with a field of the request."""

    # A path: "answers[2].text".
    field: str
    # What the field must be.
    description: str


class SelfologyError(Exception):
    """A call that failed, and why. Branch on `reason`; the message's wording may change."""

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        reason: error_pb2.ErrorCode.ValueType = error_pb2.ERROR_CODE_UNSPECIFIED,
        reason_name: str = "",
        metadata: Mapping[str, str] | None = None,
        violations: tuple[FieldViolation, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__("%s: %s" % (reason_name or code.name, message))
        self.code = code
        self.message = message
        # UNSPECIFIED where the call did not reach the mesh, or its reason is newer than this package.
        self.reason = reason
        # As the mesh said it: "PROFILE_NOT_FOUND".
        self.reason_name = reason_name
        # What else the mesh said for programs.
        self.metadata = dict(metadata or {})
        # Of INVALID_ARGUMENT.
        self.violations = violations
        # Seconds after which it may work; None where the mesh did not say.
        self.retry_after = retry_after


def from_rpc(error: grpc.RpcError) -> SelfologyError:
    """The error with its details."""
    if not isinstance(error, grpc.Call):
        return SelfologyError(grpc.StatusCode.UNKNOWN, str(error))
    reason = error_pb2.ERROR_CODE_UNSPECIFIED
    reason_name = ""
    metadata: dict[str, str] = {}
    violations: list[FieldViolation] = []
    retry_after: float | None = None
    for key, value in error.trailing_metadata() or ():
        if key != _DETAILS or not isinstance(value, bytes):
            continue
        for detail in status_pb2.Status.FromString(value).details:
            info = error_details_pb2.ErrorInfo()
            request = error_details_pb2.BadRequest()
            retry = error_details_pb2.RetryInfo()
            if detail.Unpack(info) and info.domain == _DOMAIN:
                reason_name = info.reason
                metadata.update(info.metadata)
                name = "ERROR_CODE_" + info.reason
                if name in error_pb2.ErrorCode.keys():
                    reason = error_pb2.ErrorCode.Value(name)
            elif detail.Unpack(request):
                violations.extend(
                    FieldViolation(violation.field, violation.description)
                    for violation in request.field_violations
                )
            elif detail.Unpack(retry):
                retry_after = retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9
    return SelfologyError(
        error.code(),
        error.details() or "",
        reason=reason,
        reason_name=reason_name,
        metadata=metadata,
        violations=tuple(violations),
        retry_after=retry_after,
    )
