"""PyPI's tuspy, a client of the tus protocol that knows nothing of ours: uploads a file in pieces, goes on after a cut, and
is told why a hostile one is refused.

    python tests/peers/files.py http://HOST:PORT

The address is what --file_listen says. Where the service keeps its objects, a folder or S3 (PyPI's moto plays one:
`moto_server -p 5999`, and --file_s3_url=http://127.0.0.1:5999/bucket), changes nothing for a client.
"""

import io
import os
import struct
import sys
import zlib

from tusclient import client
from tusclient.exceptions import TusCommunicationError

URL = sys.argv[1] + "/files/"
USER = "777000123"
failed = False


def check(name, condition, said=None):
    global failed
    failed = failed or not condition
    print(("ok" if condition else "not ok") + " tuspy: " + name, flush=True)
    if not condition:
        print(name + ": " + repr(said), file=sys.stderr)


def tus():
    return client.TusClient(URL, headers={"X-User-Id": USER})


def huge_png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 64000, 64000, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(40))) +
            chunk(b"IEND", b""))


content = os.urandom(5 << 20)
uploader = tus().uploader(file_stream=io.BytesIO(content), chunk_size=2 << 20, metadata={"filename": "a.bin"},
                          upload_checksum=True)
uploader.upload()
check("a file is uploaded in pieces with checksums", uploader.offset == len(content), uploader.offset)

cut = tus().uploader(file_stream=io.BytesIO(content), chunk_size=1 << 20)
cut.upload_chunk()
cut.upload_chunk()
resumed = tus().uploader(file_stream=io.BytesIO(content), chunk_size=3 << 20, url=cut.url)
check("an upload that was cut is where it was", resumed.offset == 2 << 20, resumed.offset)
resumed.upload()
check("and goes on to its end", resumed.offset == len(content), resumed.offset)

bytes_ = huge_png()
try:
    tus().uploader(file_stream=io.BytesIO(bytes_), chunk_size=1 << 20).upload()
    check("a picture of 64000 x 64000 pixels is refused", False, "taken")
except TusCommunicationError as error:
    said = (error.response_content or b"").decode()
    check("a picture of 64000 x 64000 pixels is refused with the reason",
          error.status_code == 422 and "64000 x 64000" in said, (error.status_code, said))

sys.exit(failed)
