"""What we promise of the manifests beyond their schemas.

    check_manifests.py OVERLAY FILE.yaml           says what is not kept, and fails then
    check_manifests.py --mistakes                  names mistakes that it must notice
    check_manifests.py --mistaken NAME FILE.yaml   prints the manifests with that mistake

Whom the NetworkPolicies allow is compared with whom the code asks (tools/k8s edges), in both directions.
"""

import base64
import copy
import functools
import subprocess
import sys

import yaml

sys.dont_write_bytecode = True
sys.path.insert(0, "tools/deployment")
import slots  # noqa: E402

GRPC = 50051
HEALTH = 50052  # Where services ask for certificates, which the kubelet has none of.


def of_kind(objects, kind):
    return [entry for entry in objects if entry["kind"] == kind]


def named(objects, kind, name):
    found = [entry for entry in of_kind(objects, kind) if entry["metadata"]["name"] == name]
    return found[0] if found else None


def second_slot(entry):
    """Whether it is a slot that does not answer: a Deployment beside another of the same service."""
    return entry["metadata"]["labels"].get(slots.LABEL) == "green"


def workloads(objects):
    return [entry for kind in ("Deployment", "StatefulSet", "Job") for entry in of_kind(objects, kind)]


@functools.lru_cache(maxsize=None)
def code_edges():
    """Pairs (caller, asked) in Kubernetes' names."""
    said = subprocess.run(["tools/k8s", "edges"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return {tuple(name.replace("_", "-") for name in line.split(" -> ")) for line in said.splitlines()}


def allowed(objects, direction, key):
    """Pairs (pod that the policy is for, other pod) that may use the port of gRPC."""
    pairs = set()
    for policy in of_kind(objects, "NetworkPolicy"):
        name = policy["spec"]["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/name")
        for rule in policy["spec"].get(direction, []):
            if not any(port.get("port") == GRPC for port in rule.get("ports", [])):
                continue
            for peer in rule.get(key, []):
                pairs.add((name, peer.get("podSelector", {}).get("matchLabels", {}).get("app.kubernetes.io/name")))
    return pairs


def check_edges(objects, overlay):
    wanted = set() if overlay == "single" else code_edges()
    out = allowed(objects, "egress", "to")
    into = {(caller, callee) for callee, caller in allowed(objects, "ingress", "from")}
    for direction, found in (("egress", out), ("ingress", into)):
        for edge in sorted(found - wanted, key=str):
            yield "%s lets %s reach %s, which its code does not ask" % ((direction,) + edge)
        for edge in sorted(wanted - found):
            yield "%s keeps %s from %s, which its code asks" % ((direction,) + edge)
    if named(objects, "NetworkPolicy", "default-deny") is None:
        yield "what nobody allows is not refused"


def settings(objects):
    found = {}
    for entry in of_kind(objects, "ConfigMap"):
        if entry["metadata"]["name"].startswith("selfology-settings"):
            found.update(entry["data"])
    return found


def check_identity(objects, overlay):
    """mTLS: each service has its own certificate, and knows the edges of the code."""
    said = settings(objects)
    if "SELFOLOGY_TLS_CERTIFICATE_FILE" not in said:
        if overlay in ("dev", "prod"):
            yield "services do not know each other by certificates"
        return
    lists = {entry["metadata"]["name"]: entry["data"] for entry in of_kind(objects, "ConfigMap")}
    for entry in of_kind(objects, "Deployment"):
        name, pod = slots.service_of(entry), entry["spec"]["template"]["spec"]
        if entry["metadata"]["labels"].get("app.kubernetes.io/component") is None:
            continue
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        mounts = {mount["mountPath"]: volumes.get(mount["name"], {}) for mount in pod["containers"][0]["volumeMounts"]}

        def mounted(setting):
            return mounts.get(said.get(setting, "").rpartition("/")[0], {})
        for setting in ("CERTIFICATE", "KEY", "AUTHORITY"):
            secret = mounted("SELFOLOGY_TLS_%s_FILE" % setting).get("secret", {})
            if secret.get("secretName") != name + "-certificate":
                yield "%s has not its own certificate's Secret for its %s" % (name, setting.lower())
        edges = lists.get(mounted("SELFOLOGY_TLS_EDGES_FILE").get("configMap", {}).get("name"), {})
        text = edges.get(said["SELFOLOGY_TLS_EDGES_FILE"].rpartition("/")[2], "")
        pairs = {tuple(word.replace("_", "-") for word in line.split(" -> ")) for line in text.splitlines() if " -> " in line}
        if pairs != code_edges():
            yield name + " does not know the code's edges"
    if not said.get("SELFOLOGY_OPERATOR_ADDRESS", "").startswith("127.0.0.1:"):
        yield "operators' methods are reached from other pods"
    if overlay == "prod" and said.get("SELFOLOGY_GRPC_REFLECTION") != "false":
        yield "everybody may list the methods"


def check_pods(objects, overlay):
    """Pod Security `restricted`, and what goes beyond it."""
    for entry in workloads(objects):
        name = "%s %s" % (entry["kind"], entry["metadata"]["name"])
        pod = entry["spec"]["template"]["spec"]
        security = pod.get("securityContext", {})
        if not security.get("runAsNonRoot") or security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield name + " may run as root or without seccomp"
        if pod.get("automountServiceAccountToken") is not False or pod.get("serviceAccountName") in (None, "default"):
            yield name + " has no identity of its own, or a token of the API server's"
        if named(objects, "ServiceAccount", pod.get("serviceAccountName")) is None:
            yield name + " has a ServiceAccount that is not there"
        if pod.get("enableServiceLinks") is not False:
            yield name + " gets variables of Services, which our programs refuse as unknown settings"
        for container in pod["containers"]:
            of = container.get("securityContext", {})
            if of.get("allowPrivilegeEscalation") is not False or not of.get("readOnlyRootFilesystem"):
                yield name + " may gain rights or write to its image"
            if of.get("capabilities", {}).get("drop") != ["ALL"]:
                yield name + " keeps capabilities"
            for part in ("requests", "limits"):
                if set(container.get("resources", {}).get(part, {})) != {"cpu", "memory"}:
                    yield "%s does not say its %s" % (name, part)
            for variable in container.get("env", []):
                secret = any(word in variable["name"] for word in ("TOKEN", "KEY", "_URL"))
                if secret and not variable["name"].endswith("_FILE") and "value" in variable:
                    yield "%s has %s as text instead of by reference" % (name, variable["name"])
            if overlay == "prod" and container["image"].startswith("localhost/"):
                yield name + " has an image that no other machine has"


def check_rollouts(objects, overlay):
    health = settings(objects).get("SELFOLOGY_HEALTH_ADDRESS")
    probed = HEALTH if "SELFOLOGY_TLS_CERTIFICATE_FILE" in settings(objects) else GRPC
    if probed == HEALTH and health != "0.0.0.0:%d" % HEALTH:
        yield "nobody answers probes without a certificate"
    for entry in of_kind(objects, "Deployment"):
        name = slots.service_of(entry)
        if entry["metadata"]["labels"].get("app.kubernetes.io/component") is None:
            continue  # A store or the emulator, of which there is one.
        spec, pod = entry["spec"], entry["spec"]["template"]["spec"]
        if spec["strategy"].get("rollingUpdate", {}).get("maxUnavailable") != 0:
            yield name + " is rolled out with less than all replicas"
        for container in pod["containers"]:
            for probe in ("startupProbe", "readinessProbe"):
                if container.get(probe, {}).get("grpc", {}).get("port") != probed:
                    yield "%s has no %s over gRPC that could succeed" % (name, probe)
            delay = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            if delay < 1:
                yield name + " stops before its callers know"
            if pod["terminationGracePeriodSeconds"] < delay + 20:
                yield name + " is killed before it has drained"
        spread = pod.get("topologySpreadConstraints", [])
        if not spread or any(entry.get("matchLabelKeys") != ["pod-template-hash"] for entry in spread):
            yield name + " is not spread anew with each rollout"
        budget = named(objects, "PodDisruptionBudget", name)
        if budget is None or budget["spec"]["selector"]["matchLabels"] != {"app.kubernetes.io/name": name}:
            yield name + " has no PodDisruptionBudget of its own"
        if second_slot(entry):
            continue  # See check_slots.
        scaler = named(objects, "HorizontalPodAutoscaler", name)
        other = named(objects, "ScaledObject", name)
        if scaler is not None and other is not None:
            yield name + " is scaled by two"
        if scaler is None and other is not None:
            continue
        if scaler is None and "replicas" not in spec:
            yield name + " is neither scaled nor has a number of replicas"
        if scaler is not None and "replicas" in spec:
            yield name + " is scaled, and has a number of replicas that would be restored by each apply"
        if overlay == "prod" and scaler is not None and scaler["spec"]["minReplicas"] < 3:
            yield name + " may have less than three replicas"
        service = named(objects, "Service", name)
        if service is None or service["spec"].get("clusterIP") != "None":
            yield name + " has no headless Service"


def check_references(objects, overlay):
    """ConfigMaps, Secrets and Services that are referred to are there, but for Secrets in prod, which operators bring."""
    known = {kind: {entry["metadata"]["name"] for entry in of_kind(objects, kind)} for kind in ("ConfigMap", "Secret", "Service")}
    for entry in workloads(objects):
        for container in entry["spec"]["template"]["spec"]["containers"]:
            for source in container.get("envFrom", []):
                if source["configMapRef"]["name"] not in known["ConfigMap"]:
                    yield "%s refers to no ConfigMap" % entry["metadata"]["name"]
            for variable in container.get("env", []):
                reference = variable.get("valueFrom", {}).get("secretKeyRef")
                if reference and overlay not in ("prod", "more", "slots") and reference["name"] not in known["Secret"]:
                    yield "%s refers to no Secret" % entry["metadata"]["name"]
    for entry in of_kind(objects, "ScaledObject"):
        if named(objects, "Deployment", entry["spec"]["scaleTargetRef"]["name"]) is None:
            yield "%s scales nothing" % entry["metadata"]["name"]
    for entry in of_kind(objects, "HTTPRoute"):
        for rule in entry["spec"]["rules"]:
            for backend in rule["backendRefs"]:
                if backend["name"] not in known["Service"]:
                    yield "the HTTPRoute leads to no Service " + backend["name"]
    for entry in of_kind(objects, "Ingress"):
        for rule in entry["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                if path["backend"]["service"]["name"] not in known["Service"]:
                    yield "the Ingress leads to no Service for " + path["path"]


def check_slots(objects, overlay):
    """Where there are slots, each service has two that differ in nothing else, and of which one answers."""
    deployments = [entry for entry in of_kind(objects, "Deployment") if "app.kubernetes.io/component" in entry["metadata"]["labels"]]
    if overlay != "slots":
        if any(slots.LABEL in entry["metadata"]["labels"] for entry in deployments):
            yield "there are slots"
        return
    for name in sorted({slots.service_of(entry) for entry in deployments}):
        blue, green = (named(objects, "Deployment", slots.deployment_name(name, slot)) for slot in slots.SLOTS)
        if blue is None or green is None:
            yield name + " has not two slots"
            continue
        for slot, entry in (("blue", blue), ("green", green)):
            wanted = {slots.NAME: name, slots.LABEL: slot}
            if entry["spec"]["selector"]["matchLabels"] != wanted or entry["metadata"]["labels"].get(slots.LABEL) != slot:
                yield "%s's %s slot takes another one's replicas" % (name, slot)
        as_blue = copy.deepcopy(green["spec"]["template"])
        as_blue["metadata"]["labels"][slots.LABEL] = "blue"
        if as_blue != blue["spec"]["template"]:
            yield name + "'s slots are not alike"
        if green["spec"].get("replicas") != 0:
            yield name + "'s slot that does not answer has replicas"
        for entry in of_kind(objects, "Service"):
            if slots.service_of(entry) == name and entry["spec"]["selector"].get(slots.LABEL) != "blue":
                yield "%s leads to both slots, or to none" % entry["metadata"]["name"]
        scaler = named(objects, "HorizontalPodAutoscaler", name)
        if scaler is not None and scaler["spec"]["scaleTargetRef"]["name"] != name:
            yield name + "'s slot that does not answer is scaled"


def option_of(container, name):
    args = container.get("args", [])
    return args[args.index(name) + 1] if name in args else ""


def check_stores(objects, overlay):
    """`dev` speaks with its stores by TLS, and they with nobody otherwise."""
    if overlay != "dev":
        return
    said = next((entry["data"] for entry in of_kind(objects, "Secret") if entry["metadata"]["name"].startswith("selfology-stores")), {})
    said = {key: base64.b64decode(value).decode() for key, value in said.items()}
    if "sslmode=verify-full" not in said["database_url"] or not said["redis_url"].startswith("rediss://"):
        yield "services do not ask stores for their certificates"
    containers = {kind: next(entry for entry in workloads(objects) if entry["metadata"]["name"] == kind)["spec"]["template"]["spec"]["containers"][0]
                  for kind in ("postgres", "redis")}
    rules = [line.split() for entry in of_kind(objects, "ConfigMap") if entry["metadata"]["name"].startswith("postgres-access")
             for line in entry["data"]["pg_hba.conf"].splitlines() if line and not line.startswith("#")]
    if "ssl=on" not in containers["postgres"]["args"] or not any(rule[0] == "hostssl" for rule in rules) or any(
            rule[0] == "host" and rule[3] != "127.0.0.1/32" for rule in rules):
        yield "PostgreSQL speaks without TLS"
    if option_of(containers["redis"], "--port") != "0" or option_of(containers["redis"], "--tls-auth-clients") != "yes":
        yield "Redis speaks without TLS, or with anybody"


CHECKS = (check_stores, check_edges, check_identity, check_pods, check_rollouts, check_references, check_slots)


def first_container(objects, name):
    return named(objects, "Deployment", name)["spec"]["template"]["spec"]["containers"][0]


def with_edge(objects):
    policy = named(objects, "NetworkPolicy", "trait")
    policy["spec"]["egress"].append({"to": [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "ai"}}}],
                                     "ports": [{"protocol": "TCP", "port": GRPC}]})


