"""cc_tool: a C++ program that the build runs, such as a code generator."""

load("@rules_cc//cc:defs.bzl", "cc_binary")

def cc_tool(name, linkopts = [], **kwargs):
    """A cc_binary linked statically: actions start it directly, without the tree's loader, on whatever the host is.

    It is never sanitized, as a statically linked program cannot be.

    Args:
      name: the program's name.
      linkopts: as in cc_binary.
      **kwargs: the cc_binary's further attributes.
    """
    cc_binary(
        name = name,
        features = [
            "-asan",
            "-coverage_counters",
            "-fuzz",
            "-tsan",
            "-ubsan",
        ],
        linkopts = linkopts + ["-static"],
        **kwargs
    )
