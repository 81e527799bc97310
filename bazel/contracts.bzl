"""contract_owners_header: who serves which contract, for services/edge/api_gateway.

    load("//bazel:contracts.bzl", "contract_owners_header")

    contract_owners_header(name = "contract_owners")

gives the library ":contract_owners" with the header "<package>/contract_owners.h".
"""

load("//services:services.bzl", "SERVICES", "contract_owners")
load(":header.bzl", "generated_header")

def contract_owners_header(name, namespace, visibility = None):
    """A header with the services by their contracts, and all services.

    Args:
      name: the library's name and, with .h, the header's.
      namespace: such as "selfology::api_gateway".
      visibility: as in every rule.
    """
    generated_header(
        name = name,
        includes = ["<string_view>"],
        lines = [
            "// The service that serves a contract: a package, or one gRPC service by its full name.",
            "struct ContractOwner {",
            "  std::string_view contract;",
            "  std::string_view service;",
            "};",
            "inline constexpr ContractOwner kContractOwners[] = {",
        ] + ['    {"%s", "%s"},' % owner for owner in contract_owners().items()] + [
            "};",
            "",
            "// All services there are.",
            "inline constexpr std::string_view kServices[] = {",
        ] + ['    "%s",' % service for service in SERVICES] + ["};"],
        namespace = namespace,
        visibility = visibility,
    )
