// Numbers where people help, by country.
//
//   for (const HelpLine* line : LinesFor(Language::kRussian, "KZ")) ...
//   // 150, 111, findahelpline.com
//
// Only numbers that two independent sources confirm (help_lines.textproto). Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/language/language.h"
#include "services/coaching/lib/safety/safety.pb.h"

namespace selfology::safety {

// A code that no country has: of those whose country is not among ours (ISO 3166-1, user-assigned).
inline constexpr std::string_view kElsewhere = "ZZ";

// The country that most readers of the language are in: "RU" for Russian. Empty when the language is
// no guess of it, as with English.
std::string_view UsualCountry(language::Language language);

// What comes first.
enum class LineNeed { kAnybody, kEmergency, kAbuse };

// The lines of a country (ISO 3166-1 alpha-2, in any case), those that fit the need first, then
// those for everybody, for the young, and the emergency number; a page that lists lines of all
// countries comes last. When the country is not known it is UsualCountry of the language.
std::vector<const HelpLine*> LinesFor(language::Language language, std::string_view country,
                                      LineNeed need = LineNeed::kAnybody);

// One line for a card: "116 123 · Samaritans".
std::string TextOf(const HelpLine& line, language::Language language);

// All lines, unconfirmed ones too. Errors: INVALID_ARGUMENT for a malformed table.
absl::StatusOr<HelpLines> ParseHelpLines();

}  // namespace selfology::safety
