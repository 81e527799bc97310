"""debian_files: a repository with Debian packages that no compile or link action sees: what images and operating need.

They are apart from debian_sysroot's, whose lock every action of the build depends on. The same mirrors and folders serve.

    debian_files(
        name = "debian_operations",
        lock = "//bazel:operations.lock",
        programs = ["usr/bin/promtool"],
    )

gives @debian_operations//:usr/bin/promtool, which @debian_sysroot//:run starts with the locked loader and libraries.
What needs libraries of its own, too, is started with those of both (services/platform/file/videos).
"""

load(":debian_sysroot.bzl", "fetch_packages")

_UNPACK = """
set -eu
mkdir files
mkdir -p usr/bin usr/sbin usr/lib
for folder in bin sbin lib; do ln -s "usr/$folder" "$folder"; done
for deb in debs/*.deb; do
  dpkg-deb --fsys-tarfile "$deb" | tar --extract --verbose --keep-directory-symlink --no-same-owner \\
    --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/lintian --exclude=./var \\
    >"files/$(basename "$deb" .deb)"
done

# Libraries that an installed system finds by alternatives, or by a path from its root.
libraries=usr/lib/x86_64-linux-gnu
for library in $libraries/blas/*.so.* $libraries/lapack/*.so.* $libraries/pulseaudio/*.so; do
  if [ -e "$library" ]; then ln -s "${library#$libraries/}" "$libraries/${library##*/}"; fi
done
"""

def _debian_files_impl(repository_ctx):
    lock = fetch_packages(repository_ctx)
    result = repository_ctx.execute(["sh", "-c", _UNPACK], timeout = 600)
    if result.return_code != 0:
        fail("Unpacking failed: %s%s" % (result.stdout, result.stderr))
    repository_ctx.delete("debs")
    repository_ctx.file("debian.lock", lock, executable = False)
    repository_ctx.file("BUILD.bazel", "exports_files(%r, visibility = [\"//visibility:public\"])\n" %
                                       (["debian.lock"] + repository_ctx.attr.programs), executable = False)

debian_files = repository_rule(
    implementation = _debian_files_impl,
    attrs = {
        "lock": attr.label(allow_single_file = True, mandatory = True),
        "programs": attr.string_list(doc = "Paths of files that get a label."),
    },
    environ = ["DEBIAN_DEBS", "DEBIAN_MIRROR"],
    doc = "Downloads the packages of a lock file and unpacks them.",
)
