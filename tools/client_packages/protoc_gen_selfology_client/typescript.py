"""Clients in TypeScript: beside session_service_pb.ts stands session_service_client.ts."""

import posixpath

from google.protobuf import descriptor_pb2

from protoc_gen_selfology_client import contract

_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {_FIELD.TYPE_STRING: "string", _FIELD.TYPE_BYTES: "Uint8Array", _FIELD.TYPE_BOOL: "boolean",
            _FIELD.TYPE_INT64: "bigint", _FIELD.TYPE_UINT64: "bigint", _FIELD.TYPE_SINT64: "bigint",
            _FIELD.TYPE_FIXED64: "bigint", _FIELD.TYPE_SFIXED64: "bigint"}


def _alias(file):
    return file.name[: -len(".proto")].replace("/", "_")


def _type(message):
    return _alias(message.file) + "." + message.name.replace(".", "_")


def _path(name, folder):
    if name.startswith("google/protobuf/"):
        return "@bufbuild/protobuf/wkt"
    path = posixpath.relpath(name[: -len(".proto")] + "_pb.js", folder)
    return path if path.startswith(".") else "./" + path


def _comment(text, indent):
    pad = " " * indent
    lines = text.replace("*/", "*\\/").split("\n")
    return "%s/**\n" % pad + "".join(("%s * %s" % (pad, line)).rstrip() + "\n" for line in lines) + "%s */\n" % pad


def _field(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _constant(file, service, method):
    milliseconds = "undefined" if method.deadline_ms is None else method.deadline_ms
    return """  static readonly %s = {
    method: %s.%s.method.%s,
    timeoutMs: %s,
    repeatable: %s,
    hasKey: %s,
    permission: %s,
    subject: "%s",
    exported: %s,
  } as const;
""" % (contract.camel(method.name), _alias(file), service.name, contract.camel(method.name), milliseconds,
       str(method.repeatable).lower(), str(method.has_key).lower(),
       '"%s"' % method.permission if method.permission else "undefined", method.subject,
       str(method.exported).lower())


def _method(service, method):
    name = contract.camel(method.name)
    constant = "%sClient.%s" % (service.name, name)
    arguments = """
    request: MessageInitShape<typeof %sSchema>,
    options?: CallOptions,
  """ % _type(method.request)
    text = _comment(method.comment + "\n\n" + contract.terms(method), 2)
    result = ("AsyncGenerator<%s>" if method.streams else "Promise<%s>") % _type(method.response)
    text += "  %s(%s): %s {\n" % (name, arguments, result)
    text += "    return this.connection.%s(%s, request, options);\n  }\n" % (
        "stream" if method.streams else "call", constant)
    if method.pages:
        item = _type(method.pages.item) if method.pages.item else _SCALARS.get(method.pages.scalar, "number")
        text += "\n" + _comment("Every %s of all pages of %s, each page being a call." % (
            _field(method.pages.field), name), 2)
        text += "  async *%s(%s): AsyncGenerator<%s> {\n" % (contract.camel(method.iterates), arguments, item)
        text += "    for await (const page of this.connection.pages(%s, request, options)) {\n" % constant
        text += "      yield* page.%s;\n    }\n  }\n" % _field(method.pages.field)
    return text


def write(file, services):
    """Path and text of each file to write."""
    files = {file.name: file}
    for service in services:
        for method in service.methods:
            files.update((used.file.name, used.file) for used in method.types)
    folder = posixpath.dirname(file.name)
    text = "// Clients of %s. Written by tools/clients out of the contract.\n\n" % file.name
    text += 'import type { MessageInitShape } from "@bufbuild/protobuf";\n'
    text += 'import type { CallOptions, Connection } from "%s/client/index.js";\n' % posixpath.relpath(".", folder)
    for name, other in sorted(files.items()):
        text += 'import * as %s from "%s";\n' % (_alias(other), _path(name, folder))
    for service in services:
        text += "\n" + _comment(service.comment, 0)
        text += "export class %sClient {\n" % service.name
        text += "\n".join(_constant(file, service, method) for method in service.methods)
        text += "\n  constructor(private readonly connection: Connection) {}\n\n"
        text += "\n".join(_method(service, method) for method in service.methods)
        text += "}\n"
    return [(file.name[: -len(".proto")] + "_client.ts", text)]
