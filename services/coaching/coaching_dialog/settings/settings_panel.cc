#include "services/coaching/coaching_dialog/settings/settings_panel.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "common/text/html.h"

namespace selfology::coaching_dialog {
namespace {

using text::EscapeHtml;

struct City {
  std::string_view zone;
  std::string_view english;
  std::string_view russian;
};

// One of each offset where many people are, from the west to the east.
constexpr City kCities[] = {
    {"America/Los_Angeles", "Los Angeles", "Лос-Анджелес"},
    {"America/Denver", "Denver", "Денвер"},
    {"America/Chicago", "Chicago", "Чикаго"},
    {"America/New_York", "New York", "Нью-Йорк"},
    {"America/Sao_Paulo", "São Paulo", "Сан-Паулу"},
    {"Europe/London", "London", "Лондон"},
    {"Europe/Berlin", "Berlin", "Берлин"},
    {"Europe/Kaliningrad", "Kaliningrad", "Калининград"},
    {"Europe/Athens", "Athens", "Афины"},
    {"Europe/Moscow", "Moscow", "Москва"},
    {"Europe/Istanbul", "Istanbul", "Стамбул"},
    {"Europe/Samara", "Samara", "Самара"},
    {"Asia/Dubai", "Dubai", "Дубай"},
    {"Asia/Yekaterinburg", "Yekaterinburg", "Екатеринбург"},
    {"Asia/Almaty", "Almaty", "Алматы"},
    {"Asia/Kolkata", "Delhi", "Дели"},
    {"Asia/Omsk", "Omsk", "Омск"},
    {"Asia/Novosibirsk", "Novosibirsk", "Новосибирск"},
    {"Asia/Bangkok", "Bangkok", "Бангкок"},
    {"Asia/Irkutsk", "Irkutsk", "Иркутск"},
    {"Asia/Shanghai", "Shanghai", "Шанхай"},
    {"Asia/Yakutsk", "Yakutsk", "Якутск"},
    {"Asia/Tokyo", "Tokyo", "Токио"},
    {"Asia/Vladivostok", "Vladivostok", "Владивосток"},
    {"Australia/Sydney", "Sydney", "Сидней"},
    {"Asia/Magadan", "Magadan", "Магадан"},
    {"Asia/Kamchatka", "Kamchatka", "Камчатка"},
    {"Pacific/Auckland", "Auckland", "Окленд"},
};

constexpr int kFirstHour = 7;
constexpr int kLastHour = 22;
constexpr int kHoursInRow = 4;
constexpr int kOfferedHours[] = {9, 13, 19, 21};

struct QuietHours {
  int from_hour;
  int until_hour;
};
constexpr QuietHours kQuietHours[] = {{21, 8}, {22, 8}, {22, 9}, {23, 7}, {23, 9}, {0, 10}};

std::string Data(std::string_view what, std::string_view value = "") {
  return absl::StrCat(panel::kSettings, ":", what, value.empty() ? "" : ":", value);
}

std::string Line(Language language, Wording wording, std::string_view value) {
  return absl::Substitute(Phrase(language, wording), std::string(value));
}

std::string_view OnOrOff(Language language, bool on) {
  return Phrase(language, on ? Wording::kOn : Wording::kOff);
}

std::string_view AddressName(Language language, notification::v1::FormOfAddress form) {
  switch (form) {
    case notification::v1::FORM_OF_ADDRESS_FORMAL:
      return Phrase(language, Wording::kAddressFormal);
    case notification::v1::FORM_OF_ADDRESS_INFORMAL:
      return Phrase(language, Wording::kAddressInformal);
    default:
      return Phrase(language, Wording::kAddressAsYou);
  }
}

std::string RemindersText(Language language, const Preferences& preferences) {
  if (!preferences.reminders()) return std::string(Phrase(language, Wording::kOff));
  const std::string time = ClockText(ReminderMinute(preferences));
  const int days = preferences.days_between_reminders();
  if (days <= 1) return Line(language, Wording::kRemindersDaily, time);
  return absl::Substitute(Phrase(language, Wording::kRemindersSeldom), time,
                          CountedDays(language, days));
}

std::string ZoneText(Language language, const Preferences& preferences, absl::Time now) {
  if (preferences.time_zone().empty()) return std::string(Phrase(language, Wording::kLineNoZone));
  const auto* const city =
      std::find_if(std::begin(kCities), std::end(kCities),
                   [&](const City& known) { return known.zone == preferences.time_zone(); });
  const std::string name =
      city == std::end(kCities)
          ? EscapeHtml(preferences.time_zone())
          : std::string(language == Language::kRussian ? city->russian : city->english);
  return absl::Substitute(Phrase(language, Wording::kLineZone), name,
                          ClockText(MinuteAt(now, ZoneOf(preferences))));
}

std::string QuietText(Language language, const Preferences& preferences) {
  if (preferences.quiet_from_minute() == preferences.quiet_until_minute()) {
    return std::string(Phrase(language, Wording::kLineNoQuiet));
  }
  return absl::Substitute(Phrase(language, Wording::kLineQuiet),
                          ClockText(preferences.quiet_from_minute()),
                          ClockText(preferences.quiet_until_minute()));
}

// A question about one thing, with the way back.
v1::DialogMessage Question(Language language, std::string key, Wording question) {
  return Panel(panel::kSettings, std::move(key), std::string(Phrase(language, question)));
}

void AddBack(Language language, v1::DialogMessage& message) {
  AddButton(AddRow(message), Phrase(language, Wording::kButtonBack), Data("back"));
}

}  // namespace

v1::DialogMessage SettingsPanel(Language language, std::string key, const Preferences& preferences,
                                absl::Time now) {
  const bool russian = language == Language::kRussian;
  const bool statements = !preferences.no_statements();
  const bool heavy = preferences.heavy_questions();
  std::vector<std::string> lines = {std::string(Phrase(language, Wording::kSettingsTitle)), ""};
  lines.push_back(Line(language, Wording::kLineLanguage, Phrase(language, Text::kLanguageName)));
  if (russian) {
    lines.push_back(Line(language, Wording::kLineAddress,
                         AddressName(language, preferences.form_of_address())));
  }
  lines.push_back(Line(language, Wording::kLineReminders, RemindersText(language, preferences)));
  lines.push_back(ZoneText(language, preferences, now));
  lines.push_back(QuietText(language, preferences));
  lines.push_back(Line(language, Wording::kLineStatements, OnOrOff(language, statements)));
  lines.push_back(Line(language, Wording::kLineHeavy,
                       Phrase(language, heavy ? Wording::kHeavyWelcome : Wording::kHeavyAsk)));

  v1::DialogMessage message = Panel(panel::kSettings, std::move(key), absl::StrJoin(lines, "\n"));
  const auto add = [&](v1::ButtonRow& row, Wording label, std::string data) {
    AddButton(row, Phrase(language, label), std::move(data));
  };
  v1::ButtonRow& speech = AddRow(message);
  add(speech, Wording::kButtonLanguage, Data("language"));
  if (russian) add(speech, Wording::kButtonAddress, Data("address"));
  v1::ButtonRow& reminders = AddRow(message);
  if (preferences.reminders()) {
    add(reminders, Wording::kButtonRemindersOff, Data("reminders", "off"));
    add(reminders, Wording::kButtonTime, Data("time"));
  } else {
    add(reminders, Wording::kButtonRemindersOn, Data("reminders", "on"));
  }
  v1::ButtonRow& hours = AddRow(message);
  add(hours, Wording::kButtonZone, Data("zone"));
  add(hours, Wording::kButtonQuiet, Data("quiet"));
  add(AddRow(message), statements ? Wording::kButtonStatementsOff : Wording::kButtonStatementsOn,
      Data("statements", statements ? "off" : "on"));
  add(AddRow(message), heavy ? Wording::kButtonHeavyOff : Wording::kButtonHeavyOn,
      Data("heavy", heavy ? "off" : "on"));
  add(AddRow(message), Wording::kButtonDone, Data("done"));
  return message;
}

v1::DialogMessage LanguagePanel(Language language, std::string key) {
  v1::DialogMessage message =
      Panel(panel::kSettings, std::move(key), std::string(Phrase(language, Text::kChooseLanguage)));
  v1::ButtonRow& row = AddRow(message);
  for (const Language choice : kLanguages) {
    AddButton(row, Phrase(choice, Text::kLanguageName), Data("language", TagOf(choice)));
  }
  AddBack(language, message);
  return message;
}

v1::DialogMessage AddressPanel(Language language, std::string key) {
  v1::DialogMessage message = Question(language, std::move(key), Wording::kChooseAddress);
  v1::ButtonRow& row = AddRow(message);
  AddButton(row, Phrase(language, Wording::kAddressFormal), Data("address", "formal"));
  AddButton(row, Phrase(language, Wording::kAddressInformal), Data("address", "informal"));
  AddButton(AddRow(message), Phrase(language, Wording::kAddressAsYou), Data("address", "any"));
  AddBack(language, message);
  return message;
}

v1::DialogMessage TimePanel(Language language, std::string key) {
  v1::DialogMessage message = Question(language, std::move(key), Wording::kChooseTime);
  for (int hour = kFirstHour; hour <= kLastHour; hour += kHoursInRow) {
    v1::ButtonRow& row = AddRow(message);
    for (int i = hour; i < hour + kHoursInRow && i <= kLastHour; ++i) {
      AddButton(row, ClockText(i * 60), Data("time", absl::StrCat(i * 60)));
    }
  }
  AddBack(language, message);
  return message;
}

v1::DialogMessage QuietPanel(Language language, std::string key) {
  v1::DialogMessage message = Question(language, std::move(key), Wording::kChooseQuiet);
  v1::ButtonRow* row = nullptr;
  for (const QuietHours& hours : kQuietHours) {
    if (row == nullptr || row->buttons_size() == 2) row = &AddRow(message);
    const int from = hours.from_hour * 60;
    const int until = hours.until_hour * 60;
    AddButton(*row, absl::StrCat(ClockText(from), "–", ClockText(until)),
              Data("quiet", absl::StrCat(from, "-", until)));
  }
  AddButton(AddRow(message), Phrase(language, Wording::kButtonNoQuiet), Data("quiet", "0-0"));
  AddBack(language, message);
  return message;
}

v1::DialogMessage ZonePanel(Language language, std::string key, absl::Time now,
                            std::string_view intro) {
  v1::DialogMessage message = Panel(
      panel::kSettings, std::move(key),
      absl::StrCat(intro, intro.empty() ? "" : "\n\n", Phrase(language, Wording::kChooseZone)));
  v1::ButtonRow* row = nullptr;
  for (const City& city : kCities) {
    absl::TimeZone zone;
    if (!absl::LoadTimeZone(city.zone, &zone)) continue;
    if (row == nullptr || row->buttons_size() == 2) row = &AddRow(message);
    AddButton(*row,
              absl::StrCat(ClockText(MinuteAt(now, zone)), " · ",
                           language == Language::kRussian ? city.russian : city.english),
              Data("zone", city.zone));
  }
  AddBack(language, message);
  return message;
}

v1::DialogMessage ReminderOffer(Language language, std::string key) {
  v1::DialogMessage message =
      Html(kind::kReply, std::string(Phrase(language, Wording::kReminderOffer)));
  message.set_key(std::move(key));
  v1::ButtonRow& times = AddRow(message);
  for (const int hour : kOfferedHours) {
    AddButton(times, ClockText(hour * 60), absl::StrCat(panel::kReminder, ":at:", hour * 60));
  }
  AddButton(AddRow(message), Phrase(language, Wording::kButtonNoReminders),
            absl::StrCat(panel::kReminder, ":no"));
  return message;
}

v1::DialogMessage RemindersOn(Language language, std::string key, const Preferences& preferences,
                              absl::Time now) {
  const std::string time = ClockText(ReminderMinute(preferences));
  if (preferences.time_zone().empty()) {
    return ZonePanel(language, std::move(key), now,
                     absl::Substitute(Phrase(language, Wording::kRemindersOnNoZone), time));
  }
  return Html(kind::kReply, absl::Substitute(Phrase(language, Wording::kRemindersOn), time));
}

}  // namespace selfology::coaching_dialog
