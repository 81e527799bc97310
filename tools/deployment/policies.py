"""NetworkPolicies: who may open a connection to whom. Everything that is not allowed here is refused.

The edges are those of the code (Facts.edges), so a service that begins to ask another is allowed to by running tools/k8s, and
one that was broken into reaches only what its code asks.
"""

GRPC_PORT = 50051
HTTP_PORT = 8080
POSTGRES_PORT = 5432
REDIS_PORT = 6379
TELEGRAM = "telegram-emulator"


def tcp(*ports):
    return [{"protocol": "TCP", "port": port} for port in ports]


def pods(*names):
    return [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": name}}} for name in names]


def namespace(name):
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def purpose(name):
    """Pods of any namespace that says what it is for: selfology.io/purpose=monitoring, ingress."""
    return {"namespaceSelector": {"matchLabels": {"selfology.io/purpose": name}}}


def dns():
    return {"to": [dict(namespace("kube-system"), podSelector={"matchLabels": {"k8s-app": "kube-dns"}})],
            "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}


def stores():
    """Pods that say so, such as those of components/stores; other places are components/external-stores'."""
    return [{"to": [{"podSelector": {"matchLabels": {"selfology.io/store": "postgres"}}}], "ports": tcp(POSTGRES_PORT)},
            {"to": [{"podSelector": {"matchLabels": {"selfology.io/store": "redis"}}}], "ports": tcp(REDIS_PORT)}]


def policy(metadata, name, ingress, egress):
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata,
            "spec": {"podSelector": {"matchLabels": {"app.kubernetes.io/name": name}}, "policyTypes": ["Ingress", "Egress"],
                     "ingress": ingress, "egress": egress}}


def internet():
    """HTTPS to addresses that are in nobody's private network."""
    return {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16",
                                                               "172.16.0.0/12", "192.168.0.0/16"]}}], "ports": tcp(443)}


def of_process(process):
    facts, own = process.facts, set(process.members)
    names = {member: member.replace("_", "-") for member in facts.services}
    callers = sorted({names[caller] for member in own for caller in facts.callers(member)} - {process.name}
                     if len(own) == 1 else set())
    asked = sorted({names[peer] for member in own for peer in facts.edges[member]} - {process.name}
                   if len(own) == 1 else set())
    ingress = []
    if callers:
        ingress.append({"from": pods(*callers), "ports": tcp(GRPC_PORT)})
    ingress.append({"from": [purpose("monitoring")], "ports": tcp(HTTP_PORT)})
    for door in process.doors:
        own_replicas = pods(process.name) if door.between_replicas else []
        ingress.append({"from": [purpose("ingress")] + own_replicas, "ports": tcp(door.port)})
    egress = [dns()] + stores()
    for door in process.doors:
        if door.between_replicas:
            egress.append({"to": pods(process.name), "ports": tcp(door.port)})
    if asked:
        egress.append({"to": pods(*asked), "ports": tcp(GRPC_PORT)})
    if facts.outward & own:
        egress.append(internet())
    return policy(process.metadata(), process.name, ingress, egress)


def of_migration(name):
    metadata = {"name": name, "labels": {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "selfology"}}
    return policy(metadata, name, [], [dns(), stores()[0]])


def default_deny():
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": "default-deny", "labels": {"app.kubernetes.io/part-of": "selfology"}},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}}


def edge_list(facts):
    """The file of --tls_edges_file: the same edges, for the processes themselves."""
    return "".join("%s -> %s\n" % edge for edge in edges(facts))


def edges(facts):
    """All pairs (caller, asked)."""
    return sorted((caller, peer) for caller in facts.services for peer in facts.edges[caller])
