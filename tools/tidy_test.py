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

GATEWAY = "services/edge/telegram_gateway/"
REQUIREMENTS = """| id | what is asked | state | here |
| --- | --- | --- | --- |
| R000-1 | `anything` | built | `MoodService.GetMood`, `/api/v1/moods`, `services/growth/mood`, `moods` |
"""

SOUND = {
    "services/services.bzl": 'DOMAINS = {"growth": ["mood", "task", "growth_dialog"], "edge": ["telegram_gateway"]}\n'
                             'DIALOGS = ["growth_dialog"]\n'
                             'def contract_of(name): return "proto/selfology/%s/v1" % name\n',
    "services/growth/mood/BUILD.bazel": 'room(name = "x")',
    "services/growth/mood/module.cc": '#include "services/growth/mood/module.h"\n#include "services/growth/lib/day.h"\n',
    "services/growth/mood/mood_service.cc": '#include "common/call/call.h"\n',
    "services/growth/mood/mood_service.h": "",
    "services/growth/mood/mood_service_test.cc": '#include "testing/mesh_test.h"\n',
    "services/growth/mood/mood_store.cc": '  "SELECT 1 FROM moods"\n',
    "services/growth/task/BUILD.bazel": 'room(name = "x")',
    "services/growth/task/module.cc": "",
    "services/growth/task/task_service.cc": "",
    "services/growth/task/task_service.h": "",
    GATEWAY + "BUILD.bazel": 'room(name = "x")',
    GATEWAY + "module.cc": '#include "selfology/telegram/v1/dialog.pb.h"\n// The mood of a task: "task of theirs".\n',
    GATEWAY + "gateway_service.cc": "",
    GATEWAY + "gateway_service.h": "",
    GATEWAY + "route_test.cc": '// As growth_dialog does.\n',
    "services/growth/growth_dialog/BUILD.bazel": 'room(name = "x")',
    "services/growth/growth_dialog/module.cc": "",
    "services/growth/growth_dialog/dialog_service.cc": "",
    "services/growth/growth_dialog/dialog_service.h": "",
    "services/growth/lib/BUILD.bazel": 'hdrs = glob(["*.h"])',
    "services/growth/lib/day.h": '#include "absl/time/time.h"\nint DayOf(absl::Time at);\n',
    "services/growth/lib/month.h": "// See day.h.\nint MonthOf(int day) { return DayOf(day) / 30 + MonthOf(0); }\n",
    "common/call/BUILD.bazel": 'hdrs = ["call.h"]',
    "docs/all.md": "See [requirements](requirements.md), services.bzl, and run and start. Pictures are not built; songs\n"
                   "do not exist. There are moods. `task` is not built of them.\n",
    "common/call/call.h": '#include "selfology/mesh/v1/error.pb.h"\n',
    "proto/selfology/mood/v1/mood.proto":
        "service MoodService {\n  rpc GetMood(GetMoodRequest) returns (GetMoodResponse) {\n"
        '    option (google.api.http) = {get: "/api/v1/moods"};\n  }\n}\n',
    "proto/selfology/mood/v1/BUILD.bazel": '"mood.proto"',
    "docs/requirements.md": REQUIREMENTS,
    # A script that takes folders, and files, by a name that it is given.
    "tests/peers/run": '#!/bin/bash\n# old\nphp() { php journey.php; }\nown() { cp "$here/programs/$1.go" main.go; }\n'
                       'own etcd\nfor language; do cp -r "$here/$language" x; done\n',
    "tests/peers/php/journey.php": "",
    "tests/peers/php/lib/answers.php": "",
    "tests/peers/programs/etcd.go": "",
    "tests/peers/start": '#!/bin/bash\nnode --config "$here/node.toml"\n',
    "tests/peers/node.toml": "",
}

