"""The Kubernetes manifests of the mesh, from Facts: a Deployment, a Service and all that belongs to them, for each service.

    files = manifests.files(facts)    # {"k8s/base/session.yaml": "...", ...}

What every object has is here; what differs between places to run is in k8s/overlays, which people write.
"""

import hashlib
import json

from facts import resource_name
import policies
import slots
import yaml_text

IMAGES = "localhost/selfology/"
GRPC_PORT = 50051
HTTP_PORT = 8080
# Nobody's on a node; what the images' user is.
USER = 65532
# Between the end of new connections and SIGTERM, so that callers learn of the first; then the time to drain, and a rest.
STOP_DELAY = 5
DRAIN = 20
GRACE = STOP_DELAY + DRAIN + 10
DEFAULT_RESOURCES = {"cpu": ("250m", "500m"), "memory": ("256Mi", "512Mi")}
# Of the namespace's Secrets.
STORES_SECRET = "selfology-stores"
KEYS_SECRET = "selfology-keys"
SEALS_SECRET = "selfology-seals"
SEALS_FOLDER = "/etc/selfology/seals"
GENERATED = "Written by tools/k8s: change services/services.bzl or tools/deployment, not this file."


def labels(name, component):
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "selfology",
            "app.kubernetes.io/component": component}


def selector(name):
    return {"app.kubernetes.io/name": name}


def pod_security():
    return {"runAsNonRoot": True, "runAsUser": USER, "runAsGroup": USER, "fsGroup": USER,
            "fsGroupChangePolicy": "OnRootMismatch", "seccompProfile": {"type": "RuntimeDefault"}}


