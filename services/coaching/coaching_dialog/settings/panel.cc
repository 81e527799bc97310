#include "services/coaching/coaching_dialog/settings/panel.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace selfology::coaching_dialog {
namespace {

using language::PluralForms;

std::string Counted(Language language, int number, const PluralForms& english,
                    const PluralForms& russian) {
  return absl::StrCat(
      number, " ",
      language::FormFor(language, number, language == Language::kRussian ? russian : english));
}

}  // namespace

v1::DialogMessage Panel(std::string_view tag, std::string key, std::string html) {
  v1::DialogMessage message = Card(std::move(key), std::move(html), {});
  message.set_lifecycle(v1::MESSAGE_LIFECYCLE_SYSTEM);
  message.set_tag(std::string(tag));
  return message;
}

v1::ButtonRow& AddRow(v1::DialogMessage& message) { return *message.add_button_rows(); }

void AddButton(v1::ButtonRow& row, std::string_view label, std::string data) {
  v1::Button& button = *row.add_buttons();
  button.set_text(std::string(label));
  button.set_callback_data(std::move(data));
}

std::string CountedDays(Language language, int days) {
  return Counted(language, days, {.one = "day", .other = "days"},
                 {.one = "день", .few = "дня", .many = "дней", .other = "дня"});
}

std::string CountedMinutes(Language language, int minutes) {
  return Counted(language, minutes, {.one = "minute", .other = "minutes"},
                 {.one = "минуту", .few = "минуты", .many = "минут", .other = "минуты"});
}

}  // namespace selfology::coaching_dialog
