"""One chain from end to end: a job is scheduled for now over REST, a worker in Python does it and says so, and a person hears
of it by mail (PyPI's aiosmtpd), by web push (http-ece), on their Apple device and on their Socket.IO connection
(python-socketio), and sees it on the product's page in Chromium; a webhook goes to their server. What they have read is the
same in REST, on the socket, in the badge and on the page.
Then more such jobs, while the worker, PostgreSQL and Redis are killed and Redis is emptied; and a dead letter, mended and
replayed.

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
import signal
import socket
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import http_ece
import socketio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mail_server import start as mail_server_of
from people import check, get, report, until
from worker_process import WorkerProcess

HERE = Path(__file__).resolve().parent
STATE = os.path.join(sys.argv[1], "chain")
QUEUE = f"chain-{uuid.uuid4().hex[:8]}"
DEVICE = os.urandom(32).hex()
MAIL, PASSWORD = "ann@example.org", "zanzibar teapot 42"
TITLE, SEEN, ELSEWHERE = "The report is made", "The second report is made", "The third report is made"
STORM_JOBS = 12


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
        self.device = socketio.AsyncClient(reconnection_delay=1, reconnection_delay_max=1)
        self.device.on("event", lambda event: self.told.append(event))
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self._run(self.device.connect(url, transports=["websocket"], auth={"user_id": user, "offset": 0}))

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def unread(self):
        """As it was told last; None: nothing yet."""
        counts = [event for event in list(self.told) if event["type"] in ("notification.added", "notification.read")]
        return int(counts[-1]["data"].get("unread", 0)) if counts else None

    def close(self):
        self._run(self.device.disconnect())


class Page:
    """The product's page in Chromium, a process of its own (chain_page.mjs), which does what it is asked."""

    def __init__(self, base):
        self.process = subprocess.Popen(["node", str(HERE / "chain_page.mjs"), base], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def asks(self, what, **more):
        """What the page shows then: {"unread", "titles"}."""
        print(json.dumps({"do": what, **more}), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        check(line, f"the page failed at {what}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        check(self.process.wait(60) == 0, "the page had errors")


class Chain:
    def __init__(self, addresses):
        self.rest = addresses["REST, all services"].removesuffix("/docs")
        self.devices = addresses["Devices, Socket.IO"]
        ctl = subprocess.run(["tools/selfologyctl", "endpoints", "--json", "--state=" + STATE], check=True,
                             capture_output=True, text=True)
        self.grpc = json.loads(ctl.stdout)["queue"]["grpc"]
        self.redis_url = addresses["Redis"]
        self.worker = self.page = None
        self.browser, self.auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)

    def call(self, method, path, body=None):
        return json.loads(get(self.rest + path, None if body is None else json.dumps(body).encode(), method=method))

    def register(self):
        """A person with a mail address that they have verified."""
        made = self.call("POST", "/api/users/register", {
            "email": MAIL, "password": PASSWORD, "first_name": "Ann", "language": "en"})
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

    def schedule(self, title=TITLE, kind="report"):
        """A job for now; its number."""
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        key = uuid.uuid5(uuid.NAMESPACE_OID, QUEUE + title).hex  # Asked again, it is the same job.
        made = self.call("POST", f"/api/queue/jobs?idempotency_key={key}", {
            "queue": QUEUE, "kind": kind, "user_id": self.user, "run_at": now, "payload": {"title": title}})
        return made["job"]["job_id"]

    def first(self):
        self.job = self.schedule()

    def start_worker(self):
        self.worker = WorkerProcess("the worker", [
            sys.executable, str(HERE / "chain_worker.py"), self.grpc, self.rest, QUEUE])

    def job_is(self, job_id):
        return self.call("GET", f"/api/queue/jobs/{job_id}")["job"]

    def work(self):
        """The worker does it, and says so."""
        self.start_worker()
        until("the job to be done", lambda: "COMPLETED" in self.job_is(self.job)["status"].upper())
        check(self.job_is(self.job)["result"]["pages"] == 3, f"the job is {self.job_is(self.job)}")

    def mail(self):
        to, subject, text = until("a mail", lambda: next(iter(mails.taken), None))
        check(to == [MAIL] and subject == TITLE and "For week 48." in text, f"{to}, {subject}: {text}")

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

    def open_page(self):
        """They sign in on the product's page: nothing is unread there."""
        self.page = Page(self.rest)
        check(self.page.asks("open", email=MAIL, password=PASSWORD) == {"unread": 0, "titles": []}, "the page has more")

    def see(self):
        """Another job is announced, and appears on the page, which nobody has loaded again; they read it there."""
        job = self.schedule(SEEN)
        until("the job to be done", lambda: "COMPLETED" in self.job_is(job)["status"].upper())
        seen = self.page.asks("see", title=SEEN)
        check(seen["unread"] == 1 and seen["titles"] == [SEEN, TITLE], f"the page shows {seen}")
        until(lambda: f"unread by REST, socket, badge: {self.counts()}", lambda: self.counts() == (1, 1, 1))
        check(self.page.asks("read", title=SEEN)["unread"] == 0, "it is not read on the page")
        until(lambda: f"unread by REST, socket, badge: {self.counts()}", lambda: self.counts() == (0, 0, 0))

    def read_elsewhere(self):
        """What is read by another way is read on the page, too."""
        self.schedule(ELSEWHERE)
        check(self.page.asks("see", title=ELSEWHERE)["unread"] == 1, "the page does not count it")
        self.call("PUT", f"/api/notifications/user/{self.user}/read", {"user_id": self.user})
        self.page.asks("none")
        until(lambda: f"unread by REST, socket, badge: {self.counts()}", lambda: self.counts() == (0, 0, 0))
        self.page.close()

    def once(self):
        check(len(mails.taken) == 1, f"{len(mails.taken)} mails")
        check(len(Outside.at("/hook")) == 1, f"{len(Outside.at('/hook'))} webhooks")
        check(len(Outside.at("/push")) == 1, f"{len(Outside.at('/push'))} web pushes")

    def insist(self, action):
        """What the mesh does not answer now it is asked again; its keys make that harmless."""
        def attempt():
            try:
                return [action()]
            except OSError:
                return None
        return until("an answer", attempt)[0]

    def storm(self):
        """The same again and again, while what it stands on is killed."""
        blows = [self.kill_worker, self.kill_postgres, self.kill_redis, self.empty_redis]
        self.before, self.titles, self.jobs = {TITLE, SEEN, ELSEWHERE}, [], []
        for n in range(STORM_JOBS):
            self.schedule_more(f"Report {n}")
            if n % 3 == 1:
                blows[n // 3]()
        for job in self.jobs:
            until(lambda: f"job {job} is {self.insist(lambda: self.job_is(job))}",
                  lambda: "COMPLETED" in self.insist(lambda: self.job_is(job))["status"].upper())

    def schedule_more(self, title):
        self.titles.append(title)
        self.jobs.append(self.insist(lambda: self.schedule(title)))

    def kill_worker(self):
        """With a job in its hands."""
        count = len(self.worker.said("begun"))
        self.schedule_more("Report of the killed")
        until("the worker to begin", lambda: len(self.worker.said("begun")) > count)
        self.worker.kill()
        self.start_worker()

    def kill_postgres(self):
        with open(os.path.join(STATE, "postgres", "postmaster.pid"), encoding="utf-8") as file:
            os.kill(int(file.readline()), signal.SIGKILL)

    def redis(self, *words):
        """What it answers to a command."""
        host, port = re.fullmatch(r"redis://([^:/]+):([0-9]+).*", self.redis_url).groups()
        with socket.create_connection((host, int(port)), 10) as connection:
            connection.sendall((" ".join(words) + "\r\n").encode())
            return connection.recv(65536).decode()

    def kill_redis(self):
        os.kill(int(re.search(r"process_id:([0-9]+)", self.redis("INFO", "server")).group(1)), signal.SIGKILL)

    def empty_redis(self):
        until("Redis to be emptied", lambda: self.insist(lambda: "OK" in self.redis("FLUSHALL")))

    def all_told(self):
        """Each job in the inbox and in the webhooks once, in mails and pushes at least once."""
        wanted = sorted(self.titles)
        inbox = self.call("GET", f"/api/notifications/user/{self.user}?page_size=200")["notifications"]
        titles = sorted(one["title"] for one in inbox if one["title"] not in self.before)
        check(titles == wanted, f"the inbox has {titles}")
        mailed = lambda: {mail[1] for mail in mails.taken} - self.before
        until(lambda: f"mails say {sorted(mailed())}", lambda: mailed() == set(wanted))
        ids = lambda: [headers["webhook-id"] for headers, _ in Outside.at("/hook")]
        until(lambda: f"{len(set(ids()))} webhooks came", lambda: len(set(ids())) == len(wanted) + len(self.before))
        pushed = lambda: {
            json.loads(http_ece.decrypt(body, private_key=self.browser, auth_secret=self.auth, version="aes128gcm"))["title"]
            for _, body in Outside.at("/push")} - self.before
        until(lambda: f"pushes say {pushed()}", lambda: pushed() == set(wanted))

    def same_everywhere(self):
        unread = len(self.titles)
        until(lambda: f"unread by REST, socket, badge: {self.counts()}", lambda: self.counts() == (unread,) * 3)
        self.call("PUT", f"/api/notifications/user/{self.user}/read", {"user_id": self.user})
        until(lambda: f"unread by REST, socket, badge: {self.counts()}", lambda: self.counts() == (0, 0, 0))

    def mend(self):
        """A dead letter is mended and replayed, and then told as any other job."""
        job = self.schedule("The mended report", "broken")
        until("a dead letter", lambda: "DEAD" in self.job_is(job)["status"].upper())
        letters = self.call("GET", f"/api/queue/dead-letters?queue={QUEUE}")["jobs"]
        check([letter["job_id"] for letter in letters] == [job], f"the dead letters are {letters}")
        self.call("POST", f"/api/queue/dead-letters/{job}:replay", {
            "payload": {"title": "The mended report", "mended": True}})
        until("the mended job to be done", lambda: "COMPLETED" in self.job_is(job)["status"].upper())
        until("its mail", lambda: any(mail[1] == "The mended report" for mail in mails.taken))
        self.socket.close()


mails = Mails()
mail_server, mail_port = mail_server_of(mails)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Outside)
threading.Thread(target=server.serve_forever, daemon=True).start()
outside = f"http://127.0.0.1:{server.server_address[1]}"
apple_key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
environment = dict(
    os.environ,
    SELFOLOGY_NOTIFICATION_SMTP_URL=f"smtp://127.0.0.1:{mail_port}",
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
        ("a job is scheduled for now over REST", chain.first),
        ("a worker in Python does it", chain.work),
        ("a mail says so", chain.mail),
        ("a web push says so", chain.push),
        ("a webhook says so", chain.webhook),
        ("what is read is the same in REST, on the socket and in the badge", chain.read),
        ("nothing was said twice", chain.once),
        ("they sign in on the page in Chromium, where nothing is unread", chain.open_page),
        ("what the next job says appears on the page, and is read there and everywhere", chain.see),
        ("what is read elsewhere is read on the page", chain.read_elsewhere),
        ("more jobs are done while worker, PostgreSQL and Redis are killed, and Redis is emptied", chain.storm),
        ("each of them was told by mail, web push and webhook", chain.all_told),
        ("what is read is still the same everywhere", chain.same_everywhere),
        ("a dead letter is mended and replayed", chain.mend),
    ])
    if chain.worker:
        chain.worker.kill()
    if chain.page:
        chain.page.process.kill()
finally:
    subprocess.run(["tools/down", "--state=" + STATE], check=False, stdout=sys.stderr)
sys.exit(not passed)
