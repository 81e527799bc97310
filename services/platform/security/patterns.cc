#include "services/platform/security/patterns.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/identity/caller.h"

namespace selfology::security {
namespace {

constexpr size_t kMaxLength = 100;
constexpr int kMaxWords = 3;

bool IsWord(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

bool IsPattern(std::string_view text) {
  if (text == "*") return true;
  if (text.size() > kMaxLength) return false;
  const std::vector<std::string_view> words = absl::StrSplit(text, '.');
  if (words.size() < 2 || words.size() > kMaxWords) return false;
  const bool open = words.back() == "*";
  if (!open && words.size() < kMaxWords) return false;
  return std::all_of(words.begin(), words.end() - (open ? 1 : 0), IsWord);
}

std::vector<std::string> SplitScope(std::string_view scope) {
  return absl::StrSplit(scope, ' ', absl::SkipEmpty());
}

bool ScopeWithin(std::string_view wanted, std::string_view allowed) {
  const std::vector<std::string> patterns = SplitScope(allowed);
  const std::vector<std::string> asked = SplitScope(wanted);
  return std::all_of(asked.begin(), asked.end(), [&](const std::string& one) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return identity::Covers(pattern, one); });
  });
}

bool IsGrantable(std::string_view pattern) {
  return IsPattern(pattern) && pattern != "*" && !absl::StartsWith(pattern, "mesh.");
}

void CheckGrantable(std::string_view field, std::string_view pattern,
                    status::FieldViolations& bad) {
  if (!IsGrantable(pattern)) {
    bad.Add(field, "must be a permission or a pattern such as \"coaching.*\", none of \"mesh\"");
  }
}

}  // namespace selfology::security
