#!/usr/bin/env python3
"""What a mini app is told about who opened it, beside PyPI's init-data-py: init_data.py REST CHAT_PAGE TOKEN

What it signs the product takes, what our Telegram signs it takes, and what one refuses the other refuses. TOKEN is that of
the mesh's bot. init_data.mjs does the same with another library, which spells spaces otherwise."""

import json
import sys
import time
import urllib.error
import urllib.request

from people import check, report

import init_data_py as theirs

REST, PAGE, TOKEN = (word.rstrip("/") for word in sys.argv[1:])
HOUR_S = 3600
NAMES = ["Ann", "Ann & Bo = 1 + 1", "Анна", "\U0001f469\u200d\U0001f33e", "a+b c", '"quoted" \\ back', "100 %"]
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
# Ids of nobody's, so that no other part of the tests is met.
first_id = 770_000_000 + int(time.time()) % 1_000_000 * 10


def ask(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with _open(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return {"refused": error.code, "why": error.read().decode()}


def opened(text):
    return ask(REST + "/api/miniapp/sessions", {"init_data": text, "platform": "web"})


def signed(user_id, name="Ann", token=TOKEN, at=None, **more):
    user = json.dumps({"id": user_id, "first_name": name}, ensure_ascii=False)
    return theirs.sign({"user": user, "query_id": "AAE1"} | more, token, auth_date=at)


def takes_what_it_signs():
    for number, name in enumerate(NAMES):
        text = signed(first_id + number, name)
        answer = opened(text)
        check(answer.get("user_id") == first_id + number, f"{name}: {answer}")
    check(opened(text).get("refused") == 401, "it was used before")


def refuses_what_it_refuses():
    who = first_id + len(NAMES)
    good = signed(who, start_param="a")
    check(theirs.is_valid_by_hash(good, TOKEN, expires_in=HOUR_S), "valid")
    for text in (
        good.replace(str(who), str(who + 1)),
        good.replace("start_param=a", "start_param=b"),
        good + "&more=1",
        good.replace("start_param=a&", ""),
        good + "&start_param=a",
        signed(who, token="2:other"),
        signed(who, at=time.time() - HOUR_S - 60),
    ):
        check(text != good and not theirs.is_valid_by_hash(text, TOKEN, expires_in=HOUR_S), text)
        check(opened(text).get("refused") == 401, text)
    check(opened(good).get("start_parameter") == "a", "the one that was not changed is still good")


def vouches_for_our_telegram():
    for name in NAMES:
        person = ask(PAGE + "/api/users", {"first_name": name})
        text = ask(f"{PAGE}/api/web-apps?bot={TOKEN.split(':')[0]}", {"user_id": person.get("user", person)["id"]})["init_data"]
        data = theirs.validate_by_hash(text, TOKEN, expires_in=HOUR_S)
        check(data.user.first_name == name, f"{name}: {data}")
        check(not theirs.is_valid_by_hash(text, "2:other"), name)


def agrees_on_telegrams_keys():
    # Telegram signed nothing for a bot of ours: both refuse what another key signed.
    text = signed(first_id, signature="A" * 86)
    check(not theirs.is_valid_by_signature(text, 1), "not Telegram's")
    refused = ask(REST + "/api/miniapp/init-data:verify", {"init_data": text, "bot_id": 1})
    check(refused.get("refused") == 401, str(refused))


report("init-data-py", [
    ("what it signs opens the mini app, once", takes_what_it_signs),
    ("what it does not call valid the product refuses", refuses_what_it_refuses),
    ("what our Telegram signs is valid for it", vouches_for_our_telegram),
    ("a signature for third parties that is not Telegram's is refused by both", agrees_on_telegrams_keys),
])
