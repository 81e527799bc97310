#!/usr/bin/env python3
"""PyPI's feedparser and Miniflux subscribe to a person's feed as RSS: feed_reader.py REST [MINIFLUX DATABASE]

REST is the gateway's address; the mesh has the emulator's lively channels (tools/telegram_emulator). MINIFLUX is the program
that tests/peers/install_miniflux builds, DATABASE the URL of the mesh's PostgreSQL, in whose database "postgres", which the mesh
leaves alone, it keeps what it reads."""

import base64
import calendar
import datetime
import json
import os
import re
import secrets
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

from people import check, free_port, report, until

import feedparser

REST = sys.argv[1].rstrip("/")
MINIFLUX = sys.argv[2:]
CHANNELS = ["night_sky", "small_code", "daily_tea"]
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def ask(method, path, body=None, token=""):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = json.dumps(body).encode() if body is not None else None
    with _open(urllib.request.Request(REST + path, data, headers, method=method), timeout=60) as answer:
        return json.load(answer)


class Reader:
    def registers(self):
        email, password = f"{secrets.token_hex(8)}@reader.example", secrets.token_urlsafe(18)
        ask("POST", "/api/users/register", {"email": email, "password": password, "first_name": "Reader"})
        login = ask("POST", "/api/auth/login", {"email": email, "password": password})
        self.id, self.token = int(login["user_id"]), login["tokens"]["access_token"]

    def follows(self):
        listed = ask("POST", "/api/v1/posts/training", {"user_telegram_id": self.id, "channel_usernames": CHANNELS,
                                                        "posts_per_channel": 7}, self.token)
        check("status" in listed, "the channels are followed")

    def makes_a_link(self):
        self.path = ask("POST", f"/api/v1/users/{self.id}/feed/link", {}, self.token)["path"]

    def reads(self):
        def look():
            with _open(REST + self.path, timeout=60) as answer:
                self.headers, self.parsed = answer.headers, feedparser.parse(answer.read())
            return len(self.parsed.entries) >= 5

        until("the feed has five entries", look)
        check(not self.parsed.bozo, f"well-formed: {self.parsed.get('bozo_exception')}")
        check(self.parsed.version == "rss20", f"RSS 2.0, not {self.parsed.version}")
        check("xml" in self.headers["Content-Type"], "its type says so")

    def finds_what_readers_need(self):
        ids = [entry.id for entry in self.parsed.entries]
        check(len(set(ids)) == len(ids), "every entry has an id of its own")
        for entry in self.parsed.entries:
            check(entry.title and entry.link.startswith("http"), f"a title and a link: {entry.get('link')}")
            check(entry.published_parsed, "a time that is understood")
            check("<script" not in entry.summary, "no programs")

    def loses_it_with_a_new_link(self):
        ask("POST", f"/api/v1/users/{self.id}/feed/link", {}, self.token)
        try:
            with _open(REST + self.path, timeout=60):
                check(False, "the old address ends")
        except urllib.error.HTTPError as error:
            check(error.code == 404, f"the old address ends with 404, not {error.code}")


