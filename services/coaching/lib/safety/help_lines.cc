#include "services/coaching/lib/safety/help_lines.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "services/coaching/lib/safety/texts.h"

namespace selfology::safety {
namespace {

using language::Language;

const HelpLines& AllLines() {
  static const HelpLines* const lines = new HelpLines(ParseHelpLines().value());
  return *lines;
}

int Rank(const HelpLine& line, Language language, LineNeed need) {
  int rank = 0;
  switch (line.audience()) {
    case HelpLine::EMERGENCY:
      rank = need == LineNeed::kEmergency ? -10 : 3;
      break;
    case HelpLine::ABUSE:
      rank = need == LineNeed::kAbuse ? -10 : 2;
      break;
    case HelpLine::YOUNG:  // Last of the numbers: most who write are grown up.
      rank = 4;
      break;
    default:
      break;
  }
  const std::string_view tag = language::TagOf(language);
  const bool spoken =
      std::find(line.language().begin(), line.language().end(), tag) != line.language().end();
  if (line.country().empty()) return 100;
  return rank * 2 + (spoken ? 0 : 1);
}

}  // namespace

std::string_view UsualCountry(Language language) {
  return language == Language::kRussian ? "RU" : "";
}

absl::StatusOr<HelpLines> ParseHelpLines() {
  HelpLines lines;
  if (!google::protobuf::TextFormat::ParseFromString(std::string(kHelpLinesTextproto), &lines)) {
    return absl::InvalidArgumentError("malformed help lines");
  }
  return lines;
}

std::vector<const HelpLine*> LinesFor(Language language, std::string_view country, LineNeed need) {
  const std::string code =
      absl::AsciiStrToUpper(country.empty() ? UsualCountry(language) : country);
  std::vector<const HelpLine*> lines;
  for (const HelpLine& line : AllLines().line()) {
    if (!line.confirmed()) continue;
    const auto& countries = line.country();
    if (countries.empty() ||
        std::find(countries.begin(), countries.end(), code) != countries.end()) {
      lines.push_back(&line);
    }
  }
  std::sort(lines.begin(), lines.end(), [&](const HelpLine* a, const HelpLine* b) {
    const int rank_a = Rank(*a, language, need), rank_b = Rank(*b, language, need);
    return rank_a != rank_b ? rank_a < rank_b : a < b;
  });
  return lines;
}

std::string TextOf(const HelpLine& line, Language language) {
  const std::string& name =
      language == Language::kRussian ? line.name_russian() : line.name_english();
  return line.number().empty() ? name : absl::StrCat(line.number(), " · ", name);
}

}  // namespace selfology::safety
