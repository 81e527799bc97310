"""Prometheus and Alertmanager as tools/observe starts them, with the settings of k8s/observe and receivers of our own.

    with Told(scratch, {"session": "127.0.0.1:8080"}) as told:     # service to the address of its metrics
        told.slack("CircuitOpen firing")      # the newest thing of each kind that has all of the words, or None
        told.chat("ServiceDown resolved")
        told.mail("oncall@", "ServiceDown")
        told.pages("trigger")

Needs tools/telegram_emulator built, or TELEGRAM=URL; PROGRAMS=FOLDER has Prometheus and Alertmanager in place of the locked ones.
"""

import contextlib
import http.server
import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request

from people import check, get
from receivers import Hooks, Mail

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROUTING_KEY = "an integration's key"
TOKEN = "2:alerts"  # Not the first bot's, which is the product's where there is one.
SUMMARY = "Selfology: what was noticed today"
# Waiting times of alertmanager.yaml, and those of the test: a day takes five seconds.
HURRY = {"group_wait: 10s": "group_wait: 1s", "group_interval: 5m": "group_interval: 2s", "group_wait: 1m": "group_wait: 1s",
         "group_interval: 24h": "group_interval: 5s", "repeat_interval: 23h": "repeat_interval: 4s"}


class Exporter:
    """Stands for a service: says its metrics, or is not there."""

    def __init__(self, text):
        self._text, self._server, self._port = text.encode(), None, 0

    def says(self, text):
        self._text = text.encode()

    def start(self):
        exporter = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(exporter._text)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        self._port = self._server.server_address[1]
        self.address = "127.0.0.1:%d" % self._port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()


def settings(scratch, mail, hooks, telegram, chat):
    """The text of alertmanager.yaml with these addresses, and the test's waiting times."""
    with open(os.path.join(ROOT, "k8s", "observe", "alertmanager.yaml"), encoding="utf-8") as file:
        text = file.read()
    secrets = {"smtp_password": "a password", "pagerduty_routing_key": ROUTING_KEY, "slack_url": hooks.base + "/slack"}
    for name, secret in secrets.items():
        path = os.path.join(scratch, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(secret)
        check(text.count("/etc/alertmanager/secrets/" + name) == 1, "the settings do not read " + name)
        text = text.replace("/etc/alertmanager/secrets/" + name, path)
    changes = {"smtp_smarthost: smtp.selfology.example.com:587": "smtp_smarthost: 127.0.0.1:%d\n  smtp_require_tls: false" % mail.port,
               "global:\n": "global:\n  telegram_api_url: %s\n  pagerduty_url: %s/pagerduty\n" % (telegram, hooks.base),
               'bot_token: "1:replace"': "bot_token: " + TOKEN, "chat_id: 1\n": "chat_id: %d\n" % chat, **HURRY}
    for old, new in changes.items():
        check(text.count(old) == 1, "the settings have %d times %s" % (text.count(old), old))
        text = text.replace(old, new)
    return text


def has(text, words):
    return all(word in text for word in words)


class Told:
    def __init__(self, scratch, targets, telegram=None):
        self._scratch, self._targets = scratch, targets
        self._telegram = telegram or os.environ.get("TELEGRAM")
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self._mail = stack.enter_context(Mail("alerts@selfology.example.com", "a password"))
            self._hooks = stack.enter_context(Hooks())
            if not self._telegram:
                run = os.path.join(ROOT, "bazel-bin", "external", "debian_sysroot", "run")
                program = os.path.join(ROOT, "bazel-bin", "tools", "telegram_emulator", "telegram_emulator")
                self._telegram = self._start(stack, [run, program]).split()[-1]
            # The bot is there once it has asked, and may write to who has written to it.
            get("%s/bot%s/getMe" % (self._telegram, TOKEN))
            person = json.loads(get(self._telegram + "/api/users", json.dumps({"first_name": "Operator"}).encode()))["id"]
            self._chat = "%s/api/users/%d/messages?bot=%s" % (self._telegram, person, TOKEN.split(":")[0])
            get(self._chat, json.dumps({"text": "/start"}).encode())
            file = self._write("alertmanager.yaml", settings(self._scratch, self._mail, self._hooks, self._telegram, person))
            targets = self._write("targets.json", json.dumps(self._targets))
            programs = ["--programs=" + os.environ["PROGRAMS"]] if "PROGRAMS" in os.environ else []
            said = self._start(stack, [os.path.join(ROOT, "tools", "observe"), "--targets=" + targets, "--alertmanager=" + file,
                                       "--every=1", "--state=" + os.path.join(self._scratch, "observe")] + programs)
            self.prometheus = said.split()[-1]
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _write(self, name, text):
        path = os.path.join(self._scratch, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    @staticmethod
    def _start(stack, command):
        """Starts a program, and gives its first line once it has said it."""
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        stack.callback(process.wait)
        stack.callback(process.send_signal, signal.SIGTERM)
        stack.callback(process.stdout.close)
        line = process.stdout.readline()
        check(line, "%s does not start" % command)
        return line

    def alerts(self):
        """Names of those that fire."""
        answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(self.prometheus + "/api/v1/alerts", timeout=10)
        with answer:
            found = json.load(answer)["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in found if alert["state"] == "firing"}

    def slack(self, *words):
        posts = [attachment for post in self._hooks.posts("/slack") for attachment in post["attachments"]]
        return next((post for post in reversed(posts) if has(post["title"], words)), None)

    def pages(self, *actions):
        """Events that went to PagerDuty's, of one of these actions or any."""
        posts = self._hooks.posts("/pagerduty")
        return next((post for post in reversed(posts) if not actions or post["event_action"] in actions), None)

    def chat(self, *words):
        texts = [message["text"] for message in json.loads(get(self._chat + "&from=bot"))["messages"]]
        return next((text for text in reversed(texts) if has(text, words)), None)

    def mails(self, to):
        return [letter for letter in self._mail.letters() if any(address.startswith(to) for address in letter.to)]

    def mail(self, to, *words):
        return next((letter for letter in reversed(self.mails(to)) if has(letter.subject + "\n" + letter.text, words)), None)

    def print_logs(self):
        for name in ("prometheus", "alertmanager"):
            with contextlib.suppress(OSError), open(os.path.join(self._scratch, "observe", name + ".log"), encoding="utf-8") as file:
                sys.stderr.write(re.sub(r"(?m)^", name + ": ", file.read()[-4000:]) + "\n")
