#include "services/growth/growth_dialog/texts.h"

#include <array>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/language/plural.h"
#include "common/timestamps/timestamp.h"

namespace selfology::growth_dialog {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kWeekdays = {
    {{"Mon", "пн"},
     {"Tue", "вт"},
     {"Wed", "ср"},
     {"Thu", "чт"},
     {"Fri", "пт"},
     {"Sat", "сб"},
     {"Sun", "вс"}}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kMonths = {
    {{"Jan", "января"},
     {"Feb", "февраля"},
     {"Mar", "марта"},
     {"Apr", "апреля"},
     {"May", "мая"},
     {"Jun", "июня"},
     {"Jul", "июля"},
     {"Aug", "августа"},
     {"Sep", "сентября"},
     {"Oct", "октября"},
     {"Nov", "ноября"},
     {"Dec", "декабря"}}};

std::string_view Pick(Language language,
                      const std::pair<std::string_view, std::string_view>& text) {
  return In(language, text.first, text.second);
}

std::string Weekdays(std::string_view days, Language language) {
  static constexpr std::array<std::string_view, 7> kNames = {"MO", "TU", "WE", "TH",
                                                             "FR", "SA", "SU"};
  std::string text;
  for (const std::string_view day : absl::StrSplit(days, ',')) {
    for (size_t i = 0; i < kNames.size(); ++i) {
      if (day == kNames[i]) {
        absl::StrAppend(&text, text.empty() ? "" : ", ", Pick(language, kWeekdays[i]));
      }
    }
  }
  return text;
}

struct UnitWords {
  std::string_view every_en, every_ru;
  language::PluralForms en, ru;
};
const std::map<std::string_view, UnitWords>& Units() {
  static const auto& units = *new std::map<std::string_view, UnitWords>{
      {"HOURLY",
       {"every hour",
        "каждый час",
        {.one = "hour", .other = "hours"},
        {.one = "час", .few = "часа", .many = "часов", .other = "часа"}}},
      {"DAILY",
       {"every day",
        "каждый день",
        {.one = "day", .other = "days"},
        {.one = "день", .few = "дня", .many = "дней", .other = "дня"}}},
      {"WEEKLY",
       {"every week",
        "каждую неделю",
        {.one = "week", .other = "weeks"},
        {.one = "неделю", .few = "недели", .many = "недель", .other = "недели"}}},
      {"MONTHLY",
       {"every month",
        "каждый месяц",
        {.one = "month", .other = "months"},
        {.one = "месяц", .few = "месяца", .many = "месяцев", .other = "месяца"}}},
      {"YEARLY",
       {"every year",
        "каждый год",
        {.one = "year", .other = "years"},
        {.one = "год", .few = "года", .many = "лет", .other = "года"}}}};
  return units;
}

}  // namespace

std::string DayText(absl::CivilDay day, absl::CivilDay today, Language language) {
  const int64_t ahead = day - today;
  if (ahead == 0) return std::string(In(language, "today", "сегодня"));
  if (ahead == 1) return std::string(In(language, "tomorrow", "завтра"));
  if (ahead == -1) return std::string(In(language, "yesterday", "вчера"));
  std::string text = absl::StrCat(day.day(), " ", Pick(language, kMonths[day.month() - 1]));
  if (day.year() != today.year()) absl::StrAppend(&text, " ", day.year());
  if (ahead > 0 && ahead < 14) {
    const auto weekday = static_cast<size_t>(absl::GetWeekday(day));
    text = absl::StrCat(Pick(language, kWeekdays[weekday]), " ", text);
  }
  return text;
}

std::string DueText(const task::v1::Task& task, absl::TimeZone zone, absl::Time now,
                    Language language) {
  if (!task.has_due_at()) return "";
  const absl::Time due = timestamps::FromProto(task.due_at());
  const absl::CivilSecond at = absl::ToCivilSecond(due, zone);
  const absl::CivilDay today = absl::ToCivilDay(now, zone);
  std::string text = DayText(absl::CivilDay(at), today, language);
  if (!task.due_all_day()) absl::StrAppendFormat(&text, " %02d:%02d", at.hour(), at.minute());
  const bool overdue = task.due_all_day() ? absl::CivilDay(at) < today : due < now;
  if (overdue) text = absl::StrCat(In(language, "overdue: ", "просрочено: "), text);
  return text;
}

std::string RepeatText(const task::v1::Recurrence& recurrence, Language language) {
  std::map<std::string, std::string> parts;
  for (const std::string_view part : absl::StrSplit(recurrence.rrule(), ';')) {
    const std::pair<std::string, std::string> named = absl::StrSplit(part, absl::MaxSplits('=', 1));
    parts[named.first] = named.second;
  }
  const auto unit = Units().find(parts["FREQ"]);
  if (unit == Units().end()) return recurrence.rrule();
  std::string text(In(language, unit->second.every_en, unit->second.every_ru));
  int64_t interval = 1;
  if (absl::SimpleAtoi(parts["INTERVAL"], &interval) && interval > 1) {
    text = absl::StrCat(
        In(language, "every ", "раз в "), interval, " ",
        language::FormFor(language, interval,
                          language == Language::kRussian ? unit->second.ru : unit->second.en));
  }
  std::string days = Weekdays(parts["BYDAY"], language);
  if (days.empty() && !parts["BYMONTHDAY"].empty() && parts["BYMONTH"].empty()) {
    days = absl::StrReplaceAll(
        parts["BYMONTHDAY"], {{"-1", In(language, "the last day", "последний день")}, {",", ", "}});
  }
  for (const std::string_view hour : absl::StrSplit(parts["BYHOUR"], ',', absl::SkipEmpty())) {
    absl::StrAppend(&days, days.empty() ? "" : ", ", hour, ":00");
  }
  if (!days.empty()) absl::StrAppend(&text, ": ", days);
  return text;
}

std::string PriorityMark(task::v1::TaskPriority priority) {
  switch (priority) {
    case task::v1::TASK_PRIORITY_HIGH:
      return "🔴 ";
    case task::v1::TASK_PRIORITY_MEDIUM:
      return "🟡 ";
    case task::v1::TASK_PRIORITY_LOW:
      return "🔵 ";
    default:
      return "";
  }
}

std::string CountedTasks(int64_t count, Language language) {
  static constexpr language::PluralForms kEnglish = {.one = "task", .other = "tasks"};
  static constexpr language::PluralForms kRussian = {
      .one = "задача", .few = "задачи", .many = "задач", .other = "задачи"};
  return absl::StrCat(
      count, " ", FormFor(language, count, language == Language::kRussian ? kRussian : kEnglish));
}

std::string CountedDays(int64_t count, Language language) {
  static constexpr language::PluralForms kEnglish = {.one = "day", .other = "days"};
  static constexpr language::PluralForms kRussian = {
      .one = "день", .few = "дня", .many = "дней", .other = "дня"};
  return absl::StrCat(
      count, " ", FormFor(language, count, language == Language::kRussian ? kRussian : kEnglish));
}

}  // namespace selfology::growth_dialog
