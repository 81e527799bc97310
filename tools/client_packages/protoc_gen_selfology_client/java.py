"""Clients in Java: beside the messages of a package stands SessionServiceClient."""

from google.protobuf import descriptor_pb2

from protoc_gen_selfology_client import contract

_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {_FIELD.TYPE_STRING: "String", _FIELD.TYPE_BYTES: "com.google.protobuf.ByteString",
            _FIELD.TYPE_BOOL: "Boolean", _FIELD.TYPE_INT64: "Long", _FIELD.TYPE_UINT64: "Long",
            _FIELD.TYPE_SINT64: "Long", _FIELD.TYPE_FIXED64: "Long", _FIELD.TYPE_SFIXED64: "Long",
            _FIELD.TYPE_INT32: "Integer", _FIELD.TYPE_UINT32: "Integer", _FIELD.TYPE_SINT32: "Integer",
            _FIELD.TYPE_FIXED32: "Integer", _FIELD.TYPE_SFIXED32: "Integer", _FIELD.TYPE_DOUBLE: "Double",
            _FIELD.TYPE_FLOAT: "Float"}
# Of those that a method may be called.
_RESERVED = ("assert", "break", "case", "catch", "class", "continue", "default", "do", "else", "enum", "final", "finally",
             "for", "goto", "if", "import", "interface", "native", "new", "package", "private", "protected", "public",
             "return", "static", "super", "switch", "this", "throw", "throws", "try", "void", "volatile", "while",
             "notify", "wait")


def _type(message):
    return message.file.options.java_package + "." + message.name


def _comment(text, indent):
    pad = " " * indent
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("*/", "*&#47;")
    escaped = escaped.replace("@", "&#64;").replace("\\", "&#92;").replace("{", "&#123;").replace("}", "&#125;")
    lines = escaped.replace("\n\n", "\n\n<p>").split("\n")
    return "%s/**\n" % pad + "".join(("%s * %s" % (pad, line)).rstrip() + "\n" for line in lines) + "%s */\n" % pad


def _field(name):
    return "".join(word.capitalize() for word in name.split("_"))


def _item(pages):
    return _type(pages.item) if pages.item else _SCALARS[pages.scalar]


def _constant(method):
    timeout = "null" if method.deadline_ms is None else "java.time.Duration.ofMillis(%d)" % method.deadline_ms
    request, response = _type(method.request), _type(method.response)
    return """  /** What the contract says of %s. */
  public static final Method<%s, %s> %s =
      new Method<>(
          Method.descriptor(
              "%s",
              %s,
              %s.getDefaultInstance(),
              %s.getDefaultInstance()),
          %s,
          %s,
          %s,
          %s,
          "%s",
          %s);
""" % (method.name, request, response, contract.snake(method.name).upper(), method.path[1:],
       str(method.streams).lower(), request, response, timeout, str(method.repeatable).lower(),
       str(method.has_key).lower(), '"%s"' % method.permission if method.permission else "null", method.subject,
       str(method.exported).lower())


def _overloads(name, result, method, body):
    """The method with options, and without."""
    request = _type(method.request)
    text = "  public %s %s(%s request, CallOptions options) {\n    return %s;\n  }\n" % (result, name, request, body)
    text += "\n  /** The same with the contract's own terms. */\n"
    text += "  public %s %s(%s request) {\n    return %s(request, CallOptions.DEFAULT);\n  }\n" % (
        result, name, request, name)
    return text


def _method(method):
    name = contract.word(contract.camel(method.name), _RESERVED)
    constant = contract.snake(method.name).upper()
    text = _comment(method.comment + "\n\n" + contract.terms(method), 2)
    if method.streams:
        text += _overloads(name, "Stream<%s>" % _type(method.response), method,
                           "connection.stream(%s, request, options)" % constant)
    else:
        text += _overloads(name, _type(method.response), method,
                           "connection.call(%s, request, options)" % constant)
    if method.pages:
        text += "\n" + _comment("Every %s of all pages of %s, each page being a call." % (
            method.pages.field, name), 2)
        text += _overloads(
            contract.camel(method.iterates), "Iterable<%s>" % _item(method.pages), method,
            "connection.pages(%s, request, options, %s::get%sList)" % (
                constant, _type(method.response), _field(method.pages.field)))
    return text


def write(file, services):
    """Path and text of each file to write."""
    package = file.options.java_package
    folder = package.replace(".", "/")
    runtime = package[: package.index("selfology")] + "selfology.client"
    result = []
    for service in services:
        text = "// Client of %s. Written by tools/clients out of the contract.\n" % file.name
        text += "package %s;\n\n" % package
        names = ["CallOptions", "Connection", "Method"]
        if any(method.streams for method in service.methods):
            names.append("Stream")
        text += "".join("import %s.%s;\n" % (runtime, name) for name in names) + "\n"
        text += _comment(service.comment, 0)
        text += "public final class %sClient {\n" % service.name
        text += "\n".join(_constant(method) for method in service.methods)
        text += "\n  private final Connection connection;\n\n"
        text += "  /** Makes calls over the connection. */\n"
        text += "  public %sClient(Connection connection) {\n    this.connection = connection;\n  }\n\n" % service.name
        text += "\n".join(_method(method) for method in service.methods)
        text += "}\n"
        result.append(("%s/%sClient.java" % (folder, service.name), text))
    return result
