"""tools/vulnerabilities finds what newer packages fix, by a small recorded index (vulnerabilities_index/).

    python3 tools/vulnerabilities_test.py [RESULTS.tap]
"""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
INDEX = os.path.join(HERE, "vulnerabilities_index")
LOADER = importlib.machinery.SourceFileLoader("vulnerabilities", os.path.join(HERE, "vulnerabilities"))
vulnerabilities = importlib.util.module_from_spec(importlib.util.spec_from_loader("vulnerabilities", LOADER))
sys.dont_write_bytecode = True
LOADER.exec_module(vulnerabilities)


def run(packages):
    """(exit code, output) for an SPDX document of (name, version)."""
    document = {"packages": [{"name": name, "versionInfo": version,
                              "externalRefs": [{"referenceLocator": "pkg:deb/debian/%s@%s" % (name, version)}]}
                             for name, version in packages]}
    document["packages"].append({"name": "session", "versionInfo": "1"})  # Ours: no package of Debian's.
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(document, file)
        file.flush()
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            code = vulnerabilities.main(["--index", INDEX, "--sbom", file.name])
    return code, output.getvalue()


def deb_with(folder, path, content):
    """A package with one file, built by dpkg-deb."""
    tree = os.path.join(folder, "tree")
    os.makedirs(os.path.join(tree, "DEBIAN"))
    with open(os.path.join(tree, "DEBIAN", "control"), "w", encoding="utf-8") as file:
        file.write("Package: made\nVersion: 2\nArchitecture: all\nMaintainer: A <a@example.com>\nDescription: made\n")
    place = os.path.join(tree, path)
    os.makedirs(os.path.dirname(place))
    with vulnerabilities.gzip.open(place, "wt", encoding="utf-8") as file:
        file.write(content)
    deb = os.path.join(folder, "made.deb")
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, deb], check=True, stdout=subprocess.DEVNULL)
    return deb


def main():
    results = []

    def check(name, held):
        results.append(("ok " if held else "not ok ") + "vulnerabilities: " + name)

    code, said = run([("libtls3", "3.0.15-1~deb12u1"), ("libtls-dev", "3.0.15-1~deb12u1")])
    check("what a newer package fixes fails, each once, by its source",
          code == 1 and "CVE-2026-10001 CVE-2026-10002\n" in said and said.count("FIXED") == 1)
    check("what was fixed in the locked version does not count", "CVE-2024-10003" not in said)
    check("it says that the fix is the security pocket's, and in which packages",
          "(security pocket)" in said and "libtls3, libtls-dev" in said.replace("libtls-dev, libtls3", "libtls3, libtls-dev"))
    code, said = run([("zip", "1:1.2-2+b1")])
    check("fixes of a point release count, and rebuilds have their source's version", code == 1 and "CVE-2025-20001" in said)
    code, said = run([("zip", "1:1.2-3+b1")])
    check("a rebuild fixes nothing", code == 0)
    code, said = run([("quiet", "1-1")])
    check("a newer version that fixes nothing is named and is no failure", code == 0 and "newer quiet 1-1 -> 2-1" in said)
    code, said = run([("hushed", "5-1")])
    check("an update of the security pocket without an id fails, too", code == 1 and "no CVE id" in said)
    code, said = run([("libtls3", "3.0.22-1~deb12u2"), ("hushed", "5-1+deb12u1")])
    check("the newest versions are fine", code == 0 and "2 packages, 0 sources" in said)
    code, said = run([("elsewhere", "1")])
    check("an index that knows nothing of ours is no answer", code == 2)
    with contextlib.redirect_stderr(io.StringIO()):
        check("without an index there is no answer", vulnerabilities.main(["--index", "/nowhere"]) == 2)
    check("the locks are read", len(vulnerabilities.locked()) > 100 and all(len(entry) == 2 for entry in vulnerabilities.locked()))
    with tempfile.TemporaryDirectory() as folder:
        deb = deb_with(folder, "usr/share/doc/made/changelog.gz", "made (2) unstable; urgency=low\n\n  * CVE-2026-1234\n")
        check("a package's own changelog is read", "CVE-2026-1234" in vulnerabilities.changelog_in(deb))
    text = "\n".join(results) + "\n"
    if len(sys.argv) > 1:
        with open(sys.argv[1], "w", encoding="utf-8") as file:
            file.write(text)
    else:
        print(text, end="")
    sys.exit(any(line.startswith("not ok") for line in results))


if __name__ == "__main__":
    main()
