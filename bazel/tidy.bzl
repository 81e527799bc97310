"""tidy: clang-tidy as an aspect, so that Bazel checks what changed and remembers the rest.

    bazel build --aspects=//bazel:tidy.bzl%tidy --output_groups=tidy //...    # what tools/lint does
"""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "ACTION_NAMES")
load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

_RULES = ["cc_binary", "cc_library", "cc_test"]

def _tidy_impl(target, ctx):
    if ctx.rule.kind not in _RULES or ctx.label.workspace_name:
        return []
    files = ctx.rule.files.srcs
    sources = [file for file in files if file.is_source and file.extension == "cc"]
    if not sources:
        return []

    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(ctx = ctx, cc_toolchain = toolchain, requested_features = ["strict_warnings"])
    flags = cc_common.get_memory_inefficient_command_line(
        feature_configuration = features,
        action_name = ACTION_NAMES.cpp_compile,
        variables = cc_common.create_compile_variables(feature_configuration = features, cc_toolchain = toolchain),
    )

    # A binary and a test have no compilation context of their own to offer, but their dependencies' does.
    contexts = [dep[CcInfo].compilation_context for dep in ctx.rule.attr.deps if CcInfo in dep]
    if CcInfo in target:
        contexts.append(target[CcInfo].compilation_context)
    includes = depset(transitive = [context.quote_includes for context in contexts]).to_list() + [".", ctx.bin_dir.path]
    system = depset(transitive = [context.system_includes for context in contexts]).to_list()
    defines = depset(transitive = [context.defines for context in contexts]).to_list()

    stamps = []
    for source in sources:
        stamp = ctx.actions.declare_file("%s.%s.tidy" % (ctx.label.name, source.basename))
        arguments = ctx.actions.args()
        arguments.add(ctx.file._clang_tidy)
        arguments.add(stamp)
        arguments.add(source)
        arguments.add_all(["--quiet", "--config-file=" + ctx.file._config.path, "--"])
        arguments.add_all(flags)
        arguments.add_all(includes, before_each = "-iquote")
        arguments.add_all(system, before_each = "-isystem")
        arguments.add_all(defines, format_each = "-D%s")
        ctx.actions.run_shell(
            # clang-tidy counts, on its standard error, the warnings in system headers that it does not show.
            command = 'tidy=$1 stamp=$2; shift 2; log=$("$tidy" "$@" 2>&1) || { echo "$log"; exit 1; }; : >"$stamp"',
            arguments = [arguments],
            inputs = depset(
                files + [ctx.file._clang_tidy, ctx.file._config, ctx.file._lock],
                transitive = [context.headers for context in contexts],
            ),
            outputs = [stamp],
            mnemonic = "ClangTidy",
            progress_message = "Checking %s" % source.short_path,
        )
        stamps.append(stamp)
    return [OutputGroupInfo(tidy = depset(stamps))]

tidy = aspect(
    implementation = _tidy_impl,
    attrs = {
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
        "_clang_tidy": attr.label(default = "@debian_sysroot//:bin/clang-tidy", allow_single_file = True),
        "_config": attr.label(default = "//:.clang-tidy", allow_single_file = True),
        "_lock": attr.label(default = "@debian_sysroot//:debian.lock", allow_single_file = True),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
    incompatible_use_toolchain_transition = True,
    doc = "Runs clang-tidy over the sources of C++ targets.",
)
