"""Who alerts are told to, on this machine: a mail server, and webhooks as Slack and PagerDuty have them.

    with Mail("alerts@example.com", "password") as mail, Hooks() as hooks:
        mail.port, hooks.base                  # where they listen, on loopback
        mail.letters(), hooks.posts("/slack")  # what has come so far: [Letter], [parsed JSON]

Threads: what they give may be read from any.
"""

import base64
import dataclasses
import email
import email.policy
import http.server
import json
import socketserver
import threading


class _Server:
    """A server on a free port of loopback, in threads of its own until the block ends."""

    def __init__(self, kind, handler):
        self._lock = threading.Lock()
        self._server = kind(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.owner = self
        self.port = self._server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


@dataclasses.dataclass
class Letter:
    to: list       # Addresses of the envelope.
    subject: str
    text: str      # All parts that are text, HTML among them, after each other.


class _Session(socketserver.StreamRequestHandler):
    """One mail client's: RFC 5321 as far as sending needs it, for those who say the password (AUTH PLAIN) only."""

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 mail.example.com ESMTP")
        to, is_known = [], False
        for raw in self.rfile:
            line = raw.decode().strip()
            verb = line[:4].upper()
            if verb == "EHLO":
                self.say("250-mail.example.com\r\n250 AUTH PLAIN")
            elif verb == "AUTH":
                said = base64.b64decode(line.split()[2]).decode().split("\0")[1:]
                is_known = said == self.server.owner.who
                self.say("235 Welcome" if is_known else "535 Who are you?")
            elif verb in ("MAIL", "RCPT") and not is_known:
                self.say("530 Authentication required")
            elif verb == "RCPT":
                to.append(line.split("<")[1].split(">")[0])
                self.say("250 OK")
            elif verb == "DATA":
                self.say("354 Go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.owner.keep(to, b"".join(text[1:] if text.startswith(b".") else text for text in lines))
                to = []
                self.say("250 OK")
            elif verb == "QUIT":
                self.say("221 Bye")
                return
            else:
                self.say("250 OK")


class Mail(_Server):
    def __init__(self, user, password):
        super().__init__(socketserver.ThreadingTCPServer, _Session)
        self.who, self._letters = [user, password], []

    def keep(self, to, raw):
        message = email.message_from_bytes(raw, policy=email.policy.default)
        texts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
        with self._lock:
            self._letters.append(Letter(list(to), str(message["Subject"]), "\n".join(texts)))

    def letters(self):
        with self._lock:
            return list(self._letters)


class _Hook(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.owner.keep(self.path, body)
        # PagerDuty's API accepts; Slack's says ok.
        answer = b"ok" if self.path.startswith("/slack") else b'{"status": "success", "message": "Event processed"}'
        self.send_response(200 if self.path.startswith("/slack") else 202)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


class Hooks(_Server):
    def __init__(self):
        super().__init__(http.server.ThreadingHTTPServer, _Hook)
        self.base, self._posts = "http://127.0.0.1:%d" % self.port, []

    def keep(self, path, body):
        with self._lock:
            self._posts.append((path, body))

    def posts(self, path):
        """What was posted there, the oldest first."""
        with self._lock:
            return [body for at, body in self._posts if at == path]
