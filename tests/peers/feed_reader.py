#!/usr/bin/env python3
"""PyPI's feedparser subscribes to a person's feed as RSS: feed_reader.py REST

REST is the gateway's address; the mesh has the emulator's lively channels (tools/telegram_emulator)."""

import json
import secrets
import sys
import urllib.request

from people import check, report, until

import feedparser

REST = sys.argv[1].rstrip("/")
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


reader = Reader()
report("feedparser", [
    ("a person registers", reader.registers),
    ("they follow channels", reader.follows),
    ("they make an address for feed readers", reader.makes_a_link),
    ("feedparser reads RSS 2.0 without a complaint", reader.reads),
    ("each entry has id, title, link and time", reader.finds_what_readers_need),
    ("a new address ends the one before", reader.loses_it_with_a_new_link),
])
