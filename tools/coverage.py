#!/usr/bin/env python3
"""Says how much of the production code the tests ran: lines and branches of each folder.

    tools/coverage.py [--all] PROFILES BINARY... RESULTS

PROFILES is the folder with what the tests wrote (LLVM_PROFILE_FILE), the binaries are those that ran or could have run. Prints
a table, and writes to RESULTS a line "ok ..." or "not ok ..." for each folder: 90 % of its lines must have run. With --all (the
tests of everything ran) a file that none of the binaries has counts as code of which nothing ran, by its lines of code and the
branches in its text. Files that are excepted (below, each with its reason) are in the last line of the table only. tools/test
--coverage runs it.
"""

import collections
import glob
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LEAST = 0.9

# Files whose lines do not count, and why. At most ten; none that parses bytes from outside, sends SQL or erases.
MOST_EXCEPTED = 10
EXCEPTED = {
    "common/rpc/plugin/generator.cc": "runs in the build, where nothing counts: all tests are compiled from what it writes",
    "common/rpc/plugin/main.cc": "runs in the build, as the generator does",
}
SQL = re.compile(r'"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM) ')
ERASES = re.compile(r"\b(OnErase|OnErased|DeleteUser|EraseUser)\b")

# Beside the tests: tests, their support, and programs of a room that measure it or stand in for others.
NOT_PRODUCTION = re.compile(
    r"/(conformance|probe|figures)/|^services/\w+/\w+/tools/|(_test\.cc|_test\.h|_fuzz\.cc|figures\.cc|_fixture\.cc|benchmark\.cc)$")


def is_production(path):
    """Whether a file, named from the root, is code that we ship: no test, no test support, nothing generated."""
    return path.startswith(("common/", "services/", "tools/")) and not NOT_PRODUCTION.search(path)


class Count:
    """How many there are, and how many of them ran."""

    def __init__(self):
        self.all = 0
        self.run = 0

    def add(self, count, covered):
        self.all += count
        self.run += covered

    def share(self):
        return self.run / self.all if self.all else 1.0

    def __str__(self):
        return "%6d of %6d  %5.1f %%" % (self.run, self.all, 100 * self.share())


class Counts:
    """Lines and branches of a folder, or of all."""

    def __init__(self):
        self.lines = Count()
        self.branches = Count()

    def add(self, lines, branches):
        self.lines.add(*lines)
        self.branches.add(*branches)

    def __str__(self):
        return "%s   %s" % (self.lines, self.branches)


def relative(name):
    """A file's name from the root: the compiler saw it from the execution root."""
    for mark in ("/execroot/selfology/", "/proc/self/cwd/", ROOT + "/"):
        if mark in name:
            name = name.split(mark, 1)[1]
    return name[2:] if name.startswith("./") else name


FUNCTION = re.compile(r"\)[\w\s:<>,&*\[\].->]*(:[^;{}]*)?\{")
CONDITION = re.compile(r"\b(?:if|while|for)\s*(?:constexpr\s*)?\(|\bcase\b|\s(?:&&|\|\|)\s|\s\?\s")


def unlinked(text):
    """Lines and branches of a source of which no program has anything: what the compiler would count, but for a few lines.

    Tables of constants have no function, and so nothing to run.
    """
    code = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)
    if not FUNCTION.search(code):
        return 0, 0
    lines = [line for line in code.splitlines() if line.strip() and not re.match(r"\s*(#|namespace\b|using\b|\}\s*$)", line)]
    return len(lines), 2 * len(CONDITION.findall(code))


def counts_of(report, sources):
    """(Counts of each folder, Counts of all but the excepted, Counts of all) of llvm-cov's export and of our sources.

    The sources are those of production, with their texts, or none: what the report does not have counts as not run.
    """
    folders, counted, everything = collections.defaultdict(Counts), Counts(), Counts()
    found = {}
    for file in report["data"][0]["files"]:
        path = relative(file["filename"])
        if is_production(path):
            of = file["summary"]
            found[path] = [(of[kind]["count"], of[kind]["covered"]) for kind in ("lines", "branches")]
    for path in sorted(set(sources) - set(found)):
        lines, branches = unlinked(sources[path])
        if lines:
            found[path] = [(lines, 0), (branches, 0)]
    for path, numbers in found.items():
        everything.add(*numbers)
        if path not in EXCEPTED:
            counted.add(*numbers)
            folders[os.path.dirname(path)].add(*numbers)
    return folders, counted, everything


def faults_of_exceptions(excepted, sources, fuzzed):
    """What is wrong with the list of exceptions: too many, no reason, no such file, or one that may not be excepted."""
    if len(excepted) > MOST_EXCEPTED:
        yield "%d files are excepted, and %d may be" % (len(excepted), MOST_EXCEPTED)
    for path, reason in excepted.items():
        if len(reason.split()) < 4:
            yield "%s is excepted without a reason" % path
        if path not in sources:
            yield "%s is excepted, which is no source of production" % path
        elif SQL.search(sources[path]) or ERASES.search(sources[path]):
            yield "%s is excepted, which sends SQL or erases" % path
        elif path[:-len(".cc")] + "_fuzz.cc" in fuzzed:
            yield "%s is excepted, which parses bytes from outside" % path


def sources_of_production():
    """Path and text of each source of production, and the paths of the fuzz targets."""
    listing = subprocess.run(["git", "ls-files", "common/*.cc", "services/*.cc", "tools/*.cc"], cwd=ROOT, check=True,
                             stdout=subprocess.PIPE, text=True).stdout.split()
    sources = {}
    for path in filter(is_production, listing):
        with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
            sources[path] = file.read()
    return sources, {path for path in listing if path.endswith("_fuzz.cc")}


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


def table(folders, counted, everything, out):
    """Writes a row for each folder, and both totals."""
    print("%-50s %-26s %s" % ("folder", "lines", "branches"), file=out)
    for folder in sorted(folders):
        print("%-50s %s" % (folder, folders[folder]), file=out)
    print("%-50s %s" % ("all", counted), file=out)
    print("%-50s %s" % ("all, with the %d excepted files" % len(EXCEPTED), everything), file=out)


def results(folders, faults):
    """The lines for tools/test: of the list of exceptions, and of each folder."""
    yield "ok coverage: what is excepted may be" if not faults else "not ok coverage: " + "; ".join(faults)
    for folder in sorted(folders):
        share = folders[folder].lines.share()
        yield "%s coverage of %s: %.1f %% of its lines" % ("ok" if share >= LEAST else "not ok", folder, 100 * share)


def main():
    everywhere = sys.argv[1:2] == ["--all"]
    arguments = sys.argv[2:] if everywhere else sys.argv[1:]
    if len(arguments) < 3:
        sys.exit(__doc__.strip())
    profiles, out = arguments[0], arguments[-1]
    # What is built by hand only is not there, and its files count as not run.
    binaries = [path for path in arguments[1:-1] if os.path.exists(path)]
    if not binaries:
        sys.exit("tools/coverage.py: none of the programs is built")
    base = subprocess.run(["bazel", "info", "--noshow_progress", "output_base"], cwd=ROOT, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
    sources, fuzzed = sources_of_production()
    report = export(profiles, binaries, base + "/external/debian_sysroot/bin")
    folders, counted, everything = counts_of(report, sources if everywhere else {})
    table(folders, counted, everything, sys.stdout)
    with open(out, "w", encoding="utf-8") as file:
        for line in results(folders, list(faults_of_exceptions(EXCEPTED, sources, fuzzed))):
            print(line, file=file)


if __name__ == "__main__":
    main()
