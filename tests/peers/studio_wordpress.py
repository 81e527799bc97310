#!/usr/bin/env python3
"""Debian's WordPress, which the studio publishes to: studio_wordpress.py REST WORDPRESS FOLDER

REST is the gateway's address, WORDPRESS what install_wordpress prints. The site is made in FOLDER, with a MariaDB of its own.
Between the studio and the site stands a proxy that loses answers."""

import base64
import html
import http.server
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
import zlib

import people
from people import check, free_port, report, until

# A site takes a comment of one user every 15 seconds, and what is unknown is looked up after a while.
people.PATIENCE_S = 300
REST, WORDPRESS = sys.argv[1].rstrip("/"), pathlib.Path(sys.argv[2])
FOLDER = pathlib.Path(sys.argv[3])
TITLE, BODY, COMMENT = "Five & <more> things", "First “line”, https://a.example/b?c=1&d\nsecond line\n\nA paragraph \U0001f469\u200d\U0001f33e", "A first <comment>"
EDITED = "Another title\nOther words, and it's changed"
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def ask(method, url, body=None, token="", login=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    if login:
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(login).encode()).decode()
    data = json.dumps(body).encode() if body is not None else None
    try:
        with _open(urllib.request.Request(url, data, headers, method=method), timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{method} {url}: {error.code} {error.read().decode()}") from error


class Losing(http.server.BaseHTTPRequestHandler):
    """Passes everything on; of what `loses` names, the next answer is lost: WordPress has done it, and nobody hears of it."""

    protocol_version = "HTTP/1.1"
    site = ""
    loses = []
    published = []  # What was sent that publishes.

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        request = urllib.request.Request(self.site + self.path, body or None, headers, method=self.command)
        try:
            with _open(request, timeout=60) as answer:
                status, sent, said = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            status, sent, said = error.code, error.headers, error.read()
        route = re.search(r"rest_route=/wp/v2/(posts|comments)(&|$)", self.path)
        if self.command == "POST" and route:
            self.published.append(route[1])
            if route[1] in self.loses:
                self.loses.remove(route[1])
                status, said = 502, b"<h1>Bad Gateway</h1>"
        self.send_response(status)
        for name in ("Content-Type", "X-WP-Total"):
            if sent.get(name):
                self.send_header(name, sent[name])
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST = do_DELETE = do_PUT = pass_on

    def log_message(self, *_):
        pass


class Site:
    def __init__(self):
        self.started = []
        self.folder = FOLDER / "site"
        self.sockets = tempfile.mkdtemp()  # Paths of sockets are short.
        self.socket = self.sockets + "/db"
        self.url = f"http://127.0.0.1:{free_port()}"
        self.log = (FOLDER / "wordpress.log").open("wb")

    def starts(self):
        shutil.copytree(WORDPRESS, self.folder, symlinks=True)
        config = {"DB_NAME": "wordpress", "DB_USER": "root", "DB_PASSWORD": "", "DB_HOST": f"localhost:{self.socket}",
                  "DB_CHARSET": "utf8mb4", "DB_COLLATE": "", "WP_ENVIRONMENT_TYPE": "local", "AUTH_KEY": secrets.token_hex(32)}
        lines = [f"define('{name}', '{value}');" for name, value in config.items()]
        # Nothing of it looks outside of this machine.
        lines += ["define('DISABLE_WP_CRON', true);", "define('WP_HTTP_BLOCK_EXTERNAL', true);", "$table_prefix = 'wp_';",
                  "defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');", "require_once ABSPATH . 'wp-settings.php';"]
        (self.folder / "wp-config.php").write_text("<?php\n" + "\n".join(lines) + "\n")
        data = FOLDER / "mariadb"
        path = os.environ["PATH"] + ":/usr/sbin"
        self.run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal",
                  "--skip-test-db"], path)
        self.start([shutil.which("mariadbd", path=path), "--no-defaults", f"--datadir={data}", f"--socket={self.socket}",
                    "--skip-networking", "--innodb-buffer-pool-size=32M", "--pid-file=pid"]
                   + (["--user=root"] if os.getuid() == 0 else []))
        database = f"mysqli_report(MYSQLI_REPORT_OFF); $db = @new mysqli('localhost', 'root', '', '', 0, '{self.socket}');" \
            "exit($db->connect_errno || !$db->query('CREATE DATABASE wordpress') ? 1 : 0);"
        until("MariaDB serves", lambda: subprocess.run(["php", "-r", database], stdout=self.log, stderr=self.log).returncode == 0)
        shutil.copy(pathlib.Path(__file__).with_name("studio_wordpress.php"), self.folder)
        made = self.run(["php", "studio_wordpress.php", self.url], path)
        self.people = json.loads(made.splitlines()[-1])
        self.start(["php", "-S", self.url.removeprefix("http://"), "-t", self.folder], {"PHP_CLI_SERVER_WORKERS": "4"})
        until("WordPress serves", self.serves)
        Losing.site = self.url
        self.proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Losing)
        threading.Thread(target=self.proxy.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.proxy.server_port}"

    def serves(self):
        try:
            return self.get("/wp/v2/posts") is not None
        except (urllib.error.URLError, ConnectionError):
            return False

    def run(self, command, path):
        return subprocess.run(command, cwd=self.folder, env=os.environ | {"PATH": path}, stdout=subprocess.PIPE, stderr=self.log,
                              text=True, check=True).stdout

    def start(self, command, more=None):
        # PHP's workers do not end with it: each program and what it starts is a group.
        self.started.append(subprocess.Popen(command, cwd=FOLDER, env=os.environ | (more or {}), stdout=self.log,
                                             stderr=self.log, start_new_session=True))

    def get(self, route, query="", login=None):
        return ask("GET", f"{self.url}/?rest_route={route}{query}", login=login)

    def stop(self):
        for process in reversed(self.started):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
        shutil.rmtree(self.sockets)


