"""local_models: which room's local model serves which task, for services/ai.

    load("//bazel:local_models.bzl", "local_models")
    load("//services:services.bzl", "LOCAL_EMBEDDINGS", "LOCAL_MODELS")

    local_models(
        name = "local_models",
        embeddings = LOCAL_EMBEDDINGS,
        tasks = LOCAL_MODELS,
    )

in services/platform/ai/BUILD.bazel gives the library ":local_models" with the header "services/platform/ai/local_models.h".
"""

load(":header.bzl", "generated_header")

def local_models(name, tasks, embeddings, visibility = None):
    """A header with the rooms of the local models.

    Args:
      name: the library's name and, with .h, the header's.
      tasks: rooms by the names of selfology.ai.v1.Task's values.
      embeddings: the room whose local model makes vectors.
      visibility: as in every rule.
    """
    generated_header(
        name = name,
        includes = ["<string_view>", '"selfology/ai/v1/ai.pb.h"'],
        lines = [
            "// A task, and the room whose local model serves it.",
            "struct LocalModel {",
            "  v1::Task task;",
            "  std::string_view room;",
            "};",
            "inline constexpr LocalModel kLocalModels[] = {",
        ] + ['    {v1::%s, "%s"},' % (task, room) for task, room in tasks.items()] + [
            "};",
            "",
            "// The room whose local model makes vectors.",
            'inline constexpr std::string_view kLocalEmbeddings = "%s";' % embeddings,
        ],
        namespace = "selfology::ai",
        visibility = visibility,
        deps = ["//proto/selfology/ai/v1"],
    )
