"""Calls on a Selfology mesh, with what its contracts say of each: deadline, repeating, idempotency key.

    from selfology.client import Connection, SelfologyError
    from selfology.session.v1.session_service_client import SessionServiceClient
    from selfology.session.v1.session_service_pb2 import ListSessionsRequest

    with Connection("127.0.0.1:50051") as connection:
        sessions = SessionServiceClient(connection)
        for session in sessions.iterate_sessions(ListSessionsRequest(user_id=1001)):
            print(session.session_id)
"""

from selfology.client.connection import Connection, Metadata
from selfology.client.errors import FieldViolation, SelfologyError
from selfology.client.method import Method
from selfology.client.retries import Retries

__all__ = ["Connection", "FieldViolation", "Metadata", "Method", "Retries", "SelfologyError"]
