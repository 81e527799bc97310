"""selfology_proto: C++ out of .proto files.

    load("//bazel:proto.bzl", "selfology_proto")

    selfology_proto(
        name = "v1",
        srcs = glob(["*.proto"]),
        deps = ["//proto/selfology/events/v1"],
    )

The files of one package make one library. Under proto/, import paths and C++ includes start below proto/:
"selfology/session/v1/session.pb.h". A file whose name ends in _service.proto holds services; from it come also

    session_service_endpoints.h  what a room implements (//common/rpc/plugin)
    session_service_client.h     what its callers use

neither of which includes gRPC's headers. Two more libraries come with them: one whose name ends in _messages, for what
needs no RPCs, such as domain logic and other contracts, and one whose name ends in _grpc, with gRPC's own stubs, which is
built only where something depends on it:

    session_service.grpc.pb.h
"""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

# The mesh plugin, and what its output includes and links.
_MESH_PLUGIN = "//common/rpc/plugin:protoc_gen_mesh"
_MESH_RUNTIME = "//common/rpc"

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

def _generate(ctx, protos, transitive, outputs, generators, plugins = []):
    """Runs protoc.

    Args:
      ctx: the rule's.
      protos: the .proto files to generate from.
      transitive: depset of those and all that they import.
      outputs: the files that come out of it.
      generators: protoc's names of them: "cpp", or that of a plugin.
      plugins: (name, executable File) of those that are none of protoc's own.
    """
    root = _import_root(ctx.label)
    arguments = ctx.actions.args()
    arguments.add("--proto_path=" + (root or "."))
    if not root and len(transitive.to_list()) > len(protos):
        arguments.add("--proto_path=proto")  # A library of tests may import the contracts.
    for name, plugin in plugins:
        arguments.add("--plugin=protoc-gen-%s=%s" % (name, plugin.path))
    for generator in generators:
        arguments.add("--%s_out=%s" % (generator, _join(ctx.bin_dir.path, root)))
    arguments.add_all(protos)
    ctx.actions.run(
        executable = ctx.file._protoc,
        arguments = [arguments],
        inputs = transitive,
        outputs = outputs,
        tools = [ctx.file._protoc, ctx.file._lock] + [plugin for _, plugin in plugins],
        mnemonic = "Protoc",
        progress_message = "Generating C++ for %s" % ctx.label,
    )

def _compile(ctx, headers, sources, libraries):
    """Compiles what was generated; returns the library's CcInfo."""
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features + ["strict_warnings"],
    )
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
    return CcInfo(compilation_context = compilation, linking_context = linking)

def _messages_impl(ctx):
    transitive = depset(ctx.files.srcs, transitive = [dep[_ProtoFiles].transitive for dep in ctx.attr.deps])
    headers, sources = [], []
    for proto in ctx.files.srcs:
        header, source = _outputs(ctx, proto, [".pb.h", ".pb.cc"])
        headers.append(header)
        sources.append(source)
    _generate(ctx, ctx.files.srcs, transitive, headers + sources, ["cpp"])
    return [
        DefaultInfo(files = depset(headers + sources)),
        _compile(ctx, headers, sources, [dep[CcInfo] for dep in ctx.attr.deps + [ctx.attr.runtime]]),
        _ProtoFiles(transitive = transitive),
        OutputGroupInfo(headers = depset(headers)),
    ]

def _endpoints_impl(ctx):
    messages = ctx.attr.messages
    headers, sources = [], []
    for proto in ctx.files.services:
        endpoints, client, source = _outputs(ctx, proto, ["_endpoints.h", "_client.h", ".mesh.cc"])
        headers += [endpoints, client]
        sources.append(source)
    plugins = [("mesh", ctx.executable._mesh_plugin)]
    _generate(ctx, ctx.files.services, messages[_ProtoFiles].transitive, headers + sources, ["mesh"], plugins)
    return [
        DefaultInfo(files = depset(headers + sources, transitive = [messages[DefaultInfo].files])),
        _compile(ctx, headers, sources, [library[CcInfo] for library in [messages, ctx.attr.runtime]]),
        messages[_ProtoFiles],
        OutputGroupInfo(headers = depset(headers, transitive = [messages[OutputGroupInfo].headers])),
    ]

