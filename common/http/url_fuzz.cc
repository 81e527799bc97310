// A request's target is taken apart into a path that cannot climb and parameters that can be put
// together again, or it is refused.

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/http/url.h"
#include "testing/fuzz.h"

namespace selfology::http {
namespace {

std::string PutTogether(const Target& target) {
  std::string path = absl::StrJoin(absl::StrSplit(target.path, '/'), "/",
                                   [](std::string* out, absl::string_view segment) {
                                     absl::StrAppend(out, Encode({segment.data(), segment.size()}));
                                   });
  if (!target.query.empty()) absl::StrAppend(&path, "?", EncodeQuery(target.query));
  return path;
}

void Check(std::string_view text) {
  const auto target = ParseTarget(text);
  if (!target.ok()) {
    MUST(absl::IsInvalidArgument(target.status()) && !target.status().message().empty());
    return;
  }
  MUST(target->path.starts_with("/"));
  MUST(target->path.find('\0') == std::string::npos);
  for (const absl::string_view segment : absl::StrSplit(target->path, '/')) {
    MUST(segment != "." && segment != "..");
  }
  const auto again = ParseTarget(PutTogether(*target));
  MUST(again.ok() && again->path == target->path && again->query == target->query);
}

}  // namespace
}  // namespace selfology::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  selfology::http::Check(selfology::testing::InputText(data, size));
  return 0;
}
