#!/usr/bin/env python3
"""Qdrant's own Python implementation of its engine (qdrant-client's local mode) behind its REST API.

It answers the calls that the product makes. Every body is read by the models that qdrant-client's authors generate from
Qdrant's OpenAPI description and that take no unknown field; what they refuse is HTTP 400. Prints its base URL, serves
until it is killed, and keeps everything in memory.
"""

import http.server
import json
import re
import threading
import time

import pydantic
from qdrant_client import QdrantClient
from qdrant_client.http import models

COLLECTION = re.compile(r"^/collections/([^/?]+)((?:/[^?]*)?)(?:\?wait=(?:true|false))?$")


class Refused(Exception):
    """An HTTP status and what Qdrant would say with it."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Engine:
    """The engine is not made for many threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self._client = QdrantClient(":memory:")

    def answer(self, method, path, body):
        with self._lock:
            if (method, path) == ("GET", "/collections"):
                return self._client.get_collections().model_dump(mode="json")
            found = COLLECTION.match(path)
            call = self._calls().get((method, re.sub(r"/\d+$", "/{id}", found.group(2)))) if found else None
            if call is None:
                raise Refused(404, "no such endpoint")
            name = found.group(1)
            exists = self._client.collection_exists(name)
            if (method, found.group(2)) == ("PUT", "") and exists:
                raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
            if (method, found.group(2)) != ("PUT", "") and not exists:
                raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
            return call(name, body if body is not None else found.group(2).rsplit("/", 1)[-1])

    def _calls(self):
        return {
            ("GET", ""): self._describe,
            ("PUT", ""): self._create,
            ("PUT", "/points"): self._upsert,
            ("GET", "/points/{id}"): self._retrieve,
            ("POST", "/points/query"): self._query,
            ("POST", "/points/delete"): self._delete,
        }

    def _describe(self, name, _):
        return self._client.get_collection(name).model_dump(mode="json")

    def _create(self, name, body):
        request = models.CreateCollection.model_validate(body)
        return self._client.create_collection(name, vectors_config=request.vectors)

    def _upsert(self, name, body):
        request = models.PointsList.model_validate(body)
        size = self._client.get_collection(name).config.params.vectors.size
        for point in request.points:
            if len(point.vector) != size:
                raise Refused(400, f"Wrong input: Vector dimension error: expected dim: {size}, got {len(point.vector)}")
        return self._client.upsert(name, request.points).model_dump(mode="json")

    def _retrieve(self, name, point):
        found = self._client.retrieve(name, [int(point)])
        if not found:
            raise Refused(404, f"Not found: Point with id {point} does not exists!")
        return found[0].model_dump(mode="json")

    def _query(self, name, body):
        request = models.QueryRequest.model_validate(body)
        return self._client.query_points(
            name,
            query=request.query,
            query_filter=request.filter,
            limit=request.limit or 10,
            score_threshold=request.score_threshold,
            with_payload=request.with_payload or False,
        ).model_dump(mode="json")

    def _delete(self, name, body):
        request = models.PointIdsList.model_validate(body)
        return self._client.delete(name, request).model_dump(mode="json")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    engine = Engine()

    def _serve(self):
        began = time.monotonic()
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length)
        try:
            body = json.loads(text) if self.command != "GET" else None
            reply, status = {"result": self.engine.answer(self.command, self.path, body), "status": "ok"}, 200
        except Refused as refused:
            reply, status = {"status": {"error": str(refused)}}, refused.status
        except (json.JSONDecodeError, pydantic.ValidationError, ValueError) as wrong:
            reply, status = {"status": {"error": f"Format error in JSON body: {wrong}"}}, 400
        reply["time"] = time.monotonic() - began
        data = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_POST = _serve

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
