"""Whether manifests of k8s/logs keep what docs/kubernetes.md promises of log lines: check_logs.py loki|elasticsearch FILE.yaml

Retention is read out of what the store is told; which lines it holds for comes from the collector's settings.
"""

import json
import re
import sys

import yaml

DAYS = {"application": 30, "security": 90}


def data_of(objects, name):
    found = [entry["data"] for entry in objects if entry["kind"] == "ConfigMap" and re.fullmatch(name + "-[a-z0-9]{10}", entry["metadata"]["name"])]
    return found[0] if len(found) == 1 else {}


def days(text):
    number, unit = re.fullmatch(r"(\d+)([dh])", text).groups()
    return int(number) / {"d": 1, "h": 24}[unit]


def loki(objects):
    """Kind to days, as Loki's settings have it."""
    settings = yaml.safe_load(data_of(objects, "loki-retention")["retention.yaml"])
    limits = settings["limits_config"]
    labels = limits["otlp_config"]["resource_attributes"]["attributes_config"]
    if not settings["compactor"]["retention_enabled"] or not any("retention" in entry["attributes"] for entry in labels):
        return {}
    found = {"application": days(limits["retention_period"])}
    for stream in limits["retention_stream"]:
        found[re.fullmatch(r'\{retention="(\w+)"\}', stream["selector"])[1]] = days(stream["period"])
    return found


def elasticsearch(objects):
    data, found = data_of(objects, "elasticsearch-retention"), {}
    for kind in DAYS:
        template = json.loads(data[kind + ".template.json"])
        if template["index_patterns"] == ["logs-selfology.%s*-*" % kind] and template["template"]["settings"][
                "index.lifecycle.name"] == "selfology-" + kind:
            found[kind] = days(json.loads(data[kind + ".policy.json"])["policy"]["phases"]["delete"]["min_age"])
    return found


def wrong(store, objects):
    found = {"loki": loki, "elasticsearch": elasticsearch}[store](objects)
    if found != DAYS:
        yield "lines are kept for %s days" % found
    settings = yaml.safe_load(data_of(objects, "log-collector")["settings.yaml"])
    marks = [entry for entry in settings["receivers"]["file_log"]["operators"] if entry["type"] == "add"]
    if not any(entry["field"] == "resource.retention" and 'category == "security"' in entry["value"] for entry in marks):
        yield "lines do not say how long they are to be kept"
    exporters = yaml.safe_load(data_of(objects, "log-exporter")["exporter.yaml"])["exporters"]
    pods = [entry["spec"]["template"]["spec"] for entry in objects if entry["kind"] == "DaemonSet"]
    said = {variable["name"]: variable.get("value") for pod in pods for variable in pod["containers"][0]["env"]}
    if said.get("EXPORTER") not in exporters:
        yield "the exporter is %s, which is none of %s" % (said.get("EXPORTER"), sorted(exporters))
    mounted = {mount["mountPath"] for pod in pods for mount in pod["containers"][0]["volumeMounts"]}
    if not {said.get("LOGS"), said.get("STATE")} <= mounted:
        yield "the collector reads or notes where nothing is mounted"


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        objects = [entry for entry in yaml.safe_load_all(file) if entry]
    found = list(wrong(sys.argv[1], objects))
    for problem in found:
        print("%s: %s" % (sys.argv[1], problem))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
