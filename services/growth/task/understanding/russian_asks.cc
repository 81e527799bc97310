// What else a sentence can ask for in Russian: reminders, lengths, priorities:
// "напомни за час", "на 30 минут", "высокий приоритет".
#include <string_view>
#include <utility>

#include "services/growth/task/understanding/russian_rules.h"
#include "services/growth/task/understanding/russian_words.h"

namespace selfology::task::russian {

// "10 раз".
bool FindTimes(const Words& words, size_t at, const Finding* before, Finding& finding) {
  int number = 0;
  size_t end = at;
  if (before == nullptr || !before->repeat.has_value() || !ReadNumber(words, at, number, end) ||
      !words.IsAny(end, {"раз", "раза"}) || number < 1) {
    return false;
  }
  finding.times = number;
  finding.end = end + 1;
  return true;
}

// "на 30 минут", "на час", "в течение двух недель", "(45 мин)", "~2 ч".
bool FindLasting(const Words& words, size_t at, const Finding* before, Finding& finding) {
  size_t next = at + 1;
  if (words.IsAny(at, {"в", "на"}) && words.IsAny(at + 1, {"течение", "протяжении"})) {
    next = at + 2;
    // "в течение часа", in the genitive.
    if (words.IsAny(next, {"часа", "недели", "месяца", "дня", "года"})) {
      const bool hour = words.Is(next, "часа");
      finding.lasts = {hour ? 60 : 1, hour                       ? Unit::kMinute
                                      : words.Is(next, "недели") ? Unit::kWeek
                                      : words.Is(next, "месяца") ? Unit::kMonth
                                      : words.Is(next, "года")   ? Unit::kYear
                                                                 : Unit::kDay};
      finding.end = next + 1;
      return true;
    }
  } else if (!words.IsAny(at, {"на", "по", "~", "("})) {
    return false;
  }
  Length length;
  if (!ReadLength(words, next, length, finding.end)) return false;
  if (words.Is(at, "по") && length.unit != Unit::kMinute) return false;
  if (words.Is(at, "(")) {
    if (!words.Is(finding.end, ")") || length.unit != Unit::kMinute) return false;
    ++finding.end;
  }
  // "на 5 часов", behind a day, is the time; see russian_times.cc.
  if (words.Is(at, "на") && before != nullptr && before->date.kind != DateSpec::kNone &&
      words.IsAny(finding.end - 1, {"часов", "часа"}) && finding.end == next + 2) {
    return false;
  }
  finding.lasts = {length.amount, length.unit};
  return true;
}

// "напомни (мне)", "напомнить за 10 минут", "с напоминанием за час".
bool FindReminder(const Words& words, size_t at, const Finding*, Finding& finding) {
  size_t next = at;
  if (words.IsAny(next, {"и", "пожалуйста"}) && words.Begins(next + 1, "напомн")) ++next;
  const bool asks = words.IsAny(next, {"напомни", "напомните", "напомнить", "напоминай"});
  if (asks) {
    ++next;
    if (words.IsAny(next, {"мне", "нам"})) ++next;
    if (words.Is(next, "об") && words.Is(next + 1, "этом")) next += 2;
    if (words.Is(next, "пожалуйста")) ++next;
  } else if (words.Is(next, "с") && words.Is(next + 1, "напоминанием")) {
    next += 2;
  } else if (words.IsAny(next, {"напоминание", "напоминалка"})) {
    ++next;
    if (words.Is(next, ":")) {
      finding.asks_to_remind = true;
      finding.end = next + 1;
      return at == 0;
    }
  } else {
    return false;
  }
  Length length;
  if (words.Is(next, "за") && ReadLength(words, next + 1, length, finding.end)) {
    const int minutes = length.unit == Unit::kMinute ? 1
                        : length.unit == Unit::kDay  ? 24 * 60
                        : length.unit == Unit::kWeek ? 7 * 24 * 60
                                                     : 30 * 24 * 60;
    finding.remind_minutes = length.amount * minutes;
    if (words.IsAny(finding.end, {"до"})) ++finding.end;
    return true;
  }
  // "напомнить Ивану о встрече" is a task of its own.
  if (!asks || (words.Is(next - 1, "напомнить") && at != 0)) return false;
  if (words.Is(next - 1, "напомнить") && next == at + 1) return false;
  if (words.Is(next, ",")) ++next;
  if (words.IsAny(next, {"что", "чтобы", "про", "о", "об"}) && words.Is(next, "что")) ++next;
  finding.asks_to_remind = true;
  finding.end = next;
  return true;
}

// "срочно", "важно", "высокий приоритет", "приоритет: низкий".
bool FindPriority(const Words& words, size_t at, const Finding*, Finding& finding) {
  static constexpr std::pair<std::string_view, v1::TaskPriority> kLevels[] = {
      {"высок", v1::TASK_PRIORITY_HIGH},   {"высш", v1::TASK_PRIORITY_HIGH},
      {"наивысш", v1::TASK_PRIORITY_HIGH}, {"средн", v1::TASK_PRIORITY_MEDIUM},
      {"обычн", v1::TASK_PRIORITY_MEDIUM}, {"низк", v1::TASK_PRIORITY_LOW}};
  const size_t next = words.IsAny(at, {"с", "!"}) ? at + 1 : at;
  for (const auto& [stem, priority] : kLevels) {
    finding.priority = priority;
    if (words.Begins(next, stem) && words.Begins(next + 1, "приоритет")) {
      finding.end = next + 2;
      return true;
    }
    if (words.Is(at, "!") && words.Begins(next, stem) && words[next].adjoins) {
      finding.end = next + 1;
      return true;
    }
    if (words.Begins(next, "приоритет")) {
      const size_t value = words.Is(next + 1, ":") ? next + 2 : next + 1;
      if (words.Begins(value, stem)) {
        finding.end = value + 1;
        return true;
      }
    }
  }
  if (words.Is(at, "не") && words.IsAny(at + 1, {"срочно", "важно", "срочное", "важное"}) &&
      (at > 0 ? !words.IsAny(at - 1, {"это", "что"})
              : words.IsAny(at + 2, {":", "-", ",", "–", "—"}))) {
    finding.priority = v1::TASK_PRIORITY_LOW;
    finding.end = at == 0 ? at + 3 : at + 2;
    return true;
  }
  // "несрочно" in one word.
  if (words.Is(at, "несрочно")) {
    finding.priority = v1::TASK_PRIORITY_LOW;
    finding.end = words.Is(at + 1, ":") ? at + 2 : at + 1;
    return true;
  }
  if (words.Is(at, "как") && words.Is(at + 1, "можно") &&
      words.IsAny(at + 2, {"скорее", "быстрее", "раньше"})) {
    finding.priority = v1::TASK_PRIORITY_HIGH;
    finding.end = at + 3;
    return true;
  }
  if (words.Is(at, "в") && words.Is(at + 1, "первую") && words.Is(at + 2, "очередь")) {
    finding.priority = v1::TASK_PRIORITY_HIGH;
    finding.end = at + 3;
    return true;
  }
  finding.priority = v1::TASK_PRIORITY_HIGH;
  finding.end = at + 1;
  const bool is_heading = at == 0 && words.IsAny(at + 1, {":", "-", "!", ",", "–"});
  if (is_heading && words.IsAny(at, {"срочно", "важно"})) {
    finding.end = at + 2;
    return true;
  }
  if (words.IsAny(at, {"срочно", "асап", "asap"})) return true;
  const bool at_end =
      at + 1 >= words.size() || (at + 2 >= words.size() && words.IsAny(at + 1, {"!", "."}));
  return words.Is(at, "важно") && at_end && at > 0 && !words.IsAny(at - 1, {"это", "очень", "не"});
}

}  // namespace selfology::task::russian

namespace selfology::task {

absl::Span<const Rule> RussianRules() {
  static constexpr Rule kRules[] = {&russian::FindRepeat,
                                    &russian::FindDate,
                                    &russian::FindLater,
                                    &russian::FindTime,
                                    &russian::FindPart,
                                    &russian::FindTimes,
                                    &russian::FindLasting,
                                    &russian::FindReminder,
                                    &russian::FindPriority,
                                    &FindIsoDate,
                                    &FindMoreTime,
                                    &FindLabel,
                                    &FindMark};
  return kRules;
}

}  // namespace selfology::task
