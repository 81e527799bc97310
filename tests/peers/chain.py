"""One chain from end to end: a job is scheduled for now over REST, a worker in Python does it and says so, and a person hears
of it by mail (PyPI's aiosmtpd), by web push (http-ece), on their Apple device and on their Socket.IO connection
(python-socketio); a webhook goes to their server. What they have read is the same in REST, on the socket and in the badge.

    python tests/peers/chain.py FOLDER

Starts a mesh with tools/up in FOLDER/chain; what is outside of it is here.
"""

import asyncio
import base64
import datetime
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import grpc
import http_ece
import socketio
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from people import check, get, report, until

sys.path.append(str(Path(__file__).resolve().parents[2] / "proto"))
messages, services = grpc.protos_and_services("selfology/queue/v1/worker_service.proto")

STATE = os.path.join(sys.argv[1], "chain")
QUEUE = f"chain-{uuid.uuid4().hex[:8]}"
DEVICE = os.urandom(32).hex()
TITLE = "The report is made"


def to_text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Mails:
    def __init__(self):
        self.taken = []

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.taken.append((envelope.rcpt_tos, message["Subject"], message.get_body(("plain",)).get_content()))
        return "250 2.0.0 taken"


class Outside(http.server.BaseHTTPRequestHandler):
    """The browser's push service, Apple's, and the person's own server, by the path."""

    taken = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Outside.taken.append((self.path, self.headers, body))
        self.send_response(201 if self.path == "/push" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass

    @staticmethod
    def at(path):
        return [(headers, body) for where, headers, body in list(Outside.taken) if where.startswith(path)]


class Socket:
    """The person's connection; what they are told of their inbox."""

    def __init__(self, url, user):
        self.told = []
        self.loop = asyncio.new_event_loop()
        self.device = socketio.AsyncClient(reconnection=False)
        self.device.on("event", lambda event: self.told.append(event))
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self._run(self.device.connect(url, transports=["websocket"], auth={"user_id": user, "offset": 0}))

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def unread(self):
        """As it was told last; None: nothing yet."""
        counts = [event for event in list(self.told) if event["type"] in ("notification.added", "notification.read")]
        return int(counts[-1]["payload"].get("unread", 0)) if counts else None

    def close(self):
        self._run(self.device.disconnect())


class Chain:
    def __init__(self, addresses):
        self.rest = addresses["REST, all services"].removesuffix("/docs")
        self.devices = addresses["Devices, Socket.IO"]
        ctl = subprocess.run(["tools/selfologyctl", "endpoints", "--json", "--state=" + STATE], check=True,
                             capture_output=True, text=True)
        self.grpc = json.loads(ctl.stdout)["queue"]["grpc"]
        self.browser, self.auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)

    def call(self, method, path, body=None):
        return json.loads(get(self.rest + path, None if body is None else json.dumps(body).encode(), method=method))

    def register(self):
        """A person with a mail address that they have verified."""
        made = self.call("POST", "/api/users/register", {
            "email": "ann@example.org", "password": "zanzibar teapot 42", "first_name": "Ann", "language": "en"})
        self.user = int(made["user_id"])
        text = until("the mail with the code", lambda: next((mail[2] for mail in mails.taken), None))
        code = re.search(r"(?m)^.*code[^:]*: *(\S+)", text) or re.search(r"\b([A-Z0-9][A-Z0-9-]{5,})\b", text)
        self.call("POST", "/api/users/verify-email", {"code": code.group(1)})
        mails.taken.clear()

    def connect(self):
        """Their browser, their Apple device, their socket and their server."""
        point = self.browser.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        for device in (
            {"kind": "WEB_PUSH", "p256dh": to_text(point), "auth": to_text(self.auth), "token": outside + "/push"},
            {"kind": "APNS", "token": DEVICE},
        ):
            self.call("POST", "/api/notifications/devices", {"device": {"user_id": self.user, **device}})
        self.socket = Socket(self.devices, self.user)
        self.secret = self.call("POST", "/api/webhooks/register", {
            "user_id": self.user, "url": outside + "/hook", "event_types": ["content_published"],
            "idempotency_key": uuid.uuid4().hex})["secret"]

    def schedule(self):
        """A job for now."""
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        made = self.call("POST", "/api/queue/jobs", {
            "queue": QUEUE, "kind": "report", "user_id": self.user, "run_at": now, "payload": {"of": "2026-W48"}})
        self.job = made["job"]["job_id"]

    def work(self):
        """The worker does it, and says so."""
        worker = services.WorkerServiceStub(grpc.insecure_channel(self.grpc))
        ask = messages.LeaseJobsRequest(queue=QUEUE, worker="python")
        ask.wait.seconds = 10
        job = worker.LeaseJobs(ask, timeout=30).jobs[0]
        check(str(job.lease.job_id) == self.job and job.payload["of"] == "2026-W48", f"another job: {job}")
        self.call("POST", "/api/notifications/send", {
            "user_id": job.user_id, "kind": "generic", "channels": ["EMAIL", "PUSH"], "priority": "URGENT",
            "deduplication_key": f"job/{job.lease.job_id}", "parameters": {"title": TITLE, "text": "For week 48."}})
        self.call("POST", "/api/webhooks/trigger", {
            "user_id": job.user_id, "event_type": "content_published", "data": {"job_id": self.job},
            "idempotency_key": f"job/{job.lease.job_id}"})
        done = messages.CompleteJobsRequest()
        done.completions.add(lease=job.lease).result.update({"pages": 3})
        check(not worker.CompleteJobs(done, timeout=10).lost_job_ids, "the lease was lost")
        job = self.call("GET", f"/api/queue/jobs/{self.job}")["job"]
        check("COMPLETED" in job["status"].upper() and job["result"]["pages"] == 3, f"the job is {job}")

    def mail(self):
        to, subject, text = until("a mail", lambda: next(iter(mails.taken), None))
        check(to == ["ann@example.org"] and subject == TITLE and "For week 48." in text, f"{to}, {subject}: {text}")

    def push(self):
        _, body = until("a web push", lambda: next(iter(Outside.at("/push")), None))
        shown = json.loads(http_ece.decrypt(body, private_key=self.browser, auth_secret=self.auth, version="aes128gcm"))
        check(shown["title"] == TITLE and shown["badge"] == 1, f"the browser shows {shown}")

    def webhook(self):
        headers, body = until("a webhook", lambda: next(iter(Outside.at("/hook")), None))
        message = json.loads(body)
        check(message["kind"] == "content_published" and message["data"]["job_id"] == self.job, f"it says {message}")
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        ours = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        check(f"v1,{ours}" in headers["webhook-signature"].split(), "its signature is another's")

    def counts(self):
        """How many are unread, by REST, by the socket and by the badge."""
        badges = Outside.at("/3/device/" + DEVICE)
        return (
            int(self.call("GET", f"/api/notifications/user/{self.user}/unread").get("unread", 0)),
            self.socket.unread(),
            json.loads(badges[-1][1])["aps"]["badge"] if badges else None,
        )

    def read(self):
        until(lambda: f"unread by REST, socket, badge: {self.counts()}", lambda: self.counts() == (1, 1, 1))
        inbox = self.call("GET", f"/api/notifications/user/{self.user}")["notifications"]
        check([one["title"] for one in inbox] == [TITLE], f"the inbox has {inbox}")
        self.call("PUT", f"/api/notifications/{inbox[0]['notification_id']}/read", {"user_id": self.user})
        until(lambda: f"unread by REST, socket, badge: {self.counts()}", lambda: self.counts() == (0, 0, 0))

    def once(self):
        check(len(mails.taken) == 1, f"{len(mails.taken)} mails")
        check(len(Outside.at("/hook")) == 1, f"{len(Outside.at('/hook'))} webhooks")
        check(len(Outside.at("/push")) == 1, f"{len(Outside.at('/push'))} web pushes")
        self.socket.close()


