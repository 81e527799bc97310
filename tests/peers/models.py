#!/usr/bin/env python3
"""A real server that speaks OpenAI's API behind the product: models.py FOLDER PYTHON MODEL

Starts llama.cpp's Python server with a model of 135 million parameters, and the product with it as its only model, and looks
at the wire: answers, streams, streams that are cut, vectors, whose turn it is when it is busy, and who answers once it is
killed. What so small a model says is of no use and not looked at.
"""

import json
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

from dialogs import Product
from people import check, free_port, get, report, until

NAME = "own"
REPLY, DEEP, SUMMARY = "TASK_COACH_REPLY", "TASK_DEEP_ANALYSIS", "TASK_SUMMARY"
# Longer than it takes with both cores busy.
PATIENCE_S = 120


class Server:
    """llama.cpp's, which answers one request at a time."""

    def __init__(self, folder, python, model):
        self.log = folder / "llama.log"
        self.python = python
        self.model = model
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}/v1"
        self.process = None

    def start(self, interrupts):
        """interrupts: whether a request ends the one before it."""
        options = {
            "model": self.model,
            "model_alias": NAME,
            "host": "127.0.0.1",
            "port": self.port,
            "n_ctx": 2048,
            "n_threads": 1,
            "embedding": "true",
            "interrupt_requests": "true" if interrupts else "false",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        with open(self.log, "a") as log:
            command = ["nice", self.python, "-m", "llama_cpp.server", *words]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until("llama.cpp's server does not serve", self._serves)

    def _serves(self):
        check(self.process.poll() is None, "llama.cpp's server ended")
        try:
            return get(f"{self.base}/models")
        except OSError:
            return None

    def is_asked(self, **more):
        body = {"model": NAME, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 1, "stream": True, **more}
        request = urllib.request.Request(
            f"{self.base}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENCE_S) as answer:
            return answer.read()

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class Mesh(Product):
    """The product with these variables."""

    def __init__(self, folder, variables):
        super().__init__(folder, [])
        self.variables = variables

    def up(self):
        self._run("tools/up", "--detach", **self.variables).check_returncode()
        self.addresses = dict(json.loads((self.folder / "addresses.json").read_text()))
        endpoints = ["tools/selfologyctl", "endpoints", "--json", f"--state={self.folder}"]
        self.grpc = json.loads(subprocess.check_output(endpoints, cwd=Path(__file__).resolve().parents[2]))["ai"]["grpc"]

    def begins(self, method, request):
        """A process that prints responses, one after the other, as they come."""
        command = ["grpcurl", "-plaintext", "-max-time", str(PATIENCE_S), "-d", json.dumps(request), self.grpc, method]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def call(self, method, request):
        """All responses."""
        process = self.begins(method, request)
        said, wrong = process.communicate()
        check(process.returncode == 0, f"{method}: {wrong}")
        return list(messages(said))


def messages(text):
    decoder = json.JSONDecoder()
    text = text.strip()
    while text:
        message, end = decoder.raw_decode(text)
        yield message
        text = text[end:].lstrip()


def asking(task, words="Tell me about the sea.", max_tokens=12):
    return {
        "input": {
            "task": task,
            "system_prompt": "You are a coach.",
            "messages": [{"role": "ROLE_USER", "content": words}],
            "max_tokens": max_tokens,
        }
    }


class Wire:
    """The steps, in order."""

    COMPLETE = "selfology.ai.v1.AiService/Complete"
    STREAM = "selfology.ai.v1.AiService/StreamComplete"
    EMBED = "selfology.ai.v1.AiService/Embed"

    def __init__(self, mesh, server):
        self.mesh = mesh
        self.server = server

    def starts(self):
        self.server.start(interrupts=False)
        self.mesh.up()

    def completes(self):
        (response,) = self.mesh.call(self.COMPLETE, asking(SUMMARY))
        completion = response["completion"]
        check(completion["provider"] == "openai" and completion["model_used"] == NAME, completion)
        check(completion["text"] and not completion.get("failed_attempts"), completion)
        check(completion["input_tokens"] > 10 and 0 < completion["output_tokens"] <= 12, completion)

    def tells_that_it_is_cut_short(self):
        (response,) = self.mesh.call(self.COMPLETE, asking(SUMMARY, max_tokens=2))
        check(response["completion"].get("truncated"), response)

    def streams(self):
        *pieces, last = self.mesh.call(self.STREAM, asking(REPLY, max_tokens=16))
        completion = last["completion"]
        check(completion["provider"] == "openai" and not completion.get("failed_attempts"), completion)
        check(len(pieces) > 3 and not any(piece.get("restart") for piece in pieces), pieces)
        check("".join(piece.get("text_delta", "") for piece in pieces) == completion["text"], pieces)

    def falls_back_from_what_is_too_long(self):
        (response,) = self.mesh.call(self.COMPLETE, asking(REPLY, words="sea and sky " * 2000))
        completion = response["completion"]
        check(completion["provider"] == "local", completion)
        check(completion["failed_attempts"][0]["reason"] == "HTTP 400", completion)

    def embeds(self):
        (response,) = self.mesh.call(self.EMBED, {"texts": ["I love the sea.", "I love the sea.", "Tax forms"]})
        check(response["model_used"] == NAME and response["model_dimensions"] == 576, response["model_used"])
        first, again, other = (vector["values"] for vector in response["embeddings"])
        check(len(first) == 512, f"{len(first)} components")

        def likeness(a, b):
            return sum(x * y for x, y in zip(a, b))

        check(abs(likeness(first, first) - 1) < 1e-3, "it has not unit length")
        same, unlike = likeness(first, again), likeness(first, other)
        check(same > 0.999 and same > unlike, f"{same} for the same text, {unlike} for another")

    def serves_the_coach_first(self):
        ended = {}

        def ask(name, task):
            self.mesh.call(self.COMPLETE, asking(task, max_tokens=60))
            ended[name] = time.monotonic()

        threads = [threading.Thread(target=ask, args=(f"summary {i}", SUMMARY)) for i in range(4)]
        for thread in threads:
            thread.start()
        waiting = f'ai_model_waiting{{model="{NAME}"}}'
        until("nobody waits", lambda: self.mesh.metric(waiting) == 3)
        coach = threading.Thread(target=ask, args=("coach", REPLY))
        coach.start()
        for thread in (*threads, coach):
            thread.join()
        order = sorted(ended, key=ended.get)
        check(order.index("coach") == 1, f"they were served in this order: {order}")

    def begins_anew_where_a_stream_is_cut(self):
        self.server.kill()
        self.server.start(interrupts=True)
        self.is_cut_off(self.server.is_asked)

    def answers_itself_once_it_is_killed(self):
        self.is_cut_off(self.server.kill)

    def is_cut_off(self, cut):
        """A reply that has begun to come, and then `cut`, is the coach's own."""
        stream = self.mesh.begins(self.STREAM, asking(REPLY, max_tokens=1000))
        said = ""
        while '"text_delta"' not in said:
            line = stream.stdout.readline()
            check(line, "the stream ended before it began")
            said += line
        cut()
        said += stream.stdout.read()
        wrong = stream.stderr.read()
        check(stream.wait() == 0, wrong)
        *pieces, last = messages(said)
        self.is_the_coachs_own(pieces, last["completion"], "CUT_REPLY")

    def is_the_coachs_own(self, pieces, completion, reason):
        check(completion["provider"] == "local" and completion["text"], completion)
        check(completion["failed_attempts"] == [{"model": NAME, "reason": reason}], completion)
        restarts = [i for i, piece in enumerate(pieces) if piece.get("restart")]
        check(len(restarts) == 1, f"{len(restarts)} new beginnings")
        text = "".join(piece.get("text_delta", "") for piece in pieces[restarts[0] :])
        check(text == completion["text"], f"{text} is not {completion['text']}")

    def goes_on_without_it(self):
        (response,) = self.mesh.call(self.COMPLETE, asking(REPLY))
        check(response["completion"]["provider"] == "local", response)
        (response,) = self.mesh.call(self.COMPLETE, asking(DEEP))
        check(response["completion"]["provider"] == "local", response)

    def says_it_once(self):
        said = [line for line in self.mesh.log() if "model failed" in line and "the stream ended early" in line]
        check(len(said) == 1, said)

    def steps(self):
        return [
            ("the product starts with a server of others", self.starts),
            ("it completes", self.completes),
            ("an answer that reaches its length says so", self.tells_that_it_is_cut_short),
            ("it streams", self.streams),
            ("what is too long for it is answered all the same", self.falls_back_from_what_is_too_long),
            ("its vectors are made as wide as asked for", self.embeds),
            ("the coach is served first", self.serves_the_coach_first),
            ("a stream that is cut begins anew", self.begins_anew_where_a_stream_is_cut),
            ("one whose server is killed, too", self.answers_itself_once_it_is_killed),
            ("and the coach goes on without it", self.goes_on_without_it),
            ("which the log does not repeat", self.says_it_once),
        ]


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # Whoever has no patience any more: put things away.
    folder, python, model = Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3]
    server = Server(folder, python, model)
    spec = f"openai,{NAME},0,0"
    mesh = Mesh(
        folder / "models",
        {
            "SELFOLOGY_OPENAI_BASE_URL": server.base,
            "SELFOLOGY_AI_PREMIUM": f"{spec},concurrency=1",
            "SELFOLOGY_AI_STANDARD": spec,
            "SELFOLOGY_AI_SIMPLE": spec,
            "SELFOLOGY_AI_EMBEDDING": f"{spec},width=576,batch=1",
        },
    )
    try:
        return 0 if report("models", Wire(mesh, server).steps()) else 1
    finally:
        mesh.down()
        server.kill()


if __name__ == "__main__":
    sys.exit(main())
