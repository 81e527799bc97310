"""tools/deploy switches a service's slots, in order, and goes back when the new version does not do: with a cluster of its own.

    python3 tools/deploy_test.py [RESULTS.tap]
"""

import copy
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
LOADER = importlib.machinery.SourceFileLoader("deploy", os.path.join(HERE, "deploy"))
deploy = importlib.util.module_from_spec(importlib.util.spec_from_loader("deploy", LOADER))
LOADER.exec_module(deploy)
slots = deploy.slots


def labels(name, slot=None):
    return {slots.NAME: name, **({slots.LABEL: slot} if slot else {})}


def deployment(name, slot, replicas, image="old:1"):
    pod = {"containers": [{"name": name, "image": image, "env": [{"name": "SELFOLOGY_REDIS_URL", "valueFrom": {}}, {"name": "A", "value": "a"}]}]}
    return {"kind": "Deployment", "metadata": {"name": slots.deployment_name(name, slot), "labels": labels(name, slot)},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels(name, slot)},
                     "template": {"metadata": {"labels": labels(name, slot)}, "spec": pod}}}


def service(name, slot, own=None):
    return {"kind": "Service", "metadata": {"name": own or name, "labels": labels(name)}, "spec": {"selector": labels(name, slot)}}


def scaler(name):
    return {"kind": "HorizontalPodAutoscaler", "metadata": {"name": name, "labels": labels(name)},
            "spec": {"scaleTargetRef": {"name": name}}}


def merge(into, patch):
    for key, value in patch.items():
        if isinstance(value, dict):
            merge(into.setdefault(key, {}), value)
        else:
            into[key] = value


class Fake:
    """A cluster whose Deployments have their replicas at once; broken: versions whose pods end. Writes down what is done to it."""

    KINDS = {"services": "Service", "service": "Service", "deployments": "Deployment", "deployment": "Deployment", "pods": "Pod",
             "pod": "Pod", "horizontalpodautoscalers": "HorizontalPodAutoscaler", "scaledobjects.keda.sh": "ScaledObject"}

    def __init__(self, objects, broken=(), breaks_after=None):
        self.objects, self.broken, self.breaks_after, self.done, self.seconds = list(objects), broken, breaks_after, [], 0

    def wait(self, seconds):
        self.seconds += seconds

    def serving(self, name):
        return next(entry for entry in self.objects if entry["kind"] == "Service" and entry["metadata"]["name"] == name)[
            "spec"]["selector"][slots.LABEL]

    def pods(self):
        for entry in self.objects:
            if entry["kind"] == "Pod":
                yield entry
            if entry["kind"] != "Deployment":
                continue
            for number in range(entry["spec"]["replicas"]):
                bad = self.breaks_after is not None and self.seconds >= self.breaks_after and entry["metadata"]["name"].endswith("-green")
                yield {"metadata": {"name": "%s-%d" % (entry["metadata"]["name"], number),
                                    "labels": entry["spec"]["template"]["metadata"]["labels"]},
                       "status": {"phase": "Running", "containerStatuses": [{"restartCount": int(bad)}],
                                  "conditions": [{"type": "Ready", "status": "True"}]}}

    def list(self, kind, selector=""):
        wanted = [part.partition("=") for part in selector.split(",") if part]
        found = self.pods() if kind == "pods" else (entry for entry in self.objects if entry["kind"] == self.KINDS[kind])
        return [copy.deepcopy(entry) for entry in found
                if all((key in entry["metadata"]["labels"]) if not value else entry["metadata"]["labels"].get(key) == value
                       for key, _, value in wanted)]

    def patch(self, kind, name, patch):
        merge(next(entry for entry in self.objects if entry["kind"] == self.KINDS[kind] and entry["metadata"]["name"] == name), patch)
        replicas = patch["spec"].get("replicas")
        self.done.append("%s %s" % (self.KINDS[kind], name) + ("" if replicas is None else " %d" % replicas))

    def patch_image(self, name, container, image):
        entry = next(entry for entry in self.objects if entry["kind"] == "Deployment" and entry["metadata"]["name"] == name)
        next(each for each in entry["spec"]["template"]["spec"]["containers"] if each["name"] == container)["image"] = image
        self.done.append("image %s" % name)

    def create(self, entry):
        image = entry["spec"]["containers"][0]["image"]
        ready = image not in self.broken
        self.objects.append({"kind": "Pod", **copy.deepcopy(entry), "status": {
            "phase": "Running" if ready else "Failed", "conditions": [{"type": "Ready", "status": "True"}] if ready else []}})
        self.done.append("trial %s" % image)

    def delete(self, kind, name):
        self.objects = [entry for entry in self.objects if entry["kind"] != "Pod" or entry["metadata"]["name"] != name]

    def logs(self, pod):
        return "database_url: required"


