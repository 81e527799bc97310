"""selfology_proto: C++ out of .proto files.

    load("//bazel:proto.bzl", "selfology_proto")

    selfology_proto(
        name = "v1",
        srcs = glob(["*.proto"]),
        deps = ["//proto/selfology/events/v1"],
    )

The files of one package make one library. Under proto/, import paths and C++ includes start below proto/:
"selfology/session/v1/session.pb.h". A file whose name ends in _service.proto holds services; from it come also

    session_service.grpc.pb.h    gRPC's own stubs, for typed clients and generic tools
    session_service.mesh.h       what this project's rooms implement and call (//common/rpc/plugin)
"""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

# The mesh plugin, and what its output includes and links.
_MESH_PLUGIN = "//common/rpc/plugin:protoc_gen_mesh"
_MESH_RUNTIME = ["//common/rpc"]

_ProtoFiles = provider("The .proto files of a library.", fields = {
    "transitive": "depset of File: the library's own and all that they import.",
})

def _import_root(label):
    return "proto" if label.package == "proto" or label.package.startswith("proto/") else ""

def _join(*parts):
    return "/".join([part for part in parts if part])

def _outputs(ctx, proto, endings):
    base = proto.basename[:-len(".proto")]
    return [ctx.actions.declare_file(base + ending) for ending in endings]

def _generate(ctx, transitive):
    """Runs protoc; returns the generated headers and sources."""
    root = _import_root(ctx.label)
    out = _join(ctx.bin_dir.path, root)
    headers, sources, tools = [], [], [ctx.file._protoc, ctx.file._lock]
    arguments = ctx.actions.args()
    arguments.add("--proto_path=" + (root or "."))
    arguments.add("--cpp_out=" + out)
    with_services = ctx.files.services
    for proto in ctx.files.srcs:
        header, source = _outputs(ctx, proto, [".pb.h", ".pb.cc"])
        headers.append(header)
        sources.append(source)
    if with_services:
        plugins = [("grpc", ctx.file._grpc_plugin, [".grpc.pb.h", ".grpc.pb.cc"])]
        if ctx.executable.mesh_plugin:
            plugins.append(("mesh", ctx.executable.mesh_plugin, [".mesh.h", ".mesh.cc"]))
        for name, plugin, endings in plugins:
            tools.append(plugin)
            arguments.add("--plugin=protoc-gen-%s=%s" % (name, plugin.path))
            arguments.add("--%s_out=%s" % (name, out))
            for proto in with_services:
                header, source = _outputs(ctx, proto, endings)
                headers.append(header)
                sources.append(source)
    for proto in ctx.files.srcs:
        arguments.add(proto.path)
    ctx.actions.run(
        executable = ctx.file._protoc,
        arguments = [arguments],
        inputs = transitive,
        outputs = headers + sources,
        tools = tools,
        mnemonic = "Protoc",
        progress_message = "Generating C++ for %s" % ctx.label,
    )
    return headers, sources

def _selfology_proto_impl(ctx):
    transitive = depset(ctx.files.srcs, transitive = [dep[_ProtoFiles].transitive for dep in ctx.attr.deps])
    headers, sources = _generate(ctx, transitive)
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features + ["strict_warnings"],
    )
    libraries = [dep[CcInfo] for dep in ctx.attr.deps + ctx.attr.runtime]
    compilation, objects = cc_common.compile(
        name = ctx.label.name,
        actions = ctx.actions,
        feature_configuration = features,
        cc_toolchain = toolchain,
        srcs = sources,
        public_hdrs = headers,
        # As system headers: what protoc writes is not held to the project's warnings.
        system_includes = [_join(ctx.bin_dir.path, _import_root(ctx.label)) or "."],
        compilation_contexts = [library.compilation_context for library in libraries],
    )
    linking, _ = cc_common.create_linking_context_from_compilation_outputs(
        name = ctx.label.name,
        actions = ctx.actions,
        feature_configuration = features,
        cc_toolchain = toolchain,
        compilation_outputs = objects,
        linking_contexts = [library.linking_context for library in libraries],
        # Descriptors are looked up by name at run time (event catalogue, reflection): no symbol asks for them.
        alwayslink = True,
        disallow_dynamic_library = True,
    )
    return [
        DefaultInfo(files = depset(headers + sources)),
        CcInfo(compilation_context = compilation, linking_context = linking),
        _ProtoFiles(transitive = transitive),
        OutputGroupInfo(headers = depset(headers)),
    ]

_selfology_proto = rule(
    implementation = _selfology_proto_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = [".proto"], mandatory = True),
        "services": attr.label_list(allow_files = [".proto"]),
        "deps": attr.label_list(providers = [CcInfo, _ProtoFiles]),
        "mesh_plugin": attr.label(executable = True, cfg = "exec"),
        "runtime": attr.label_list(providers = [CcInfo]),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
        "_grpc_plugin": attr.label(default = "@debian_sysroot//:bin/grpc_cpp_plugin", allow_single_file = True),
        "_lock": attr.label(default = "@debian_sysroot//:debian.lock", allow_single_file = True),
        "_protoc": attr.label(default = "@debian_sysroot//:bin/protoc", allow_single_file = True),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
    incompatible_use_toolchain_transition = True,
    provides = [CcInfo],
)

def selfology_proto(name, srcs, services = None, deps = [], visibility = ["//visibility:public"], **kwargs):
    """A C++ library out of the .proto files of one directory.

    Args:
      name: the library's name.
      srcs: the .proto files.
      services: those of them that hold services; unless said, the ones named *_service.proto.
      deps: the selfology_proto libraries whose files they import. Google's google/protobuf/*.proto need none.
      visibility: as in every rule.
      **kwargs: further common attributes.
    """
    if services == None:
        services = [src for src in srcs if src.endswith("_service.proto")]
    _selfology_proto(
        name = name,
        srcs = srcs,
        services = services,
        deps = deps,
        mesh_plugin = _MESH_PLUGIN if services else None,
        runtime = ["//bazel/lib:protobuf"] + (["//bazel/lib:grpc"] + _MESH_RUNTIME if services else []),
        visibility = visibility,
        **kwargs
    )