def png(red):
    """A picture of 40 by 30 in one colour."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((red, 80, 120)) * 40 for _ in range(30))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0)) + \
        chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Studio:
    def rest(self, method, path, body=None):
        body = body if body is None else body | {"user_id": self.id}
        return ask(method, REST + path + ("" if body is not None else f"{'&' if '?' in path else '?'}user_id={self.id}"), body,
                   self.token)

    def registers(self):
        email, password = f"{secrets.token_hex(8)}@studio.example", secrets.token_urlsafe(18)
        ask("POST", REST + "/api/users/register", {"email": email, "password": password, "first_name": "Author"})
        login = ask("POST", REST + "/api/auth/login", {"email": email, "password": password})
        self.id, self.token = int(login["user_id"]), login["tokens"]["access_token"]

    def connect(self, login, secret):
        return self.rest("POST", "/api/social/connect", {"platform": "wordpress", "server": site.address, "login": login,
                                                         "secret": secret})["account"]

    def refused(self, login, secret):
        try:
            self.connect(login, secret)
        except AssertionError as error:
            return str(error)
        raise AssertionError(f"{login} is connected")

    def connects(self):
        self.account = self.connect("author", site.people["author"]["password"])
        check("Author" in json.dumps(self.account), f"who it is: {self.account}")
        self.leaver = self.connect("leaver", site.people["leaver"]["password"])

    def says_why_not(self):
        self.refused("author", "abcd efgh ijkl mnop qrst uvwx")
        why = self.refused("subscriber", site.people["subscriber"]["password"])
        check("may not publish" in why, why)

    def publish(self, text, account=None, parts=1, **more):
        account = account or self.account["account_id"]
        post = self.rest("POST", "/api/content/posts", {"text": text, "account_ids": [account],
                                                        "idempotency_key": secrets.token_hex(8)} | more)["post"]
        issues = self.rest("GET", f"/api/content/posts/{post['post_id']}/issues").get("issues", [])
        check(not issues, f"it fits: {issues}")
        self.rest("POST", f"/api/content/posts/{post['post_id']}/schedule", {"expected_revision": 1, "now": True})

        def look():
            self.said = self.rest("GET", f"/api/social/publications?post_id={post['post_id']}").get("publications", [])
            return len(self.said) == parts and self.said

        until(lambda: f"sent: {self.said}", look)
        return post["post_id"]

    def published(self, post_id):
        def look():
            self.said = self.rest("GET", f"/api/social/publications?post_id={post_id}").get("publications", [])
            return all(one["state"] == "published" for one in self.said)

        until(lambda: f"published: {self.said}", look)
        return sorted(self.said, key=lambda one: one.get("part", 0))

    def publishes(self):
        self.post, self.comment = self.published(self.publish(f"{TITLE}\n{BODY}", parts=2, first_comment=COMMENT))

    def is_read_by_everybody(self):
        post = site.get(f"/wp/v2/posts/{self.post['remote_id']}")
        check(plain(post["title"]["rendered"]) == words(TITLE), f"the title: {post['title']}")
        check(plain(post["content"]["rendered"]) == words(BODY), f"the words: {post['content']}")
        check(post["status"] == "publish" and post["author"] == site.people["author"]["id"], "by its author")
        check(self.post["url"] == post["link"], f"its address: {self.post['url']}, {post['link']}")
        with _open(post["link"], timeout=60) as answer:
            page = answer.read().decode()
        check(words(TITLE) in plain(page) and words(BODY) in plain(page), "a page shows it")
        comments = site.get("/wp/v2/comments", f"&post={self.post['remote_id']}")
        check([(plain(one["content"]["rendered"]), str(one["id"])) for one in comments] == [(words(COMMENT),
              self.comment["remote_id"])], f"the comment: {comments}")
        with _open(site.url + "/?feed=rss2", timeout=60) as answer:
            check(f"<link>{html.escape(post['link'])}</link>" in answer.read().decode(), "the site's own feed has it")

    def brings_pictures(self):
        media = []
        for red, alt in ((200, "A \"red\" one"), (20, "Another")):
            content = base64.b64encode(png(red)).decode()
            file = self.rest("POST", "/api/files/upload", {"name": "a.png", "content": content,
                                                           "idempotency_key": secrets.token_hex(8)})["file"]
            media.append({"file_id": file["file_id"], "alt": alt})
        self.with_pictures = self.published(self.publish("With pictures\nBelow.", media=media))[0]
        post = site.get(f"/wp/v2/posts/{self.with_pictures['remote_id']}")
        pictures = re.findall(r'<img [^>]*src="([^"]+)"', post["content"]["rendered"])
        check(len(pictures) == 2 and post["featured_media"] > 0, f"two, the first is the post's own: {post}")
        check("A &quot;red&quot; one" in post["content"]["rendered"] or "A &#8220;red" in post["content"]["rendered"], "what they show")
        for address in pictures:
            with _open(html.unescape(address), timeout=60) as answer:
                check(answer.headers["Content-Type"].startswith("image/") and len(answer.read()) > 50, f"served: {address}")

    def edits(self):
        for one in (self.post, self.with_pictures):
            before = site.get(f"/wp/v2/posts/{one['remote_id']}")
            self.rest("PUT", f"/api/social/publications/{one['publication_id']}", {"text": EDITED})
            after = site.get(f"/wp/v2/posts/{one['remote_id']}")
            check(plain(after["title"]["rendered"]) == words("Another title"), f"the title: {after['title']}")
            check(plain(after["content"]["rendered"]) == words(EDITED.split("\n")[1]), f"the words: {after['content']}")
            check(after["content"]["rendered"].count("<img") == before["content"]["rendered"].count("<img"), "the pictures stay")
            check(after["link"] == before["link"], "at the same address")
        self.rest("PUT", f"/api/social/publications/{self.comment['publication_id']}", {"text": f"Another {COMMENT}"})
        comments = site.get("/wp/v2/comments", f"&post={self.post['remote_id']}")
        check([plain(one["content"]["rendered"]) for one in comments] == [words(f"Another {COMMENT}")], f"the comment: {comments}")

    def loses_no_answer(self):
        before = {one["id"] for one in site.get("/wp/v2/posts", "&per_page=100")}
        Losing.published.clear()
        Losing.loses[:] = ["posts", "comments"]
        post, comment = self.published(self.publish("Answered 502\nNevertheless it is there.", parts=2, first_comment="Here, too"))
        check(Losing.published == ["posts", "comments"] and not Losing.loses, f"each was sent once: {Losing.published}")
        after = {one["id"] for one in site.get("/wp/v2/posts", "&per_page=100")} - before
        check(after == {int(post["remote_id"])}, f"one post: {after}, {post}")
        comments = site.get("/wp/v2/comments", f"&post={post['remote_id']}")
        check([str(one["id"]) for one in comments] == [comment["remote_id"]], f"one comment: {comments}")

    def needs_its_password(self):
        password = site.people["leaver"]["password"]
        login = ("leaver", password)
        listed = ask("GET", f"{site.url}/?rest_route=/wp/v2/users/me/application-passwords", login=login)
        ask("DELETE", f"{site.url}/?rest_route=/wp/v2/users/me/application-passwords/{listed[0]['uuid']}", login=login)
        account = self.leaver["account_id"]
        self.publish("Never there", account=account)

        def look():
            accounts = self.rest("GET", "/api/social/accounts")["accounts"]
            self.said = next(one for one in accounts if one["account_id"] == account)
            return "again" in json.dumps(self.said)

        until(lambda: f"the account is to be connected again: {self.said}", look)
        check(all("Never there" not in one["content"]["rendered"] for one in site.get("/wp/v2/posts", "&per_page=100")), "not there")

    def deletes(self):
        for one in (self.comment, self.post, self.with_pictures):
            gone = self.rest("DELETE", f"/api/social/publications/{one['publication_id']}")
            check(gone["publication"]["state"] == "removed", str(one))
        check(not site.get("/wp/v2/comments", f"&post={self.post['remote_id']}&_fields=id"), "no comment")
        for one in (self.post, self.with_pictures):
            try:
                site.get(f"/wp/v2/posts/{one['remote_id']}", login=("author", site.people["author"]["password"]))
                check(False, "no post")
            except AssertionError as error:
                check("404" in str(error), f"not even for its author: {error}")


def words(text):
    """Without white space, and with straight quotes: pages have others."""
    for curly, straight in zip("“”‘’", "\"\"''"):
        text = text.replace(curly, straight)
    return re.sub(r"\s+", "", text)


def plain(page):
    """The words of a page."""
    return words(html.unescape(re.sub(r"<[a-zA-Z/!][^>]*>", "", page)))


shutil.rmtree(FOLDER, ignore_errors=True)
FOLDER.mkdir(parents=True)
site, studio = Site(), Studio()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # What was started ends with it.
try:
    report("WordPress", [
        ("Debian's WordPress serves a new site", site.starts),
        ("a person registers", studio.registers),
        ("it is connected by an application password", studio.connects),
        ("a wrong password, and one of a user who may not publish, are refused", studio.says_why_not),
        ("a post with a comment is published", studio.publishes),
        ("everybody reads them there, by REST, as a page and in the site's feed", studio.is_read_by_everybody),
        ("pictures are brought along, and served by the site", studio.brings_pictures),
        ("other words stand there after an edit, with the pictures", studio.edits),
        ("whose answer was lost is found again, and there once", studio.loses_no_answer),
        ("without its password the account is to be connected again", studio.needs_its_password),
        ("deleted, they are gone", studio.deletes),
    ])
finally:
    site.stop()
