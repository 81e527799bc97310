"""tools/coverage.py counts what ran, and what no test links.

    python3 tools/coverage_test.py [RESULTS.tap]
"""

import io
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import coverage

MOOD = """#include "services/growth/mood/mood.h"

namespace selfology::mood {

// Whether (if) it counts.
int Mood(int a, int b) {
  if (a > 0 && b > 0) {
    return a;
  }
  return a > b ? a : b;
}

}  // namespace selfology::mood
"""
WORDS = "namespace selfology::mood {\nconst char kWords[] = {1, 2, 3};\n}\n"


def file_of(name, lines, branches):
    """A file as llvm-cov's export has it: what there is, and what ran."""
    return {"filename": name, "summary": {"lines": {"count": lines[0], "covered": lines[1]},
                                          "branches": {"count": branches[0], "covered": branches[1]}}}


def export_of(*files):
    return {"data": [{"files": list(files)}]}


EXPORT = export_of(
    file_of("/tmp/sandbox/7/execroot/selfology/services/growth/mood/day.cc", (40, 36), (10, 5)),
    file_of("services/growth/mood/day.h", (10, 10), (0, 0)),
    file_of("/proc/self/cwd/common/text/text.cc", (20, 17), (4, 4)),
    file_of("common/text/text_test.cc", (500, 500), (0, 0)),
    file_of("bazel-out/k8/bin/services/growth/mood/module.h", (5, 0), (0, 0)),
    file_of("external/debian_sysroot/tree/usr/include/absl/time.h", (90, 1), (0, 0)),
    file_of("common/rpc/plugin/main.cc", (30, 3), (2, 1)))
SOURCES = {
    "services/growth/mood/day.cc": "int Day() { return 1; }\n",
    "common/text/text.cc": "int Text() { return 1; }\n",
    "tools/ctl/mood.cc": MOOD,
    "tools/ctl/words.cc": WORDS,
    "common/rpc/plugin/generator.cc": "int Generate() { return 1; }\n",
    "common/rpc/plugin/main.cc": "int main() { return 0; }\n",
}


def of(counts):
    return counts.lines.run, counts.lines.all, counts.branches.run, counts.branches.all


def cases():
    folders, counted, everything = coverage.counts_of(EXPORT, SOURCES)
    yield "folders are those of production", sorted(folders) == ["common/text", "services/growth/mood", "tools/ctl"]
    yield "a folder has all its files, wherever they were compiled", of(folders["services/growth/mood"]) == (46, 50, 5, 10)
    yield "what no program has counts as not run", of(folders["tools/ctl"]) == (0, 4, 0, 6)
    yield "totals of lines and branches leave out what is excepted", of(counted) == (63, 74, 9, 20)
    yield "and have it", of(everything) == (66, 105, 10, 22)
    lines = list(coverage.results(folders, []))
    yield "a folder below 90 % fails", "not ok coverage of common/text: 85.0 % of its lines" in lines
    yield "and one of 90 % does not", "ok coverage of services/growth/mood: 92.0 % of its lines" in lines
    yield "a folder that no test links fails", "not ok coverage of tools/ctl: 0.0 % of its lines" in lines
    out = io.StringIO()
    coverage.table(folders, counted, everything, out)
    last = out.getvalue().splitlines()[-2:]
    yield "both totals are printed", (last[0].split()[:4] == ["all", "63", "of", "74"] and last[1].startswith("all, with the") and
                                      "66 of    105" in last[1] and "10 of     22" in last[1])

    production = ["common/text/text.cc", "services/growth/mood/module.cc", "tools/telegram_emulator/main.cc"]
    beside = ["common/text/text_test.cc", "common/text/text_fuzz.cc", "services/growth/mood/figures/people.cc",
              "services/feed/feed/tools/main.cc", "common/postgres/benchmark.cc", "testing/mesh_test.h", "tests/chaos/crowd.cc"]
    yield "what is shipped is production", all(map(coverage.is_production, production))
    yield "what is for tests is not", not any(map(coverage.is_production, beside))

    def faults(excepted, sources=None, fuzzed=()):
        return list(coverage.faults_of_exceptions(excepted, {"common/a.cc": "", **(sources or {})}, set(fuzzed)))
    reason = "runs in the build only"
    yield "an exception with a reason may be", faults({"common/a.cc": reason}) == []
    yield "one without may not", faults({"common/a.cc": "because"}) != []
    yield "nor what is not there", faults({"common/b.cc": reason}) != []
    yield "nor SQL", faults({"common/a.cc": reason}, {"common/a.cc": '  "DELETE FROM moods"'}) != []
    yield "nor what erases", faults({"common/a.cc": reason}, {"common/a.cc": "  mesh.OnErase(&DeleteUser);"}) != []
    yield "nor what parses bytes from outside", faults({"common/a.cc": reason}, None, ["common/a_fuzz.cc"]) != []
    ten = {"common/%d.cc" % i: reason for i in range(10)}
    yield "ten may be excepted", faults(ten, dict.fromkeys(ten, "")) == []
    eleven = {**ten, "common/a.cc": reason}
    yield "and no more", faults(eleven, dict.fromkeys(ten, "")) != []
    yield "a fault of the list is a failure", list(coverage.results({}, ["too many"]))[0].startswith("not ok ")

    sources, fuzzed = coverage.sources_of_production()
    yield "our own list is in order", list(coverage.faults_of_exceptions(coverage.EXCEPTED, sources, fuzzed)) == []
    yield "programs of ours are among the sources", "tools/ctl/main.cc" in sources and len(fuzzed) > 10


def main():
    out = open(sys.argv[1], "w", encoding="utf-8") if len(sys.argv) > 1 else sys.stdout
    failed = False
    for name, good in cases():
        failed = failed or not good
        print("%s coverage_test: %s" % ("ok" if good else "not ok", name), file=out)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