def cluster(**more):
    return Fake([deployment("session", "blue", 3), deployment("session", "green", 0, "new:2"), service("session", "blue"),
                 service("session", "blue", "session-door"), scaler("session"), service("trait", "blue"),
                 deployment("trait", "blue", 1), deployment("trait", "green", 0)], **more)


def of(fake, settle=5):
    return deploy.Deploy(fake, timeout=20, settle=settle, wait=fake.wait, say=lambda text: None)


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def fails(call, words):
    try:
        call()
    except deploy.Failed as failed:
        check(words in str(failed), failed)
        return
    raise AssertionError("it did not fail")


def switches():
    fake = cluster()
    of(fake).switch("session", "green")
    check(fake.done == ["trial new:2", "Deployment session-green 3", "HorizontalPodAutoscaler session", "Service session",
                        "Service session-door", "Deployment session 0"], fake.done)
    check(fake.serving("session") == "green" and fake.serving("session-door") == "green", "it does not answer")
    check(fake.serving("trait") == "blue", "another service was switched")
    check(fake.seconds >= 5, "it was not watched")
    check(fake.list("horizontalpodautoscalers")[0]["spec"]["scaleTargetRef"]["name"] == "session-green", "the old one is scaled")
    check([entry["spec"]["template"]["spec"]["containers"][0]["image"] for entry in fake.list("deployments", "%s=session" % slots.NAME)]
          == ["old:1", "new:2"], "the old version is not kept")


def goes_back():
    fake = cluster()
    of(fake).switch("session", "green")
    fake.done.clear()
    of(fake).switch("session", "blue", trial=False)
    check(fake.done[0] == "Deployment session 3" and fake.done[-1] == "Deployment session-green 0", fake.done)
    check(fake.serving("session") == "blue", "it did not go back")


def takes_an_image():
    fake = cluster(broken=["new:2"])
    of(fake).switch("session", "green", image="new:3")
    check(fake.done[:2] == ["image session-green", "trial new:3"], fake.done)


def broken_version_changes_nothing():
    fake = cluster(broken=["new:2"])
    before = copy.deepcopy(fake.objects)
    fails(lambda: of(fake).switch("session", "green"), "database_url: required")
    check(fake.done == ["trial new:2"] and fake.objects == before, fake.done)


def late_failure_goes_back():
    fake = cluster(breaks_after=3)
    fails(lambda: of(fake).switch("session", "green"), "started anew")
    check(fake.serving("session") == "blue" and fake.serving("session-door") == "blue", "the broken one answers")
    check(fake.done[-1] == "Deployment session-green 0", fake.done)
    check(fake.done.index("Service session", fake.done.index("Service session") + 1) < fake.done.index("Deployment session-green 0"),
          "its replicas ended before the others were called")
    check("Deployment session 0" not in fake.done, "the old one ended")


def same_slot_is_refused():
    fake = cluster()
    fails(lambda: of(fake).switch("session", "blue"), "answers already")
    fails(lambda: of(fake).switch("profile", "green"), "has no slots")
    check(not fake.done, fake.done)


def trial_handles_no_event():
    pod = slots.trial(deployment("session", "green", 0))
    check(pod["metadata"]["labels"][slots.LABEL] == "trial", "a Service or a Deployment takes it")
    env = {entry["name"]: entry for entry in pod["spec"]["containers"][0]["env"]}
    check(env["SELFOLOGY_REDIS_URL"] == {"name": "SELFOLOGY_REDIS_URL", "value": slots.NO_REDIS}, env)
    check(env["A"]["value"] == "a", env)


