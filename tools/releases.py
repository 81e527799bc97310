"""Which commit a release is: by its tag, or in a clone without tags by proto/released/README.md.

    commit = releases.commit_of("v0.1.0")      # or any other name of a commit; exits with what to do about it
"""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TABLE = "proto/released/README.md"


def resolved(name, root):
    """The commit's full id, or nothing when this clone has none of that name."""
    return subprocess.run(["git", "rev-parse", "--verify", "--quiet", name + "^{commit}"], cwd=root,
                          stdout=subprocess.PIPE, text=True).stdout.strip()


def commit_of(name, root=ROOT):
    found = resolved(name, root)
    if found:
        return found
    with open(os.path.join(root, TABLE), encoding="utf-8") as file:
        released = dict(re.findall(r"^\| (\S+) \| ([0-9a-f]{40}) \|$", file.read(), re.MULTILINE))
    if name not in released:
        sys.exit("no such commit here: %s; releases are %s (%s)" % (name, ", ".join(released), TABLE))
    found = resolved(released[name], root)
    if not found:
        sys.exit("%s is commit %s, which this clone does not have: git fetch --unshallow, or git fetch origin %s"
                 % (name, released[name], released[name]))
    return found
