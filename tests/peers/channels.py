#!/usr/bin/env python3
"""PyPI's snscrape reads our preview pages, and the product what snscrape reads: channels.py CHAT_PAGE [REST]

CHAT_PAGE is the emulator's address, with --lively; REST that of the gateway, which is then asked for the same channels
(POST /cmd/scrape)."""

import html
import json
import re
import sys
import urllib.request

try:
    import requests
    import snscrape.modules.telegram as telegram
except ImportError:
    print("ok # skip snscrape is not installed")
    sys.exit(0)

CHAT_PAGE = sys.argv[1].rstrip("/")
REST = sys.argv[2].rstrip("/") if len(sys.argv) > 2 else ""


class OurAdapter(requests.adapters.HTTPAdapter):
    """snscrape knows t.me only: what goes there comes to us."""

    def send(self, request, **kwargs):
        request.url = request.url.replace("https://t.me", CHAT_PAGE)
        return super().send(request, **kwargs)


def check(ok, words):
    print(f"{'ok' if ok else 'not ok'} {words}")


def scraped(name):
    scraper = telegram.TelegramChannelScraper(name)
    scraper._session.mount("https://t.me", OurAdapter())
    scraper._session.mount("http://", OurAdapter())
    return list(scraper.get_items())


def numbers(item):
    return int(item.url.rsplit("/", 1)[1])


def product(name):
    body = json.dumps({"channel_username": "@" + name, "limit": 100}).encode()
    request = urllib.request.Request(REST + "/cmd/scrape", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


with urllib.request.urlopen(CHAT_PAGE + "/api/public-channels") as answer:
    channels = [c["username"] for c in json.load(answer)["channels"] if c["kind"] == "channel"]
check(len(channels) >= 12, f"there are {len(channels)} lively channels")
squeeze = lambda words: re.sub(r"\s+", "", html.unescape(words or ""))
for name in channels:
    items = scraped(name)
    check(len(items) >= 5, f"snscrape reads {len(items)} posts of {name}")
    if not REST:
        continue
    answer = product(name)
    ours = {post["post_number"]: post for post in answer.get("posts", [])}
    theirs = {numbers(item): item for item in items}
    check(set(theirs) <= set(ours), f"every post of {name} that snscrape reads is there")
    different = [
        number
        for number, item in theirs.items()
        if number in ours and item.content and ours[number].get("media_kind") != "poll"
        and squeeze(item.content) != squeeze(ours[number].get("text"))
    ]
    check(not different, f"snscrape and the product read the same words in {name}" + (f", but for {different}" if different else ""))
