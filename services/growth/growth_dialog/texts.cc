#include "services/growth/growth_dialog/texts.h"

#include <array>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/language/month.h"
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

std::string_view Pick(Language language,
                      const std::pair<std::string_view, std::string_view>& text) {
  return In(language, text.first, text.second);
}

// "1st", "3-й"; below 0: counted from the end.
std::string Ordinal(int64_t number, Language language) {
  if (language == Language::kRussian) return absl::StrCat(number, "-й");
  const bool is_teen = number % 100 / 10 == 1;
  const std::string_view ending = is_teen            ? "th"
                                  : number % 10 == 1 ? "st"
                                  : number % 10 == 2 ? "nd"
                                  : number % 10 == 3 ? "rd"
                                                     : "th";
  return absl::StrCat(number, ending);
}

// "MO,WE", "1MO", "-1FR".
std::string Weekdays(std::string_view days, Language language) {
  static constexpr std::array<std::string_view, 7> kNames = {"MO", "TU", "WE", "TH",
                                                             "FR", "SA", "SU"};
  std::string text;
  for (const std::string_view day : absl::StrSplit(days, ',', absl::SkipEmpty())) {
    const size_t name = day.size() < 2 ? 0 : day.size() - 2;
    for (size_t i = 0; i < kNames.size(); ++i) {
      if (day.substr(name) != kNames[i]) continue;
      absl::StrAppend(&text, text.empty() ? "" : ", ");
      int64_t which = 0;
      if (absl::SimpleAtoi(day.substr(0, name), &which) && which == -1) {
        absl::StrAppend(&text, In(language, "last ", "последний "));
      } else if (which > 0) {
        absl::StrAppend(&text, Ordinal(which, language), " ");
      } else if (which < 0) {
        absl::StrAppend(&text, Ordinal(-which, language), In(language, " last ", " с конца "));
      }
      absl::StrAppend(&text, Pick(language, kWeekdays[i]));
    }
  }
  return text;
}

// "1,15", "-1".
std::string MonthDays(std::string_view days, Language language) {
  std::string text;
  for (const std::string_view day : absl::StrSplit(days, ',', absl::SkipEmpty())) {
    absl::StrAppend(&text, text.empty() ? "" : ", ");
    int64_t number = 0;
    if (!absl::SimpleAtoi(day, &number) || number > 0) {
      absl::StrAppend(&text, day);
    } else if (number == -1) {
      absl::StrAppend(&text, In(language, "the last day", "последний день"));
    } else {
      absl::StrAppend(&text, In(language, "the ", ""), Ordinal(-number, language),
                      In(language, " last day", " день с конца"));
    }
  }
  return text;
}

// "9,15" with the minutes that the rule says, else those of its beginning (RFC 5545).
std::string Times(std::string_view hours, std::string_view minutes, const task::v1::Task& task) {
  std::vector<int64_t> at;
  int64_t number = 0;
  for (const std::string_view minute : absl::StrSplit(minutes, ',', absl::SkipEmpty())) {
    if (absl::SimpleAtoi(minute, &number)) at.push_back(number);
  }
  if (at.empty()) {
    absl::TimeZone zone = absl::UTCTimeZone();
    absl::LoadTimeZone(task.time_zone(), &zone);
    const absl::Time start = task.recurrence().has_start_at()
                                 ? timestamps::FromProto(task.recurrence().start_at())
                                 : timestamps::FromProto(task.due_at());
    at.push_back(absl::ToCivilMinute(start, zone).minute());
  }
  std::string text;
  for (const std::string_view hour : absl::StrSplit(hours, ',', absl::SkipEmpty())) {
    if (!absl::SimpleAtoi(hour, &number)) continue;
    for (const int64_t minute : at) {
      absl::StrAppendFormat(&text, "%s%02d:%02d", text.empty() ? "" : ", ", number, minute);
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
  std::string text = absl::StrCat(day.day(), " ", language::MonthAfterDay(language, day.month()));
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

std::string RepeatText(const task::v1::Task& task, Language language) {
  const std::string& rule = task.recurrence().rrule();
  std::map<std::string, std::string> parts;
  for (const std::string_view part : absl::StrSplit(rule, ';')) {
    const std::pair<std::string, std::string> named = absl::StrSplit(part, absl::MaxSplits('=', 1));
    parts[named.first] = named.second;
  }
  const auto unit = Units().find(parts["FREQ"]);
  if (unit == Units().end()) return rule;
  // What there are no words for.
  for (const char* const part : {"BYSETPOS", "BYWEEKNO", "BYYEARDAY"}) {
    if (!parts[part].empty()) return rule;
  }
  std::string text(In(language, unit->second.every_en, unit->second.every_ru));
  int64_t interval = 1;
  if (absl::SimpleAtoi(parts["INTERVAL"], &interval) && interval > 1) {
    text = absl::StrCat(
        In(language, "every ", "раз в "), interval, " ",
        language::FormFor(language, interval,
                          language == Language::kRussian ? unit->second.ru : unit->second.en));
  }
  std::string days = Weekdays(parts["BYDAY"], language);
  if (days.empty() && parts["BYMONTH"].empty()) days = MonthDays(parts["BYMONTHDAY"], language);
  if (!days.empty()) absl::StrAppend(&text, ": ", days);
  const std::string times = Times(parts["BYHOUR"], parts["BYMINUTE"], task);
  if (!times.empty()) absl::StrAppend(&text, In(language, " at ", " в "), times);
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

std::string LeadText(int minutes, Language language) {
  using Forms = language::PluralForms;
  struct Unit {
    int minutes;
    Forms english, russian;
  };
  constexpr Unit kUnits[] = {
      {24 * 60,
       {.one = "day", .other = "days"},
       {.one = "день", .few = "дня", .many = "дней", .other = "дня"}},
      {60,
       {.one = "hour", .other = "hours"},
       {.one = "час", .few = "часа", .many = "часов", .other = "часа"}},
      {1,
       {.one = "minute", .other = "minutes"},
       {.one = "минуту", .few = "минуты", .many = "минут", .other = "минуты"}}};
  for (const Unit& unit : kUnits) {
    if (minutes % unit.minutes != 0) continue;
    const int count = minutes / unit.minutes;
    const bool russian = language == Language::kRussian;
    return absl::StrCat(russian ? "за " : "", count, " ",
                        language::FormFor(language, count, russian ? unit.russian : unit.english),
                        russian ? "" : " before");
  }
  return "";
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
