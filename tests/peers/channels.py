#!/usr/bin/env python3
"""PyPI's snscrape and minet read our preview pages, and the product what they read: channels.py CHAT_PAGE [REST [PARSER...]]

CHAT_PAGE is the emulator's address, with --lively; REST that of the gateway, which is then asked for the same channels
(POST /cmd/scrape); PARSER... the command for //services/feed/channel_reader:parse_pages, whose time is then measured beside
minet's on the same pages, in processor time."""

import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

import requests
import snscrape.modules.telegram as telegram
from minet.telegram.scraper import scrape_channel_messages

CHAT_PAGE = sys.argv[1].rstrip("/")
REST = sys.argv[2].rstrip("/") if len(sys.argv) > 2 else ""
PARSER = sys.argv[3:]
AIM = 5  # Times as fast as minet.
ENOUGH_S = 2


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


def minet_time(texts):
    """Microseconds of the processor for a page."""
    begun, rounds = time.process_time(), 0
    while rounds == 0 or time.process_time() - begun < ENOUGH_S:
        for text in texts:
            scrape_channel_messages(text, desc=True)
        rounds += 1
    return (time.process_time() - begun) * 1e6 / rounds / len(texts)


with urllib.request.urlopen(CHAT_PAGE + "/api/public-channels") as answer:
    channels = [c["username"] for c in json.load(answer)["channels"] if c["kind"] == "channel"]
check(len(channels) >= 12, f"there are {len(channels)} lively channels")
squeeze = lambda words: re.sub(r"\s+", "", html.unescape(words or ""))
pages = {}
for name in channels:
    items = scraped(name)
    with urllib.request.urlopen(f"{CHAT_PAGE}/s/{name}") as answer:
        pages[name] = answer.read().decode()
    check(len(items) >= 5, f"snscrape reads {len(items)} posts of {name}")
    if not REST:
        continue
    answer = product(name)
    ours = {post["post_number"]: post for post in answer.get("posts", [])}
    theirs = {numbers(item): item for item in items}
    check(set(theirs) <= set(ours), f"every post of {name} that snscrape reads is there")
    # Of an answer snscrape takes the words that it answers to, which stand before its own; minet does not.
    different = [
        number
        for number, item in theirs.items()
        if number in ours and item.content and ours[number].get("media_kind") != "poll"
        and squeeze(item.content) not in {squeeze(post.get("text")) for post in (
            ours[number], ours.get(ours[number].get("reply_to_number", 0), {})) if post}
    ]
    check(not different, f"snscrape and the product read the same words in {name}" + (f", but for {different}" if different else ""))
    _, messages = scrape_channel_messages(pages[name], desc=True)
    messages = [(int(one.link_to_message.rsplit("/", 1)[1]), one.text) for one in messages]
    check(len(messages) >= 5, f"minet reads {len(messages)} posts of {name}")
    different = []
    for number, text in messages:
        post = ours.get(number)
        if post is None or (text and post.get("media_kind") != "poll" and squeeze(text) != squeeze(post.get("text"))):
            different.append(number)
    check(not different, f"minet and the product read the same words in {name}" + (f", but for {different}" if different else ""))

if PARSER:
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, page in pages.items():
            files.append(pathlib.Path(folder, name + ".html"))
            files[-1].write_text(page)
        said = subprocess.run([*PARSER, *files], capture_output=True, text=True, check=True).stdout
        theirs = minet_time(list(pages.values()))
    ours = float(dict(line.split() for line in said.splitlines())["microseconds"])
    check(theirs >= AIM * ours, f"a page takes {ours:.0f} microseconds, and minet's parser {theirs / ours:.1f} times as long")
