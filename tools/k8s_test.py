"""tools/k8s reads out of the code whom services ask and where they listen, and says what it does not understand.

    python3 tools/k8s_test.py [RESULTS.tap]
"""

import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "deployment"))

import manifests  # noqa: E402
import yaml_text  # noqa: E402
from facts import Door, Facts  # noqa: E402

LIST = """
DOMAINS = {"growth": ["mood", "task", "wide_door"]}
SERVICES = ["mood", "task", "wide_door"]
PEERS_BY_LIST = {"wide_door": SERVICES, "not_yet_there": SERVICES}
DOORS = {"wide_listen": {"paths": ["/wide"], "port": 8090}}
RESOURCES = {}
FIXED_REPLICAS = {"task": 2}
"""
SOUND = {
    "services/services.bzl": LIST,
    "common/identity/keys.cc": 'constexpr std::string_view kTasks = "task";\n  keys_(shared.Peer(kTasks, kMeshService))\n',
    "services/growth/mood/module.cc": '// Moods. More of it.\nABSL_FLAG(Secret, mood_key, {}, "x");\n'
                                      'ABSL_FLAG(std::string, mood_folder, "here", "x");\n  mesh.http();\n',
    "services/growth/mood/mood_service_test.cc": '  mesh.Peer("wide_door")\n',
    "services/growth/mood/mood.h": '// As in mesh.Peer("wide_door").\n',
    "services/growth/task/module.cc": '// Tasks.\n  tasks_(mesh.Peer("mood"))\n',
    "services/growth/wide_door/module.cc": '// A door.\n  mesh.Peer(name)\n'
                                           'ABSL_FLAG(std::string, wide_listen, "127.0.0.1:0", "x");\n'
                                           'ABSL_FLAG(std::string, wide_advertise, "", "x");\n',
}
# Name, files changed, a word of the problem that must be said.
PROBLEMS = [
    ("a peer that is no service", {"services/growth/task/module.cc": '// T.\n mesh.Peer("nobody")\n'}, "no service"),
    ("peers that are not named", {"services/growth/task/module.cc": "// T.\n mesh.Peer(name)\n"}, "PEERS_BY_LIST"),
    ("a list for who names all", {"services/growth/wide_door/module.cc": "// D.\n"}, "PEERS_BY_LIST"),
    ("a door without paths", {"services/growth/task/module.cc": '// T.\nABSL_FLAG(std::string, task_listen, "a:1", "x");\n'},
     "DOORS"),
    ("a door without a port", {"services/services.bzl": LIST.replace(', "port": 8090', "")}, "port"),
    ("replicas of no service", {"services/services.bzl": LIST.replace('"task": 2', '"tusk": 2')}, "FIXED_REPLICAS"),
]


def read(files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            place = os.path.join(root, path)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "w", encoding="utf-8") as file:
                file.write(text)
        return Facts.read(root)


def main():
    results = []

    def check(name, held):
        results.append(("ok " if held else "not ok ") + "k8s: " + name)

    facts = read(SOUND)
    check("a sound tree has no problem", not facts.problems)
    check("peers are read from code, and not from tests and comments",
          facts.edges["task"] == {"mood"} and facts.edges["mood"] == {"task"})
    check("what the kernel asks, everybody asks", all("task" in facts.edges[name] for name in ("mood", "wide_door")))
    check("who asks by a list has all of the list", facts.edges["wide_door"] == {"mood", "task"})
    check("callers are the other way round", facts.callers("mood") == ["task", "wide_door"])
    check("doors, secrets and folders are flags", facts.doors["wide_door"] == [Door("wide_listen", 8090, ["/wide"], True)]
          and facts.secrets["mood"] == ["mood_key"] and facts.folders["mood"] == ["mood_folder"])
    check("who speaks HTTP to others is known", facts.outward == {"mood"})
    erasing = read({**SOUND, "services/growth/mood/module.cc": "// M.\n  mesh.EraseUser(call, user);\n"})
    check("who erases people asks everybody", erasing.edges["mood"] == {"task", "wide_door"})
    for name, changed, word in PROBLEMS:
        problems = read({**SOUND, **changed}).problems
        check("it says what is wrong: " + name, len(problems) >= 1 and word in problems[0])

    processes = [manifests.Process(facts, name, [name], "growth", facts.about[name]) for name in facts.services]
    kinds = {process.name: [entry["kind"] for entry in process.objects()] for process in processes}
    check("a fixed number of replicas is not scaled",
          "HorizontalPodAutoscaler" not in kinds["task"] and "HorizontalPodAutoscaler" in kinds["mood"])
    check("a door has a Service and a place in the Ingress",
          kinds["wide-door"].count("Service") == 2 and manifests.ingress_rules(processes) == [("/wide", "wide-door-door", 8090)])
    wide = next(process for process in processes if process.name == "wide-door")
    variables = {entry["name"]: entry.get("value") for entry in wide.container()["env"]}
    check("replicas that reach each other say where, and are let to",
          variables["SELFOLOGY_WIDE_ADVERTISE"] == "$(POD_ADDRESS):8090"
          and any({"protocol": "TCP", "port": 8090} in rule["ports"] for rule in wide.objects()[-1]["spec"]["egress"]))
    check("YAML quotes what would be read as something else",
          [yaml_text.scalar(word) for word in ("no", "1.5", "0.5Gi", "a: b", "", "plain", "x #y")]
          == ['"no"', '"1.5"', '"0.5Gi"', '"a: b"', '""', "plain", '"x #y"'])
    text = "\n".join(results) + "\n"
    if len(sys.argv) > 1:
        with open(sys.argv[1], "w", encoding="utf-8") as file:
            file.write(text)
    else:
        print(text, end="")
    sys.exit(any(line.startswith("not ok") for line in results))


if __name__ == "__main__":
    main()