# What makes a sound tree fail: the check, and the files that are added or (None) taken away.
UNSOUND = [
    ("kernel_knows_no_domain", {"common/call/call.cc": '#include "services/growth/mood/mood.h"\n'}),
    ("kernel_knows_no_domain", {"common/call/call.cc": '#include "selfology/mood/v1/mood.pb.h"\n'}),
    ("kernel_knows_no_domain", {"common/call/call.cc": '#include "testing/mesh_test.h"\n'}),
    ("kernel_knows_no_domain", {"common/call/call.cc": '#include "selfology/security/v1/audit_service_client.h"\n'}),
    ("kernel_knows_no_domain", {
        "common/call/call.cc": '#include "selfology/security/v1/verification_service_endpoints.h"\n'}),
    ("rooms_see_no_other_room", {"services/growth/task/task.cc": '#include "services/growth/mood/mood.h"\n'}),
    ("rooms_see_no_other_room", {"services/growth/task/task.cc": '#include "services/feed/lib/post.h"\n'}),
    ("rooms_see_no_other_room", {"services/growth/task/task.cc": '#include "testing/mesh_test.h"\n'}),
    ("rooms_see_no_other_room", {"services/growth/lib/day.cc": '#include "services/growth/mood/mood.h"\n'}),
    ("the_telegram_gateway_names_no_domain", {GATEWAY + "route.h": "// dialogs.Find(\"growth_dialog\")\n"}),
    ("the_telegram_gateway_names_no_domain", {GATEWAY + "route.h": "// Of growth, for example.\n"}),
    ("the_telegram_gateway_names_no_domain", {GATEWAY + "route.cc": 'if (dialog == "task") return;\n'}),
    ("the_telegram_gateway_names_no_domain", {GATEWAY + "route.cc": '#include "selfology/mood/v1/mood.pb.h"\n'}),
    ("the_telegram_gateway_names_no_domain", {GATEWAY + "route.cc": "  mood::v1::Mood mood;\n"}),
    ("the_telegram_gateway_names_no_domain", {GATEWAY + "BUILD.bazel": '"//proto/selfology/task/v1",\n'}),
    ("the_telegram_gateway_names_no_domain", {GATEWAY + "migrations/1.sql": "-- What MoodService said.\n"}),
    ("rooms_are_listed", {"services/growth/badge/module.cc": ""}),
    ("rooms_are_listed", {"services/growth/task/module.cc": None}),
    ("rooms_have_one_shape", {"services/growth/task/task_service.h": None}),
    ("rooms_have_one_shape", {"services/growth/mood/mood.cc": '  "SELECT 1 FROM moods"\n'}),
    ("contracts_belong_to_services", {"proto/selfology/mood/v1/BUILD.bazel": None}),
    ("contracts_belong_to_services", {"proto/selfology/badge/v1/badge.proto": "", "proto/selfology/badge/v1/BUILD.bazel": ""}),
    ("docs_show_the_services", {
        "docs/all.md": "<!-- services: tools/tidy --fix writes this table -->\nnone\n<!-- end of services -->"}),
    ("docs_show_the_services", {
        "docs/all.md": "<!-- mesh: tools/tidy --fix writes this picture -->\nnone\n<!-- end of mesh -->"}),
    ("docs_cite_tests_that_exist", {"docs/decisions/0001-x.md": "Held by `MoodServiceTest.IsGone`.\n"}),
    ("requirements_are_sound", {"docs/requirements.md": REQUIREMENTS * 2}),
    ("requirements_are_sound", {"docs/requirements.md": REQUIREMENTS.replace("built", "done")}),
    ("requirements_are_sound", {"docs/requirements.md": REQUIREMENTS.replace("GetMood", "ReadMood")}),
    ("requirements_are_sound", {"docs/requirements.md": REQUIREMENTS.replace("v1/moods", "v1/mood")}),
    ("requirements_are_sound", {"docs/requirements.md": REQUIREMENTS.replace("growth/mood", "growth/moods")}),
    ("requirements_are_sound", {"docs/requirements.md": REQUIREMENTS.replace("`moods`", "`--mood`")}),
    ("requirements_are_sound", {"docs/requirements.md": REQUIREMENTS.replace("`moods`", "`mood.noted`")}),
    ("requirements_are_sound", {"common/call/call.cc": "// As R000-2 asks.\n"}),
    ("lists_are_said_once", {"tests/peers/all.sh": '"mood", "task", "mood", "task", "mood"'}),
    ("lists_are_said_once", {"tools/all": "for service in mood task mood task mood; do :; done"}),
    ("no_declaration_is_dead", {"services/growth/lib/year.h": "int YearOf(int day);\n"}),
    ("no_declaration_is_dead", {"services/growth/lib/year.h": "int YearOf(int day);\n",
                                "services/growth/lib/year.cc": "int YearOf(int day) { return day / 365; }\n"}),
    ("no_file_is_dead", {"common/call/old.cc": ""}),
    ("no_file_is_dead", {"services/growth/mood/notes.textproto": ""}),
    ("no_file_is_dead", {"tests/peers/rust/journey.rs": ""}),
    ("no_file_is_dead", {"tests/peers/php.txt": ""}),
    ("no_file_is_dead", {"tests/peers/programs/old.go": ""}),
    ("no_file_is_dead", {"tests/peers/programs/etcd/disk.go": ""}),
    ("no_file_is_dead", {"tests/peers/start": "#!/bin/bash\nnode\n"}),
    ("lists_are_said_once", {"tests/peers/all": "#!/bin/sh\nfor one in mood task mood task mood; do :; done\n"}),
    ("replaced_words_stay_away", {"services/growth/mood/upkeep.cc": "// Upkeep of moods.\n"}),
    ("replaced_words_stay_away", {"common/call/call.h": '#include "common/call/user_lanes.h"\n'}),
    ("docs_deny_nothing_that_exists", {"docs/all.md": "Days, moods and tasks do not, so there is nothing to count.\n"}),
    ("docs_deny_nothing_that_exists", {"docs/all.md": "The mesh serves\nmood; what is about a task is not yet built.\n"}),
    ("docs_deny_nothing_that_exists", {"docs/all.md": "| MOOD_KEY | none yet | push is not built |\n",
                                       "services/growth/mood/push/push.cc": ""}),
    ("docs_have_short_lines", {"docs/all.md": "word " * 30 + "\n"}),
    ("docs_link_to_files_that_exist", {"docs/all.md": "[gone](gone.md)\n"}),
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
