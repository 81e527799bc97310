#!/usr/bin/env python3
"""The studio publishes to servers that others wrote, and clients that others wrote read it there:
studio_servers.py REST TELEGRAM BLUESKY DID HANDLE STAND_INS APIS

REST is the gateway's address, TELEGRAM the emulator's, BLUESKY that of arroba (studio_bluesky.py) or of Bluesky's own server
(studio_pds), with an account whose password is "good", STAND_INS and APIS what services/studio/social/tools/stand_ins.cc
prints. One post with a thread is written by
/api/content, approved by nobody, published to four accounts, read back, edited and deleted: at Bluesky by PyPI's atproto, at
the stand-ins, which the C++ tests publish to as well, by Mastodon.py, tweepy and facebook-sdk, at Telegram's channel by its
members' API."""

import json
import re
import secrets
import sys
import urllib.error
import urllib.request

import requests
from people import check, report, until

import atproto
import facebook
import mastodon
import tweepy

REST, TELEGRAM, BLUESKY, DID, HANDLE, STAND_INS, APIS = (word.rstrip("/") for word in sys.argv[1:])
BOT = "77:studio"
CHANNEL = "studio_" + secrets.token_hex(3)
TEXT = "A first line, https://a.example/b?c=1 and \U0001f469\u200d\U0001f33e"
THREAD, COMMENT, EDITED = "The second part", "And a comment", "Other words, https://a.example/d"
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def ask(method, url, body=None, token=""):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = json.dumps(body).encode() if body is not None else None
    try:
        with _open(urllib.request.Request(url, data, headers, method=method), timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{method} {url}: {error.code} {error.read().decode()}") from error


class ToStandIn(requests.adapters.HTTPAdapter):
    """tweepy and facebook-sdk know one address each: what goes there comes to us."""

    def send(self, request, **kwargs):
        request.url = re.sub(r"^https://(api\.(twitter|x)|graph\.facebook)\.com", APIS, request.url)
        return super().send(request, **kwargs)


def graph(token):
    """facebook-sdk, which knows no newer version than 3.1 by itself."""
    session = requests.Session()
    session.mount("https://", ToStandIn())
    session.trust_env = False
    client = facebook.GraphAPI(token, session=session)
    client.version = "v25.0"
    return client


def graph_error(call, *arguments, **more):
    try:
        call(*arguments, **more)
    except facebook.GraphAPIError as error:
        check(error.type and error.message, f"says what it is: {error.result}")
        return error.code
    raise AssertionError("it was not refused")


class Studio:
    def __init__(self):
        self.accounts, self.publications = {}, {}
        self.mastodon = mastodon.Mastodon(access_token="good", api_base_url=STAND_INS, version_check_mode="none")
        self.x = tweepy.Client("good-x")
        self.x.session.mount("https://", ToStandIn())
        self.x.session.trust_env = False
        self.facebook = graph("good-facebook")
        self.bluesky = atproto.Client(base_url=BLUESKY)

    def rest(self, method, path, body=None):
        body = body if body is None else body | {"user_id": self.id}
        return ask(method, REST + path + ("" if body is not None else f"{'&' if '?' in path else '?'}user_id={self.id}"), body,
                   self.token)

    # Clients of others at the servers themselves.
    def foreign_mastodon(self):
        status = self.mastodon.status_post("By Mastodon.py")
        check(self.mastodon.status(status.id).id == status.id, "read")
        self.mastodon.status_update(status.id, "By Mastodon.py, changed")
        check(self.mastodon.status_source(status.id).text == "By Mastodon.py, changed", "changed")
        check(status.id in [one.id for one in self.mastodon.account_statuses(self.mastodon.me().id)], "listed")
        self.mastodon.status_delete(status.id)
        check(status.id not in [one.id for one in self.mastodon.account_statuses(11)], "deleted")

    def foreign_x(self):
        tweet = self.x.create_tweet(text="By tweepy", user_auth=False).data["id"]
        check(self.x.get_tweet(tweet).data.text == "By tweepy", "read")
        listed = self.x.get_users_tweets(self.x.get_me(user_auth=False).data.id)
        check(str(tweet) in [str(one.id) for one in listed.data], "listed")
        check(self.x.delete_tweet(tweet, user_auth=False).data["deleted"], "deleted")

    def foreign_facebook(self):
        check(self.facebook.get_version() == "25.0", "the version")
        page = self.facebook.get_object("me", fields="id,name,category")
        check(page["category"] and set(self.facebook.get_object("me")) == {"id", "name"}, "only what was asked for")
        ids = [self.facebook.put_object(page["id"], "feed", message=f"By facebook-sdk {n} & more")["id"] for n in range(3)]
        post = self.facebook.get_object(ids[0])
        check(set(post) == {"id", "message", "created_time"} and post["message"] == "By facebook-sdk 0 & more", f"read: {post}")
        counts = self.facebook.get_object(ids[0], fields="shares,likes.limit(0).summary(true),comments.limit(0).summary(true)")
        check(counts["likes"]["summary"]["total_count"] >= 0 and "message" not in counts, f"numbers: {counts}")
        listed = list(self.facebook.get_all_connections(page["id"], "feed", limit=2))
        check([one["id"] for one in listed][:3] == ids[::-1], f"listed over pages, the newest first: {listed}")
        check(len(self.facebook.get_connections(page["id"], "feed", limit=2)["data"]) == 2, "no more than asked for")
        changed = self.facebook.request(f"v25.0/{ids[0]}", post_args={"message": "Changed"}, method="POST")
        check(changed == {"success": True} and self.facebook.get_object(ids[0])["message"] == "Changed", "changed")
        for one in ids:
            check(self.facebook.delete_object(one) == {"success": True}, "deleted")
        check(graph_error(self.facebook.get_object, ids[0]) == 100, "gone")
        check(graph_error(graph("expired").get_object, "me") == 190, "a token that is none")

    # The product.
    def registers(self):
        email, password = f"{secrets.token_hex(8)}@studio.example", secrets.token_urlsafe(18)
        ask("POST", REST + "/api/users/register", {"email": email, "password": password, "first_name": "Author"})
        login = ask("POST", REST + "/api/auth/login", {"email": email, "password": password})
        self.id, self.token = int(login["user_id"]), login["tokens"]["access_token"]

    def connects(self):
        owner = ask("POST", TELEGRAM + "/api/users", {"first_name": "Owner"})
        owner = owner.get("user", owner)["id"]
        ask("GET", f"{TELEGRAM}/bot{BOT}/getMe")
        self.group = ask("POST", f"{TELEGRAM}/api/groups?bot=77",
                         {"type": "channel", "title": "Studio", "username": CHANNEL, "user_id": owner})
        self.group = self.group.get("group", self.group)["id"]
        ask("POST", f"{TELEGRAM}/api/groups/{self.group}/bot?bot=77", {"status": "administrator", "may_post": True})
        for platform, login in {
            "bluesky": {"server": BLUESKY, "login": HANDLE, "secret": "good"},
            "mastodon": {"server": STAND_INS, "secret": "good"},
            "x": {"server": APIS, "secret": "good-x"},
            "telegram": {"server": TELEGRAM, "secret": BOT, "target": "@" + CHANNEL},
        }.items():
            answer = self.rest("POST", "/api/social/connect", {"platform": platform} | login)
            self.accounts[platform] = answer["account"]["account_id"]

    def publishes(self):
        post = self.rest("POST", "/api/content/posts", {
            "text": TEXT, "thread": [THREAD], "first_comment": COMMENT,
            "account_ids": list(self.accounts.values()), "idempotency_key": secrets.token_hex(8)})["post"]
        issues = self.rest("GET", f"/api/content/posts/{post['post_id']}/issues").get("issues", [])
        check(not issues, f"it fits: {issues}")
        self.rest("POST", f"/api/content/posts/{post['post_id']}/schedule", {"expected_revision": 1, "now": True})

        def look():
            now = self.rest("GET", f"/api/content/posts/{post['post_id']}")["post"]
            self.said = now
            return now["state"] == "published"

        until(lambda: f"published: {self.said}", look)

        def parts():
            listed = self.rest("GET", f"/api/social/publications?post_id={post['post_id']}").get("publications", [])
            self.parts = listed
            return len(listed) == 3 * len(self.accounts) and all(one["state"] == "published" for one in listed)

        until(lambda: f"all parts published: {self.parts}", parts)
        for one in self.parts:
            self.publications[one["platform"], one.get("part", 0)] = one

    # What each platform says: the words of the thread's parts, the first one first; gone: none.
    def at_bluesky(self):
        records = self.bluesky.com.atproto.repo.list_records({"repo": DID, "collection": "app.bsky.feed.post"}).records
        return sorted(records, key=lambda record: record.uri)

    def at_mastodon(self):
        found = [one for one in self.mastodon.account_statuses(11)]
        return sorted(found, key=lambda one: int(one.id))

    def at_telegram(self):
        answer = ask("GET", f"{TELEGRAM}/api/groups/{self.group}/messages?bot=77")
        return [one for one in answer["messages"] if one.get("text")]

    def reads_bluesky(self):
        first, second, comment = self.at_bluesky()
        check([one.value.text for one in (first, second, comment)] == [TEXT, THREAD, COMMENT], "words")
        check(second.value.reply.root.uri == first.uri and comment.value.reply.parent.uri == second.uri, "a thread")
        check(comment.value.reply.parent.cid == second.cid, "by what it says")
        index = first.value.facets[0].index
        check(TEXT.encode()[index.byte_start:index.byte_end] == b"https://a.example/b?c=1", "the link")

    def reads_mastodon(self):
        first, second, comment = self.at_mastodon()
        words = [self.mastodon.status_source(one.id).text for one in (first, second, comment)]
        check(words == [TEXT, THREAD, COMMENT], f"words: {words}")
        check(str(comment.in_reply_to_id) == str(second.id), "a thread")

    def reads_x(self):
        words = {one["part"] if "part" in one else 0: self.x.get_tweet(one["remote_id"]).data.text
                 for (platform, _), one in self.publications.items() if platform == "x"}
        check(words == {0: TEXT, 1: THREAD, 2: COMMENT}, f"words: {words}")

    def reads_telegram(self):
        messages = self.at_telegram()
        check([one["text"] for one in messages] == [TEXT, THREAD, COMMENT], f"words: {messages}")

    def publishes_to_facebook(self):
        answer = self.rest("POST", "/api/social/connect", {"platform": "facebook", "server": APIS, "secret": "good-facebook"})
        account = answer["account"]["account_id"]
        post = self.rest("POST", "/api/content/posts", {
            "text": TEXT, "account_ids": [account], "idempotency_key": secrets.token_hex(8)})["post"]
        self.rest("POST", f"/api/content/posts/{post['post_id']}/schedule", {"expected_revision": 1, "now": True})

        def look():
            listed = self.rest("GET", f"/api/social/publications?post_id={post['post_id']}").get("publications", [])
            self.said = listed
            return len(listed) == 1 and listed[0]["state"] == "published" and listed[0]

        one = until(lambda: f"published: {self.said}", look)
        listed = self.facebook.get_connections("17", "feed", fields="id,message")["data"]
        check(listed == [{"id": one["remote_id"], "message": TEXT}], f"facebook-sdk reads it: {listed}")
        path = f"/api/social/publications/{one['publication_id']}"
        self.rest("PUT", path, {"text": EDITED})
        check(self.facebook.get_object(one["remote_id"])["message"] == EDITED, "other words")
        self.rest("DELETE", path)
        check(not self.facebook.get_connections("17", "feed")["data"], "gone")

    def edits(self):
        for platform in ("bluesky", "mastodon", "telegram"):
            one = self.publications[platform, 0]
            changed = self.rest("PUT", f"/api/social/publications/{one['publication_id']}", {"text": EDITED})
            check(changed["publication"]["text"] == EDITED, platform)
        first = self.at_bluesky()[0]
        check(first.value.text == EDITED and len(first.value.facets) == 1, "at Bluesky, with its link")
        check(self.mastodon.status_source(self.at_mastodon()[0].id).text == EDITED, "at Mastodon")
        check(self.at_telegram()[0]["text"] == EDITED, "at Telegram")
        try:
            self.rest("PUT", f"/api/social/publications/{self.publications['x', 0]['publication_id']}", {"text": EDITED})
            check(False, "X lets nobody edit")
        except AssertionError as error:
            check("remove it and publish another" in str(error), f"says what to do: {error}")

    def deletes(self):
        for _, one in sorted(self.publications.items(), reverse=True):
            gone = self.rest("DELETE", f"/api/social/publications/{one['publication_id']}")
            check(gone["publication"]["state"] == "removed", str(one))
        check(not self.at_bluesky(), "gone at Bluesky")
        check(not self.at_mastodon(), "gone at Mastodon")
        check(not self.at_telegram(), "gone at Telegram")
        for (platform, _), one in self.publications.items():
            if platform == "x":
                try:
                    check(not self.x.get_tweet(one["remote_id"]).data, "gone at X")
                except tweepy.errors.NotFound:
                    pass


studio = Studio()
report("studio", [
    ("Mastodon.py posts, reads, edits and deletes at our stand-in", studio.foreign_mastodon),
    ("tweepy posts, reads and deletes at our stand-in", studio.foreign_x),
    ("facebook-sdk posts, reads, edits and deletes at our stand-in", studio.foreign_facebook),
    ("a person registers", studio.registers),
    ("accounts at the AT protocol's server, Telegram's channel and the stand-ins are connected", studio.connects),
    ("one post with a thread and a comment is published to four platforms", studio.publishes),
    ("atproto reads the thread at the AT protocol's server, with its links", studio.reads_bluesky),
    ("Mastodon.py reads the thread", studio.reads_mastodon),
    ("tweepy reads the thread", studio.reads_x),
    ("the channel has the thread", studio.reads_telegram),
    ("facebook-sdk reads what is published to a page, changed and removed", studio.publishes_to_facebook),
    ("other words stand there after an edit, and X says that it takes none", studio.edits),
    ("deleted, it is gone everywhere", studio.deletes),
])
