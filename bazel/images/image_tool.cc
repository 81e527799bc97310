// Makes images for bazel/image.bzl:
//
//   image_tool base LOCKS.json BASE.tar.gz BASE.json PROGRAM...
//   image_tool image DESCRIPTION.json BASE.tar.gz BASE.json IMAGE.tar SBOM.json DIGEST
//
// DESCRIPTION.json: {"name", "description", "locks": [...], "programs": {path in the image: file}, "from_tree": {path in the
// image: path in the packages}, "links": {path: target}, "folders": [...], "linkopts": [...], "entrypoint": [...], "environment": [...]}.
// LOCKS.json: {"locks": [...]}.

#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bazel/images/image.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace selfology::images {
namespace {

using Json = nlohmann::json;
using Texts = std::map<std::string, std::string>;
using Words = std::vector<std::string>;

// Before the name of a library that is linked statically.
constexpr std::string_view kArchive = "-l:";

absl::Status WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  file.close();
  return file ? absl::OkStatus() : absl::InternalError(absl::StrCat("cannot write ", path));
}

absl::StatusOr<Json> ReadJson(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError(absl::StrCat(path, " is no JSON"));
  return json;
}

absl::Status Base(const Words& arguments) {
  ASSIGN_OR_RETURN(const Json locks, ReadJson(arguments[0]));
  ASSIGN_OR_RETURN(const Packages packages, Packages::Open(locks.value("locks", Words())));
  Words programs;
  for (size_t i = 3; i < arguments.size(); ++i) {
    ASSIGN_OR_RETURN(programs.emplace_back(), ReadFile(arguments[i]));
  }
  ASSIGN_OR_RETURN(const BaseLayer base, MakeBase(packages, programs));
  RETURN_IF_ERROR(WriteFile(arguments[1], base.blob));
  return WriteFile(arguments[2], InfoOf(base));
}

absl::Status MakeOne(const Words& arguments) {
  ASSIGN_OR_RETURN(const Json json, ReadJson(arguments[0]));
  ASSIGN_OR_RETURN(const Packages packages, Packages::Open(json.value("locks", Words())));
  ASSIGN_OR_RETURN(const std::string blob, ReadFile(arguments[1]));
  ASSIGN_OR_RETURN(const std::string info, ReadFile(arguments[2]));
  ASSIGN_OR_RETURN(const BaseLayer base, ParseBase(blob, info));
  ImageContents contents{.name = json.value("name", ""),
                         .description = json.value("description", ""),
                         .from_tree = json.value("from_tree", Texts()),
                         .links = json.value("links", Texts()),
                         .folders = json.value("folders", Words()),
                         .entrypoint = json.value("entrypoint", Words()),
                         .environment = json.value("environment", Words())};
  for (const auto& [to, from] : json.value("programs", Texts())) {
    ASSIGN_OR_RETURN(contents.programs[to], ReadFile(from));
  }
  for (const std::string& option : json.value("linkopts", Words())) {
    if (absl::StartsWith(option, kArchive)) {
      contents.archives.push_back(option.substr(kArchive.size()));
    }
  }
  ASSIGN_OR_RETURN(const Image image, MakeImage(packages, base, contents));
  RETURN_IF_ERROR(WriteFile(arguments[3], image.archive));
  RETURN_IF_ERROR(WriteFile(arguments[4], image.sbom));
  return WriteFile(arguments[5], absl::StrCat(image.digest, "\n"));
}

absl::Status Run(const std::string& command, const Words& arguments) {
  if (command == "base" && arguments.size() > 3) return Base(arguments);
  if (command == "image" && arguments.size() == 6) return MakeOne(arguments);
  return absl::InvalidArgumentError("see the top of bazel/images/image_tool.cc");
}

}  // namespace
}  // namespace selfology::images

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + (argc > 2 ? 2 : argc), argv + argc);
  const absl::Status status = selfology::images::Run(argc > 1 ? argv[1] : "", arguments);
  if (status.ok()) return 0;
  std::fprintf(stderr, "image_tool: %s\n", status.ToString().c_str());
  return 1;
}
