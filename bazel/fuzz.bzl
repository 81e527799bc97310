"""fuzz_test: a libFuzzer target that is also a test.

    load("//bazel:fuzz.bzl", "fuzz_test")

    fuzz_test(
        name = "envelope_fuzz",
        srcs = ["envelope_fuzz.cc"],    # LLVMFuzzerTestOneInput
        corpus = glob(["envelope_corpus/*"]),
        deps = [":events"],
    )

As a test it takes the corpus and a few thousand inputs made from it, always the same. To look for new ones:

    bazel run --config=fuzz //common/events:envelope_fuzz -- -max_total_time=60 -artifact_prefix=$PWD/

An input that fails is written there; once its cause is mended it belongs into the corpus.
"""

load("@rules_cc//cc:defs.bzl", "cc_test")

def fuzz_test(name, srcs, deps = [], corpus = [], runs = 5000, **kwargs):
    """See above.

    Args:
      name: the test's name.
      srcs: sources, one of which defines LLVMFuzzerTestOneInput.
      deps: libraries.
      corpus: example inputs, and inputs that once failed.
      runs: how many inputs the test tries.
      **kwargs: the cc_test's further attributes.
    """
    args = ["-timeout=10"]
    if corpus:
        args.append("-seed_inputs=" + ",".join(["$(rootpath %s)" % file for file in corpus]))
    cc_test(
        name = name,
        size = "small",
        srcs = srcs,
        args = args + select({
            "//bazel/sanitizers:fuzz": [],
            "//conditions:default": ["-seed=1", "-runs=%d" % runs],
        }),
        data = corpus,
        linkopts = ["-fsanitize=fuzzer"],
        deps = deps,
        **kwargs
    )
