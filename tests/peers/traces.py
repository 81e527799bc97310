#!/usr/bin/env python3
"""Our traces in OpenTelemetry's own words: traces.py

A collector made of PyPI's opentelemetry-proto and grpcio. Prints its address, takes what the product sends until SIGTERM
(meanwhile others make the product work), and then says whether that is what OpenTelemetry means: no field that its messages
do not have, ids and times as they must be, parents that are there, attributes of its semantic conventions.
"""

import signal
import threading
from concurrent import futures

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1 import trace_pb2

CONVENTIONS = {
    trace_pb2.Span.SPAN_KIND_SERVER: ({"rpc.system", "rpc.service", "rpc.method", "rpc.grpc.status_code"},
                                      {"http.route", "http.response.status_code"}),
    trace_pb2.Span.SPAN_KIND_CLIENT: ({"rpc.system", "rpc.service", "rpc.method", "rpc.grpc.status_code"},
                                      {"http.request.method"}, {"db.system", "db.operation.name"}),
    trace_pb2.Span.SPAN_KIND_PRODUCER: ({"messaging.system", "messaging.operation.type", "messaging.destination.name"},),
    trace_pb2.Span.SPAN_KIND_CONSUMER: ({"messaging.system", "messaging.destination.name", "messaging.consumer.group.name"},),
}

taken = []
malformed = []
lock = threading.Lock()


def has_unknown_fields(message):
    """Whether it, or a message in it, has what OpenTelemetry's messages have not."""
    known = type(message)()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    return known.ByteSize() != message.ByteSize()


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    def Export(self, request, context):
        with lock:
            if has_unknown_fields(request):
                malformed.append("an unknown field")
            for group in request.resource_spans:
                resource = {a.key: a.value.string_value for a in group.resource.attributes}
                for scope in group.scope_spans:
                    taken.extend((resource, span) for span in scope.spans)
        return trace_service_pb2.ExportTraceServiceResponse()


def report(name, findings):
    print("%s OpenTelemetry: %s%s" % ("not ok" if findings else "ok", name, ": %s" % findings[0] if findings else ""), flush=True)


def judge():
    ids = {(bytes(span.trace_id), bytes(span.span_id)) for _, span in taken}
    sampled = [(resource, span) for resource, span in taken if span.flags & 1]
    report("all that is sent has a place in its messages", malformed)
    report("spans come from several services", [] if len({r["service.name"] for r, _ in taken}) >= 5 else ["too few services"])
    report("ids and times are as they must be", [
        span.name for _, span in taken
        if len(span.trace_id) != 16 or len(span.span_id) != 8 or len(span.parent_span_id) not in (0, 8)
        or span.end_time_unix_nano < span.start_time_unix_nano or not span.name])
    report("parents are there", [
        "%s %s" % (resource["service.name"], span.name) for resource, span in sampled
        if span.parent_span_id and (bytes(span.trace_id), bytes(span.parent_span_id)) not in ids])
    report("attributes are those of the semantic conventions", [
        "%s has %s" % (span.name, sorted(keys)) for span, keys in (
            (span, {a.key for a in span.attributes}) for _, span in taken)
        if span.kind in CONVENTIONS and not any(wanted <= keys for wanted in CONVENTIONS[span.kind])])


def main():
    server = grpc.server(futures.ThreadPoolExecutor(4))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Collector(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    server.start()
    print("http://127.0.0.1:%d" % port, flush=True)
    while not ended.wait(1):
        pass
    server.stop(1).wait()
    judge()


if __name__ == "__main__":
    main()
