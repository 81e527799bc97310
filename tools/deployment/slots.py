"""Two slots of each service, blue and green: what of them is in the manifests, and what is so in a cluster.

    slots.active(services)              # {"session": "green"}: which slot answers
    slots.carried_over(objects, live)   # manifests that leave what answers as it is

Objects are dicts as Kubernetes has them. A service's blue Deployment has its name, the green one "-green" after it; the Services
select one of the two by the label, and so does what scales.
"""

import copy

LABEL = "selfology.io/slot"
SLOTS = ("blue", "green")
NAME = "app.kubernetes.io/name"
# A Redis that nobody serves: without one a process serves, and takes no events and no turns of timed work.
NO_REDIS = "redis://127.0.0.1:1"
SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


def other(slot):
    return SLOTS[1 - SLOTS.index(slot)]


def deployment_name(service, slot):
    return service if slot == SLOTS[0] else service + "-" + slot


def service_of(entry):
    return entry["metadata"].get("labels", {}).get(NAME)


def green(deployment):
    """The Deployment of the second slot, with no replica, from the first one's without a slot."""
    entry = copy.deepcopy(deployment)
    entry["metadata"]["name"] = deployment_name(deployment["metadata"]["name"], "green")
    for labels in (entry["metadata"]["labels"], entry["spec"]["selector"]["matchLabels"], entry["spec"]["template"]["metadata"]["labels"]):
        labels[LABEL] = "green"
    entry["spec"] = {"replicas": 0, **{key: value for key, value in entry["spec"].items() if key != "replicas"}}
    return entry


def active(services):
    """Service to the slot that answers, of those that have slots. Doors' Services go with their service's."""
    found = {}
    for entry in services:
        slot = entry["spec"].get("selector", {}).get(LABEL)
        if slot is not None and entry["metadata"]["name"] == service_of(entry):
            found[service_of(entry)] = slot
    return found


def carried_over(objects, live):
    """What to apply of manifests while these slots answer: the Deployments that answer are left out, the others have no replica,
    and Services and scalers stay with what answers. Services that are not in `live` are as the manifests have them."""
    found = []
    for entry in copy.deepcopy(objects):
        service, kind = service_of(entry), entry["kind"]
        slot = live.get(service)
        if slot is None:
            pass
        elif kind == "Deployment":
            if entry["metadata"]["labels"].get(LABEL) == slot:
                continue
            entry["spec"]["replicas"] = 0
        elif kind == "Service" and LABEL in entry["spec"].get("selector", {}):
            entry["spec"]["selector"][LABEL] = slot
        elif kind in SCALERS:
            entry["spec"]["scaleTargetRef"]["name"] = deployment_name(service, slot)
        found.append(entry)
    return found


def trial(deployment):
    """A pod of a slot's version that answers nobody and handles no event, to see whether it becomes Ready."""
    template = copy.deepcopy(deployment["spec"]["template"])
    template["metadata"]["labels"][LABEL] = "trial"
    spec = template["spec"]
    spec["restartPolicy"] = "Never"
    for container in spec["containers"]:
        container["env"] = [{"name": entry["name"], "value": NO_REDIS} if entry["name"] == "SELFOLOGY_REDIS_URL" else entry
                            for entry in container.get("env", [])]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": deployment["metadata"]["name"] + "-trial",
                                                           "labels": template["metadata"]["labels"]}, "spec": spec}


def is_ready(pod):
    return not pod["metadata"].get("deletionTimestamp") and any(
        condition["type"] == "Ready" and condition["status"] == "True" for condition in pod.get("status", {}).get("conditions", []))


def restarts(pod):
    return sum(status.get("restartCount", 0) for status in pod.get("status", {}).get("containerStatuses", []))
