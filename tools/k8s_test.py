"""tools/k8s reads out of the code whom services ask and where they listen, and says what it does not understand.

    python3 tools/k8s_test.py [RESULTS.tap]
"""

import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "deployment"))

import manifests  # noqa: E402
import policies  # noqa: E402
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
                                      'ABSL_FLAG(std::string, mood_folder, "here", "x");\n  mesh.http();\n'
                                      'ABSL_FLAG(std::string, mood_seal_key_file, "", "x");\n',
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


def check_certificates(check):
    """tools/certificates, looked at with openssl as others would."""
    def run(*command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.stdout if done.returncode == 0 else "FAILED " + done.stdout

    with tempfile.TemporaryDirectory() as folder:
        tool = os.path.join(os.path.dirname(os.path.abspath(__file__)), "certificates")

        def place(*path):
            return os.path.join(folder, *path)

        def of(name, *what):
            return run("openssl", "x509", "-in", place(name, "tls.crt"), "-noout", *what)
        made = run(tool, folder, "telegram_gateway", "session", "selfologyctl")
        check("certificates are made: " + made.strip(), made.startswith("3 certificates"))
        check("a certificate has its service's name", "URI:spiffe://selfology/telegram-gateway" in of("telegram-gateway", "-ext", "subjectAltName"))
        verified = run("openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", place("session", "ca.crt"), place("session", "tls.crt"))
        check("a certificate is signed by the authority beside it", verified.strip().endswith("OK"))
        check("nobody else may read the keys", os.stat(place("session", "tls.key")).st_mode & 0o77 == 0)
        with open(place("secrets.yaml"), encoding="utf-8") as file:
            secrets = file.read()
        check("each service has a Secret, and the operator none",
              secrets.count("kind: Secret") == 2 and "name: telegram-gateway-certificate" in secrets and "selfologyctl" not in secrets)
        authority, serial = run("cat", place("ca.crt")), of("session", "-serial")
        run(tool, folder, "session")
        check("made again, they are new, of the same authority", authority == run("cat", place("ca.crt")) and serial != of("session", "-serial"))
        check("who is no service gets none", "no service" in run(tool, folder, "nobody"))


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
    check("who seals secrets is given its own keys, and nobody else",
          facts.seals == {"mood": "mood_seal_key_file"}
          and manifests.seals(facts).count("SELFOLOGY_MOOD_SEAL_KEY_FILE") == 1
          and "mood_seal_key_file=" in manifests.development_seals(facts))
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
    check("the list of edges for the services is that of the policies",
          policies.edge_list(facts).splitlines()[:2] == ["mood -> task", "task -> mood"])
    single = manifests.Process(facts, "selfology", facts.services, "mesh", "All.")

    def volumes(process):
        return {volume["name"]: volume for volume in process.deployment()["spec"]["template"]["spec"]["volumes"]}
    check("each service mounts its own certificate, and a whole mesh none",
          volumes(wide)["certificate"]["secret"]["secretName"] == "wide-door-certificate" and "certificate" not in volumes(single))
    check_certificates(check)
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
