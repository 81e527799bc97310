"""Writes YAML that people read: block style, keys in the order given, no anchors.

    yaml_text.dump({"kind": "Service", "ports": [{"port": 50051}]})

Takes dicts, lists, strings, whole numbers, booleans and None. Strings that YAML would take for something else are quoted.
"""

import json
import re

# Letters, digits and what is harmless inside; no "on", "null", numbers and the like.
PLAIN = re.compile(r"[A-Za-z/.][A-Za-z0-9_./@*+-]*(?:[ :=,][A-Za-z0-9_./@*+(-][A-Za-z0-9_./@*+=()%-]*)*\Z")
WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n", ".inf", ".nan"}


def scalar(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if value.lower() not in WORDS and PLAIN.match(value) and not re.match(r"[.0-9+-]+\Z", value):
        return value
    return json.dumps(value, ensure_ascii=False)


def lines(value, indent):
    pad = "  " * indent
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str) and "\n" in inner:
                yield "%s%s: |" % (pad, scalar(key))
                for line in inner.rstrip("\n").split("\n"):
                    yield ("%s  %s" % (pad, line)).rstrip()
            elif isinstance(inner, (dict, list)) and inner:
                yield "%s%s:" % (pad, scalar(key))
                # Lists are not indented below their key, as kubectl writes them.
                yield from lines(inner, indent if isinstance(inner, list) else indent + 1)
            elif isinstance(inner, (dict, list)):
                yield "%s%s: %s" % (pad, scalar(key), "{}" if isinstance(inner, dict) else "[]")
            else:
                yield "%s%s: %s" % (pad, scalar(key), scalar(inner))
    else:
        for inner in value:
            if isinstance(inner, dict) and inner:
                text = list(lines(inner, indent + 1))
                yield "%s- %s" % (pad, text[0].lstrip())
                yield from text[1:]
            elif isinstance(inner, list) or inner == {}:
                yield "%s- %s" % (pad, json.dumps(inner))
            else:
                yield "%s- %s" % (pad, scalar(inner))


def dump(value):
    return "\n".join(lines(value, 0)) + "\n"


def dump_all(documents, comment=""):
    """Documents in one text, below a comment."""
    head = "".join(("# %s" % line).rstrip() + "\n" for line in comment.splitlines())
    return head + "---\n".join(dump(document) for document in documents)
