// What the dialog says: the cards of services/coaching/lib/safety as messages with buttons, the
// countries whose numbers are known, and what the dialog says of itself.
//
//   if (const auto message = CardMessage("lines", Language::kRussian, "KZ")) ...
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/language/language.h"
#include "selfology/telegram/v1/dialog.pb.h"

namespace selfology::safety_dialog {

namespace v1 = ::selfology::telegram::v1;
using language::Language;

// The dialog's name: the service's.
inline constexpr std::string_view kDialog = "safety_dialog";
// Its command, and the action of its buttons.
inline constexpr std::string_view kSos = "sos";
inline constexpr std::string_view kAction = "safety";
// The card of /sos: numbers, and a button for the country.
inline constexpr std::string_view kLines = "lines";
// Arguments of buttons that lead to no card of the library: all countries, and "country:KZ".
inline constexpr std::string_view kCountries = "countries";
inline constexpr std::string_view kCountry = "country:";

// A card of the library's, kShort or kCountries. `country`: ISO 3166-1 alpha-2; empty: not known.
// nullopt: no such card.
std::optional<v1::DialogMessage> CardMessage(std::string_view card, Language language,
                                             std::string_view country);

// Countries with numbers of their own, in the order of their codes.
const std::vector<std::string>& Countries();

// What to answer in: words say it better than Telegram's language does. `tag`: BCP 47.
Language LanguageOfWords(std::string_view words, std::string_view tag);

v1::DialogDescription Describe();

}  // namespace selfology::safety_dialog
