#include "services/coaching/lib/safety/cards.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "services/coaching/lib/safety/help_lines.h"
#include "services/coaching/lib/safety/texts.h"

namespace selfology::safety {
namespace {

using language::Language;

const CardTexts& Texts(Language language) {
  static const CardTexts* const english = new CardTexts(ParseCards(Language::kEnglish).value());
  static const CardTexts* const russian = new CardTexts(ParseCards(Language::kRussian).value());
  return language == Language::kRussian ? *russian : *english;
}

LineNeed NeedOf(std::string_view card) {
  if (card == "abuse") return LineNeed::kAbuse;
  if (card == "medical_emergency" || card == "emergency" || card == "violence" ||
      card == "cannot_call" || card == "third_party_update") {
    return LineNeed::kEmergency;
  }
  return LineNeed::kAnybody;
}

std::string Lines(std::string_view card, Language language, std::string_view country) {
  std::string text;
  // A guess is said to be one.
  if (country.empty() && !UsualCountry(language).empty()) {
    text = "Номера в России (другую страну можно выбрать в /sos):";
  }
  bool emergency = false;
  for (const HelpLine* line : LinesFor(language, country, NeedOf(card))) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", TextOf(*line, language));
    emergency |= line->audience() == HelpLine::EMERGENCY;
  }
  if (emergency) return text;
  // Where no emergency number is known it is said in words.
  const std::string_view local = language == Language::kRussian
                                     ? "Экстренные службы вашей страны (во многих странах 112)"
                                     : "The emergency number of your country (112 in many)";
  return NeedOf(card) == LineNeed::kEmergency ? absl::StrCat(local, "\n", text)
                                              : absl::StrCat(text, "\n", local);
}

Card Fill(const CardText& card, Language language, std::string_view country) {
  Card filled;
  for (const std::string& paragraph : card.paragraph()) {
    absl::StrAppend(&filled.text, filled.text.empty() ? "" : "\n\n",
                    paragraph == "$lines" ? Lines(card.name(), language, country) : paragraph);
  }
  for (const CardButton& button : card.button()) {
    filled.buttons.push_back({.label = button.label(), .argument = button.argument()});
  }
  return filled;
}

const CardText* Find(std::string_view name, Language language) {
  for (const CardText& card : Texts(language).card()) {
    if (card.name() == name) return &card;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<CardTexts> ParseCards(Language language) {
  CardTexts texts;
  const std::string_view table =
      language == Language::kRussian ? kCardsRussianTextproto : kCardsEnglishTextproto;
  if (!google::protobuf::TextFormat::ParseFromString(std::string(table), &texts)) {
    return absl::InvalidArgumentError("malformed cards");
  }
  return texts;
}

Card CardFor(Danger danger, Language language, std::string_view country) {
  return CardNamed(NameOf(danger), language, country).value();
}

Card CardFor(FollowUp follow_up, Language language, std::string_view country) {
  return CardNamed(NameOf(follow_up), language, country).value();
}

std::string HelpFor(Danger danger, Language language, std::string_view country) {
  std::string help = CardFor(danger, language, country).text;
  // These ask whether the person thinks of ending their life.
  if (danger != Danger::kIndirect && danger != Danger::kPast) return help;
  if (const auto lines = CardNamed("lines", language, country)) {
    absl::StrAppend(&help, "\n\n", lines->text);
  }
  return help;
}

std::optional<Card> CardNamed(std::string_view argument, Language language,
                              std::string_view country) {
  const CardText* const card =
      Find(argument == "ending_yes" ? NameOf(Danger::kDirect) : argument, language);
  if (card == nullptr) return std::nullopt;
  return Fill(*card, language, country);
}

}  // namespace selfology::safety
