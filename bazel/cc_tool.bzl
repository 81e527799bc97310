"""cc_tool: a C++ program that the build runs, such as a code generator."""

load("@rules_cc//cc:defs.bzl", "cc_binary")

def cc_tool(name, linkopts = [], **kwargs):
    """A cc_binary linked statically: actions start it directly, without the tree's loader, on whatever the host is."""
    cc_binary(
        name = name,
        linkopts = linkopts + ["-static"],
        **kwargs
    )
