#!/usr/bin/env python3
"""PyPI's minet at pages of channels, for channels.py: channels_minet.py read FILE, or channels_minet.py time FILE...

read: says [[number, text], ...] of the posts on the page; time: microseconds of the processor for a page."""

import json
import pathlib
import sys
import time

from minet.telegram.scraper import scrape_channel_messages

WHAT, FILES = sys.argv[1], sys.argv[2:]
ENOUGH_S = 2
pages = [pathlib.Path(file).read_text() for file in FILES]
if WHAT == "read":
    _, messages = scrape_channel_messages(pages[0], desc=True)
    print(json.dumps([(int(one.link_to_message.rsplit("/", 1)[1]), one.text) for one in messages]))
else:
    begun, rounds = time.process_time(), 0
    while rounds == 0 or time.process_time() - begun < ENOUGH_S:
        for page in pages:
            scrape_channel_messages(page, desc=True)
        rounds += 1
    print(json.dumps((time.process_time() - begun) * 1e6 / rounds / len(pages)))