def container_security():
    return {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


def resources(of):
    return {"requests": {kind: of[kind][0] for kind in ("cpu", "memory")},
            "limits": {kind: of[kind][1] for kind in ("cpu", "memory")}}


def secret_variable(variable, secret, key, optional):
    reference = {"name": secret, "key": key}
    if optional:
        reference["optional"] = True
    return {"name": variable, "valueFrom": {"secretKeyRef": reference}}


def folder_volume(flag):
    """The volume for the files of --telegram_media_folder: telegram-media."""
    return resource_name(flag[: -len("_folder")])


def store_authority():
    """The certificate that stores' own must be signed by, when the Secret has one: for sslmode=verify-full."""
    return {"name": "store-authority", "secret": {"secretName": STORES_SECRET, "optional": True, "defaultMode": 0o444,
                                                  "items": [{"key": "ca.crt", "path": "ca.crt"}]}}


def certificate(name):
    """What a process is known by where components/identity turns TLS on: tls.crt, tls.key and ca.crt, as cert-manager has them."""
    return {"name": "certificate", "secret": {"secretName": name + "-certificate", "optional": True, "defaultMode": 0o440}}


CERTIFICATE_MOUNT = {"name": "certificate", "mountPath": "/etc/selfology/tls", "readOnly": True}
STORE_AUTHORITY_MOUNT = {"name": "store-authority", "mountPath": "/etc/selfology/stores", "readOnly": True}


class Process:
    """A Deployment and what belongs to it: one service, or all of them in one process."""

    def __init__(self, facts, name, members, component, about):
        self.facts, self.members = facts, members
        self.name = resource_name(name)
        self.component, self.about = component, about
        self.is_one = len(members) == 1  # All in one process need no certificates among them.
        self.doors = [door for member in members for door in facts.doors[member]]
        self.folders = [flag for member in members for flag in facts.folders[member]]
        self.fixed = facts.fixed_replicas.get(name)
        self.resources = facts.resources.get(name, DEFAULT_RESOURCES)

    def metadata(self, suffix=""):
        return {"name": self.name + suffix, "labels": labels(self.name, self.component)}

    def variables(self):
        # A pod's name is its replica's: log lines and leases say which it was.
        entries = [{"name": "SELFOLOGY_REPLICA", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                   secret_variable("SELFOLOGY_DATABASE_URL", STORES_SECRET, "database_url", False),
                   secret_variable("SELFOLOGY_DATABASE_REPLICA_URL", STORES_SECRET, "database_replica_url", True),
                   secret_variable("SELFOLOGY_REDIS_URL", STORES_SECRET, "redis_url", False)]
        for member in self.members:
            for flag in self.facts.secrets[member]:
                entries.append(secret_variable("SELFOLOGY_" + flag.upper(), KEYS_SECRET, flag, True))
        for door in self.doors:
            if door.between_replicas:
                entries += [{"name": "POD_ADDRESS", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                            {"name": "SELFOLOGY_" + door.flag[: -len("listen")].upper() + "ADVERTISE",
                             "value": "$(POD_ADDRESS):%d" % door.port}]
        for flag in self.folders:
            entries.append({"name": "SELFOLOGY_" + flag.upper(), "value": "/var/lib/selfology/" + folder_volume(flag)})
        if self.folders:
            # Whose disk is watched.
            entries.append({"name": "SELFOLOGY_STATE_FOLDER", "value": "/var/lib/selfology/" + folder_volume(self.folders[0])})
        return entries

    def container(self):
        health = {"port": GRPC_PORT}
        return {
            "name": self.name,
            "image": IMAGES + self.name,
            "imagePullPolicy": "IfNotPresent",
            "envFrom": [{"configMapRef": {"name": "selfology-settings"}}],
            "env": self.variables(),
            "ports": [{"name": "grpc", "containerPort": GRPC_PORT}, {"name": "http", "containerPort": HTTP_PORT}] +
                     [{"name": "door-%d" % door.port, "containerPort": door.port} for door in self.doors],
            "startupProbe": {"grpc": health, "periodSeconds": 1, "timeoutSeconds": 2, "failureThreshold": 120},
            "readinessProbe": {"grpc": health, "periodSeconds": 5, "timeoutSeconds": 2, "failureThreshold": 2},
            # Only that it answers: a database that is away is no reason to start a process anew.
            "livenessProbe": {"httpGet": {"path": "/health/live", "port": "http"}, "periodSeconds": 10,
                              "timeoutSeconds": 2, "failureThreshold": 3},
            "lifecycle": {"preStop": {"sleep": {"seconds": STOP_DELAY}}},
            "resources": resources(self.resources),
            "securityContext": container_security(),
            "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, STORE_AUTHORITY_MOUNT] +
                            ([CERTIFICATE_MOUNT] if self.is_one else []) +
                            [{"name": folder_volume(flag), "mountPath": "/var/lib/selfology/" + folder_volume(flag)}
                             for flag in self.folders],
        }

    def deployment(self):
        spec = {} if self.fixed is None else {"replicas": self.fixed}
        spec.update({
            "revisionHistoryLimit": 3,
            "selector": {"matchLabels": selector(self.name)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": {
                "metadata": {"labels": labels(self.name, self.component)},
                "spec": {
                    "serviceAccountName": self.name,
                    "automountServiceAccountToken": False,
                    # A Service called selfology would become settings that no flag answers to.
                    "enableServiceLinks": False,
                    "terminationGracePeriodSeconds": GRACE,
                    "securityContext": pod_security(),
                    "topologySpreadConstraints": [
                        {"topologyKey": key, "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway",
                         "labelSelector": {"matchLabels": selector(self.name)},
                         # Without it pods of before a rollout count, and the new ones end on one node.
                         "matchLabelKeys": ["pod-template-hash"]}
                        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")],
                    "containers": [self.container()],
                    "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}, store_authority()] +
                               ([certificate(self.name)] if self.is_one else []) +
                               [{"name": folder_volume(flag), "emptyDir": {"sizeLimit": "2Gi"}} for flag in self.folders],
                },
            },
        })
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": self.metadata(), "spec": spec}

    def service(self):
        # Headless: a client's channel sees every replica.
        metadata = self.metadata()
        metadata["labels"]["selfology.io/speaks"] = "grpc"
        return {"apiVersion": "v1", "kind": "Service", "metadata": metadata,
                "spec": {"clusterIP": "None", "selector": selector(self.name),
                         "ports": [{"name": "grpc", "port": GRPC_PORT, "targetPort": "grpc", "appProtocol": "kubernetes.io/h2c"},
                                   {"name": "http", "port": HTTP_PORT, "targetPort": "http"}]}}

    def door_service(self):
        return {"apiVersion": "v1", "kind": "Service", "metadata": self.metadata("-door"),
                "spec": {"selector": selector(self.name),
                         "ports": [{"name": "door-%d" % door.port, "port": door.port, "targetPort": "door-%d" % door.port,
                                    "appProtocol": "http"} for door in self.doors]}}

    def disruption_budget(self):
        return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": self.metadata(),
                "spec": {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow",
                         "selector": {"matchLabels": selector(self.name)}}}

    def autoscaler(self):
        return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": self.metadata(),
                "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": self.name},
                         "minReplicas": 2, "maxReplicas": 8,
                         "metrics": [{"type": "Resource", "resource": {
                             "name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}],
                         "behavior": {"scaleDown": {"stabilizationWindowSeconds": 300,
                                                    "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}}}}

    def objects(self):
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": self.metadata(),
                   "automountServiceAccountToken": False}
        found = [account, self.deployment(), self.service()]
        if self.doors:
            found.append(self.door_service())
        found.append(self.disruption_budget())
        if self.fixed is None:
            found.append(self.autoscaler())
        found.append(policies.of_process(self))
        return found

    def text(self):
        return yaml_text.dump_all(self.objects(), self.about + "\n" + GENERATED)


def migration():
    """The Job that brings the database to this version's tables before services do it themselves."""
    name = "migrate"
    container = {
        "name": name, "image": IMAGES + name, "imagePullPolicy": "IfNotPresent",
        "env": [secret_variable("SELFOLOGY_DATABASE_URL", STORES_SECRET, "database_url", False),
                secret_variable("SELFOLOGY_REDIS_URL", STORES_SECRET, "redis_url", False)],
        "resources": resources({"cpu": ("50m", "500m"), "memory": ("64Mi", "256Mi")}),
        "securityContext": container_security(),
        "volumeMounts": [STORE_AUTHORITY_MOUNT],
    }
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "labels": labels(name, "operations")},
           "spec": {"backoffLimit": 10, "activeDeadlineSeconds": 600, "ttlSecondsAfterFinished": 300,
                    "template": {"metadata": {"labels": labels(name, "operations")},
                                 "spec": {"serviceAccountName": name, "automountServiceAccountToken": False,
                                          "enableServiceLinks": False, "restartPolicy": "OnFailure",
                                          "securityContext": pod_security(), "containers": [container],
                                          "volumes": [store_authority()]}}}}
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "labels": labels(name, "operations")},
               "automountServiceAccountToken": False}
    return yaml_text.dump_all([account, job, policies.of_migration(name)],
                              "Brings the database to this version's tables; services wait for nobody and do the same.\n" + GENERATED)


def settings(facts):
    """What all processes are told, NAME=value each."""
    lines = ["# " + GENERATED, "SELFOLOGY_GRPC_ADDRESS=0.0.0.0:%d" % GRPC_PORT, "SELFOLOGY_HTTP_ADDRESS=0.0.0.0:%d" % HTTP_PORT,
             "SELFOLOGY_DRAIN_TIMEOUT=%ds" % DRAIN, "SELFOLOGY_DATABASE_MIN_CONNECTIONS=1",
             "SELFOLOGY_DATABASE_MAX_CONNECTIONS=10"]
    for name in facts.services:
        lines += ["SELFOLOGY_%s=0.0.0.0:%d" % (door.flag.upper(), door.port) for door in facts.doors[name]]
    return "\n".join(lines) + "\n"


def kustomization(resource_files, kind="Kustomization", **more):
    version = "v1beta1" if kind == "Kustomization" else "v1alpha1"
    body = {"apiVersion": "kustomize.config.k8s.io/" + version, "kind": kind}
    if resource_files:
        body["resources"] = resource_files
    body.update(more)
    return yaml_text.dump_all([body], GENERATED)


def ingress_rules(processes):
    """(path, Service, port) of every door, the longest paths first."""
    rules = [(path, process.name + "-door", door.port)
             for process in processes for door in process.doors for path in door.paths]
    return sorted(rules, key=lambda rule: (-len(rule[0]), rule[0]))


def ingress(processes):
    paths = [{"path": path, "pathType": "Prefix", "backend": {"service": {"name": service, "port": {"number": port}}}}
             for path, service, port in ingress_rules(processes)]
    body = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
            "metadata": {"name": "selfology", "labels": {"app.kubernetes.io/part-of": "selfology"}},
            "spec": {"tls": [{"hosts": ["selfology.example.com"], "secretName": "selfology-tls"}],
                     "rules": [{"host": "selfology.example.com", "http": {"paths": paths}}]}}
    return yaml_text.dump_all([body], "What people outside reach, by the doors' paths.\n" + GENERATED)


def gateway(processes):
    rules = [{"matches": [{"path": {"type": "PathPrefix", "value": path}}], "backendRefs": [{"name": service, "port": port}]}
             for path, service, port in ingress_rules(processes)]
    metadata = {"name": "selfology", "labels": {"app.kubernetes.io/part-of": "selfology"}}
    body = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": metadata,
            "spec": {"gatewayClassName": "selfology", "listeners": [{
                "name": "https", "protocol": "HTTPS", "port": 443, "hostname": "selfology.example.com",
                "tls": {"mode": "Terminate", "certificateRefs": [{"name": "selfology-tls"}]},
                "allowedRoutes": {"namespaces": {"from": "Same"}}}]}}
    route = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": metadata,
             "spec": {"parentRefs": [{"name": "selfology"}], "hostnames": ["selfology.example.com"], "rules": rules}}
    return yaml_text.dump_all([body, route], "The same doors for a cluster with the Gateway API.\n" + GENERATED)


