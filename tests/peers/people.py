"""People of the Telegram emulator (tools/telegram_emulator), by its REST API, for tests in Python."""

import json
import socket
import sys
import time
import traceback
import urllib.parse
import urllib.request

PATIENCE_S = 60
LOOK_S = 0.1

# No proxy stands between programs of one machine.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def report(name, steps):
    """Runs the steps (what, function) in order and says "ok ..." or "not ok ..." of each. After one that failed the
    others are not tried, and count as failed. Gives whether all passed."""
    failed = False
    for what, step in steps:
        if not failed:
            try:
                step()
            except Exception:
                failed = True
                print(f"{name}: {what}: {traceback.format_exc()}", file=sys.stderr)
        print(f"{'not ok' if failed else 'ok'} {name}: {what}", flush=True)
    return not failed


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def until(what, look):
    """Looks until there is something."""
    end = time.monotonic() + PATIENCE_S
    while not (found := look()):
        check(time.monotonic() < end, what() if callable(what) else what)
        time.sleep(LOOK_S)
    return found


def free_port():
    """A port of this machine that nobody listens at now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def get(url, body=None, content_type="application/json", method=None):
    """What the address answers, as bytes; a body is posted."""
    headers = {"Content-Type": content_type} if body is not None else {}
    with _open(urllib.request.Request(url, body, headers, method=method), timeout=PATIENCE_S) as response:
        return response.read()


class Person:
    def __init__(self, base, first_name, language):
        self.base = base
        self.spoke_at = 0  # Number of the latest message when the person last did something.
        user = get(f"{base}/api/users", json.dumps({"first_name": first_name, "language_code": language}).encode())
        self.id = json.loads(user)["id"]

    def _ask(self, what, body=None, method=None):
        body = json.dumps(body).encode() if body is not None else None
        return json.loads(get(f"{self.base}/api/users/{self.id}/{what}", body, method=method))

    def says(self, text, **more):
        message = self._ask("messages", {"text": text, **more})
        self.spoke_at = message["message_id"]
        return message

    def sends(self, *files, caption=""):
        """Files, each (kind, name, bytes); several are an album."""
        media = []
        for kind, name, data in files:
            query = urllib.parse.urlencode({"kind": kind, "name": name})
            file = json.loads(get(f"{self.base}/api/files?{query}", data, "application/octet-stream"))
            media.append({"file_id": file["file_id"], "caption": caption})
        sent = self._ask("messages", {"media": media})
        messages = sent.get("messages", [sent])
        self.spoke_at = messages[-1]["message_id"]
        return messages

    def corrects(self, message, text):
        self.spoke_at = self._latest()
        self._ask(f"messages/{message['message_id']}", {"text": text}, method="PATCH")

    def reacts(self, message, *reactions):
        self.spoke_at = self._latest()
        self._ask("reactions", {"message_id": message["message_id"], "reactions": reactions})

    def presses(self, message, label):
        """Gives what the bot answers, which the chat shows for a moment."""
        self.spoke_at = self._latest()
        press = self._ask("callbacks", {"message_id": message["message_id"], "button": label})
        answer = self._ask(f"callbacks/{press['id']}?wait_ms={PATIENCE_S * 500}")
        check(answer["answered"], f'the press of "{label}" was never answered')
        return answer["answer_text"]

    def heard(self):
        """What the bot has said since the person last did something."""
        return self._ask(f"messages?after={self.spoke_at}&from=bot")["messages"]

    def hears(self, words, holds=lambda message: True):
        """Waits for a message of the bot with these words since the person last did something."""
        return until(
            lambda: f'"{words}" was never said, but {[message["text"] for message in self.heard()]}',
            lambda: next((m for m in self.heard() if words in m["text"] and holds(m)), None),
        )

    def sees(self, message, holds, what):
        """Waits for the message to become so; None: it is deleted."""
        def now():
            messages = self._ask(f"messages?after={message['message_id'] - 1}")["messages"]
            return next((m for m in messages if m["message_id"] == message["message_id"]), None)

        until(lambda: f"{what}: the message is {now()}", lambda: holds(now()))

    def commands(self):
        return {command["command"]: command["description"] for command in self._ask("commands")["commands"]}

    def _latest(self):
        messages = self._ask("messages")["messages"]
        return messages[-1]["message_id"] if messages else 0


def labels(message):
    """Of the buttons under a message."""
    rows = ((message or {}).get("reply_markup") or {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]