def applies_around_what_answers():
    wanted = [deployment("session", "blue", 2, "next:3"), deployment("session", "green", 0, "next:3"), service("session", "blue"),
              scaler("session"), deployment("trait", "blue", 2), service("trait", "blue")]
    found = {(entry["kind"], entry["metadata"]["name"]): entry for entry in slots.carried_over(wanted, {"session": "green"})}
    check(("Deployment", "session-green") not in found, "what answers is changed")
    check(found["Deployment", "session"]["spec"]["replicas"] == 0, "the new version runs before it is switched to")
    check(found["Service", "session"]["spec"]["selector"][slots.LABEL] == "green", "the Service was switched")
    check(found["HorizontalPodAutoscaler", "session"]["spec"]["scaleTargetRef"]["name"] == "session-green", "the idle one is scaled")
    check(found["Deployment", "trait"] == wanted[4], "a service that is not there yet is held up")
    check(wanted[2]["spec"]["selector"][slots.LABEL] == "blue", "what was given is changed")


def asks_kubectl():
    """The command lines, with a program in kubectl's place that says what it was told."""
    with tempfile.TemporaryDirectory() as scratch:
        program, log = os.path.join(scratch, "kubectl"), os.path.join(scratch, "log")
        with open(program, "w", encoding="utf-8") as file:
            file.write("""#!/bin/sh
echo "$*" >>%s
case $* in
  *"get services"*) echo '{"items": [%s]}' ;;
  *"get deployments"*) echo '{"items": [%s]}' ;;
  *scaledobjects*) echo "error: the server doesn't have a resource type" >&2; exit 1 ;;
  *) echo "Unable to connect" >&2; exit 1 ;;
esac
""" % (log, json.dumps(service("session", "blue")), json.dumps(deployment("session", "blue", 3))))
        os.chmod(program, 0o755)
        said = subprocess.run([os.path.join(HERE, "deploy"), "status", "--namespace=ours"], env={**os.environ, "KUBECTL": program},
                              stdout=subprocess.PIPE, text=True)
        check(said.returncode == 0 and "session" in said.stdout and "answers" in said.stdout and "of 3 Ready" in said.stdout, said)
        with open(log, encoding="utf-8") as file:
            check(all(line.startswith("--namespace ours get ") for line in file), "in another namespace")
        check(deploy.Cluster("ours", [program]).list("scaledobjects.keda.sh") == [], "a cluster without KEDA is refused")
        fails(lambda: deploy.Cluster("ours", [program]).list("pods"), "Unable to connect")


def reads_what_kubectl_builds():
    text = '{"kind": "A", "n": 1}\n{"kind": "List", "items": [{"kind": "B"}, {"kind": "C"}]}\n'
    check([entry["kind"] for entry in deploy.objects_in(text)] == ["A", "B", "C"], "not all are read")


CASES = {
    "a switch tries, starts, moves, watches, and ends the old replicas, in this order": switches,
    "the old version is there to go back to": goes_back,
    "an image may be given": takes_an_image,
    "a version that does not start changes nothing": broken_version_changes_nothing,
    "a version that fails while it is watched is taken back before its replicas end": late_failure_goes_back,
    "a slot that answers, or a service without slots, is refused": same_slot_is_refused,
    "a trial answers nobody and handles no event": trial_handles_no_event,
    "manifests are applied around what answers": applies_around_what_answers,
    "kubectl is asked in the namespace, and need not know KEDA": asks_kubectl,
    "what kubectl makes of an overlay is read": reads_what_kubectl_builds,
}


def main():
    lines = []
    for name, case in CASES.items():
        try:
            case()
            lines.append("ok deploy: %s\n" % name)
        except Exception as error:
            print("%s: %r" % (name, error), file=sys.stderr)
            lines.append("not ok deploy: %s\n" % name)
    if len(sys.argv) > 1:
        with open(sys.argv[1], "w", encoding="utf-8") as file:
            file.writelines(lines)
    else:
        print("".join(lines), end="")
    sys.exit(any(line.startswith("not") for line in lines))


if __name__ == "__main__":
    main()