def without_edge(objects):
    policy = named(objects, "NetworkPolicy", "ai")
    policy["spec"]["ingress"] = [rule for rule in policy["spec"]["ingress"]
                                 if not any(port["port"] == GRPC for port in rule["ports"])]


def with_certificate_of(objects, name):
    for volume in named(objects, "Deployment", "session")["spec"]["template"]["spec"]["volumes"]:
        if volume["name"] == "certificate":
            volume["secret"]["secretName"] = name


def settings_map(objects):
    return next(entry["data"] for entry in of_kind(objects, "ConfigMap") if "SELFOLOGY_GRPC_ADDRESS" in entry["data"])


def with_more_edges(objects):
    edges = next(entry["data"] for entry in of_kind(objects, "ConfigMap") if "edges.txt" in entry["data"])
    edges["edges.txt"] += "trait -> ai\n"


# Each changes sound manifests of `dev`, or of `slots`, so that they must be refused.
MISTAKES = {
    # Of the overlay with slots.
    "slots-both-answer": lambda objects: named(objects, "Service", "session")["spec"]["selector"].pop(slots.LABEL),
    "slots-unlike": lambda objects: first_container(objects, "session-green")["env"].append({"name": "X", "value": "y"}),
    "slots-second-runs": lambda objects: named(objects, "Deployment", "session-green")["spec"].pop("replicas"),
    "slots-one-missing": lambda objects: objects.remove(named(objects, "Deployment", "session-green")),
    "slots-same-replicas": lambda objects: named(objects, "Deployment", "session-green")["spec"]["selector"]["matchLabels"].pop(
        slots.LABEL),
    "slots-second-scaled": lambda objects: named(objects, "HorizontalPodAutoscaler", "session")["spec"]["scaleTargetRef"].update(
        name="session-green"),
    "edge-too-many": with_edge,
    "edge-missing": without_edge,
    "writable-root": lambda objects: first_container(objects, "session")["securityContext"].update(readOnlyRootFilesystem=False),
    "root": lambda objects: named(objects, "Deployment", "session")["spec"]["template"]["spec"]["securityContext"].pop("runAsNonRoot"),
    "no-limits": lambda objects: first_container(objects, "session")["resources"].pop("limits"),
    "secret-as-text": lambda objects: first_container(objects, "session")["env"].append(
        {"name": "SELFOLOGY_DATABASE_URL", "value": "postgresql://"}),
    "less-than-all": lambda objects: named(objects, "Deployment", "session")["spec"]["strategy"]["rollingUpdate"].update(maxUnavailable=1),
    "no-probe": lambda objects: first_container(objects, "session").pop("readinessProbe"),
    "probe-without-certificate": lambda objects: first_container(objects, "session")["readinessProbe"]["grpc"].update(port=GRPC),
    "another-certificate": lambda objects: with_certificate_of(objects, "trait-certificate"),
    "another-edge-list": with_more_edges,
    "no-identity": lambda objects: settings_map(objects).pop("SELFOLOGY_TLS_CERTIFICATE_FILE"),
    "operators-everywhere": lambda objects: settings_map(objects).update(SELFOLOGY_OPERATOR_ADDRESS="0.0.0.0:50053"),
    "no-pre-stop": lambda objects: first_container(objects, "session").pop("lifecycle"),
    "no-budget": lambda objects: objects.remove(named(objects, "PodDisruptionBudget", "session")),
    "no-scaler": lambda objects: objects.remove(named(objects, "HorizontalPodAutoscaler", "session")),
    "no-config": lambda objects: objects.remove(of_kind(objects, "ConfigMap")[0]),
    "redis-in-the-clear": lambda objects: first_container(objects, "redis")["args"].__setitem__(
        first_container(objects, "redis")["args"].index("--port") + 1, "6379"),
    "postgres-in-the-clear": lambda objects: named(objects, "StatefulSet", "postgres")["spec"]["template"]["spec"]["containers"][0][
        "args"].remove("ssl=on"),
    "no-default-deny": lambda objects: objects.remove(named(objects, "NetworkPolicy", "default-deny")),
}


def main():
    if sys.argv[1] == "--mistakes":
        print("\n".join(MISTAKES))
        return
    with open(sys.argv[-1], encoding="utf-8") as file:
        objects = [entry for entry in yaml.safe_load_all(file) if entry]
    if sys.argv[1] == "--mistaken":
        before = copy.deepcopy(objects)
        MISTAKES[sys.argv[2]](objects)
        if before == objects:
            sys.exit("no mistake")
        yaml.safe_dump_all(objects, sys.stdout)
        return
    wrong = [problem for check in CHECKS for problem in check(objects, sys.argv[1])]
    for problem in wrong:
        print("%s: %s" % (sys.argv[1], problem))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
