"""What the product sends, read by programs that others wrote: PyPI's aiosmtpd takes our mails, Python's own email
package reads them, http-ece decrypts our web pushes and cryptography checks who signed them.

    python tests/peers/notification.py FOLDER

Starts a mesh with tools/up in FOLDER/notification, whose mail server and push service are here.
"""

import base64
import email
import email.policy
import http.server
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request

import http_ece
import mail_server as mail_servers
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

PATIENCE = 60
failed = False


def check(name, condition, said=None):
    global failed
    failed = failed or not condition
    print(("ok" if condition else "not ok") + " notification: " + name, flush=True)
    if not condition:
        print(name + ": " + repr(said), file=sys.stderr)


def wait_for(what, condition):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    check(what, False, "not within %d s" % PATIENCE)
    return None


class Mails:
    def __init__(self):
        self.taken = []

    async def handle_DATA(self, server, session, envelope):
        self.taken.append(envelope)
        return "250 2.0.0 taken"


class Pushes(http.server.BaseHTTPRequestHandler):
    taken = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Pushes.taken.append((self.headers, body))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def to_text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def to_bytes(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point_of(key):
    return key.public_key().public_bytes(serialization.Encoding.X962,
                                         serialization.PublicFormat.UncompressedPoint)


def call(base, method, path, body=None):
    request = urllib.request.Request(base + path, method=method, headers={"Content-Type": "application/json"},
                                     data=None if body is None else json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.read().decode()


def check_mail(envelope):
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    check("the mail's subject is read as it was written", message["Subject"] == "Подтвердите адрес", message["Subject"])
    parts = [part.get_content_type() for part in message.iter_parts()]
    check("the mail has text and HTML", parts == ["text/plain", "text/html"], parts)
    plain = message.get_body(("plain",)).get_content()
    check("the mail's text is read as it was written", "Код для подтверждения адреса: " in plain, plain)
    defects = [defect for part in message.walk() for defect in part.defects]
    check("the mail has no defects", not defects, defects)
    check("the mail's Message-ID is one", message["Message-ID"].startswith("<"), message["Message-ID"])


def check_push(headers, body, browser, auth, push_key):
    text = http_ece.decrypt(body, private_key=browser, auth_secret=auth, version="aes128gcm")
    shown = json.loads(text)
    check("the push is decrypted by its browser", shown["title"] == "Tea & <cake> 🍰", shown)
    check("the push has the unread count", shown["badge"] == 1, shown)
    said = headers["Authorization"].removeprefix("vapid ")
    fields = dict(part.strip().split("=", 1) for part in said.split(","))
    check("the push is of whom the browser subscribed to", fields["k"] == push_key, fields)
    signed, signature = fields["t"].rsplit(".", 1)
    raw = to_bytes(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), to_bytes(push_key))
    try:
        key.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
        check("the push's token is signed by that key", True)
    except InvalidSignature as error:
        check("the push's token is signed by that key", False, error)


def main():
    state = os.path.join(sys.argv[1], "notification")
    mails = Mails()
    mail_server, mail_port = mail_servers.start(mails)
    push_server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pushes)
    threading.Thread(target=push_server.serve_forever, daemon=True).start()
    environment = dict(os.environ,
                       SELFOLOGY_NOTIFICATION_SMTP_URL="smtp://127.0.0.1:%d" % mail_port,
                       SELFOLOGY_NOTIFICATION_WEB_PUSH_CONTACT="mailto:peers@example.org")
    subprocess.run(["tools/up", "--detach", "--state=" + state], env=environment, check=True, stdout=sys.stderr)
    try:
        with open(os.path.join(state, "addresses.json"), encoding="utf-8") as file:
            base = dict(json.load(file))["REST, all services"].removesuffix("/docs")
        call(base, "POST", "/api/users/register",
             {"email": "ann@example.org", "password": "zanzibar teapot 42", "first_name": "Ann", "language": "ru"})
        envelope = wait_for("a registration's mail comes", lambda: mails.taken and mails.taken[0])
        if envelope:
            check("the mail goes to whom it is for", envelope.rcpt_tos == ["ann@example.org"], envelope.rcpt_tos)
            check_mail(envelope)

        push_key = json.loads(call(base, "GET", "/api/notifications/push-key"))["public_key"]
        browser, auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        call(base, "POST", "/api/notifications/devices",
             {"device": {"user_id": 777000123, "kind": "WEB_PUSH", "p256dh": to_text(point_of(browser)),
                         "auth": to_text(auth),
                         "token": "http://127.0.0.1:%d/push" % push_server.server_address[1]}})
        wanted = {"user_id": 777000123, "kind": "generic", "channels": ["PUSH"], "deduplication_key": "peers-1",
                  "priority": "URGENT", "parameters": {"title": "Tea & <cake> 🍰", "text": "Now."}}
        for _ in range(2):
            call(base, "POST", "/api/notifications/send", wanted)
        pushed = wait_for("a push comes", lambda: Pushes.taken and Pushes.taken[0])
        if pushed:
            check_push(pushed[0], pushed[1], browser, auth, push_key)
        log = wait_for("the delivery log says that it was sent", lambda: [
            delivery for delivery in json.loads(
                call(base, "GET", "/api/notifications/user/777000123/deliveries")).get("deliveries", [])
            if "SENT" in delivery["status"]])
        check("what was asked for twice was sent once", log and len(Pushes.taken) == 1, len(Pushes.taken))
    finally:
        subprocess.run(["tools/down", "--state=" + state], check=False, stdout=sys.stderr)
        mail_server.stop()
        push_server.shutdown()


if __name__ == "__main__":
    main()
    sys.exit(failed)
