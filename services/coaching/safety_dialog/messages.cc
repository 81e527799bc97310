#include "services/coaching/safety_dialog/messages.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/text/html.h"
#include "services/coaching/lib/safety/cards.h"
#include "services/coaching/lib/safety/characters.h"
#include "services/coaching/lib/safety/help_lines.h"
#include "services/coaching/safety_dialog/crisis.h"

namespace selfology::safety_dialog {
namespace {

std::string_view In(Language language, std::string_view english, std::string_view russian) {
  return language == Language::kRussian ? russian : english;
}

// "🇰🇿"
std::string FlagOf(std::string_view country) {
  constexpr char32_t kRegionalA = U'\U0001F1E6';
  std::u32string flag;
  for (const char letter : country) flag += static_cast<char32_t>(kRegionalA + (letter - 'A'));
  return safety::Utf8(flag);
}

v1::Button& AddButton(v1::ButtonRow& row, std::string_view label, std::string_view argument) {
  v1::Button& button = *row.add_buttons();
  button.set_text(std::string(label));
  button.set_callback_data(absl::StrCat(kAction, ":", argument));
  return button;
}

v1::DialogMessage Message(std::string text) {
  v1::DialogMessage message;
  message.set_kind("safety");
  message.set_message_text(std::move(text));
  return message;
}

v1::DialogMessage ShortMessage(Language language) {
  v1::DialogMessage message = Message(std::string(
      In(language,
         "I am still here. The numbers are above, and /sos shows them again. Are you safe now?",
         "Я всё ещё здесь. Номера выше, и их покажет /sos. Вы сейчас в безопасности?")));
  AddButton(*message.add_button_rows(), In(language, "I am safe", "Я в безопасности"), "safe");
  AddButton(*message.add_button_rows(), In(language, "Show the numbers", "Показать номера"),
            kLines);
  return message;
}

v1::DialogMessage CountriesMessage(Language language) {
  constexpr int kInARow = 4;
  v1::DialogMessage message =
      Message(std::string(In(language, "Which country are you in?", "В какой вы стране?")));
  for (const std::string& country : Countries()) {
    const int rows = message.button_rows_size();
    const bool is_full = rows == 0 || message.button_rows(rows - 1).buttons_size() == kInARow;
    v1::ButtonRow& row =
        is_full ? *message.add_button_rows() : *message.mutable_button_rows(rows - 1);
    AddButton(row, absl::StrCat(FlagOf(country), " ", country), absl::StrCat(kCountry, country));
  }
  AddButton(*message.add_button_rows(), In(language, "Another country", "Другая страна"), kCountry);
  return message;
}

template <typename Words>
void Localize(google::protobuf::RepeatedPtrField<v1::LocalizedText>& texts, Words words) {
  for (const Language language : language::kLanguages) {
    v1::LocalizedText& text = *texts.Add();
    text.set_language(std::string(TagOf(language)));
    text.set_text(std::string(words(language)));
  }
}

// For when nobody has read the words yet.
std::string StaticCard(Language language) {
  return text::EscapeHtml(absl::StrCat(
      In(language,
         "I can't read you right now; I will as soon as I can. If somebody is in danger, please do "
         "not wait for me.\n\n",
         "Сейчас у меня не получается вас прочесть; прочту, как только смогу. Если кто-то в "
         "опасности, пожалуйста, не ждите меня.\n\n"),
      safety::CardNamed(kLines, language, /*country=*/"")->text));
}

}  // namespace

std::optional<v1::DialogMessage> CardMessage(std::string_view card, Language language,
                                             std::string_view country) {
  if (card == kShort) return ShortMessage(language);
  if (card == kCountries) return CountriesMessage(language);
  const std::optional<safety::Card> known = safety::CardNamed(card, language, country);
  if (!known.has_value()) return std::nullopt;
  v1::DialogMessage message = Message(known->text);
  for (const safety::Card::Button& button : known->buttons) {
    AddButton(*message.add_button_rows(), button.label, button.argument);
  }
  if (card == "safe" || card == "misunderstood") {
    // What was not told meanwhile is not told by itself.
    message.mutable_message_text()->append(
        In(language, "\n\nWhen you want to go on where we stopped: /start.",
           "\n\nКогда захочется продолжить с того же места: /start."));
  }
  if (card == kLines) {
    AddButton(*message.add_button_rows(),
              country.empty() ? In(language, "🌍 Choose my country", "🌍 Выбрать страну")
                              : In(language, "🌍 Another country", "🌍 Другая страна"),
              kCountries);
  }
  return message;
}

const std::vector<std::string>& Countries() {
  static const auto& countries = *new std::vector<std::string>([] {
    std::set<std::string> codes;
    const absl::StatusOr<safety::HelpLines> lines = safety::ParseHelpLines();
    for (const safety::HelpLine& line : lines.value().line()) {
      if (line.confirmed()) codes.insert(line.country().begin(), line.country().end());
    }
    return std::vector<std::string>(codes.begin(), codes.end());
  }());
  return countries;
}

Language LanguageOfWords(std::string_view words, std::string_view tag) {
  const std::u32string letters = safety::Utf32(words);
  const bool is_cyrillic = std::any_of(letters.begin(), letters.end(), [](char32_t c) {
    return safety::IsCyrillic(safety::Plain(c));
  });
  return is_cyrillic ? Language::kRussian : language::LanguageOf(tag);
}

v1::DialogDescription Describe() {
  v1::DialogDescription description;
  description.set_dialog(std::string(kDialog));
  v1::DialogCommand& sos = *description.add_commands();
  sos.set_name(std::string(kSos));
  for (const char* alias : {"emergency", "crisis", "danger", "hotline", "helpline"}) {
    sos.add_aliases(alias);
  }
  Localize(*sos.mutable_descriptions(), [](Language language) {
    return In(language, "Help at once: numbers to call", "Срочная помощь: куда позвонить");
  });
  description.add_button_actions(std::string(kAction));
  Localize(*description.mutable_help(), [](Language language) {
    return In(language,
              "<b>If you are in danger</b>\nI am a program and no emergency service: call 112 or "
              "your country's emergency number. /sos shows where people answer, and "
              "findahelpline.com lists lines of all countries.",
              "<b>Если вы в опасности</b>\nЯ программа, а не экстренная служба: звоните 112 или по "
              "экстренному номеру вашей страны. /sos покажет, где ответят люди, а на "
              "findahelpline.com есть телефоны доверия всех стран.");
  });
  Localize(*description.mutable_guard()->mutable_card(), &StaticCard);
  return description;
}

}  // namespace selfology::safety_dialog
