"""What a client needs to know of the contracts, read from their descriptors."""

import dataclasses
import re

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_FIELD = descriptor_pb2.FieldDescriptorProto
_METHOD = descriptor_pb2.MethodOptions


class ContractError(Exception):
    """A contract says something that clients cannot follow."""


@dataclasses.dataclass(frozen=True)
class Type:
    """A message or an enum: its file, and its full name, for example "selfology.coach.v1.Message"."""

    file: descriptor_pb2.FileDescriptorProto
    full_name: str
    is_enum: bool

    @property
    def name(self):
        return self.full_name[len(self.file.package) + 1 :]


@dataclasses.dataclass(frozen=True)
class Pages:
    """How to read the pages of a method that lists."""

    # The response's repeated field, for example "sessions".
    field: str
    # What it holds; None for scalars, of which `scalar` is the type (FieldDescriptorProto.Type).
    item: Type
    scalar: int


@dataclasses.dataclass(frozen=True)
class Method:
    """A method, and what its options say."""

    name: str
    path: str
    request: Type
    response: Type
    streams: bool
    # The default deadline; None: unlimited.
    deadline_ms: int
    # Whether a call that failed with UNAVAILABLE may be made again.
    repeatable: bool
    # Whether the client fills `idempotency_key` when the caller left it empty.
    has_key: bool
    pages: Pages
    # None: everybody may call it.
    permission: str
    # The request's field that names the person; empty: none does.
    subject: str
    exported: bool
    comment: str

    @property
    def iterates(self):
        """What the method that reads all pages is called: "IterateSessions" for ListSessions."""
        return "Iterate" + self.name.removeprefix("List")

    @property
    def types(self):
        """All that it uses."""
        return [type_ for type_ in (self.request, self.response, self.pages and self.pages.item) if type_]


@dataclasses.dataclass(frozen=True)
class Service:
    """A service of a file."""

    name: str
    full_name: str
    comment: str
    methods: tuple


def word(name, reserved):
    """The name, or, where the language has other plans with it, the name with an underscore."""
    return name + "_" if name in reserved else name


def snake(name):
    """ "start_onboarding" for "StartOnboarding"."""
    return re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def camel(name):
    """ "startOnboarding" for "StartOnboarding"."""
    return name[0].lower() + name[1:]


class Contracts:
    """All files of a request of protoc."""

    def __init__(self, files):
        self.files = {file.name: file for file in files}
        self._types = {}
        self._pool = descriptor_pool.DescriptorPool()
        for file in files:
            self._pool.AddSerializedFile(file.SerializeToString())
            self._add(file, file.package, file.message_type, file.enum_type)

    def _add(self, file, scope, messages, enums):
        for message in messages:
            full_name = scope + "." + message.name
            self._types["." + full_name] = (Type(file, full_name, False), message)
            self._add(file, full_name, message.nested_type, message.enum_type)
        for enum in enums:
            self._types["." + scope + "." + enum.name] = (Type(file, scope + "." + enum.name, True), enum)

    def services(self, file):
        """The services of a file. A method whose requests are a stream is left to the generated stubs."""
        comments = {
            tuple(location.path): location.leading_comments
            for location in file.source_code_info.location
            if location.leading_comments
        }
        result = []
        for i, service in enumerate(file.service):
            full_name = file.package + "." + service.name
            methods = tuple(
                self._method(full_name, method, _words(comments.get((6, i, 2, j))))
                for j, method in enumerate(service.method)
                if not method.client_streaming
            )
            names = [method.name for method in methods] + [method.iterates for method in methods if method.pages]
            if len(names) != len(set(names)):
                raise ContractError("%s: two methods of its client would have one name" % full_name)
            result.append(Service(service.name, full_name, _words(comments.get((6, i))), methods))
        return result

    def _method(self, service, method, comment):
        request, request_type = self._types[method.input_type]
        response, response_type = self._types[method.output_type]
        access = self._option(method, "access")
        deadline = self._option(method, "deadline")
        limit = deadline.WhichOneof("limit")
        if limit is None:
            raise ContractError("%s.%s: has no deadline" % (service, method.name))
        level = method.options.idempotency_level
        return Method(
            name=method.name,
            path="/%s/%s" % (service, method.name),
            request=request,
            response=response,
            streams=method.server_streaming,
            deadline_ms=deadline.milliseconds if limit == "milliseconds" else None,
            repeatable=level != _METHOD.IDEMPOTENCY_UNKNOWN,
            # In requests of methods that only read, the key is something to look for.
            has_key=level == _METHOD.IDEMPOTENT
            and any(
                field.name == "idempotency_key" and field.type == _FIELD.TYPE_STRING
                for field in request_type.field
            ),
            pages=None if method.server_streaming else self._pages(request_type, response_type),
            permission=access.permission or None,
            subject=access.subject,
            exported=self._option(method, "exported"),
            comment=comment,
        )

    def _option(self, method, name):
        # As the contracts themselves declare it: this program has no copy of them.
        options = message_factory.GetMessageClass(self._pool.FindMessageTypeByName("google.protobuf.MethodOptions"))
        extension = self._pool.FindExtensionByName("selfology.mesh.v1." + name)
        return options.FromString(method.options.SerializeToString()).Extensions[extension]

    def _pages(self, request, response):
        if not any(field.name == "page_token" for field in request.field):
            return None
        if not any(field.name == "next_page_token" for field in response.field):
            return None
        repeated = [
            field
            for field in response.field
            if field.label == _FIELD.LABEL_REPEATED and not self._is_map(field)
        ]
        if not repeated:
            return None
        # The things listed are the first of them; those after it are beside the list.
        field = min(repeated, key=lambda field: field.number)
        if field.type_name:
            return Pages(field.name, self._types[field.type_name][0], None)
        return Pages(field.name, None, field.type)

    def _is_map(self, field):
        return field.type == _FIELD.TYPE_MESSAGE and self._types[field.type_name][1].options.map_entry


def _words(comment):
    return "\n".join(line.strip() for line in (comment or "").strip().split("\n"))


def terms(method):
    """What the options say, as sentences for a comment."""
    said = []
    if method.deadline_ms is None:
        said.append("No deadline unless you set one.")
    else:
        said.append("Default deadline: %g s." % (method.deadline_ms / 1000))
    if method.repeatable:
        said.append("Called again while the service is unavailable.")
    if method.has_key:
        said.append("An empty idempotency key is filled.")
    if method.permission:
        said.append("Needs the permission %s%s." % (
            method.permission, " for the person of %s" % method.subject if method.subject else ""))
    else:
        said.append("Open to everybody.")
    if method.exported:
        said.append("Part of a person's export.")
    return " ".join(said)
