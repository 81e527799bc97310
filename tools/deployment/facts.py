"""What the deployment has to know of the mesh, read where it is said: services.bzl, the flags and the peers of each room.

    facts = Facts.read(root)
    facts.edges["coaching_dialog"]     # {"session", "question", ...}: whom its code asks
    facts.doors["telegram_gateway"]    # [Door(...)]: what it listens on for people outside
    facts.problems                     # what could not be understood, for a test to fail on
"""

import dataclasses
import os
import re

TEST_FILE = re.compile(r"_(?:test|fuzz|fixture_test|benchmark)\.(?:cc|h)$")
COMMENT = re.compile(r"//[^\n]*")
FLAG = re.compile(r"ABSL_FLAG\(\s*([\w:<>]+)\s*,\s*(\w+)\s*,\s*([^,]*),")
PEER = re.compile(r"\bPeer\(\s*([^),]*?)\s*[,)]")
# The kernel's flags of this kind, which every process has.
KERNEL_SECRETS = ("database_url", "redis_url")


def resource_name(name):
    """A service's name as Kubernetes and DNS take it."""
    return name.replace("_", "-")


@dataclasses.dataclass
class Door:
    """An address that people or others outside reach a service at, by way of the ingress."""
    flag: str    # "telegram_webhook_listen"
    port: int
    paths: list  # ["/telegram"]
    between_replicas: bool = False  # Replicas reach each other there, too: --..._advertise.


@dataclasses.dataclass
class Facts:
    """All of it; names are those of services.bzl."""
    services: list          # Sorted.
    domain: dict            # Service to its folder.
    about: dict             # Service to the first sentence of its module's comment.
    edges: dict             # Service to those that it asks.
    doors: dict             # Service to its Doors.
    secrets: dict           # Service to its flags of type Secret.
    folders: dict           # Service to its flags of folders that it keeps files in.
    seals: dict             # Service to its flag of the file with the keys that seal its secrets; those that have one.
    outward: set            # Those that speak HTTP to others outside.
    resources: dict         # Service to {"cpu": (request, limit), "memory": (request, limit)}
    fixed_replicas: dict    # Service to a number that no load changes.
    problems: list

    @staticmethod
    def read(root):
        return _Reader(root).facts()

    def callers(self, service):
        """Those that ask a service."""
        return sorted(name for name in self.services if service in self.edges[name])


class _Reader:
    def __init__(self, root):
        self.root = root
        self.scope = {"fail": lambda *args: None}
        exec(self.text("services/services.bzl"), self.scope)  # Starlark, and as it happens Python.
        self.problems = []

    def text(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
            return file.read()

    def sources(self, folder):
        """The sources of a folder but for its tests, without comments, in one text."""
        texts = []
        for here, folders, files in os.walk(os.path.join(self.root, folder)):
            folders.sort()
            for file in sorted(files):
                if file.endswith((".cc", ".h")) and not TEST_FILE.search(file):
                    texts.append(COMMENT.sub("", self.text(os.path.join(here, file))))
        return "\n".join(texts)

    @staticmethod
    def asked(text):
        """The arguments of Peer(), constants of the same code replaced by what they are."""
        for argument in PEER.findall(text):
            constant = re.fullmatch(r"k\w+", argument)
            value = constant and re.search(r'\b%s(?:\[\])?\s*=\s*("\w+")' % argument, text)
            yield value[1] if value else argument

    def peers(self, name, text, services):
        """Whom a room's code asks: by name, and by lists of services.bzl."""
        asked, by_list = set(), False
        for argument in self.asked(text):
            literal = re.fullmatch(r'"(\w+)"', argument)
            if literal is None:
                by_list = True
            elif literal[1] in services:
                asked.add(literal[1])
            else:
                self.problems.append('%s asks "%s", which is no service' % (name, literal[1]))
        listed = self.scope["PEERS_BY_LIST"]
        if by_list and name not in listed:
            self.problems.append("%s asks peers that its code does not name: say in PEERS_BY_LIST of services.bzl which" % name)
        if not by_list and name in listed:
            self.problems.append("PEERS_BY_LIST of services.bzl has %s, whose code names all of its peers" % name)
        if by_list:
            asked.update(listed.get(name, []))
        # Erasing and exporting a person asks everybody.
        if re.search(r"\bmesh(?:_|\(\))?\.(?:EraseUser|ExportUser)\(", text):
            asked.update(services)
        return asked - {name}

    def doors(self, name, flags):
        doors = []
        for kind, flag, default in flags:
            if not flag.endswith("_listen"):
                continue
            said = self.scope["DOORS"].get(flag)
            port = re.search(r':(\d+)"', default)
            if said is None or port is None:
                self.problems.append("%s listens at --%s: say its paths in DOORS of services.bzl" % (name, flag))
                continue
            number = said.get("port") or int(port[1])
            if number == 0:
                self.problems.append("--%s has no port of its own: say one in DOORS of services.bzl" % flag)
            advertise = flag[: -len("listen")] + "advertise"
            doors.append(Door(flag=flag, port=number, paths=said["paths"],
                              between_replicas=any(other == advertise for _, other, _ in flags)))
        return doors

    def facts(self):
        domain = {name: folder for folder, names in self.scope["DOMAINS"].items() for name in names}
        services = sorted(domain)
        # What the kernel asks in every process, such as who may do what.
        kernel = {argument.strip('"') for argument in self.asked(self.sources("common"))
                  if argument.startswith('"')} & set(services)
        facts = Facts(services=services, domain=domain, about={}, edges={}, doors={}, secrets={}, folders={}, seals={}, outward=set(),
                      resources=dict(self.scope["RESOURCES"]), fixed_replicas=dict(self.scope["FIXED_REPLICAS"]),
                      problems=self.problems)
        for name in services:
            room = "services/%s/%s" % (domain[name], name)
            text = self.sources(room)
            flags = FLAG.findall(text)
            about = re.match(r"((?://[^\n]*\n)+)", self.text(room + "/module.cc"))
            words = " ".join(line.lstrip("/ ") for line in about[1].splitlines()) if about else name
            facts.about[name] = re.split(r"(?<=\.)\s", words)[0]
            facts.edges[name] = self.peers(name, text, services) | (kernel - {name})
            facts.doors[name] = self.doors(name, flags)
            facts.secrets[name] = sorted(flag for kind, flag, _ in flags if kind.split("::")[-1] == "Secret")
            facts.folders[name] = sorted(flag for _, flag, _ in flags if flag.endswith("_folder"))
            for _, flag, _ in flags:
                if flag.endswith("_seal_key_file"):
                    facts.seals[name] = flag
            if re.search(r"\bhttp\(\)", text):
                facts.outward.add(name)
        for table in ("RESOURCES", "FIXED_REPLICAS"):
            for name in self.scope[table]:
                if name not in services:
                    self.problems.append("%s of services.bzl has %s, which is no service" % (table, name))
        return facts
