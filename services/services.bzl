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
        "telegram_gateway",
    ],
    "platform": [
        "ai",
        "outbox_relay",
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
    "coaching_dialog": "notification",
    "outbox_relay": "relay",
    "safety_dialog": "safety",
    "telegram_gateway": "telegram",
}

def contract_of(name):
    """The package of a service's contract, such as "proto/selfology/session/v1"."""
    return "proto/selfology/%s/v1" % _CONTRACTS.get(name, name)

def room_of(name):
    """A service's package, such as "services/coaching/session"."""
    return "services/%s/%s" % (domain_of(name), name)

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
]

# Whose local model makes vectors.
LOCAL_EMBEDDINGS = "analysis"