def seals(facts):
    """The component that gives each service the file with its own seal keys, and no other's."""
    patches = []
    for name, flag in sorted(facts.seals.items()):
        deployment = resource_name(name)
        operations = [
            ("/spec/template/spec/volumes/-", {"name": "seals", "secret": {
                "secretName": SEALS_SECRET, "defaultMode": 0o440, "items": [{"key": flag, "path": flag}]}}),
            ("/spec/template/spec/containers/0/volumeMounts/-",
             {"name": "seals", "mountPath": SEALS_FOLDER, "readOnly": True}),
            ("/spec/template/spec/containers/0/env/-",
             {"name": "SELFOLOGY_" + flag.upper(), "value": "%s/%s" % (SEALS_FOLDER, flag)})]
        # Of both slots, where there are two.
        patches.append({"target": {"kind": "Deployment", "labelSelector": "app.kubernetes.io/name=" + deployment},
                        "patch": json.dumps([{"op": "add", "path": path, "value": value} for path, value in operations],
                                            indent=1) + "\n"})
    return kustomization([], "Component", patches=patches)


def development_seals(facts):
    """Keys that everybody knows, so that the overlay runs without any."""
    keys = ["%s=%s" % (flag, hashlib.sha256(("development only: " + flag).encode()).hexdigest())
            for flag in sorted(facts.seals.values())]
    return kustomization([], "Component", secretGenerator=[{"name": SEALS_SECRET, "literals": keys}])


def second_slots(processes):
    """The green Deployments, which take the place of the others one service at a time (tools/deploy)."""
    return yaml_text.dump_all([slots.green(process.deployment()) for process in processes],
                              "The second slot of each service; see tools/deploy.\n" + GENERATED)


def scalers(processes):
    """KEDA's, which scale by how far a service is behind with its events, and by CPU."""
    found = []
    for process in processes:
        if process.fixed is not None:
            continue
        found.append({
            "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": process.metadata(),
            "spec": {"scaleTargetRef": {"name": process.name}, "minReplicaCount": 2, "maxReplicaCount": 8, "cooldownPeriod": 300,
                     "triggers": [
                         {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "70"}},
                         {"type": "prometheus", "metadata": {
                             "serverAddress": "http://prometheus.monitoring:9090", "threshold": "200",
                             "query": 'sum(event_unfinished{job="selfology",service="%s"})' % process.name}}]}})
    return yaml_text.dump_all(found, "Scales by the events that wait, too; takes the place of the HorizontalPodAutoscalers.\n" +
                              GENERATED)
