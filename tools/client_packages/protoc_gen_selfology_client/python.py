"""Clients in Python: beside session_service_pb2.py stands session_service_client.py."""

import keyword

from google.protobuf import descriptor_pb2

from protoc_gen_selfology_client import contract

_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {_FIELD.TYPE_STRING: "str", _FIELD.TYPE_BYTES: "bytes", _FIELD.TYPE_BOOL: "bool",
            _FIELD.TYPE_DOUBLE: "float", _FIELD.TYPE_FLOAT: "float"}


def _module(file):
    return file.name[: -len(".proto")].replace("/", ".") + "_pb2"


def _type(message):
    return _module(message.file) + "." + message.name


def _item(pages):
    if not pages.item:
        return _SCALARS.get(pages.scalar, "int")
    # What an enum's values are for mypy.
    return _type(pages.item) + (".ValueType" if pages.item.is_enum else "")


def _comment(text, indent):
    lines = text.replace("\\", "\\\\").replace('"""', "'''").split("\n")
    if lines[-1].endswith('"'):
        lines[-1] += " "
    pad = " " * indent
    if len(lines) == 1:
        return '%s"""%s"""\n' % (pad, lines[0])
    return pad + '"""' + "\n".join([lines[0]] + [(pad + line).rstrip() for line in lines[1:]]) + "\n" + pad + '"""\n'


def _method(service, method):
    name = contract.word(contract.snake(method.name), keyword.kwlist)
    constant = contract.snake(method.name).upper()
    result = "Iterator[%s]" % _type(method.response) if method.streams else _type(method.response)
    arguments = """
        self,
        request: %s,
        *,
        timeout: float | None = None,
        metadata: selfology.client.Metadata = (),
    """ % _type(method.request)
    text = "    def %s(%s) -> %s:\n" % (name, arguments, result)
    text += _comment(method.comment + "\n\n" + contract.terms(method), 8)
    text += "        return self._connection.%s(\n" % ("stream" if method.streams else "call")
    text += "            self.%s, self._stub.%s, request, timeout, metadata\n        )\n" % (constant, method.name)
    if method.pages:
        text += "\n    def %s(%s) -> Iterator[%s]:\n" % (
            contract.snake(method.iterates), arguments, _item(method.pages))
        text += _comment(
            "Every %s of all pages of %s, each page being a call." % (method.pages.field, name), 8)
        text += "        for page in self._connection.pages(\n"
        text += "            self.%s, self._stub.%s, request, timeout, metadata\n        ):\n" % (constant, method.name)
        text += "            yield from page.%s\n" % method.pages.field
    return text


def _constant(method):
    seconds = "None" if method.deadline_ms is None else repr(method.deadline_ms / 1000)
    return """    %s: Final = selfology.client.Method(
        path="%s",
        request=%s,
        response=%s,
        timeout=%s,
        repeatable=%s,
        has_key=%s,
        permission=%s,
        subject="%s",
        exported=%s,
    )
""" % (contract.snake(method.name).upper(), method.path, _type(method.request), _type(method.response), seconds,
       method.repeatable, method.has_key, '"%s"' % method.permission if method.permission else None,
       method.subject, method.exported)


def write(file, services):
    """Path and text of each file to write."""
    modules = {_module(file)}
    for service in services:
        for method in service.methods:
            modules.update(_module(used.file) for used in method.types)
    stubs = _module(file) + "_grpc"
    text = '"""Clients of %s. Written by tools/clients out of the contract."""\n\n' % file.name
    if any(method.streams or method.pages for service in services for method in service.methods):
        text += "from collections.abc import Iterator\n"
    text += "from typing import Final\n\nimport selfology.client\n"
    text += "".join("import %s\n" % module for module in sorted(modules | {stubs}))
    for service in services:
        text += "\n\nclass %sClient:\n%s\n" % (service.name, _comment(service.comment, 4))
        text += "\n".join(_constant(method) for method in service.methods) + "\n"
        text += "    def __init__(self, connection: selfology.client.Connection) -> None:\n"
        text += "        self._connection = connection\n"
        text += "        self._stub = %s.%sStub(connection.channel)\n\n" % (stubs, service.name)
        text += "\n".join(_method(service, method) for method in service.methods)
    return [(file.name[: -len(".proto")] + "_client.py", text)]
