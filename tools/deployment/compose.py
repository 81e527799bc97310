"""compose.yaml: the mesh, a process for each service, on one machine with podman or docker and nothing else."""

from facts import resource_name
import manifests
import yaml_text

COMMENT = """The whole mesh on one machine, for podman-compose or docker compose:

    tools/images load
    POSTGRES_PASSWORD=... podman-compose up

Keys are taken from the environment under their flags' names, such as SELFOLOGY_ANTHROPIC_API_KEY. With TELEGRAM_BOT_TOKEN and
TELEGRAM_API_BASE it talks with Telegram; without, with the page at http://127.0.0.1:8081 (or another CHAT_PORT).
"""

CHAT_PORT = 8081
HARDENED = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"], "restart": "unless-stopped"}


def variables(facts, name):
    database = "postgresql://postgres:${POSTGRES_PASSWORD:?say one}@postgres:5432/selfology"
    found = {"SELFOLOGY_DATABASE_URL": database, "SELFOLOGY_REDIS_URL": "redis://redis:6379"}
    for line in manifests.settings(facts).splitlines():
        if not line.startswith("#"):
            key, _, value = line.partition("=")
            found[key] = value
    for flag in facts.secrets[name]:
        # Without a value: from the environment, when it is there.
        found["SELFOLOGY_" + flag.upper()] = "${TELEGRAM_BOT_TOKEN:-1:local}" if flag == "telegram_bot_token" else None
    for door in facts.doors[name]:
        if door.between_replicas:
            found["SELFOLOGY_" + door.flag[: -len("listen")].upper() + "ADVERTISE"] = "%s:%d" % (resource_name(name), door.port)
    for flag in facts.folders[name]:
        found["SELFOLOGY_" + flag.upper()] = "/var/lib/selfology/" + manifests.folder_volume(flag)
    if facts.folders[name]:
        found["SELFOLOGY_STATE_FOLDER"] = "/var/lib/selfology"
    if "telegram_bot_token" in facts.secrets[name]:
        found["SELFOLOGY_TELEGRAM_API_BASE"] = "${TELEGRAM_API_BASE:-http://telegram-emulator:8081}"
    return found


def service(facts, name):
    limits = facts.resources.get(name, manifests.DEFAULT_RESOURCES)
    memory = {"Mi": "m", "Gi": "g"}
    cpu = limits["cpu"][1]
    body = {"image": manifests.IMAGES + resource_name(name), "environment": variables(facts, name),
            "depends_on": ["postgres", "redis"], "tmpfs": ["/tmp"]}
    body.update(HARDENED)
    body.update({"stop_grace_period": "%ds" % manifests.GRACE,
                 "cpus": str(int(cpu[:-1]) / 1000) if cpu.endswith("m") else cpu,
                 "mem_limit": limits["memory"][1][:-2] + memory[limits["memory"][1][-2:]]})
    # The chat page has the port of Telegram's webhook, which needs a public address anyway.
    doors = [door for door in facts.doors[name] if door.port != CHAT_PORT]
    if doors:
        body["ports"] = ["127.0.0.1:${%s:-%d}:%d" % (door.flag[: -len("_listen")].upper() + "_PORT", door.port, door.port)
                         for door in doors]
    if facts.folders[name]:
        body["volumes"] = ["%s:/var/lib/selfology" % resource_name(name)]
    return body


def text(facts):
    services = {
        "postgres": dict({"image": manifests.IMAGES + "postgres", "command": ["-c", "max_connections=400"],
                          "environment": {"POSTGRES_PASSWORD": "${POSTGRES_PASSWORD:?say one}"},
                          "volumes": ["postgres:/var/lib/postgresql/data"], "tmpfs": ["/tmp"], "shm_size": "128m"}, **HARDENED),
        "redis": dict({"image": manifests.IMAGES + "redis", "command": ["--save", "", "--dir", "/tmp", "--protected-mode", "no"],
                       "tmpfs": ["/tmp"]}, **HARDENED),
        "telegram-emulator": dict({"image": manifests.IMAGES + "telegram-emulator", "tmpfs": ["/tmp"],
                                   "command": ["--address=0.0.0.0", "--port=%d" % CHAT_PORT],
                                   "ports": ["127.0.0.1:${CHAT_PORT:-%d}:%d" % (CHAT_PORT, CHAT_PORT)]}, **HARDENED),
    }
    for name in facts.services:
        services[resource_name(name)] = service(facts, name)
    volumes = {"postgres": {}}
    for name in facts.services:
        if facts.folders[name]:
            volumes[resource_name(name)] = {}
    return yaml_text.dump_all([{"name": "selfology", "services": services, "volumes": volumes}],
                              COMMENT + "\n" + manifests.GENERATED)