mails = Mails()
mail_server = Controller(mails, hostname="127.0.0.1", port=0)
mail_server.start()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Outside)
threading.Thread(target=server.serve_forever, daemon=True).start()
outside = f"http://127.0.0.1:{server.server_address[1]}"
apple_key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
environment = dict(
    os.environ,
    SELFOLOGY_NOTIFICATION_SMTP_URL=f"smtp://127.0.0.1:{mail_server.server.sockets[0].getsockname()[1]}",
    SELFOLOGY_NOTIFICATION_WEB_PUSH_CONTACT="mailto:peers@example.org",
    SELFOLOGY_NOTIFICATION_APNS_KEY=apple_key,
    SELFOLOGY_NOTIFICATION_APNS_KEY_ID="ABC123DEFG",
    SELFOLOGY_NOTIFICATION_APNS_TEAM_ID="DEF123GHIJ",
    SELFOLOGY_NOTIFICATION_APNS_TOPIC="org.example.app",
    SELFOLOGY_NOTIFICATION_APNS_URL=outside,
    SELFOLOGY_WEBHOOK_ALLOWED_NETWORKS="127.0.0.0/8",
)
subprocess.run(["tools/up", "--detach", "--state=" + STATE], env=environment, check=True, stdout=sys.stderr)
try:
    with open(os.path.join(STATE, "addresses.json"), encoding="utf-8") as file:
        chain = Chain(dict(json.load(file)))
    passed = report("chain", [
        ("a person with a verified address", chain.register),
        ("their browser, device, socket and server", chain.connect),
        ("a job is scheduled for now over REST", chain.schedule),
        ("a worker in Python does it", chain.work),
        ("a mail says so", chain.mail),
        ("a web push says so", chain.push),
        ("a webhook says so", chain.webhook),
        ("what is read is the same in REST, on the socket and in the badge", chain.read),
        ("nothing was said twice", chain.once),
    ])
finally:
    subprocess.run(["tools/down", "--state=" + STATE], check=False, stdout=sys.stderr)
sys.exit(not passed)
