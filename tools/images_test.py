"""tools/images pushes to a registry that speaks the distribution protocol, and judges sizes.

    python3 tools/images_test.py [RESULTS.tap]
"""

import contextlib
import hashlib
import http.server
import importlib.machinery
import importlib.util
import io
import json
import os
import sys
import tarfile
import tempfile
import threading
import urllib.parse

LOADER = importlib.machinery.SourceFileLoader("images", os.path.join(os.path.dirname(os.path.abspath(__file__)), "images"))
images = importlib.util.module_from_spec(importlib.util.spec_from_loader("images", LOADER))
sys.dont_write_bytecode = True
LOADER.exec_module(images)


class Registry(http.server.BaseHTTPRequestHandler):
    """Keeps blobs and manifests; wants a token that its own realm gives to one user."""

    blobs, manifests, uploads, asked = {}, {}, 0, []

    def log_message(self, *args):
        pass

    def answer(self, status, headers=(), body=b""):
        self.send_response(status)
        for key, value in headers:
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_one(self):
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        host = self.headers["Host"]
        if path == "/token":
            given = self.headers.get("Authorization", "")
            ok = given == "Basic " + images.base64.b64encode(b"ann:secret").decode()
            return self.answer(200 if ok else 401, body=json.dumps({"token": "t1"} if ok else {}).encode())
        Registry.asked.append((self.command, path))
        if self.headers.get("Authorization") != "Bearer t1":
            return self.answer(401, [("WWW-Authenticate",
                                      'Bearer realm="http://%s/token",service="r",scope="push"' % host)])
        if self.command == "HEAD":
            return self.answer(200 if path.rsplit("/", 1)[1] in Registry.blobs else 404)
        if self.command == "POST" and path.endswith("/blobs/uploads/"):
            Registry.uploads += 1
            return self.answer(202, [("Location", path + "u%d?state=x" % Registry.uploads)])
        if self.command == "PUT" and "/blobs/uploads/" in path:
            digest = urllib.parse.parse_qs(query)["digest"][0]
            if digest != "sha256:" + hashlib.sha256(body).hexdigest():
                return self.answer(400)
            Registry.blobs[digest] = body
            return self.answer(201)
        if self.command == "PUT" and "/manifests/" in path:
            named = json.loads(body)
            if any(blob["digest"] not in Registry.blobs for blob in [named["config"]] + named["layers"]):
                return self.answer(404)
            Registry.manifests[path] = body
            return self.answer(201)
        return self.answer(405)

    do_GET = do_HEAD = do_POST = do_PUT = handle_one


def archive(folder, name, size=10):
    """An OCI archive, as the build makes them."""
    blobs = [b"{}", b"base", os.urandom(size)]
    digests = ["sha256:" + hashlib.sha256(blob).hexdigest() for blob in blobs]
    described = [{"digest": digest, "size": len(blob)} for digest, blob in zip(digests, blobs)]
    manifest = json.dumps({"config": described[0], "layers": described[1:]}).encode()
    digest = "sha256:" + hashlib.sha256(manifest).hexdigest()
    index = json.dumps({"manifests": [{"digest": digest, "mediaType": "m/t"}]}).encode()
    path = os.path.join(folder, name + ".tar")
    with tarfile.open(path, "w") as tar:
        for file, data in [("index.json", index)] + [
                ("blobs/sha256/" + hashlib.sha256(blob).hexdigest(), blob) for blob in blobs + [manifest]]:
            info = tarfile.TarInfo(file)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return images.Archive(path)


def check(results, name, held):
    results.append(("ok " if held else "not ok ") + name)


def main():
    results = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ.update(REGISTRY_USER="ann", REGISTRY_PASSWORD="secret")
    with tempfile.TemporaryDirectory() as folder:
        first, second = archive(folder, "night_watch"), archive(folder, "session")
        registry = images.Registry("127.0.0.1:%d/selfology" % server.server_port)
        reference = registry.push(first, "v1")
        check(results, "images: push brings every blob and the manifest under a name without underscores",
              reference == "selfology/night-watch@" + first.digest
              and Registry.manifests.get("/v2/selfology/night-watch/manifests/v1") == first.manifest)
        before = Registry.uploads
        registry.push(second, "v1")
        check(results, "images: push sends only what the registry does not have", Registry.uploads == before + 1)
        os.environ["REGISTRY_PASSWORD"] = "wrong"
        refused = False
        try:
            images.Registry("127.0.0.1:%d/selfology" % server.server_port).push(first, "v1")
        except (SystemExit, images.urllib.error.HTTPError):
            refused = True
        check(results, "images: push with a wrong password fails", refused)
        large = archive(folder, "large", images.LIMIT + 1)
        with contextlib.redirect_stdout(io.StringIO()) as said:
            kept = images.show([first, large])
        check(results, "images: list fails when an image is over the limit, and says which",
              not kept and "over 40 MB" in said.getvalue() and first.digest in said.getvalue())
        with contextlib.redirect_stdout(io.StringIO()):
            check(results, "images: list passes small ones", images.show([first, second]))
    server.shutdown()
    text = "\n".join(results) + "\n"
    if len(sys.argv) > 1:
        with open(sys.argv[1], "w", encoding="utf-8") as file:
            file.write(text)
    else:
        print(text, end="")
    sys.exit(any(line.startswith("not ok") for line in results))


if __name__ == "__main__":
    main()
