"""A plugin of protoc: writes the clients of services. tools/clients runs it by buf.

Its parameter is the language: python, typescript, go or java. Reads a CodeGeneratorRequest from standard input and
writes a CodeGeneratorResponse to standard output, as protoc wants it.
"""

import os
import sys

from google.protobuf.compiler import plugin_pb2

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from protoc_gen_selfology_client import contract, go, java, python, typescript  # noqa: E402

LANGUAGES = {"python": python, "typescript": typescript, "go": go, "java": java}


def generate(request):
    """The plugin as a function."""
    response = plugin_pb2.CodeGeneratorResponse(
        supported_features=plugin_pb2.CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    )
    if request.parameter not in LANGUAGES:
        response.error = "the parameter must be one of: " + ", ".join(sorted(LANGUAGES))
        return response
    try:
        contracts = contract.Contracts(request.proto_file)
        for name in request.file_to_generate:
            file = contracts.files[name]
            services = contracts.services(file)
            if services:
                for path, text in LANGUAGES[request.parameter].write(file, services):
                    response.file.add(name=path, content=text)
    except contract.ContractError as error:
        response.error = str(error)
    return response


if __name__ == "__main__":
    answer = generate(plugin_pb2.CodeGeneratorRequest.FromString(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(answer.SerializeToString())
