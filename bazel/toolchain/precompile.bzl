"""precompiled_header: headers of the locked libraries, parsed once instead of by each file that includes them.

    precompiled_header(
        name = "library_headers",
        header = "library_headers.h",
        out = "library_headers.pch",
    )

Only headers out of @debian_sysroot may be in it: the lock names their contents, so that nothing of the project's
invalidates it. Clang takes it only where the flags are the same, which is why they come from config.bzl.
"""

load(":config.bzl", "PRECOMPILED_FLAGS")

# From within the tree and out of standard input, with paths relative to the tree: the file names no folder of the
# machine that made it, and so serves all checkouts that share a cache.
_PRECOMPILE = """
clang="$PWD/$1" header="$PWD/$2" out="$PWD/$3"
shift 3
tree=$(readlink -f "$clang")
tree=${tree%%/tree/*}/tree
cd "$tree" && exec "$clang" --driver-mode=g++ "$@" -x c++-header - -o "$out" \\
    -relocatable-pch -isysroot "$tree" -Xclang -fno-pch-timestamp <"$header"
"""

def _precompiled_header_impl(ctx):
    arguments = ctx.actions.args()
    arguments.add_all([ctx.file._clang, ctx.file.header, ctx.outputs.out])
    arguments.add_all(PRECOMPILED_FLAGS)
    ctx.actions.run_shell(
        command = _PRECOMPILE,
        arguments = [arguments],
        inputs = [ctx.file.header, ctx.file._lock],
        outputs = [ctx.outputs.out],
        tools = ctx.files._compiler,
        mnemonic = "PrecompileHeader",
        progress_message = "Precompiling %s" % ctx.label,
    )

precompiled_header = rule(
    implementation = _precompiled_header_impl,
    attrs = {
        "header": attr.label(allow_single_file = [".h"], mandatory = True),
        "out": attr.output(mandatory = True),
        "_clang": attr.label(default = "@debian_sysroot//:bin/clang", allow_single_file = True),
        "_compiler": attr.label(default = "@debian_sysroot//:compiler"),
        "_lock": attr.label(default = "@debian_sysroot//:debian.lock", allow_single_file = True),
    },
)
