"""The one list of services. Everything that lists or counts services comes from here.

    load("//services:services.bzl", "SERVICES", "room_of")

    ["//%s:%s_service" % (room_of(name), name) for name in SERVICES]

Add a service with `tools/new-service DOMAIN/NAME`, which adds its line here.
"""

# The folders under services/, and the services in each.
DOMAINS = {
    "coaching": [
        "analysis",
        "coach",
        "coaching_dialog",
        "profile",
        "question",
        "safety_dialog",
        "session",
        "trait",
    ],
    "edge": [
        "api_gateway",
        "realtime",
        "telegram_gateway",
        "webhook",
    ],
    "feed": [
        "channel_reader",
        "feed",
        "feed_dialog",
        "miniapp",
    ],
    "growth": [
        "challenge",
        "gamification",
        "growth_dialog",
        "task",
    ],
    "platform": [
        "ai",
        "analytics",
        "file",
        "integration",
        "notification",
        "outbox_relay",
        "queue",
        "security",
        "user",
    ],
    "studio": [
        "content",
        "social",
    ],
}

_DOMAIN_OF = {name: domain for domain in DOMAINS for name in DOMAINS[domain]}

SERVICES = sorted(_DOMAIN_OF.keys())

def domain_of(name):
    """The folder under services/ that a service lives in."""
    if name not in _DOMAIN_OF:
        fail("%s is not in services/services.bzl" % name)
    return _DOMAIN_OF[name]

# The contracts whose package is not named as their service.
_CONTRACTS = {
    "coaching_dialog": "telegram",
    "feed_dialog": "telegram",
    "growth_dialog": "telegram",
    "outbox_relay": "relay",
    "safety_dialog": "safety",
    "telegram_gateway": "telegram",
}

# Services without a contract of their own.
_WITHOUT_CONTRACT = ["api_gateway"]

# Who serves a contract's service that stands in another's package.
_GUESTS = {
    "selfology.coach.v1.MoodService": "coaching_dialog",
}

def contract_of(name):
    """The package of a service's contract, such as "proto/selfology/session/v1"; None: it has none."""
    if name in _WITHOUT_CONTRACT:
        return None
    return "proto/selfology/%s/v1" % _CONTRACTS.get(name, name)

def room_of(name):
    """A service's package, such as "services/coaching/session"."""
    return "services/%s/%s" % (domain_of(name), name)

def contract_owners():
    """The services by the contracts that they serve: packages, such as "selfology.session.v1", and full names of services.

    A dialog that has only the contract of all dialogs is in no package's stead.
    """
    owners = {}
    for name in SERVICES:
        contract = contract_of(name)
        if contract and (name not in DIALOGS or contract != contract_of("telegram_gateway")):
            owners[contract[len("proto/"):].replace("/", ".")] = name
    owners.update(_GUESTS)
    return owners

# Which service's local model (proto/selfology/ai/v1/local_model_service.proto) ai asks for which task when no provider is
# configured, or none answered. A task that is not here has no local model.
LOCAL_MODELS = {
    "TASK_UNSPECIFIED": "coach",
    "TASK_INSTANT_ANALYSIS": "analysis",
    "TASK_DEEP_ANALYSIS": "analysis",
    "TASK_COACH_REPLY": "coach",
    "TASK_INSIGHT": "coach",
    "TASK_SUMMARY": "analysis",
}

# The dialogs that people talk to in Telegram (proto/selfology/telegram/v1/dialog_service.proto), in the order of their menu,
# by the service that has each. Guards see what people write in this order, too.
DIALOGS = [
    "safety_dialog",
    "coaching_dialog",
    "feed_dialog",
    "growth_dialog",
]

# The dialog that hears a person who has not chosen one; the others are reached by their commands and by /help.
FIRST_DIALOG = "coaching_dialog"

# Whose local model makes vectors.
LOCAL_EMBEDDINGS = "analysis"

# What the deployment (k8s/, compose.yaml; tools/k8s writes both) cannot read out of the code.

# Whose code asks peers that it does not name one by one. All other peers are read from mesh.Peer("name").
PEERS_BY_LIST = {
    "ai": [LOCAL_MODELS[task] for task in LOCAL_MODELS] + [LOCAL_EMBEDDINGS],
    "api_gateway": SERVICES,
    "telegram_gateway": DIALOGS,
}

# The flags with the addresses that people and others outside reach over HTTP, and the paths that the ingress sends there.
DOORS = {
    "api_gateway_listen": {"paths": ["/"], "port": 8082},
    "content_listen": {"paths": ["/studio"], "port": 8086},
    "file_listen": {"paths": ["/files"], "port": 8084},
    "miniapp_listen": {"paths": ["/miniapp"], "port": 8087},
    "realtime_listen": {"paths": ["/socket.io"], "port": 8083},
    "telegram_webhook_listen": {"paths": ["/telegram"]},
    "webhook_listen": {"paths": ["/webhooks"], "port": 8085},
}

# What a process is granted, and the most it may take; those that are not here: 250m to 500m of a CPU, 256Mi to 512Mi.
RESOURCES = {
    "analysis": {"cpu": ("500m", "1"), "memory": ("512Mi", "1Gi")},
    # A process that makes a video may take 1 GiB.
    "file": {"cpu": ("250m", "2"), "memory": ("512Mi", "2Gi")},
}

# The services whose number of replicas no load changes.
FIXED_REPLICAS = {
    "outbox_relay": 2,  # One works, one waits.
}
