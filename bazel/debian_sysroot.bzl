"""debian_sysroot: a repository with the unpacked Debian packages that a lock file names.

The lock (bazel/debian.lock) pins every package by version and SHA-256. Packages come, in this order, from

  * the folder DEBIAN_DEBS, if set: .deb files under their pool names, for machines without a mirror;
  * the mirrors in DEBIAN_MIRROR, if set: URLs, separated by spaces;
  * the mirrors of the host's own apt sources.

Bazel's repository cache keeps what was downloaded, so a second checkout needs no network.
"""

def _words(text):
    return [word for word in text.replace("\t", " ").split(" ") if word]

def _is_mirror(word):
    return word.startswith("http://") or word.startswith("https://") or word.startswith("file:/")

def _apt_mirrors(repository_ctx):
    """The mirrors in the host's apt sources, one-line and deb822 format."""
    files = []
    if repository_ctx.path("/etc/apt/sources.list").exists:
        files.append(repository_ctx.path("/etc/apt/sources.list"))
    folder = repository_ctx.path("/etc/apt/sources.list.d")
    if folder.exists:
        for entry in folder.readdir():
            if entry.basename.endswith(".list") or entry.basename.endswith(".sources"):
                files.append(entry)
    mirrors = []
    for file in files:
        for stanza in repository_ctx.read(file).split("\n\n"):
            lines = [line for line in stanza.split("\n") if line and not line.startswith("#")]
            if "Enabled: no" in lines:
                continue
            for line in lines:
                words = _words(line)
                if words and words[0] in ["deb", "URIs:"]:
                    mirrors += [word for word in words if _is_mirror(word)]
    return mirrors

def _mirrors(repository_ctx):
    given = _words(repository_ctx.os.environ.get("DEBIAN_MIRROR", ""))
    unique = []
    for mirror in given or _apt_mirrors(repository_ctx):
        mirror = mirror.rstrip("/")
        if mirror not in unique:
            unique.append(mirror)
    return unique

def _urls(repository_ctx, mirrors, pool_path):
    folder = repository_ctx.os.environ.get("DEBIAN_DEBS", "")
    urls = ["file://%s/%s" % (folder.rstrip("/"), pool_path.split("/")[-1])] if folder else []

    # Security updates lie under pool/updates, on mirrors whose address says so; asking those first saves refusals.
    # Hosts whose sources leave them out (debootstrap's do) have the archive's sibling.
    is_security = pool_path.startswith("pool/updates/")
    if is_security and not [mirror for mirror in mirrors if "security" in mirror]:
        mirrors = [mirror + "-security" for mirror in mirrors] + mirrors
    likely = [mirror for mirror in mirrors if ("security" in mirror) == is_security]
    unlikely = [mirror for mirror in mirrors if mirror not in likely]
    return urls + ["%s/%s" % (mirror, pool_path) for mirror in likely + unlikely]

def fetch_packages(repository_ctx):
    """Downloads the packages of the attribute `lock` to debs/<name>.deb.

    Args:
      repository_ctx: of a rule with the attribute `lock`.

    Returns:
      the lock's text.
    """
    mirrors = _mirrors(repository_ctx)
    if not mirrors and not repository_ctx.os.environ.get("DEBIAN_DEBS"):
        fail("No Debian mirror: this host has no apt sources; set DEBIAN_MIRROR or DEBIAN_DEBS (see bazel/README.md).")
    lock = repository_ctx.read(repository_ctx.attr.lock)
    missing = []
    for line in lock.split("\n"):
        if not line or line.startswith("#"):
            continue
        name, version, pool_path, sha256 = line.split(" ")
        repository_ctx.report_progress("Fetching %s %s" % (name, version))
        fetched = repository_ctx.download(
            url = _urls(repository_ctx, mirrors, pool_path),
            output = "debs/%s.deb" % name,
            sha256 = sha256,
            allow_fail = True,
        )
        if not fetched.success:
            missing.append("%s %s" % (name, version))

            # Asking a mirror that does not answer takes Bazel half a minute for each package.
            if len(missing) == 3:
                break
    if missing:
        fail(("No mirror has %s with the locked SHA-256. Security updates replace each other on the mirrors: " +
              "run bazel/update_lock to lock the present versions, or put the .deb files into a folder and set DEBIAN_DEBS.") %
             ", ".join(missing))
    return lock

def _debian_sysroot_impl(repository_ctx):
    lock = fetch_packages(repository_ctx)
    repository_ctx.report_progress("Unpacking")
    for wrapper in repository_ctx.attr._wrappers:
        repository_ctx.symlink(wrapper, "wrappers/" + wrapper.name)
    result = repository_ctx.execute(["sh", repository_ctx.path(repository_ctx.attr._unpack)], timeout = 1800)
    if result.return_code != 0:
        fail("Unpacking failed: %s%s" % (result.stdout, result.stderr))
    repository_ctx.delete("debs")
    repository_ctx.delete("wrappers")
    repository_ctx.file("debian.lock", lock, executable = False)
    repository_ctx.symlink(repository_ctx.attr._build, "BUILD.bazel")

debian_sysroot = repository_rule(
    implementation = _debian_sysroot_impl,
    attrs = {
        "lock": attr.label(allow_single_file = True, mandatory = True),
        "_build": attr.label(default = "//bazel/sysroot:BUILD.sysroot"),
        "_unpack": attr.label(default = "//bazel/sysroot:unpack.sh"),
        "_wrappers": attr.label_list(default = [
            "//bazel/sysroot:clang.sh",
            "//bazel/sysroot:clang-tidy.sh",
            "//bazel/sysroot:launch.sh",
            "//bazel/sysroot:postgres.sh",
            "//bazel/sysroot:protoc.sh",
            "//bazel/sysroot:run.sh",
            "//bazel/sysroot:run_sanitized.sh",
        ]),
    },
    environ = ["DEBIAN_DEBS", "DEBIAN_MIRROR"],
    doc = "Downloads the packages of a lock file and unpacks them into one tree.",
)
