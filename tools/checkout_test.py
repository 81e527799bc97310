"""What a checkout is used with: the hook before a commit, compile_commands.json, and which commit a release is.

    python3 tools/checkout_test.py [RESULTS.tap]

Repositories of the tests' own, with our scripts and the locked clang-format; what bazel and npx would do there is written out.
The last cases ask Bazel about this tree.
"""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOOLS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(TOOLS)
sys.path.insert(0, TOOLS)
import releases


def module_of(name):
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), os.path.join(TOOLS, name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


compile_commands = module_of("compile-commands")


class Repository:
    """A repository with some of our files, and programs that stand before all others on the path."""

    def __init__(self, folder, *paths):
        self.folder = os.path.join(folder, "repository")
        self.programs = os.path.join(folder, "programs")
        os.makedirs(self.folder)
        os.makedirs(self.programs)
        self.environment = dict(os.environ, PATH=self.programs + ":" + os.environ["PATH"], GIT_CONFIG_GLOBAL=os.devnull,
                                GIT_AUTHOR_NAME="Ann", GIT_AUTHOR_EMAIL="ann@example.com", GIT_COMMITTER_NAME="Ann",
                                GIT_COMMITTER_EMAIL="ann@example.com")
        for name in [name for name in self.environment if name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")]:
            del self.environment[name]  # Of a commit whose hook runs this.
        for path in paths:
            self.write(path, None)
            shutil.copy(os.path.join(ROOT, path), os.path.join(self.folder, path))
        self.run("git", "init", "--quiet")

    def write(self, path, text):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if text is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)

    def read(self, path):
        with open(os.path.join(self.folder, path), encoding="utf-8") as file:
            return file.read()

    def program(self, name, text):
        path = os.path.join(self.programs, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + text)
        os.chmod(path, 0o755)

    def run(self, *command):
        """The code that it ends with, and all that it says."""
        done = subprocess.run(command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def commits(self):
        return len(self.run("git", "log", "--oneline", "--all")[1].splitlines())


def output_base():
    return subprocess.run(["bazel", "info", "--noshow_progress", "output_base"], cwd=ROOT, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout.strip()


def hook_cases(folder):
    repository = Repository(folder, "tools/lint", "tools/install-hooks", "tools/install-bazel", "tools/hooks/pre-commit",
                            ".clang-format")
    repository.write("proto/released/v1.binpb", "")
    repository.program("bazel", 'case $1 in info) echo "%s" ;; esac\n' % output_base())
    repository.program("npx", "")

    def commit(*options):
        repository.run("git", "add", "--all")
        before = repository.commits()
        said = repository.run("git", "commit", "--quiet", "--allow-empty", "--message", "x", *options)[1]
        return repository.commits() > before, said

    repository.write("mood.cc", "int  Mood( ) {return 1;}\n")
    yield "without the hook anything is committed", commit()[0]
    yield "the hook is installed", repository.run("tools/install-hooks")[0] == 0
    made, said = commit()
    yield "the hook refuses what is badly formatted", not made and "faults found by: clang-format" in said
    yield "--no-verify goes around it", commit("--no-verify")[0]
    repository.run("tools/lint", "--fix", "--fast")
    yield "tools/lint --fix mends it", repository.read("mood.cc") == "int Mood() { return 1; }\n"
    yield "what is well formatted is committed", commit()[0]
    repository.program("npx", "exit 1\n")
    made, said = commit()
    yield "the hook refuses what buf or buildifier refuse", not made and "buildifier" in said and "buf" in said
    yield "the hook is removed", repository.run("tools/install-hooks", "--remove")[0] == 0 and commit()[0]
    yield "an unknown option is refused", repository.run("tools/install-hooks", "--all")[0] == 2


def action(*arguments):
    return {"mnemonic": "CppCompile", "arguments": ["clang", *arguments]}


def compile_commands_cases(folder):
    actions = [action("-c", "b.cc", "-o", "b.o"), action("-c", "a.cc", "-Ione"), action("-c", "a.cc", "-Itwo"),
               action("-x", "c++-header", "all.h")]
    entries = compile_commands.entries_of(actions, "/root")
    yield "a source has one entry, the first", [(e["file"], e["arguments"][-1]) for e in entries] == [("a.cc", "-Ione"), ("b.cc", "b.o")]
    yield "flags are those of the folder where all lies", all(e["directory"] == "/root" for e in entries)

    repository = Repository(folder, "tools/compile-commands")
    repository.write("actions.json", json.dumps({"actions": actions}))
    repository.program("bazel", 'case $1 in\n aquery) cat actions.json; echo "$*" >asked ;;\n info) echo /root ;;\nesac\n')
    code, said = repository.run("tools/compile-commands", "//common/...", "//tools/...")
    written = json.loads(repository.read("compile_commands.json"))
    yield "the file is written", code == 0 and written == entries and "2 files" in said
    yield "of the targets given", 'mnemonic("CppCompile", //common/... + //tools/...)' in repository.read("asked")
    repository.run("tools/compile-commands")
    yield "of all, when none is given", 'mnemonic("CppCompile", //...)' in repository.read("asked")
    yield "an option is refused", repository.run("tools/compile-commands", "--everything")[0] != 0
    repository.write("actions.json", "{}")
    code, said = repository.run("tools/compile-commands", "//docs/...")
    yield "targets that compile nothing are said", code != 0 and "//docs/... compile nothing" in said
    repository.program("bazel", "echo no such package >&2\nexit 7\n")
    code, said = repository.run("tools/compile-commands", "//gone/...")
    yield "what Bazel says is passed on", code != 0 and "no such package" in said

    # As Bazel answers today.
    listing = compile_commands.bazel("aquery", "--output=jsonproto", "--noshow_progress", 'mnemonic("CppCompile", //common/text:all)')
    ours = {e["file"]: e["arguments"] for e in compile_commands.entries_of(json.loads(listing)["actions"], "/root")}
    flags = ours.get("common/text/utf8.cc", [])
    yield "Bazel names our sources and how they are compiled", "-c" in flags and any(flag.startswith("-std=") for flag in flags)


def said_by(call, *arguments):
    """What a function returns, or says when it gives up."""
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            return call(*arguments)
    except SystemExit as end:
        return str(end.code)


def release_cases(folder):
    repository = Repository(folder)
    repository.write("a", "a")
    repository.run("git", "add", "--all")
    repository.run("git", "commit", "--quiet", "--message", "first")
    first = repository.run("git", "rev-parse", "HEAD")[1].strip()
    missing = "0123456789" * 4
    repository.write(releases.TABLE, "| release | commit |\n| --- | --- |\n| v1.0.0 | %s |\n| v2.0.0 | %s |\n" % (first, missing))

    def commit_of(name):
        return said_by(releases.commit_of, name, repository.folder)
    yield "a release without its tag is found by the table", commit_of("v1.0.0") == first
    yield "other names are git's", commit_of("HEAD") == first
    yield "a commit that is not here is said, with what to do", "git fetch origin " + missing in commit_of("v2.0.0")
    yield "an unknown name is said, with the releases", "v3.0.0; releases are v1.0.0, v2.0.0" in commit_of("v3.0.0")
    repository.run("git", "commit", "--quiet", "--allow-empty", "--message", "second")
    repository.run("git", "tag", "v1.0.0")
    second = repository.run("git", "rev-parse", "HEAD")[1].strip()
    yield "a tag comes first", commit_of("v1.0.0") == second != first


def main():
    out = open(sys.argv[1], "w", encoding="utf-8") if len(sys.argv) > 1 else sys.stdout
    failed = False
    for cases in (hook_cases, compile_commands_cases, release_cases):
        with tempfile.TemporaryDirectory() as folder:
            for name, good in cases(folder):
                failed = failed or not good
                print("%s checkout_test: %s" % ("ok" if good else "not ok", name), file=out)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
