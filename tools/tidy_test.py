"""Shows each check of tools/tidy a tree in which it must fail, and one in which it must not.

    python3 tools/tidy_test.py [RESULTS.tap]
"""

import importlib.machinery
import importlib.util
import os
import sys

LOADER = importlib.machinery.SourceFileLoader("tidy", os.path.join(os.path.dirname(os.path.abspath(__file__)), "tidy"))
tidy = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", LOADER))
sys.dont_write_bytecode = True
LOADER.exec_module(tidy)

SOUND = {
    "services/services.bzl": 'DOMAINS = {"growth": ["mood", "task"]}\n'
                             'def contract_of(name): return "proto/selfology/%s/v1" % name\n',
    "services/growth/mood/BUILD.bazel": "",
    "services/growth/mood/module.cc": '#include "services/growth/mood/module.h"\n#include "services/growth/lib/day.h"\n',
    "services/growth/mood/mood_service.cc": '#include "common/call/call.h"\n',
    "services/growth/mood/mood_service.h": "",
    "services/growth/mood/mood_service_test.cc": '#include "testing/mesh_test.h"\n',
    "services/growth/mood/mood_store.cc": '  "SELECT 1 FROM moods"\n',
    "services/growth/task/BUILD.bazel": "",
    "services/growth/task/module.cc": "",
    "services/growth/task/task_service.cc": "",
    "services/growth/task/task_service.h": "",
    "services/growth/lib/day.h": '#include "absl/time/time.h"\n',
    "common/call/call.h": '#include "selfology/mesh/v1/error.pb.h"\n',
    "proto/selfology/mood/v1/mood.proto": "",
    "proto/selfology/mood/v1/BUILD.bazel": "",
}

# What makes a sound tree fail: the check, and the files that are added or (None) taken away.
UNSOUND = [
    ("kernel_knows_no_domain", {"common/call/call.cc": '#include "services/growth/mood/mood.h"\n'}),
    ("kernel_knows_no_domain", {"common/call/call.cc": '#include "selfology/mood/v1/mood.pb.h"\n'}),
    ("kernel_knows_no_domain", {"common/call/call.cc": '#include "testing/mesh_test.h"\n'}),
    ("rooms_see_no_other_room", {"services/growth/task/task.cc": '#include "services/growth/mood/mood.h"\n'}),
    ("rooms_see_no_other_room", {"services/growth/task/task.cc": '#include "services/feed/lib/post.h"\n'}),
    ("rooms_see_no_other_room", {"services/growth/task/task.cc": '#include "testing/mesh_test.h"\n'}),
    ("rooms_see_no_other_room", {"services/growth/lib/day.cc": '#include "services/growth/mood/mood.h"\n'}),
    ("rooms_are_listed", {"services/growth/badge/module.cc": ""}),
    ("rooms_are_listed", {"services/growth/task/module.cc": None}),
    ("rooms_have_one_shape", {"services/growth/task/task_service.h": None}),
    ("rooms_have_one_shape", {"services/growth/mood/mood.cc": '  "SELECT 1 FROM moods"\n'}),
    ("contracts_belong_to_services", {"proto/selfology/mood/v1/BUILD.bazel": None}),
    ("contracts_belong_to_services", {"proto/selfology/badge/v1/badge.proto": "", "proto/selfology/badge/v1/BUILD.bazel": ""}),
    ("docs_list_the_services", {
        "docs/all.md": "<!-- services: tools/tidy --fix writes this table -->\nnone\n<!-- end of services -->"}),
    ("docs_cite_tests_that_exist", {"docs/decisions/0001-x.md": "Held by `MoodServiceTest.IsGone`.\n"}),
    ("lists_are_said_once", {"tests/peers/all.sh": '"mood", "task", "mood", "task", "mood"'}),
]


class MemoryTree(tidy.Tree):
    def __init__(self, files):
        super().__init__("", files)
        self.files = files

    def read(self, path):
        return self.files[path]


def main():
    out = open(sys.argv[1], "w", encoding="utf-8") if len(sys.argv) > 1 else sys.stdout
    failed = False

    def report(good, name):
        nonlocal failed
        failed = failed or not good
        print("%s tidy_test: %s" % ("ok" if good else "not ok", name), file=out)

    for check in tidy.CHECKS:
        report(not list(check(MemoryTree(dict(SOUND)))), check.__name__ + " is content with a sound tree")
    for name, changes in UNSOUND:
        files = {path: text for path, text in {**SOUND, **changes}.items() if text is not None}
        faults = list(getattr(tidy, "check_" + name)(MemoryTree(files)))
        report(bool(faults), "%s finds %s" % (name, ", ".join(changes)))
    tried = {name for name, _ in UNSOUND}
    report(tried == {check.__name__[len("check_"):] for check in tidy.CHECKS}, "every check was shown a fault")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
