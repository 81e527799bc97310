"""PostgreSQL and Redis of the locked packages, in a folder that goes with the test; and meshes of tools/up on them.

    with Postgres(folder) as postgres:
        postgres.run("CREATE TABLE t (a int)")
        rows = postgres.rows("SELECT a FROM t")       # [["1"], ...]: all of it as text

SELFOLOGYCTL=COMMAND in place of tools/selfologyctl, of another build; SERVERS=FOLDER: where postgres, psql and redis-server are.
"""

import contextlib
import json
import os
import shlex
import socket
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE = 60  # Seconds.


def server(name):
    folder = os.environ.get("SERVERS") or os.path.dirname(os.path.realpath(os.path.join(ROOT, "bazel-bin/external/debian_sysroot/run")))
    return os.path.join(folder, name)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class _Server:
    def start(self, command, log):
        with open(log, "ab") as file:
            self._process = subprocess.Popen(command, stdout=file, stderr=file)

    def stop(self, kill=False):
        (self._process.kill if kill else self._process.terminate)()
        self._process.wait()

    def await_that(self, holds):
        end = time.monotonic() + PATIENCE
        while not holds():
            if self._process.poll() is not None or time.monotonic() > end:
                raise OSError("%s does not start" % self._process.args[0])
            time.sleep(0.1)

    def __exit__(self, *_):
        self.stop()


class Postgres(_Server):
    def __init__(self, folder):
        self.port, self._data = free_port(), os.path.join(folder, "postgres")
        self.url = "postgresql://postgres@127.0.0.1:%d/selfology" % self.port

    def __enter__(self):
        os.makedirs(self._data)
        subprocess.run([server("initdb"), "-D", self._data, "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"],
                       check=True, stdout=subprocess.DEVNULL)
        self.start([server("postgres"), "-D", self._data, "-p", str(self.port), "-k", "", "-c", "wal_level=logical", "-c", "fsync=off",
                    "-c", "max_connections=200"], self._data + ".log")
        self.await_that(lambda: subprocess.run(self._psql("postgres") + ["-c", "CREATE DATABASE selfology"], check=False,
                                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0)
        return self

    def stop(self, kill=False):
        self._process.send_signal(2)  # A fast shutdown, whoever is connected.
        self._process.wait()

    def _psql(self, database):
        return [server("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", database]

    def run(self, sql, database="selfology"):
        """Statements, in one transaction. What PostgreSQL says when one fails is in the exception."""
        said = subprocess.run(self._psql(database) + ["-1", "-f", "-"], input=sql, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if said.returncode:
            raise AssertionError(said.stderr[:2000])
        return said.stdout

    def rows(self, sql, database="selfology"):
        said = subprocess.run(self._psql(database) + ["-A", "-t", "-F", "\x1f", "-R", "\x1e", "-c", sql], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        if said.returncode:
            raise AssertionError(said.stderr[:2000])
        return [row.split("\x1f") for row in said.stdout.rstrip("\n").split("\x1e") if row]


class Redis(_Server):
    def __init__(self, folder):
        self._folder, self.port = folder, free_port()
        self.url = "redis://127.0.0.1:%d/0" % self.port

    def __enter__(self):
        self.start([server("redis-server"), "--port", str(self.port), "--save", "", "--dir", self._folder], self._folder + "/redis.log")
        self.await_that(lambda: self.run("PING") == "PONG")
        return self

    def run(self, *words):
        said = subprocess.run([server("redis-cli"), "-p", str(self.port), *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return said.stdout.strip()

    def feed(self, commands):
        """Lists of bytes, in Redis' protocol."""
        text = b"".join(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words) for words in commands)
        said = subprocess.run([server("redis-cli"), "-p", str(self.port), "--pipe"], input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if b"errors: 0" not in said.stdout:
            raise AssertionError(said.stdout.decode() + said.stderr.decode())


class Mesh:
    """One of tools/up on these stores, with a chat of its own."""

    def __init__(self, folder, postgres, redis, ctl=None):
        self._state = os.path.join(folder, "mesh")
        self._ctl = shlex.split(ctl or os.environ.get("SELFOLOGYCTL", os.path.join(ROOT, "tools", "selfologyctl")))
        self._environment = {**os.environ, "DATABASE_URL": postgres.url, "REDIS_URL": redis.url}

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.callback(self.__exit__)
            subprocess.run(self._ctl + ["up", "--detach", "--state=" + self._state], env=self._environment, check=True,
                           stdout=subprocess.DEVNULL)
            with open(os.path.join(self._state, "addresses.json"), encoding="utf-8") as file:
                self.addresses = dict(json.load(file))
            self.chat = self.addresses.get("Chat page")  # None: TELEGRAM_API_BASE names another.
            stack.pop_all()
        return self

    def __exit__(self, *_):
        subprocess.run(self._ctl + ["down", "--state=" + self._state], check=False, stdout=subprocess.DEVNULL)

    def logs(self):
        for name in sorted(os.listdir(os.path.join(self._state, "logs"))):
            with contextlib.suppress(OSError), open(os.path.join(self._state, "logs", name), encoding="utf-8", errors="replace") as file:
                yield name, file.read()
