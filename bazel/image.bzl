"""image_base and image: images for containers, made by the build without a daemon, the same bytes each time.

    load("//bazel:image.bzl", "image", "image_base")

    image_base(
        name = "base",
        programs = ["//services/coaching/session:session_service", ...],
    )

    image(
        name = "session",
        base = ":base",
        description = "Sessions",
        entrypoint = ["/usr/bin/session"],
        programs = {"//services/coaching/session:session_service": "/usr/bin/session"},
    )

makes session.tar (an OCI archive for `podman load` and `ctr images import`), session.spdx.json (what it is made of) and
session.digest. The base layer has loader and libraries that all `programs` of image_base need, certificates, time zones and a
user without rights; an image adds its programs and the libraries that only they need.
"""

_LinkoptsInfo = provider(doc = "What is linked into a target.", fields = {"linkopts": "a depset of linker options"})

def _linkopts_impl(_target, ctx):
    deps = getattr(ctx.rule.attr, "deps", [])
    own = getattr(ctx.rule.attr, "linkopts", [])
    return [_LinkoptsInfo(linkopts = depset(own, transitive = [
        dep[_LinkoptsInfo].linkopts
        for dep in deps
        if _LinkoptsInfo in dep
    ]))]

_linkopts = aspect(
    implementation = _linkopts_impl,
    attr_aspects = ["deps"],
    doc = "Collects the linker options of a program and of all that it depends on.",
)

_BaseInfo = provider(doc = "The layer that images share.", fields = {"blob": "gzipped tar", "info": "its description"})

_TOOL = {
    "_locks": attr.label_list(
        default = [
            "@debian_sysroot//:debian.lock",
            "@debian_operations//:debian.lock",
            "@debian_media//:debian.lock",
        ],
        allow_files = True,
    ),
    "_tool": attr.label(
        default = "//bazel/images:image_tool",
        cfg = "host",
        executable = True,
    ),
}

def _lock_paths(ctx):
    return [lock.path for lock in ctx.files._locks]

def _image_base_impl(ctx):
    blob = ctx.actions.declare_file(ctx.label.name + ".tar.gz")
    info = ctx.actions.declare_file(ctx.label.name + ".json")
    locks = ctx.actions.declare_file(ctx.label.name + ".locks.json")
    ctx.actions.write(locks, json.encode({"locks": _lock_paths(ctx)}))
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = ["base", locks.path, blob.path, info.path] + [program.path for program in ctx.files.programs],
        inputs = ctx.files.programs + ctx.files._locks + [locks],
        outputs = [blob, info],
        mnemonic = "ImageBase",
    )
    return [DefaultInfo(files = depset([blob])), _BaseInfo(blob = blob, info = info)]

image_base = rule(
    implementation = _image_base_impl,
    attrs = dict(_TOOL, programs = attr.label_list(allow_files = True, mandatory = True)),
    doc = "The layer that images share: what all of `programs` need.",
)

def _image_impl(ctx):
    base = ctx.attr.base[_BaseInfo]
    archive = ctx.actions.declare_file(ctx.label.name + ".tar")
    sbom = ctx.actions.declare_file(ctx.label.name + ".spdx.json")
    digest = ctx.actions.declare_file(ctx.label.name + ".digest")
    description = ctx.actions.declare_file(ctx.label.name + ".image.json")
    programs = {}
    for target, path in ctx.attr.programs.items():
        files = target.files.to_list()
        if len(files) != 1:
            fail("%s is not one program" % target.label)
        programs[path.lstrip("/")] = files[0].path
    linkopts = depset(transitive = [
        target[_LinkoptsInfo].linkopts
        for target in ctx.attr.programs
        if _LinkoptsInfo in target
    ])
    ctx.actions.write(description, json.encode({
        "name": ctx.attr.image_name or ctx.label.name,
        "description": ctx.attr.description,
        "locks": _lock_paths(ctx),
        "programs": programs,
        "from_tree": {path.lstrip("/"): source for path, source in ctx.attr.from_packages.items()},
        "folders": [path.lstrip("/") for path in ctx.attr.folders],
        "links": {path.lstrip("/"): target for path, target in ctx.attr.links.items()},
        "linkopts": sorted(linkopts.to_list()),
        "entrypoint": ctx.attr.entrypoint,
        "environment": ctx.attr.environment,
    }))
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = ["image"] + [file.path for file in [description, base.blob, base.info, archive, sbom, digest]],
        inputs = ctx.files.programs + ctx.files._locks + [description, base.blob, base.info],
        outputs = [archive, sbom, digest],
        mnemonic = "Image",
    )
    return [
        DefaultInfo(files = depset([archive, sbom, digest])),
        OutputGroupInfo(sbom = depset([sbom]), digest = depset([digest])),
    ]

image = rule(
    implementation = _image_impl,
    attrs = dict(
        _TOOL,
        base = attr.label(mandatory = True, providers = [_BaseInfo]),
        description = attr.string(mandatory = True, doc = "One line."),
        entrypoint = attr.string_list(mandatory = True),
        environment = attr.string_list(doc = "NAME=value each."),
        folders = attr.string_list(doc = "Folders that every user may write into, for volumes."),
        from_packages = attr.string_dict(doc = "Path in the image to a file or folder of the locked packages."),
        image_name = attr.string(doc = "The target's name when it is not said."),
        links = attr.string_dict(doc = "Path in the image to what the symbolic link says."),
        programs = attr.label_keyed_string_dict(
            allow_files = True,
            aspects = [_linkopts],
            doc = "Linked programs to their paths in the image.",
        ),
    ),
    doc = "An OCI archive with the base and one layer of its own, and its SBOM.",
)
