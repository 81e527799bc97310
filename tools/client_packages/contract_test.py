"""What clients take from contracts, and what they refuse. tests/peers/clients/run runs it."""

import os
import sys
import unittest

import google.protobuf.descriptor_pb2 as descriptors
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.compiler import plugin_pb2

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from protoc_gen_selfology_client import __main__ as plugin  # noqa: E402
from protoc_gen_selfology_client import contract  # noqa: E402

FIELD = descriptors.FieldDescriptorProto
METHOD = descriptors.MethodOptions


def options_file():
    """selfology/mesh/v1/options.proto, as far as it is read."""
    file = descriptors.FileDescriptorProto(
        name="selfology/mesh/v1/options.proto", package="selfology.mesh.v1", syntax="proto3",
        dependency=["google/protobuf/descriptor.proto"])
    access = file.message_type.add(name="Access")
    access.oneof_decl.add(name="who")
    access.field.add(name="public", number=1, type=FIELD.TYPE_BOOL, label=FIELD.LABEL_OPTIONAL, oneof_index=0)
    access.field.add(name="permission", number=2, type=FIELD.TYPE_STRING, label=FIELD.LABEL_OPTIONAL, oneof_index=0)
    access.field.add(name="subject", number=3, type=FIELD.TYPE_STRING, label=FIELD.LABEL_OPTIONAL)
    deadline = file.message_type.add(name="Deadline")
    deadline.oneof_decl.add(name="limit")
    deadline.field.add(
        name="milliseconds", number=1, type=FIELD.TYPE_INT32, label=FIELD.LABEL_OPTIONAL, oneof_index=0)
    deadline.field.add(name="unlimited", number=2, type=FIELD.TYPE_BOOL, label=FIELD.LABEL_OPTIONAL, oneof_index=0)
    for name, number, kind in (("access", 51002, "Access"), ("deadline", 51003, "Deadline"), ("exported", 51006, None)):
        file.extension.add(
            name=name, number=number, label=FIELD.LABEL_OPTIONAL, extendee=".google.protobuf.MethodOptions",
            type=FIELD.TYPE_MESSAGE if kind else FIELD.TYPE_BOOL,
            type_name=".selfology.mesh.v1." + kind if kind else None)
    return file


def descriptor_file():
    file = descriptors.FileDescriptorProto()
    descriptors.DESCRIPTOR.CopyToProto(file)
    return file


def message(file, name, **fields):
    made = file.message_type.add(name=name)
    for number, (field, kind) in enumerate(fields.items(), 1):
        made.field.add(name=field, number=number, type=kind, label=FIELD.LABEL_OPTIONAL)
    return made


class Things:
    """A contract with one service; `method` adds to it."""

    def __init__(self):
        self.file = descriptors.FileDescriptorProto(
            name="selfology/thing/v1/thing_service.proto", package="selfology.thing.v1", syntax="proto3",
            dependency=["selfology/mesh/v1/options.proto"])
        self.file.options.go_package = "example/selfology/thing/v1;thingv1"
        self.file.options.java_package = "com.selfology.thing.v1"
        self.service = self.file.service.add(name="ThingService")
        message(self.file, "Empty")
        message(self.file, "Keyed", idempotency_key=FIELD.TYPE_STRING)
        message(self.file, "ListRequest", page_token=FIELD.TYPE_STRING)
        message(self.file, "Item")
        listed = message(self.file, "ListResponse", next_page_token=FIELD.TYPE_STRING)
        # The things first by number, whatever stands first in the file.
        listed.field.add(name="hints", number=9, type=FIELD.TYPE_STRING, label=FIELD.LABEL_REPEATED)
        listed.field.add(name="items", number=3, type=FIELD.TYPE_MESSAGE, label=FIELD.LABEL_REPEATED,
                         type_name=".selfology.thing.v1.Item")
        pool = descriptor_pool.DescriptorPool()
        for file in (descriptor_file(), options_file()):
            pool.AddSerializedFile(file.SerializeToString())
        self.pool = pool

    def method(self, name, request="Empty", response="Empty", level=METHOD.IDEMPOTENT, streams=False, **options):
        made = self.service.method.add(
            name=name, input_type=".selfology.thing.v1." + request, output_type=".selfology.thing.v1." + response,
            server_streaming=streams)
        find = self.pool.FindExtensionByName
        given = message_factory.GetMessageClass(self.pool.FindMessageTypeByName("google.protobuf.MethodOptions"))()
        given.idempotency_level = level
        given.Extensions[find("selfology.mesh.v1.access")].permission = "a.things.read"
        options.setdefault("milliseconds", 5000)
        for limit, value in options.items():
            if value is not None:
                setattr(given.Extensions[find("selfology.mesh.v1.deadline")], limit, value)
        made.options.ParseFromString(given.SerializeToString())
        return made

    def files(self):
        return [descriptor_file(), options_file(), self.file]

    def read(self):
        (service,) = contract.Contracts(self.files()).services(self.file)
        return {method.name: method for method in service.methods}

    def generate(self, language):
        request = plugin_pb2.CodeGeneratorRequest(
            proto_file=self.files(), file_to_generate=[self.file.name], parameter=language)
        return plugin.generate(request)


