#!/usr/bin/env python3
"""Says how much of the production code the tests ran: lines and branches of each folder.

    tools/coverage.py PROFILES BINARY... RESULTS

PROFILES is the folder with what the tests wrote (LLVM_PROFILE_FILE), the binaries are those that ran. Prints a table, and
writes to RESULTS a line "ok ..." or "not ok ..." for each folder: 90 % of its lines must have run. Files that are excepted
stand below, each with its reason. tools/test --coverage runs it.
"""

import collections
import glob
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LEAST = 0.9

# Files whose lines do not count, and why. At most ten; none that parses bytes from outside, sends SQL or erases.
EXCEPTED = {}


def is_production(path):
    """Whether a file, named from the root, is code that we ship: no test, no test support, nothing generated."""
    if not path.startswith(("common/", "services/", "tools/")) or "/conformance/" in path or "/probe/" in path:
        return False
    return not path.endswith(("_test.cc", "_test.h", "_fuzz.cc", "_figures.cc", "_fixture.cc"))


class Count:
    """How many there are, and how many of them ran."""

    def __init__(self):
        self.all = 0
        self.run = 0

    def add(self, summary):
        self.all += summary["count"]
        self.run += summary["covered"]

    def share(self):
        return self.run / self.all if self.all else 1.0

    def __str__(self):
        return "%6d of %6d  %5.1f %%" % (self.run, self.all, 100 * self.share())


def relative(name):
    """A file's name from the root: the compiler saw it from the execution root."""
    for mark in ("/execroot/selfology/", ROOT + "/"):
        if mark in name:
            name = name.split(mark, 1)[1]
    return name[2:] if name.startswith("./") else name


def folders_of(report):
    """(lines, branches) of each folder, and of files that are excepted none."""
    folders = collections.defaultdict(lambda: (Count(), Count()))
    for file in report["data"][0]["files"]:
        path = relative(file["filename"])
        if not is_production(path) or path in EXCEPTED:
            continue
        lines, branches = folders[os.path.dirname(path)]
        lines.add(file["summary"]["lines"])
        branches.add(file["summary"]["branches"])
    return folders


def export(profiles, binaries, tools):
    """What llvm-cov says of the profiles, as it gives it."""
    merged = os.path.join(profiles, "all.profdata")
    raw = sorted(glob.glob(os.path.join(profiles, "*.profraw")))
    if not raw:
        sys.exit("tools/coverage.py: the tests wrote nothing to " + profiles)
    subprocess.run([tools + "/llvm-profdata", "merge", "-sparse", "-o", merged] + raw, check=True)
    command = [tools + "/llvm-cov", "export", "-summary-only", "-instr-profile=" + merged, binaries[0]]
    for binary in binaries[1:]:
        command += ["-object", binary]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__.strip())
    profiles, binaries, results = sys.argv[1], sys.argv[2:-1], sys.argv[-1]
    base = subprocess.run(["bazel", "info", "--noshow_progress", "output_base"], cwd=ROOT, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
    folders = folders_of(export(profiles, binaries, base + "/external/debian_sysroot/bin"))
    total_lines, total_branches = Count(), Count()
    with open(results, "w", encoding="utf-8") as file:
        print("%-50s %-26s %s" % ("folder", "lines", "branches"))
        for folder in sorted(folders):
            lines, branches = folders[folder]
            print("%-50s %s   %s" % (folder, lines, branches))
            for total, one in ((total_lines, lines), (total_branches, branches)):
                total.all += one.all
                total.run += one.run
            word = "ok" if lines.share() >= LEAST else "not ok"
            file.write("%s coverage of %s: %.1f %% of its lines\n" % (word, folder, 100 * lines.share()))
    print("%-50s %s   %s" % ("all", total_lines, total_branches))


if __name__ == "__main__":
    main()
