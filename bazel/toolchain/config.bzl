"""The C++ toolchain: clang and lld out of @debian_sysroot, C++20, libstdc++."""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "ACTION_NAMES")
load(
    "@bazel_tools//tools/cpp:cc_toolchain_config_lib.bzl",
    "action_config",
    "feature",
    "flag_group",
    "flag_set",
    "tool",
    "tool_path",
    "with_feature_set",
)

_CPP_COMPILE = [
    ACTION_NAMES.cpp_compile,
    ACTION_NAMES.linkstamp_compile,
    ACTION_NAMES.cpp_header_parsing,
    ACTION_NAMES.cpp_module_compile,
    ACTION_NAMES.cpp_module_codegen,
]

_COMPILE = _CPP_COMPILE + [
    ACTION_NAMES.c_compile,
    ACTION_NAMES.assemble,
    ACTION_NAMES.preprocess_assemble,
]

# The features with which the compiler generates other code.
_OTHER_CODE = [
    "asan",
    "coverage_counters",
    "fuzz",
    "tsan",
    "ubsan",
]

_LINK = [
    ACTION_NAMES.cpp_link_executable,
    ACTION_NAMES.cpp_link_dynamic_library,
    ACTION_NAMES.cpp_link_nodeps_dynamic_library,
]

_COMPILE_FEATURES = [
    "user_compile_flags",
    "compiler_input_flags",
    "compiler_output_flags",
]

_LINK_FEATURES = [
    "strip_debug_symbols",
    "linkstamps",
    "output_execpath_flags",
    "runtime_library_search_directories",
    "library_search_directories",
    "libraries_to_link",
    "force_pic_flags",
    "user_link_flags",
]

_STANDARD = ["-std=c++20"]

_COMMON = [
    "-fstack-protector-strong",
    "-fno-omit-frame-pointer",
    "-ffunction-sections",
    "-fdata-sections",
    "-fcolor-diagnostics",
    # Nothing in an object may depend on when it was made.
    "-Wno-builtin-macro-redefined",
    "-D__DATE__=\"redacted\"",
    "-D__TIME__=\"redacted\"",
    "-D__TIMESTAMP__=\"redacted\"",
]

# libstdc++'s std::stable_sort uses what is deprecated, and its "#pragma GCC diagnostic ignored" does not reach us.
_NOT_OURS = ["-Wno-deprecated-declarations"]

# Enough for a stack with line numbers; -O1 halves the time that -O2 takes to compile generated code.
_FASTBUILD = ["-O1", "-gline-tables-only"]

# What a precompiled header has in common with the files that use it: those of the default build, all of which are
# position-independent.
PRECOMPILED_FLAGS = _STANDARD + _COMMON + _FASTBUILD + ["-fPIC"]

def _flags(actions, flags, with_features = []):
    return flag_set(
        actions = actions,
        flag_groups = [flag_group(flags = flags)],
        with_features = [with_feature_set(features = with_features)] if with_features else [],
    )

def _sanitizer(name, flags):
    # Tests of sanitized code want stacks that can be read, so frame pointers and line numbers.
    return feature(
        name = name,
        flag_sets = [
            _flags(
                _COMPILE,
                flags + _NOT_OURS + ["-fno-omit-frame-pointer", "-gline-tables-only", "-fno-sanitize-recover=all"],
            ),
            _flags(_LINK, flags + ["-fsanitize-link-c++-runtime"]),
        ],
    )

def _precompiled(header):
    # Clang refuses it where the flags differ: in optimized, sanitized and position-dependent code.
    return feature(
        name = "precompiled_headers",
        enabled = True,
        flag_sets = [flag_set(
            actions = [ACTION_NAMES.cpp_compile],
            flag_groups = [flag_group(
                flags = ["-include-pch", header.path] + _NOT_OURS,
                expand_if_available = "pic",
            )],
            with_features = [with_feature_set(features = ["fastbuild"], not_features = _OTHER_CODE)],
        )],
    )