class ContractTest(unittest.TestCase):
    def setUp(self):
        self.things = Things()

    def test_only_methods_with_effects_have_their_key_filled(self):
        self.things.method("Do", "Keyed")
        self.things.method("Find", "Keyed", level=METHOD.NO_SIDE_EFFECTS)
        self.things.method("Put")
        read = self.things.read()
        self.assertEqual([read[name].has_key for name in ("Do", "Find", "Put")], [True, False, False])
        self.assertTrue(all(method.repeatable for method in read.values()))

    def test_what_does_not_say_that_it_may_be_repeated_is_not(self):
        self.things.method("Do", level=METHOD.IDEMPOTENCY_UNKNOWN)
        self.assertFalse(self.things.read()["Do"].repeatable)

    def test_deadlines(self):
        self.things.method("Do", milliseconds=250)
        self.things.method("Watch", streams=True, milliseconds=None, unlimited=True)
        read = self.things.read()
        self.assertEqual((read["Do"].deadline_ms, read["Watch"].deadline_ms), (250, None))

    def test_no_deadline_is_refused(self):
        self.things.method("Do", milliseconds=None)
        self.assertIn("selfology.thing.v1.ThingService.Do: has no deadline", self.things.generate("go").error)

    def test_a_stream_of_requests_is_left_to_the_stubs(self):
        self.things.method("Do").client_streaming = True
        self.things.method("Put")
        self.assertEqual(list(self.things.read()), ["Put"])

    def test_pages_hold_the_first_list(self):
        self.things.method("ListItems", "ListRequest", "ListResponse")
        method = self.things.read()["ListItems"]
        self.assertEqual((method.pages.field, method.pages.item.name), ("items", "Item"))
        self.assertEqual(method.iterates, "IterateItems")

    def test_two_methods_of_one_name_are_refused(self):
        self.things.method("ListItems", "ListRequest", "ListResponse")
        self.things.method("IterateItems")
        self.assertIn("one name", self.things.generate("python").error)

    def test_maps_are_no_lists(self):
        listed = self.things.file.message_type[-1]
        entry = listed.nested_type.add(name="NotesEntry")
        entry.options.map_entry = True
        for number, name in enumerate(("key", "value"), 1):
            entry.field.add(name=name, number=number, type=FIELD.TYPE_STRING, label=FIELD.LABEL_OPTIONAL)
        listed.field.add(name="notes", number=2, type=FIELD.TYPE_MESSAGE, label=FIELD.LABEL_REPEATED,
                         type_name=".selfology.thing.v1.ListResponse.NotesEntry")
        self.things.method("ListItems", "ListRequest", "ListResponse")
        self.assertEqual(self.things.read()["ListItems"].pages.field, "items")

    def test_values_of_enums_may_be_listed(self):
        self.things.file.enum_type.add(name="Kind").value.add(name="KIND_UNSPECIFIED", number=0)
        listed = self.things.file.message_type[-1]
        listed.field.add(name="kinds", number=2, type=FIELD.TYPE_ENUM, label=FIELD.LABEL_REPEATED,
                         type_name=".selfology.thing.v1.Kind")
        self.things.method("ListKinds", "ListRequest", "ListResponse")
        words = {"python": "-> Iterator[selfology.thing.v1.thing_service_pb2.Kind.ValueType]:",
                 "typescript": "AsyncGenerator<selfology_thing_v1_thing_service.Kind>",
                 "go": "*client.Iterator[thingv1.Kind]", "java": "Iterable<com.selfology.thing.v1.Kind>"}
        for language, word in words.items():
            self.assertIn(word, self.things.generate(language).file[0].content)

    def test_words_of_a_language_are_not_names(self):
        self.things.method("Import")
        self.assertIn("def import_(", self.things.generate("python").file[0].content)
        self.assertIn(" import_(", self.things.generate("java").file[0].content)

    def test_an_unknown_language_is_refused(self):
        self.assertIn("python", self.things.generate("cobol").error)

    def test_every_language_writes_every_method(self):
        self.things.method("ListItems", "ListRequest", "ListResponse")
        self.things.method("Watch", streams=True)
        names = {"python": ("def list_items(", "def iterate_items(", "def watch("),
                 "typescript": ("  listItems(", "  async *iterateItems(", "  watch("),
                 "go": (") ListItems(", ") IterateItems(", ") Watch("),
                 "java": (" listItems(", " iterateItems(", " watch(")}
        self.assertEqual(set(names), set(plugin.LANGUAGES))
        for language, words in names.items():
            (file,) = self.things.generate(language).file
            for word in words:
                self.assertIn(word, file.content)


if __name__ == "__main__":
    unittest.main()
