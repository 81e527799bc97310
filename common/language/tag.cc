#include "common/language/tag.h"

#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace selfology::language {
namespace {

bool AllAlpha(std::string_view subtag) { return absl::c_all_of(subtag, absl::ascii_isalpha); }
bool AllDigits(std::string_view subtag) { return absl::c_all_of(subtag, absl::ascii_isdigit); }

bool IsBetween(std::string_view subtag, size_t shortest, size_t longest) {
  return subtag.size() >= shortest && subtag.size() <= longest;
}

// The productions of RFC 5646, section 2.1, over subtags in lower case, of 1 to 8 letters and
// digits each. Each takes what it finds and puts it into canonical case.
class Grammar {
 public:
  explicit Grammar(std::vector<std::string>& subtags) : subtags_(subtags) {}

  bool Fits() {
    if (!AtPrivateUse()) {
      if (!TakeLanguage()) return false;
      TakeScript();
      TakeRegion();
      if (!TakeVariants() || !TakeExtensions()) return false;
    }
    return TakePrivateUse() && AtEnd();
  }

 private:
  bool AtEnd() const { return at_ == subtags_.size(); }
  bool AtPrivateUse() const { return !AtEnd() && subtags_[at_] == "x"; }
  bool AtAlpha(size_t shortest, size_t longest) const {
    return !AtEnd() && IsBetween(subtags_[at_], shortest, longest) && AllAlpha(subtags_[at_]);
  }

  bool TakeLanguage() {
    if (!AtAlpha(2, 8)) return false;
    const bool may_extend = subtags_[at_++].size() <= 3;
    for (int extensions = 0; may_extend && extensions < 3 && AtAlpha(3, 3); ++extensions) ++at_;
    return true;
  }

  void TakeScript() {
    if (!AtAlpha(4, 4)) return;
    std::string& script = subtags_[at_++];
    script[0] = absl::ascii_toupper(static_cast<unsigned char>(script[0]));
  }

  void TakeRegion() {
    const bool is_number = !AtEnd() && subtags_[at_].size() == 3 && AllDigits(subtags_[at_]);
    if (is_number || AtAlpha(2, 2)) absl::AsciiStrToUpper(&subtags_[at_++]);
  }

  bool AtVariant() const {
    if (AtEnd()) return false;
    const std::string& subtag = subtags_[at_];
    return IsBetween(subtag, 5, 8) ||
           (subtag.size() == 4 && absl::ascii_isdigit(static_cast<unsigned char>(subtag[0])));
  }

  bool TakeVariants() {
    std::set<std::string_view> seen;
    while (AtVariant()) {
      if (!seen.insert(subtags_[at_++]).second) return false;
    }
    return true;
  }

  bool TakeExtensions() {
    std::set<std::string_view> seen;
    while (!AtEnd() && subtags_[at_].size() == 1 && !AtPrivateUse()) {
      if (!seen.insert(subtags_[at_++]).second) return false;
      const size_t first = at_;
      while (!AtEnd() && subtags_[at_].size() >= 2) ++at_;
      if (at_ == first) return false;
    }
    return true;
  }

  bool TakePrivateUse() {
    if (!AtPrivateUse()) return true;
    const bool has_more = subtags_.size() - at_ > 1;
    at_ = subtags_.size();
    return has_more;
  }

  std::vector<std::string>& subtags_;
  size_t at_ = 0;
};

}  // namespace

std::optional<Tag> Tag::Parse(std::string_view text) {
  if (text.size() > kLongestTag) return std::nullopt;
  std::vector<std::string> subtags =
      absl::StrSplit(absl::AsciiStrToLower(text), absl::ByAnyChar("-_"));
  for (const std::string& subtag : subtags) {
    if (!IsBetween(subtag, 1, 8) || !absl::c_all_of(subtag, absl::ascii_isalnum)) {
      return std::nullopt;
    }
  }
  if (!Grammar(subtags).Fits()) return std::nullopt;
  return Tag(absl::StrJoin(subtags, "-"));
}

std::vector<std::string> Tag::Fallbacks() const {
  std::vector<std::string> fallbacks;
  std::vector<std::string_view> subtags = absl::StrSplit(text_, '-');
  while (!subtags.empty()) {
    fallbacks.push_back(absl::StrJoin(subtags, "-"));
    subtags.pop_back();
    // What only announces more goes, too: "de-u-co-phonebk" falls back to "de-u-co", then "de".
    while (!subtags.empty() && subtags.back().size() == 1) subtags.pop_back();
  }
  return fallbacks;
}

std::optional<std::string_view> Best(std::string_view tag,
                                     absl::Span<const std::string_view> supported) {
  const std::optional<Tag> parsed = Tag::Parse(tag);
  if (!parsed.has_value()) return std::nullopt;
  for (const std::string& fallback : parsed->Fallbacks()) {
    const auto found = absl::c_find(supported, fallback);
    if (found != supported.end()) return *found;
  }
  return std::nullopt;
}

}  // namespace selfology::language