def _features(precompiled):
    return [
        _precompiled(precompiled),
        feature(
            name = "default_compile_flags",
            enabled = True,
            flag_sets = [
                _flags(_CPP_COMPILE, _STANDARD),
                _flags(_COMPILE, _COMMON),
                _flags(_COMPILE, ["-O0", "-g"], ["dbg"]),
                _flags(_COMPILE, _FASTBUILD, ["fastbuild"]),
                _flags(_COMPILE, ["-O2", "-g0", "-DNDEBUG", "-D_FORTIFY_SOURCE=2"], ["opt"]),
            ],
        ),
        feature(
            name = "default_link_flags",
            enabled = True,
            flag_sets = [
                _flags(_LINK, ["-lstdc++", "-lm", "-pthread", "-Wl,-z,relro,-z,now", "-Wl,--build-id=sha1"]),
                _flags(_LINK, ["-Wl,--gc-sections", "-Wl,--icf=safe"], ["opt"]),
            ],
        ),
        # For the project's own code only; @debian_sysroot's headers are system headers and never warn.
        feature(
            name = "strict_warnings",
            flag_sets = [
                _flags(_COMPILE, ["-Wall", "-Wextra", "-Werror"]),
                _flags(_COMPILE, _NOT_OURS, ["opt"]),
                _flags(_COMPILE, _NOT_OURS, ["dbg"]),
            ],
        ),
        # Clang's source-based coverage.
        feature(
            name = "coverage_counters",
            flag_sets = [
                _flags(_COMPILE, ["-fprofile-instr-generate", "-fcoverage-mapping"] + _NOT_OURS),
                _flags(_LINK, ["-fprofile-instr-generate"]),
            ],
        ),
        _sanitizer("asan", ["-fsanitize=address"]),
        _sanitizer("ubsan", ["-fsanitize=undefined"]),
        _sanitizer("tsan", ["-fsanitize=thread"]),
        _sanitizer("fuzz", ["-fsanitize=fuzzer-no-link,address,undefined"]),
        feature(name = "supports_pic", enabled = True),
        feature(name = "supports_start_end_lib", enabled = True),
        feature(name = "dbg"),
        feature(name = "fastbuild"),
        feature(name = "opt"),
    ]

def _action_configs(ctx):
    clang = [tool(tool = ctx.file.clang)]
    configs = [
        action_config(action_name = name, tools = clang, implies = _COMPILE_FEATURES)
        for name in _COMPILE
    ]
    configs += [
        action_config(action_name = name, tools = clang, implies = _LINK_FEATURES + (
            [] if name == ACTION_NAMES.cpp_link_executable else ["shared_flag"]
        ))
        for name in _LINK
    ]
    return configs + [
        action_config(
            action_name = ACTION_NAMES.cpp_link_static_library,
            tools = [tool(tool = ctx.file.ar)],
            implies = ["archiver_flags"],
        ),
        action_config(
            action_name = ACTION_NAMES.strip,
            tools = [tool(tool = ctx.file.strip)],
            flag_sets = [flag_set(flag_groups = [
                flag_group(flags = ["-S", "-o", "%{output_file}"]),
                flag_group(iterate_over = "stripopts", flags = ["%{stripopts}"]),
                flag_group(flags = ["%{input_file}"]),
            ])],
        ),
    ]

def _config_impl(ctx):
    # Bazel wants a path for each of these though every action above names its tool itself.
    unused = ["ar", "cpp", "dwp", "gcc", "gcov", "ld", "nm", "objcopy", "objdump", "strip", "llvm-cov"]
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        toolchain_identifier = "clang-19-debian",
        host_system_name = "local",
        target_system_name = "local",
        target_cpu = "k8",
        target_libc = "glibc-2.36",
        compiler = "clang",
        abi_version = "clang-19",
        abi_libc_version = "glibc-2.36",
        features = _features(ctx.file.precompiled),
        action_configs = _action_configs(ctx),
        tool_paths = [tool_path(name = name, path = "/bin/false") for name in unused],
        cxx_builtin_include_directories = [],
    )

clang_toolchain_config = rule(
    implementation = _config_impl,
    attrs = {
        "ar": attr.label(allow_single_file = True, mandatory = True),
        "clang": attr.label(allow_single_file = True, mandatory = True),
        # As cc_toolchain's compiler_files are: else it would be another file than the one among these.
        "precompiled": attr.label(allow_single_file = [".pch"], cfg = "exec", mandatory = True),
        "strip": attr.label(allow_single_file = True, mandatory = True),
    },
    provides = [CcToolchainConfigInfo],
)