class Miniflux:
    """The reader of feeds that many run for themselves."""

    def __init__(self, program, database):
        self.address = f"127.0.0.1:{free_port()}"
        self.password = secrets.token_urlsafe(18)
        database = urllib.parse.urlsplit(database)
        database = database._replace(path="/postgres", query=database.query + "&sslmode=disable").geturl()
        self.process = subprocess.Popen([program], env=os.environ | {
            "DATABASE_URL": database, "RUN_MIGRATIONS": "1", "CREATE_ADMIN": "1", "ADMIN_USERNAME": "reader",
            "ADMIN_PASSWORD": self.password, "LISTEN_ADDR": self.address, "BASE_URL": f"http://{self.address}",
            "FETCHER_ALLOW_PRIVATE_NETWORKS": "1", "DISABLE_SCHEDULER_SERVICE": "1"}, stdout=sys.stderr)

    def ask(self, method, path, body=None):
        login = base64.b64encode(f"reader:{self.password}".encode()).decode()
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://{self.address}{path}", data, {"Authorization": f"Basic {login}"}, method=method)
        try:
            with _open(request, timeout=60) as answer:
                said = answer.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error
        return json.loads(said) if said else None

    def starts(self):
        def look():
            check(self.process.poll() is None, f"Miniflux ended with {self.process.poll()}")
            try:
                with _open(f"http://{self.address}/healthcheck", timeout=60) as answer:
                    return answer.read() == b"OK"
            except (urllib.error.URLError, ConnectionError):
                return False

        until("Miniflux serves", look)

    def subscribes(self):
        feed_url = REST + reader.path
        found = self.ask("POST", "/v1/discover", {"url": feed_url})
        check([(one["url"], one["type"]) for one in found] == [(feed_url, "rss")], f"it is known as RSS: {found}")
        category = self.ask("GET", "/v1/categories")[0]["id"]
        self.feed = self.ask("POST", "/v1/feeds", {"feed_url": feed_url, "category_id": category})["feed_id"]
        feed = self.ask("GET", f"/v1/feeds/{self.feed}")
        check(feed["title"] == reader.parsed.feed.title and feed["parsing_error_count"] == 0, f"the feed: {feed}")

    def entries(self):
        return self.ask("GET", f"/v1/feeds/{self.feed}/entries?limit=200")["entries"]

    def reads_the_same(self):
        # What is shown may change from one reading to the next.
        theirs = {entry.link: entry for entry in reader.parsed.entries}
        entries = self.entries()
        common = [entry for entry in entries if entry["url"] in theirs]
        check(len(common) >= 5, f"entries that both read: {len(common)} of {len(entries)}")
        for entry in common:
            other = theirs[entry["url"]]
            check(entry["title"] == other.title, f"the title: {entry['title']}, {other.title}")
            at = datetime.datetime.fromisoformat(entry["published_at"].replace("Z", "+00:00"))
            check(at.timestamp() == calendar.timegm(other.published_parsed), f"the time: {at}, {other.published}")
            check(words(entry["content"]) == words(other.summary), f"the words: {entry['content']}, {other.summary}")
            check(entry["reading_time"] >= 0 and entry["status"] == "unread", "it is to be read")

    def has_none_twice(self):
        self.ask("PUT", f"/v1/feeds/{self.feed}/refresh")
        urls = [entry["url"] for entry in self.entries()]
        check(len(set(urls)) == len(urls), f"each once: {urls}")

    def marks_and_finds(self):
        entry = self.entries()[0]
        self.ask("PUT", "/v1/entries", {"entry_ids": [entry["id"]], "status": "read"})
        self.ask("PUT", f"/v1/feeds/{self.feed}/refresh")
        again = self.ask("GET", f"/v1/entries/{entry['id']}")
        check(again["status"] == "read", "what was read stays read after the feed was read again")

    def loses_it_with_a_new_link(self):
        try:
            self.ask("PUT", f"/v1/feeds/{self.feed}/refresh")
        except AssertionError:
            pass  # Some versions answer with the feed's error.
        feed = self.ask("GET", f"/v1/feeds/{self.feed}")
        check(feed["parsing_error_count"] == 1 and "not found" in feed["parsing_error_message"], f"it says why: {feed}")
        check(self.entries(), "what it has it keeps")


def words(page):
    """Without tags and white space."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]*>", "", page))


reader = Reader()
steps = []
if MINIFLUX:
    miniflux = Miniflux(*MINIFLUX)
    steps = [
        ("Miniflux starts", miniflux.starts),
        ("Miniflux finds the feed and subscribes to it", miniflux.subscribes),
        ("Miniflux reads the same entries as feedparser", miniflux.reads_the_same),
        ("Miniflux knows an entry again", miniflux.has_none_twice),
        ("Miniflux keeps what was read", miniflux.marks_and_finds),
    ]
else:
    print("ok # skip Miniflux is not installed")
report("feed readers", [
    ("a person registers", reader.registers),
    ("they follow channels", reader.follows),
    ("they make an address for feed readers", reader.makes_a_link),
    ("feedparser reads RSS 2.0 without a complaint", reader.reads),
    ("each entry has id, title, link and time", reader.finds_what_readers_need),
    *steps,
    ("a new address ends the one before", reader.loses_it_with_a_new_link),
    *([("Miniflux is told that the old address has ended", miniflux.loses_it_with_a_new_link)] if MINIFLUX else []),
])
if MINIFLUX:
    miniflux.process.terminate()
    miniflux.process.wait()