def _grpc_stubs_impl(ctx):
    headers, sources = [], []
    for proto in ctx.files.services:
        header, source = _outputs(ctx, proto, [".grpc.pb.h", ".grpc.pb.cc"])
        headers.append(header)
        sources.append(source)
    plugins = [("grpc", ctx.file._grpc_plugin)]
    _generate(ctx, ctx.files.services, ctx.attr.library[_ProtoFiles].transitive, headers + sources, ["grpc"], plugins)
    return [
        DefaultInfo(files = depset(headers + sources)),
        _compile(ctx, headers, sources, [library[CcInfo] for library in [ctx.attr.library, ctx.attr.runtime]]),
        OutputGroupInfo(headers = depset(headers)),
    ]

_TOOLS = {
    "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    "_lock": attr.label(default = "@debian_sysroot//:debian.lock", allow_single_file = True),
    "_protoc": attr.label(default = "@debian_sysroot//:bin/protoc", allow_single_file = True),
}

_RULE = dict(
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
    incompatible_use_toolchain_transition = True,
    provides = [CcInfo],
)

_messages = rule(
    implementation = _messages_impl,
    attrs = dict(
        _TOOLS,
        deps = attr.label_list(providers = [CcInfo, _ProtoFiles]),
        runtime = attr.label(providers = [CcInfo], mandatory = True),
        srcs = attr.label_list(allow_files = [".proto"], mandatory = True),
    ),
    **_RULE
)

_endpoints = rule(
    implementation = _endpoints_impl,
    attrs = dict(
        _TOOLS,
        messages = attr.label(providers = [CcInfo, _ProtoFiles], mandatory = True),
        runtime = attr.label(providers = [CcInfo], mandatory = True),
        services = attr.label_list(allow_files = [".proto"], mandatory = True),
        _mesh_plugin = attr.label(default = _MESH_PLUGIN, executable = True, cfg = "exec"),
    ),
    **_RULE
)

_grpc_stubs = rule(
    implementation = _grpc_stubs_impl,
    attrs = dict(
        _TOOLS,
        library = attr.label(providers = [CcInfo, _ProtoFiles], mandatory = True),
        runtime = attr.label(providers = [CcInfo], mandatory = True),
        services = attr.label_list(allow_files = [".proto"], mandatory = True),
        _grpc_plugin = attr.label(default = "@debian_sysroot//:bin/grpc_cpp_plugin", allow_single_file = True),
    ),
    **_RULE
)

def _descriptor_set_impl(ctx):
    protos = depset(transitive = [dep[_ProtoFiles].transitive for dep in ctx.attr.deps])
    arguments = ctx.actions.args()
    arguments.add("--proto_path=proto")
    arguments.add("--include_imports")
    arguments.add("--include_source_info")
    arguments.add("--descriptor_set_out=" + ctx.outputs.out.path)
    arguments.add_all(protos)
    ctx.actions.run(
        executable = ctx.file._protoc,
        arguments = [arguments],
        inputs = protos,
        outputs = [ctx.outputs.out],
        tools = [ctx.file._protoc, ctx.file._lock],
        mnemonic = "DescriptorSet",
        progress_message = "Describing %s" % ctx.label,
    )

# The files of some selfology_proto libraries under proto/ and all that they import, with their comments, as one
# google.protobuf.FileDescriptorSet.
descriptor_set = rule(
    implementation = _descriptor_set_impl,
    attrs = {
        "deps": attr.label_list(providers = [_ProtoFiles], mandatory = True),
        "out": attr.output(mandatory = True),
        "_lock": _TOOLS["_lock"],
        "_protoc": _TOOLS["_protoc"],
    },
)

def selfology_proto(name, srcs, services = None, deps = [], visibility = ["//visibility:public"], **kwargs):
    """C++ libraries out of the .proto files of one directory.

    With services there are three: NAME, NAME_messages, its part without RPCs, and NAME_grpc, gRPC's own stubs.

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
    messages = name + "_messages" if services else name
    _messages(
        name = messages,
        srcs = srcs,
        deps = deps,
        runtime = "//bazel/lib:protobuf",
        visibility = visibility,
        **kwargs
    )
    if services:
        _endpoints(
            name = name,
            messages = ":" + messages,
            runtime = _MESH_RUNTIME,
            services = services,
            visibility = visibility,
            **kwargs
        )
        _grpc_stubs(
            name = name + "_grpc",
            library = ":" + messages,
            runtime = "//bazel/lib:grpc",
            services = services,
            visibility = visibility,
            **dict(kwargs, tags = kwargs.get("tags", []) + ["manual"])
        )
