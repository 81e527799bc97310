"""An OCI archive of one program, for what a cluster needs beside us: make_image.py OUT.tar NAME:TAG PROGRAM"""

import gzip
import hashlib
import io
import json
import os
import sys
import tarfile


def main():
    out, name, program = sys.argv[1:]
    path = os.path.basename(program)
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        info = tar.gettarinfo(program, path)
        info.uid = info.gid = info.mtime = 0
        info.mode = 0o755
        with open(program, "rb") as file:
            tar.addfile(info, file)
    blobs = {}

    def blob(data, kind):
        digest = hashlib.sha256(data).hexdigest()
        blobs[digest] = data
        return {"mediaType": "application/vnd.oci.image." + kind, "digest": "sha256:" + digest, "size": len(data)}

    layer = blob(gzip.compress(raw.getvalue(), mtime=0), "layer.v1.tar+gzip")
    config = blob(json.dumps({"architecture": "amd64", "os": "linux", "config": {"Entrypoint": ["/" + path]}, "rootfs": {
        "type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(raw.getvalue()).hexdigest()]}}).encode(), "config.v1+json")
    manifest = blob(json.dumps({"schemaVersion": 2, "config": config, "layers": [layer],
                                "mediaType": "application/vnd.oci.image.manifest.v1+json"}).encode(), "manifest.v1+json")
    manifest["annotations"] = {"io.containerd.image.name": name}
    files = {"blobs/sha256/" + digest: data for digest, data in blobs.items()}
    files["oci-layout"] = b'{"imageLayoutVersion":"1.0.0"}'
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [manifest]}).encode()
    with tarfile.open(out, "w") as tar:
        for path, data in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


if __name__ == "__main__":
    main()
