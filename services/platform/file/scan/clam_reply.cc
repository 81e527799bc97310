#include "services/platform/file/scan/clam_reply.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "services/platform/file/file_rules.h"

namespace selfology::file {
namespace {

constexpr size_t kLongest = 100;

std::string Printable(std::string_view text) {
  std::string clean(text.substr(0, kLongest));
  std::erase_if(clean, [](char c) { return !absl::ascii_isprint(c); });
  return clean;
}

}  // namespace

ClamReply ReadClamReply(std::string_view reply) {
  while (!reply.empty() && (reply.back() == '\0' || absl::ascii_isspace(reply.back()))) {
    reply.remove_suffix(1);
  }
  if (absl::StartsWith(reply, "INSTREAM size limit exceeded")) {
    return {.verdict = ClamReply::Verdict::kTooLarge};
  }
  std::string_view said = reply;
  if (TakePrefix(said, "stream: ")) {
    if (said == "OK") return {.verdict = ClamReply::Verdict::kClean};
    if (said.ends_with(" FOUND")) {
      said.remove_suffix(6);
      return {.verdict = ClamReply::Verdict::kInfected, .what = Printable(said)};
    }
  }
  return {.verdict = ClamReply::Verdict::kError, .what = Printable(reply)};
}

}  // namespace selfology::file
