#include "common/rpc/edges.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace selfology::rpc {
namespace {

bool IsName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
  });
}

}  // namespace

std::string ServiceNameOf(std::string_view name) { return absl::StrReplaceAll(name, {{"-", "_"}}); }

absl::StatusOr<Edges> Edges::Read(const std::string& path) {
  std::ifstream file(path);
  if (!file.is_open()) return absl::InvalidArgumentError("the file cannot be read");
  return Parse(
      std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()));
}

absl::StatusOr<Edges> Edges::Parse(std::string_view text) {
  Edges edges;
  int number = 0;
  for (const std::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const std::string_view said = absl::StripAsciiWhitespace(line.substr(0, line.find('#')));
    if (said.empty()) continue;
    const std::vector<std::string_view> names = absl::StrSplit(said, " -> ");
    if (names.size() != 2 || !IsName(names[0]) || !IsName(names[1])) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, " must be \"caller -> asked\", both names of services"));
    }
    edges.edges_.emplace(ServiceNameOf(names[0]), ServiceNameOf(names[1]));
  }
  return edges;
}

bool Edges::Allows(std::string_view caller, std::string_view asked) const {
  return edges_.contains({std::string(caller), std::string(asked)});
}

}  // namespace selfology::rpc
