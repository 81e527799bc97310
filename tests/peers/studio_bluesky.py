#!/usr/bin/env python3
"""A server of the AT protocol that others wrote: PyPI's arroba, with one account in memory.

studio_bluesky.py HANDLE PASSWORD. Each record is judged by Bluesky's own lexicons. Prints its base URL and the account's DID, and serves until it
is killed.
"""

import os
import secrets
import sys

HANDLE, PASSWORD = sys.argv[1:]
DID = "did:plc:studio234567abcdefghijkl"
TOKEN = secrets.token_urlsafe(24)
# Before arroba is imported: it reads them then.
os.environ |= {"REPO_PASSWORD": PASSWORD, "REPO_TOKEN": TOKEN, "PDS_HOST": "localhost", "PLC_HOST": "localhost"}

from arroba import server, xrpc_repo, xrpc_server  # noqa: F401: what is imported is served.
from arroba.repo import Repo
from arroba.storage import MemoryStorage
from arroba.util import new_key
from flask import Flask
from lexrpc.flask_server import init_flask
from werkzeug.serving import make_server

# arroba answers a removal with nothing, where the lexicon wants an object: its own check of answers would then refuse it.
NSID = "com.atproto.repo.deleteRecord"
_delete = server.server._methods[NSID]
server.server._methods[NSID] = lambda *args, **kwargs: _delete(*args, **kwargs) or {}

server.storage = MemoryStorage()
Repo.create(server.storage, DID, handle=HANDLE, signing_key=new_key())

app = Flask(__name__)
init_flask(server.server, app)
httpd = make_server("127.0.0.1", 0, app, threaded=True)
print(f"http://127.0.0.1:{httpd.server_port}", DID, flush=True)
httpd.serve_forever()
