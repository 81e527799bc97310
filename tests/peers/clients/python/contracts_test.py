"""What the Python clients know of each method is what its contract says, for every method of every service."""

import importlib
import pathlib
import re
import unittest
from collections.abc import Iterator

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

import selfology
from selfology.client import Method
from selfology.mesh.v1 import options_pb2

IDEMPOTENT = descriptor_pb2.MethodOptions.IDEMPOTENT


def services() -> Iterator[tuple[str, ServiceDescriptor]]:
    """Each service, and the module of its client."""
    for path in sorted(pathlib.Path(selfology.__path__[0]).rglob("*_pb2.py")):
        module = ".".join(("selfology", *path.relative_to(selfology.__path__[0]).with_suffix("").parts))
        for service in importlib.import_module(module).DESCRIPTOR.services_by_name.values():
            yield module.removesuffix("_pb2") + "_client", service


class ContractsTest(unittest.TestCase):
    def check(self, known: Method, method: MethodDescriptor) -> None:  # type: ignore[type-arg]
        options = method.GetOptions()
        access = options.Extensions[options_pb2.access]
        deadline = options.Extensions[options_pb2.deadline]
        self.assertEqual(known.path, "/%s/%s" % (method.containing_service.full_name, method.name))
        self.assertEqual(known.timeout, None if deadline.unlimited else deadline.milliseconds / 1000)
        self.assertEqual(known.repeatable, options.idempotency_level != 0)
        keyed = "idempotency_key" in method.input_type.fields_by_name
        self.assertEqual(known.has_key, keyed and options.idempotency_level == IDEMPOTENT)
        self.assertEqual(known.permission, access.permission or None)
        self.assertEqual(known.subject, access.subject)
        self.assertEqual(known.exported, options.Extensions[options_pb2.exported])
        self.assertEqual(known.request.DESCRIPTOR.full_name, method.input_type.full_name)
        self.assertEqual(known.response.DESCRIPTOR.full_name, method.output_type.full_name)

    def test_every_method(self) -> None:
        found = 0
        for module, service in services():
            client = getattr(importlib.import_module(module), service.name + "Client")
            for method in service.methods:
                with self.subTest(method.full_name):
                    name = re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", method.name)
                    self.check(getattr(client, name.upper()), method)
                    self.assertTrue(callable(getattr(client, name.lower())))
                    found += 1
        self.assertGreater(found, 50)

    def test_every_list_has_its_iterator(self) -> None:
        for module, service in services():
            client = getattr(importlib.import_module(module), service.name + "Client")
            pages = [m for m in service.methods if "next_page_token" in m.output_type.fields_by_name]
            iterators = [name for name in vars(client) if name.startswith("iterate_")]
            self.assertEqual(len(iterators), len(pages), service.full_name)


if __name__ == "__main__":
    unittest.main()
